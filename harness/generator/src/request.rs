//! Requests made ready before a run: their bytes, and what must come back.

use crate::fields::{Fields, FieldsError};
use crate::fresh::{Fresh, FreshBody, Numbering};
use crate::gzip::GzipTemplate;
use crate::protocol::http1::{WriteError, write_head};
use bench_model::body::{Body, TemplateError};
use bench_model::fresh::{FreshError, FreshText};
use bench_model::plan::RequestPlan;
use bench_model::scenario::BodyExpectation;
use bench_model::status::StatusSet;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A request that only has to be sent.
#[derive(Debug, Clone)]
pub struct PreparedRequest {
    /// The whole request as it goes over the wire, but for what is fresh in it.
    pub bytes: Vec<u8>,
    /// What is made anew each time it is sent.
    pub fresh: Option<Arc<Fresh>>,
    /// Which of the plan's requests it is.
    pub number: usize,
    /// Which numbers its items are given.
    pub numbering: Numbering,
    /// Whether the method is HEAD, whose answer has no body.
    pub to_head: bool,
    /// What must come back.
    pub expectation: Expectation,
}

impl PreparedRequest {
    /// A request whose bytes are always the same.
    #[must_use]
    pub fn fixed(bytes: Vec<u8>, expectation: Expectation) -> Self {
        let numbering = Numbering::Drawn;
        Self { bytes, fresh: None, number: 0, numbering, to_head: false, expectation }
    }

    /// How many items it has of which it is written down what becomes of them.
    #[must_use]
    pub fn followed_items(&self) -> usize {
        if self.numbering == Numbering::Followed { self.items() } else { 0 }
    }

    /// How many items it has; at least 1.
    #[must_use]
    pub fn items(&self) -> usize {
        self.fresh.as_ref().map_or(1, |fresh| fresh.items())
    }
}

/// What must come back for a request.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Accepted statuses.
    pub status: StatusSet,
    /// Statuses that say no to what was asked.
    pub refused: Option<StatusSet>,
    /// The body.
    pub body: ExpectedBody,
}

impl Expectation {
    /// An answer with one of these statuses and this body.
    #[must_use]
    pub fn of(status: StatusSet, body: ExpectedBody) -> Self {
        Self { status, refused: None, body }
    }
}

/// What a response's body must be.
#[derive(Debug, Clone)]
pub enum ExpectedBody {
    /// Anything.
    Any,
    /// This JSON value, in whatever form the server gives it. `longest` bounds what is read of it, in bytes.
    Json {
        /// The value.
        value: Value,
        /// A body longer than this is wrong without being parsed.
        longest: usize,
    },
    /// The JSON value that was sent in this request's own fresh body. `longest` as above.
    SentJson {
        /// A body longer than this is wrong without being parsed.
        longest: usize,
    },
    /// JSON with certain fields.
    Fields {
        /// Which.
        fields: Arc<Fields>,
        /// A body longer than this is wrong without being parsed.
        longest: usize,
    },
    /// These bytes.
    Exact(Arc<[u8]>),
}

/// Most items of one request, and most bytes of all of them: every connection has a copy of what it sends, so that a slip of
/// the pen would fill the memory.
const MOST_ITEMS: usize = 1_000_000;
const LONGEST_BODY: usize = 64 << 20;

/// Why requests cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// See [`WriteError`].
    #[error(transparent)]
    Write(#[from] WriteError),
    /// See [`TemplateError`].
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// See [`FreshError`].
    #[error("`body.fresh` cannot be filled in: {0}")]
    Fresh(#[from] FreshError),
    /// A request larger than is kept.
    #[error(
        "{items} items of {item_bytes} bytes are too many for one request: at most {MOST_ITEMS}, and {} MiB together; \
         lower `body.batch` (--batch)", LONGEST_BODY >> 20
    )]
    TooLong {
        /// Items in the request.
        items: usize,
        /// Of one.
        item_bytes: usize,
    },
    /// See [`FieldsError`].
    #[error(transparent)]
    Fields(#[from] FieldsError),
    /// The answer is to be the same JSON as a body that is not JSON.
    #[error("the body must come back as the same JSON, but is not JSON ({error}): {body}")]
    NotJson {
        /// What the parser says.
        error: serde_json::Error,
        /// The body's beginning.
        body: String,
    },
}

/// What requests have in common that are made ready for one run.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// The `Host` header's value, unless a request has its own.
    pub host: &'a str,
    /// The run's mark: what `{{run}}` stands for.
    pub run: &'a str,
}

