//! How many blocks would settle what so many have not.

use crate::stats::power::sample_needed;
use crate::stats::{blocks_needed, standard_deviation};

/// More blocks than this are not worth naming.
const MOST_BLOCKS: usize = 1000;

/// What is not settled, and how far it is from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unsettled<'a> {
    /// One logarithm of a ratio a block.
    pub(super) logs: &'a [f64],
    /// From the estimate to the limit that its interval must end before.
    pub(super) to_limit: f64,
    /// From the estimate to what a test has to reject, if one has to.
    pub(super) to_reject: Option<f64>,
    /// The tests that Holm's correction goes over.
    pub(super) tests: usize,
}

impl Unsettled<'_> {
    /// The blocks after which it would be settled, if estimate and noise stayed what they are; more than there are, and None
    /// where that is above [`MOST_BLOCKS`] or the noise is unknown.
    ///
    /// The interval must end before the limit and, for a difference, Holm's first step be reached. `alpha` is the level of
    /// the tests, and one less the confidence of the interval.
    pub(super) fn blocks(&self, alpha: f64) -> Option<usize> {
        let deviation = standard_deviation(self.logs)?;
        let for_interval = sample_needed(deviation, self.to_limit.abs(), alpha);
        let (for_test, least) = match self.to_reject {
            Some(distance) => {
                let level = alpha / self.tests.max(1) as f64;
                (sample_needed(deviation, distance.abs(), level), blocks_needed(self.tests, alpha))
            }
            None => (1.0, blocks_needed(1, alpha)),
        };
        let blocks = for_interval.max(for_test).ceil();
        // The comparison also refuses what is no number, as of an estimate exactly on the limit without any noise.
        let few_enough = blocks <= MOST_BLOCKS as f64;
        few_enough
            .then(|| (blocks as usize).max(least).max(self.logs.len() + 1))
            .filter(|&blocks| blocks <= MOST_BLOCKS)
    }
}
