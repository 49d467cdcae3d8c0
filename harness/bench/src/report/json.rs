//! The report as one JSON object, field for field as the model has it. Numbers are never scaled.

use bench_model::report::RunReport;

pub(super) fn render(report: &RunReport) -> String {
    let mut text = serde_json::to_string_pretty(report)
        .expect("a report has only string keys, and serde_json writes null for what is not finite");
    text.push('\n');
    text
}
