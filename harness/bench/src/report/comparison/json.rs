//! The comparison as one JSON object: what was planned and what came of it, field for field as the model has them.
//! Numbers are never scaled.

use super::ComparisonSource;
use bench_model::comparison::{Comparison, ComparisonPlan};
use serde::Serialize;

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
    let ComparisonSource { plan, comparison, repeat, .. } = source;
    let output = Output { schema: &plan.schema, id: &plan.id, plan, comparison, repeat };
    let mut text = serde_json::to_string_pretty(&output)
        .expect("a comparison has only string keys, and serde_json writes null for what is not finite");
    text.push('\n');
    text
}
