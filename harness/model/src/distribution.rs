//! A latency distribution with requests in it whose end nobody saw.
//!
//! A request that timed out, or was still in flight when the window closed, took *at least* so long. Dropping it
//! makes a stalling server look fast; counting it as that long bends the distribution down. The textbook answer is
//! the product-limit estimate (Kaplan and Meier, JASA 53, 1958): each such sample leaves the set at risk at its
//! lower bound, so its weight goes to the longer samples. Without any it equals the plain quantile.
//!
//! The estimate presumes that being cut off has nothing to do with how long a request would have taken. Of a request that
//! was due and never sent that is untrue: the longer the queue, the more of them, and each would have taken longer than
//! those that were sent. So wherever ranking them above all others would move a quantile, it is a lower bound.

use crate::latency::Latencies;

/// Observed latencies and the lower bounds of those that were cut off.
#[derive(Debug, Clone, Default)]
pub struct Distribution {
    observed: Latencies,
    censored: Latencies,
    /// How many of the censored were never sent.
    unsent: u64,
}

/// Unsent requests that are fewer than this part of those beyond a quantile leave it as uncertain as it is.
const UNSENT_PART: f64 = 0.1;
/// A quantile that ranking them last would move by less than this part stays.
const UNSENT_MOVES: f64 = 0.01;

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
        Self { observed, censored, unsent: 0 }
    }

    /// The same, of whose cut-off requests so many were never sent.
    #[must_use]
    pub fn with_unsent(self, unsent: u64) -> Self {
        Self { unsent, ..self }
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
        let estimate = self.product_limit(quantile);
        Quantile { at_least: estimate.at_least || self.unsent_move(quantile, estimate.value_ns), ..estimate }
    }

    /// Whether the quantile would be another if the requests that were never sent had taken longer than all others.
    fn unsent_move(&self, quantile: f64, value_ns: u64) -> bool {
        let total = (self.observed.count() + self.censored.count()) as f64;
        let unsent = self.unsent as f64;
        if self.unsent == 0 || unsent < UNSENT_PART * (1.0 - quantile) * total {
            return false;
        }
        let among_the_others = quantile * total / (total - unsent).max(1.0);
        let moved_ns = self.observed.quantile_ns(among_the_others.min(1.0)) as f64;
        among_the_others > 1.0 || moved_ns > value_ns as f64 * (1.0 + UNSENT_MOVES)
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

    #[test]
    fn what_was_never_sent_would_have_taken_longer() {
        // A thousand answers, 1 to 1000 us, and others that were given up unsent after 20 us.
        let answers: Vec<u64> = (1..=1000).map(|us| us * 1000).collect();
        for (unsent, quantile, at_least) in [
            (0, 0.999, false),
            (1, 0.5, false),
            (30, 0.98, true),
            // Shorter than any of them waited.
            (200, 0.01, false),
            (200, 0.5, true),
            (200, 0.9, true),
            (1000, 0.6, true),
        ] {
            let observed = latencies(&answers);
            let censored = latencies(&vec![20_000; unsent]);
            let distribution = Distribution::new(observed, censored);
            let plain = distribution.quantile(quantile);
            let ranked = distribution.with_unsent(unsent as u64).quantile(quantile);
            let expected = Quantile { at_least, ..plain };
            assert_eq!(ranked, expected, "{unsent} unsent, {quantile}");
            assert!(!plain.at_least, "the estimate alone does not know");
        }
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
