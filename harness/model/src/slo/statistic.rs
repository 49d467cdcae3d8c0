//! The figures of a latency distribution that an SLO and a threshold can be about.

use crate::summary::{LatencyFigures, Summary};

/// A figure of a latency distribution that a condition can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is named for the figure")]
pub enum Statistic {
    Mean,
    P50,
    P75,
    P90,
    P95,
    P99,
    P999,
    P9999,
    Max,
}

impl Statistic {
    /// Every figure, in the order in which reports show them.
    pub const ALL: [Self; 9] = [
        Self::Mean,
        Self::P50,
        Self::P75,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::P999,
        Self::P9999,
        Self::Max,
    ];

    /// The name in an SLO.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::P9999 => "p99.99",
            Self::Max => "max",
        }
    }

    /// The figure of a name, which is in small letters.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|statistic| statistic.name() == name)
    }

    /// Whether it is a percentile that lies among requests that were never sent, so that whatever was measured of it is not
    /// known.
    #[must_use]
    pub fn is_among_unsent(self, summary: &Summary) -> bool {
        let Some(offered) = summary.offered else { return false };
        let unsent = (offered.waiting_at_end + summary.errors.unsent) as f64;
        let beyond = |quantile: f64| (1.0 - quantile) * offered.requests as f64;
        self.quantile().is_some_and(|quantile| unsent > 0.0 && unsent >= beyond(quantile) - 1e-6)
    }

    /// The part of the requests that does not exceed it, where it is a percentile.
    fn quantile(self) -> Option<f64> {
        match self {
            Self::P50 => Some(0.5),
            Self::P75 => Some(0.75),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            Self::P999 => Some(0.999),
            Self::P9999 => Some(0.9999),
            Self::Mean | Self::Max => None,
        }
    }

    /// The name in reports, which is that of [`LatencyFigures::named`] where that has it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Mean => "Mean",
            Self::P50 => "P50",
            Self::P75 => "P75",
            Self::P90 => "P90",
            Self::P95 => "P95",
            Self::P99 => "P99",
            Self::P999 => "P99.9",
            Self::P9999 => "P99.99",
            Self::Max => "Max",
        }
    }

    /// The figure of a distribution, in microseconds.
    #[must_use]
    pub fn of_us(self, figures: &LatencyFigures) -> f64 {
        match self {
            Self::Mean => figures.mean,
            Self::P50 => figures.p50,
            Self::P75 => figures.p75,
            Self::P90 => figures.p90,
            Self::P95 => figures.p95,
            Self::P99 => figures.p99,
            Self::P999 => figures.p99_9,
            Self::P9999 => figures.p99_99,
            Self::Max => figures.max,
        }
    }

    /// The requests that it takes for ten to lie beyond the percentile; none for a mean and a maximum.
    #[must_use]
    pub fn requests_needed(self) -> u64 {
        match self {
            Self::Mean | Self::Max => 0,
            Self::P50 => 20,
            Self::P75 => 40,
            Self::P90 => 100,
            Self::P95 => 200,
            Self::P99 => 1_000,
            Self::P999 => 10_000,
            Self::P9999 => 100_000,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_figures() {
        let figures = LatencyFigures { p50: 1.0, p99_9: 7.0, max: 9.0, ..LatencyFigures::default() };
        for (name, value_us) in figures.named() {
            let statistic = Statistic::ALL.into_iter().find(|statistic| statistic.title() == name).unwrap();
            assert_eq!(statistic.of_us(&figures), value_us, "{name}");
        }
    }
}
