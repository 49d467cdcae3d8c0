//! A request of a scenario: its bytes' recipe, and what must come back.

use crate::body::Body;
use crate::plan::RequestPlan;
use crate::status::StatusSet;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// What is an answer that says no to what was asked, and neither a transaction nor a failure.
    pub refused: Option<RefusedSpec>,
    /// How often it is sent in relation to the others; 1 unless told.
    #[serde(default = "one")]
    pub weight: u32,
    /// In a `[[setup]]`: the fields of the JSON answer that are kept, by the names that they are kept under.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

/// A request's `body` table: one of `text`, `file`, `template` or `fresh`.
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
    /// A template that is filled anew for each request; see [`crate::fresh`].
    pub fresh: Option<String>,
    /// How many times the fresh template is filled for one request, which becomes a JSON array of them.
    pub batch: Option<usize>,
    /// What the drawn values follow from; 1 unless told.
    pub seed: Option<u64>,
    /// Whether the body is sent compressed, with `Content-Encoding: gzip`.
    #[serde(default)]
    pub gzip: bool,
}

/// A request's `expect` table.
#[derive(Debug, Clone, PartialEq, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectSpec {
    /// Accepted statuses; `2xx` unless told.
    pub status: StatusSet,
    /// What the body must be; not compared unless told.
    pub body: BodyExpectation,
    /// Fields that the JSON object in the body must have, or each object of the array where the request is a batch.
    pub json: JsonFields,
}

/// Fields of a JSON object and their values. The text `{{sent NAME}}` stands for what the request's own object has there.
pub type JsonFields = BTreeMap<String, serde_json::Value>;

/// A request's `refused` table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusedSpec {
    /// Statuses that say no, such as `422`.
    pub status: StatusSet,
    /// Fields by which an object in the answer to a batch says no.
    #[serde(default, skip_serializing_if = "JsonFields::is_empty")]
    pub json: JsonFields,
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

/// Largest weight: the order of the requests is a list as long as their weights together.
const MOST_WEIGHT: u32 = 1000;

impl RequestSpec {
    /// The request of a plan, with this body.
    #[must_use]
    pub fn plan(&self, body: Body) -> RequestPlan {
        RequestPlan {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: self.headers.clone(),
            body,
            gzip: self.body.gzip,
            expect_status: self.expect.status.clone(),
            expect_body: self.expect.body.clone(),
            expect_json: self.expect.json.clone(),
            refused: self.refused.clone(),
            weight: self.weight,
            keep: self.keep.clone(),
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let body = &self.body;
        let kinds = [&body.text, &body.file, &body.template, &body.fresh];
        if kinds.iter().filter(|kind| kind.is_some()).count() > 1 {
            return Err("a body takes one of `text`, `file`, `template` and `fresh`, not several".to_owned());
        }
        if body.template.is_none() && body.count.is_some() {
            return Err("`body.count` belongs to a `body.template`".to_owned());
        }
        if body.fresh.is_none() && body.batch.is_some() {
            return Err("`body.batch` belongs to a `body.fresh`".to_owned());
        }
        if body.template.is_none() && body.fresh.is_none() && body.seed.is_some() {
            return Err("`body.seed` belongs to a `body.template` or a `body.fresh`".to_owned());
        }
        if body.count == Some(0) {
            return Err("`body.count` is 0: at least 1 body is needed".to_owned());
        }
        if body.batch == Some(0) {
            return Err("`body.batch` is 0: at least 1 is needed".to_owned());
        }
        if self.weight == 0 || self.weight > MOST_WEIGHT {
            return Err(format!("`weight` is {}: write a number from 1 to {MOST_WEIGHT}", self.weight));
        }
        let has_no_body = kinds.iter().all(|kind| kind.is_none());
        if self.expect.body == BodyExpectation::SameJson && has_no_body {
            return Err("`expect.body = \"same-json\"` needs a body to compare with".to_owned());
        }
        if self.expect.body != BodyExpectation::Any && !self.expect.json.is_empty() {
            return Err("`expect.body` and `expect.json` exclude each other".to_owned());
        }
        if body.gzip && has_no_body {
            return Err("`body.gzip` needs a body to compress".to_owned());
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
        let seed = self.seed.unwrap_or(1);
        match (&self.text, &self.template, &self.fresh) {
            (Some(text), ..) => Body::Text { text: text.clone() },
            (_, Some(template), _) => {
                Body::Template { template: template.clone(), count: self.count.unwrap_or(COUNT), seed }
            }
            (.., Some(fresh)) => Body::Fresh { template: fresh.clone(), batch: self.batch, seed },
            _ => Body::None,
        }
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn one() -> u32 {
    1
}
