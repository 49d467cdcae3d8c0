//! Every rendering of a run as text: for a person at a terminal, for programs, for spreadsheets, for documents.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

pub(crate) mod amount;
pub(crate) mod audit;
pub(crate) mod baseline;
mod format;
mod sheet;
pub(crate) mod timeline;

mod annotations;
mod bmf;
pub(crate) mod capacity;
pub(crate) mod command;
pub(crate) mod comparison;
pub(crate) mod contract;
mod csv;
pub(crate) mod document;
mod gab;
pub(crate) mod gate;
mod github;
pub(crate) mod hgrm;
pub(crate) mod history;
mod json;
mod junit;
mod k6;
mod markdown;
pub(crate) mod ndjson;
mod outline;
mod own_metrics;
pub(crate) mod page;
pub(crate) mod paragraph;
mod prometheus;
mod rows;
mod text;
pub(crate) mod thresholds;
mod wrk;
mod xml;

#[cfg(test)]
mod doubts;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod interchange;
#[cfg(test)]
mod snapshots;

use crate::charts::{Source, charts};
use bench_model::ledger::{Finding, LedgerAudit};
use bench_model::load::{Arrivals, LoadModel};
use bench_model::report::RunReport;
use bench_model::summary::{LatencyFigures, Summary};
use clap::builder::styling::Style as Paint;
pub(crate) use format::{Format, Kind};
use page::Page;
use sheet::Sheet;
use timeline::Timeline;

/// What the shown latency is. Every output for people names it.
pub(crate) fn latency_title(load: &LoadModel) -> &'static str {
    if load.is_open() {
        "Latency from due time to complete answer"
    } else {
        "Latency from send to complete answer"
    }
}

/// An open load's shape in words: `5000 requests/s`, `1000..5000 requests/s in 3 stages, poisson arrivals`.
pub(crate) fn offered_rate(load: &LoadModel) -> Option<String> {
    let LoadModel::Open { stages, arrivals, .. } = load else { return None };
    let rates = || stages.iter().flat_map(|stage| [stage.from_per_s, stage.to_per_s]);
    let rate = match load.constant_rate_per_s() {
        Some(rate_per_s) => format!("{} requests/s", amount::number(rate_per_s)),
        None => format!(
            "{} to {} requests/s in {} {}",
            amount::number(rates().fold(f64::INFINITY, f64::min)),
            amount::number(rates().fold(0.0, f64::max)),
            stages.len(),
            if stages.len() == 1 { "stage" } else { "stages" }
        ),
    };
    Some(match arrivals {
        Arrivals::Uniform => rate,
        Arrivals::Poisson => rate + ", poisson",
    })
}

/// What the machine did to a thread that only slept, in words.
pub(crate) fn hiccups(summary: &Summary) -> Option<String> {
    let LatencyFigures { p99, p99_9, max, .. } = summary.hiccup_us.as_ref()?;
    let [p99, p99_9, longest] = [p99, p99_9, max].map(|&value_us| amount::time_us(value_us).to_string());
    Some(format!("P99 {p99}, P99.9 {p99_9}, longest {longest}"))
}

/// What the audit of the target's own account came to, in words; nothing where none was asked for.
pub(crate) fn audited(report: &RunReport) -> Option<String> {
    match (&report.audit, report.plan.audit) {
        (Some(audit), _) => Some(outcome(audit)),
        (None, Some(_)) => Some("not made, since the run was cut short: see the warnings".to_owned()),
        (None, None) => None,
    }
}

