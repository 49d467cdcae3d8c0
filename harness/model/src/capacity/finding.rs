//! What the stored runs of one target's search come to: its levels, its capacity, and what limits it.

use super::level::{ALWAYS_THE_TARGETS, Judgement, Level, LevelFigures};
use super::note::{self, Note};
use super::search::{Answer, Ending, Search, Step};
use super::{CapacityPlan, Spread};
use crate::report::RunReport;
use crate::slo::Condition;
use serde::Serialize;

/// What was found of one target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// The target's label.
    pub label: String,
    /// How the search ended.
    pub ending: Ending,
    /// The highest rate that held and was confirmed, in requests per second: the lower end of what is known.
    pub capacity_per_s: Option<f64>,
    /// The lowest rate that did not hold, whoever's fault it was: the upper end.
    pub ceiling_per_s: Option<f64>,
    /// The highest rate that held, be it confirmed or not.
    pub held_per_s: Option<f64>,
    /// Each condition of the SLO over the runs that confirmed the capacity; empty without one.
    pub confirmations: Vec<ConditionSpread>,
    /// What stands in the way of more; absent where nothing did, and where the search did not come to an end.
    pub limit: Option<Limit>,
    /// In the order in which they ran.
    pub levels: Vec<Level>,
    /// Runs that were made again, since something disturbed them.
    pub repeated: usize,
    /// What a reader must know.
    pub notes: Vec<Note>,
}

/// What the confirming runs measured of a condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConditionSpread {
    /// The condition.
    pub condition: Condition,
    /// Microseconds of a latency, percent of failures.
    pub measured: Spread,
}

/// What stands in the way of more, as the run at the lowest rate that did not hold shows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Limit {
    /// The target had no more CPU time.
    TargetCpus {
        /// The part of its CPUs that it used, 0 to 1.
        utilisation: f64,
    },
    /// Every connection was busy.
    Connections {
        /// Requests that waited for one, in percent of those sent.
        queued_percent: f64,
        /// The part of its CPUs that the target used, 0 to 1; absent where it was not sampled.
        utilisation: Option<f64>,
    },
    /// The generator.
    Generator {
        /// The part of its CPUs that it used, 0 to 1.
        utilisation: f64,
    },
    /// Neither the target's CPUs nor the connections.
    Elsewhere {
        /// The part of its CPUs that the target used, 0 to 1.
        utilisation: f64,
    },
    /// Not the connections; of the target nothing else is known.
    Unknown,
}

/// From this part of its CPUs on they are what limits a target.
const BUSY: f64 = 0.9;
/// From this part of the requests on that waited for a connection, these are what limits it, in percent.
const QUEUED_PERCENT: f64 = 10.0;

impl Finding {
    /// What the runs of the target with this index come to, in the order in which they ran. The search is gone through
    /// again with their answers, so that what is found of old runs is what would be found of new ones.
    #[must_use]
    pub fn of(plan: &CapacityPlan, target: usize, runs: &[RunReport], repeated: usize) -> Self {
        let mut search = Search::new(plan.search);
        let mut levels = Vec::new();
        for run in runs {
            let Step::Try { rate_per_s, purpose } = search.next() else { break };
            // A run of another rate is not the one that the search asked for, nor is any after it.
            if run.plan.load.constant_rate_per_s() != Some(rate_per_s) {
                break;
            }
            let judgement = Judgement::of(&plan.slo, run);
            search.record(judgement.answer);
            levels.push(Level {
                number: levels.len() + 1,
                rate_per_s,
                purpose,
                judgement,
                figures: LevelFigures::of(run),
                warnings: run.warnings.clone(),
            });
        }
        let capacity_per_s = search.capacity_per_s();
        let confirming = capacity_per_s.map_or(&[][..], |_| confirming(&levels, plan.search.confirmations));
        let runs = runs.get(levels.len() - confirming.len()..levels.len()).unwrap_or_default();
        Self {
            label: plan.targets.get(target).map_or_else(String::new, |target| target.label.clone()),
            ending: search.ending(),
            capacity_per_s,
            ceiling_per_s: search.ceiling_per_s(),
            held_per_s: search.held_per_s(),
            confirmations: spreads(plan, runs),
            limit: ceiling(&levels).filter(|_| has_ended(search.ending())).and_then(limit),
            notes: note::of_levels(plan, target, &levels, confirming),
            levels,
            repeated,
        }
    }
}

/// Whether the lowest rate that did not hold is the limit, and not only the lowest so far.
fn has_ended(ending: Ending) -> bool {
    !matches!(ending, Ending::NoVerdict | Ending::Unfinished)
}

/// The last so many levels, which are what a search with a capacity ends with.
fn confirming(levels: &[Level], confirmations: usize) -> &[Level] {
    &levels[levels.len().saturating_sub(confirmations)..]
}

fn spreads(plan: &CapacityPlan, runs: &[RunReport]) -> Vec<ConditionSpread> {
    let conditions = plan.slo.conditions().iter();
    let spread = |condition: &Condition| {
        let values = runs.iter().map(|run| condition.measured(&run.summary)).collect();
        Some(ConditionSpread { condition: *condition, measured: Spread::of(values)? })
    };
    conditions.filter_map(spread).collect()
}

