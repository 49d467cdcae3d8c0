//! Which blocks a comparison rests on.

use super::{Block, BlockCount, ComparisonPlan, LostBlock};
use crate::warning::Verdict;

impl ComparisonPlan {
    /// Whether the figures rest on a block: everything in it ran, and every run is valid.
    #[must_use]
    pub fn counts(&self, block: &Block) -> bool {
        is_complete(self, block) && block.runs.iter().all(|run| run.report.verdict == Verdict::Valid)
    }
}

/// The blocks that count, by index, and what became of the others.
pub(super) fn select<'a>(plan: &ComparisonPlan, blocks: &'a [Block]) -> (Vec<&'a Block>, BlockCount) {
    let mut complete: Vec<&Block> = blocks.iter().filter(|block| is_complete(plan, block)).collect();
    complete.sort_by_key(|block| block.index);
    let lost: Vec<LostBlock> = complete.iter().flat_map(|block| invalid_runs(plan, block)).collect();
    let used: Vec<&Block> = complete.iter().copied().filter(|block| plan.counts(block)).collect();
    let count = BlockCount { planned: plan.blocks, complete: complete.len(), used: used.len(), lost };
    (used, count)
}

fn is_complete(plan: &ComparisonPlan, block: &Block) -> bool {
    plan.slots().into_iter().all(|slot| block.report(slot).is_some())
}

fn invalid_runs(plan: &ComparisonPlan, block: &Block) -> Vec<LostBlock> {
    let invalid = block.runs.iter().filter(|run| run.report.verdict == Verdict::Invalid);
    let lost = invalid.map(|run| LostBlock {
        block: block.index,
        label: plan.label(run.slot),
        codes: run.report.invalidating().map(|warning| warning.code.clone()).collect(),
        messages: run.report.invalidating().map(|warning| warning.message.clone()).collect(),
    });
    lost.collect()
}
