//! Where a series changed: E-divisive means, which divides it where the energy distance between neighbours is largest, and
//! asks permutations whether that is more than chance.
//!
//! Matteson and James, "A nonparametric approach for multiple change point analysis of multivariate data", Journal of the
//! American Statistical Association 109 (2014), with their exponent of 1 and their permutation test. As in their R package
//! `ecp`, a candidate is compared with a stretch after it that need not reach to the end, so that a return to the old level does
//! not hide it.
//!
//! Why not the t-test by which Hunter replaced the permutations (Fleming et al., "Hunter: using change point detection to hunt
//! for performance regressions", ICPE 2023): it tests the place that was chosen for being the most unlike as if it had been
//! chosen beforehand. Permutations are searched in the same way as the series, so that the choice is paid for.

use crate::random::Random;

/// How change points are sought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangeRules {
    /// The level of the test: the probability that a series without any change shows one. Between 0 and 1.
    pub level: f64,
    /// How many permutations a candidate is held against. The least p-value is 1 over one more.
    pub permutations: usize,
    /// The fewest values on either side of a change point; at least 2, since one value has no spread.
    pub least: usize,
    /// What the permutations follow from.
    pub seed: u64,
}

/// A place where the series changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ChangePoint {
    /// The index of the first value after it.
    pub at: usize,
    /// The part of the permutations (the series itself counted as one) with as large a distance; at most the level.
    pub p_value: f64,
}

/// The best division of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Split {
    at: usize,
    distance: f64,
}

/// Sums of what two values have between them that are equal but for the order of their additions differ by less.
const ROUNDING: f64 = 1e-9;

/// The change points of a series, in order. The values must be finite.
///
/// Of all segments the best division is tested: values are shuffled within their segments, and the best division of each
/// shuffle is found in the same way. The first that is not significant ends the search. Takes time of the order of the
/// square of the length, times the permutations, for each change point that is found. Below [`fewest_values`] none is.
#[must_use]
pub fn change_points(values: &[f64], rules: &ChangeRules) -> Vec<ChangePoint> {
    let mut found: Vec<ChangePoint> = Vec::new();
    if fewest_values(rules).is_none_or(|fewest| values.len() < fewest) {
        return found;
    }
    loop {
        let mut search =
            Search { bounds: bounds(&found, values.len()), least: rules.least, room: Vec::new() };
        let Some(best) = search.best_of(values) else { break };
        let Some(p_value) = search.p_value(values, best.distance, rules) else { break };
        found.push(ChangePoint { at: best.at, p_value });
        found.sort_unstable_by_key(|change| change.at);
    }
    found
}

/// The fewest values that can show a change point: of a clean step in their middle, the chance that a permutation divides them
/// as well, 2 over the number of ways to choose its half, is not above the level. None where no number is enough.
#[must_use]
pub fn fewest_values(rules: &ChangeRules) -> Option<usize> {
    if 1.0 / (rules.permutations as f64 + 1.0) > rules.level {
        return None;
    }
    let mut n = 2 * rules.least;
    loop {
        let half = n / 2;
        let ways = (1..=half).fold(1.0, |ways, k| ways * (n - half + k) as f64 / k as f64);
        if 2.0 / ways <= rules.level {
            return Some(n);
        }
        n += 1;
    }
}

/// The segments between the change points, as the indices of their beginnings and ends.
fn bounds(found: &[ChangePoint], length: usize) -> Vec<(usize, usize)> {
    let inner = || found.iter().map(|change| change.at);
    let starts = std::iter::once(0).chain(inner());
    starts.zip(inner().chain(std::iter::once(length))).collect()
}

/// A search of some segments.
struct Search {
    /// Their beginnings and ends.
    bounds: Vec<(usize, usize)>,
    least: usize,
    /// Memory that is used again for each permutation.
    room: Vec<f64>,
}

