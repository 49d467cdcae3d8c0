//! A threshold on a figure by itself: `p99>20ms`.

use super::{Figure, ThresholdError, Unit};
use crate::quantity::{
    QuantityError, parse_bytes, parse_count, parse_duration_with_unit, parse_percent, parse_rate,
    written_bytes, written_duration, written_rate,
};
use std::fmt;
use std::str::FromStr;

/// A figure that is beyond a bound. Always on the bad side of it: a run does not fail for being good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absolute {
    /// What is looked at.
    pub figure: Figure,
    /// On which side of the bound it fails.
    pub relation: Relation,
    /// The bound, in [`Figure::unit`].
    pub bound: f64,
}

/// How a figure that fails lies to its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is named for the sign")]
pub enum Relation {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Relation {
    /// The longer ones first, so that the first that text begins with is the one that is meant.
    const ALL: [Self; 4] = [Self::AtLeast, Self::AtMost, Self::Above, Self::Below];

    fn sign(self) -> &'static str {
        match self {
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// The same to the other side.
    fn turned(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::AtLeast => Self::AtMost,
            Self::Below => Self::Above,
            Self::AtMost => Self::AtLeast,
        }
    }

    fn is_upwards(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }
}

impl Absolute {
    /// Whether a figure, in [`Figure::unit`], fails.
    #[must_use]
    pub fn fails(&self, value: f64) -> bool {
        match self.relation {
            Relation::Above => value > self.bound,
            Relation::AtLeast => value >= self.bound,
            Relation::Below => value < self.bound,
            Relation::AtMost => value <= self.bound,
        }
    }

    /// What is wrong with a threshold that can be read.
    fn check(self) -> Result<Self, ThresholdError> {
        if self.relation.is_upwards() == self.figure.more_is_better() {
            let turned = Self { relation: self.relation.turned(), ..self };
            return Err(ThresholdError::Turned { threshold: self.to_string(), turned: turned.to_string() });
        }
        let may_be_none = matches!(self.figure.unit(), Unit::Percent | Unit::Requests);
        if self.bound == 0.0 && !(may_be_none && self.relation == Relation::Above) {
            return Err(ThresholdError::Always(self.to_string()));
        }
        Ok(self)
    }
}

fn bound(unit: Unit, text: &str) -> Result<f64, QuantityError> {
    let us = |text| parse_duration_with_unit(text).map(|bound| bound.as_nanos() as f64 / 1e3);
    match unit {
        Unit::PerSecond => parse_rate(text),
        Unit::Microseconds => us(text),
        Unit::Milliseconds => us(text).map(|us| us / 1e3),
        Unit::Bytes => parse_bytes(text).map(|bytes| bytes as f64),
        Unit::Percent | Unit::Ratio => parse_percent(text),
        Unit::Requests => parse_count(text).map(|count| count as f64),
    }
}

impl FromStr for Absolute {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let whole = || text.trim().to_owned();
        let form = || ThresholdError::Form(whole());
        let at = text.find(['<', '>', '=', '!']).ok_or_else(form)?;
        let (word, rest) = (text[..at].trim(), &text[at..]);
        let relation = Relation::ALL.into_iter().find(|relation| rest.starts_with(relation.sign()));
        let relation = relation.ok_or_else(form)?;
        let limit = rest[relation.sign().len()..].trim();
        if word.is_empty() || limit.is_empty() || limit.contains(['<', '>', '=', '!']) {
            return Err(form());
        }
        let figure: Figure = word.parse()?;
        let bound = bound(figure.unit(), limit)
            .map_err(|error| ThresholdError::Bound { threshold: whole(), error })?;
        Self { figure, relation, bound }.check()
    }
}

impl fmt::Display for Absolute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = match self.figure.unit() {
            Unit::PerSecond => written_rate(self.bound),
            Unit::Microseconds => written_duration(self.bound),
            Unit::Milliseconds => written_duration(self.bound * 1e3),
            Unit::Bytes => written_bytes(self.bound as u64),
            Unit::Percent | Unit::Ratio => format!("{}%", self.bound),
            Unit::Requests => format!("{}", self.bound),
        };
        write!(f, "{}{}{bound}", self.figure, self.relation.sign())
    }
}
