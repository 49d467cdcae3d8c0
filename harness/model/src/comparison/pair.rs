//! One entrant against the base on one metric: the ratio, how sure it is, and the verdict.

use super::settling::Unsettled;
use crate::metric::Metric;
use crate::stats::{
    confidence_interval, detectable, hodges_lehmann, holm, least_p, signed_rank, standard_deviation,
};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

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
    /// The label of the entrant that it is compared with.
    pub base: String,
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
    /// The control's, where that is larger. Absent where so few blocks could show no effect at all, and for a metric that
    /// does not vary.
    pub detectable: Option<f64>,
    /// The control's `detectable` for the same metric: the noise of the machine itself. Absent without a control.
    pub noise: Option<f64>,
    /// For an inconclusive pair, the blocks that would settle it if estimate and noise stay what they are; absent
    /// where more than 1000 would be needed.
    pub settle_blocks: Option<usize>,
}

/// An entrant's ratios to the base on one metric, before anything is made of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The entrant's label.
    pub label: String,
    /// The base's label.
    pub base: String,
    /// What is compared.
    pub metric: Metric,
    /// The entrant's figure over the base's, one a block; above 0 and finite.
    pub ratios: Vec<f64>,
}

/// By what pairs are judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// See [`super::ComparisonPlan::margin`].
    pub margin: f64,
    /// See [`super::ComparisonPlan::confidence`].
    pub confidence: f64,
    /// The metrics that get verdicts.
    pub decisive: Vec<Metric>,
}

impl Rules {
    /// The level of the tests: one less the confidence.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        1.0 - self.confidence
    }

    /// Whether a metric gets a verdict: it is decisive, and there is something to test.
    #[must_use]
    pub fn gives_verdict(&self, metric: Metric) -> bool {
        self.decisive.contains(&metric) && !metric.is_deterministic()
    }

    /// The margin as a difference of logarithms. A ratio of 1 / 1.02 is as far from 1 as one of 1.02.
    fn log_margin(&self) -> f64 {
        self.margin.ln_1p()
    }
}

/// Judges samples as one family: Holm's correction goes over all of them that get a verdict. In the order given; a
/// sample without ratios gives no pair.
///
/// Only the p-values are adjusted. The intervals are each at the confidence for itself, so "equivalent" (two one-sided
/// tests at half the level) is not corrected for how many are looked at.
#[must_use]
pub fn judge_pairs(samples: &[Sample], rules: &Rules) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = samples.iter().filter_map(|sample| measure(sample, rules)).collect();
    let family: Vec<usize> = (0..pairs.len()).filter(|&at| rules.gives_verdict(pairs[at].metric)).collect();
    let raw: Vec<f64> = family.iter().map(|&at| pairs[at].p.unwrap_or(1.0)).collect();
    for (&at, adjusted) in family.iter().zip(holm(&raw)) {
        let pair = &mut pairs[at];
        pair.p_adjusted = Some(adjusted);
        let verdict = verdict(pair, adjusted, rules);
        pair.verdict = Some(verdict);
        if least_p(pair.ratios.len()) > rules.alpha() / family.len() as f64 {
            // No effect, however large, could have come out as better or worse.
            pair.detectable = None;
        }
        if verdict == PairVerdict::Inconclusive {
            pair.settle_blocks = settle_blocks(pair, family.len(), rules);
        }
    }
    pairs
}

