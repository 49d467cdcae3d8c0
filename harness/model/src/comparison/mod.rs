//! A comparison: what blocks of runs say of each entrant against the first, and how far that may be believed.
//!
//! Always recomputed from the stored runs. The replicate is a run, never a request: one block runs every entrant
//! once, in an order drawn from the recorded seed, and entrants are compared within their block, on the logarithm
//! of the ratio of their figures. How, and why so: `docs/method.md`.

mod advice;
mod pair;
mod plan;

pub use advice::Advice;
pub use pair::{Pair, PairVerdict};
pub use plan::{Block, BlockRun, ComparisonPlan, Entrant, SCHEMA, Slot};

use crate::metric::Metric;
use serde::Serialize;
use std::collections::BTreeMap;

/// What the blocks say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// How many blocks it rests on, and what became of the others.
    pub blocks: BlockCount,
    /// The figures of each entrant alone, in the plan's order.
    pub figures: Vec<Figures>,
    /// Each entrant but the first against the first, entrant by entrant, then in the order of [`Metric::ALL`].
    pub pairs: Vec<Pair>,
    /// The first entrant's second run of a block against its first run: what the machine does to equals. Empty
    /// where the plan has no control.
    pub control: Vec<Pair>,
    /// What a reader must know before believing it, the gravest first.
    pub advice: Vec<Advice>,
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
    /// The codes of the run's warnings.
    pub codes: Vec<String>,
}

/// The figures of one entrant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The entrant's label.
    pub label: String,
    /// Its metrics; those not measured in every used block are absent.
    pub values: BTreeMap<Metric, Estimate>,
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
