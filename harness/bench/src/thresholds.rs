//! The thresholds of a run or a comparison, on the way from what was typed to the exit code.

use crate::failure::{Failure, say};
use crate::report::thresholds::summary;
use anyhow::anyhow;
use bench_model::comparison::ComparisonPlan;
use bench_model::metric::Counted;
use bench_model::plan::Plan;
use bench_model::threshold::Outcome;

/// The exit code of what is done and valid, but for a threshold.
pub(crate) const FAILED: u8 = 4;

/// What an inconclusive threshold comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Inconclusive {
    /// It fails nothing, and is named
    Pass,
    /// It fails as if it were so
    Fail,
}

/// Refuses what no run of the plan can be held against, before anything is started.
pub(crate) fn require_of_run(plan: &Plan) -> Result<(), Failure> {
    refuse(plan.fail_if.iter().find_map(|threshold| threshold.cannot_be_had_of_a_run(plan)))
}

/// The same of a comparison.
pub(crate) fn require_of_comparison(plan: &ComparisonPlan) -> Result<(), Failure> {
    refuse(plan.fail_if.iter().find_map(|threshold| plan.cannot_be_had(threshold)))
}

fn refuse(why: Option<String>) -> Result<(), Failure> {
    why.map_or(Ok(()), |why| {
        Err(Failure::Usage(anyhow!("--fail-if, `fail_if` of the scenario, or --metrics of a gate: {why}")))
    })
}

/// Whether they end `bench` with [`FAILED`].
pub(crate) fn fail(outcomes: &[Outcome], inconclusive: Inconclusive) -> bool {
    let is_failure = |outcome: &Outcome| {
        outcome.fails() || (inconclusive == Inconclusive::Fail && outcome.is_inconclusive())
    };
    outcomes.iter().any(is_failure)
}

/// Says on standard error what fails or is not clear, so that a log has it whatever format is printed.
pub(crate) fn tell(outcomes: &[Outcome], counted: Counted) {
    if outcomes.iter().any(|outcome| outcome.fails() || outcome.is_inconclusive()) {
        say(&format!("thresholds: {}", summary(outcomes, counted)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::threshold::State;

    #[test]
    fn what_fails() {
        for (state, passing, failing) in [
            (State::Held, false, false),
            (State::Failed, true, true),
            (State::NotEvaluated { why: "it was not measured".to_owned() }, true, true),
            (State::Inconclusive { settle_blocks: None }, false, true),
        ] {
            let outcome = Outcome::new("tps worse than base by 5%".parse().unwrap(), state);
            let held = Outcome::new("tps<1".parse().unwrap(), State::Held);
            let outcomes = [held, outcome];
            assert_eq!(fail(&outcomes, Inconclusive::Pass), passing, "{outcomes:?}");
            assert_eq!(fail(&outcomes, Inconclusive::Fail), failing, "{outcomes:?}");
        }
        assert!(!fail(&[], Inconclusive::Fail));
    }
}
