//! Requests made ready before a run: their bytes, and what must come back.

use crate::protocol::http1::{WriteError, write_request};
use bench_model::body::TemplateError;
use bench_model::plan::RequestPlan;
use bench_model::scenario::BodyExpectation;
use bench_model::status::StatusSet;
use serde_json::Value;
use std::sync::Arc;

/// A request that only has to be sent.
#[derive(Debug, Clone)]
pub struct PreparedRequest {
    /// The whole request as it goes over the wire.
    pub bytes: Vec<u8>,
    /// Whether the method is HEAD, whose answer has no body.
    pub to_head: bool,
    /// What must come back.
    pub expectation: Expectation,
}

/// What must come back for a request.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// Accepted statuses.
    pub status: StatusSet,
    /// The body.
    pub body: ExpectedBody,
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
    /// These bytes.
    Exact(Arc<[u8]>),
}

/// Why requests cannot be made ready.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// See [`WriteError`].
    #[error(transparent)]
    Write(#[from] WriteError),
    /// See [`TemplateError`].
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The answer is to be the same JSON as a body that is not JSON.
    #[error("the body must come back as the same JSON, but is not JSON ({error}): {body}")]
    NotJson {
        /// What the parser says.
        error: serde_json::Error,
        /// The body's beginning.
        body: String,
    },
}

/// Makes a plan's request ready, once for each body of its pool. `exact` is the content of the file that the plan
/// expects, where it expects one.
///
/// # Errors
/// When the request would not be HTTP, or its bodies cannot be made.
pub fn prepare(
    plan: &RequestPlan,
    host: &str,
    exact: Option<&Arc<[u8]>>,
) -> Result<Vec<PreparedRequest>, PrepareError> {
    let bodies = plan.body.render()?;
    bodies
        .iter()
        .map(|body| {
            let expected = match (&plan.expect_body, exact) {
                (BodyExpectation::SameJson, _) => same_json(body)?,
                (_, Some(exact)) => ExpectedBody::Exact(Arc::clone(exact)),
                _ => ExpectedBody::Any,
            };
            Ok(PreparedRequest {
                bytes: write_request(plan, host, body)?,
                to_head: plan.method == "HEAD",
                expectation: Expectation { status: plan.expect_status.clone(), body: expected },
            })
        })
        .collect()
}

fn same_json(body: &[u8]) -> Result<ExpectedBody, PrepareError> {
    let value = serde_json::from_slice(body).map_err(|error| PrepareError::NotJson {
        error,
        body: String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned(),
    })?;
    // Escaping every character as \uXXXX makes a text six times as long, and indenting it longer still.
    Ok(ExpectedBody::Json { value, longest: 64 * 1024 + 8 * body.len() })
}

impl ExpectedBody {
    /// How much of a body has to be kept to compare it, in bytes.
    #[must_use]
    pub fn keep_bytes(&self) -> usize {
        match self {
            Self::Any => 0,
            Self::Json { longest, .. } => *longest,
            Self::Exact(bytes) => bytes.len(),
        }
    }
}
