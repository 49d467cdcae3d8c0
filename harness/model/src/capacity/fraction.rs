//! Targets side by side, each at the same part of its own capacity.
//!
//! So few runs describe and do not decide: medians and ranges, and no verdict.

use super::{CapacityPlan, Spread, Turn};
use crate::metric::Metric;
use crate::report::RunReport;
use crate::warning::Verdict;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is set side by side. Throughput is what was offered, and so is left out.
pub const METRICS: [Metric; 5] =
    [Metric::P50, Metric::P99, Metric::P999, Metric::CpuPerRequest, Metric::MemoryPeak];

/// A run at a fraction.
#[derive(Debug, Clone, PartialEq)]
pub struct FractionRun {
    /// Whose, and at which.
    pub turn: Turn,
    /// What came of it.
    pub report: RunReport,
}

/// A target at a fraction of its capacity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtFraction {
    /// The target's label.
    pub label: String,
    /// The fraction, 0.5 for 50%.
    pub fraction: f64,
    /// What that is in requests per second.
    pub rate_per_s: f64,
    /// Valid runs, which the figures are of.
    pub runs: usize,
    /// The codes that made other runs invalid, a list a run.
    pub invalid: Vec<Vec<String>>,
    /// The codes of the warnings that the valid runs carry, and how many of them do.
    pub warnings: BTreeMap<String, usize>,
    /// Each metric over the runs, in [`Metric::unit`]; those that were not measured in every one are absent.
    pub values: BTreeMap<Metric, Spread>,
}

/// Puts runs together, fraction by fraction, in the plan's order. Who did not run at one is left out there.
#[must_use]
pub fn side_by_side(plan: &CapacityPlan, runs: &[FractionRun]) -> Vec<AtFraction> {
    let turns = (0..plan.fractions.len())
        .flat_map(|fraction| (0..plan.targets.len()).map(move |target| Turn { target, fraction }));
    turns.filter_map(|turn| at_fraction(plan, turn, runs)).collect()
}

fn at_fraction(plan: &CapacityPlan, turn: Turn, runs: &[FractionRun]) -> Option<AtFraction> {
    let of_turn: Vec<&RunReport> =
        runs.iter().filter(|run| run.turn == turn).map(|run| &run.report).collect();
    let (valid, invalid): (Vec<&RunReport>, Vec<&RunReport>) =
        of_turn.iter().copied().partition(|report| report.verdict == Verdict::Valid);
    let codes = |report: &RunReport| report.invalidating().map(|warning| warning.code.clone()).collect();
    let entrant = plan.targets.get(turn.target)?;
    let spread = |metric: Metric| {
        let values = valid.iter().map(|report| metric.of(report, entrant.artefact_bytes));
        Some((metric, Spread::of(values.collect::<Option<Vec<f64>>>()?)?))
    };
    let mut warnings = BTreeMap::new();
    for warning in valid.iter().flat_map(|report| &report.warnings) {
        *warnings.entry(warning.code.clone()).or_default() += 1;
    }
    Some(AtFraction {
        label: entrant.label.clone(),
        fraction: *plan.fractions.get(turn.fraction)?,
        rate_per_s: of_turn.first()?.plan.load.constant_rate_per_s()?,
        runs: valid.len(),
        invalid: invalid.into_iter().map(codes).collect(),
        warnings,
        values: METRICS.into_iter().filter_map(spread).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::tests::{plan, report};
    use crate::warning::WarningText;

    #[test]
    fn medians_and_ranges_of_the_valid_runs() {
        let plan = plan(2);
        let turn = Turn { target: 1, fraction: 0 };
        let mut runs: Vec<FractionRun> = [5_000.0, 9_000.0, 6_000.0, 90_000.0]
            .into_iter()
            .map(|p99_us| FractionRun { turn, report: report(500.0, p99_us) })
            .collect();
        runs[3].report.verdict = Verdict::Invalid;
        let (code, message) = ("queued".to_owned(), String::new());
        runs[0].report.warnings = vec![WarningText { code, message, invalidates: false }];
        let found = side_by_side(&plan, &runs);
        assert_eq!(found.len(), 1, "the other did not run");
        let go = &found[0];
        assert_eq!((go.label.as_str(), go.fraction, go.rate_per_s), ("target-2", 0.5, 500.0));
        assert_eq!((go.runs, go.invalid.len()), (3, 1));
        assert_eq!(go.warnings, [("queued".to_owned(), 1)].into());
        let p99 = &go.values[&Metric::P99];
        assert_eq!((p99.median, p99.least, p99.most), (6_000.0, 5_000.0, 9_000.0));
        assert_eq!(go.values[&Metric::CpuPerRequest].median, 100.0);
    }
}
