//! The rank-sum test of two samples that were not taken in pairs, the shift between them, and its interval.
//!
//! For a comparison with stored runs: without blocks nothing removes what the machine did meanwhile, so this is the
//! weaker evidence. Mann and Whitney, Annals of Mathematical Statistics 18 (1947); Hodges and Lehmann, Annals of
//! Mathematical Statistics 34 (1963); Hollander and Wolfe, sections 4.1 to 4.3.

use super::power::normal_quantile;
use super::ranks::{doubled_midranks, without_common_factor};
use super::{Interval, median_of_sorted};

/// Samples are compared by the normal approximation where the size of the smaller times that of both together is above
/// this: 70 against 70 values are still counted, and 10 against 990. Counting takes time of the order of that product's
/// square. Just above, the two p-values differ by less than 0.006, and by less than 0.002 for samples alike in size
/// (SciPy's `mannwhitneyu`, exact against asymptotic, from the centre to 4 standard deviations off).
pub const EXACT_UP_TO: usize = 10_000;

/// How far one sample lies above another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// The median of all differences between a value of the one and a value of the other.
    pub estimate: f64,
    /// Its interval; absent where there are too few values for the confidence.
    pub interval: Option<Interval>,
}

/// The two-sided p-value of the rank-sum test of Wilcoxon, Mann and Whitney against no difference; above 0, at most 1,
/// and 1 where a sample is empty.
///
/// Exact up to [`EXACT_UP_TO`], by counting all ways to divide the ranks between the samples; equal values share
/// their mean rank, and twice the smaller tail is taken, since ties can make the tails unlike. Beyond, the normal
/// approximation with the corrections for ties and continuity.
#[must_use]
pub fn rank_sum(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    // Counting goes by the size of the first sample, so it is the smaller.
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let mut ranks = doubled_midranks(&[few, many].concat());
    let scale = 2.0 / without_common_factor(&mut ranks) as f64;
    let sum: usize = ranks[..few.len()].iter().sum();
    if few.len() * ranks.len() > EXACT_UP_TO {
        return normal_p(few.len(), sum as f64 / scale, &ranks, scale);
    }
    let probabilities = sum_probabilities(&ranks, few.len());
    let at_most: f64 = probabilities[..=sum].iter().sum();
    let at_least: f64 = probabilities[sum..].iter().sum();
    (2.0 * at_most.min(at_least)).min(1.0)
}

/// The Hodges-Lehmann shift of `b` above `a`, with its exact interval: the median of all `b - a`, and every shift that
/// the test does not reject. None where a sample is empty.
///
/// As with [`super::confidence_interval`] ties make it wider than need be; beyond [`EXACT_UP_TO`] its ends are
/// placed by the normal approximation. `confidence` is between 0 and 1.
#[must_use]
pub fn shift(a: &[f64], b: &[f64], confidence: f64) -> Option<Shift> {
    let mut differences: Vec<f64> = b.iter().flat_map(|b| a.iter().map(move |a| b - a)).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let estimate = median_of_sorted(&differences)?;
    let interval = critical_value(a.len(), b.len(), 1.0 - confidence).map(|(skipped, tail)| Interval {
        low: differences[skipped],
        high: differences[differences.len() - 1 - skipped],
        confidence_reached: 1.0 - 2.0 * tail,
    });
    Some(Shift { estimate, interval })
}

/// The least two-sided p-value that so many values against so many can give: all of the one above all of the other, 2 over
/// the number of ways to choose; 1 where a sample is empty.
#[must_use]
pub fn least_rank_sum_p(a: usize, b: usize) -> f64 {
    let few = a.min(b);
    // Factor by factor, so that nothing overflows; beyond the smallest double it is 0, below every level.
    let ways = |p: f64, taken: usize| p * (taken + 1) as f64 / (a.max(b) + taken + 1) as f64;
    (2.0 * (0..few).fold(1.0, ways)).min(1.0)
}

/// The largest U (pairs in which the one sample's value is the larger) that is significant at the two-sided level
/// `alpha`, without ties, and the probability of one so small or smaller. None where not even 0 is.
fn critical_value(a: usize, b: usize, alpha: f64) -> Option<(usize, f64)> {
    let few = a.min(b);
    if few * (a + b) > EXACT_UP_TO {
        let (pairs, values) = ((a * b) as f64, (a + b) as f64);
        let deviation = (pairs * (values + 1.0) / 12.0).sqrt();
        let below = pairs / 2.0 + normal_quantile(alpha / 2.0) * deviation - 0.5;
        return (below >= 0.0).then_some((below as usize, alpha / 2.0));
    }
    let ranks: Vec<usize> = (1..=a + b).collect();
    let mut critical = None;
    let mut tail = 0.0;
    let least_sum = few * (few + 1) / 2;
    for (u, probability) in sum_probabilities(&ranks, few)[least_sum..].iter().enumerate() {
        tail += probability;
        if tail > alpha / 2.0 {
            break;
        }
        critical = Some((u, tail));
    }
    critical
}

