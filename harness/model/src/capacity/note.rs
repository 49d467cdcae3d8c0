//! What a reader must know before believing a capacity: a reason, a message and a remedy each.

use super::CapacityPlan;
use super::level::Level;
use super::search::Answer;
use crate::plan::TargetPlan;
use crate::warning::WarningText;
use serde::Serialize;
use std::collections::BTreeMap;

/// A reason to read a capacity with care. Serialised as its code and message, like a run's warnings.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(into = "WarningText")]
#[allow(missing_docs, reason = "each variant's message says what it means, and its fields are named in it")]
pub enum Note {
    UrlNotFresh,
    NotSharp { rates_per_s: Vec<f64> },
    FewRequests { percentile: &'static str, requests: u64, needed: u64 },
    RunWarnings { code: String, runs: usize, of: usize, message: String },
}

impl Note {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UrlNotFresh => "url-not-fresh",
            Self::NotSharp { .. } => "not-sharp",
            Self::FewRequests { .. } => "few-requests",
            Self::RunWarnings { .. } => "run-warnings",
        }
    }

    /// What is so, what it means and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::UrlNotFresh => {
                "bench did not start this server, which carries what an overload left behind into the \
                next level: its caches, its garbage and its queues are part of what is found"
                    .to_owned()
            }
            Self::NotSharp { rates_per_s } => {
                let rates: Vec<String> = rates_per_s.iter().map(|rate| format!("{rate}/s")).collect();
                format!(
                    "{} held once and then no longer, so that the limit is no sharp one and the capacity lies lower than \
                     a lucky run would have it: measure each level longer (--duration), or look for what disturbs the \
                     target",
                    rates.join(", ")
                )
            }
            Self::FewRequests { percentile, requests, needed } => format!(
                "{requests} requests a run are too few for {percentile}, which takes {needed}: fewer than ten lie \
                 beyond it; measure each level longer (--duration)"
            ),
            Self::RunWarnings { runs, of, message, .. } => {
                format!("{runs} of {of} runs that confirmed it: {message}")
            }
        }
    }

    /// The note as the JSON output shows it.
    #[must_use]
    pub fn text(&self) -> WarningText {
        WarningText { code: self.code().to_owned(), message: self.message(), invalidates: false }
    }
}

impl From<Note> for WarningText {
    fn from(note: Note) -> Self {
        note.text()
    }
}

/// Those of a target's search. `confirming` are the levels that confirmed its capacity.
pub(super) fn of_levels(
    plan: &CapacityPlan,
    target: usize,
    levels: &[Level],
    confirming: &[Level],
) -> Vec<Note> {
    let mut notes = Vec::new();
    let is_url = |target: &TargetPlan| matches!(target, TargetPlan::Url { .. });
    if plan.targets.get(target).is_some_and(|entrant| is_url(&entrant.plan.target)) {
        notes.push(Note::UrlNotFresh);
    }
    let failed = levels.iter().filter(|level| level.confirms() && level.judgement.answer != Answer::Holds);
    let rates_per_s: Vec<f64> = failed.map(|level| level.rate_per_s).collect();
    if !rates_per_s.is_empty() {
        notes.push(Note::NotSharp { rates_per_s });
    }
    let requests = confirming.iter().map(|level| level.figures.requests).min();
    let statistic = plan.slo.statistic();
    if let (Some(requests), Some(statistic)) = (requests, statistic)
        && requests < statistic.requests_needed()
    {
        let needed = statistic.requests_needed();
        notes.push(Note::FewRequests { percentile: statistic.title(), requests, needed });
    }
    notes.extend(warnings(confirming));
    notes
}

/// What the confirming runs say of themselves, but for how few their requests are: that concerns the SLO's percentile
/// alone, which has a note of its own.
fn warnings(confirming: &[Level]) -> Vec<Note> {
    let mut by_code: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    let all = confirming.iter().flat_map(|level| &level.warnings);
    for warning in all.filter(|warning| warning.code != "few-requests") {
        by_code.entry(&warning.code).or_insert((0, &warning.message)).0 += 1;
    }
    let of = confirming.len();
    let note = move |(code, (runs, message)): (&str, (usize, &str))| Note::RunWarnings {
        code: code.to_owned(),
        runs,
        of,
        message: message.to_owned(),
    };
    by_code.into_iter().map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::tests::{plan, report};
    use crate::capacity::{Finding, Judgement, Search, Step};

    fn codes(notes: &[Note]) -> Vec<&'static str> {
        notes.iter().map(Note::code).collect()
    }

    #[test]
    fn notes_of_a_search() {
        let mut plan = plan(1);
        plan.search.max_per_s = 2000.0;
        plan.targets[0].plan.target = TargetPlan::Url { url: "http://h/".to_owned(), pid: None };
        let mut search = Search::new(plan.search);
        let mut runs = Vec::new();
        while let Step::Try { rate_per_s, .. } = search.next() {
            let fails = runs.len() == 3;
            let mut run = report(rate_per_s, if fails { 31_400.0 } else { 5_000.0 });
            let code = |code: &str| WarningText {
                code: code.to_owned(),
                message: "a message".to_owned(),
                invalidates: false,
            };
            run.warnings = vec![code("few-requests"), code("steal")];
            search.record(Judgement::of(&plan.slo, &run).answer);
            runs.push(run);
        }
        let found = Finding::of(&plan, 0, &runs, 0);
        assert_eq!(found.capacity_per_s, Some(1961.0));
        assert_eq!(codes(&found.notes), ["url-not-fresh", "not-sharp", "run-warnings"]);
        assert_eq!(found.notes[1], Note::NotSharp { rates_per_s: vec![2000.0] });
        assert!(found.notes[2].message().starts_with("3 of 3 runs that confirmed it: a message"));
    }

    #[test]
    fn a_percentile_needs_its_requests() {
        let mut plan = plan(1);
        plan.slo = "errors<1%,p99.9<1s".parse().unwrap();
        plan.search.max_per_s = 1000.0;
        let run = report(1000.0, 1.0);
        let runs = vec![run; 4];
        let found = Finding::of(&plan, 0, &runs, 0);
        let few = Note::FewRequests { percentile: "P99.9", requests: 8000, needed: 10_000 };
        assert_eq!(found.notes, std::slice::from_ref(&few));
        let json = serde_json::to_value(&few).unwrap();
        assert_eq!(json["code"], "few-requests");
    }
}
