//! The runs of a comparison as a table: RFC 4180, one row for each run of each block, header names ending in their units.
//!
//! Runs of blocks that are not used are there too, and say so, with their verdicts: the table is what the figures were made from.
//! A field is empty where nothing was measured. Numbers are never scaled.

use super::ComparisonSource;
use crate::report::csv::{decimal, row, verdict};
use bench_model::comparison::{Block, BlockRun, Slot};
use bench_model::metric::Metric;

/// The columns before those of the metrics.
const RUN_COLUMNS: [&str; 14] = [
    "comparison",
    "block",
    "turn",
    "target",
    "control",
    "setting",
    "scenario",
    "used",
    "run",
    "verdict",
    "warnings",
    "requests",
    "errors",
    "duration_s",
];

/// The columns of the metrics, in the order of [`Metric::ALL`].
const METRIC_COLUMNS: [&str; 10] = [
    "tps",
    "latency_p50_us",
    "latency_p99_us",
    "latency_p99_9_us",
    "cpu_per_request_us",
    "memory_idle_bytes",
    "memory_median_bytes",
    "memory_peak_bytes",
    "startup_ms",
    "artefact_bytes",
];

pub(super) fn render(source: &ComparisonSource<'_>) -> String {
    let mut text = row(RUN_COLUMNS.into_iter().chain(METRIC_COLUMNS).map(str::to_owned));
    for block in source.blocks {
        let used = source.plan.counts(block);
        for (turn, run) in block.runs.iter().enumerate() {
            text += &row(fields(source, (block, turn), run, used).into_iter());
        }
    }
    text
}

fn fields(
    source: &ComparisonSource<'_>,
    (block, turn): (&Block, usize),
    run: &BlockRun,
    used: bool,
) -> Vec<String> {
    let index = if let Slot::Entrant(index) = run.slot { index } else { 0 };
    let entrant = source.plan.entrants.get(index);
    let BlockRun { report, slot } = run;
    let mut fields = vec![
        source.plan.id.clone(),
        (block.index + 1).to_string(),
        (turn + 1).to_string(),
        entrant.map_or_else(String::new, |entrant| entrant.label.clone()),
        (*slot == Slot::Control).to_string(),
        entrant.and_then(|entrant| entrant.setting).map_or_else(String::new, |setting| setting.to_string()),
        report.plan.scenario.clone(),
        used.to_string(),
        report.id.clone(),
    ];
    fields.extend(verdict(report));
    fields.push(report.summary.requests.to_string());
    fields.push(report.summary.errors.total().to_string());
    fields.push(decimal(report.summary.duration_s));
    let artefact = entrant.and_then(|entrant| entrant.artefact_bytes);
    let figure = |metric: Metric| match metric.of(report, artefact) {
        None => String::new(),
        Some(value) if metric.unit() == "bytes" => format!("{value:.0}"),
        Some(value) => decimal(value),
    };
    fields.extend(Metric::ALL.map(figure));
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_units_of_their_metrics() {
        for (metric, column) in Metric::ALL.into_iter().zip(METRIC_COLUMNS) {
            let unit = metric.unit();
            assert!(unit == "1/s" || column.ends_with(unit), "{metric}: {column}");
        }
    }
}