impl Search {
    /// The best division of any segment.
    fn best_of(&mut self, values: &[f64]) -> Option<Split> {
        let Self { bounds, least, room } = self;
        let of = |&(start, end): &(usize, usize)| {
            let split = best_split(&values[start..end], *least, room)?;
            Some(Split { at: start + split.at, ..split })
        };
        // Of equal ones the first, so that a rerun gives the same.
        let better = |best: Split, next: Split| if next.distance > best.distance { next } else { best };
        bounds.iter().filter_map(of).reduce(better)
    }

    /// The p-value of a distance; none as soon as it is sure to be above the level.
    fn p_value(&mut self, values: &[f64], distance: f64, rules: &ChangeRules) -> Option<f64> {
        // Another sequence for each candidate: the one before was chosen by its own.
        let mut random = Random::of_block(rules.seed, self.bounds.len());
        let mut shuffled = values.to_vec();
        let all = rules.permutations as f64 + 1.0;
        let mut as_large = 1.0;
        for _ in 0..rules.permutations {
            for &(start, end) in &self.bounds {
                random.shuffle(&mut shuffled[start..end]);
            }
            let best = self.best_of(&shuffled);
            if best.is_some_and(|best| best.distance >= distance * (1.0 - ROUNDING)) {
                as_large += 1.0;
                if as_large / all > rules.level {
                    return None;
                }
            }
        }
        (as_large / all <= rules.level).then_some(as_large / all)
    }
}

