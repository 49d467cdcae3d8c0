//! The interval of a median that assumes nothing of the sample's shape.

use super::{Interval, sorted};

/// The exact interval of the median by order statistics (the sign test turned round): from the `k+1`-th smallest
/// value to the `k+1`-th largest, with the largest `k` that the confidence allows. None where there are too few
/// values for it: for 95%, below 6.
///
/// Sources: Thompson, Annals of Mathematical Statistics 7 (1936); Hollander and Wolfe, section 3.6. `confidence` is
/// between 0 and 1.
#[must_use]
pub fn median_interval(values: &[f64], confidence: f64) -> Option<Interval> {
    let n = values.len();
    let mut found = None;
    // The probability that exactly `skipped` of n values lie below the median, and that at most so many do.
    let mut exactly = 0.5_f64.powi(i32::try_from(n).ok()?);
    let mut at_most = 0.0;
    for skipped in 0..n / 2 {
        at_most += exactly;
        if at_most > (1.0 - confidence) / 2.0 {
            break;
        }
        found = Some((skipped, at_most));
        exactly *= (n - skipped) as f64 / (skipped + 1) as f64;
    }
    let (skipped, tail) = found?;
    let sorted = sorted(values);
    Some(Interval {
        low: sorted[skipped],
        high: sorted[n - 1 - skipped],
        confidence_reached: 1.0 - 2.0 * tail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `k` is the largest with `scipy.stats.binom.cdf(k, n, 0.5) <= 0.025`; the confidence is 1 - 2 cdf.
    #[test]
    fn agrees_with_scipy() {
        for (n, skipped, confidence) in
            [(6_u32, 0_u32, 0.968_75), (10, 1, 0.978_515_625), (20, 5, 0.958_610_534_667_968_8)]
        {
            let values: Vec<f64> = (1..=n).rev().map(f64::from).collect();
            let interval = median_interval(&values, 0.95).unwrap();
            assert_eq!((interval.low, interval.high), (f64::from(1 + skipped), f64::from(n - skipped)));
            assert!((interval.confidence_reached - confidence).abs() < 1e-12, "{interval:?}");
        }
        assert_eq!(median_interval(&[1.0; 5], 0.95), None);
        assert_eq!(median_interval(&[], 0.95), None);
    }
}