/// Everything of a pair that does not depend on the others.
pub(super) fn measure(sample: &Sample, rules: &Rules) -> Option<Pair> {
    let logs: Vec<f64> = sample.ratios.iter().map(|ratio| ratio.ln()).collect();
    let estimate = hodges_lehmann(&logs)?;
    let varies = !sample.metric.is_deterministic();
    let interval = confidence_interval(&logs, rules.confidence).filter(|_| varies);
    let deviation = standard_deviation(&logs).filter(|_| varies);
    Some(Pair {
        label: sample.label.clone(),
        base: sample.base.clone(),
        metric: sample.metric,
        ratio: estimate.exp(),
        low: interval.map(|interval| interval.low.exp()),
        high: interval.map(|interval| interval.high.exp()),
        ratios: sample.ratios.clone(),
        p: varies.then(|| signed_rank(&logs).p_two_sided),
        p_adjusted: None,
        verdict: None,
        detectable: deviation
            .filter(|_| least_p(logs.len()) <= rules.alpha())
            .map(|deviation| detectable(deviation, logs.len(), rules.confidence).exp_m1()),
        noise: None,
        settle_blocks: None,
    })
}

impl Pair {
    /// On which side of 1 the whole interval lies beyond the margin, if on one.
    pub(super) fn beyond_margin(&self, rules: &Rules) -> Option<Ordering> {
        let margin = rules.log_margin();
        if self.low?.ln() > margin {
            Some(Ordering::Greater)
        } else if self.high?.ln() < -margin {
            Some(Ordering::Less)
        } else {
            None
        }
    }

    fn within_margin(&self, rules: &Rules) -> bool {
        let margin = rules.log_margin();
        self.low.is_some_and(|low| low.ln() > -margin) && self.high.is_some_and(|high| high.ln() < margin)
    }
}

fn verdict(pair: &Pair, p_adjusted: f64, rules: &Rules) -> PairVerdict {
    match pair.beyond_margin(rules) {
        Some(side) if p_adjusted <= rules.alpha() => {
            let is_better = (side == Ordering::Greater) == pair.metric.higher_is_better();
            if is_better { PairVerdict::Better } else { PairVerdict::Worse }
        }
        None if pair.within_margin(rules) => PairVerdict::Equivalent,
        _ => PairVerdict::Inconclusive,
    }
}

/// The blocks after which the pair would get another verdict: its interval must end before the nearer margin.
fn settle_blocks(pair: &Pair, tests: usize, rules: &Rules) -> Option<usize> {
    let logs: Vec<f64> = pair.ratios.iter().map(|ratio| ratio.ln()).collect();
    let (estimate, margin) = (pair.ratio.ln().abs(), rules.log_margin());
    let to_reject = (estimate > margin).then_some(estimate);
    Unsettled { logs: &logs, to_limit: estimate - margin, to_reject, tests }.blocks(rules.alpha())
}

#[cfg(test)]
mod tests {
    use super::*;
    use PairVerdict::{Better, Equivalent, Inconclusive, Worse};

    fn rules() -> Rules {
        Rules { margin: 0.02, confidence: 0.95, decisive: Metric::DECISIVE.to_vec() }
    }

    /// Ratios about `centre`, a step apart, in no order.
    fn about(centre: f64, step: f64, n: i32) -> Vec<f64> {
        (0..n).map(|i| centre * (step * (f64::from(i * 7 % n) - f64::from(n - 1) / 2.0)).exp()).collect()
    }

    fn sample(metric: Metric, ratios: Vec<f64>) -> Sample {
        Sample { label: "go".into(), base: "rust".into(), metric, ratios }
    }

    fn only(metric: Metric, ratios: Vec<f64>) -> Pair {
        judge_pairs(&[sample(metric, ratios)], &rules()).remove(0)
    }

    #[test]
    fn verdicts() {
        for (metric, ratios, expected) in [
            (Metric::Tps, about(1.10, 0.005, 10), Better),
            (Metric::Tps, about(0.90, 0.005, 10), Worse),
            (Metric::P99, about(1.10, 0.005, 10), Worse),
            (Metric::P99, about(0.90, 0.005, 10), Better),
            (Metric::Tps, about(1.0, 0.001, 10), Equivalent),
            // Surely above 1, and as surely by less than 2%: the same.
            (Metric::Tps, about(1.01, 0.0005, 10), Equivalent),
            // Across the margin.
            (Metric::Tps, about(1.02, 0.005, 10), Inconclusive),
            (Metric::Tps, about(1.0, 0.02, 10), Inconclusive),
            // Far off, but five blocks prove nothing.
            (Metric::Tps, about(3.0, 0.001, 5), Inconclusive),
            (Metric::Tps, about(3.0, 0.001, 6), Better),
            (Metric::Tps, vec![1.0; 10], Equivalent),
        ] {
            let pair = only(metric, ratios);
            assert_eq!(pair.verdict, Some(expected), "{pair:?}");
        }
    }

