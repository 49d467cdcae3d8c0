//! What every rendering for people says of a gate: the verdict in a sentence, the cells of the table, what must be known.

use super::{GateSource, Method, Side};
use crate::report::amount::seconds;
use crate::report::comparison::quantity::{figure, part};
use crate::report::comparison::words::{counted, list, offered};
use crate::thresholds::Inconclusive;
use bench_model::gate::{Finding, Verdict};
use bench_model::threshold::{Measured, State};

/// What stands where there is no number.
const NONE: &str = "-";

/// The heads of the table's columns.
pub(super) const HEADS: [&str; 7] =
    ["metric", "base", "candidate", "change", "95% interval", "margin", "outcome"];

/// The verdict in a word.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "PASSED",
        Verdict::Failed => "FAILED",
        Verdict::Inconclusive => "INCONCLUSIVE",
        Verdict::Invalid => "INVALID",
    }
}

/// What follows the verdict in the first line.
pub(super) fn headline(source: &GateSource<'_>) -> String {
    let findings = &source.judged.findings;
    let base = &source.judged.base.name;
    let with = |wanted: fn(&State) -> bool| -> Vec<&Finding> {
        findings.iter().filter(|finding| wanted(&finding.outcome.state)).collect()
    };
    let nouns = |findings: &[&Finding]| {
        let nouns: Vec<&str> = findings.iter().map(|finding| source.noun(finding.metric)).collect();
        list(&nouns)
    };
    let others = |wanted: fn(&State) -> bool| -> Vec<String> {
        let others = source.judged.others.iter().filter(|outcome| wanted(&outcome.state));
        others.map(|outcome| outcome.threshold.to_string()).collect()
    };
    match source.judged.verdict {
        Verdict::Failed => {
            let is_failed: fn(&State) -> bool = |state| *state == State::Failed;
            let worse: Vec<String> =
                with(is_failed).into_iter().map(|finding| failure(source, finding)).collect();
            let worse =
                if worse.is_empty() { None } else { Some(format!("against {base}, {}", list(&worse))) };
            let beyond = others(is_failed);
            let beyond = if beyond.is_empty() { None } else { Some(list(&beyond)) };
            let parts: Vec<String> = [worse, beyond].into_iter().flatten().collect();
            parts.join("; ")
        }
        Verdict::Passed => {
            let held = with(|_| true);
            let are = if held.len() == 1 { "is" } else { "are" };
            format!("{} {are} not worse than {base} by more than is allowed", nouns(&held))
        }
        Verdict::Inconclusive => {
            let open = with(|state| *state != State::Held);
            format!("nothing is surely worse than {base}; not settled: {}", nouns(&open))
        }
        Verdict::Invalid if source.compared.comparison.blocks.used == 0 => {
            let blocks = &source.compared.comparison.blocks;
            format!("of {} none can be used", counted(blocks.complete, "complete block"))
        }
        Verdict::Invalid => {
            let is_blind: fn(&State) -> bool = |state| matches!(state, State::NotEvaluated { .. });
            let blind: Vec<String> =
                with(is_blind).into_iter().map(|finding| finding.outcome.threshold.to_string()).collect();
            format!("nobody could look at {}", list(&[blind, others(is_blind)].concat()))
        }
    }
}

/// `CPU per request is 9.8% worse (8.5% at least; 3% is allowed)`.
fn failure(source: &GateSource<'_>, finding: &Finding) -> String {
    let allowed = allowed(finding);
    let noun = source.noun(finding.metric);
    let Some(measured) = &finding.outcome.measured else { return noun.to_owned() };
    let more_is_better = finding.metric.higher_is_better();
    let worse = |ratio: f64| unsigned(if more_is_better { 1.0 - ratio } else { ratio - 1.0 });
    let nearest = if more_is_better { measured.high } else { measured.low };
    let surely = nearest.map_or_else(String::new, |ratio| format!("{} at least; ", worse(ratio)));
    format!("{noun} is {} worse ({surely}{allowed} is allowed)", worse(measured.value))
}

/// The cells of a finding's row, in the order of [`HEADS`].
pub(super) fn cells(source: &GateSource<'_>, finding: &Finding) -> [String; 7] {
    let value =
        |median: Option<f64>| median.map_or_else(|| NONE.to_owned(), |value| figure(finding.metric, value));
    let measured = finding.outcome.measured.as_ref();
    [
        finding.metric.title_of(source.compared.plan.counted()).to_owned(),
        value(finding.base_median),
        value(finding.candidate_median),
        measured.map_or_else(|| NONE.to_owned(), estimate),
        measured.and_then(interval).unwrap_or_else(|| NONE.to_owned()),
        allowed(finding),
        finding.outcome.state.name().to_owned(),
    ]
}

/// The margin: `3%`.
fn allowed(finding: &Finding) -> String {
    let by = finding.outcome.threshold.relative().map_or(0.0, |relative| relative.by());
    part(by)
}

/// The estimate as a change, `>=` or `<=` where it is only a bound, and nothing where it is one either way.
fn estimate(measured: &Measured) -> String {
    match (measured.at_least, measured.at_most) {
        (false, false) => change(measured.value),
        (true, false) => format!(">={}", change(measured.value)),
        (false, true) => format!("<={}", change(measured.value)),
        (true, true) => NONE.to_owned(),
    }
}

