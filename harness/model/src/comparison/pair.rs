//! One entrant against the base on one metric: the ratio, how sure it is, and the verdict.

use crate::metric::Metric;
use serde::{Deserialize, Serialize};

/// What a pair comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PairVerdict {
    /// Better than the base by more than the margin: the whole interval lies there, and the adjusted p-value is at
    /// most one less the confidence.
    Better,
    /// Worse than the base by more than the margin, as surely.
    Worse,
    /// The same within the margin: the whole interval lies there.
    Equivalent,
    /// None of these can be said.
    Inconclusive,
}

/// An entrant against the base on one metric. Ratios are the entrant's figure over the base's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// The entrant's label.
    pub label: String,
    /// What is compared.
    pub metric: Metric,
    /// The estimate: e to the Hodges-Lehmann estimate of the logarithms of the blocks' ratios.
    pub ratio: f64,
    /// Lower end of its exact interval at the plan's confidence, not adjusted for the number of pairs; absent where
    /// there are too few blocks for one, and for a metric that does not vary.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
    /// One ratio a used block, in the order of the blocks' indices.
    pub ratios: Vec<f64>,
    /// The exact two-sided p-value of Wilcoxon's signed-rank test against no difference; absent for a metric that
    /// does not vary.
    pub p: Option<f64>,
    /// The p-value as Holm adjusts it over all pairs that get a verdict; absent for those that get none.
    pub p_adjusted: Option<f64>,
    /// Absent for descriptive metrics and those that do not vary.
    pub verdict: Option<PairVerdict>,
    /// The smallest effect that so many blocks of such noise would show four times in five: 0.03 is a ratio of 1.03.
    /// Absent below two blocks, and for a metric that does not vary.
    pub detectable: Option<f64>,
    /// The control's `detectable` for the same metric: the noise of the machine itself. Absent without a control.
    pub noise: Option<f64>,
    /// For an inconclusive pair, the blocks that would settle it if estimate and noise stay what they are; absent
    /// where more than 1000 would be needed.
    pub settle_blocks: Option<usize>,
}
