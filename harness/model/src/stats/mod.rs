//! The statistics of comparisons and histories, as pure functions of samples.
//!
//! Rank statistics for comparisons: differences between runs have heavy tails and no known shape, and ten blocks are too
//! few to find it out. Tests and intervals are exact, by counting; the only normal quantiles are in [`power`], which
//! plans and decides nothing, and in [`rank_sum()`] beyond the size that its documentation names. Change points of a history are
//! tested by seeded permutation ([`change_points()`]).

pub mod change_points;
pub mod holm;
pub mod power;
pub mod rank_sum;
pub mod sign;
pub mod signed_rank;

mod ranks;

pub use change_points::{ChangePoint, ChangeRules, change_points, fewest_values};
pub use holm::holm;
pub use power::{detectable, normal_quantile, sample_to_detect};
pub use rank_sum::{Shift, least_rank_sum_p, rank_sum, shift};
pub use sign::median_interval;
pub use signed_rank::{
    SignedRank, blocks_needed, confidence_interval, critical_value, hodges_lehmann, least_p, signed_rank,
};

use serde::{Deserialize, Serialize};

/// A confidence interval, in the unit of the samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// The confidence that it has: at least what was asked for. Exact intervals come in steps.
    pub confidence_reached: f64,
}

/// The middle of the ordered values, or the mean of the two in the middle; None where there are none.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    median_of_sorted(&sorted(values))
}

/// The square root of the sum of squared deviations over `n - 1`; None below two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    // Halved before they are added, so that the sum of two large ones cannot overflow.
    Some(if sorted.len() % 2 == 1 { *upper } else { sorted[sorted.len() / 2 - 1] / 2.0 + upper / 2.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centre_and_spread() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), Some(2.5));
        assert_eq!(standard_deviation(&[1.0]), None);
        // numpy.std([2, 4, 4, 4, 5, 5, 7, 9], ddof=1)
        let spread = standard_deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert!((spread - 2.138_089_935_299_395).abs() < 1e-15);
    }
}
