//! The noise floor of a machine on one metric: what pairs of equals say of the differences that it can show.

use super::Pair;
use crate::metric::Metric;
use crate::stats::{blocks_needed, detectable, sample_to_detect, standard_deviation};
use serde::Serialize;

/// How small a difference a machine can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quietness {
    /// Below 2%, which comparisons take for no difference.
    Quiet,
    /// Below 5%.
    Usable,
    /// No less than 5%.
    Noisy,
}

/// The noise floor on one metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Floor {
    /// On which metric.
    pub metric: Metric,
    /// One equal's figure over the other's, one a pair.
    pub ratios: Vec<f64>,
    /// The standard deviation of the ratios' logarithms: 0.01 is about 1%.
    pub deviation: f64,
    /// The smallest effect that [`Floor::BLOCKS`] blocks of such noise show four times in five: 0.03 is a ratio of 1.03.
    pub effect: f64,
    /// Blocks that it takes to show a difference of [`Floor::DIFFERENCE`] four times in five.
    pub blocks_to_show_difference: u64,
    /// What the effect comes to in a word.
    pub quietness: Quietness,
}

impl Floor {
    /// The blocks that a comparison has unless it is told otherwise.
    pub const BLOCKS: usize = 10;
    /// The difference that comparisons take for none unless they are told otherwise.
    pub const DIFFERENCE: f64 = 0.02;
    const CONFIDENCE: f64 = 0.95;
    const USABLE: f64 = 0.05;

    /// The floor that a pair of equals shows; None of fewer than two blocks, whose noise is unknown.
    #[must_use]
    pub fn of(pair: &Pair) -> Option<Self> {
        let logs: Vec<f64> = pair.ratios.iter().map(|ratio| ratio.ln()).collect();
        let deviation = standard_deviation(&logs)?;
        let effect = detectable(deviation, Self::BLOCKS, Self::CONFIDENCE).exp_m1();
        let needed = sample_to_detect(deviation, Self::DIFFERENCE.ln_1p(), Self::CONFIDENCE).ceil() as u64;
        // However quiet the machine is, fewer blocks have no p-value that is small enough.
        let least = blocks_needed(1, 1.0 - Self::CONFIDENCE) as u64;
        Some(Self {
            metric: pair.metric,
            ratios: pair.ratios.clone(),
            deviation,
            effect,
            blocks_to_show_difference: needed.max(least),
            quietness: match effect {
                effect if effect < Self::DIFFERENCE => Quietness::Quiet,
                effect if effect < Self::USABLE => Quietness::Usable,
                _ => Quietness::Noisy,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::{Rules, Sample, judge_pairs};

    fn floor(ratios: &[f64]) -> Option<Floor> {
        let rules = Rules { margin: 0.02, confidence: 0.95, decisive: vec![Metric::Tps] };
        let (label, base) = ("rust (control)".into(), "rust".into());
        let sample = Sample { label, base, metric: Metric::Tps, ratios: ratios.to_vec() };
        judge_pairs(&[sample], &rules).first().and_then(Floor::of)
    }

    #[test]
    fn floors() {
        // Two of +-x have a deviation of x times the root of 2; the effect is e^(2.80 s / sqrt(10)) - 1.
        for (log, effect, blocks, quietness) in [
            (0.0, 0.0, 6, Quietness::Quiet),
            (0.01, 0.012_608, 6, Quietness::Quiet),
            (0.02, 0.025_375, 17, Quietness::Usable),
            (0.1, 0.133_478, 401, Quietness::Noisy),
        ] {
            let found = floor(&[f64::exp(log), f64::exp(-log)]).unwrap();
            assert!((found.effect - effect).abs() < 1e-4, "{found:?}");
            assert_eq!((found.blocks_to_show_difference, found.quietness), (blocks, quietness), "{found:?}");
            assert!((found.deviation - log * std::f64::consts::SQRT_2).abs() < 1e-12);
        }
        assert_eq!(floor(&[1.01]), None);
    }
}