/// The probability of each sum of `few` of the ranks, every choice being equally likely, from 0 to the largest sum.
///
/// Rank by rank, `counts[k][s]` is how many choices of `k` ranks have the sum `s`. Doubles count beyond 2^53 with
/// rounding, but all terms are positive, so that nothing cancels.
fn sum_probabilities(ranks: &[usize], few: usize) -> Vec<f64> {
    let mut falling = ranks.to_vec();
    falling.sort_unstable_by(|a, b| b.cmp(a));
    let largest: usize = falling[..few].iter().sum();
    let mut counts = vec![vec![0.0; largest + 1]; few + 1];
    counts[0][0] = 1.0;
    let mut reached = 0;
    for (taken, &rank) in ranks.iter().enumerate() {
        reached = (reached + rank).min(largest);
        for size in (1..=few.min(taken + 1)).rev() {
            let (smaller, larger) = counts.split_at_mut(size);
            for sum in rank..=reached {
                larger[0][sum] += smaller[size - 1][sum - rank];
            }
        }
    }
    let mut chosen = counts.swap_remove(few);
    let ways: f64 = chosen.iter().sum();
    chosen.iter_mut().for_each(|count| *count /= ways);
    chosen
}

/// The two-sided p-value by the normal approximation. `ranks` are in units of `1 / scale`.
fn normal_p(few: usize, rank_sum: f64, ranks: &[usize], scale: f64) -> f64 {
    let (few, values) = (few as f64, ranks.len() as f64);
    let mean = (values + 1.0) / 2.0;
    // The variance of the midranks themselves, which ties make smaller than (N^2 - 1) / 12.
    let squares: f64 = ranks.iter().map(|&rank| (rank as f64 / scale - mean).powi(2)).sum();
    let deviation = (few * (values - few) / values * squares / (values - 1.0)).sqrt();
    let distance = ((rank_sum - few * mean).abs() - 0.5).max(0.0);
    if deviation == 0.0 { 1.0 } else { 2.0 * normal_tail(distance / deviation) }
}

