//! Holm's correction for several tests at once.

/// The p-values as Holm adjusts them, in the order given: comparing each with a level keeps the probability of even
/// one false rejection at that level, whatever the tests have to do with each other.
///
/// The smallest is multiplied by the number of tests, the next by one less, and so on; none falls below a smaller
/// one's, and none exceeds 1. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
/// of Statistics 6 (1979). The values given are from 0 to 1.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (smaller, &at) in order.iter().enumerate() {
        let remaining = (p_values.len() - smaller) as f64;
        largest = largest.max((p_values[at] * remaining).min(1.0));
        adjusted[at] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `statsmodels.stats.multitest.multipletests(p, method="holm")[1]`, statsmodels 0.15.0; R's `p.adjust` agrees.
    #[test]
    fn agrees_with_statsmodels() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005, 0.5, 0.03]);
        for (ours, theirs) in adjusted.iter().zip([0.05, 0.12, 0.12, 0.03, 0.5, 0.12]) {
            assert!((ours - theirs).abs() < 1e-15, "{adjusted:?}");
        }
        assert_eq!(holm(&[]), [0.0; 0]);
        assert_eq!(holm(&[0.2]), [0.2]);
    }

    proptest! {
        #[test]
        fn never_below_the_raw_value_and_in_its_order(p_values in proptest::collection::vec(0.0..=1.0_f64, 1..40)) {
            let adjusted = holm(&p_values);
            for (at, p) in p_values.iter().enumerate() {
                prop_assert!(*p <= adjusted[at] && adjusted[at] <= 1.0);
                for (other, q) in p_values.iter().enumerate() {
                    prop_assert!(p > q || adjusted[at] <= adjusted[other]);
                }
            }
        }
    }
}
