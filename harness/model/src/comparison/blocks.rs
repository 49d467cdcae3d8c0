//! Which blocks a comparison rests on.

use super::{Block, BlockCount, ComparisonPlan, LostBlock};
use crate::warning::Verdict;

/// The blocks that count, by index, and what became of the others.
pub(super) fn select<'a>(plan: &ComparisonPlan, blocks: &'a [Block]) -> (Vec<&'a Block>, BlockCount) {
    let slots = plan.slots();
    let whole = |block: &&Block| slots.iter().all(|&slot| block.report(slot).is_some());
    let mut complete: Vec<&Block> = blocks.iter().filter(whole).collect();
    complete.sort_by_key(|block| block.index);
    let lost: Vec<LostBlock> = complete.iter().flat_map(|block| invalid_runs(plan, block)).collect();
    let used: Vec<&Block> =
        complete.iter().copied().filter(|block| lost.iter().all(|lost| lost.block != block.index)).collect();
    let count = BlockCount { planned: plan.blocks, complete: complete.len(), used: used.len(), lost };
    (used, count)
}

fn invalid_runs(plan: &ComparisonPlan, block: &Block) -> Vec<LostBlock> {
    let invalid = block.runs.iter().filter(|run| run.report.verdict == Verdict::Invalid);
    let lost = invalid.map(|run| LostBlock {
        block: block.index,
        label: plan.label(run.slot),
        codes: run.report.invalidating().map(|warning| warning.code.clone()).collect(),
    });
    lost.collect()
}
