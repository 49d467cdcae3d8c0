//! What the values on an axis are, so that they are said on a page as everywhere else.

use crate::report::amount::{bytes, number, percent, time_us};
use crate::report::comparison::quantity::ratio;

/// What a value on an axis is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Measure {
    /// A number without a unit, or with one that the axis' title names.
    Number,
    /// A time, in units of so many microseconds.
    TimeUs(f64),
    /// A size, in units of so many bytes.
    Bytes(f64),
    /// A figure over another.
    Ratio,
    /// A part of a whole in percent, 0 to 100.
    Percent,
    /// A quantile q as 1/(1-q), as HdrHistogram's axis has it.
    Percentile,
}

impl Measure {
    /// A value in words: `51.99k`, `18.93 ms`, `99.9%`.
    pub(super) fn words(self, value: f64) -> String {
        match self {
            Self::Number => number(value),
            Self::TimeUs(unit_us) => time_us(value * unit_us).to_string(),
            Self::Bytes(unit_bytes) => bytes(value * unit_bytes).to_string(),
            Self::Ratio => ratio(value),
            Self::Percent => percent(value / 100.0),
            Self::Percentile => percentile(value),
        }
    }
}

/// With two digits after its nines: `50%`, `99.44%`, `99.999%`.
fn percentile(value: f64) -> String {
    if !value.is_finite() || value < 1.0 {
        return "-".to_owned();
    }
    let decimals = (value.log10().floor() as usize + 1).min(12);
    let shown = format!("{:.decimals$}", 100.0 - 100.0 / value);
    format!("{}%", shown.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (measure, value, text) in [
            (Measure::Number, 51_989.25, "51.99k"),
            (Measure::TimeUs(1e3), 18.366_463, "18.37 ms"),
            (Measure::TimeUs(60e6), 1.5, "90.00 s"),
            (Measure::Bytes(1_048_576.0), 26.78, "26.78 MiB"),
            (Measure::Ratio, 0.312_34, "0.312"),
            (Measure::Percent, 1.24, "1.24%"),
            (Measure::Percentile, 1.0, "0%"),
            (Measure::Percentile, 2.0, "50%"),
            (Measure::Percentile, 10.0, "90%"),
            (Measure::Percentile, 1000.0, "99.9%"),
            (Measure::Percentile, 10_f64.powf(2.25), "99.438%"),
            (Measure::Percentile, f64::NAN, "-"),
        ] {
            assert_eq!(measure.words(value), text, "{measure:?} {value}");
        }
    }
}
