//! The figures of a latency distribution that reports show, in microseconds, and which of them are lower bounds.

use crate::distribution::Distribution;
use serde::{Deserialize, Serialize};

/// The figures of a latency distribution, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct LatencyFigures {
    /// Shortest.
    pub min: f64,
    /// Arithmetic mean of the verified responses.
    pub mean: f64,
    /// Standard deviation of the verified responses.
    pub stdev: f64,
    /// Median.
    pub p50: f64,
    /// 75th percentile.
    pub p75: f64,
    /// 90th percentile.
    pub p90: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// 99.9th percentile.
    pub p99_9: f64,
    /// 99.99th percentile.
    pub p99_99: f64,
    /// Longest.
    pub max: f64,
    /// The first of [`LatencyFigures::named`] from which on the figures are lower bounds, since they lie among requests
    /// that were cut off. Outputs for people say so at the figure, those for programs in a warning.
    #[serde(skip)]
    pub bounded_from: Option<&'static str>,
}

/// The reported percentiles by their names.
const PERCENTILES: [(&str, f64); 7] = [
    ("P50", 0.5),
    ("P75", 0.75),
    ("P90", 0.9),
    ("P95", 0.95),
    ("P99", 0.99),
    ("P99.9", 0.999),
    ("P99.99", 0.9999),
];

impl LatencyFigures {
    /// The figures of a distribution; all zero when it is empty.
    #[must_use]
    pub fn of(distribution: &Distribution) -> Self {
        let us = |ns: f64| (ns.round()) / 1000.0;
        let at = |quantile| us(distribution.quantile(quantile).value_ns as f64);
        let observed = distribution.observed().histogram();
        if observed.is_empty() && distribution.censored_count() == 0 {
            return Self::default();
        }
        let longest = distribution.longest();
        let bounded = |(name, quantile)| distribution.quantile(quantile).at_least.then_some(name);
        Self {
            min: us(observed.min() as f64),
            mean: us(observed.mean()),
            stdev: us(observed.stdev()),
            p50: at(0.5),
            p75: at(0.75),
            p90: at(0.9),
            p95: at(0.95),
            p99: at(0.99),
            p99_9: at(0.999),
            p99_99: at(0.9999),
            max: us(longest.value_ns as f64),
            bounded_from: PERCENTILES.into_iter().find_map(bounded).or(longest.at_least.then_some("Max")),
        }
    }

    /// The percentiles with their names as people write them, from the median to the maximum.
    #[must_use]
    pub fn named(&self) -> [(&'static str, f64); 8] {
        [
            ("P50", self.p50),
            ("P75", self.p75),
            ("P90", self.p90),
            ("P95", self.p95),
            ("P99", self.p99),
            ("P99.9", self.p99_9),
            ("P99.99", self.p99_99),
            ("Max", self.max),
        ]
    }

    /// Whether the figure of that name, one of [`LatencyFigures::named`], is only a lower bound.
    #[must_use]
    pub fn is_lower_bound(&self, name: &str) -> bool {
        let from = |from| self.named().into_iter().skip_while(move |(known, _)| *known != from);
        self.bounded_from.is_some_and(|bounded| from(bounded).any(|(known, _)| known == name))
    }
}
