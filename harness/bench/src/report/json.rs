//! The report as one JSON object, field for field as the model has it. Numbers are never scaled.

use bench_model::report::RunReport;
use serde_json::Value;

pub(super) fn render(report: &RunReport) -> String {
    let mut text = serde_json::to_string_pretty(report).expect(WHY_IT_CAN_BE_WRITTEN);
    text.push('\n');
    text
}

/// The same as a value.
pub(super) fn value(report: &RunReport) -> Value {
    serde_json::to_value(report).expect(WHY_IT_CAN_BE_WRITTEN)
}

const WHY_IT_CAN_BE_WRITTEN: &str =
    "a report has only string keys, and serde_json writes null for what is not finite";
