//! Runs that were made at another time than those they are held against: the rank-sum test of two samples that are no
//! pairs, and everything that goes with it.

use super::{CONFIDENCE, Finding, Rule, Samples};
use crate::metric::Metric;
use crate::stats::{holm, least_rank_sum_p, rank_sum, shift, standard_deviation};
use crate::threshold::{Measured, Outcome, State, Unit};

/// How much worse the candidate is, on a logarithmic scale: above 0 is worse, whichever way the metric goes.
struct Effect {
    /// The Hodges-Lehmann estimate of the shift between the samples.
    estimate: f64,
    /// Its exact interval; absent where there are too few runs for one.
    interval: Option<(f64, f64)>,
    /// The exact two-sided p-value of the rank-sum test against the rule's limit.
    p: f64,
    /// That of the shift; absent with fewer than two runs on either side.
    standard_error: Option<f64>,
}

/// Judges all of them as one family.
pub(super) fn judge(measured: Vec<(Rule, Option<Samples>)>) -> Vec<Finding> {
    let effect = |(rule, samples): &(Rule, Option<Samples>)| Some(effect(*rule, samples.as_ref()?));
    let effects: Vec<Option<Effect>> = measured.iter().map(effect).collect();
    let family: Vec<f64> = effects.iter().flatten().map(|effect| effect.p).collect();
    let mut adjusted = holm(&family).into_iter();
    let each = measured.into_iter().zip(effects).map(|((rule, samples), effect)| match (samples, effect) {
        (Some(samples), Some(effect)) => {
            finding(rule, &samples, &effect, adjusted.next().unwrap_or(1.0), family.len())
        }
        _ => not_evaluated(rule),
    });
    each.collect()
}

fn effect(rule: Rule, samples: &Samples) -> Effect {
    let (base, candidate) = (badness(&samples.base, rule.metric), badness(&samples.candidate, rule.metric));
    let allowed: Vec<f64> = base.iter().map(|value| value + rule.worst()).collect();
    let found = shift(&base, &candidate, CONFIDENCE);
    let square = |values: &[f64]| Some(standard_deviation(values)?.powi(2) / values.len() as f64);
    Effect {
        estimate: found.map_or(0.0, |found| found.estimate),
        interval: found.and_then(|found| found.interval).map(|found| (found.low, found.high)),
        p: rank_sum(&allowed, &candidate),
        standard_error: square(&base)
            .zip(square(&candidate))
            .map(|(base, candidate)| (base + candidate).sqrt()),
    }
}

/// Logarithms with the sign that makes more worse.
fn badness(values: &[f64], metric: Metric) -> Vec<f64> {
    let sign = if metric.higher_is_better() { -1.0 } else { 1.0 };
    values.iter().map(|value| sign * value.ln()).collect()
}

/// As of a comparison's thresholds: it fails where the whole interval is worse, on which side half of the two-sided level
/// lies, and Holm's p-value small enough.
fn finding(rule: Rule, samples: &Samples, effect: &Effect, p_adjusted: f64, family: usize) -> Finding {
    let alpha = 1.0 - CONFIDENCE;
    let state = match effect.interval {
        Some((low, _)) if low > rule.worst() && p_adjusted <= alpha => State::Failed,
        Some((_, high)) if high <= rule.worst() => State::Held,
        // More runs would not take away what the machine did in between.
        _ => State::Inconclusive { settle_blocks: None },
    };
    let least = least_rank_sum_p(samples.base.len(), samples.candidate.len());
    let error = effect.standard_error.filter(|_| least * family as f64 <= alpha);
    let (base_median, candidate_median) = samples.medians();
    Finding {
        outcome: Outcome {
            figure: Some(rule.metric.into()),
            measured: Some(measured(rule, effect)),
            ..Outcome::new(rule.threshold(), state)
        },
        metric: rule.metric,
        base_median,
        candidate_median,
        catches: rule.catches(error, family),
    }
}

/// The effect as ratios of the candidate's figure to the base's.
fn measured(rule: Rule, effect: &Effect) -> Measured {
    let more_is_better = rule.metric.higher_is_better();
    let ratio = |worse: f64| if more_is_better { (-worse).exp() } else { worse.exp() };
    let ends = effect.interval.map(|(low, high)| if more_is_better { (high, low) } else { (low, high) });
    Measured {
        unit: Unit::Ratio,
        value: ratio(effect.estimate),
        limit: rule.limit(),
        low: ends.map(|(low, _)| ratio(low)),
        high: ends.map(|(_, high)| ratio(high)),
        at_least: false,
        at_most: false,
        sure: None,
    }
}

fn not_evaluated(rule: Rule) -> Finding {
    let outcome = Outcome::not_evaluated(rule.threshold(), "it was not measured in every run");
    Finding {
        outcome: Outcome { figure: Some(rule.metric.into()), ..outcome },
        metric: rule.metric,
        base_median: None,
        candidate_median: None,
        catches: None,
    }
}
