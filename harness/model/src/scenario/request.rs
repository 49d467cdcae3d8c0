//! A request of a scenario: its bytes' recipe, and what must come back.

use super::fault::Fault;
use crate::body::Body;
use crate::fresh::FreshText;
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
    pub weight: Option<u32>,
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

/// Most bodies of a pool: each is kept as a request of its own.
const MOST_BODIES: usize = 1_000_000;

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
            weight: self.weight.unwrap_or(1),
            keep: self.keep.clone(),
        }
    }

    /// What cannot be meant of a request of the load.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if !self.keep.is_empty() {
            return Err(Fault::new(
                "keep",
                "`keep` belongs to a [[setup]]: the answers of the load are kept by nobody",
            ));
        }
        if let Some(weight) = self.weight.filter(|weight| !(1..=MOST_WEIGHT).contains(weight)) {
            return Err(Fault::new(
                "weight",
                format!("`weight` is {weight}: write a number from 1 to {MOST_WEIGHT}"),
            ));
        }
        self.check_body()?;
        self.check_places()
    }

    /// What cannot be meant of a request that is sent once, before the load.
    pub(super) fn check_setup(&self) -> Result<(), Fault> {
        let is_told = [
            ("weight", self.weight.is_some(), "`weight` belongs to a [[request]]: a [[setup]] is sent once"),
            (
                "refused",
                self.refused.is_some(),
                "`refused` belongs to a [[request]]: a [[setup]] must not be refused",
            ),
            (
                "body.batch",
                self.body.batch.is_some(),
                "`body.batch` belongs to a [[request]]: a [[setup]] is one item",
            ),
        ];
        if let Some((key, _, message)) = is_told.into_iter().find(|(_, is_told, _)| *is_told) {
            return Err(Fault::new(key, message));
        }
        self.check_body()?;
        let fresh = self.fresh_texts();
        if let Some((key, _)) =
            fresh.iter().find(|(_, text)| places(text).any(|place| place.trim() == "serial"))
        {
            let message = "a [[setup]] is sent once, so that {{serial}} would be the number of the load's first item: {{run}} \
                           alone tells it from other runs";
            return Err(Fault::new(key, message));
        }
        self.check_places()
    }

    fn check_body(&self) -> Result<(), Fault> {
        let wrong = |key: &str, message: &str| Err(Fault::new(key, message));
        let body = &self.body;
        let kinds = [
            ("body.text", &body.text),
            ("body.file", &body.file),
            ("body.template", &body.template),
            ("body.fresh", &body.fresh),
        ];
        let mut told = kinds.into_iter().filter(|(_, kind)| kind.is_some());
        let has_no_body = told.next().is_none();
        if let Some((second, _)) = told.next() {
            return wrong(second, "a body takes one of `text`, `file`, `template` and `fresh`, not several");
        }
        if body.template.is_none() && body.count.is_some() {
            return wrong("body.count", "`body.count` belongs to a `body.template`");
        }
        if body.fresh.is_none() && body.batch.is_some() {
            return wrong("body.batch", "`body.batch` belongs to a `body.fresh`");
        }
        if body.template.is_none() && body.fresh.is_none() && body.seed.is_some() {
            return wrong("body.seed", "`body.seed` belongs to a `body.template` or a `body.fresh`");
        }
        if let Some(count) = body.count.filter(|count| !(1..=MOST_BODIES).contains(count)) {
            let message = format!("`body.count` is {count}: write a number from 1 to {MOST_BODIES}");
            return wrong("body.count", &message);
        }
        if body.batch == Some(0) {
            return wrong("body.batch", "`body.batch` is 0: at least 1 is needed");
        }
        if self.expect.body == BodyExpectation::SameJson && has_no_body {
            return wrong("expect.body", "`expect.body = \"same-json\"` needs a body to compare with");
        }
        if self.expect.body != BodyExpectation::Any && !self.expect.json.is_empty() {
            return wrong("expect.json", "`expect.body` and `expect.json` exclude each other");
        }
        if body.gzip && has_no_body {
            return wrong("body.gzip", "`body.gzip` needs a body to compress");
        }
        Ok(())
    }

    /// The places between double braces, but for those of texts that an earlier answer is filled into first.
    fn check_places(&self) -> Result<(), Fault> {
        let is_whole = |text: &str| !text.contains("{{kept ");
        for (key, text) in self.fresh_texts() {
            if let Some(error) = is_whole(text).then(|| FreshText::parse(text, "").err()).flatten() {
                return Err(Fault::new(&key, format!("`{key}` cannot be filled in: {error}")));
            }
        }
        if let Some(template) = self.body.template.as_ref().filter(|text| is_whole(text)) {
            let one = Body::Template { template: template.clone(), count: 1, seed: 1 };
            one.render().map_err(|error| Fault::new("body.template", error.to_string()))?;
        }
        match self.body.text.as_deref().and_then(first_place) {
            Some(place) => Err(Fault::new(
                "body.text",
                format!(
                    "`body.text` is sent as it is, with `{{{{{place}}}}}` in it: write `body.fresh` to have that filled in, or \
                     `body.file` to send it"
                ),
            )),
            None => Ok(()),
        }
    }

    /// The texts that are filled anew for each request, by their keys.
    fn fresh_texts(&self) -> Vec<(String, &str)> {
        let headers = self.headers.iter().map(|(name, value)| (format!("headers.{name}"), value.as_str()));
        let fresh = self.body.fresh.iter().map(|text| ("body.fresh".to_owned(), text.as_str()));
        std::iter::once(("path".to_owned(), self.path.as_str())).chain(headers).chain(fresh).collect()
    }
}

/// The first place of a text that would be filled in a fresh one.
fn first_place(text: &str) -> Option<&str> {
    places(text).find(|place| FreshText::parse(&format!("{{{{{place}}}}}"), "").is_ok())
}

/// What stands between double braces.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| Some(rest.split_once("}}")?.0))
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
