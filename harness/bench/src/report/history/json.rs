//! The history as one JSON object, field for field as the model has it. Numbers are never scaled.

use super::HistorySource;
use bench_model::history::{History, METHOD, RULES, SCHEMA, SOURCE, fewest_runs};
use serde::Serialize;

#[derive(Serialize)]
struct Output<'a> {
    schema: &'a str,
    method: Method,
    unreadable: usize,
    #[serde(flatten)]
    history: &'a History,
}

/// By what the change points were found.
#[derive(Serialize)]
struct Method {
    name: &'static str,
    source: &'static str,
    level: f64,
    permutations: usize,
    seed: u64,
    least_runs_on_a_side: usize,
    fewest_runs: usize,
}

pub(super) fn render(source: &HistorySource<'_>) -> String {
    let method = Method {
        name: METHOD,
        source: SOURCE,
        level: RULES.level,
        permutations: RULES.permutations,
        seed: RULES.seed,
        least_runs_on_a_side: RULES.least,
        fewest_runs: fewest_runs(),
    };
    let output = Output { schema: SCHEMA, method, unreadable: source.unreadable, history: source.history };
    let mut text = serde_json::to_string_pretty(&output)
        .expect("a history has only string keys, and serde_json writes null for what is not finite");
    text.push('\n');
    text
}
