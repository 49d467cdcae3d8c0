//! What relative thresholds make of pairs whose ratios are only bounds, in some blocks or in all.

use super::pair::measure;
use super::{ComparisonPlan, Pair, Sample, judge_relative};
use crate::threshold::{Measured, Relative, State, Unit};

/// A pair, and how far its ratios are known: a latency may be only a lower bound, in some blocks or in all.
pub(super) struct Known<'a> {
    pub(super) relative: Relative,
    pub(super) pair: &'a Pair,
    /// By block, whether the entrant's figure is only a lower bound, so that the ratio may be any larger.
    pub(super) at_least: Vec<bool>,
    /// By block, whether the base's is, so that it may be any smaller.
    pub(super) at_most: Vec<bool>,
}

impl Known<'_> {
    /// The pair as it would be if `bounds` were as far off as can be.
    fn stretched(&self, plan: &ComparisonPlan, bounds: &[bool], ratio: f64) -> Pair {
        let Pair { label, base, metric, ratios, .. } = self.pair;
        let ratios = ratios.iter().zip(bounds);
        let ratios = ratios.map(|(known, is_bound)| if *is_bound { ratio } else { *known }).collect();
        let sample = Sample { label: label.clone(), base: base.clone(), metric: *metric, ratios };
        measure(&sample, &plan.rules()).unwrap_or_else(|| self.pair.clone())
    }

    /// What its outcome shows.
    pub(super) fn measured(&self) -> Measured {
        let pair = self.pair;
        Measured {
            unit: Unit::Ratio,
            value: pair.ratio,
            limit: self.relative.limit(pair.metric),
            low: pair.low,
            high: pair.high,
            at_least: self.at_least.contains(&true),
            at_most: self.at_most.contains(&true),
            sure: None,
        }
    }
}

/// Judges them as far as they are known. Lower bounds on both sides are alike, whatever lies behind them: so what holds has to hold
/// if the entrant's are as bad as can be, and what fails to fail if the base's are.
pub(super) fn judge_known(plan: &ComparisonPlan, found: &[Known<'_>]) -> Vec<State> {
    let judge = |pairs: &[Pair]| {
        let asked: Vec<(Relative, &Pair)> =
            found.iter().map(|known| known.relative).zip(pairs.iter()).collect();
        judge_relative(&asked, plan.rules().alpha())
    };
    let stored: Vec<Pair> = found.iter().map(|known| known.pair.clone()).collect();
    let states = judge(&stored);
    if !found.iter().any(|known| known.at_least.contains(&true) || known.at_most.contains(&true)) {
        return states;
    }
    // Only latencies are bounds, and of those more is worse.
    let worst: Vec<Pair> =
        found.iter().map(|known| known.stretched(plan, &known.at_least, f64::INFINITY)).collect();
    let best: Vec<Pair> = found.iter().map(|known| known.stretched(plan, &known.at_most, 0.0)).collect();
    let sides = judge(&worst).into_iter().zip(judge(&best));
    let known = states.into_iter().zip(sides).map(|(state, (worst, best))| match state {
        State::Held if worst != State::Held => State::Inconclusive { settle_blocks: None },
        State::Failed if best != State::Failed => State::Inconclusive { settle_blocks: None },
        state => state,
    });
    known.collect()
}
