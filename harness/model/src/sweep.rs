//! A sweep: one parameter of the load at several values.
//!
//! A parameter is a variant of [`Setting`]. What it changes of a load is for whoever resolves the load.

use crate::quantity::{QuantityError, parse_count, parse_rate};
use crate::suggest::nearest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A parameter at one value. Written `conns=10`; stored as `{"parameter": "conns", "value": 10}`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "parameter", content = "value", rename_all = "kebab-case")]
pub enum Setting {
    /// Connections held open; at least 1.
    Conns(usize),
    /// Requests that are due per second, above 0.
    Rate(f64),
    /// Items of one request; at least 1.
    Batch(usize),
}

/// One parameter at two values or more, all different, in the order typed. Written `conns=1,10,100`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sweep(Vec<Setting>);

/// Why a sweep could not be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SweepError {
    /// There is no `=`.
    #[error("`{0}` names no parameter: write it and its values, such as conns=1,10,100")]
    NoParameter(String),
    /// The name is that of no parameter.
    #[error("unknown parameter `{name}`{}: those that can be swept are {}", did_you_mean(name), Setting::NAMES.join(", "))]
    Unknown {
        /// What was typed.
        name: String,
    },
    /// A value is none of the parameter's.
    #[error("{name}: {reason}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// Why not.
        reason: QuantityError,
    },
    /// A value is zero where at least one is needed.
    #[error("{0}: at least 1 is needed")]
    Zero(&'static str),
    /// There is nothing to compare.
    #[error("{0} is one value: a sweep takes two or more, such as {name}=1,10,100; for one alone, --{name}", name = .0.name())]
    One(Setting),
    /// A value is there twice.
    #[error("{0} is there twice: each value of a sweep is measured once a block")]
    Twice(Setting),
}

fn did_you_mean(name: &str) -> String {
    nearest(name, Setting::NAMES).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

impl Setting {
    /// The names of all parameters, in the order of the variants.
    pub const NAMES: [&'static str; 3] = ["conns", "rate", "batch"];

    /// The parameter's name, which is that of the flag that sets it once for all.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Conns(_) => "conns",
            Self::Rate(_) => "rate",
            Self::Batch(_) => "batch",
        }
    }

    /// The parameter in words, as the title of an axis.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Conns(_) => "Connections",
            Self::Rate(_) => "Offered rate (requests per second)",
            Self::Batch(_) => "Items of one request",
        }
    }

    /// What the value counts, in the plural.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Conns(_) => "connections",
            Self::Rate(_) => "requests/s",
            Self::Batch(_) => "items a request",
        }
    }

    /// The value as a place on an axis; above 0.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Conns(count) | Self::Batch(count) => count as f64,
            Self::Rate(rate_per_s) => rate_per_s,
        }
    }
}

impl FromStr for Setting {
    type Err = SweepError;

    fn from_str(text: &str) -> Result<Self, SweepError> {
        let (name, value) = text.split_once('=').ok_or_else(|| SweepError::NoParameter(text.to_owned()))?;
        match name.trim() {
            "conns" => count("conns", value).map(Self::Conns),
            "batch" => count("batch", value).map(Self::Batch),
            "rate" => match parse_rate(value) {
                Ok(rate_per_s) => Ok(Self::Rate(rate_per_s)),
                Err(reason) => Err(SweepError::Value { name: "rate", reason }),
            },
            other => Err(SweepError::Unknown { name: other.to_owned() }),
        }
    }
}

/// A value that is a whole number and at least 1.
fn count(name: &'static str, value: &str) -> Result<usize, SweepError> {
    let wrong = |reason| SweepError::Value { name, reason };
    match usize::try_from(parse_count(value).map_err(wrong)?) {
        Ok(0) => Err(SweepError::Zero(name)),
        Ok(count) => Ok(count),
        Err(_) => Err(wrong(QuantityError::Count(value.to_owned()))),
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name(), self.value())
    }
}

impl Sweep {
    /// The values that settings have, each once; nothing where they are fewer than two.
    #[must_use]
    pub fn of(settings: impl IntoIterator<Item = Setting>) -> Option<Self> {
        let mut distinct: Vec<Setting> = Vec::new();
        for setting in settings {
            if !distinct.contains(&setting) {
                distinct.push(setting);
            }
        }
        (distinct.len() > 1).then_some(Self(distinct))
    }

