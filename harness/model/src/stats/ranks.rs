//! Midranks in whole numbers, which both rank tests count with.

/// The midranks of the values, each doubled so that it is whole: equal values share the mean of their ranks.
///
/// Values count as equal where they are the same double, as in SciPy's `rankdata`.
pub(super) fn doubled_midranks(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let last = first + equal.len() - 1;
        equal.iter().for_each(|&at| ranks[at] = first + last + 2);
        first = last + 1;
    }
    ranks
}

/// Halves doubled ranks where all are even, that is where no half ranks are: the counting takes half the steps.
pub(super) fn without_common_factor(ranks: &mut [usize]) -> usize {
    if ranks.iter().any(|rank| rank % 2 == 1) {
        return 1;
    }
    ranks.iter_mut().for_each(|rank| *rank /= 2);
    2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean() {
        // scipy.stats.rankdata([3, 1, 3, 5, 3, 1]) = [4, 1.5, 4, 6, 4, 1.5]
        assert_eq!(doubled_midranks(&[3.0, 1.0, 3.0, 5.0, 3.0, 1.0]), [8, 3, 8, 12, 8, 3]);
        assert_eq!(doubled_midranks(&[0.0, -0.0, 1.0]), [3, 3, 6], "both zeros are one value");
        assert!(doubled_midranks(&[]).is_empty());
        let (mut odd, mut even) = ([3, 3, 6], [2, 4, 6]);
        assert_eq!((without_common_factor(&mut odd), without_common_factor(&mut even)), (1, 2));
        assert_eq!((odd, even), ([3, 3, 6], [1, 2, 3]));
    }
}
