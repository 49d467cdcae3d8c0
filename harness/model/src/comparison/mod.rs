//! A comparison: what blocks of runs say of each entrant against the first, and how far that may be believed.
//!
//! Always recomputed from the stored runs. The replicate is a run, never a request: one block runs every entrant
//! once, in an order drawn from the recorded seed, and entrants are compared within their block, on the logarithm
//! of the ratio of their figures. How, and why so: `docs/method.md`.

mod advice;
mod blocks;
mod floor;
mod group;
mod known;
mod pair;
mod plan;
mod settling;
mod threshold;

pub use advice::Advice;
pub use floor::{Floor, Quietness};
pub use group::Group;
pub use pair::{Pair, PairVerdict, Rules, Sample, judge_pairs};
pub use plan::{Block, BlockRun, ComparisonPlan, ContractResult, Entrant, SCHEMA, Slot, unnumbered};
pub use threshold::judge_relative;

use crate::metric::Metric;
use crate::stats::{median, median_interval};
use crate::threshold::Outcome;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the blocks say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// How many blocks it rests on, and what became of the others.
    pub blocks: BlockCount,
    /// The figures of each entrant alone, in the plan's order.
    pub figures: Vec<Figures>,
    /// Each of a group's entrants against its base, group by group ([`ComparisonPlan::groups`]), entrant by entrant,
    /// then in the order of [`Metric::ALL`].
    pub pairs: Vec<Pair>,
    /// The first entrant's second run of a block against its first run: what the machine does to equals. Empty
    /// where the plan has no control.
    pub control: Vec<Pair>,
    /// What a reader must know before believing it, the gravest first.
    pub advice: Vec<Advice>,
    /// What came of the plan's thresholds: threshold by threshold, then entrant by entrant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Outcome>,
}

/// How many blocks a comparison rests on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct BlockCount {
    /// Blocks that the plan asks for.
    pub planned: usize,
    /// Blocks in which everything ran.
    pub complete: usize,
    /// Blocks that the figures rest on: complete, and every run valid.
    pub used: usize,
    /// The invalid runs that took their complete blocks with them.
    pub lost: Vec<LostBlock>,
}

/// An invalid run, for which its whole block is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LostBlock {
    /// The block's index, from 0.
    pub block: usize,
    /// Whose run it was: [`ComparisonPlan::label`].
    pub label: String,
    /// The codes of the warnings that make the run invalid.
    pub codes: Vec<String>,
    /// What they say.
    pub messages: Vec<String>,
}

/// The figures of one entrant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The entrant's label.
    pub label: String,
    /// Its metrics; those not measured in every used block are absent.
    pub values: BTreeMap<Metric, Estimate>,
    /// Of latencies, in how many used blocks they are only a lower bound; those that never are are absent.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub bounded: BTreeMap<Metric, usize>,
}

impl Figures {
    /// The metrics that may stand beside those of other times: no latency that was only a lower bound in a block.
    pub fn comparable(&self) -> impl Iterator<Item = (Metric, &Estimate)> {
        let values = self.values.iter().map(|(&metric, estimate)| (metric, estimate));
        values.filter(move |(metric, _)| !self.bounded.contains_key(metric))
    }
}

/// An entrant's metric over the used blocks, in [`Metric::unit`].
///
/// The interval is for this entrant alone, drift between blocks included: two that overlap say nothing of the ratio.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Estimate {
    /// The median of the blocks.
    pub median: f64,
    /// Lower end of the median's exact order-statistic interval; absent where there are too few blocks for the
    /// plan's confidence, and for a metric that does not vary.
    pub low: Option<f64>,
    /// Its upper end.
    pub high: Option<f64>,
    /// One value a used block, in the order of the blocks' indices.
    pub values: Vec<f64>,
}

impl BlockCount {
    /// Whether there are blocks to run yet: fewer can be used than were planned, and some may still be replaced.
    pub(crate) fn is_unfinished(&self, plan: &ComparisonPlan) -> bool {
        self.used < self.planned && self.complete < plan.attempts()
    }
}

