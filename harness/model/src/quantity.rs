//! How people write counts, durations and sizes: `1k`, `1.5M`, `500ms`, `2m`, `89MB`.
//!
//! Owns the parsing only; how figures are printed belongs to the reports.

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

/// Parses a size in bytes: a number followed by `B`, `kB`, `MB`, `GB` (powers of 1000) or `KiB`, `MiB`, `GiB` (powers of
/// 1024). The unit must be there, since a bare `M` means either to somebody.
///
/// # Errors
/// When the text is not a non-negative number with a known unit, or exceeds 9 PB.
pub fn parse_bytes(text: &str) -> Result<u64, QuantityError> {
    let wrong = || QuantityError::Bytes(text.to_owned());
    let trimmed = text.trim();
    let unit_at = trimmed.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let factor = match &trimmed[unit_at..] {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1024.0,
        "MiB" => 1_048_576.0,
        "GiB" => 1_073_741_824.0,
        _ => return Err(wrong()),
    };
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
