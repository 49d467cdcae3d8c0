//! A figure of a run, and how far it is known.

use super::Figure;
use crate::report::RunReport;

/// A figure as a threshold reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// In [`Figure::unit`].
    pub(crate) value: f64,
    /// Whether it is only a lower bound.
    pub(crate) at_least: bool,
    /// Whether it lies among requests that were never sent, so that it is beyond any bound.
    is_unsent: bool,
}

impl Reading {
    /// The figure of a run; nothing where it was not measured.
    pub(crate) fn of(figure: Figure, report: &RunReport, artefact_bytes: Option<u64>) -> Option<Self> {
        let value = figure.of(report, artefact_bytes)?;
        let Figure::Latency(statistic) = figure else {
            return Some(Self { value, at_least: false, is_unsent: false });
        };
        let summary = &report.summary;
        let is_unsent = statistic.is_among_unsent(summary);
        let at_least = is_unsent || summary.latency_us.is_lower_bound(statistic.title());
        Some(Self { value, at_least, is_unsent })
    }

    /// What is held against a bound. A lower bound is taken as it is: nobody can know more, as nobody knows of any later
    /// stall. What was never sent is as an SLO takes it: it keeps no bound.
    pub(crate) fn judged(&self) -> f64 {
        if self.is_unsent { f64::INFINITY } else { self.value }
    }
}
