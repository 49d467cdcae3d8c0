//! The gate as one JSON object. Numbers are never scaled.

use super::{GateSource, Method, Side};
use crate::report::comparison::ComparisonSource;
use bench_model::comparison::BlockCount;
use bench_model::gate::{CONFIDENCE, Finding, Verdict};
use bench_model::machine::Machine;
use bench_model::threshold::Outcome;
use serde::Serialize;
use serde_json::Value;

#[derive(Serialize)]
struct Output<'a> {
    schema: &'a str,
    /// The folder of the runs that were made for it.
    id: &'a str,
    verdict: Verdict,
    #[serde(flatten)]
    method: &'a Method,
    base: &'a Side,
    candidate: &'a Side,
    confidence: f64,
    thresholds: &'a [Finding],
    /// The scenario's own, of the candidate.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    other_thresholds: &'a [Outcome],
    /// What forbids trusting it further, in sentences.
    alarms: &'a [String],
    blocks: &'a BlockCount,
    machine: &'a Machine,
}

pub(super) fn render(source: &GateSource<'_>) -> String {
    let mut text = serde_json::to_string_pretty(&value(source)).expect("a value is written as it is");
    text.push('\n');
    text
}

/// The object. What is not finite is null.
pub(super) fn value(source: &GateSource<'_>) -> Value {
    let GateSource { compared, judged, .. } = source;
    let ComparisonSource { plan, comparison, .. } = compared;
    let output = Output {
        schema: "bench-gate/1",
        id: &plan.id,
        verdict: judged.verdict,
        method: &judged.method,
        base: &judged.base,
        candidate: &judged.candidate,
        confidence: CONFIDENCE,
        thresholds: &judged.findings,
        other_thresholds: &judged.others,
        alarms: &judged.alarms,
        blocks: &comparison.blocks,
        machine: &plan.machine,
    };
    serde_json::to_value(&output).expect("a gate has only string keys")
}
