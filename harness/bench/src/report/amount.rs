//! How people read figures: scaled, with a unit, in at most four significant digits.
//!
//! Owns the rounding and the units of every output for people. The outputs for programs do not come here.

use bench_model::summary::LatencyFigures;
use std::fmt;

/// What is shown where there is no figure.
const NONE: &str = "-";

/// A figure ready to be printed, in two parts so that columns can be aligned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    /// At most four significant digits.
    pub(crate) number: String,
    /// The unit with its prefix; may be empty.
    pub(crate) unit: &'static str,
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let gap = if self.unit.is_empty() || self.number == NONE { "" } else { " " };
        let unit = if self.number == NONE { "" } else { self.unit };
        formatter.pad(&format!("{}{gap}{unit}", self.number))
    }
}

/// A duration given in microseconds: `850.0 ns`, `18.93 ms`, `3600 s`.
pub(crate) fn time_us(value_us: f64) -> Amount {
    const STEPS: [(f64, &str); 4] = [(1e-3, "ns"), (1.0, "us"), (1e3, "ms"), (1e6, "s")];
    if value_us == 0.0 {
        return amount(0.0, "us");
    }
    scaled(value_us, &STEPS)
}

/// A latency of a run by its name, in microseconds; `>= 10.00 s` where it is only a lower bound.
pub(crate) fn latency_us(figures: &LatencyFigures, name: &str, value_us: f64) -> Amount {
    let Amount { number, unit } = time_us(value_us);
    let number = if figures.is_lower_bound(name) { format!(">= {number}") } else { number };
    Amount { number, unit }
}

/// A length of time that someone chose, without trailing zeros: `10 s`, `2.5 s`, `500 ms`.
pub(crate) fn seconds(value_s: f64) -> Amount {
    let Amount { mut number, unit } = time_us(value_s * 1e6);
    if number.contains('.') {
        number.truncate(number.trim_end_matches('0').trim_end_matches('.').len());
    }
    Amount { number, unit }
}

/// A size given in bytes: `512 B`, `36.10 MiB`.
pub(crate) fn bytes(value: f64) -> Amount {
    const STEPS: [(f64, &str); 5] = [
        (1.0, "B"),
        (1024.0, "KiB"),
        (1_048_576.0, "MiB"),
        (1_073_741_824.0, "GiB"),
        (1_099_511_627_776.0, "TiB"),
    ];
    scaled(value, &STEPS)
}

/// A count: whole up to 9999, then `52.31k`, `1.204M`.
pub(crate) fn count(value: u64) -> String {
    if value < 10_000 { value.to_string() } else { number(value as f64) }
}

/// A rate or a mean: as it is up to 9999, then `52.31k`, `1.204M`.
pub(crate) fn number(value: f64) -> String {
    const STEPS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    if four_digits(value).abs() < 10_000.0 {
        return digits(value);
    }
    let Amount { number, unit } = scaled(value, &STEPS);
    number + unit
}

/// A part of a whole, 0 to 1: `0.02%`, `97.3%`.
pub(crate) fn percent(part: f64) -> String {
    if part > 0.0 && part < 0.0001 {
        return "under 0.01%".to_owned();
    }
    let shown = part * 100.0;
    let decimals = if shown >= 10.0 { 1 } else { 2 };
    if shown.is_finite() { format!("{shown:.decimals$}%") } else { NONE.to_owned() }
}

/// The value in the largest unit that it has at least one of, or in the first.
fn scaled(value: f64, steps: &[(f64, &'static str)]) -> Amount {
    let rounded = four_digits(value).abs();
    let &(step, unit) = steps.iter().rev().find(|(step, _)| rounded >= *step).unwrap_or(&steps[0]);
    amount(value / step, unit)
}

fn amount(value: f64, unit: &'static str) -> Amount {
    let number = if unit == "B" { format!("{value:.0}") } else { digits(value) };
    Amount { number: if value.is_finite() { number } else { NONE.to_owned() }, unit }
}

/// The value rounded to four significant digits; itself where it is zero or not finite.
fn four_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let factor = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    if factor.is_finite() && factor > 0.0 { (value * factor).round() / factor } else { value }
}

/// The value in at most four significant digits and three decimals.
fn digits(value: f64) -> String {
    let rounded = four_digits(value);
    if !rounded.is_finite() {
        return NONE.to_owned();
    }
    let decimals = match rounded.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        0.0 => 0,
        _ => 3,
    };
    format!("{rounded:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (us, text) in [
            (0.0, "0 us"),
            (0.85, "850.0 ns"),
            (1.0, "1.000 us"),
            (18.934, "18.93 us"),
            (999.94, "999.9 us"),
            (999.96, "1.000 ms"),
            (18_934.0, "18.93 ms"),
            (1_500_000.0, "1.500 s"),
            (3.6e9, "3600 s"),
            (f64::NAN, "-"),
            (f64::INFINITY, "-"),
        ] {
            assert_eq!(time_us(us).to_string(), text);
        }
    }

    #[test]
    fn lower_bounds() {
        let figures = LatencyFigures { bounded_from: Some("P99"), ..LatencyFigures::default() };
        for (name, text) in [("P95", "10.00 s"), ("P99", ">= 10.00 s"), ("Max", ">= 10.00 s")] {
            assert_eq!(latency_us(&figures, name, 1e7).to_string(), text);
        }
    }

    #[test]
    fn chosen_lengths() {
        for (s, text) in
            [(0.0, "0 us"), (0.5, "500 ms"), (2.5, "2.5 s"), (10.000_4, "10 s"), (600.0, "600 s")]
        {
            assert_eq!(seconds(s).to_string(), text);
        }
    }

    #[test]
    fn sizes() {
        for (size, text) in [
            (0.0, "0 B"),
            (512.0, "512 B"),
            (1023.0, "1023 B"),
            (1024.0, "1.000 KiB"),
            (37_853_593.0, "36.10 MiB"),
            (8.0 * 1_073_741_824.0, "8.000 GiB"),
        ] {
            assert_eq!(bytes(size).to_string(), text);
        }
    }

    #[test]
    fn counts_and_rates() {
        for (value, text) in [
            (0, "0"),
            (7, "7"),
            (9_999, "9999"),
            (10_000, "10.00k"),
            (52_314, "52.31k"),
            (999_960, "1.000M"),
            (10_000_000, "10.00M"),
        ] {
            assert_eq!(count(value), text);
        }
        for (value, text) in [
            (0.0, "0"),
            (0.0321, "0.032"),
            (998.66, "998.7"),
            (9_999.6, "10.00k"),
            (52_314.4, "52.31k"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn parts() {
        for (part, text) in [
            (0.0, "0.00%"),
            (0.00001, "under 0.01%"),
            (0.0123, "1.23%"),
            (0.973, "97.3%"),
            (1.0, "100.0%"),
            (f64::NAN, "-"),
        ] {
            assert_eq!(percent(part), text);
        }
    }

    #[test]
    fn columns_pad() {
        assert_eq!(format!("{:>10}|", time_us(1500.0)), "  1.500 ms|");
    }
}
