//! What a reader must know before believing a comparison: a reason, a message and a remedy each.

use crate::metric::Metric;
use crate::warning::WarningText;
use serde::Serialize;

/// A reason to read a comparison with care. Serialised as its code and message, like a run's warnings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "WarningText")]
#[allow(missing_docs, reason = "each variant's message says what it means, and its fields are named in it")]
pub enum Advice {
    ControlDiffers { metric: Metric, ratio: f64, low: f64, high: f64 },
    TooFewBlocks { planned: usize, needed: usize, tests: usize },
    TooFewUsed { used: usize, needed: usize, tests: usize },
    Unfinished { complete: usize, planned: usize },
    LostBlocks { label: String, blocks: Vec<usize>, codes: Vec<String> },
    UrlNotFresh { label: String },
    NotMeasured { label: String, metrics: Vec<Metric> },
    PartlyMeasured { label: String, metric: Metric, missing: usize, used: usize },
    RunWarnings { label: String, code: String, runs: usize, of: usize, message: String },
}

impl Advice {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ControlDiffers { .. } => "control-differs",
            Self::TooFewBlocks { .. } => "too-few-blocks",
            Self::TooFewUsed { .. } => "too-few-used",
            Self::Unfinished { .. } => "unfinished",
            Self::LostBlocks { .. } => "lost-blocks",
            Self::UrlNotFresh { .. } => "url-not-fresh",
            Self::NotMeasured { .. } => "not-measured",
            Self::PartlyMeasured { .. } => "partly-measured",
            Self::RunWarnings { .. } => "run-warnings",
        }
    }

    /// What is so, what it means and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::ControlDiffers { metric, ratio, low, high } => format!(
                "the base differs from itself in {}: {ratio:.3} times, [{low:.3}, {high:.3}]. Something other than the \
                 entrants decides here; find what disturbs the machine (bench doctor) before believing any difference \
                 of that size",
                metric.title()
            ),
            Self::TooFewBlocks { planned, needed, tests } => format!(
                "{planned} blocks cannot show anything better or worse over {} (Holm's correction): run at least \
                 {needed} (--blocks {needed}), or decide on fewer metrics (--metrics)",
                counted(*tests, "test")
            ),
            Self::TooFewUsed { used, needed, tests } => format!(
                "{used} usable blocks cannot show anything better or worse over {} (Holm's correction), which takes \
                 {needed}: compare again with more blocks",
                counted(*tests, "test")
            ),
            Self::Unfinished { complete, planned } => format!(
                "{complete} of {planned} blocks have run: finish it (bench compare --resume), and draw no conclusion \
                 from where it stopped"
            ),
            Self::LostBlocks { label, blocks, codes } => format!(
                "{label} had an invalid run ({}) in {}, which is left out for all entrants: what fails often is not \
                 measured by its good blocks alone",
                codes.join(", "),
                numbered(blocks)
            ),
            Self::UrlNotFresh { label } => format!(
                "bench did not start {label}, which keeps its state from run to run: its caches, its garbage and its \
                 neighbours are part of what is compared"
            ),
            Self::NotMeasured { label, metrics } => {
                let titles: Vec<&str> = metrics.iter().map(|metric| metric.title()).collect();
                format!("not measured for {label}, and so not compared: {}", titles.join("; "))
            }
            Self::PartlyMeasured { label, metric, missing, used } => format!(
                "{} of {label} is missing in {missing} of {used} blocks, and so not compared",
                metric.title()
            ),
            Self::RunWarnings { label, runs, of, message, .. } => {
                format!("{label}, {runs} of {}: {message}", counted(*of, "run"))
            }
        }
    }

    /// The advice as the JSON output shows it.
    #[must_use]
    pub fn text(&self) -> WarningText {
        WarningText { code: self.code().to_owned(), message: self.message() }
    }
}

impl From<Advice> for WarningText {
    fn from(advice: Advice) -> Self {
        advice.text()
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Blocks as people count them, from 1.
fn numbered(blocks: &[usize]) -> String {
    let numbers: Vec<String> = blocks.iter().map(|block| (block + 1).to_string()).collect();
    format!("block{} {}", if blocks.len() == 1 { "" } else { "s" }, numbers.join(", "))
}
