//! The service: which request gets which answer, as `targets/CONTRACT.md` has it.
//!
//! It must not know of sockets or timers; the exchange tells it when a body is overdue.

use std::convert::Infallible;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::EXPECT;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};

use crate::body::{self, BodyError, MAX_BODY_BYTES};
use crate::exchange::Exchange;
use crate::reply::Reply;

/// Answers one request. Errors are answers too.
pub(crate) async fn answer(
    request: Request<Incoming>,
    exchange: Rc<Exchange>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    exchange.request_started();
    let (head, body) = request.into_parts();
    let reply = match Route::of(&head) {
        Route::Echo => match body::read(body, &exchange).await {
            Ok(bytes) => echo(&bytes),
            Err(error) => refuse_body(&error),
        },
        Route::Health => without_body(Reply::ok(r#"{"status":"ok"}"#), &head, body, &exchange).await,
        Route::WrongMethod(allowed) => {
            without_body(wrong_method(&head, allowed), &head, body, &exchange).await
        }
        Route::Unknown => without_body(unknown_path(&head), &head, body, &exchange).await,
    };
    if reply.closes() {
        exchange.leave_unread();
    }
    exchange.request_answered();
    Ok(reply.into_response(head.headers))
}

/// What a method and a path lead to.
enum Route {
    Echo,
    Health,
    /// The path exists and takes only these methods.
    WrongMethod(&'static str),
    Unknown,
}

impl Route {
    fn of(head: &Parts) -> Self {
        match (head.uri.path(), &head.method) {
            ("/echo", &Method::POST) => Self::Echo,
            ("/echo", _) => Self::WrongMethod("POST"),
            ("/healthz", &Method::GET | &Method::HEAD) => Self::Health,
            ("/healthz", _) => Self::WrongMethod("GET, HEAD"),
            _ => Self::Unknown,
        }
    }
}

/// Decodes the whole body and encodes it again: the work that is measured.
fn echo(body: &[u8]) -> Reply {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(value) => {
            // Encoding is compact, so that the length of the request is nearly always enough.
            let mut json = Vec::with_capacity(body.len() + 16);
            serde_json::to_writer(&mut json, &value)
                .expect("a value has string keys, and a vector takes all");
            Reply::ok(json)
        }
        Err(error) => Reply::error(StatusCode::BAD_REQUEST, &format!("the body is not JSON: {error}")),
    }
}

fn refuse_body(error: &BodyError) -> Reply {
    let reply = match error {
        BodyError::TooLarge => Reply::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            &format!("the body is longer than {MAX_BODY_BYTES} bytes"),
        ),
        BodyError::Overdue => Reply::error(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"),
        BodyError::Broken(error) => Reply::error(
            StatusCode::BAD_REQUEST,
            &format!("the body could not be read: {}", BodyError::reason(error)),
        ),
    };
    reply.closing()
}

/// Gives an answer that does not depend on the body. The body is read and forgotten if it can be, to keep the
/// connection; a client that waits to be told to send one is not told to.
async fn without_body(reply: Reply, head: &Parts, body: Incoming, exchange: &Exchange) -> Reply {
    if body.is_end_stream() {
        return reply;
    }
    if head.headers.contains_key(EXPECT) || body::discard(body, exchange).await.is_err() {
        return reply.closing();
    }
    reply
}

fn wrong_method(head: &Parts, allowed: &'static str) -> Reply {
    let message = format!("{} is not allowed on {}; it takes {allowed}", head.method, head.uri.path());
    Reply::error(StatusCode::METHOD_NOT_ALLOWED, &message).allowing(allowed)
}

fn unknown_path(head: &Parts) -> Reply {
    let message = format!("there is nothing at {}; try GET /healthz or POST /echo", head.uri.path());
    Reply::error(StatusCode::NOT_FOUND, &message)
}
