//! What a gate's runs come to: findings, a verdict, and what must be known beside them.

use super::{Base, Why, short};
use crate::report::gate::{Method, Side};
use bench_model::comparison::{Advice, Comparison, ComparisonPlan};
use bench_model::gate::{self, Finding, Rule, Samples, Verdict};
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use bench_model::threshold::Outcome;
use bench_model::warning::WarningText;

/// What a gate asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) rules: &'a [Rule],
    pub(crate) base: &'a Base,
    /// Whether stored figures of another machine are taken for what they are not.
    pub(crate) allow_other_machine: bool,
}

/// A gate that was judged.
#[derive(Debug, Clone)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) findings: Vec<Finding>,
    /// What came of the scenario's other thresholds, of the candidate.
    pub(crate) others: Vec<Outcome>,
    pub(crate) method: Method,
    pub(crate) base: Side,
    pub(crate) candidate: Side,
    /// What forbids trusting the verdict as far as that of interleaved blocks, in sentences.
    pub(crate) alarms: Vec<String>,
}

impl Judged {
    /// Everything that the verdict rests on.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        let findings = self.findings.iter().map(|finding| finding.outcome.clone());
        findings.chain(self.others.iter().cloned()).collect()
    }
}

/// Judges what the comparison's runs and, of a stored base, the baseline's have measured.
pub(crate) fn judge(asked: Asked<'_>, plan: &ComparisonPlan, comparison: &Comparison) -> Judged {
    let Asked { rules, base, allow_other_machine } = asked;
    let of = |index: usize, metric: Metric| {
        Some(comparison.figures.get(index)?.values.get(&metric)?.values.clone())
    };
    let mut findings = match base {
        Base::Built { .. } => gate::of_blocks(&comparison.thresholds, |metric| {
            Some(Samples { base: of(0, metric)?, candidate: of(1, metric)? })
        }),
        Base::Stored { baseline, .. } => gate::of_stored(rules, |metric| {
            Some(Samples { base: baseline.values.get(&metric)?.clone(), candidate: of(0, metric)? })
        }),
    };
    let (base_side, candidate) = sides(base, plan);
    let mut alarms = Vec::new();
    if let (Base::Built { .. }, Some(true)) = (base, base_side.source.as_ref().map(|source| source.dirty)) {
        alarms.push(
            "The base's folder holds what its commit does not: it was edited after it was checked out, or its build writes \
             files there that .gitignore does not name. So it may not be the code of that commit."
                .to_owned(),
        );
    }
    if let Base::Stored { name, baseline, why } = base {
        alarms.push(weaker(name, base, why));
        let is_bound =
            |metric| comparison.figures.first().is_some_and(|figures| figures.bounded.contains_key(&metric));
        gate::bound(&mut findings, is_bound);
        let warned = |warning: &WarningText| format!("Of the runs of {name}: {}.", warning.message);
        alarms.extend(baseline.warnings.iter().map(warned));
        let cannot_fail = findings.iter().all(|finding| finding.catches.is_none());
        alarms.extend(cannot_fail.then(|| too_few(baseline.runs(), comparison.blocks.used)).flatten());
        if let Some(alarm) = other_machine(&baseline.machine, &plan.machine, allow_other_machine) {
            if !allow_other_machine {
                gate::doubt(&mut findings);
            }
            alarms.push(alarm);
        }
    }
    let grave = comparison.advice.iter().filter(|advice| is_grave(advice));
    alarms.extend(grave.map(alarm));
    for finding in &mut findings {
        finding.outcome.target = Some(candidate.name.clone());
        finding.outcome.base = Some(base_side.name.clone());
    }
    let method = match base {
        Base::Built { .. } => Method::Interleaved,
        Base::Stored { baseline, .. } => {
            Method::Stored { measured_at: baseline.measured_at.clone(), runs: baseline.runs() }
        }
    };
    let others = others(plan, comparison, &findings);
    let verdict = gate::verdict(findings.iter().map(|finding| &finding.outcome).chain(&others));
    Judged { verdict, findings, others, method, base: base_side, candidate, alarms }
}