    #[test]
    fn estimate_interval_and_noise() {
        let pair = only(Metric::Tps, about(1.10, 0.005, 10));
        assert!((pair.ratio - 1.10).abs() < 1e-12, "{pair:?}");
        assert!(pair.low.unwrap() < pair.ratio && pair.ratio < pair.high.unwrap());
        assert_eq!((pair.p, pair.p_adjusted), (Some(2.0 / 1024.0), Some(2.0 / 1024.0)));
        // The steps' standard deviation is 3.028 * 0.005, and 2.80 * 0.01514 / sqrt(10) = 0.01341.
        assert!((pair.detectable.unwrap() - 0.013_50).abs() < 1e-4, "{pair:?}");
        assert_eq!(only(Metric::Tps, about(1.1, 0.005, 5)).detectable, None, "five blocks can show nothing");
    }

    #[test]
    fn what_is_not_tested_gets_no_verdict() {
        let descriptive = only(Metric::P50, about(2.0, 0.001, 10));
        assert!(descriptive.low.is_some() && descriptive.p.is_some());
        assert_eq!((descriptive.verdict, descriptive.p_adjusted), (None, None));
        let all = Rules { decisive: Metric::ALL.to_vec(), ..rules() };
        let size = judge_pairs(&[sample(Metric::ArtefactSize, vec![2.0; 10])], &all).remove(0);
        assert!((size.ratio - 2.0).abs() < 1e-12);
        assert_eq!((size.low, size.p, size.verdict, size.detectable), (None, None, None, None));
        assert!(judge_pairs(&[sample(Metric::Tps, vec![])], &rules()).is_empty());
    }

    /// Eight blocks suffice for six tests (6 * 2/256 = 0.047) and not for seven, however large the difference.
    #[test]
    fn the_family_decides_what_is_significant() {
        let family = |size: usize| vec![sample(Metric::Tps, about(3.0, 0.001, 8)); size];
        let verdicts = |size| -> Vec<_> {
            judge_pairs(&family(size), &rules()).iter().map(|pair| pair.verdict.unwrap()).collect()
        };
        assert_eq!(verdicts(6), [Better; 6]);
        assert_eq!(verdicts(7), [Inconclusive; 7]);
        let mut with_descriptive = family(6);
        with_descriptive.extend(vec![sample(Metric::P50, about(3.0, 0.001, 8)); 9]);
        assert_eq!(judge_pairs(&with_descriptive, &rules())[0].verdict, Some(Better), "they do not count");
    }

    #[test]
    fn what_would_settle_it() {
        for (ratios, least, most) in [
            // 3.028 * 0.02 of noise about 1: 2% is (1.96 * 0.0606 / 0.0198)^2 / 0.955 = 38 blocks away.
            (about(1.0, 0.02, 10), 37, 39),
            (about(3.0, 0.001, 4), 6, 6),
            (about(1.05, 0.02, 10), 17, 18),
        ] {
            let blocks = only(Metric::Tps, ratios).settle_blocks.unwrap();
            assert!((least..=most).contains(&blocks), "{blocks}, not {least} to {most}");
        }
        assert_eq!(only(Metric::Tps, about(1.02, 0.005, 10)).settle_blocks, None, "on the margin");
        assert_eq!(only(Metric::Tps, vec![1.5]).settle_blocks, None, "the noise is unknown");
        assert_eq!(only(Metric::Tps, about(1.10, 0.005, 10)).settle_blocks, None, "it is settled");
    }
}
