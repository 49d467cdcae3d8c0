//! A level of a search: the run at one rate, what it says of the target, and the figures that reports show of it.

use super::search::{Answer, Purpose};
use crate::report::RunReport;
use crate::slo::{Breach, Slo, failed_percent};
use crate::summary::LatencyFigures;
use crate::warning::WarningText;
use serde::Serialize;

/// A level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Level {
    /// From 1, in the order in which they ran.
    pub number: usize,
    /// Requests per second that were due.
    pub rate_per_s: f64,
    /// Why it was tried.
    pub purpose: Purpose,
    /// What it says, and why.
    #[serde(flatten)]
    pub judgement: Judgement,
    /// What was measured.
    pub figures: LevelFigures,
    /// All that the run says of itself.
    pub warnings: Vec<WarningText>,
}

/// What a run says of the rate that it offered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judgement {
    /// Whether the target bore it.
    pub answer: Answer,
    /// The conditions of the SLO that its figures break, whatever the answer.
    pub breaches: Vec<Breach>,
    /// The codes of the warnings that the answer rests on.
    pub codes: Vec<String>,
}

/// The figures of a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LevelFigures {
    /// Verified responses in the window.
    pub requests: u64,
    /// The same per second.
    pub tps: f64,
    /// Failed requests in percent of all that were due.
    pub failed_percent: f64,
    /// Latency from the due time to the complete answer.
    pub latency_us: LatencyFigures,
    /// CPUs that the target kept busy, on average; absent where it was not sampled.
    pub target_cpus_busy: Option<f64>,
    /// The same as a part of those that it had, 0 to 1.
    pub target_cpu_utilisation: Option<f64>,
    /// CPU time of the generator as a part of what it had, 0 to 1.
    pub generator_cpu_utilisation: f64,
    /// Requests that waited since every connection was busy, in percent of those that were sent.
    pub queued_percent: f64,
}

/// What no disturbance makes a sound target do.
pub(super) const ALWAYS_THE_TARGETS: [&str; 3] = ["target-died", "target-restarted", "mismatches"];
/// What a target does that cannot bear the rate.
const THE_TARGETS: [&str; 6] =
    ["no-transactions", "errors", "resent", "silence", "connections-missing", OVERLOAD];
const OVERLOAD: &str = "overload";
const SATURATED: &str = "generator-saturated";
const LATE: &str = "late";
/// A generator that sends late is too slow for the rate from this part of its CPUs on; below it, something else kept
/// it from them.
const LATE_FOR_WANT_OF_CPU: f64 = 0.5;

impl Level {
    /// Whether it is one of those that confirm what held before.
    #[must_use]
    pub fn confirms(&self) -> bool {
        self.purpose == Purpose::Confirm
    }
}

impl Judgement {
    /// Judges a run by the SLO and by its own warnings.
    ///
    /// Whatever makes a run invalid and is not known to be the target's counts as a disturbance: a rule that is added
    /// to the warnings one day is no verdict on the target until somebody says so here.
    #[must_use]
    pub fn of(slo: &Slo, report: &RunReport) -> Self {
        let breaches = slo.breaches(&report.summary);
        let among = |codes: &[&str], code: &String| codes.contains(&code.as_str());
        let invalidating: Vec<String> = report.invalidating().map(|warning| warning.code.clone()).collect();
        let pick = |wanted: &dyn Fn(&String) -> bool| -> Vec<String> {
            invalidating.iter().filter(|code| wanted(code)).cloned().collect()
        };
        let wrong = pick(&|code| among(&ALWAYS_THE_TARGETS, code));
        let is_busy = report.generator.cpu_utilisation >= LATE_FOR_WANT_OF_CPU;
        let generators = pick(&|code| code == SATURATED || is_busy && code == LATE);
        let disturbances = pick(&|code| !among(&THE_TARGETS, code) && !among(&ALWAYS_THE_TARGETS, code));
        let overload = report.warnings.iter().map(|warning| &warning.code).find(|code| *code == OVERLOAD);
        let mut failures = pick(&|code| among(&THE_TARGETS, code));
        failures.extend(overload.filter(|code| !failures.contains(code)).cloned());
        let (answer, codes) = if !wrong.is_empty() {
            (Answer::Breaks, wrong)
        } else if !generators.is_empty() && generators.len() == disturbances.len() {
            (Answer::GeneratorLimit, generators)
        } else if !disturbances.is_empty() {
            (Answer::NoVerdict, disturbances)
        } else if !breaches.is_empty() || !failures.is_empty() {
            (Answer::Breaks, failures)
        } else {
            (Answer::Holds, Vec::new())
        };
        Self { answer, breaches, codes }
    }

    /// Whether another run may say more: what disturbed this one may pass, where a saturated generator stays so.
    #[must_use]
    pub fn is_worth_repeating(&self) -> bool {
        match self.answer {
            Answer::Holds | Answer::Breaks => false,
            Answer::GeneratorLimit => !self.codes.iter().any(|code| code == SATURATED),
            Answer::NoVerdict => true,
        }
    }
}

