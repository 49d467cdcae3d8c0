//! How people write counts, durations, sizes and parts: `1k`, `1.5M`, `500ms`, `2m`, `89MB`, `0.1%`.
//!
//! Owns the parsing, and the way back for what is stored as it was written; how figures are printed belongs to the reports.

use std::time::Duration;

/// Why a quantity could not be read. The message names the value and shows a right one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a count.
    #[error("`{0}` is not a count: write a whole number such as 1000, 1k or 1.5M")]
    Count(String),
    /// Not a rate.
    #[error("`{0}` is not a rate: write requests per second, above zero, such as 500, 5k or 0.5")]
    Rate(String),
    /// Not a duration.
    #[error("`{0}` is not a duration: write a number and a unit, such as 500ms, 10s, 2m or 1h")]
    Duration(String),
    /// A duration without a unit, where a bare number would be taken for something else than it means.
    #[error("`{0}` lacks a unit: write {0}ms, {0}us or {0}s")]
    Unit(String),
    /// Not a percentage.
    #[error("`{0}` is not a percentage: write a number and the sign, such as 5% or 0.1%")]
    Percent(String),
    /// Not a size.
    #[error("`{0}` is not a size: write a number and a unit, such as 512B, 89MB (millions) or 64MiB (2^20)")]
    Bytes(String),
}

/// Parses a count, with `k`, `M` and `G` for thousands, millions and milliards.
///
/// # Errors
/// When the text is not a non-negative number, or the result is not whole.
pub fn parse_count(text: &str) -> Result<u64, QuantityError> {
    let wrong = || QuantityError::Count(text.to_owned());
    let value = scaled(text).ok_or_else(wrong)?;
    // Above 2^53 a double no longer holds every whole number, and no count here is that large.
    if value.fract().abs() > 1e-6 || value > 9e15 { Err(wrong()) } else { Ok(value.round() as u64) }
}

/// Parses a rate in requests per second, with `k` and `M` as in a count.
///
/// # Errors
/// When the text is not a number above zero, or exceeds a milliard.
pub fn parse_rate(text: &str) -> Result<f64, QuantityError> {
    scaled(text).filter(|&rate| rate > 0.0 && rate <= 1e9).ok_or_else(|| QuantityError::Rate(text.to_owned()))
}

/// A number with `k`, `M` or `G` after it, or nothing.
fn scaled(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    let (digits, factor) = match trimmed.char_indices().last() {
        Some((at, 'k' | 'K')) => (&trimmed[..at], 1e3),
        Some((at, 'm' | 'M')) => (&trimmed[..at], 1e6),
        Some((at, 'g' | 'G')) => (&trimmed[..at], 1e9),
        _ => (trimmed, 1.0),
    };
    Some(decimal(digits)? * factor)
}

/// Parses a duration: a number followed by `us`, `ms`, `s`, `m` or `h`; a bare number is in seconds, as in wrk.
///
/// # Errors
/// When the text is not a non-negative number with a known unit, or exceeds a year.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let wrong = || QuantityError::Duration(text.to_owned());
    let trimmed = text.trim();
    let unit_at = trimmed.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(trimmed.len());
    let factor = match &trimmed[unit_at..] {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(wrong()),
    };
    let seconds = decimal(trimmed[..unit_at].trim_end()).ok_or_else(wrong)? * factor;
    if seconds > 366.0 * 86_400.0 { Err(wrong()) } else { Ok(Duration::from_secs_f64(seconds)) }
}

/// Parses a duration that must have its unit. Elsewhere a bare number is seconds, as in wrk; nobody who writes `p99<20`
/// means that.
///
/// # Errors
/// When the text is a bare number, or what [`parse_duration`] refuses.
pub fn parse_duration_with_unit(text: &str) -> Result<Duration, QuantityError> {
    match decimal(text.trim()) {
        Some(_) => Err(QuantityError::Unit(text.trim().to_owned())),
        None => parse_duration(text),
    }
}

/// Parses a percentage, such as `0.1%`, into the number before the sign; not negative, and more than 100 may be meant.
///
/// # Errors
/// When the text is not a non-negative number and `%`.
pub fn parse_percent(text: &str) -> Result<f64, QuantityError> {
    let digits = text.trim().strip_suffix('%').map(str::trim_end);
    digits.and_then(decimal).ok_or_else(|| QuantityError::Percent(text.trim().to_owned()))
}

/// A duration as [`parse_duration`] reads it, in the largest unit up to seconds that it has one of: `20ms`, `1.5s`.
#[must_use]
pub fn written_duration(value_us: f64) -> String {
    let (number, unit) = match value_us {
        us if us >= 1e6 => (us / 1e6, "s"),
        us if us >= 1e3 => (us / 1e3, "ms"),
        us => (us, "us"),
    };
    format!("{number}{unit}")
}

/// A rate as [`parse_rate`] reads it, the shorter way: `10k`, `1.5M`, `500`.
#[must_use]
pub fn written_rate(rate_per_s: f64) -> String {
    let steps = [(1e6, "M"), (1e3, "k"), (1.0, "")];
    let written = steps.map(|(factor, unit)| format!("{}{unit}", rate_per_s / factor));
    shortest(written, |text| parse_rate(text) == Ok(rate_per_s)).unwrap_or_else(|| rate_per_s.to_string())
}

/// A size as [`parse_bytes`] reads it, the shortest way: `100MiB`, `89MB`.
#[must_use]
pub fn written_bytes(size_bytes: u64) -> String {
    let written = BYTE_UNITS.map(|(unit, factor)| format!("{}{unit}", size_bytes as f64 / factor));
    let is_exact = |text: &str| parse_bytes(text) == Ok(size_bytes);
    shortest(written, is_exact).unwrap_or_else(|| format!("{size_bytes}B"))
}

