//! Hiccups of the machine, and whether they are what a run's longest latencies show.
//!
//! A hiccup is by how much a thread overslept that wanted to sleep for a millisecond or a few on the generator's CPU. One sample is
//! one sleep: nothing is invented for the sleeps that a long hiccup left no time for.

use crate::distribution::Distribution;
use crate::latency::Latencies;

/// Hiccups that were long and many enough to be a part of the latencies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailHiccups {
    /// The lowest percentile of the latencies that they explain: `P99` or `P99.9`.
    pub from: &'static str,
    /// How many hiccups there were of that length.
    pub times: u64,
    /// The length that counts, in milliseconds.
    pub at_least_ms: f64,
    /// The longest hiccup, in milliseconds.
    pub longest_ms: f64,
}

/// The requests that one hiccup can delay.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Exposed {
    /// Mean number of requests in flight: all of them wait for the generator to read their answers.
    pub in_flight: f64,
    /// Requests that become due every second whatever happens; 0 under a closed load.
    pub due_per_s: f64,
}

/// Shorter hiccups are what a sleeping thread loses on a busy CPU anyway, and explain nothing; in nanoseconds.
const SHORTEST_NS: u64 = 250_000;
/// A percentile with fewer requests beyond it is an anecdote, which needs no explanation.
const REQUESTS_BEYOND: f64 = 10.0;

/// The lowest of P99 and P99.9 that hiccups can have made.
///
/// What is to be explained is how far the percentile lies above the median. Hiccups do if those of half that length and
/// more, over and above what the sleep usually loses, can have delayed half of the requests beyond the percentile.
#[must_use]
pub fn explain(hiccups: &Latencies, latencies: &Distribution, exposed: Exposed) -> Option<TailHiccups> {
    let usual_ns = hiccups.quantile_ns(0.5);
    let median_ns = latencies.quantile(0.5).value_ns;
    let requests = latencies.observed().count() + latencies.censored_count();
    [("P99", 0.99), ("P99.9", 0.999)].into_iter().find_map(|(from, quantile)| {
        let beyond = requests as f64 * (1.0 - quantile);
        let least_ns = latencies.quantile(quantile).value_ns.saturating_sub(median_ns) / 2;
        if beyond < REQUESTS_BEYOND || least_ns < SHORTEST_NS {
            return None;
        }
        let (mut times, mut delayed) = (0, 0.0);
        for hiccup in hiccups.histogram().iter_recorded() {
            let Some(length_ns) = hiccup.value_iterated_to().checked_sub(usual_ns + least_ns) else {
                continue;
            };
            let hit = exposed.in_flight + exposed.due_per_s * length_ns as f64 / 1e9;
            times += hiccup.count_since_last_iteration();
            delayed += hiccup.count_since_last_iteration() as f64 * hit;
        }
        let longest_ns = hiccups.histogram().max();
        let ms = |ns: u64| ns as f64 / 1e6;
        let explained = TailHiccups { from, times, at_least_ms: ms(least_ns), longest_ms: ms(longest_ns) };
        (delayed >= beyond / 2.0).then_some(explained)
    })
}

impl TailHiccups {
    /// What was seen and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        format!(
            "the generator's CPU was late by {:.1} ms or more {} times, by {:.1} ms at the longest: that can be the \
             latencies from {} on, which are then the machine's and not the target's; see `bench doctor --noise`",
            self.at_least_ms, self.times, self.longest_ms, self.from
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    fn latencies(values: &[(u64, u64)]) -> Latencies {
        let mut latencies = Latencies::new();
        values.iter().for_each(|&(value_ns, count)| latencies.record_many(value_ns, count));
        latencies
    }

    /// 100,000 requests of 1 ms, of which 900 took 5 ms and 99 took 21 ms: P99.9 is 5 ms, P99 is 1 ms.
    fn tail() -> Distribution {
        Distribution::new(latencies(&[(MS, 99_001), (5 * MS, 900), (21 * MS, 99)]), Latencies::new())
    }

    #[test]
    fn hiccups_explain_what_they_are_long_and_many_enough_for() {
        let closed = Exposed { in_flight: 10.0, due_per_s: 0.0 };
        // P99.9 lies 4 ms above the median, with 100 requests beyond it: 6 hiccups of 2 ms can have hit half of them.
        for (case, hiccups, exposed, times) in [
            ("none", vec![(50_000, 10_000)], closed, None),
            ("too few", vec![(50_000, 10_000), (3 * MS, 4)], closed, None),
            ("enough", vec![(50_000, 10_000), (3 * MS, 6)], closed, Some(6)),
            ("too short", vec![(50_000, 10_000), (2 * MS, 500)], closed, None),
            ("what every sleep loses is no hiccup", vec![(3 * MS, 10_000)], closed, None),
            (
                "one that many became due in",
                vec![(50_000, 10_000), (12 * MS, 1)],
                Exposed { in_flight: 0.0, due_per_s: 10_000.0 },
                Some(1),
            ),
        ] {
            let found = explain(&latencies(&hiccups), &tail(), exposed);
            assert_eq!(
                found.map(|found| (found.from, found.times)),
                times.map(|times| ("P99.9", times)),
                "{case}"
            );
        }
    }

    #[test]
    fn the_lowest_percentile_is_named() {
        let wide = Distribution::new(latencies(&[(MS, 98_000), (9 * MS, 2_000)]), Latencies::new());
        let exposed = Exposed { in_flight: 100.0, due_per_s: 0.0 };
        let found = explain(&latencies(&[(50_000, 10_000), (8 * MS, 6)]), &wide, exposed).unwrap();
        assert_eq!((found.from, found.times, found.longest_ms.round()), ("P99", 6, 8.0));
        assert!((found.at_least_ms - 4.0).abs() < 0.01, "{found:?}");
        assert!(found.message().contains("from P99 on"), "{}", found.message());
    }

    #[test]
    fn a_short_tail_and_a_few_requests_need_no_explanation() {
        let exposed = Exposed { in_flight: 1000.0, due_per_s: 0.0 };
        let hiccups = latencies(&[(50_000, 10_000), (8 * MS, 500)]);
        for few_or_short in [vec![(MS, 90), (9 * MS, 10)], vec![(MS, 90_000), (MS + 400_000, 10_000)], vec![]]
        {
            let latencies = Distribution::new(latencies(&few_or_short), Latencies::new());
            assert_eq!(explain(&hiccups, &latencies, exposed), None, "{few_or_short:?}");
        }
    }
}
