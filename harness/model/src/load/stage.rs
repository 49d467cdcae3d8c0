//! A stage of an open load: a rate, or one that grows evenly into another, for a time.

use crate::quantity::{QuantityError, parse_duration, parse_rate};
use serde::{Deserialize, Serialize};

/// A stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The rate at its beginning, in requests per second; above 0.
    pub from_per_s: f64,
    /// The rate at its end, in requests per second; above 0. Between them it changes evenly.
    pub to_per_s: f64,
    /// Its length in seconds; above 0.
    pub duration_s: f64,
}

/// Why a stage could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StageError {
    /// It has no time.
    #[error("`{0}` is not a stage: write a rate and a time, such as 1k:10s, or 1k..5k:30s for a ramp")]
    Form(String),
    /// One of its parts is none.
    #[error("the stage `{stage}`: {error}")]
    Part {
        /// The stage.
        stage: String,
        /// What is wrong with it.
        error: QuantityError,
    },
    /// It has no length.
    #[error("the stage `{0}` has no length")]
    NoLength(String),
}

impl Stage {
    /// A stage of one rate.
    #[must_use]
    pub fn constant(rate_per_s: f64, duration_s: f64) -> Self {
        Self { from_per_s: rate_per_s, to_per_s: rate_per_s, duration_s }
    }

    /// How many requests are due in it.
    #[must_use]
    pub fn requests(&self) -> f64 {
        (self.from_per_s + self.to_per_s) / 2.0 * self.duration_s
    }

    /// How many requests are due in its first `elapsed_s` seconds.
    #[must_use]
    pub fn requests_after(&self, elapsed_s: f64) -> f64 {
        self.from_per_s * elapsed_s + self.growth() * elapsed_s * elapsed_s / 2.0
    }

    /// How many seconds after its beginning so many requests are due: the inverse of [`Self::requests_after`].
    #[must_use]
    pub fn elapsed_s(&self, requests: f64) -> f64 {
        // The usual form of the quadratic's solution divides by the growth, which may be zero; this one does not.
        let root = (self.from_per_s * self.from_per_s + 2.0 * self.growth() * requests).max(0.0).sqrt();
        2.0 * requests / (self.from_per_s + root)
    }

    /// By how much the rate grows each second.
    fn growth(&self) -> f64 {
        (self.to_per_s - self.from_per_s) / self.duration_s
    }
}

impl std::str::FromStr for Stage {
    type Err = StageError;

    fn from_str(text: &str) -> Result<Self, StageError> {
        let (rates, length) = text.split_once(':').ok_or_else(|| StageError::Form(text.to_owned()))?;
        let part = |error| StageError::Part { stage: text.to_owned(), error };
        let (from, to) = rates.split_once("..").unwrap_or((rates, rates));
        let duration_s = parse_duration(length).map_err(part)?.as_secs_f64();
        if duration_s <= 0.0 {
            return Err(StageError::NoLength(text.to_owned()));
        }
        let rate = |text| parse_rate(text).map_err(part);
        Ok(Self { from_per_s: rate(from)?, to_per_s: rate(to)?, duration_s })
    }
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.from_per_s == self.to_per_s {
            write!(f, "{}:{}s", self.from_per_s, self.duration_s)
        } else {
            write!(f, "{}..{}:{}s", self.from_per_s, self.to_per_s, self.duration_s)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_it_is_read() {
        for (text, written) in
            [("1k:10s", "1000:10s"), ("0.5:500ms", "0.5:0.5s"), ("1k..5k:2m", "1000..5000:120s")]
        {
            let stage: Stage = text.parse().unwrap();
            assert_eq!(stage.to_string(), written);
            assert_eq!(written.parse::<Stage>().unwrap(), stage);
        }
    }

    #[test]
    fn mistakes() {
        for (text, part) in [
            ("1k", "write a rate and a time"),
            ("1k:", "not a duration"),
            (":10s", "not a rate"),
            ("0:10s", "not a rate"),
            ("0..5k:10s", "not a rate"),
            ("1k..:10s", "not a rate"),
            ("1k:0s", "no length"),
            ("1k:soon", "`soon`"),
        ] {
            let error = text.parse::<Stage>().expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn requests_and_times_are_each_others_inverse() {
        for text in ["100:10s", "100..900:4s", "900..100:4s", "5..5000:60s"] {
            let stage: Stage = text.parse().unwrap();
            assert!((stage.requests_after(stage.duration_s) - stage.requests()).abs() < 1e-6, "{text}");
            for tenth in 0..=10 {
                let elapsed_s = stage.duration_s * f64::from(tenth) / 10.0;
                let back = stage.elapsed_s(stage.requests_after(elapsed_s));
                assert!((back - elapsed_s).abs() < 1e-9, "{text}: {elapsed_s} came back as {back}");
            }
        }
    }
}