impl Comparison {
    /// What the stored blocks say. They may come in any order, unfinished and none at all.
    ///
    /// A block counts when everything in it ran and every run is valid; otherwise it is out, whole, for all entrants.
    #[must_use]
    pub fn of(plan: &ComparisonPlan, blocks: &[Block]) -> Self {
        let (used, count) = blocks::select(plan, blocks);
        let rules = plan.rules();
        let entrants: Vec<Series> =
            (0..plan.entrants.len()).map(|index| Series::of(plan, &used, Slot::Entrant(index))).collect();
        let of_group = |group: Group| -> Vec<Sample> {
            let others = group.others.iter();
            others.flat_map(|&other| entrants[other].against(&entrants[group.base])).collect()
        };
        let samples: Vec<Sample> = plan.groups().into_iter().flat_map(of_group).collect();
        let mut pairs = judge_pairs(&samples, &rules);
        let control = match entrants.first().filter(|_| plan.control) {
            Some(base) => judge_pairs(&Series::of(plan, &used, Slot::Control).against(base), &rules),
            None => Vec::new(),
        };
        for pair in &mut pairs {
            let noise = control.iter().find(|other| other.metric == pair.metric);
            pair.noise = noise.and_then(|control| control.detectable);
            // What differs from itself by so much cannot show less of others.
            pair.detectable = pair.detectable.map(|own| own.max(pair.noise.unwrap_or(0.0)));
        }
        let mut advice = advice::of_control(&control, &rules);
        advice.extend(advice::of_blocks(plan, &count));
        entrants.iter().for_each(|entrant| advice.extend(entrant.gaps(used.len())));
        advice.extend(advice::of_runs(plan, &used));
        let figures = entrants.iter().map(|entrant| entrant.figures(&rules)).collect();
        let thresholds = threshold::outcomes(plan, &used, &count, &pairs);
        Self { blocks: count, figures, pairs, control, advice, thresholds }
    }

    /// Whether it has come to its end: where one was broken off may depend on what it had seen.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        !self.advice.iter().any(|advice| matches!(advice, Advice::Unfinished { .. }))
    }
}

/// The figures of one slot over the used blocks, as far as they were measured.
struct Series {
    label: String,
    values: BTreeMap<Metric, Vec<Option<f64>>>,
    /// In how many blocks a metric is only a lower bound, where it is in one.
    bounded: BTreeMap<Metric, usize>,
}

impl Series {
    fn of(plan: &ComparisonPlan, used: &[&Block], slot: Slot) -> Self {
        let index = if let Slot::Entrant(index) = slot { index } else { 0 };
        let artefact = plan.entrants.get(index).and_then(|entrant| entrant.artefact_bytes);
        let value = |block: &Block, metric: Metric| metric.of(block.report(slot)?, artefact);
        let over_blocks = |metric: Metric| used.iter().map(|block| value(block, metric)).collect();
        let values = Metric::ALL.into_iter().map(|metric| (metric, over_blocks(metric))).collect();
        let is_bound = |block: &Block, metric: Metric| {
            block.report(slot).is_some_and(|report| metric.is_lower_bound(report))
        };
        let bounds = |metric: Metric| used.iter().filter(|block| is_bound(block, metric)).count();
        let bounded = Metric::ALL.into_iter().map(|metric| (metric, bounds(metric)));
        let bounded = bounded.filter(|(_, blocks)| *blocks > 0).collect();
        Self { label: plan.label(slot), values, bounded }
    }

    /// A metric's values, where every used block has one and there is a block at all.
    fn whole(&self, metric: Metric) -> Option<Vec<f64>> {
        let values: Option<Vec<f64>> = self.values.get(&metric)?.iter().copied().collect();
        values.filter(|values| !values.is_empty())
    }

    fn against(&self, base: &Self) -> Vec<Sample> {
        let sample = |metric: Metric| {
            let (ours, theirs) = (self.whole(metric)?, base.whole(metric)?);
            let ratios = ours.iter().zip(&theirs).map(|(ours, theirs)| ours / theirs).collect();
            Some(Sample { label: self.label.clone(), base: base.label.clone(), metric, ratios })
        };
        Metric::ALL.into_iter().filter_map(sample).collect()
    }

    fn figures(&self, rules: &Rules) -> Figures {
        let estimate = |metric: Metric| {
            let values = self.whole(metric)?;
            let interval = median_interval(&values, rules.confidence).filter(|_| !metric.is_deterministic());
            let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
            Some((metric, Estimate { median: median(&values)?, low, high, values }))
        };
        Figures {
            label: self.label.clone(),
            values: Metric::ALL.into_iter().filter_map(estimate).collect(),
            bounded: self.bounded.clone(),
        }
    }

    /// What is missing: in every used block, or in some.
    fn gaps(&self, used: usize) -> Vec<Advice> {
        let missing = |metric: Metric| self.values[&metric].iter().filter(|value| value.is_none()).count();
        let (never, sometimes): (Vec<Metric>, Vec<Metric>) =
            Metric::ALL.into_iter().filter(|&metric| missing(metric) > 0).partition(|&m| missing(m) == used);
        let partly = sometimes.into_iter().map(|metric| Advice::PartlyMeasured {
            label: self.label.clone(),
            metric,
            missing: missing(metric),
            used,
        });
        let never =
            (!never.is_empty()).then(|| Advice::NotMeasured { label: self.label.clone(), metrics: never });
        partly.chain(never).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