/// The level at the lowest rate that did not hold; of several, the last.
fn ceiling(levels: &[Level]) -> Option<&Level> {
    let broken = levels
        .iter()
        .filter(|level| matches!(level.judgement.answer, Answer::Breaks | Answer::GeneratorLimit));
    broken.min_by(|a, b| a.rate_per_s.total_cmp(&b.rate_per_s))
}

fn limit(level: &Level) -> Option<Limit> {
    let figures = &level.figures;
    let queued_percent = figures.queued_percent;
    let died = level.judgement.codes.iter().any(|code| ALWAYS_THE_TARGETS.contains(&code.as_str()));
    Some(match figures.target_cpu_utilisation {
        _ if level.judgement.answer == Answer::GeneratorLimit => {
            Limit::Generator { utilisation: figures.generator_cpu_utilisation }
        }
        // Its end or its wrong answers say themselves why there is no more.
        _ if died => return None,
        Some(utilisation) if utilisation >= BUSY => Limit::TargetCpus { utilisation },
        utilisation if queued_percent >= QUEUED_PERCENT => Limit::Connections { queued_percent, utilisation },
        Some(utilisation) => Limit::Elsewhere { utilisation },
        None => Limit::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::Purpose;
    use crate::capacity::tests::{plan, report};
    use crate::warning::{Verdict, WarningText};

    /// The reports of a search against a target whose P99 is 5 ms up to a rate, and 31.4 ms above it.
    fn runs(plan: &CapacityPlan, limit_per_s: f64) -> Vec<RunReport> {
        let mut search = Search::new(plan.search);
        let mut runs: Vec<RunReport> = Vec::new();
        while let Step::Try { rate_per_s, purpose } = search.next() {
            let confirms = if purpose == Purpose::Confirm { runs.len() as f64 * 10.0 } else { 0.0 };
            let p99_us = if rate_per_s > limit_per_s { 31_400.0 } else { 5_000.0 + confirms };
            runs.push(report(rate_per_s, p99_us));
            search.record(Judgement::of(&plan.slo, &runs[runs.len() - 1]).answer);
        }
        runs
    }

    #[test]
    fn a_capacity_with_its_uncertainty() {
        let plan = plan(1);
        let found = Finding::of(&plan, 0, &runs(&plan, 5900.0), 2);
        assert_eq!((found.ending, found.capacity_per_s), (Ending::Found, Some(5844.0)));
        assert_eq!((found.ceiling_per_s, found.repeated), (Some(5907.0), 2));
        let measured = &found.confirmations[0].measured;
        assert_eq!(measured.values, [5_100.0, 5_110.0, 5_120.0]);
        assert_eq!((measured.least, measured.median, measured.most), (5_100.0, 5_110.0, 5_120.0));
        assert_eq!(found.limit, Some(Limit::Elsewhere { utilisation: 0.295_35 }));
        assert_eq!(found.levels.len(), 13);
        assert_eq!(found.levels[3].judgement.breaches[0].measured, 31_400.0);
        assert!(found.levels[12].confirms() && !found.levels[9].confirms());
    }

    #[test]
    fn what_was_broken_off_is_unfinished() {
        let plan = plan(1);
        let mut runs = runs(&plan, 5900.0);
        runs.truncate(11);
        let found = Finding::of(&plan, 0, &runs, 0);
        assert_eq!((found.ending, found.capacity_per_s), (Ending::Unfinished, None));
        assert_eq!((found.held_per_s, found.confirmations.len()), (Some(5844.0), 0));
        assert_eq!(found.limit, None);
        assert_eq!(Finding::of(&plan, 0, &[], 0).ending, Ending::Unfinished);
        let strangers = [report(1000.0, 1.0), report(3000.0, 1.0), report(4000.0, 1.0)];
        assert_eq!(Finding::of(&plan, 0, &strangers, 0).levels.len(), 1);
    }

    #[test]
    fn limits() {
        let plan = plan(1);
        let of = |spoil: &dyn Fn(&mut RunReport)| {
            let mut runs = runs(&plan, 0.0);
            let last = runs.len() - 1;
            spoil(&mut runs[last]);
            let found = Finding::of(&plan, 0, &runs, 0);
            assert_eq!(found.capacity_per_s, None);
            found.limit
        };
        assert_eq!(of(&|_| ()), Some(Limit::Elsewhere { utilisation: 0.00005 }));
        let busy = |run: &mut RunReport| {
            run.target.as_mut().unwrap().cpu_us_per_request = 1_960_000.0;
        };
        assert_eq!(of(&busy), Some(Limit::TargetCpus { utilisation: 0.98 }));
        let queued = |run: &mut RunReport| {
            run.target = None;
            run.summary.offered.as_mut().unwrap().queued = 5;
        };
        assert_eq!(of(&queued), Some(Limit::Connections { queued_percent: 50.0, utilisation: None }));
        assert_eq!(of(&|run| run.target = None), Some(Limit::Unknown));
        let saturated = |run: &mut RunReport| {
            run.verdict = Verdict::Invalid;
            let code = "generator-saturated".to_owned();
            run.warnings = vec![WarningText { code, message: String::new(), invalidates: true }];
        };
        assert_eq!(of(&saturated), Some(Limit::Generator { utilisation: 0.4 }));
    }
}