/// The interval of the change, open on the side on which it is not known.
fn interval(measured: &Measured) -> Option<String> {
    let (low, high) = (change(measured.low?), change(measured.high?));
    match (measured.at_least, measured.at_most) {
        (false, false) => Some(format!("[{low}, {high}]")),
        (true, false) => Some(format!("[{low}, ...]")),
        (false, true) => Some(format!("[..., {high}]")),
        (true, true) => None,
    }
}

/// A ratio as a change: `+9.8%`, `-0.3%`, `+120%`.
fn change(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    // Not `-0.0%`.
    let percent = if percent.abs() < 0.05 { 0.0 } else { percent };
    if percent.abs() < 99.95 { format!("{percent:+.1}%") } else { format!("{percent:+.0}%") }
}

fn unsigned(part: f64) -> String {
    change(1.0 + part).trim_start_matches('+').to_owned()
}

/// What was run, in a line: `json-echo, 64 connections: 16 blocks of a run of each, 3 s long`.
pub(super) fn measured(source: &GateSource<'_>) -> String {
    let Some(first) = source.compared.plan.entrants.first() else { return String::new() };
    let used = source.compared.comparison.blocks.used;
    let window = seconds(first.plan.duration_s);
    let runs = match source.judged.method {
        Method::Interleaved => format!("{} of a run of each, {window} long", counted(used, "block")),
        Method::Stored { runs, .. } => {
            format!("{} now against {runs} then, {window} long", counted(used, "run"))
        }
    };
    format!("{}, {}: {runs}", first.plan.scenario, offered(source.compared.plan))
}

/// A side with what it was built from: `origin/main: rust at 1a2b3c4d5e6f`.
pub(super) fn side(side: &Side) -> String {
    let source = side.source.as_ref();
    let revision = source.and_then(|source| source.revision.as_deref()).map(crate::gate::short);
    let changed = source.is_some_and(|source| source.dirty);
    let at = match (revision, changed) {
        (Some(revision), false) => format!(" at {revision}"),
        (Some(revision), true) => format!(" at {revision}, with changes that no commit holds"),
        (None, _) => String::new(),
    };
    if side.name == side.target {
        format!("{}{at}", side.target)
    } else {
        format!("{}: {}{at}", side.name, side.target)
    }
}

/// How sure it is, in sentences.
pub(super) fn sureness(source: &GateSource<'_>) -> Vec<String> {
    let findings = &source.judged.findings;
    let caught: Vec<String> = findings
        .iter()
        .filter_map(|finding| {
            Some(format!("{} in {}", unsigned(finding.catches?), source.noun(finding.metric)))
        })
        .collect();
    let risk = match source.judged.method {
        Method::Interleaved => "where nothing is, one gate in 40 fails at most",
        Method::Stored { .. } => {
            "how often one fails where nothing is depends on what the machine did in between"
        }
    };
    let mut sentences = vec![format!(
        "A metric fails where its whole interval is worse than allowed, after Holm's correction for {}: {risk}. It holds where \
         the whole interval is better.",
        counted(findings.len(), "metric")
    )];
    if !source.judged.others.is_empty() {
        sentences.push("The scenario's own thresholds fail by the median, which is no proof.".to_owned());
    }
    let is_bound = |measured: &Measured| measured.at_least || measured.at_most;
    if findings.iter().any(|finding| finding.outcome.measured.as_ref().is_some_and(is_bound)) {
        sentences.push(
            "A latency that lies among requests that were cut off or never sent is only a lower bound: the candidate's may be any \
             worse and does not hold by it, and against the base's nothing fails by it."
                .to_owned(),
        );
    }
    if !caught.is_empty() {
        sentences.push(format!(
            "So many runs of such noise catch, four times in five, what is worse by {}.",
            list(&caught)
        ));
    }
    let open: Vec<String> = findings.iter().filter_map(|finding| settled(source, finding)).collect();
    if !open.is_empty() {
        sentences.push(format!("To settle it, if estimate and noise stay what they are: {}.", list(&open)));
    }
    if source.judged.verdict == Verdict::Inconclusive {
        let exit = match source.inconclusive {
            Inconclusive::Pass => "Inconclusive exits with 0; --inconclusive fail makes it 4.",
            Inconclusive::Fail => "Inconclusive exits with 4, since --inconclusive fail says so.",
        };
        sentences.push(exit.to_owned());
    }
    sentences
}

fn settled(source: &GateSource<'_>, finding: &Finding) -> Option<String> {
    match finding.outcome.state {
        State::Inconclusive { settle_blocks: Some(blocks) } => {
            Some(format!("{} for {}", counted(blocks, "block"), source.noun(finding.metric)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes() {
        for (ratio, text) in [
            (1.098, "+9.8%"),
            (0.9971, "-0.3%"),
            (0.9999, "+0.0%"),
            (1.0004, "+0.0%"),
            (2.2, "+120%"),
            (1.9999, "+100%"),
            (0.01, "-99.0%"),
        ] {
            assert_eq!(change(ratio), text);
        }
        assert_eq!((unsigned(0.05), unsigned(1.5)), ("5.0%".to_owned(), "150%".to_owned()));
    }
}
