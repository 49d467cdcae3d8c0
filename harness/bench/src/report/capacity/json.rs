//! The search as one JSON object: what was planned and what was found, field for field as the model has them. Numbers
//! are never scaled.

use super::CapacitySource;
use bench_model::capacity::{Capacities, CapacityPlan};
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Output<'a> {
    schema: &'a str,
    id: &'a str,
    plan: &'a CapacityPlan,
    #[serde(flatten)]
    found: &'a Capacities,
    repeat: &'a str,
}

pub(super) fn render(source: &CapacitySource<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&output(source)).expect(WHY_IT_CAN_BE_WRITTEN);
    text.push('\n');
    text
}

/// The same as a value.
pub(super) fn value(source: &CapacitySource<'_>) -> Value {
    serde_json::to_value(output(source)).expect(WHY_IT_CAN_BE_WRITTEN)
}

const WHY_IT_CAN_BE_WRITTEN: &str =
    "a search has only string keys, and serde_json writes null for what is not finite";

fn output<'a>(source: &CapacitySource<'a>) -> Output<'a> {
    let CapacitySource { plan, found, repeat, .. } = *source;
    Output { schema: &plan.schema, id: &plan.id, plan, found, repeat }
}