    /// The values, in the order typed; at least 2, all of one parameter.
    #[must_use]
    pub fn settings(&self) -> &[Setting] {
        &self.0
    }

    /// The first value, which the others are compared with.
    #[must_use]
    pub fn first(&self) -> Setting {
        self.0[0]
    }
}

impl FromStr for Sweep {
    type Err = SweepError;

    fn from_str(text: &str) -> Result<Self, SweepError> {
        let (name, values) = text.split_once('=').ok_or_else(|| SweepError::NoParameter(text.to_owned()))?;
        let mut settings: Vec<Setting> = Vec::new();
        for value in values.split(',') {
            let setting: Setting = format!("{name}={value}").parse()?;
            if settings.contains(&setting) {
                return Err(SweepError::Twice(setting));
            }
            settings.push(setting);
        }
        match settings.as_slice() {
            [alone] => Err(SweepError::One(*alone)),
            _ => Ok(Self(settings)),
        }
    }
}

impl fmt::Display for Sweep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.first().name())?;
        for (index, setting) in self.0.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { "," }, setting.value())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps() {
        for (text, settings, written) in [
            (
                "conns=1,10,100",
                vec![Setting::Conns(1), Setting::Conns(10), Setting::Conns(100)],
                "conns=1,10,100",
            ),
            ("conns=1k, 64", vec![Setting::Conns(1000), Setting::Conns(64)], "conns=1000,64"),
            (
                "batch=1,10,100",
                vec![Setting::Batch(1), Setting::Batch(10), Setting::Batch(100)],
                "batch=1,10,100",
            ),
            (
                "rate=0.5,1.5k,2M",
                vec![Setting::Rate(0.5), Setting::Rate(1500.0), Setting::Rate(2e6)],
                "rate=0.5,1500,2000000",
            ),
        ] {
            let sweep: Sweep = text.parse().unwrap();
            assert_eq!((sweep.settings(), sweep.to_string()), (settings.as_slice(), written.to_owned()));
            assert_eq!(written.parse(), Ok(sweep), "what is written can be typed");
        }
    }

    #[test]
    fn mistakes() {
        for (text, message) in [
            ("", "`` names no parameter: write it and its values, such as conns=1,10,100"),
            ("conns", "`conns` names no parameter: write it and its values, such as conns=1,10,100"),
            (
                "con=1,2",
                "unknown parameter `con` (did you mean `conns`?): those that can be swept are conns, rate, batch",
            ),
            ("threads=1,2", "unknown parameter `threads`: those that can be swept are conns, rate, batch"),
            ("conns=1,x", "conns: `x` is not a count: write a whole number such as 1000, 1k or 1.5M"),
            ("conns=1,,2", "conns: `` is not a count: write a whole number such as 1000, 1k or 1.5M"),
            ("conns=0,1", "conns: at least 1 is needed"),
            (
                "rate=1,0",
                "rate: `0` is not a rate: write requests per second, above zero, such as 500, 5k or 0.5",
            ),
            (
                "conns=10",
                "conns=10 is one value: a sweep takes two or more, such as conns=1,10,100; for one alone, --conns",
            ),
            ("conns=1000,1k", "conns=1000 is there twice: each value of a sweep is measured once a block"),
        ] {
            assert_eq!(text.parse::<Sweep>().unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn every_parameter_is_listed_and_stored_by_its_name() {
        for name in Setting::NAMES {
            let setting: Setting = format!("{name}=2").parse().unwrap();
            let stored = serde_json::to_string(&setting).unwrap();
            assert_eq!((setting.name(), setting.value()), (name, 2.0));
            assert!(stored.starts_with(&format!(r#"{{"parameter":"{name}","value":2"#)), "{stored}");
            assert_eq!(serde_json::from_str::<Setting>(&stored).unwrap(), setting);
        }
    }

    #[test]
    fn of_settings() {
        let [one, two] = [Setting::Conns(1), Setting::Conns(2)];
        assert_eq!(Sweep::of([one, two, one, two]), Some(Sweep(vec![one, two])));
        assert_eq!((Sweep::of([one, one]), Sweep::of([])), (None, None));
    }
}
