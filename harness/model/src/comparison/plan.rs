//! What a comparison is to do, what it did, and in which order: the values that the binary stores.

use super::{Advice, Rules};
use crate::claim::Claim;
use crate::machine::Machine;
use crate::metric::{Counted, Metric};
use crate::plan::{Plan, TargetPlan};
use crate::random::Random;
use crate::report::RunReport;
use crate::source::Source;
use crate::stats::blocks_needed;
use crate::steady::WarmUp;
use crate::sweep::{Setting, Sweep};
use crate::threshold::Threshold;
use serde::{Deserialize, Serialize};

/// The schema of a stored comparison.
pub const SCHEMA: &str = "bench-compare/1";

/// Everything that decides what a comparison does. Stored with it, so that it can be resumed and repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparisonPlan {
    /// See [`SCHEMA`].
    pub schema: String,
    /// The comparison's id: the name of its folder in `results`.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// What is asked, in words.
    pub question: String,
    /// What the order of the runs follows from.
    pub seed: u64,
    /// Blocks to run that can be used; at least 1. See [`Self::attempts`].
    pub blocks: usize,
    /// Differences within this part are taken for none: 0.02 is 2%. At least 0.
    pub margin: f64,
    /// Of the intervals, between 0 and 1; one less it is the level of the tests.
    pub confidence: f64,
    /// The metrics that get verdicts.
    pub decisive: Vec<Metric>,
    /// Who is compared; at least 1. The first is the base that the others are compared with; in a sweep, where each
    /// target is there at every value, see [`Self::groups`].
    pub entrants: Vec<Entrant>,
    /// Whether the base runs twice a block. Its second run is the control: A against A.
    pub control: bool,
    /// Where it was begun.
    pub machine: Machine,
    /// What others have published of the entrants, as the scenario quoted it then.
    #[serde(default)]
    pub claims: Vec<Claim>,
    /// What must not be, of each entrant or of its ratio to the base: the scenario's, and what was typed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fail_if: Vec<Threshold>,
}

/// One that is compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entrant {
    /// Its name in the comparison, which no other has: `go`, `go@../other`, `go#2` for the same one twice, `go conns=10`
    /// in a sweep.
    pub label: String,
    /// How its target was named, where that is not its label: a gate's base is `origin/main`, and its target
    /// `rust@results/.bases/7acc99f4d1c0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typed: Option<String>,
    /// The value of the swept parameter, in a sweep; the plan has it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<Setting>,
    /// What each of its runs does.
    pub plan: Plan,
    /// Size of what was built and is shipped, where it is known.
    pub artefact_bytes: Option<u64>,
    /// What was built; absent for a server that `bench` did not build.
    pub source: Option<Source>,
    /// How it did in the contract's cases before it was measured; absent where they were not run.
    #[serde(default)]
    pub contract: Option<ContractResult>,
}

/// What became of the contract's cases. None failed: who fails is not measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractResult {
    /// How many cases passed.
    pub passed: usize,
    /// The ids of those that failed and that the target's manifest waives.
    pub waived: Vec<String>,
    /// The ids of those that were left out.
    pub not_checked: Vec<String>,
}

/// Who runs in a turn of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// An entrant, by its index in [`ComparisonPlan::entrants`].
    Entrant(usize),
    /// The base, a second time.
    Control,
}

/// One run of everyone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// From 0 to [`ComparisonPlan::attempts`], excluded; no two stored blocks have the same.
    pub index: usize,
    /// In the order run.
    pub runs: Vec<BlockRun>,
}

/// One run of a block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockRun {
    /// Who ran.
    pub slot: Slot,
    /// What came of it.
    pub report: RunReport,
}

impl Entrant {
    /// Its label without the value of the swept parameter: `go#2` of `go#2 conns=10`.
    #[must_use]
    pub fn target(&self) -> &str {
        let Some(setting) = self.setting else { return &self.label };
        let bare = self.label.strip_suffix(&setting.to_string());
        bare.map_or(&self.label, str::trim_end)
    }