/// The shortest of those texts that are right; the first, if several are as short.
fn shortest<const N: usize>(texts: [String; N], is_right: impl Fn(&str) -> bool) -> Option<String> {
    texts.into_iter().filter(|text| is_right(text)).min_by_key(String::len)
}

/// Durations in files and stored plans: as people write them, such as `90s`. For `#[serde(with = ...)]`.
pub mod duration_text {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use std::time::Duration;

    /// Writes seconds, such as `1.5s`.
    ///
    /// # Errors
    /// Those of the format.
    pub fn serialize<S: Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{}s", length.as_secs_f64()))
    }

    /// Reads what [`super::parse_duration`] reads, but for zero.
    ///
    /// # Errors
    /// When the text is no duration, or is none above zero.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        let length = super::parse_duration(&text).map_err(serde::de::Error::custom)?;
        if length.is_zero() {
            return Err(serde::de::Error::custom(format!("`{text}` must be above zero")));
        }
        Ok(length)
    }
}

/// The units of sizes, the powers of 1024 first.
const BYTE_UNITS: [(&str, f64); 7] = [
    ("GiB", 1_073_741_824.0),
    ("MiB", 1_048_576.0),
    ("KiB", 1024.0),
    ("GB", 1e9),
    ("MB", 1e6),
    ("kB", 1e3),
    ("B", 1.0),
];

/// Parses a size in bytes: a number followed by `B`, `kB`, `MB`, `GB` (powers of 1000) or `KiB`, `MiB`, `GiB` (powers of
/// 1024). The unit must be there, since a bare `M` means either to somebody.
///
/// # Errors
/// When the text is not a non-negative number with a known unit, or exceeds 9 PB.
pub fn parse_bytes(text: &str) -> Result<u64, QuantityError> {
    let wrong = || QuantityError::Bytes(text.to_owned());
    let trimmed = text.trim();
    let unit_at = trimmed.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let named = if &trimmed[unit_at..] == "KB" { "kB" } else { &trimmed[unit_at..] };
    let (_, factor) = BYTE_UNITS.into_iter().find(|(unit, _)| *unit == named).ok_or_else(wrong)?;
    let value = decimal(trimmed[..unit_at].trim_end()).ok_or_else(wrong)? * factor;
    if value > 9e15 { Err(wrong()) } else { Ok(value.round() as u64) }
}

/// A plain decimal number: digits with at most one point, so that `inf`, `nan`, `1e9` and signs are refused.
fn decimal(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        for (text, value) in [
            ("0", 0),
            ("64", 64),
            ("1k", 1000),
            ("1.5M", 1_500_000),
            ("2K", 2000),
            ("0.5k", 500),
            ("3G", 3_000_000_000),
        ] {
            assert_eq!(parse_count(text), Ok(value), "{text}");
        }
        for text in ["", "k", "-1", "1.5", "1kk", "ten", "1e3", "inf", "nan", "1 k ms", "99999999G"] {
            assert!(parse_count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates() {
        for (text, rate) in [("500", 500.0), ("5k", 5000.0), ("0.5", 0.5), ("1.25M", 1_250_000.0)] {
            assert_eq!(parse_rate(text), Ok(rate), "{text}");
        }
        for text in ["", "0", "-5", "fast", "5/s", "2G"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0B", 0),
            ("512 B", 512),
            ("89MB", 89_000_000),
            ("1.5kB", 1500),
            ("2KiB", 2048),
            ("64MiB", 67_108_864),
            ("0.5GiB", 536_870_912),
            ("1GB", 1_000_000_000),
        ] {
            assert_eq!(parse_bytes(text), Ok(bytes), "{text}");
        }
        for text in ["", "89", "89M", "-1MB", "MB", "1mb", "1 MB or so", "1e3MB", "9999999999GB"] {
            assert!(parse_bytes(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages() {
        for (text, percent) in [("5%", 5.0), (" 0.1 % ", 0.1), ("0%", 0.0), ("250%", 250.0)] {
            assert_eq!(parse_percent(text), Ok(percent), "{text}");
        }
        for text in ["", "%", "5", "-5%", "5%%", "nan%", "5 percent", "inf%"] {
            assert!(parse_percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_may_need_its_unit() {
        assert_eq!(parse_duration_with_unit(" 20ms"), Ok(Duration::from_millis(20)));
        assert_eq!(parse_duration_with_unit(" 20 "), Err(QuantityError::Unit("20".to_owned())));
        assert!(matches!(parse_duration_with_unit("20 parsecs"), Err(QuantityError::Duration(_))));
    }

    #[test]
    fn what_was_written_is_written_again() {
        for text in ["500", "10k", "12.5k", "1.5M", "0.5", "10001", "33.3k"] {
            assert_eq!(written_rate(parse_rate(text).unwrap()), text);
        }
        for text in ["512B", "100MiB", "89MB", "1.5GiB", "64KiB", "3GB", "1.5kB", "12345B"] {
            assert_eq!(written_bytes(parse_bytes(text).unwrap()), text);
        }
        for text in ["20ms", "1.5s", "250us", "0.5us", "90s"] {
            let us = parse_duration(text).unwrap().as_nanos() as f64 / 1e3;
            assert_eq!(written_duration(us), text);
        }
    }

    #[test]
    fn durations() {
        for (text, ms) in [
            ("500ms", 500),
            ("10s", 10_000),
            ("10", 10_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1.5s", 1500),
            ("0s", 0),
        ] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        assert_eq!(parse_duration("250us"), Ok(Duration::from_micros(250)));
        for text in ["", "s", "-1s", "10 seconds", "1d", "1m30s", "NaNs", "9999999h", "10S"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
