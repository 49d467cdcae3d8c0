//! The search as one JSON object: what was planned and what was found, field for field as the model has them. Numbers
//! are never scaled.

use super::CapacitySource;
use bench_model::capacity::{Capacities, CapacityPlan};
use serde::Serialize;

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
    let CapacitySource { plan, found, repeat, .. } = source;
    let output = Output { schema: &plan.schema, id: &plan.id, plan, found, repeat };
    let mut text = serde_json::to_string_pretty(&output)
        .expect("a search has only string keys, and serde_json writes null for what is not finite");
    text.push('\n');
    text
}
