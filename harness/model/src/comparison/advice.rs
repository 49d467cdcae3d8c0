//! What a reader must know before believing a comparison: a reason, a message and a remedy each.

use super::{Block, BlockCount, ComparisonPlan, Pair, Rules, Slot};
use crate::metric::Metric;
use crate::warning::WarningText;
use serde::Serialize;
use std::collections::BTreeMap;

/// A reason to read a comparison with care. Serialised as its code and message, like a run's warnings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "WarningText")]
#[allow(missing_docs, reason = "each variant's message says what it means, and its fields are named in it")]
pub enum Advice {
    ControlDiffers { metric: Metric, ratio: f64, low: f64, high: f64 },
    TooFewBlocks { planned: usize, needed: usize, tests: usize },
    TooFewToFail { planned: usize, needed: usize, tests: usize },
    TooFewUsed { used: usize, needed: usize, tests: usize },
    Unfinished { usable: usize, planned: usize },
    LostBlocks { label: String, blocks: Vec<usize>, reasons: BTreeMap<String, String> },
    UrlNotFresh { label: String },
    StoredUnequally { metrics: Vec<Metric> },
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
            Self::TooFewToFail { .. } => "too-few-to-fail",
            Self::TooFewUsed { .. } => "too-few-used",
            Self::Unfinished { .. } => "unfinished",
            Self::LostBlocks { .. } => "lost-blocks",
            Self::UrlNotFresh { .. } => "url-not-fresh",
            Self::StoredUnequally { .. } => "stored-unequally",
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
                "{} cannot show anything better or worse over {} (Holm's correction): run at least \
                 {needed} (--blocks {needed}), or decide on fewer metrics (--metrics)",
                counted(*planned, "block"),
                counted(*tests, "test")
            ),
            Self::TooFewToFail { planned, needed, tests } => format!(
                "{} cannot fail a threshold relative to the base, however much worse an entrant is, over {} (Holm's \
                 correction): run at least {needed} (--blocks {needed}), or name fewer metrics (in --fail-if; --metrics of a gate)",
                counted(*planned, "block"),
                counted(*tests, "test")
            ),
            Self::TooFewUsed { used, needed, tests } => format!(
                "{} that can be used cannot show anything better or worse over {} (Holm's correction), which takes \
                 {needed}: compare again with more blocks",
                counted(*used, "block"),
                counted(*tests, "test")
            ),
            Self::Unfinished { usable, planned } => format!(
                "{usable} of {planned} blocks have run and can be used: finish it (bench compare --resume), and draw no conclusion \
                 from where it stopped"
            ),
            Self::LostBlocks { label, blocks, reasons } => {
                let are = if blocks.len() == 1 { "is" } else { "are" };
                let reasons = reasons.iter().map(|(code, message)| format!(". {code}: {message}"));
                format!(
                    "{label} had an invalid run in {}, which {are} left out for all entrants, since what fails often is not \
                     measured by its good blocks alone{}",
                    numbered(blocks),
                    reasons.collect::<String>()
                )
            }
            Self::UrlNotFresh { label } => format!(
                "bench did not start {label}, which keeps its state from run to run: its caches, its garbage and its \
                 neighbours are part of what is compared"
            ),
            Self::StoredUnequally { metrics } => format!(
                "no verdict on {}: a target keeps every transaction, and one that is faster, or that was warmed up longer, was \
                 given more to keep; compare memory at a fixed rate after a fixed warm-up (--rate 1k --warmup 10s)",
                titles(metrics)
            ),
            Self::NotMeasured { label, metrics } => {
                format!("not measured for {label}, and so not compared: {}", titles(metrics))
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
        WarningText { code: self.code().to_owned(), message: self.message(), invalidates: false }
    }
}

impl From<Advice> for WarningText {
    fn from(advice: Advice) -> Self {
        advice.text()
    }
}

