//! A service level objective: what must hold of a run's latencies and failures for its rate to count as borne.

mod condition;
mod statistic;

pub use condition::{Condition, failed_percent};
pub use statistic::Statistic;

use crate::quantity::QuantityError;
use crate::suggest::nearest;
use crate::summary::Summary;
use condition::ERRORS;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Conditions that must all hold; at least one. Written `p99<20ms,errors<0.1%`, in files too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slo {
    conditions: Vec<Condition>,
}

/// A condition that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Breach {
    /// The condition.
    pub condition: Condition,
    /// What was measured: microseconds of a latency, percent of failures.
    pub measured: f64,
}

/// Why text is no SLO. The message names the part and shows a right one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SloError {
    /// There is no condition in it.
    #[error("an SLO needs a condition: write it like p99<20ms, or p99<20ms,errors<0.1%")]
    Empty,
    /// A condition without `<`, or with something else.
    #[error("`{0}` is no condition: write a figure, < and its limit, such as p99<20ms or errors<0.1%")]
    Form(String),
    /// No such figure.
    #[error("`{word}` is no figure that an SLO can be about{}: choose from {}", hint(.word), names().join(", "))]
    Figure {
        /// What was written.
        word: String,
    },
    /// The limit of a latency is no time.
    #[error("`{condition}`: {error}")]
    Time {
        /// The condition.
        condition: String,
        /// What is wrong with its limit.
        error: QuantityError,
    },
    /// The limit of the failures is no percentage.
    #[error(
        "`{0}`: the limit of errors is a part of the requests above 0% and up to 100%, such as errors<0.1%"
    )]
    Percent(String),
    /// A limit of nothing.
    #[error("`{0}` can never hold: the limit is what is just too long, such as p99<20ms")]
    Never(String),
    /// Two conditions on one figure.
    #[error("`{0}` is limited twice: keep the condition that is meant")]
    Twice(&'static str),
}

fn names() -> Vec<&'static str> {
    Statistic::ALL.map(Statistic::name).into_iter().chain([ERRORS]).collect()
}

fn hint(word: &str) -> String {
    nearest(word, names()).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

impl Slo {
    /// The conditions, in the order written.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// The figure of the first condition on a latency, if there is one.
    #[must_use]
    pub fn statistic(&self) -> Option<Statistic> {
        self.conditions.iter().find_map(|condition| match condition {
            Condition::Latency { statistic, .. } => Some(*statistic),
            Condition::Errors { .. } => None,
        })
    }

    /// The conditions that a run's figures break, in the order written.
    #[must_use]
    pub fn breaches(&self, summary: &Summary) -> Vec<Breach> {
        let measured = self.conditions.iter().map(|condition| (*condition, condition.measured(summary)));
        let broken = measured.filter(|(condition, measured)| {
            !condition.allows(*measured) || condition.is_among_unsent(summary)
        });
        broken.map(|(condition, measured)| Breach { condition, measured }).collect()
    }
}

impl FromStr for Slo {
    type Err = SloError;

    fn from_str(text: &str) -> Result<Self, SloError> {
        if text.trim().is_empty() {
            return Err(SloError::Empty);
        }
        let conditions = text.split(',').map(str::parse).collect::<Result<Vec<Condition>, _>>()?;
        for (index, condition) in conditions.iter().enumerate() {
            if conditions[..index].iter().any(|other| other.name() == condition.name()) {
                return Err(SloError::Twice(condition.name()));
            }
        }
        Ok(Self { conditions })
    }
}

impl fmt::Display for Slo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let conditions: Vec<String> = self.conditions.iter().map(ToString::to_string).collect();
        f.write_str(&conditions.join(","))
    }
}

impl TryFrom<String> for Slo {
    type Error = SloError;

    fn try_from(text: String) -> Result<Self, SloError> {
        text.parse()
    }
}