    /// What names its target for `--targets`: what its label was made from, without the number of one that is there twice.
    #[must_use]
    pub fn named(&self) -> &str {
        self.typed.as_deref().unwrap_or_else(|| unnumbered(self.target()))
    }
}

/// A label without the number that tells a target that is there twice from itself: `go` of `go#2`.
#[must_use]
pub fn unnumbered(label: &str) -> &str {
    let numbered = label.rsplit_once('#').filter(|(_, number)| number.parse::<usize>().is_ok());
    numbered.map_or(label, |(name, _)| name)
}

impl ComparisonPlan {
    /// The parameter that the entrants differ in, and its values; nothing where all have the same load.
    #[must_use]
    pub fn sweep(&self) -> Option<Sweep> {
        Sweep::of(self.entrants.iter().filter_map(|entrant| entrant.setting))
    }

    /// What throughput counts: items as soon as one of the loads sends batches, be they of one, so that all can be compared.
    #[must_use]
    pub fn counted(&self) -> Counted {
        let is_items = |entrant: &Entrant| entrant.plan.counted() == Counted::Items;
        if self.entrants.iter().any(is_items) { Counted::Items } else { Counted::Requests }
    }

    /// The names of those that are compared, without the values of a sweep; the first is the base.
    #[must_use]
    pub fn targets(&self) -> Vec<&str> {
        let mut targets: Vec<&str> = self.entrants.iter().map(Entrant::target).collect();
        targets.dedup();
        targets
    }

    /// Who runs in a block: every entrant once, and the control if there is one.
    #[must_use]
    pub fn slots(&self) -> Vec<Slot> {
        let entrants = (0..self.entrants.len()).map(Slot::Entrant);
        entrants.chain(self.control.then_some(Slot::Control)).collect()
    }

    /// The order in which a block's slots run, every order being equally likely.
    ///
    /// Each block's order follows from the seed and its index alone, so that a resumed comparison goes on as it
    /// would have gone.
    #[must_use]
    pub fn order(&self, block: usize) -> Vec<Slot> {
        let mut slots = self.slots();
        Random::of_block(self.seed, block).shuffle(&mut slots);
        slots
    }

