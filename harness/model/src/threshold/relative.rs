//! A threshold on an entrant against the base: `tps worse than base by 5%`.

use super::{Figure, ThresholdError};
use crate::metric::Metric;
use crate::quantity::parse_percent;
use std::fmt;
use std::str::FromStr;

/// An entrant that is worse than the base by more than a margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relative {
    /// On which metrics.
    pub subject: Subject,
    /// The margin in percent of the base's figure, above 0.
    pub by_percent: f64,
}

/// Which metrics a relative threshold is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Each metric that gets a verdict in the comparison.
    Any,
    /// One.
    Metric(Metric),
}

const WORDS: [&str; 4] = ["worse", "than", "base", "by"];
const ANY: &str = "any";

impl Relative {
    /// Whether text is meant as a relative threshold, right or wrong.
    pub(super) fn is_meant(text: &str) -> bool {
        let is_one = |word: &str| ["worse", "better", "than", "base"].contains(&word);
        text.to_ascii_lowercase().split_whitespace().any(is_one)
    }

    /// The margin as a part of the base's figure: 0.05 of 5%.
    #[must_use]
    pub fn by(&self) -> f64 {
        self.by_percent / 100.0
    }

    /// The ratio to the base beyond which a metric fails: 0.95 of a throughput that may be worse by 5%, 1.05 of a latency.
    ///
    /// As people say it, so that 5% less is 5% worse. The margin of verdicts is symmetric in the logarithm instead, where
    /// 1 / 1.05 is as far from 1 as 1.05.
    #[must_use]
    pub fn limit(&self, metric: Metric) -> f64 {
        if metric.higher_is_better() { 1.0 - self.by() } else { 1.0 + self.by() }
    }
}

impl FromStr for Relative {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let whole = || text.split_whitespace().collect::<Vec<_>>().join(" ");
        let words: Vec<String> = text.split_whitespace().map(str::to_ascii_lowercase).collect();
        let [subject, rest @ ..] = words.as_slice() else { return Err(ThresholdError::Relative(whole())) };
        if rest.len() <= WORDS.len() || rest[..WORDS.len()] != WORDS {
            return Err(ThresholdError::Relative(whole()));
        }
        let margin = rest[WORDS.len()..].concat();
        let by_percent =
            parse_percent(&margin).map_err(|error| ThresholdError::Bound { threshold: whole(), error })?;
        let subject = match subject.as_str() {
            ANY => Subject::Any,
            word => {
                let figure: Figure = word.parse()?;
                let not_compared = || ThresholdError::NotCompared { word: word.to_owned() };
                Subject::Metric(figure.metric().ok_or_else(not_compared)?)
            }
        };
        let can_be_more = matches!(subject, Subject::Metric(metric) if !metric.higher_is_better());
        if by_percent == 0.0 || (by_percent >= 100.0 && !can_be_more) {
            return Err(ThresholdError::Margin(whole()));
        }
        Ok(Self { subject, by_percent })
    }
}

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = match self.subject {
            Subject::Any => ANY,
            Subject::Metric(metric) => metric.short_name(),
        };
        write!(f, "{subject} {} {}%", WORDS.join(" "), self.by_percent)
    }
}
