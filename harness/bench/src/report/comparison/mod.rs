//! Every rendering of a comparison: for a terminal, for a decision record, for a browser, for programs.
//!
//! What Markdown and HTML say is decided once, as a [`document`], and written by each in its own way. As with a run, a
//! rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

pub(super) mod constraints;
mod csv;
mod figures;
mod json;
pub(super) mod markdown;
pub(super) mod outline;
pub(crate) mod quantity;
mod question;
mod sheet;
mod summary;
pub(super) mod sureness;
mod sweep;
mod text;
mod verdict;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use super::{Format, Style, annotations, bmf, document, gab, junit, page, prometheus};
use crate::charts::comparison::charts;
use bench_model::comparison::{Block, Comparison, ComparisonPlan, Figures, Pair};
use bench_model::distribution::Distribution;
use bench_model::metric::Metric;
use page::Page;
pub(crate) use question::{Asked, Question};

/// What a comparison is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComparisonSource<'a> {
    pub(crate) plan: &'a ComparisonPlan,
    pub(crate) comparison: &'a Comparison,
    /// Every run that is stored, those of blocks that are not used as well.
    pub(crate) blocks: &'a [Block],
    /// At most one an entrant, in the plan's order.
    pub(crate) curves: &'a [Curve],
    /// What others have published of the entrants; may be empty.
    pub(crate) claims: &'a [ClaimRow],
    /// Runs that were made again since the machine, and nobody else, disturbed them.
    pub(crate) disturbed: usize,
    /// The command, for a POSIX shell, that makes the comparison again: the same seed, so the same order of runs.
    pub(crate) repeat: &'a str,
    /// Where the report was written, for the terminal to name; may be empty.
    pub(crate) files: &'a [String],
}

/// The latencies of an entrant's used runs.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// The entrant's label.
    pub(crate) label: String,
    /// The runs' latencies merged: a mixture of runs, to be looked at and not tested.
    pub(crate) distribution: Distribution,
}

/// A figure published elsewhere, beside what was measured here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ClaimRow {
    /// Where it was published.
    pub(crate) source: String,
    /// What the source calls the server.
    pub(crate) label: String,
    /// The label of the entrant that it is about, where that was compared.
    pub(crate) entrant: Option<String>,
    /// What is claimed, in words.
    pub(crate) claimed: String,
    /// What the audit finds, in words.
    pub(crate) finding: String,
}

impl<'a> ComparisonSource<'a> {
    /// The label of the entrant that the others are compared with; in a sweep one base of several, and the one that runs
    /// twice in a block.
    pub(crate) fn base(&self) -> &'a str {
        self.plan.entrants.first().map_or("", |entrant| entrant.label.as_str())
    }

    /// What is asked, of whom against whom: one thing, but for a sweep.
    pub(crate) fn questions(&self) -> Vec<Question<'a>> {
        question::questions(self.plan)
    }

    /// An entrant against its base on a metric, where both were measured.
    pub(crate) fn pair(&self, asked: Asked<'_>, metric: Metric) -> Option<&'a Pair> {
        let is_it = |pair: &&Pair| {
            pair.metric == metric && pair.label == asked.entrant.label && pair.base == asked.base.label
        };
        self.comparison.pairs.iter().find(is_it)
    }

    /// The base against its own second run on a metric.
    pub(crate) fn control(&self, metric: Metric) -> Option<&'a Pair> {
        self.comparison.control.iter().find(|pair| pair.metric == metric)
    }

    /// A metric's name, which says what it counts.
    pub(crate) fn title(&self, metric: Metric) -> &'static str {
        metric.title_of(self.plan.counted())
    }

    /// The same within a sentence.
    pub(crate) fn noun(&self, metric: Metric) -> &'static str {
        words::noun(metric, self.plan.counted())
    }

    /// The figures of an entrant.
    pub(crate) fn figures(&self, label: &str) -> Option<&'a Figures> {
        self.comparison.figures.iter().find(|figures| figures.label == label)
    }

    /// The metrics that get verdicts, in the order in which reports show them.
    pub(crate) fn decisive(&self) -> Vec<Metric> {
        let decisive = self.plan.rules().decisive;
        Metric::ALL.into_iter().filter(|metric| decisive.contains(metric)).collect()
    }
}

/// How a comparison is written in a format.
type OfComparison = fn(&ComparisonSource<'_>, Style) -> String;

/// The formats of a comparison, in the order in which they are listed.
pub(crate) const COMPARISON: &[(Format, OfComparison)] = &[
    (Format::Text, |source, style| text::render(source, style)),
    (Format::Json, |source, _| json::render(source)),
    (Format::Csv, |source, _| csv::render(source)),
    (Format::Markdown, |source, _| markdown::render(&outline::document(source, &charts(source)))),
    (Format::Html, |source, _| html(source)),
    (Format::Github, |source, _| summary::render(source)),
    (Format::Annotations, |source, _| annotations::render(&sheet::of(source))),
    (Format::Junit, |source, _| junit::render(&sheet::of(source))),
    (Format::GabBigger, |source, _| gab::render(&sheet::of(source), gab::Better::Bigger)),
    (Format::GabSmaller, |source, _| gab::render(&sheet::of(source), gab::Better::Smaller)),
    (Format::Bmf, |source, _| bmf::render(&sheet::of(source))),
    (Format::Prometheus, |source, _| prometheus::of_sheet(&sheet::of(source))),
];

/// Writes a comparison in a format that comparisons have. The text ends in a line feed.
pub(crate) fn render(format: Format, source: &ComparisonSource<'_>, style: Style) -> String {
    let known = COMPARISON.iter().find(|(known, _)| *known == format);
    let (_, write) = known.expect("no command takes a format that comparisons do not have");
    write(source, style)
}

/// The decision report as one page.
fn html(source: &ComparisonSource<'_>) -> String {
    let charts = charts(source);
    let document = outline::document(source, &charts);
    page::render(&Page {
        kind: "comparison",
        document: &document,
        charts: &charts,
        report: json::value(source),
    })
}