impl LevelFigures {
    /// Those of a run.
    #[must_use]
    pub fn of(report: &RunReport) -> Self {
        let summary = &report.summary;
        let cpu_us = report.target.as_ref().map(|target| target.cpu_us_per_request);
        let busy = cpu_us.map(|cpu_us| cpu_us * summary.tps / 1e6);
        let cpus = report.plan.target_cpus.len();
        let queued =
            summary.offered.map_or(0.0, |offered| offered.queued as f64 / offered.sent.max(1) as f64 * 100.0);
        Self {
            requests: summary.requests,
            tps: summary.tps,
            failed_percent: failed_percent(summary),
            latency_us: summary.latency_us,
            target_cpus_busy: busy,
            target_cpu_utilisation: busy.filter(|_| cpus > 0).map(|busy| busy / cpus as f64),
            generator_cpu_utilisation: report.generator.cpu_utilisation,
            queued_percent: queued,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::tests::report;
    use crate::warning::Verdict;

    #[test]
    fn answers() {
        let slo: Slo = "p99<20ms".parse().unwrap();
        let fast = 5_000.0;
        for (warnings, p99_us, answer, codes) in [
            (&[][..], fast, Answer::Holds, &[][..]),
            (&[("queued", false), ("few-requests", false)], fast, Answer::Holds, &[]),
            (&[], 25_000.0, Answer::Breaks, &[]),
            (&[("overload", false)], fast, Answer::Breaks, &["overload"]),
            (&[("overload", true)], 9e6, Answer::Breaks, &["overload"]),
            (&[("errors", true)], fast, Answer::Breaks, &["errors"]),
            (&[("errors", false)], fast, Answer::Holds, &[]),
            (&[("machine-busy", false)], fast, Answer::Holds, &[]),
            (&[("machine-busy", true)], fast, Answer::NoVerdict, &["machine-busy"]),
            (&[("machine-busy", true), ("overload", true)], 9e6, Answer::NoVerdict, &["machine-busy"]),
            (&[("a-rule-of-tomorrow", true)], fast, Answer::NoVerdict, &["a-rule-of-tomorrow"]),
            (&[("late", true)], fast, Answer::NoVerdict, &["late"]),
            (&[("late", true), ("steal", true)], fast, Answer::NoVerdict, &["late", "steal"]),
            (
                &[("generator-saturated", true), ("overload", true)],
                9e6,
                Answer::GeneratorLimit,
                &["generator-saturated"],
            ),
            (&[("target-died", true), ("machine-busy", true)], fast, Answer::Breaks, &["target-died"]),
            (&[("mismatches", true)], fast, Answer::Breaks, &["mismatches"]),
        ] {
            let mut report = report(1000.0, p99_us);
            let warning = |&(code, invalidates): &(&str, bool)| WarningText {
                code: code.to_owned(),
                message: String::new(),
                invalidates,
            };
            report.warnings = warnings.iter().map(warning).collect();
            let invalid = report.invalidating().next().is_some();
            report.verdict = if invalid { Verdict::Invalid } else { Verdict::Valid };
            let judgement = Judgement::of(&slo, &report);
            assert_eq!(judgement.answer, answer, "{warnings:?}");
            assert_eq!(judgement.codes, codes, "{warnings:?}");
        }
    }

    #[test]
    fn late_for_want_of_cpu_is_the_generators_limit() {
        let mut report = report(1000.0, 5_000.0);
        report.verdict = Verdict::Invalid;
        let message = String::new();
        report.warnings = vec![WarningText { code: LATE.to_owned(), message, invalidates: true }];
        report.generator.cpu_utilisation = 0.7;
        let judgement = Judgement::of(&"p99<20ms".parse().unwrap(), &report);
        assert_eq!((judgement.answer, judgement.is_worth_repeating()), (Answer::GeneratorLimit, true));
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let judgement =
            |answer, code: &str| Judgement { answer, breaches: vec![], codes: vec![code.to_owned()] };
        for (answer, code, again) in [
            (Answer::Holds, "", false),
            (Answer::Breaks, "overload", false),
            (Answer::NoVerdict, "steal", true),
            (Answer::GeneratorLimit, "late", true),
            (Answer::GeneratorLimit, "generator-saturated", false),
        ] {
            assert_eq!(judgement(answer, code).is_worth_repeating(), again, "{code}");
        }
    }

    #[test]
    fn figures() {
        let figures = LevelFigures::of(&report(1000.0, 5_000.0));
        assert_eq!((figures.tps, figures.failed_percent, figures.latency_us.p99), (1000.0, 0.0, 5_000.0));
        assert_eq!(figures.target_cpus_busy, Some(0.1));
        assert_eq!(figures.target_cpu_utilisation, Some(0.05), "of two CPUs");
    }
}