fn outcome(audit: &LedgerAudit) -> String {
    // Not rounded: whether none is missing is what is asked.
    let count = |number: u64| number.to_string();
    match audit.findings.len() {
        0 => {}
        _ if !audit.findings.iter().any(Finding::contradicts) => {
            return "could not be made: see the warnings".to_owned();
        }
        1 => return "failed, with 1 finding: see the warnings".to_owned(),
        findings => return format!("failed, with {findings} findings: see the warnings"),
    }
    let (receipts, stored) = (count(audit.receipts), count(audit.stored));
    let unknown = match audit.unknown {
        0 => String::new(),
        1 => " (1 more had no right answer, and may be among them or not)".to_owned(),
        unknown => format!(" ({} more had no right answer, and may be among them or not)", count(unknown)),
    };
    let series = match audit.series {
        0 => String::new(),
        1 => ", and its own count of requests".to_owned(),
        series => format!(", and its own counts of {series} kinds of requests"),
    };
    let uncounted =
        if audit.series == 0 { "; it has no counts of requests to compare (GET /metrics)" } else { "" };
    // Those of a ledger that was used before began with what nobody has looked at.
    let balances = match audit.accounts {
        0 => String::new(),
        accounts => format!(", the balances of {} accounts", count(accounts)),
    };
    format!(
        "{receipts} receipts, {stored} transactions in {} blocks, each once and as sent{unknown}; the hashes{balances}{series} \
         agree{uncounted}",
        count(audit.blocks)
    )
}

/// What a run is rendered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunSource<'a> {
    pub(crate) report: &'a RunReport,
    pub(crate) timeline: &'a Timeline,
    /// The intervals with their histograms, as [`ndjson::lines`] has them; empty unless that format is asked for.
    pub(crate) lines: &'a str,
}

/// How a run is written in a format.
type OfRun = fn(&RunSource<'_>, Style) -> String;

/// The formats of a run, in the order in which they are listed.
const RUN: &[(Format, OfRun)] = &[
    (Format::Text, |run, style| text::render(run.report, style)),
    (Format::Json, |run, _| json::render(run.report)),
    (Format::Csv, |run, _| csv::render(run.report, run.timeline)),
    (Format::Markdown, |run, _| markdown::render(run.report, run.timeline)),
    (Format::Html, |run, _| html(run)),
    (Format::Github, |run, _| github::fitted(&markdown::render(run.report, run.timeline))),
    (Format::Annotations, |run, _| annotations::render(&Sheet::of_run(run))),
    (Format::Junit, |run, _| junit::render(&Sheet::of_run(run))),
    (Format::GabBigger, |run, _| gab::render(&Sheet::of_run(run), gab::Better::Bigger)),
    (Format::GabSmaller, |run, _| gab::render(&Sheet::of_run(run), gab::Better::Smaller)),
    (Format::Bmf, |run, _| bmf::render(&Sheet::of_run(run))),
    (Format::K6, |run, _| k6::render(run)),
    (Format::Wrk, |run, _| wrk::render(run)),
    (Format::Ndjson, |run, _| run.lines.to_owned()),
    (Format::Hgrm, |run, _| hgrm::of_run(run)),
    (Format::Prometheus, |run, _| prometheus::of_run(run)),
];

/// How text for people looks; the other formats do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Whether to write ANSI colours.
    pub(crate) colour: bool,
    /// Columns to fill; more than 80 are not used.
    pub(crate) width: usize,
}

/// Text in a colour, where colours are wanted and there is something to paint.
fn painted(colour: bool, paint: Paint, text: &str) -> String {
    if colour && !text.is_empty() { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
}

/// Writes a run in a format that [`Kind::Run`] has. The text ends in a line feed.
pub(crate) fn render(format: Format, source: &RunSource<'_>, style: Style) -> String {
    let known = RUN.iter().find(|(known, _)| *known == format);
    let (_, write) = known.expect("no command takes a format that runs do not have");
    write(source, style)
}

/// A run as one page.
fn html(run: &RunSource<'_>) -> String {
    let charts = charts(&Source { report: run.report, timeline: run.timeline });
    let document = outline::document(run.report, run.timeline, &charts);
    page::render(&Page { kind: "run", document: &document, charts: &charts, report: json::value(run.report) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audit_gives_exact_numbers_and_says_what_it_has_not_compared() {
        let audit =
            LedgerAudit { receipts: 11_573, stored: 11_573, blocks: 12, series: 1, ..LedgerAudit::default() };
        let words = outcome(&audit);
        assert!(words.starts_with("11573 receipts, 11573 transactions in 12 blocks"), "{words}");
        assert!(words.ends_with("the hashes, and its own count of requests agree"), "{words}");
        let words = outcome(&LedgerAudit { series: 0, ..audit });
        assert!(words.ends_with("agree; it has no counts of requests to compare (GET /metrics)"), "{words}");
    }
}
