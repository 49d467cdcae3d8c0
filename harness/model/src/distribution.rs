//! A latency distribution with requests in it whose end nobody saw.
//!
//! A request that timed out, or was still in flight when the window closed, took *at least* so long. Dropping it
//! makes a stalling server look fast; counting it as that long bends the distribution down. The textbook answer is
//! the product-limit estimate (Kaplan and Meier, JASA 53, 1958): each such sample leaves the set at risk at its
//! lower bound, so its weight goes to the longer samples. Without any it equals the plain quantile.

use crate::latency::Latencies;

/// Observed latencies and the lower bounds of those that were cut off.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    observed: Latencies,
    censored: Latencies,
}

/// A quantile of a [`Distribution`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantile {
    /// The value in nanoseconds.
    pub value_ns: u64,
    /// Whether the true value may be larger, since too many of the longest requests were cut off.
    pub at_least: bool,
}

impl Distribution {
    /// Puts a distribution together.
    #[must_use]
    pub fn new(observed: Latencies, censored: Latencies) -> Self {
        Self { observed, censored }
    }

    /// The latencies of the verified responses alone.
    #[must_use]
    pub fn observed(&self) -> &Latencies {
        &self.observed
    }

    /// How many requests were cut off.
    #[must_use]
    pub fn censored_count(&self) -> u64 {
        self.censored.count()
    }

    /// The quantile (0 to 1) by the product-limit estimate.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Quantile {
        if self.censored.count() == 0 {
            return Quantile { value_ns: self.observed.quantile_ns(quantile), at_least: false };
        }
        self.product_limit(quantile)
    }

    /// The longest that any request took, or took at least, in nanoseconds.
    #[must_use]
    pub fn longest(&self) -> Quantile {
        let (seen, censored) = (self.observed.histogram().max(), self.censored.histogram());
        // The lower end of the bucket, as becomes a lower bound: the upper one may lie above any timeout.
        let cut = censored.lowest_equivalent(censored.max());
        Quantile { value_ns: seen.max(cut), at_least: cut > seen }
    }

    /// The distribution as one histogram: the observed latencies, with the weight of the cut-off ones moved to the
    /// longer ones as the estimate has it, and what is left of it at the longest.
    #[must_use]
    pub fn merged(&self) -> Latencies {
        if self.censored.count() == 0 {
            return self.observed.clone();
        }
        let total = self.observed.count() + self.censored.count();
        let mut merged = Latencies::new();
        let mut placed = 0;
        self.walk(|value_ns, ended| {
            let until_here = (ended * total as f64).round() as u64;
            merged.record_many(value_ns, until_here.saturating_sub(placed));
            placed = placed.max(until_here);
            true
        });
        merged.record_many(self.longest().value_ns, total.saturating_sub(placed));
        merged
    }

    fn product_limit(&self, quantile: f64) -> Quantile {
        let mut found = None;
        self.walk(|value_ns, ended| {
            if ended >= quantile - 1e-12 {
                found = Some(Quantile { value_ns, at_least: false });
            }
            found.is_none()
        });
        found.unwrap_or(Quantile { value_ns: self.longest().value_ns, at_least: true })
    }

    /// Goes through the observed latencies upwards, with the estimated part of requests that ended by each, until told
    /// to stop by `false`.
    fn walk(&self, mut step: impl FnMut(u64, f64) -> bool) {
        let mut cut_off = self.censored.histogram().iter_recorded().peekable();
        let mut at_risk = (self.observed.count() + self.censored.count()) as f64;
        let mut surviving = 1.0;
        for observed in self.observed.histogram().iter_recorded() {
            // A sample cut off at the same value as an observed one is taken to have outlived it.
            while let Some(cut) =
                cut_off.next_if(|cut| cut.value_iterated_to() < observed.value_iterated_to())
            {
                at_risk -= cut.count_since_last_iteration() as f64;
            }
            let ended = observed.count_since_last_iteration() as f64;
            surviving *= 1.0 - ended / at_risk;
            at_risk -= ended;
            if !step(observed.value_iterated_to(), 1.0 - surviving) {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latencies(values: &[u64]) -> Latencies {
        let mut latencies = Latencies::new();
        values.iter().for_each(|&value| latencies.record(value));
        latencies
    }

    /// The remission times (weeks) of the 6-MP group in Freireich et al., Blood 21 (1963), the usual worked example:
    /// survival 0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448 after weeks 6, 7, 10, 13, 16, 22, 23.
    #[test]
    fn agrees_with_the_published_example() {
        let observed = latencies(&[6, 6, 6, 7, 10, 13, 16, 22, 23]);
        let censored = latencies(&[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]);
        let distribution = Distribution::new(observed, censored);
        for (surviving, week) in
            [(0.858, 6), (0.808, 7), (0.754, 10), (0.691, 13), (0.628, 16), (0.539, 22), (0.449, 23)]
        {
            let at = distribution.quantile(1.0 - surviving);
            assert_eq!(at, Quantile { value_ns: week, at_least: false }, "survival {surviving}");
        }
        assert_eq!(distribution.quantile(0.6), Quantile { value_ns: 35, at_least: true });
        assert_eq!(distribution.longest(), Quantile { value_ns: 35, at_least: true });
    }

    #[test]
    fn without_censoring_it_is_the_plain_quantile() {
        let values: Vec<u64> = (1..=1000).collect();
        let plain = Distribution::new(latencies(&values), Latencies::new());
        // One cut-off sample below all others must change nothing either, though it takes the other path.
        let other = Distribution::new(latencies(&values), latencies(&[0]));
        for quantile in [0.0, 0.5, 0.9, 0.99, 0.999, 1.0] {
            assert_eq!(plain.quantile(quantile), other.quantile(quantile), "{quantile}");
        }
    }

    #[test]
    fn a_stall_is_not_hidden() {
        let stalled = Distribution::new(latencies(&[10; 95]), latencies(&[1500; 5]));
        assert_eq!(stalled.quantile(0.5), Quantile { value_ns: 10, at_least: false });
        assert_eq!(stalled.quantile(0.99), Quantile { value_ns: 1500, at_least: true });
        let merged = stalled.merged();
        assert_eq!((merged.count(), merged.quantile_ns(0.95), merged.quantile_ns(0.99)), (100, 10, 1500));
    }
}
