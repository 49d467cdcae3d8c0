//! Load models: how requests are offered to a target. When each request of an open load is due is for [`pacer`].

pub mod pacer;
pub mod stage;

pub use pacer::Pacer;
pub use stage::Stage;

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
    /// Requests are due at times that the schedule alone fixes. One that finds every connection busy waits for one.
    Open {
        /// Connections held open, each with at most one request in flight; at least 1.
        connections: usize,
        /// The rates over the measured window, one after the other; at least 1. The warm-up has the first one's
        /// beginning.
        stages: Vec<Stage>,
        /// How the requests are spread around the rate.
        arrivals: Arrivals,
        /// What the arrivals follow from, where they are random.
        seed: u64,
        /// The longest that a request waits to be sent, in seconds: one that would wait longer is not sent and counts
        /// as failed. Without it every request is sent, however late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_lag_s: Option<f64>,
    },
}

/// How the requests of an open load are spread around its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Arrivals {
    /// Evenly: the same time from each to the next, as far as the rate stays the same.
    #[default]
    Uniform,
    /// As those of many users who know nothing of each other: exponential times between them.
    Poisson,
}

impl LoadModel {
    /// The number of connections that the model holds open.
    #[must_use]
    pub fn connections(&self) -> usize {
        match *self {
            Self::Closed { connections } | Self::Open { connections, .. } => connections,
        }
    }

    /// Whether requests are due at times of their own.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// The stages of an open load; none of a closed one.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match self {
            Self::Closed { .. } => &[],
            Self::Open { stages, .. } => stages,
        }
    }

    /// The rate of an open load that keeps one, in requests per second.
    #[must_use]
    pub fn constant_rate_per_s(&self) -> Option<f64> {
        let first = self.stages().first()?.from_per_s;
        let constant = self.stages().iter().all(|stage| stage.from_per_s == first && stage.to_per_s == first);
        constant.then_some(first)
    }

    /// How many of the connections worker `index` of `workers` owns: shares differ by at most one and add up.
    #[must_use]
    pub fn share(&self, index: usize, workers: usize) -> usize {
        let connections = self.connections();
        connections / workers + usize::from(index < connections % workers)
    }

    /// The due times of the requests that worker `index` of `workers` sends; none under a closed load.
    #[must_use]
    pub fn pacer(&self, index: usize, workers: usize) -> Option<Pacer> {
        match self {
            Self::Closed { .. } => None,
            Self::Open { stages, arrivals, seed, .. } => {
                Some(Pacer::new(stages, *arrivals, *seed, index, workers))
            }
        }
    }
}

impl std::str::FromStr for Arrivals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "uniform" => Ok(Self::Uniform),
            "poisson" => Ok(Self::Poisson),
            _ => Err(format!("`{text}` is neither uniform nor poisson")),
        }
    }
}

impl std::fmt::Display for Arrivals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Uniform => "uniform",
            Self::Poisson => "poisson",
        })
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

    #[test]
    fn constant_rates() {
        let open = |stages: &[&str]| LoadModel::Open {
            connections: 1,
            stages: stages.iter().map(|stage| stage.parse().unwrap()).collect(),
            arrivals: Arrivals::Uniform,
            seed: 1,
            max_lag_s: None,
        };
        for (stages, rate) in
            [(&["5k:1s"][..], Some(5000.0)), (&["5k:1s", "5k:2s"], Some(5000.0)), (&["1k..5k:1s"], None)]
        {
            assert_eq!(open(stages).constant_rate_per_s(), rate, "{stages:?}");
        }
        assert_eq!(LoadModel::Closed { connections: 1 }.constant_rate_per_s(), None);
    }
}
