//! A result for github-action-benchmark: the list of figures that its tools `customBiggerIsBetter` and
//! `customSmallerIsBetter` read, apart, since it takes one direction at a time.
//!
//! What may not be used is left out, and what is only a lower bound: the action would draw it into its history and compare
//! with it. So are failures: of most runs there are none, and the action divides by the figure before. Of a result without
//! any figure it says itself that there is none, and fails.

use super::sheet::{self, Figure, OfTarget, Sheet};
use serde::Serialize;

/// Which of the figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Better {
    /// Those of which more is better.
    Bigger,
    /// Those of which less is better.
    Smaller,
}

/// A figure as the action reads it.
#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

pub(super) fn render(sheet: &Sheet, better: Better) -> String {
    let is_wanted = |figure: &&Figure| {
        figure.more_is_better == (better == Better::Bigger) && figure.name != sheet::ERRORS
    };
    let of = |target: &OfTarget| -> Vec<Entry> {
        sheet.comparable(target).filter(is_wanted).map(|figure| entry(sheet, target, figure)).collect()
    };
    let entries: Vec<Entry> = sheet.targets.iter().flat_map(of).collect();
    serde_json::to_string_pretty(&entries).expect("a list of plain values can be written") + "\n"
}

fn entry(sheet: &Sheet, target: &OfTarget, figure: &Figure) -> Entry {
    let interval = figure.low.zip(figure.high);
    // The action knows one width for both sides: the wider one promises nothing that is not so.
    let width = interval.map(|(low, high)| (figure.value - low).max(high - figure.value));
    let mut extra = vec![figure.shown.clone(), sheet.id.clone()];
    extra.extend(sheet.notes.iter().map(|note| format!("{}: {}", note.code, note.message)));
    Entry {
        name: format!("{} / {} / {}", sheet.scenario, target.name, figure.name),
        unit: figure.unit,
        value: figure.value,
        range: width.map(|width| format!("± {width}")),
        extra: extra.join("\n"),
    }
}
