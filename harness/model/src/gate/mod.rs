//! A gate: whether a candidate is surely worse than its base, by more than is allowed, on any of a few metrics.
//!
//! Of blocks of runs of both, the comparison says so already: its thresholds against the base are the rules. Here is what is
//! asked when the base's runs were made at another time, and what both come to.

mod apart;

use crate::metric::Metric;
use crate::stats::{detectable, least_p, median, standard_deviation};
use crate::threshold::{Outcome, Relative, State, Subject, Threshold};
use serde::Serialize;

/// Of the intervals; half of what is left is the level of the test, which looks to one side only.
pub const CONFIDENCE: f64 = 0.95;

/// How much worse than the base a metric may become.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Which metric.
    pub metric: Metric,
    /// By how many percent of the base's figure, above 0.
    pub by_percent: f64,
}

/// What was measured of one metric, in its unit: a value a run, above 0 and finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Samples {
    /// The base's; of blocks in their order.
    pub base: Vec<f64>,
    /// The candidate's.
    pub candidate: Vec<f64>,
}

/// What the gate comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Everything held.
    Passed,
    /// Something failed.
    Failed,
    /// Nothing failed, and not all held.
    Inconclusive,
    /// There was nothing to judge, or something that was asked for could not be looked at.
    Invalid,
}

/// One metric of a gate.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What came of the rule, in the fields that thresholds have everywhere. What was measured is the candidate's figure over
    /// the base's.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Which metric.
    pub metric: Metric,
    /// The base's median over its runs, in [`Metric::unit`]; absent where there is none.
    pub base_median: Option<f64>,
    /// The candidate's.
    pub candidate_median: Option<f64>,
    /// By how much worse a candidate must be for so many runs of such noise to fail it four times in five, as a part of the
    /// base's figure. Absent where so few runs could fail nothing.
    pub catches: Option<f64>,
}

impl Rule {
    /// The rule as a threshold: `cpu worse than base by 3%`.
    #[must_use]
    pub fn threshold(self) -> Threshold {
        let Self { metric, by_percent } = self;
        Threshold::Relative(Relative { subject: Subject::Metric(metric), by_percent })
    }

    /// The rule that a threshold is, of the metric that its outcome is about.
    fn of(outcome: &Outcome) -> Option<Self> {
        let relative = outcome.threshold.relative()?;
        let metric = match relative.subject {
            Subject::Metric(metric) => metric,
            Subject::Any => outcome.figure?.metric()?,
        };
        Some(Self { metric, by_percent: relative.by_percent })
    }

    /// The ratio to the base beyond which the metric fails.
    fn limit(self) -> f64 {
        let Self { metric, by_percent } = self;
        Relative { subject: Subject::Metric(metric), by_percent }.limit(metric)
    }

    /// The same as a distance of logarithms: how much worse it may be at most, whichever way the metric goes.
    fn worst(self) -> f64 {
        self.limit().ln().abs()
    }

    /// What a gate of a family of so many metrics catches, see [`Finding::catches`]: by the usual formula for one-sided tests
    /// on normal noise.
    fn catches(self, standard_error: Option<f64>, family: usize) -> Option<f64> {
        let confidence = 1.0 - (1.0 - CONFIDENCE) / family.max(1) as f64;
        let ratio = (self.worst() + detectable(standard_error?, 1, confidence)).exp();
        Some(if self.metric.higher_is_better() { 1.0 - 1.0 / ratio } else { ratio - 1.0 })
    }
}

impl Samples {
    /// Whether there is anything to judge.
    fn is_there(&self) -> bool {
        !self.base.is_empty() && !self.candidate.is_empty()
    }

    fn medians(&self) -> (Option<f64>, Option<f64>) {
        (median(&self.base), median(&self.candidate))
    }
}

/// The findings of a comparison in blocks: its outcomes against the base, with the figures behind them. Other outcomes are
/// left out.
#[must_use]
pub fn of_blocks(outcomes: &[Outcome], samples: impl Fn(Metric) -> Option<Samples>) -> Vec<Finding> {
    let ruled = outcomes.iter().filter_map(|outcome| Some((Rule::of(outcome)?, outcome)));
    let family = ruled.clone().filter(|(_, outcome)| outcome.measured.is_some()).count();
    let finding = |(rule, outcome): (Rule, &Outcome)| {
        let samples = samples(rule.metric);
        let (base_median, candidate_median) = samples.as_ref().map_or((None, None), Samples::medians);
        let outcome = outcome.clone();
        // Bounds that are all the same have no noise, and catch nothing for it.
        let is_bound = outcome.measured.as_ref().is_some_and(|found| found.at_least || found.at_most);
        let error =
            samples.as_ref().filter(|_| !is_bound).and_then(|samples| error_of_pairs(samples, family));
        Finding {
            catches: rule.catches(error, family),
            outcome,
            metric: rule.metric,
            base_median,
            candidate_median,
        }
    };
    ruled.map(finding).collect()
}

/// The standard error of the mean of the pairs' logarithms; None where there are too few of them to fail one of a family.
fn error_of_pairs(samples: &Samples, family: usize) -> Option<f64> {
    let pairs = samples.base.iter().zip(&samples.candidate);
    let logs: Vec<f64> = pairs.map(|(base, candidate)| (candidate / base).ln()).collect();
    let can_fail = least_p(logs.len()) * family as f64 <= 1.0 - CONFIDENCE;
    standard_deviation(&logs).filter(|_| can_fail).map(|deviation| deviation / (logs.len() as f64).sqrt())
}

/// The findings against stored runs, as one family. Metrics without samples are not evaluated.
#[must_use]
pub fn of_stored(rules: &[Rule], samples: impl Fn(Metric) -> Option<Samples>) -> Vec<Finding> {
    let there = |rule: &Rule| (*rule, samples(rule.metric).filter(Samples::is_there));
    apart::judge(rules.iter().map(there).collect())
}

/// Leaves every finding in doubt, since something beside the figures forbids to judge them.
pub fn doubt(findings: &mut [Finding]) {
    for finding in findings.iter_mut().filter(|finding| finding.outcome.measured.is_some()) {
        finding.outcome.state = State::Inconclusive { settle_blocks: None };
    }
}

/// Leaves in doubt what held by stored figures while the candidate's are only lower bounds: these may be any worse.
pub fn bound(findings: &mut [Finding], is_bound: impl Fn(Metric) -> bool) {
    for finding in findings.iter_mut().filter(|finding| is_bound(finding.metric)) {
        let Some(measured) = &mut finding.outcome.measured else { continue };
        measured.at_least = true;
        finding.catches = None;
        if finding.outcome.state == State::Held {
            finding.outcome.state = State::Inconclusive { settle_blocks: None };
        }
    }
}

/// What outcomes come to together.
#[must_use]
pub fn verdict<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Verdict {
    let states: Vec<&State> = outcomes.into_iter().map(|outcome| &outcome.state).collect();
    if states.contains(&&State::Failed) {
        Verdict::Failed
    } else if states.is_empty() || states.iter().any(|state| matches!(state, State::NotEvaluated { .. })) {
        Verdict::Invalid
    } else if states.iter().any(|state| **state != State::Held) {
        Verdict::Inconclusive
    } else {
        Verdict::Passed
    }
}

#[cfg(test)]
mod tests;
