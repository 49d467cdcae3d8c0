//! Wilcoxon's signed-rank test, the estimate that belongs to it, and the interval.
//!
//! Wilcoxon, "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945); Hodges and Lehmann,
//! "Estimates of location based on rank tests", Annals of Mathematical Statistics 34 (1963); Hollander and Wolfe,
//! "Nonparametric Statistical Methods", sections 3.1 to 3.3. All assume that differences scatter symmetrically about
//! their centre; those of two runs in one block do, when which of them is which does not matter.

use super::ranks::{doubled_midranks, without_common_factor};
use super::{Interval, median_of_sorted};

/// What Wilcoxon's signed-rank test says of paired differences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// The smaller of the rank sums of the positive and of the negative differences; 0 where all are on one side.
    pub statistic: f64,
    /// How likely a statistic so small or smaller is if there is no difference; above 0, at most 1.
    pub p_two_sided: f64,
    /// How many differences are not 0, which is what the test rests on.
    pub n_nonzero: usize,
}

/// The Hodges-Lehmann estimate of the differences' centre: the median of the means of all pairs, each difference
/// with itself among them (the Walsh averages). None where there are no differences.
///
/// Takes `n^2 / 2` numbers of memory: 4 MB for 1000 differences.
#[must_use]
pub fn hodges_lehmann(differences: &[f64]) -> Option<f64> {
    median_of_sorted(&walsh_averages(differences))
}

/// Wilcoxon's signed-rank test, two-sided, against a centre of 0.
///
/// Differences of 0 are dropped, as Wilcoxon did; the p-value is then that of the rest. Equal differences share their
/// mean rank. The p-value is exact for every `n`, ties included, by counting all 2^n ways to set the signs; nothing is
/// left to the normal approximation. Counting takes time of the order of `n^3`: microseconds for 10 differences, under
/// half a second for 1000. Without any difference the p-value is 1.
#[must_use]
pub fn signed_rank(differences: &[f64]) -> SignedRank {
    let nonzero: Vec<f64> = differences.iter().copied().filter(|difference| *difference != 0.0).collect();
    let sizes: Vec<f64> = nonzero.iter().map(|difference| difference.abs()).collect();
    let mut ranks = doubled_midranks(&sizes);
    let ranks_of = |positive: bool, ranks: &[usize]| -> usize {
        let side = ranks.iter().zip(&nonzero).filter(|(_, difference)| (**difference > 0.0) == positive);
        side.map(|(rank, _)| rank).sum()
    };
    let factor = without_common_factor(&mut ranks);
    let smaller = ranks_of(true, &ranks).min(ranks_of(false, &ranks));
    // Every way to set the signs has a mirror image, so the upper tail is as likely as the lower.
    let tail: f64 = sum_probabilities(&ranks, smaller).iter().sum();
    SignedRank {
        statistic: (smaller * factor) as f64 / 2.0,
        p_two_sided: (2.0 * tail).min(1.0),
        n_nonzero: nonzero.len(),
    }
}

/// The interval of the differences' centre: every centre that the test does not reject, by exact inversion over the
/// ordered Walsh averages. None where there are too few differences for the confidence: for 95%, below 6.
///
/// Counts as if there were no ties and no zeros, with which it is wider than need be and never too narrow.
/// `confidence` is between 0 and 1.
#[must_use]
pub fn confidence_interval(differences: &[f64], confidence: f64) -> Option<Interval> {
    let (skipped, tail) = critical_value(differences.len(), 1.0 - confidence)?;
    let averages = walsh_averages(differences);
    Some(Interval {
        low: averages[skipped],
        high: averages[averages.len() - 1 - skipped],
        confidence_reached: 1.0 - 2.0 * tail,
    })
}

/// The largest rank sum that is significant at the two-sided level `alpha` for `n` differences without ties, and the
/// probability of one so small or smaller: the value of the usual tables. None where not even 0 is significant.
#[must_use]
pub fn critical_value(n: usize, alpha: f64) -> Option<(usize, f64)> {
    let ranks: Vec<usize> = (1..=n).collect();
    let half = n * (n + 1) / 4;
    let mut critical = None;
    let mut tail = 0.0;
    for (sum, probability) in sum_probabilities(&ranks, half).into_iter().enumerate() {
        tail += probability;
        if tail > alpha / 2.0 {
            break;
        }
        critical = Some((sum, tail));
    }
    // Of an empty sample the sum is always 0, which is no evidence; the loop above finds that too, unless alpha is 2.
    critical.filter(|_| n > 0)
}

