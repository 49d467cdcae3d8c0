//! Load models: how requests are offered to a target.

use serde::{Deserialize, Serialize};

/// How requests are offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "kebab-case")]
pub enum LoadModel {
    /// Fixed concurrency: each connection sends its next request as soon as the answer to the last is complete.
    Closed {
        /// Connections held open, each with one request in flight; at least 1.
        connections: usize,
    },
}

impl LoadModel {
    /// The number of connections that the model holds open.
    #[must_use]
    pub fn connections(&self) -> usize {
        match *self {
            Self::Closed { connections } => connections,
        }
    }

    /// How many of the connections worker `index` of `workers` owns: shares differ by at most one and add up.
    #[must_use]
    pub fn share(&self, index: usize, workers: usize) -> usize {
        let connections = self.connections();
        connections / workers + usize::from(index < connections % workers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_has_one_owner() {
        for (connections, workers) in [(1000, 16), (1, 4), (7, 3), (64, 1), (5, 5)] {
            let load = LoadModel::Closed { connections };
            let shares: Vec<usize> = (0..workers).map(|index| load.share(index, workers)).collect();
            assert_eq!(shares.iter().sum::<usize>(), connections);
            assert!(shares.iter().max().unwrap() - shares.iter().min().unwrap() <= 1, "{shares:?}");
        }
    }
}
