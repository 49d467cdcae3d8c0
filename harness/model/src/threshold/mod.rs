//! Thresholds: what must not be of a run or a comparison, as `--fail-if` and a scenario's `fail_if` say it.
//!
//! Owns their grammar, and what comes of one: an [`Outcome`]. An SLO ([`crate::slo`]) says what must hold while a rate is
//! looked for; a threshold is what a finished run or comparison fails for. Figures and quantities are the same.

mod absolute;
mod error;
mod figure;
mod outcome;
mod reading;
mod relative;
mod run;

pub use absolute::{Absolute, Relation};
pub use error::ThresholdError;
pub use figure::{Figure, Unit};
pub use outcome::{Measured, Outcome, State};
pub(crate) use reading::Reading;
pub use relative::{Relative, Subject};
pub use run::outcomes;

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A threshold. Written `p99>20ms` or `tps worse than base by 5%`, in files too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Threshold {
    /// Of a figure by itself: for runs, and for the medians of a comparison's entrants.
    Absolute(Absolute),
    /// Of an entrant against the base: for comparisons.
    Relative(Relative),
}

impl Threshold {
    /// The threshold, if it is absolute.
    #[must_use]
    pub fn absolute(&self) -> Option<Absolute> {
        match self {
            Self::Absolute(absolute) => Some(*absolute),
            Self::Relative(_) => None,
        }
    }

    /// The threshold, if it is relative.
    #[must_use]
    pub fn relative(&self) -> Option<Relative> {
        match self {
            Self::Absolute(_) => None,
            Self::Relative(relative) => Some(*relative),
        }
    }
}

/// Thresholds of two places as one list, each once: those of a scenario, then those that were typed.
#[must_use]
pub fn joined(first: &[Threshold], then: &[Threshold]) -> Vec<Threshold> {
    let mut joined: Vec<Threshold> = Vec::new();
    for threshold in first.iter().chain(then) {
        if !joined.contains(threshold) {
            joined.push(*threshold);
        }
    }
    joined
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        if text.trim().is_empty() {
            return Err(ThresholdError::Empty);
        }
        if Relative::is_meant(text) {
            return text.parse().map(Self::Relative);
        }
        text.parse().map(Self::Absolute)
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absolute(absolute) => absolute.fmt(f),
            Self::Relative(relative) => relative.fmt(f),
        }
    }
}

impl TryFrom<String> for Threshold {
    type Error = ThresholdError;

    fn try_from(text: String) -> Result<Self, ThresholdError> {
        text.parse()
    }
}

impl From<Threshold> for String {
    fn from(threshold: Threshold) -> Self {
        threshold.to_string()
    }
}

#[cfg(test)]
mod tests;