fn titles(metrics: &[Metric]) -> String {
    metrics.iter().map(|metric| metric.title()).collect::<Vec<_>>().join("; ")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Blocks as people count them, from 1.
fn numbered(blocks: &[usize]) -> String {
    let numbers: Vec<String> = blocks.iter().map(|block| (block + 1).to_string()).collect();
    format!("block{} {}", if blocks.len() == 1 { "" } else { "s" }, numbers.join(", "))
}

/// Says where the base's interval against itself lies wholly beyond the margin, whatever the family makes of its
/// p-value. Only metrics that get verdicts are looked at, since of many some always stray.
pub(super) fn of_control(control: &[Pair], rules: &Rules) -> Vec<Advice> {
    let differs = |pair: &&Pair| pair.verdict.is_some() && pair.beyond_margin(rules).is_some();
    let advice = |pair: &Pair| {
        let (low, high) = (pair.low?, pair.high?);
        Some(Advice::ControlDiffers { metric: pair.metric, ratio: pair.ratio, low, high })
    };
    control.iter().filter(differs).filter_map(advice).collect()
}

/// Says what the number of blocks does to the result, and what was known of the plan beforehand.
pub(super) fn of_blocks(plan: &ComparisonPlan, count: &BlockCount) -> Vec<Advice> {
    let (needed, tests) = (plan.blocks_needed(), plan.tests());
    let mut advice = Vec::new();
    if count.is_unfinished(plan) {
        advice.push(Advice::Unfinished { usable: count.used, planned: count.planned });
    } else if count.used < needed && count.planned >= needed && tests > 0 {
        advice.push(Advice::TooFewUsed { used: count.used, needed, tests });
    }
    // In the words of the first run that has the code.
    let mut lost: BTreeMap<&str, (Vec<usize>, BTreeMap<String, String>)> = BTreeMap::new();
    for run in &count.lost {
        let (blocks, reasons) = lost.entry(&run.label).or_default();
        blocks.push(run.block);
        for (code, message) in run.codes.iter().zip(&run.messages) {
            reasons.entry(code.clone()).or_insert_with(|| message.clone());
        }
    }
    // What befell several in the same blocks for the same reasons, such as a busy machine, is said once.
    type Alike<'a> = (Vec<&'a str>, BTreeMap<String, String>);
    let mut alike: BTreeMap<(Vec<usize>, Vec<String>), Alike<'_>> = BTreeMap::new();
    for (label, (blocks, reasons)) in lost {
        let codes = reasons.keys().cloned().collect();
        alike.entry((blocks, codes)).or_insert_with(|| (Vec::new(), reasons)).0.push(label);
    }
    advice.extend(alike.into_iter().map(|((blocks, _), (labels, reasons))| Advice::LostBlocks {
        label: labels.join(", "),
        blocks,
        reasons,
    }));
    advice.extend(plan.advice());
    advice
}

/// Sums up the warnings of each entrant's runs in the used blocks, the control's with the base's: one advice a code,
/// with the words of the first run that has it.
pub(super) fn of_runs(plan: &ComparisonPlan, used: &[&Block]) -> Vec<Advice> {
    let mut advice = Vec::new();
    for (index, entrant) in plan.entrants.iter().enumerate() {
        let is_its = |slot: Slot| slot == Slot::Entrant(index) || (slot == Slot::Control && index == 0);
        let runs: Vec<_> = used.iter().flat_map(|block| &block.runs).filter(|run| is_its(run.slot)).collect();
        let mut codes: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for warning in runs.iter().flat_map(|run| &run.report.warnings) {
            codes.entry(&warning.code).or_insert((0, &warning.message)).0 += 1;
        }
        advice.extend(codes.into_iter().map(|(code, (count, message))| Advice::RunWarnings {
            label: entrant.label.clone(),
            code: code.to_owned(),
            runs: count,
            of: runs.len(),
            message: message.to_owned(),
        }));
    }
    advice
}
