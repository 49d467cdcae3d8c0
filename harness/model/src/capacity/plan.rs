//! What a search for capacities is to do: the value that the binary stores, and the order of what follows from it.

use super::SearchPlan;
use super::search::bisections;
use crate::comparison::Entrant;
use crate::load::{LoadModel, Stage};
use crate::machine::Machine;
use crate::plan::Plan;
use crate::random::Random;
use crate::slo::Slo;
use serde::{Deserialize, Serialize};

/// The schema of a stored search.
pub const SCHEMA: &str = "bench-capacity/1";

/// Everything that decides what a search does. Stored with it, so that it can be repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CapacityPlan {
    /// See [`SCHEMA`].
    pub schema: String,
    /// The search's id: the name of its folder in `results`.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// What must hold of a rate.
    pub slo: Slo,
    /// How each target's capacity is searched for.
    pub search: SearchPlan,
    /// Parts of its own capacity, above 0 and at most 1, at which each target is run beside the others.
    pub fractions: Vec<f64>,
    /// Runs of each target at each fraction; 0 leaves them out.
    pub fraction_runs: usize,
    /// What the order of the runs at fractions follows from.
    pub seed: u64,
    /// Whose capacity is sought; at least 1. Their plans have the first rate.
    pub targets: Vec<Entrant>,
    /// Where it was begun.
    pub machine: Machine,
}

/// A run at a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Whose, by its index in [`CapacityPlan::targets`].
    pub target: usize,
    /// At which, by its index in [`CapacityPlan::fractions`].
    pub fraction: usize,
}

impl CapacityPlan {
    /// Whether targets are set beside each other at fractions of their capacities.
    #[must_use]
    pub fn compares(&self) -> bool {
        self.targets.len() > 1 && !self.fractions.is_empty() && self.fraction_runs > 0
    }

    /// The order in which every target runs once at every fraction, every order being equally likely.
    ///
    /// It follows from the seed and the block's index, whoever takes part: one without a capacity is left out of it.
    #[must_use]
    pub fn turns(&self, block: usize) -> Vec<Turn> {
        let all = (0..self.targets.len())
            .flat_map(|target| (0..self.fractions.len()).map(move |fraction| Turn { target, fraction }));
        let mut turns: Vec<Turn> = all.collect();
        Random::of_block(self.seed, block).shuffle(&mut turns);
        turns
    }

    /// How many levels the search for one capacity usually takes: at least and at most. Confirmations that fail, and
    /// a capacity far from the start, add to it.
    #[must_use]
    pub fn levels(&self) -> (usize, usize) {
        let SearchPlan { start_per_s, max_per_s, precision, confirmations } = self.search;
        let doublings = (max_per_s / start_per_s).log2().ceil().clamp(0.0, 10.0) as usize;
        let always = bisections(precision) + confirmations;
        (always + doublings.min(2), always + doublings + 1)
    }
}

/// A plan with another rate: what a run of a search does.
#[must_use]
pub fn at_rate(plan: &Plan, rate_per_s: f64) -> Plan {
    let mut plan = plan.clone();
    if let LoadModel::Open { stages, .. } = &mut plan.load {
        *stages = vec![Stage::constant(rate_per_s, plan.duration_s)];
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::tests::plan;

    #[test]
    fn every_target_runs_at_every_fraction_in_an_order_of_its_block() {
        let plan = plan(3);
        let mut orders = Vec::new();
        for block in 0..20 {
            let turns = plan.turns(block);
            assert_eq!(turns, plan.turns(block), "the order is the seed's");
            for target in 0..3 {
                for fraction in 0..2 {
                    assert!(turns.contains(&Turn { target, fraction }));
                }
            }
            assert_eq!(turns.len(), 6);
            orders.push(turns);
        }
        orders.dedup();
        assert!(orders.len() > 15, "{orders:?}");
    }

    #[test]
    fn what_it_takes() {
        let mut plan = plan(1);
        assert_eq!(plan.levels(), (11, 20));
        assert!(!plan.compares());
        plan.search.max_per_s = plan.search.start_per_s;
        assert_eq!(plan.levels(), (9, 10));
    }

    #[test]
    fn another_rate_and_nothing_else() {
        let plan = plan(1).targets.remove(0).plan;
        let faster = at_rate(&plan, 5657.0);
        assert_eq!(faster.load.constant_rate_per_s(), Some(5657.0));
        assert_eq!(faster.load.stages()[0].duration_s, plan.duration_s);
        assert_eq!(at_rate(&faster, 1000.0), plan);
    }
}