impl From<Slo> for String {
    fn from(slo: Slo) -> Self {
        slo.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Errors;
    use crate::summary::{LatencyFigures, Offered, Totals};

    #[test]
    fn is_written_as_it_is_read() {
        for (text, written) in [
            ("p99<20ms", "p99<20ms"),
            (" P99.9 < 1.5s , errors < 0.1% ", "p99.9<1.5s,errors<0.1%"),
            ("mean<250us,max<2m", "mean<250us,max<120s"),
            ("p50<0.5ms", "p50<500us"),
            ("errors<0.7%", "errors<0.7%"),
            ("p99.99<3s", "p99.99<3s"),
        ] {
            let slo: Slo = text.parse().unwrap();
            assert_eq!(slo.to_string(), written);
            assert_eq!(written.parse::<Slo>().unwrap(), slo);
            assert_eq!(serde_json::from_str::<Slo>(&serde_json::to_string(&slo).unwrap()).unwrap(), slo);
        }
    }

    #[test]
    fn mistakes() {
        for (text, part) in [
            ("", "needs a condition"),
            ("p99", "write a figure, < and its limit"),
            ("p99<=20ms", "write a figure, < and its limit"),
            ("p99<20ms,", "write a figure, < and its limit"),
            ("<20ms", "write a figure, < and its limit"),
            ("p98<20ms", "did you mean `p9"),
            ("error<1%", "did you mean `errors`?"),
            ("latency<1s", "choose from mean, p50, p75, p90, p95, p99, p99.9, p99.99, max, errors"),
            ("p99<20 milliseconds", "write a number and a unit"),
            ("p99<20", "lacks a unit"),
            ("p99<0ms", "can never hold"),
            ("errors<0.001", "above 0% and up to 100%"),
            ("errors<0%", "above 0% and up to 100%"),
            ("errors<101%", "above 0% and up to 100%"),
            ("errors<nan%", "above 0% and up to 100%"),
            ("p99<20ms,p99<30ms", "`p99` is limited twice"),
        ] {
            let error = text.parse::<Slo>().expect_err(text).to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }

    fn summary(p99_us: f64, failed: u64) -> Summary {
        Summary {
            requests: 1000 - failed,
            errors: Errors { timeout: failed, ..Errors::default() },
            latency_us: LatencyFigures { p99: p99_us, mean: 10.0, ..LatencyFigures::default() },
            offered: Some(Offered { requests: 1000, ..Offered::default() }),
            ..Totals::default().summary()
        }
    }

    #[test]
    fn breaches() {
        let slo: Slo = "p99<20ms,errors<0.5%".parse().unwrap();
        for (p99_us, failed, broken) in [
            (19_999.0, 4, &[][..]),
            (20_000.0, 0, &["p99<20ms"]),
            (25_000.0, 5, &["p99<20ms", "errors<0.5%"]),
            (1.0, 1000, &["errors<0.5%"]),
        ] {
            let found = slo.breaches(&summary(p99_us, failed));
            let names: Vec<String> = found.iter().map(|breach| breach.condition.to_string()).collect();
            assert_eq!(names, broken, "{p99_us} {failed}");
        }
        let breach = slo.breaches(&summary(31_400.0, 0))[0];
        assert_eq!((breach.measured, breach.condition.limit()), (31_400.0, 20_000.0));
    }

    #[test]
    fn a_percentile_among_what_was_never_sent_does_not_hold() {
        for (condition, waiting, given_up, holds) in [
            ("p99<20ms", 9, 0, true),
            ("p99<20ms", 10, 0, false),
            ("p99<20ms", 6, 4, false),
            ("p50<20ms", 10, 0, true),
            ("p99.9<20ms", 0, 0, true),
            ("p99.9<20ms", 1, 0, false),
            ("max<20ms", 10, 0, true),
        ] {
            let mut found = summary(1.0, 0);
            found.errors.unsent = given_up;
            found.offered = Some(Offered { requests: 1000, waiting_at_end: waiting, ..Offered::default() });
            let slo: Slo = condition.parse().unwrap();
            assert_eq!(slo.breaches(&found).is_empty(), holds, "{condition}: {waiting}, {given_up}");
        }
    }

    #[test]
    fn failures_are_a_part_of_what_was_due() {
        assert_eq!(failed_percent(&summary(1.0, 5)), 0.5);
        let mut closed = summary(1.0, 5);
        closed.offered = None;
        assert_eq!(failed_percent(&closed), 0.5);
        closed.offered = Some(Offered { requests: 2, ..Offered::default() });
        assert_eq!(failed_percent(&closed), 100.0, "never more than all");
    }
}
