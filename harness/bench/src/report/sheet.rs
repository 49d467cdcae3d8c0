//! What the formats for CI servers and for histories are made from, whatever was measured: figures and what is to be said of
//! them, target by target. Knows no format.

use super::RunSource;
use super::amount::{bytes, number, percent, time_us};
use super::format::Kind;
use super::thresholds::Row;
use bench_model::metric::{Counted, Metric};
use bench_model::report::RunReport;
use bench_model::slo::failed_percent;
use bench_model::threshold::{self, Outcome};
use bench_model::warning::Verdict;

/// The name of the figure that says how many requests failed.
pub(super) const ERRORS: &str = "errors";

/// A result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    pub(crate) scenario: String,
    /// When it began: RFC 3339, UTC.
    pub(crate) started_at: String,
    /// Whether it has come to its end. What was broken off may have been for how it went, and feeds no history.
    pub(crate) is_finished: bool,
    /// Why to read it with care.
    pub(crate) notes: Vec<Note>,
    pub(crate) targets: Vec<OfTarget>,
}

/// A reason for care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// A stable name.
    pub(crate) code: String,
    pub(crate) message: String,
}

/// What there is of one target.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OfTarget {
    pub(crate) name: String,
    /// How long it was measured, in seconds.
    pub(crate) duration_s: f64,
    /// Why its figures may not be used, if they may not.
    pub(crate) fault: Option<Fault>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) checks: Vec<Check>,
}

/// Why figures may not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Whether it is the target's own failure, and not one of the measurement.
    pub(crate) is_of_target: bool,
    /// Stable names; at least one.
    pub(crate) codes: Vec<String>,
    pub(crate) message: String,
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// As in `--metrics` and in JSON.
    pub(crate) name: &'static str,
    /// Of the values: `1/s`, `us`, `ms`, `bytes` or `%`.
    pub(crate) unit: &'static str,
    pub(crate) more_is_better: bool,
    pub(crate) value: f64,
    /// The ends of its interval, where there is one.
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// Whether the true value may be larger, since it lies among requests that were cut off.
    pub(crate) at_least: bool,
    /// As people read it, with its unit.
    pub(crate) shown: String,
    /// What it is beside those of others.
    pub(crate) ratios: Vec<Ratio>,
}

/// A figure over that of a base.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) base: String,
    pub(crate) value: f64,
    pub(crate) low: Option<f64>,
    pub(crate) high: Option<f64>,
    /// In words, with the interval and the verdict.
    pub(crate) shown: String,
    /// Whether a verdict was asked for that cannot be given.
    pub(crate) is_inconclusive: bool,
}

/// A threshold and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// The name of the figure that it is about.
    pub(crate) figure: String,
    /// As it was typed.
    pub(crate) threshold: String,
    pub(crate) state: State,
    /// What was measured, or why nothing can be said.
    pub(crate) message: String,
}

/// What came of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Held,
    Failed,
    /// The blocks do not settle it.
    Inconclusive,
    /// There was nothing to look at.
    NotEvaluated,
}

impl Sheet {
    /// A run as a sheet.
    pub(super) fn of_run(source: &RunSource<'_>) -> Self {
        let RunSource { report, timeline, .. } = source;
        let invalid = report.verdict == Verdict::Invalid;
        let notes = report.warnings.iter().filter(|warning| !warning.invalidates);
        let target = OfTarget {
            name: report.plan.target.name().to_owned(),
            duration_s: report.summary.duration_s,
            fault: invalid.then(|| fault(report)),
            figures: Metric::ALL
                .into_iter()
                .filter_map(|metric| figure_of(metric, report))
                .chain([failed(report)])
                .collect(),
            checks: report.thresholds.iter().map(Check::of).collect(),
        };
        Self {
            kind: Kind::Run,
            id: report.id.clone(),
            scenario: report.plan.scenario.clone(),
            started_at: timeline.started_at.clone(),
            is_finished: true,
            notes: notes
                .map(|warning| Note { code: warning.code.clone(), message: warning.message.clone() })
                .collect(),
            targets: vec![target],
        }
    }

    /// A target's figures that may be compared with those of other results: none of a result that is not finished or where
    /// there is a fault, and no lower bound.
    pub(crate) fn comparable<'a>(&self, target: &'a OfTarget) -> impl Iterator<Item = &'a Figure> {
        let is_usable = self.is_finished && target.fault.is_none();
        target.figures.iter().filter(move |figure| is_usable && !figure.at_least)
    }
}

impl Check {
    /// What came of a threshold.
    pub(crate) fn of(outcome: &Outcome) -> Self {
        let row = Row::of(outcome);
        let name = |figure: threshold::Figure| {
            figure.metric().map_or_else(|| figure.to_string(), |metric| metric.name().to_owned())
        };
        let parts = [row.measured, row.interval.unwrap_or_default(), row.remark];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        Self {
            // Of a figure that is not known there is only the threshold itself.
            figure: outcome.figure.map_or_else(|| row.threshold.clone(), name),
            threshold: row.threshold,
            state: match outcome.state {
                threshold::State::Held => State::Held,
                threshold::State::Failed => State::Failed,
                threshold::State::Inconclusive { .. } => State::Inconclusive,
                threshold::State::NotEvaluated { .. } => State::NotEvaluated,
            },
            message: parts.join(", "),
        }
    }
}

