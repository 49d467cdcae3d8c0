//! What so many blocks can show: planning figures, by the normal approximation.
//!
//! They say how large an effect could have been seen and how many blocks might settle a question. No verdict rests
//! on them.

/// How often an effect of the size that [`detectable`] gives is found.
const POWER: f64 = 0.8;

/// The efficiency of the signed-rank test beside the t-test on normal noise, 3 / pi: it needs 1 / 0.955 times the
/// sample. Hodges and Lehmann, Annals of Mathematical Statistics 27 (1956).
const EFFICIENCY: f64 = 3.0 / std::f64::consts::PI;

/// The smallest effect that `n` differences of the standard deviation `deviation` show four times in five, in the
/// unit of the differences: `(z_{1 - alpha/2} + z_{0.8}) deviation / sqrt(n)`, where alpha is one less the confidence.
///
/// At 95% the factor is 1.960 + 0.842 = 2.80. The usual formula for the power of a two-sided test (Cohen, "Statistical
/// Power Analysis", 1988, section 2.4), for one test alone and normal noise: after Holm's correction, and with tails,
/// it takes a somewhat larger effect. `confidence` is between 0 and 1; `n` of 0 gives infinity.
#[must_use]
pub fn detectable(deviation: f64, n: usize, confidence: f64) -> f64 {
    let factor = normal_quantile((1.0 + confidence) / 2.0) + normal_quantile(POWER);
    factor * deviation / (n as f64).sqrt()
}

/// The differences that it takes to show an effect of the size `effect`, in their unit, four times in five: what
/// [`detectable`] says, the other way round. 0 where they do not vary; infinite where the effect is 0 and they do.
#[must_use]
pub fn sample_to_detect(deviation: f64, effect: f64, confidence: f64) -> f64 {
    if deviation == 0.0 {
        return 0.0;
    }
    (detectable(deviation, 1, confidence) / effect).powi(2)
}

/// The differences that it takes for the interval about an estimate to end `distance` from it, at the two-sided level
/// `alpha` and the standard deviation `deviation`; infinite where the distance is 0 and the deviation is not.
///
/// `(z_{1 - alpha/2} deviation / distance)^2`, over the test's efficiency.
#[must_use]
pub fn sample_needed(deviation: f64, distance: f64, alpha: f64) -> f64 {
    if deviation == 0.0 {
        return 1.0;
    }
    (normal_quantile(1.0 - alpha / 2.0) * deviation / distance).powi(2) / EFFICIENCY
}

/// The quantile of the standard normal distribution, to about seven digits; infinite at 0 and at 1.
///
/// Algorithm AS 241 (PPND7): Wichura, "The percentage points of the normal distribution", Applied Statistics 37
/// (1988). `probability` is from 0 to 1.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    let centred = probability - 0.5;
    if centred.abs() <= 0.425 {
        let r = 0.180625 - centred * centred;
        let above = polynomial(r, &[3.387_132_717_9, 50.434_271_938, 159.291_132_02, 59.109_374_72]);
        let below = polynomial(r, &[1.0, 17.895_169_469, 78.757_757_664, 67.187_563_6]);
        return centred * above / below;
    }
    let r = (-probability.min(1.0 - probability).ln()).sqrt();
    let size = if r.is_infinite() {
        f64::INFINITY
    } else if r <= 5.0 {
        let above = polynomial(r - 1.6, &[1.423_437_277_7, 2.756_815_39, 1.306_728_481_6, 0.170_238_211_03]);
        above / polynomial(r - 1.6, &[1.0, 0.737_001_642_5, 0.120_211_329_75])
    } else {
        let above = polynomial(r - 5.0, &[6.657_905_115, 3.081_226_386, 0.428_682_943_37, 0.017_337_203_997]);
        above / polynomial(r - 5.0, &[1.0, 0.241_978_942_25, 0.012_258_202_635])
    };
    size.copysign(centred)
}

/// A polynomial's value, from its coefficients in rising order.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.norm.ppf(p)`
    #[test]
    fn quantiles_agree_with_scipy() {
        for (probability, z) in [
            (1e-15, -7.941_345_326_170_998),
            (1e-9, -5.997_807_015_007_686),
            (1e-4, -3.719_016_485_455_709),
            (0.005, -2.575_829_303_548_901),
            (0.2, -0.841_621_233_572_914),
            (0.5, 0.0),
            (0.8, 0.841_621_233_572_914),
            (0.975, 1.959_963_984_540_054),
            (0.9999, 3.719_016_485_455_709),
        ] {
            let ours = normal_quantile(probability);
            assert!((ours - z).abs() <= 3e-7 * z.abs().max(1.0), "{probability}: {ours}");
        }
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
    }

    #[test]
    fn the_factor_is_that_of_the_method() {
        assert!((detectable(1.0, 1, 0.95) - 2.801_585).abs() < 1e-5);
        assert!((detectable(0.03, 9, 0.95) - 0.028_015_85).abs() < 1e-7);
        assert!(sample_needed(0.0, 0.01, 0.05) == 1.0 && sample_needed(0.1, 0.0, 0.05).is_infinite());
        // (2.80 * 0.03 / 0.02)^2
        assert!((sample_to_detect(0.03, 0.02, 0.95) - 17.66).abs() < 0.01);
        assert!(sample_to_detect(0.0, 0.0, 0.95) == 0.0 && sample_to_detect(0.1, 0.0, 0.95).is_infinite());
        // (1.96 * 0.03 / 0.01)^2 = 34.6 for a t-test on known noise, over 0.955.
        assert!((sample_needed(0.03, 0.01, 0.05) - 36.2).abs() < 0.05);
    }
}
