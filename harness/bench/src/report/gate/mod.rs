//! Every rendering of a gate: for a terminal, for a pull request, for programs. The first line says whether it passed.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

mod cautions;
mod json;
mod markdown;
mod outline;
mod sheet;
mod text;
mod words;

#[cfg(test)]
pub(crate) mod snapshots;

use super::comparison::words::noun;
use super::comparison::{ComparisonSource, markdown as decision};
use super::page::{self, Page};
use super::{Format, Style, annotations, github, junit};
use crate::charts::Chart;
use crate::charts::comparison::{RATIOS, charts};
use crate::gate::Judged;
use crate::thresholds::Inconclusive;
use bench_model::metric::Metric;
use bench_model::source::Source;
use serde::Serialize;

/// What a gate is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GateSource<'a> {
    /// What was measured for it.
    pub(crate) compared: ComparisonSource<'a>,
    pub(crate) judged: &'a Judged,
    /// What it comes to where it can tell neither way.
    pub(crate) inconclusive: Inconclusive,
    /// The command, for a POSIX shell, that gates the same again.
    pub(crate) repeat: &'a str,
    /// Where the report was written, for the terminal to name; may be empty.
    pub(crate) files: &'a [String],
}

impl GateSource<'_> {
    /// What was sent, by name.
    fn scenario(&self) -> &str {
        self.compared.plan.entrants.first().map_or("", |entrant| entrant.plan.scenario.as_str())
    }

    /// What it is, in a line.
    fn title(&self) -> String {
        let Judged { base, candidate, .. } = self.judged;
        format!("Gate: {}, {} against {}", self.scenario(), candidate.name, base.name)
    }

    /// A metric's name within a sentence.
    fn noun(&self, metric: Metric) -> &'static str {
        noun(metric, self.compared.plan.counted())
    }
}

/// How base and candidate were held against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "method", rename_all = "kebab-case")]
pub(crate) enum Method {
    /// In blocks of runs of both.
    Interleaved,
    /// Against runs that were made before.
    Stored {
        /// When, in UTC, as RFC 3339.
        measured_at: String,
        /// How many.
        runs: usize,
    },
}

/// The base or the candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    /// As it was named: a revision, a baseline, a target.
    pub(crate) name: String,
    pub(crate) target: String,
    pub(crate) source: Option<Source>,
}

/// How a gate is written in a format.
type OfGate = fn(&GateSource<'_>, Style) -> String;

/// The formats of a gate, in the order in which they are listed.
pub(crate) const GATE: &[(Format, OfGate)] = &[
    (Format::Text, |source, style| text::render(source, style)),
    (Format::Json, |source, _| json::render(source)),
    (Format::Markdown, |source, _| markdown::render(source)),
    (Format::Html, |source, _| html(source)),
    (Format::Github, |source, _| github::fitted(&markdown::titled(source))),
    (Format::Annotations, |source, _| annotations::render(&sheet::of(source))),
    (Format::Junit, |source, _| junit::render(&sheet::of(source))),
];

/// Writes a gate in a format that gates have. The text ends in a line feed.
pub(crate) fn render(format: Format, source: &GateSource<'_>, style: Style) -> String {
    let known = GATE.iter().find(|(known, _)| *known == format);
    let (_, write) = known.expect("no command takes a format that gates do not have");
    write(source, style)
}

/// What is drawn. The ratios are left out: a comparison's verdicts stand at them, by its own margin.
fn drawn(source: &GateSource<'_>) -> Vec<Chart> {
    charts(&source.compared).into_iter().filter(|chart| chart.name != RATIOS).collect()
}

/// The report as one page.
fn html(source: &GateSource<'_>) -> String {
    let charts = drawn(source);
    let document = outline::document(source, &charts);
    page::render(&Page { kind: "gate", document: &document, charts: &charts, report: json::value(source) })
}

/// The report beside the runs, in one of its two forms.
pub(crate) fn report(format: Format, source: &GateSource<'_>, style: Style) -> String {
    match format {
        Format::Markdown => decision::render(&outline::document(source, &drawn(source))),
        format => render(format, source, style),
    }
}