/// The scenario's own thresholds, as far as they are about the candidate.
fn others(plan: &ComparisonPlan, comparison: &Comparison, findings: &[Finding]) -> Vec<Outcome> {
    let candidate = plan.entrants.last().map(|entrant| entrant.label.as_str());
    let is_rule =
        |outcome: &Outcome| findings.iter().any(|finding| finding.outcome.threshold == outcome.threshold);
    let is_its = |outcome: &&Outcome| outcome.target.is_none() || outcome.target.as_deref() == candidate;
    let outcomes = comparison.thresholds.iter().filter(|outcome| !is_rule(outcome));
    outcomes.filter(is_its).cloned().collect()
}

/// Both sides, as reports name them.
fn sides(base: &Base, plan: &ComparisonPlan) -> (Side, Side) {
    let of = |index: usize, name: Option<&str>| {
        let entrant = plan.entrants.get(index);
        let target = entrant.map_or_else(String::new, |entrant| entrant.plan.target.name().to_owned());
        let name = name.map_or_else(|| target.clone(), str::to_owned);
        Side { name, target, source: entrant.and_then(|entrant| entrant.source.clone()) }
    };
    match base {
        Base::Built { name, .. } => (of(0, Some(name)), of(1, None)),
        Base::Stored { name, baseline, .. } => {
            let source = baseline.source.clone();
            (Side { name: name.clone(), target: baseline.target.clone(), source }, of(0, None))
        }
    }
}

/// Whether advice about the comparison forbids trusting the gate, too. That nothing could come out better or worse is none: a
/// gate does not ask it.
pub(crate) fn is_grave(advice: &Advice) -> bool {
    matches!(advice, Advice::TooFewToFail { .. } | Advice::TooFewUsed { .. } | Advice::Unfinished { .. })
}

/// Grave advice in a sentence. A gate is made again, and not finished: its candidate may be another one by then.
fn alarm(advice: &Advice) -> String {
    match advice {
        Advice::Unfinished { usable, planned } => format!(
            "Only {usable} of {planned} blocks could be used: gate it again once what took the others, as told below, is mended. \
             Nothing is to be concluded from where this one stopped."
        ),
        advice => advice.message() + ".",
    }
}

/// What so few runs cannot say; nothing where the candidate has none, of which the verdict tells.
fn too_few(stored: usize, now: usize) -> Option<String> {
    match (stored, now) {
        (_, 0) => None,
        (1, _) => Some(
            "The baseline is one run, whose noise nobody knows: all that can be said is by how much the candidate is beyond \
             its figures, and nothing can fail or hold. Measure one of 8 runs or more (bench baseline measure)."
                .to_owned(),
        ),
        _ => Some(format!(
            "With {stored} stored runs and {now} of the candidate nothing can fail, however much worse it is: run more \
             (--blocks), or measure a baseline of more runs."
        )),
    }
}

fn weaker(name: &str, base: &Base, why: &Why) -> String {
    let stronger = match base.baseline().and_then(|baseline| baseline.revision()) {
        Some(commit) if *why == Why::Asked => {
            format!(" Without --stored, {} is built and run in turns.", short(commit))
        }
        _ => " Name a commit (--base-rev) to have both built and run in turns.".to_owned(),
    };
    format!(
        "Compared with the stored figures of {name}, since {why}, which is much weaker: nothing was run in turns, so that \
         whatever the machine did otherwise then is part of every change, and no interval covers it.{stronger}"
    )
}

fn other_machine(then: &Machine, now: &Machine, allowed: bool) -> Option<String> {
    let differences: Vec<String> = then
        .differences(now)
        .into_iter()
        .map(|(what, then, now)| format!("{what}: {then} then, {now} now"))
        .collect();
    let consequence = if allowed {
        "That is allowed by --allow-other-machine, and part of every change."
    } else {
        "So the gate can neither fail nor pass (--allow-other-machine judges all the same)."
    };
    let list = differences.join("; ");
    (!differences.is_empty())
        .then(|| format!("The baseline was measured on ANOTHER MACHINE ({list}). {consequence}"))
}
