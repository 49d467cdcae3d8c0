//! The comparison as one JSON object: what was planned and what came of it, field for field as the model has them.
//! Numbers are never scaled.

use super::ComparisonSource;
use bench_model::comparison::{Comparison, ComparisonPlan};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Output<'a> {
    schema: &'a str,
    id: &'a str,
    plan: &'a ComparisonPlan,
    #[serde(flatten)]
    comparison: &'a Comparison,
    repeat: &'a str,
}

pub(super) fn render(source: &ComparisonSource<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&output(source)).expect(WHY_IT_CAN_BE_WRITTEN);
    text.push('\n');
    text
}

/// The same as a value.
pub(super) fn value(source: &ComparisonSource<'_>) -> Value {
    serde_json::to_value(output(source)).expect(WHY_IT_CAN_BE_WRITTEN)
}

const WHY_IT_CAN_BE_WRITTEN: &str =
    "a comparison has only string keys, and serde_json writes null for what is not finite";

fn output<'a>(source: &ComparisonSource<'a>) -> Output<'a> {
    let ComparisonSource { plan, comparison, repeat, .. } = *source;
    Output { schema: &plan.schema, id: &plan.id, plan, comparison, repeat }
}