/// The division of one segment at which the scaled energy distance is largest, `nm / (n + m)` times
/// `2 mean|x - y| - mean|x - x'| - mean|y - y'|`, over all `n` values before it and the next `m` after it.
fn best_split(values: &[f64], least: usize, room: &mut Vec<f64>) -> Option<Split> {
    let length = values.len();
    if length < 2 * least {
        return None;
    }
    // Row k: for each i, the sum of |values[k] - values[j]| over all j below i.
    let width = length + 1;
    room.clear();
    room.resize(length * width, 0.0);
    for (value, row) in values.iter().zip(room.chunks_exact_mut(width)) {
        let mut sum = 0.0;
        for (other, place) in values.iter().zip(&mut row[1..]) {
            sum += (value - other).abs();
            *place = sum;
        }
    }
    let mut best: Option<Split> = None;
    let mut within_before: f64 = (0..least).map(|k| room[k * width + k]).sum();
    for at in least..=length - least {
        let n = at as f64;
        let before = 2.0 * within_before / (n * (n - 1.0));
        let (mut between, mut within_after) = (0.0, 0.0);
        for k in at..length {
            let row = &room[k * width..(k + 1) * width];
            between += row[at];
            within_after += row[k] - row[at];
            let m = (k + 1 - at) as f64;
            if k + 1 - at >= least {
                let after = 2.0 * within_after / (m * (m - 1.0));
                let distance = n * m / (n + m) * (2.0 * between / (n * m) - before - after);
                if best.is_none_or(|best| distance > best.distance) {
                    best = Some(Split { at, distance });
                }
            }
        }
        within_before += room[at * width + at];
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal_quantile;

    const RULES: ChangeRules = ChangeRules { level: 0.01, permutations: 999, least: 3, seed: 1 };

    fn noise(seed: u64, length: usize) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..length).map(|_| normal_quantile(random.unit().max(1e-12))).collect()
    }

    fn places(values: &[f64], rules: &ChangeRules) -> Vec<usize> {
        change_points(values, rules).iter().map(|change| change.at).collect()
    }

    #[test]
    fn the_distance_is_that_of_the_definition() {
        // By hand: 9 pairs 1 apart, none within; 3 * 3 / 6 * 2 * 9 / 9 = 3.
        let split = best_split(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0], 3, &mut Vec::new()).unwrap();
        assert_eq!(split, Split { at: 3, distance: 3.0 });
        let values = noise(5, 17);
        let split = best_split(&values, 2, &mut Vec::new()).unwrap();
        let mean = |a: &[f64], b: &[f64], pairs: f64| {
            a.iter().flat_map(|x| b.iter().map(move |y| (x - y).abs())).sum::<f64>() / pairs
        };
        let mut largest = (0, f64::NEG_INFINITY);
        for at in 2..=15 {
            for end in at + 2..=17 {
                let (x, y) = (&values[..at], &values[at..end]);
                let (n, m) = (x.len() as f64, y.len() as f64);
                let energy = 2.0 * mean(x, y, n * m) - mean(x, x, n * (n - 1.0)) - mean(y, y, m * (m - 1.0));
                let distance = n * m / (n + m) * energy;
                if distance > largest.1 {
                    largest = (at, distance);
                }
            }
        }
        assert_eq!(split.at, largest.0);
        assert!((split.distance - largest.1).abs() < 1e-12, "{split:?} and {largest:?}");
    }

    /// `PairDistanceCalculator(series)._get_Q_vals(0, 18)` of Apache Otava 0.8.0, its largest with three values on every side: at 8,
    /// of the stretch that ends at 16, where the series goes back to its old level.
    #[test]
    fn the_distance_is_that_of_otava() {
        let series =
            [4.2, 4.0, 4.1, 4.4, 3.9, 4.3, 4.1, 4.0, 5.1, 5.4, 4.9, 5.2, 5.3, 5.0, 5.1, 5.5, 4.3, 4.2];
        let split = best_split(&series, 3, &mut Vec::new()).unwrap();
        assert_eq!(split.at, 8);
        assert!((split.distance - 6.714_285_714_285_714).abs() < 1e-12, "{split:?}");
    }

    #[test]
    fn a_planted_step_is_found_where_it_is() {
        for (step, length, at) in [(5.0, 12, 6), (4.0, 40, 30), (-4.0, 40, 37), (3.0, 100, 50)] {
            let mut values = noise(7, length);
            values[at..].iter_mut().for_each(|value| *value += step);
            let found = places(&values, &RULES);
            assert!(found.len() == 1 && found[0].abs_diff(at) <= 1, "{step} at {at} of {length}: {found:?}");
        }
    }

    #[test]
    fn a_step_there_and_back_is_two() {
        let mut values = noise(11, 60);
        values[20..40].iter_mut().for_each(|value| *value += 6.0);
        assert_eq!(places(&values, &RULES), [20, 40]);
    }

    #[test]
    fn noise_alone_shows_a_change_as_seldom_as_the_level_says() {
        let rules = ChangeRules { level: 0.05, permutations: 199, ..RULES };
        let series = 400;
        let shown = (0..series).filter(|&seed| !places(&noise(1000 + seed, 24), &rules).is_empty()).count();
        // Binomial(400, 0.05) is above 35 once in a thousand times, and below 7 as well.
        assert!((7..=35).contains(&shown), "{shown} of {series}");
    }

    #[test]
    fn one_outlier_is_no_change() {
        let mut values = noise(3, 40);
        values[20] += 50.0;
        assert_eq!(places(&values, &RULES), [0; 0]);
        assert_eq!(places(&[1.0; 30], &RULES), [0; 0], "what never varies never changes");
    }

    #[test]
    fn nothing_is_claimed_of_too_few() {
        assert_eq!(fewest_values(&RULES), Some(10));
        assert_eq!(fewest_values(&ChangeRules { level: 0.05, ..RULES }), Some(8));
        assert_eq!(fewest_values(&ChangeRules { permutations: 9, ..RULES }), None);
        let step = |length: usize| -> Vec<f64> {
            (0..length).map(|k| if k < length / 2 { 0.0 } else { 1.0 } + k as f64 * 1e-6).collect()
        };
        for length in 0..10 {
            assert_eq!(places(&step(length), &RULES), [0; 0], "{length}");
        }
        assert_eq!(places(&step(12), &RULES), [6]);
    }

    #[test]
    fn the_same_series_and_seed_give_the_same() {
        let mut values = noise(2, 50);
        values[25..].iter_mut().for_each(|value| *value += 2.0);
        let found = change_points(&values, &RULES);
        assert_eq!(change_points(&values, &RULES), found);
        assert!(found.iter().all(|change| (0.001..=0.01).contains(&change.p_value)), "{found:?}");
    }
}
