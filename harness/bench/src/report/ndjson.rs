//! The intervals of a run as lines, one JSON object each: counters, resources and the interval's histograms as HdrHistogram
//! V2, deflated, in base64. The fields are those of `run.json`.

use bench_model::interval::Interval;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use serde::Serialize;
use std::borrow::Borrow;

/// What every line says of the run, so that lines of several runs can be put together and none of a doubtful run passes for
/// a good one.
#[derive(Serialize)]
struct Line<'a> {
    run: &'a str,
    scenario: &'a str,
    /// The interval's own `target` is what was sampled of it.
    target_name: &'a str,
    verdict: Verdict,
    warnings: Vec<&'a str>,
    #[serde(flatten)]
    interval: &'a Interval,
}

/// The lines of a run, each with its line feed. One interval is in memory at a time, and the text of all: some 10 kB for each.
pub(crate) fn lines<I: Borrow<Interval>>(report: &RunReport, intervals: impl Iterator<Item = I>) -> String {
    let line = |interval: I| {
        let line = Line {
            run: &report.id,
            scenario: &report.plan.scenario,
            target_name: report.plan.target.name(),
            verdict: report.verdict,
            warnings: report.warnings.iter().map(|warning| warning.code.as_str()).collect(),
            interval: interval.borrow(),
        };
        serde_json::to_string(&line).expect("an interval has only plain keys") + "\n"
    };
    intervals.map(line).collect()
}