/// Makes a plan's request of this number ready, once for each body of its pool. `exact` is the content of the file that the
/// plan expects, where it expects one.
///
/// # Errors
/// When the request would not be HTTP, or its bodies cannot be made.
pub fn prepare(
    plan: &RequestPlan,
    number: usize,
    around: Surroundings<'_>,
    exact: Option<&Arc<[u8]>>,
) -> Result<Vec<PreparedRequest>, PrepareError> {
    let fresh = fresh_body(plan, around.run)?;
    let bodies = match &fresh {
        Some(fresh) => vec![fresh.bytes().to_vec()],
        None => plan.body.render()?,
    };
    let prepared = bodies.iter().map(|body| {
        let expectation = Expectation {
            status: plan.expect_status.clone(),
            refused: plan.refused.as_ref().map(|refused| refused.status.clone()),
            body: expected(plan, body, fresh.as_ref(), exact)?,
        };
        let gzip = plan.gzip.then(|| match &fresh {
            Some(fresh) => fresh.gzip(),
            None => GzipTemplate::new(body, &[]),
        });
        let sent = gzip.as_ref().map_or(body.as_slice(), GzipTemplate::bytes);
        let head = write_head(plan, around.run, around.host, sent.len())?;
        let bytes = [head.bytes(), sent].concat();
        let is_fresh = fresh.is_some() || !head.is_fixed();
        let make = || Arc::new(Fresh::new(plan.body.seed(), head, fresh.clone(), gzip));
        let fresh = is_fresh.then(make);
        let numbering = match &fresh {
            Some(fresh) if !fresh.has_serial() => Numbering::Drawn,
            Some(_) if plan.is_transaction() => Numbering::Followed,
            Some(_) => Numbering::Unfollowed,
            None => Numbering::Drawn,
        };
        let to_head = plan.method == "HEAD";
        Ok(PreparedRequest { bytes, fresh, number, numbering, to_head, expectation })
    });
    prepared.collect()
}

fn fresh_body(plan: &RequestPlan, run: &str) -> Result<Option<FreshBody>, PrepareError> {
    match &plan.body {
        Body::Fresh { template, batch, .. } => {
            let text = FreshText::parse(template, run)?;
            let (items, item_bytes) = (batch.unwrap_or(1), text.bytes().len());
            // Before anything is made of that size.
            if items > MOST_ITEMS || items.saturating_mul(item_bytes + 1) > LONGEST_BODY {
                return Err(PrepareError::TooLong { items, item_bytes });
            }
            Ok(Some(FreshBody::new(text, *batch)))
        }
        _ => Ok(None),
    }
}

/// What must come back for a body of the plan, which has zeros in its slots where it is fresh.
fn expected(
    plan: &RequestPlan,
    body: &[u8],
    fresh: Option<&FreshBody>,
    exact: Option<&Arc<[u8]>>,
) -> Result<ExpectedBody, PrepareError> {
    // Escaping every character as \uXXXX makes a text six times as long, and indenting it longer still.
    let longest = 64 * 1024 + 8 * body.len();
    let refused = plan.refused.as_ref().map(|refused| &refused.json);
    Ok(match (&plan.expect_body, exact) {
        (BodyExpectation::SameJson, _) if fresh.is_some() => ExpectedBody::SentJson { longest },
        (BodyExpectation::SameJson, _) => ExpectedBody::Json { value: json(body)?, longest },
        (_, Some(exact)) => ExpectedBody::Exact(Arc::clone(exact)),
        _ if plan.expect_json.is_empty() && refused.is_none_or(BTreeMap::is_empty) => ExpectedBody::Any,
        _ => {
            let fixed = FreshText::fixed(body);
            let (text, batch) = match (fresh, &plan.body) {
                (Some(fresh), Body::Fresh { batch, .. }) => (fresh.text(), *batch),
                _ => (&fixed, None),
            };
            let fields = Arc::new(Fields::new(&plan.expect_json, refused, Some(text), batch)?);
            // A receipt has keys and values of its own beside what was sent.
            ExpectedBody::Fields { fields, longest: longest + 1024 * plan.items() }
        }
    })
}

fn json(body: &[u8]) -> Result<Value, PrepareError> {
    serde_json::from_slice(body).map_err(|error| PrepareError::NotJson {
        error,
        body: String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned(),
    })
}

impl ExpectedBody {
    /// How much of a body has to be kept to compare it, in bytes.
    #[must_use]
    pub fn keep_bytes(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Json { longest, .. } | Self::SentJson { longest } | Self::Fields { longest, .. } => {
                *longest
            }
            Self::Exact(bytes) => bytes.len(),
        }
    }

    /// Whether the same answer would be right for the next request as well.
    #[must_use]
    pub fn is_the_same_for_all(&self) -> bool {
        match self {
            Self::Any | Self::Json { .. } | Self::Exact(_) => true,
            Self::SentJson { .. } => false,
            Self::Fields { fields, .. } => !fields.depends_on_sent(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(batch: usize, template: &str) -> Result<Vec<PreparedRequest>, PrepareError> {
        let body = Body::Fresh { template: template.to_owned(), batch: Some(batch), seed: 1 };
        let plan = RequestPlan { method: "POST".to_owned(), body, ..RequestPlan::default() };
        prepare(&plan, 0, Surroundings { host: "h", run: "r" }, None)
    }

    #[test]
    fn a_request_that_would_fill_the_memory_is_not_made() {
        assert_eq!(prepared(1000, r#"{"id":"{{serial}}"}"#).unwrap()[0].items(), 1000);
        for (batch, template) in
            [(100_000_000, "{{serial}}"), (usize::MAX, "{{serial}}"), (65, "{{hex 1048576}}")]
        {
            let error = prepared(batch, template).unwrap_err().to_string();
            assert!(
                error.contains("at most 1000000, and 64 MiB together") && error.contains("--batch"),
                "{error}"
            );
        }
    }
}
