//! Scenario files (`scenarios/<name>.toml`): what is sent, what must come back, and the load's defaults.

use crate::body::Body;
use crate::claim::Claim;
use crate::load::{Arrivals, Stage};
use crate::quantity::{duration_text, parse_rate};
use crate::status::StatusSet;
use crate::steady::WarmUp;
use crate::target::FileError;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A scenario, as its file describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The scenario's name; the same as its file's.
    pub name: String,
    /// One sentence for `bench list scenarios`.
    pub description: String,
    /// The load's defaults; flags override them.
    #[serde(default)]
    pub load: LoadDefaults,
    /// The requests, sent in turn; at least one.
    pub request: Vec<RequestSpec>,
    /// Figures published elsewhere, for `bench audit` and comparisons; a run knows nothing of them.
    #[serde(default)]
    pub claim: Vec<Claim>,
}

/// The `[load]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadDefaults {
    /// Connections held open, each with one request in flight; at least 1.
    pub connections: usize,
    /// Requests per second of an open load: a number, or text such as `"5k"`. Closed without it and `stages`.
    #[serde(deserialize_with = "rate")]
    pub rate: Option<f64>,
    /// Rates one after the other, such as `["1k:10s", "1k..5k:30s"]`; their times are the measured window then.
    #[serde(deserialize_with = "stages")]
    pub stages: Vec<Stage>,
    /// How the requests of an open load are spread around its rate.
    pub arrivals: Arrivals,
    /// What Poisson arrivals follow from.
    pub arrival_seed: u64,
    /// The longest that a due request waits for a free connection.
    #[serde(deserialize_with = "duration")]
    pub max_lag: Option<Duration>,
    /// Length of the measured window.
    #[serde(with = "duration_text")]
    pub duration: Duration,
    /// How long to warm up before it.
    pub warmup: WarmUp,
    /// The longest wait for a complete answer.
    #[serde(with = "duration_text")]
    pub timeout: Duration,
    /// The longest wait for a connection.
    #[serde(with = "duration_text")]
    pub connect_timeout: Duration,
}

impl Default for LoadDefaults {
    fn default() -> Self {
        Self {
            connections: 64,
            rate: None,
            stages: Vec::new(),
            arrivals: Arrivals::default(),
            arrival_seed: 1,
            max_lag: None,
            duration: Duration::from_secs(10),
            warmup: WarmUp::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

/// A `[[request]]`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// The HTTP method.
    #[serde(default = "get")]
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Headers beside `Host` and `Content-Length`, which the generator writes.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: BodySpec,
    /// What must come back.
    #[serde(default)]
    pub expect: ExpectSpec,
}

/// A request's `body` table: one of `text`, `file` or `template`.
#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct BodySpec {
    /// The same body every time.
    pub text: Option<String>,
    /// A file beside the scenario that holds the body.
    pub file: Option<String>,
    /// A template for a pool of bodies; see [`crate::body`].
    pub template: Option<String>,
    /// How many bodies the pool holds; 64 unless told.
    pub count: Option<usize>,
    /// The pool's seed; 1 unless told.
    pub seed: Option<u64>,
}

/// A request's `expect` table.
#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectSpec {
    /// Accepted statuses; `2xx` unless told.
    pub status: StatusSet,
    /// What the body must be; not compared unless told.
    pub body: BodyExpectation,
}

/// What a response's body must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(from = "String", into = "String")]
pub enum BodyExpectation {
    /// Anything: the body is not compared.
    #[default]
    Any,
    /// The same JSON value as the request's own body.
    SameJson,
    /// The exact bytes of a file, by its path.
    File(String),
}

impl From<String> for BodyExpectation {
    fn from(text: String) -> Self {
        match text.as_str() {
            "any" => Self::Any,
            "same-json" => Self::SameJson,
            _ => Self::File(text),
        }
    }
}

impl From<BodyExpectation> for String {
    fn from(expectation: BodyExpectation) -> Self {
        match expectation {
            BodyExpectation::Any => "any".to_owned(),
            BodyExpectation::SameJson => "same-json".to_owned(),
            BodyExpectation::File(path) => path,
        }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown or missing key or a value out of its range.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let scenario: Self = toml::from_str(text).map_err(|error| FileError::from_toml(text, &error))?;
        scenario.check().map_err(|message| FileError { line: 1, message })?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), String> {
        if self.request.is_empty() {
            return Err("`request` is empty: add a [[request]] with a path".to_owned());
        }
        if self.load.connections == 0 {
            return Err("`load.connections` is 0: at least 1 is needed".to_owned());
        }
        if self.load.rate.is_some() && !self.load.stages.is_empty() {
            return Err(
                "`load.rate` and `load.stages` exclude each other: a stage has its own rate".to_owned()
            );
        }
        self.request.iter().try_for_each(RequestSpec::check)?;
        self.claim.iter().try_for_each(Claim::check)
    }
}