    /// By what the pairs are judged. What a target keeps of its requests is no measure of it where others were sent more.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let mut decisive = self.decisive.clone();
        decisive.retain(|metric| !self.is_stored_unequally(*metric));
        Rules { margin: self.margin, confidence: self.confidence, decisive }
    }

    /// Whether a metric grows with what the targets were given to store, and they were not given equally much.
    fn is_stored_unequally(&self, metric: Metric) -> bool {
        let equally = |plan: &Plan| plan.load.is_open() && matches!(plan.warmup, WarmUp::Fixed(_));
        let unequally = |entrant: &Entrant| entrant.plan.audit.is_some() && !equally(&entrant.plan);
        metric.grows_with_state() && self.entrants.iter().any(unequally)
    }

    /// The most blocks that are run: half as many again as asked for, so that those lost to invalid runs are replaced.
    ///
    /// A block is replaced for what its runs say of themselves, never for what they say of the entrants.
    #[must_use]
    pub fn attempts(&self) -> usize {
        self.blocks + self.blocks.div_ceil(2)
    }

    /// How many pairs of entrant and metric can get a verdict: what Holm's correction goes over.
    #[must_use]
    pub fn tests(&self) -> usize {
        let rules = self.rules();
        let measured = |metric: Metric, entrant: &Entrant| metric.is_measured_of(&entrant.plan.target);
        let of = |base: usize, other: usize| {
            let (base, other) = (&self.entrants[base], &self.entrants[other]);
            let both = |metric: Metric| measured(metric, base) && measured(metric, other);
            Metric::ALL.into_iter().filter(|&metric| rules.gives_verdict(metric) && both(metric)).count()
        };
        let groups = self.groups();
        groups.iter().flat_map(|group| group.others.iter().map(|&other| of(group.base, other))).sum()
    }

    /// The blocks below which nothing can come out better or worse: [`blocks_needed`] for [`Self::tests`].
    #[must_use]
    pub fn blocks_needed(&self) -> usize {
        blocks_needed(self.tests(), self.rules().alpha())
    }

    /// What can be said before anything has run: too few blocks, and servers that `bench` does not start.
    #[must_use]
    pub fn advice(&self) -> Vec<Advice> {
        let (tests, needed) = (self.tests(), self.blocks_needed());
        let too_few = self.blocks < needed && tests > 0;
        let mut advice = Vec::new();
        if too_few {
            advice.push(Advice::TooFewBlocks { planned: self.blocks, needed, tests });
        }
        let (tests, needed) = (self.threshold_tests(), self.blocks_to_fail());
        if self.blocks < needed {
            advice.push(Advice::TooFewToFail { planned: self.blocks, needed, tests });
        }
        let urls = self.entrants.iter().filter(|e| matches!(e.plan.target, TargetPlan::Url { .. }));
        advice.extend(urls.map(|entrant| Advice::UrlNotFresh { label: entrant.label.clone() }));
        let mut metrics = self.decisive.clone();
        metrics.retain(|metric| self.is_stored_unequally(*metric));
        if !metrics.is_empty() {
            advice.push(Advice::StoredUnequally { metrics });
        }
        advice
    }

    /// The name of whoever runs in a slot: the entrant's label, and the base's with ` (control)` for the control.
    #[must_use]
    pub fn label(&self, slot: Slot) -> String {
        let label = |index: usize| self.entrants.get(index).map_or_else(String::new, |e| e.label.clone());
        match slot {
            Slot::Entrant(index) => label(index),
            Slot::Control => format!("{} (control)", label(0)),
        }
    }
}

impl Block {
    /// The report of a slot's run, if it ran.
    #[must_use]
    pub fn report(&self, slot: Slot) -> Option<&RunReport> {
        self.runs.iter().find(|run| run.slot == slot).map(|run| &run.report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Comparison;
    use crate::comparison::tests::{blocks, comparison_plan, entrant};
    use crate::load::{Arrivals, LoadModel, Stage};
    use crate::scenario::AuditKind;
    use std::time::Duration;

    #[test]
    fn memory_gets_no_verdict_where_targets_stored_unequally_much() {
        let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], 10);
        let but_memory = [Metric::Tps, Metric::P99, Metric::CpuPerRequest].to_vec();
        for entrant in &mut plan.entrants {
            entrant.plan.audit = Some(AuditKind::Ledger);
        }
        assert_eq!((plan.rules().decisive, plan.tests()), (but_memory.clone(), 3));
        assert_eq!(plan.advice(), [Advice::StoredUnequally { metrics: vec![Metric::MemoryPeak] }]);
        let judged = Comparison::of(&plan, &blocks(&plan, &[1.0, 0.5], 1.0));
        assert_eq!(judged.pairs.iter().filter(|pair| pair.verdict.is_some()).count(), 3);

        for entrant in &mut plan.entrants {
            entrant.plan.load = LoadModel::Open {
                connections: 8,
                stages: vec![Stage::constant(1_000.0, 10.0)],
                arrivals: Arrivals::Uniform,
                seed: 1,
                max_lag_s: None,
            };
        }
        assert_eq!(plan.rules().decisive, but_memory, "the warm-up may end sooner for one");
        for entrant in &mut plan.entrants {
            entrant.plan.warmup = WarmUp::Fixed(Duration::from_secs(5));
        }
        assert_eq!((plan.rules().decisive, plan.advice()), (Metric::DECISIVE.to_vec(), vec![]));
    }
}