impl Figure {
    /// A metric's figure without an interval and without others beside it.
    pub(crate) fn new(metric: Metric, value: f64) -> Self {
        let shown = match metric.unit() {
            "us" => time_us(value).to_string(),
            "ms" => time_us(value * 1e3).to_string(),
            "bytes" => bytes(value).to_string(),
            _ => format!("{} TPS", number(value)),
        };
        Self {
            name: metric.name(),
            unit: metric.unit(),
            more_is_better: metric.higher_is_better(),
            value,
            low: None,
            high: None,
            at_least: false,
            shown,
            ratios: Vec::new(),
        }
    }

    /// The same, whose words say of batches what it counts.
    pub(super) fn counting(self, metric: Metric, counted: Counted) -> Self {
        let unit = match (metric, counted) {
            (Metric::Tps, Counted::Items) => " (items)",
            (Metric::CpuPerRequest, Counted::Items) => " for each item",
            _ => "",
        };
        Self { shown: self.shown + unit, ..self }
    }

    /// The same, whose true value may be larger if so said.
    pub(super) fn at_least(self, is_bound: bool) -> Self {
        let shown = if is_bound { format!(">= {}", self.shown) } else { self.shown };
        Self { at_least: is_bound, shown, ..self }
    }
}

fn figure_of(metric: Metric, report: &RunReport) -> Option<Figure> {
    let figure = Figure::new(metric, metric.of(report, None)?).counting(metric, report.plan.counted());
    Some(figure.at_least(is_bound(metric, report)))
}

/// Whether a run's figure is only a lower bound.
pub(super) fn is_bound(metric: Metric, report: &RunReport) -> bool {
    let latency = match metric {
        Metric::P50 => "P50",
        Metric::P99 => "P99",
        Metric::P999 => "P99.9",
        _ => return false,
    };
    report.summary.latency_us.is_lower_bound(latency)
}

/// The part of the requests that failed: the same as a threshold on it looks at.
fn failed(report: &RunReport) -> Figure {
    let percent_failed = failed_percent(&report.summary);
    Figure {
        name: ERRORS,
        unit: "%",
        more_is_better: false,
        value: percent_failed,
        low: None,
        high: None,
        at_least: false,
        shown: format!("{} of the requests failed", percent(percent_failed / 100.0)),
        ratios: Vec::new(),
    }
}

/// The warnings that make a run invalid, as one fault named for the first.
fn fault(report: &RunReport) -> Fault {
    let messages: Vec<&str> = report.invalidating().map(|warning| warning.message.as_str()).collect();
    let codes = report.invalidating().map(|warning| warning.code.clone());
    Fault {
        is_of_target: false,
        codes: codes.collect(),
        message: format!("the run is invalid: {}", messages.join("; ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::timeline::Timeline;
    use bench_model::record::RunRecord;

    fn of_run(record: &RunRecord) -> Sheet {
        let (report, timeline) = (RunReport::of(record), Timeline::of(record));
        Sheet::of_run(&RunSource { report: &report, timeline: &timeline, lines: "" })
    }

    #[test]
    fn what_may_not_be_compared_is_left_out() {
        let sure = Figure::new(Metric::P50, 1.0);
        let bound = Figure { at_least: true, ..Figure::new(Metric::P99, 9.0) };
        let fault = Fault { is_of_target: false, codes: Vec::new(), message: String::new() };
        for (fault, is_finished, names) in
            [(None, true, &["p50"][..]), (Some(fault), true, &[]), (None, false, &[])]
        {
            let (name, checks) = ("go".to_owned(), Vec::new());
            let figures = vec![sure.clone(), bound.clone()];
            let target = OfTarget { name, duration_s: 1.0, fault, figures, checks };
            let sheet = Sheet { is_finished, ..of_run(&fixture::stored()) };
            let found: Vec<&str> = sheet.comparable(&target).map(|figure| figure.name).collect();
            assert_eq!(found, names);
        }
    }

    #[test]
    fn failures_are_the_part_that_a_threshold_looks_at() {
        // Of what was due some was neither answered nor failed.
        let mut record = fixture::overloaded();
        record.plan.fail_if = vec!["errors>0.1%".parse().expect("a threshold")];
        let sheet = of_run(&record);
        let [check] = &sheet.targets[0].checks[..] else { panic!("there is one threshold") };
        let errors = sheet.targets[0].figures.iter().find(|figure| figure.name == "errors");
        let shown = &errors.expect("it is always there").shown;
        assert!(shown.starts_with(&check.message), "{shown}, and of the threshold {}", check.message);
    }

    #[test]
    fn of_batches_it_is_said_that_items_are_counted() {
        let sheet = of_run(&fixture::batched());
        let said: Vec<&str> = sheet.targets[0]
            .figures
            .iter()
            .filter(|figure| figure.shown.contains("item"))
            .map(|figure| figure.name)
            .collect();
        assert_eq!(said, ["tps", "cpu-per-request"]);
    }
}
