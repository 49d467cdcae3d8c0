//! The tables of a sweep, with a row where those of other comparisons have a column: it has many entrants, and pairs with
//! several bases.

use super::document::{Cell, Table};
use super::figures::{is_measured, medians, ratio_cell, value};
use super::quantity::part;
use super::words::direction;
use super::{Asked, ComparisonSource};
use bench_model::metric::Metric;

/// The medians of every metric, a row for each target at each value.
pub(super) fn all(source: &ComparisonSource<'_>) -> Table {
    let metrics = measured(source);
    let row = |label: &String| {
        let values = metrics.iter().map(|&metric| value(source, label, metric));
        std::iter::once(Cell::text(label)).chain(values).collect()
    };
    Table {
        caption: format!("Every metric: {}", medians(source)),
        heads: std::iter::once("Target")
            .chain(metrics.iter().map(|&metric| source.title(metric)))
            .map(str::to_owned)
            .collect(),
        rows: source.plan.entrants.iter().map(|entrant| row(&entrant.label)).collect(),
    }
}

/// The ratios of every pair, a row each; those that get a verdict have it in the cell.
pub(super) fn ratios(source: &ComparisonSource<'_>) -> Table {
    let metrics = measured(source);
    let heads = metrics.iter().map(|&metric| format!("{} ({})", source.title(metric), direction(metric)));
    let row = |asked: Asked<'_>| {
        let cells = metrics.iter().map(|&metric| ratio_cell(source, asked, metric));
        let who = [&asked.entrant.label, &asked.base.label].map(Cell::text);
        who.into_iter().chain(cells).collect()
    };
    let rows = source.questions().into_iter().flat_map(|question| question.asked).map(row);
    Table {
        caption: format!(
            "Ratios at each value to the first target, and of each target to itself at the first value: Hodges-Lehmann \
             estimate [{} interval], and the verdict where one is given. 0.5 is half as much",
            part(source.plan.confidence)
        ),
        heads: ["Target", "Against"].map(str::to_owned).into_iter().chain(heads).collect(),
        rows: rows.collect(),
    }
}

fn measured(source: &ComparisonSource<'_>) -> Vec<Metric> {
    Metric::ALL.into_iter().filter(|&metric| is_measured(source, metric)).collect()
}
