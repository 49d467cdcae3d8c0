//! The tables of figures and ratios.

use super::document::{Cell, Table};
use super::quantity::{NONE, figure, figure_interval, part, ratio, ratio_interval};
use super::words::{counted, direction};
use super::{Asked, ComparisonSource, Question};
use bench_model::metric::Metric;
use bench_model::plan::TargetPlan;

/// The metrics that the first table shows.
pub(super) const SHOWN: [Metric; 6] = [
    Metric::Tps,
    Metric::P99,
    Metric::CpuPerRequest,
    Metric::MemoryPeak,
    Metric::StartUp,
    Metric::ArtefactSize,
];

/// Who is compared, and the medians of what matters most.
pub(super) fn overview(source: &ComparisonSource<'_>) -> Table {
    let mut heads: Vec<String> = ["Target", "Language", "Framework"].map(str::to_owned).to_vec();
    heads.extend(SHOWN.map(|metric| source.title(metric).to_owned()));
    let rows = source.plan.entrants.iter().map(|entrant| {
        let (language, framework) = match &entrant.plan.target {
            TargetPlan::Managed { manifest } => (manifest.language.as_str(), manifest.framework.as_str()),
            TargetPlan::Url { .. } => (NONE, "not started by bench"),
        };
        let mut row = vec![Cell::text(&entrant.label), Cell::text(language), Cell::text(framework)];
        row.extend(SHOWN.map(|metric| value(source, &entrant.label, metric)));
        row
    });
    Table { caption: format!("The targets: {}", medians(source)), heads, rows: rows.collect() }
}

/// The medians of every metric, a row each.
pub(super) fn all(source: &ComparisonSource<'_>) -> Table {
    let labels = source.plan.entrants.iter().map(|entrant| entrant.label.clone());
    let rows = Metric::ALL.into_iter().filter(|&metric| is_measured(source, metric)).map(|metric| {
        let values = source.plan.entrants.iter().map(|entrant| value(source, &entrant.label, metric));
        std::iter::once(Cell::text(source.title(metric))).chain(values).collect()
    });
    Table {
        caption: format!("Every metric: {}", medians(source)),
        heads: std::iter::once("Metric".to_owned()).chain(labels).collect(),
        rows: rows.collect(),
    }
}

/// The ratios to the base, a row a metric; those that get a verdict have it in the cell.
pub(super) fn ratios(source: &ComparisonSource<'_>, question: &Question<'_>) -> Table {
    let heads = ["Metric".to_owned(), "Which way".to_owned()].into_iter();
    let rows = Metric::ALL.into_iter().filter(|&metric| is_measured(source, metric)).map(|metric| {
        let cells = question.asked.iter().map(|&asked| ratio_cell(source, asked, metric));
        [Cell::text(source.title(metric)), Cell::text(direction(metric))].into_iter().chain(cells).collect()
    });
    Table {
        caption: format!(
            "Ratio of each target to {0}: Hodges-Lehmann estimate [{1} interval], and the verdict where one is given. \
             0.5 is half as much as {0}",
            question.whom,
            part(source.plan.confidence)
        ),
        heads: heads.chain(question.asked.iter().map(|asked| asked.entrant.label.clone())).collect(),
        rows: rows.collect(),
    }
}

/// A pair's ratio with its interval and its verdict.
pub(super) fn ratio_cell(source: &ComparisonSource<'_>, asked: Asked<'_>, metric: Metric) -> Cell {
    let Some(pair) = source.pair(asked, metric) else { return Cell::number(NONE) };
    let cell = Cell::number(ratio(pair.ratio)).noted(ratio_interval(pair)).valued(pair.ratio);
    let index = source.comparison.pairs.iter().position(|known| std::ptr::eq(known, pair));
    Cell { verdict: pair.verdict, pointer: index.map(|index| format!("/pairs/{index}/ratio")), ..cell }
}

pub(super) fn is_measured(source: &ComparisonSource<'_>, metric: Metric) -> bool {
    source.comparison.figures.iter().any(|figures| figures.values.contains_key(&metric))
}

pub(super) fn value(source: &ComparisonSource<'_>, label: &str, metric: Metric) -> Cell {
    let figures = source.comparison.figures.iter().enumerate().find(|(_, figures)| figures.label == label);
    let estimate = figures.and_then(|(index, figures)| Some((index, figures.values.get(&metric)?)));
    let Some((index, estimate)) = estimate else { return Cell::number(NONE) };
    Cell::number(figure(metric, estimate.median))
        .noted(figure_interval(metric, estimate))
        .valued(estimate.median)
        .at(format!("/figures/{index}/values/{metric}/median"))
}

pub(super) fn medians(source: &ComparisonSource<'_>) -> String {
    format!(
        "medians of {} [their {} intervals]",
        counted(source.comparison.blocks.used, "block"),
        part(source.plan.confidence)
    )
}