/// The least two-sided p-value that `n` blocks can give: all differences on one side, 2 / 2^n.
#[must_use]
pub fn least_p(n: usize) -> f64 {
    (2.0 * 0.5_f64.powi(i32::try_from(n).unwrap_or(i32::MAX))).min(1.0)
}

/// The least number of blocks with which one of `tests` tests can be significant at the level `alpha` after Holm's
/// correction: the least `n` with `2 / 2^n <= alpha / tests`. `alpha` is above 0.
#[must_use]
pub fn blocks_needed(tests: usize, alpha: f64) -> usize {
    let level = alpha / tests.max(1) as f64;
    // 2^-1074 is the smallest double, so that the search ends even where alpha is 0.
    (1..=1075).find(|&n| least_p(n) <= level).unwrap_or(1075)
}

/// The means of all pairs of differences, each with itself among them, in order.
fn walsh_averages(differences: &[f64]) -> Vec<f64> {
    let mut averages = Vec::with_capacity(differences.len() * (differences.len() + 1) / 2);
    for (at, first) in differences.iter().enumerate() {
        averages.extend(differences[at..].iter().map(|second| first / 2.0 + second / 2.0));
    }
    averages.sort_unstable_by(f64::total_cmp);
    averages
}

/// The probability of each sum from 0 to `limit` when every rank is added with probability one half.
///
/// Rank by rank: with the next one a sum `s` comes either from `s` without it or from `s - rank` with it. All terms
/// are positive, so that nothing cancels; the least, 2^-n, is a normal double up to n = 1022.
fn sum_probabilities(ranks: &[usize], limit: usize) -> Vec<f64> {
    let mut probabilities = vec![0.0; limit + 1];
    probabilities[0] = 1.0;
    let mut reached = 0;
    for &rank in ranks {
        reached = (reached + rank).min(limit);
        for sum in (0..=reached).rev() {
            let with = if sum >= rank { probabilities[sum - rank] } else { 0.0 };
            probabilities[sum] = (probabilities[sum] + with) / 2.0;
        }
    }
    probabilities
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// [d, ...], statistic, p: `scipy.stats.wilcoxon(d, method="exact", zero_method="wilcox")`, SciPy 1.17.1.
    #[test]
    fn agrees_with_scipy() {
        let cases: [(&[f64], f64, f64); 4] = [
            (&[0.646, 1.122, 0.63, -1.003, 1.205, 0.746], 4.0, 0.21875),
            (&[-0.237, 0.881, 0.665, 0.594, 0.328, 0.847, -0.436, 0.137, -0.182, 0.899], 10.0, 0.083984375),
            (
                &[
                    0.34, 0.008, -0.482, 0.043, 0.308, 0.024, 1.594, 1.307, -2.411, -1.589, 0.125, -0.122,
                    0.514, 0.517, 2.418,
                ],
                38.0,
                0.22930908203125,
            ),
            (
                &[
                    -0.812, -0.078, 2.343, 0.947, 0.963, -0.214, -1.348, 0.467, 0.409, -0.927, -0.383, 0.228,
                    -0.645, 0.202, 0.395, 0.336, -0.206, 0.894, 1.191, 0.621,
                ],
                74.0,
                0.26109886169433594,
            ),
        ];
        for (differences, statistic, p) in cases {
            let test = signed_rank(differences);
            assert_eq!((test.statistic, test.n_nonzero), (statistic, differences.len()));
            assert!((test.p_two_sided - p).abs() < 1e-14, "{test:?}");
        }
    }

    /// `scipy.stats.wilcoxon(d, method=PermutationMethod(n_resamples=10**6))`, which goes through all 2^n signs.
    #[test]
    fn agrees_with_scipy_on_ties_and_zeros() {
        let cases: [(&[f64], SignedRank); 3] = [
            (
                &[1.0, 1.0, 2.0, -2.0, 3.0, 3.0, -1.0, 4.0],
                SignedRank { statistic: 6.5, p_two_sided: 0.140625, n_nonzero: 8 },
            ),
            (
                &[0.0, 0.0, 5.0, -3.0, 3.0, 7.0, 7.0, -1.0, 2.0, 9.0],
                SignedRank { statistic: 4.5, p_two_sided: 0.0625, n_nonzero: 8 },
            ),
            (
                &[0.5, 0.5, 0.5, 0.5, -0.5, 1.5],
                SignedRank { statistic: 3.0, p_two_sided: 0.1875, n_nonzero: 6 },
            ),
        ];
        for (differences, expected) in cases {
            assert_eq!(signed_rank(differences), expected);
        }
        let none = SignedRank { statistic: 0.0, p_two_sided: 1.0, n_nonzero: 0 };
        assert_eq!((signed_rank(&[]), signed_rank(&[0.0, -0.0])), (none, none));
    }

    /// d = [sin(1.7 i) + 0.1 for i in 1..=n]; `scipy.stats.wilcoxon(d, method="exact")`. Of 500 SciPy takes the tail
    /// from 1 and keeps eleven digits; the value here is counted in numpy's longdouble (a[r:] += a[:-r]; a /= 2).
    #[test]
    fn stays_exact_for_many_blocks() {
        for (n, statistic, p) in [
            (60, 715.0, 0.142_787_131_860_096_84),
            (200, 8_081.0, 0.016_085_721_485_279_425),
            (500, 50_531.0, 1.740_670_696_501_871e-4),
        ] {
            let differences: Vec<f64> = (1..=n).map(|i| (f64::from(i) * 1.7).sin() + 0.1).collect();
            let test = signed_rank(&differences);
            assert_eq!(test.statistic, statistic);
            assert!((test.p_two_sided / p - 1.0).abs() < 1e-12, "{test:?}");
        }
    }

    /// The tables of textbooks (Hollander and Wolfe, table A.4): the largest significant sum at 5% and 1%, two-sided.
    #[test]
    fn agrees_with_the_published_table() {
        let five = [0, 2, 3, 5, 8, 10, 13, 17, 21, 25, 29, 34, 40, 46, 52];
        let one = [0, 1, 3, 5, 7, 9, 12, 15, 19, 23, 27, 32, 37];
        for (n, sum) in (6..=20).zip(five) {
            assert_eq!(critical_value(n, 0.05).map(|(sum, _)| sum), Some(sum), "n = {n}");
        }
        for (n, sum) in (8..=20).zip(one) {
            assert_eq!(critical_value(n, 0.01).map(|(sum, _)| sum), Some(sum), "n = {n}");
        }
        assert_eq!(
            (critical_value(5, 0.05), critical_value(7, 0.01), critical_value(0, 2.0)),
            (None, None, None)
        );
    }

    /// Nine patients' depression before and after a treatment: Hollander and Wolfe, examples 3.1, 3.3 and 3.4, who give
    /// p = 0.039, the estimate -0.46 and the interval (-0.786, -0.010) of 96.1%. So does R's `wilcox.test`.
    #[test]
    #[allow(clippy::approx_constant, reason = "3.14 is a patient's score")]
    fn agrees_with_the_published_example() {
        let before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
        let after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
        let differences: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
        let test = signed_rank(&differences);
        assert_eq!((test.statistic, test.p_two_sided), (5.0, 0.0390625));
        assert!((hodges_lehmann(&differences).unwrap() + 0.46).abs() < 1e-12);
        let interval = confidence_interval(&differences, 0.95).unwrap();
        assert!(
            (interval.low + 0.786).abs() < 1e-12 && (interval.high + 0.010).abs() < 1e-12,
            "{interval:?}"
        );
        assert_eq!(interval.confidence_reached, 0.9609375);
    }

    #[test]
    fn too_few_say_nothing() {
        assert_eq!((hodges_lehmann(&[]), hodges_lehmann(&[3.0])), (None, Some(3.0)));
        assert_eq!(confidence_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95), None);
        let six = confidence_interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.95).unwrap();
        assert_eq!(six, Interval { low: 1.0, high: 6.0, confidence_reached: 0.96875 });
        assert_eq!(confidence_interval(&[], 0.5), None);
    }

    /// Six blocks for one test at 5%; ten for the sixteen of four targets and four metrics; eleven for forty.
    #[test]
    fn blocks_that_it_takes() {
        assert_eq!((least_p(0), least_p(6), least_p(10)), (1.0, 0.03125, 2.0 / 1024.0));
        for (tests, blocks) in [(0, 6), (1, 6), (4, 8), (16, 10), (40, 11)] {
            assert_eq!(blocks_needed(tests, 0.05), blocks, "{tests} tests");
        }
        assert_eq!(blocks_needed(1, 0.03125), 6, "the level itself is reached");
        assert_eq!(blocks_needed(1, 0.0), 1075);
    }

    fn differences() -> impl Strategy<Value = Vec<f64>> {
        // Quarters, so that ties and zeros happen and shifts are exact.
        proptest::collection::vec((-40_i32..40).prop_map(|quarters| f64::from(quarters) / 4.0), 1..14)
    }

    /// All 2^n ways to set the signs, one by one.
    fn by_enumeration(differences: &[f64]) -> f64 {
        let sizes: Vec<f64> = differences.iter().filter(|d| **d != 0.0).map(|d| d.abs()).collect();
        let ranks = doubled_midranks(&sizes);
        let smaller = signed_rank(differences).statistic * 2.0;
        let ways = 1_usize << ranks.len();
        let sum = |signs: usize| -> usize {
            ranks.iter().enumerate().filter(|(bit, _)| signs >> bit & 1 == 1).map(|(_, rank)| rank).sum()
        };
        let so_small = (0..ways).filter(|&signs| sum(signs) as f64 <= smaller).count();
        (2.0 * so_small as f64 / ways as f64).min(1.0)
    }

    proptest! {
        #[test]
        fn counting_equals_enumeration(differences in differences()) {
            let p = signed_rank(&differences).p_two_sided;
            prop_assert!((p - by_enumeration(&differences)).abs() < 1e-12);
        }

        #[test]
        fn a_change_of_sign_changes_no_p_value(differences in differences()) {
            let negated: Vec<f64> = differences.iter().map(|difference| -difference).collect();
            prop_assert_eq!(signed_rank(&differences), signed_rank(&negated));
            let mirrored = hodges_lehmann(&negated).unwrap();
            prop_assert_eq!(hodges_lehmann(&differences).unwrap(), -mirrored);
        }

        #[test]
        fn the_estimate_moves_with_the_sample(differences in differences(), quarters in -40_i32..40) {
            let by = f64::from(quarters) / 4.0;
            let moved: Vec<f64> = differences.iter().map(|difference| difference + by).collect();
            prop_assert_eq!(hodges_lehmann(&moved).unwrap(), hodges_lehmann(&differences).unwrap() + by);
        }

        #[test]
        fn the_interval_holds_the_estimate_and_narrows_with_confidence(differences in differences()) {
            let estimate = hodges_lehmann(&differences).unwrap();
            if let Some(wide) = confidence_interval(&differences, 0.95) {
                prop_assert!(wide.low <= estimate && estimate <= wide.high);
                prop_assert!(wide.confidence_reached >= 0.95);
                let narrow = confidence_interval(&differences, 0.5).unwrap();
                prop_assert!(wide.low <= narrow.low && narrow.high <= wide.high);
            }
        }

        /// The interval is the test turned round: centres outside are rejected, centres inside are not. Random
        /// doubles have no ties.
        #[test]
        fn the_interval_is_the_test_inverted(seed in 0_u64..10_000, n in 6_usize..14) {
            let mut random = crate::random::Random::new(seed);
            let differences: Vec<f64> = (0..n).map(|_| random.unit() - 0.4).collect();
            let interval = confidence_interval(&differences, 0.95).unwrap();
            let p_at = |centre: f64| {
                let about: Vec<f64> = differences.iter().map(|difference| difference - centre).collect();
                signed_rank(&about).p_two_sided
            };
            prop_assert!(p_at(interval.low - 1e-9) <= 0.05 && p_at(interval.high + 1e-9) <= 0.05);
            prop_assert!(p_at(interval.low + 1e-9) > 0.05 && p_at(interval.high - 1e-9) > 0.05);
        }
    }
}
