//! Every rendering of a comparison: for a terminal, for a decision record, for a browser, for programs.
//!
//! What Markdown and HTML say is decided once, as a [`document`], and written by each in its own way. As with a run, a
//! rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

mod constraints;
mod document;
mod figures;
mod html;
mod json;
mod markdown;
mod outline;
pub(crate) mod quantity;
mod question;
mod sureness;
mod sweep;
mod text;
mod verdict;
pub(crate) mod words;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use super::Style;
use crate::charts::comparison::charts;
use bench_model::comparison::{Comparison, ComparisonPlan, Figures, Pair};
use bench_model::distribution::Distribution;
use bench_model::metric::Metric;
pub(crate) use question::{Asked, Question};

/// How a comparison is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ComparisonFormat {
    /// The verdict and the figures, for people at a terminal.
    Text,
    /// One object for programs.
    Json,
    /// The decision report, for a pull request or a decision record; its charts are files beside it.
    Markdown,
    /// The decision report as one file that needs no other.
    Html,
}

/// What a comparison is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ComparisonSource<'a> {
    pub(crate) plan: &'a ComparisonPlan,
    pub(crate) comparison: &'a Comparison,
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

/// Writes a comparison in a format. The text ends in a line feed.
pub(crate) fn render(format: ComparisonFormat, source: &ComparisonSource<'_>, style: Style) -> String {
    match format {
        ComparisonFormat::Text => text::render(source, style),
        ComparisonFormat::Json => json::render(source),
        ComparisonFormat::Markdown => markdown::render(&outline::document(source, &charts(source))),
        ComparisonFormat::Html => {
            let charts = charts(source);
            html::render(&outline::document(source, &charts), &charts)
        }
    }
}