impl RequestSpec {
    fn check(&self) -> Result<(), String> {
        let body = &self.body;
        let kinds = [&body.text, &body.file, &body.template];
        if kinds.iter().filter(|kind| kind.is_some()).count() > 1 {
            return Err("a body takes one of `text`, `file` and `template`, not several".to_owned());
        }
        if body.template.is_none() && (body.count.is_some() || body.seed.is_some()) {
            return Err("`body.count` and `body.seed` belong to a `body.template`".to_owned());
        }
        if body.count == Some(0) {
            return Err("`body.count` is 0: at least 1 body is needed".to_owned());
        }
        if self.expect.body == BodyExpectation::SameJson && kinds.iter().all(|kind| kind.is_none()) {
            return Err("`expect.body = \"same-json\"` needs a body to compare with".to_owned());
        }
        Ok(())
    }
}

impl BodySpec {
    /// The recipe of the bodies, where no file has to be read for it.
    #[must_use]
    pub fn recipe(&self) -> Body {
        /// Bodies in a pool unless told.
        const COUNT: usize = 64;
        match (&self.text, &self.template) {
            (Some(text), _) => Body::Text { text: text.clone() },
            (_, Some(template)) => Body::Template {
                template: template.clone(),
                count: self.count.unwrap_or(COUNT),
                seed: self.seed.unwrap_or(1),
            },
            _ => Body::None,
        }
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Number(rate) => rate.to_string(),
        Written::Text(text) => text,
    };
    parse_rate(&text).map(Some).map_err(D::Error::custom)
}

fn stages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Stage>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    if texts.is_empty() {
        return Err(D::Error::custom("`stages` is empty: write rates and their times, such as [\"1k:10s\"]"));
    }
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration_text::deserialize(deserializer).map(Some)
}

fn get() -> String {
    "GET".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "echo"
description = "Echo."
[load]
connections = 8
duration = "2s"
warmup = "500ms"
[[request]]
method = "POST"
path = "/echo"
headers = { content-type = "application/json" }
body.template = '{"n":{{int 1 9}}}'
body.count = 4
expect.body = "same-json"
"#;

    #[test]
    fn a_scenario() {
        let scenario = Scenario::parse(GOOD).unwrap();
        assert_eq!(scenario.load.duration, Duration::from_secs(2));
        assert_eq!(scenario.load.warmup, WarmUp::Fixed(Duration::from_millis(500)));
        assert_eq!(scenario.load.timeout, Duration::from_secs(10));
        let request = &scenario.request[0];
        assert_eq!(request.expect.status, StatusSet::default());
        assert_eq!(
            request.body.recipe(),
            Body::Template { template: r#"{"n":{{int 1 9}}}"#.into(), count: 4, seed: 1 }
        );
    }

    #[test]
    fn open_loads() {
        for (written, rate, stages) in [
            ("rate = 500", Some(500.0), 0),
            ("rate = \"5k\"", Some(5000.0), 0),
            ("stages = [\"1k:10s\", \"1k..5k:30s\"]\narrivals = \"poisson\"", None, 2),
        ] {
            let scenario = Scenario::parse(&GOOD.replace("connections = 8", written)).unwrap();
            assert_eq!((scenario.load.rate, scenario.load.stages.len()), (rate, stages), "{written}");
            assert_eq!(scenario.load.arrivals == Arrivals::Poisson, stages > 0);
        }
    }

    #[test]
    fn mistakes_name_the_line_and_the_mend() {
        for (from, to, line, part) in [
            ("connections", "conections", 5, "did you mean `connections`?"),
            ("\"2s\"", "\"2 parsecs\"", 6, "`2 parsecs` is not a duration"),
            ("\"2s\"", "\"0s\"", 6, "must be above zero"),
            ("connections = 8", "connections = 0", 1, "`load.connections` is 0"),
            ("connections = 8", "connections = -8", 5, ""),
            ("connections = 8", "rate = 0", 5, "`0` is not a rate"),
            ("connections = 8", "stages = ['1k']", 5, "`1k` is not a stage"),
            ("connections = 8", "rate = 1\nstages = ['1k:1s']", 1, "exclude each other"),
            ("connections = 8", "arrivals = 'random'", 5, "uniform"),
            ("connections = 8", "max_lag = '0s'", 5, "above zero"),
            ("body.count = 4", "body.count = 0", 1, "`body.count` is 0"),
            ("body.count = 4", "body.text = 'x'", 1, "one of `text`, `file` and `template`"),
            (
                "body.template = '{\"n\":{{int 1 9}}}'\nbody.count = 4\n",
                "",
                1,
                "needs a body to compare with",
            ),
            ("path =", "pth =", 11, "did you mean `path`?"),
            ("description", "describtion", 3, "did you mean `description`?"),
            ("expect.body", "expect.status = '9xx'\nexpect.body", 15, "not a list of HTTP statuses"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = Scenario::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part), "{error}");
            // toml names the table rather than the line for some faults; those that it can place, it must.
            assert!(error.line <= line, "{to}: {error}");
        }
    }
}
