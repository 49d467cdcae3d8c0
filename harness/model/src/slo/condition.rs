//! One condition of an SLO: a figure and the limit that it must stay below.

use super::{SloError, Statistic};
use crate::quantity::{parse_duration_with_unit, parse_percent, written_duration};
use crate::summary::Summary;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// The name of the condition on failures.
pub(super) const ERRORS: &str = "errors";

/// A condition of an SLO.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Condition {
    /// A figure of the latencies, which run from the due time, is below a limit.
    Latency {
        /// Which figure.
        statistic: Statistic,
        /// The limit, above zero.
        limit: Duration,
    },
    /// The failed requests, those that were never sent included, are fewer than a part of all that were due.
    Errors {
        /// The part in percent, above 0 and at most 100.
        limit_percent: f64,
    },
}

impl Condition {
    /// What a run measured of it: microseconds of a latency, percent of failures.
    #[must_use]
    pub fn measured(&self, summary: &Summary) -> f64 {
        match self {
            Self::Latency { statistic, .. } => statistic.of_us(&summary.latency_us),
            Self::Errors { .. } => failed_percent(summary),
        }
    }

    /// The limit, in the unit of [`Self::measured`].
    #[must_use]
    pub fn limit(&self) -> f64 {
        match self {
            Self::Latency { limit, .. } => limit.as_nanos() as f64 / 1e3,
            Self::Errors { limit_percent } => *limit_percent,
        }
    }

    /// Whether it holds of what was measured. Of a latency that is only a lower bound since requests were in flight at the
    /// end it holds as long as the bound is below the limit: nobody can know more, as nobody knows of any later stall.
    pub(super) fn allows(&self, measured: f64) -> bool {
        measured < self.limit()
    }

    /// Whether it is about a percentile that lies among requests that were never sent, so that whatever was measured of it
    /// is not known.
    pub(super) fn is_among_unsent(&self, summary: &Summary) -> bool {
        matches!(self, Self::Latency { statistic, .. } if statistic.is_among_unsent(summary))
    }

    /// The name of its figure.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Latency { statistic, .. } => statistic.name(),
            Self::Errors { .. } => ERRORS,
        }
    }
}

/// Failed requests, in percent of all that were due in the window; under a closed load, of all that ended.
#[must_use]
pub fn failed_percent(summary: &Summary) -> f64 {
    let failed = summary.errors.total();
    let due = summary.offered.map_or(summary.requests + failed, |offered| offered.requests);
    // Failures of requests that were due before the window can outnumber what was due in it.
    if failed == 0 { 0.0 } else { failed as f64 / due.max(failed) as f64 * 100.0 }
}

impl FromStr for Condition {
    type Err = SloError;

    fn from_str(text: &str) -> Result<Self, SloError> {
        let whole = || text.trim().to_owned();
        let (figure, limit) = text.split_once('<').ok_or_else(|| SloError::Form(whole()))?;
        let (figure, limit) = (figure.trim().to_ascii_lowercase(), limit.trim());
        if figure.is_empty() || limit.is_empty() || limit.starts_with(['<', '=']) {
            return Err(SloError::Form(whole()));
        }
        if figure == ERRORS {
            let percent = parse_percent(limit).ok().filter(|percent| *percent > 0.0 && *percent <= 100.0);
            return percent
                .map(|limit_percent| Self::Errors { limit_percent })
                .ok_or_else(|| SloError::Percent(whole()));
        }
        let statistic = Statistic::named(&figure).ok_or(SloError::Figure { word: figure })?;
        let limit =
            parse_duration_with_unit(limit).map_err(|error| SloError::Time { condition: whole(), error })?;
        if limit.is_zero() {
            return Err(SloError::Never(whole()));
        }
        Ok(Self::Latency { statistic, limit })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency { statistic, limit } => {
                let limit = written_duration(limit.as_nanos() as f64 / 1e3);
                write!(f, "{}<{limit}", statistic.name())
            }
            Self::Errors { limit_percent } => write!(f, "{ERRORS}<{limit_percent}%"),
        }
    }
}

impl TryFrom<String> for Condition {
    type Error = SloError;

    fn try_from(text: String) -> Result<Self, SloError> {
        text.parse()
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.to_string()
    }
}
