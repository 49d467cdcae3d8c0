//! Every rendering of a run as text: for a person at a terminal, for programs, for spreadsheets, for documents.
//!
//! A rendering turns figures into text and does nothing else: it reads no clock, file, environment or terminal.

pub(crate) mod amount;
pub(crate) mod audit;
pub(crate) mod timeline;

pub(crate) mod capacity;
pub(crate) mod command;
pub(crate) mod comparison;
pub(crate) mod contract;
mod csv;
pub(crate) mod hgrm;
mod json;
mod markdown;
mod own_metrics;
pub(crate) mod paragraph;
mod text;

#[cfg(test)]
mod doubts;
#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod snapshots;

use bench_model::ledger::{Finding, LedgerAudit};
use bench_model::load::{Arrivals, LoadModel};
use bench_model::report::RunReport;
use bench_model::summary::{LatencyFigures, Summary};
use capacity::CapacityFormat;
use clap::builder::styling::Style as Paint;
use comparison::ComparisonFormat;
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
    let count = amount::count;
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
        series => format!(", and {series} series of its own metrics"),
    };
    // Those of a ledger that was used before began with what nobody has looked at.
    let balances = match audit.accounts {
        0 => String::new(),
        accounts => format!(", the balances of {} accounts", count(accounts)),
    };
    format!(
        "{receipts} receipts, {stored} transactions in {} blocks, each once and as sent{unknown}; the hashes{balances}{series} \
         agree",
        count(audit.blocks)
    )
}

/// How a run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One screen for people.
    Text,
    /// One object for programs.
    Json,
    /// One row for each interval.
    Csv,
    /// A section for a pull request or a decision record.
    Markdown,
}

/// How something stored is written: a run, a comparison or a search, which have some formats of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StoredFormat {
    /// For people at a terminal.
    Text,
    /// One object for programs.
    Json,
    /// One row for each interval of a run.
    Csv,
    /// A section of a run or a search, or the decision report of a comparison.
    Markdown,
    /// The decision report of a comparison as one file.
    Html,
}

impl StoredFormat {
    /// The format for a run, if runs have it.
    pub(crate) fn of_run(self) -> Option<Format> {
        match self {
            Self::Text => Some(Format::Text),
            Self::Json => Some(Format::Json),
            Self::Csv => Some(Format::Csv),
            Self::Markdown => Some(Format::Markdown),
            Self::Html => None,
        }
    }

    /// The format for a comparison, if comparisons have it.
    pub(crate) fn of_comparison(self) -> Option<ComparisonFormat> {
        match self {
            Self::Text => Some(ComparisonFormat::Text),
            Self::Json => Some(ComparisonFormat::Json),
            Self::Csv => None,
            Self::Markdown => Some(ComparisonFormat::Markdown),
            Self::Html => Some(ComparisonFormat::Html),
        }
    }

    /// The format for a search, if searches have it.
    pub(crate) fn of_capacity(self) -> Option<CapacityFormat> {
        match self {
            Self::Text => Some(CapacityFormat::Text),
            Self::Json => Some(CapacityFormat::Json),
            Self::Markdown => Some(CapacityFormat::Markdown),
            Self::Csv | Self::Html => None,
        }
    }
}

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

/// Writes a run in a format. The text ends in a line feed.
pub(crate) fn render(format: Format, report: &RunReport, timeline: &Timeline, style: Style) -> String {
    match format {
        Format::Text => text::render(report, style),
        Format::Json => json::render(report),
        Format::Csv => csv::render(report, timeline),
        Format::Markdown => markdown::render(report, timeline),
    }
}