/// The probability of a standard normal value above `z`, which is at least 0: the quantile function turned round by
/// halving the logarithm's range, which holds six digits far into the tail.
fn normal_tail(z: f64) -> f64 {
    let (mut low, mut high) = (f64::MIN_POSITIVE.ln(), 0.5_f64.ln());
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if -normal_quantile(middle.exp()) > z { low = middle } else { high = middle }
    }
    high.exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `scipy.stats.mannwhitneyu(a, b, method="exact").pvalue`, SciPy 1.17.1.
    #[test]
    fn agrees_with_scipy() {
        let cases: [(&[f64], &[f64], f64); 3] = [
            (&[-0.06, 0.246, -0.747, 0.679], &[0.13, -0.27, 0.677, 1.045, 0.371], 0.555_555_555_555_555_6),
            (
                &[-0.863, 0.62, -1.76, -1.031, 0.04, -1.361, 0.028, -0.055],
                &[1.499, -0.315, -0.026, 0.933, -1.858, 3.7, -0.099, -0.13],
                0.382_284_382_284_382_2,
            ),
            (
                &[0.861, -0.04, -1.779, 0.627, 0.855, -0.45, -0.282, 0.486, -0.909, 0.438],
                &[0.799, -0.075, -0.792, 0.374, -0.275, 1.601, 0.744, 1.382, 0.735, 0.863, -0.183, 1.268],
                0.140_237_471_506_821_37,
            ),
        ];
        for (a, b, p) in cases {
            assert!((rank_sum(a, b) - p).abs() < 1e-13, "{a:?}");
            assert!((rank_sum(b, a) - p).abs() < 1e-13, "{a:?}");
        }
    }

    /// a = [sin(1.7 i) for i in 1..=m], b = [sin(2.3 i) + 0.2 for i in 1..=n], by the same command.
    #[test]
    fn stays_exact_for_many_blocks() {
        for (m, n, p) in [(40, 45, 0.102_627_061_241_702_07), (5, 200, 0.920_451_058_457_995_2)] {
            let p_here = rank_sum(&waves(m, 1.7, 0.0), &waves(n, 2.3, 0.2));
            assert!((p_here - p).abs() < 1e-11, "{m} against {n}: {p_here}");
        }
    }

    fn waves(n: i32, step: f64, by: f64) -> Vec<f64> {
        (1..=n).map(|i| (f64::from(i) * step).sin() + by).collect()
    }

    /// Twice the smaller tail over all choices, gone through by `itertools.combinations(range(N), len(a))` on
    /// `scipy.stats.rankdata(a + b)`.
    #[test]
    fn agrees_with_enumeration_on_ties() {
        let cases: [(&[f64], &[f64], f64); 3] = [
            (&[1.0, 2.0, 2.0, 3.0, 5.0], &[2.0, 3.0, 3.0, 4.0, 6.0, 7.0], 0.173_160_173_160_173_15),
            (&[1.0, 1.0, 1.0, 2.0], &[1.0, 2.0, 2.0, 2.0, 3.0], 0.269_841_269_841_269_8),
            (&[3.0; 3], &[3.0; 3], 1.0),
        ];
        for (a, b, p) in cases {
            assert!((rank_sum(a, b) - p).abs() < 1e-13, "{a:?}");
        }
        assert_eq!(rank_sum(&[], &[1.0]), 1.0);
    }

    /// a = [sin(1.7 i) for i in 1..=80], b = [sin(2.3 i) + 0.2 for i in 1..=70];
    /// `scipy.stats.mannwhitneyu(a, b, method="asymptotic").pvalue`, plain and rounded to one digit to have ties. The
    /// exact value is 0.04545.
    #[test]
    fn many_values_take_the_normal_approximation() {
        let (a, b) = (waves(80, 1.7, 0.0), waves(70, 2.3, 0.2));
        assert!((rank_sum(&a, &b) - 0.045_667_777).abs() < 1e-7, "{}", rank_sum(&a, &b));
        let round =
            |values: &[f64]| -> Vec<f64> { values.iter().map(|v| (v * 10.0).round() / 10.0).collect() };
        let p = rank_sum(&round(&a), &round(&b));
        assert!((p - 0.054_159_779).abs() < 1e-7, "{p}");
        let interval = shift(&a, &b, 0.95).unwrap().interval.unwrap();
        assert!(interval.low > 0.0 && interval.low < 0.05, "p is just below 0.05: {interval:?}");
        assert!((normal_tail(5.0) / 2.866_515_72e-7 - 1.0).abs() < 1e-5);
    }

    /// Permeability of human membranes at term and before: Hollander and Wolfe, examples 4.1, 4.3 and 4.4; R's help of
    /// `wilcox.test` gives p = 0.2544, the shift 0.305 and its 95% interval from -0.15 to 0.76.
    #[test]
    fn agrees_with_the_published_example() {
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let before = [1.15, 0.88, 0.90, 0.74, 1.21];
        assert!((rank_sum(&term, &before) - 0.254_412_254_412_254_4).abs() < 1e-13);
        let shift = shift(&before, &term, 0.95).unwrap();
        let interval = shift.interval.unwrap();
        assert!((shift.estimate - 0.305).abs() < 1e-12, "{shift:?}");
        assert!((interval.low + 0.15).abs() < 1e-12 && (interval.high - 0.76).abs() < 1e-12, "{shift:?}");
        // 1 - 2 P(U <= 8), counted over the 3003 choices of 5 ranks of 15.
        assert!((interval.confidence_reached - 0.960_039_960_039_960_1).abs() < 1e-12);
    }

    #[test]
    fn the_least_that_there_is() {
        for (a, b, ways) in [(3, 3, 20.0), (8, 8, 12_870.0), (1, 12, 13.0), (12, 1, 13.0), (1, 1, 2.0)] {
            assert!((least_rank_sum_p(a, b) * ways / 2.0 - 1.0).abs() < 1e-12, "{a} and {b}");
        }
        assert_eq!((least_rank_sum_p(0, 5), least_rank_sum_p(9, 0)), (1.0, 1.0));
        let apart = rank_sum(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0]);
        assert!((apart - least_rank_sum_p(4, 3)).abs() < 1e-12, "{apart}");
    }

    #[test]
    fn too_few_have_no_interval() {
        assert_eq!(shift(&[], &[1.0], 0.95), None);
        let three = shift(&[1.0, 2.0, 3.0], &[2.0, 3.0, 4.0], 0.95).unwrap();
        assert_eq!(three, Shift { estimate: 1.0, interval: None });
        assert!(shift(&[1.0, 2.0, 3.0, 4.0], &[2.0, 3.0, 4.0, 5.0], 0.95).unwrap().interval.is_some());
    }

    proptest! {
        #[test]
        fn which_is_first_changes_no_p_value(
            a in proptest::collection::vec((0_i32..20).prop_map(f64::from), 1..8),
            b in proptest::collection::vec((0_i32..20).prop_map(f64::from), 1..8),
        ) {
            prop_assert!((rank_sum(&a, &b) - rank_sum(&b, &a)).abs() < 1e-12);
            let there = shift(&a, &b, 0.95).unwrap();
            prop_assert_eq!(there.estimate, -shift(&b, &a, 0.95).unwrap().estimate);
            if let Some(interval) = there.interval {
                prop_assert!(interval.low <= there.estimate && there.estimate <= interval.high);
            }
        }
    }
}
