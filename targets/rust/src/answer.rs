//! The service: which request gets which answer, as `targets/CONTRACT.md` has it.
//!
//! It must not know of sockets or timers; the exchange tells it when a body is overdue.

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{ACCEPT_ENCODING, ALLOW, EXPECT};
use hyper::http::request::Parts;
use hyper::{Request, Response, StatusCode};

use crate::body::{self, BodyError, MAX_BODY_BYTES};
use crate::coding::{self, Coding, UnpackError, accepts_gzip};
use crate::echo::echo;
use crate::exchange::Exchange;
use crate::reply::Reply;
use crate::routes::{Posted, Purpose, Route, Shown, id_in};
use crate::service::Service;
use crate::{session, transactions, views};

/// Answers one request. Errors are answers too.
pub(crate) async fn answer(
    request: Request<Incoming>,
    exchange: Rc<Exchange>,
    service: &Service,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let started = Instant::now();
    exchange.request_started();
    let (head, body) = request.into_parts();
    let route = Route::of(&head);
    let reply = match route.purpose {
        Purpose::Post(posted) => match wanted_body(&head, body, &exchange).await {
            Ok(bytes) => post(posted, &bytes, service).await,
            Err(refused) => refused,
        },
        Purpose::Get(shown) => without_body(get(shown, &head, service).await, &head, body, &exchange).await,
        Purpose::WrongMethod(allowed) => {
            without_body(wrong_method(&head, allowed), &head, body, &exchange).await
        }
        Purpose::Unknown => without_body(unknown_path(&head), &head, body, &exchange).await,
    };
    let reply = if reply.is_worth_packing() && accepts_gzip(&head.headers) {
        // Boxed, so that what few clients ask for does not enlarge every connection's task.
        Box::pin(reply.packed(service)).await
    } else {
        reply
    };
    if reply.closes() {
        exchange.leave_unread();
    }
    exchange.request_answered();
    service.recorder.record(route.label, reply.status(), started.elapsed());
    Ok(reply.into_response(head.headers))
}

async fn post(posted: Posted, body: &[u8], service: &Service) -> Reply {
    match posted {
        Posted::Echo => echo(body),
        Posted::Transaction => transactions::one(body, service).await,
        Posted::Batch => transactions::batch(body, service).await,
        Posted::Login => session::login(body, service).await,
    }
}

async fn get(shown: Shown, head: &Parts, service: &Service) -> Reply {
    match shown {
        Shown::Health => Reply::ok(r#"{"status":"ok"}"#),
        Shown::Ledger => views::ledger(&service.node),
        Shown::Blocks => views::blocks(head.uri.query().unwrap_or(""), service).await,
        Shown::Metrics => views::metrics(service).await,
        Shown::Session => session::session(&head.headers, service),
        Shown::Account => views::account(id_in(head.uri.path()), &service.node),
    }
}

/// Reads the body that the endpoint asks for, and unpacks it.
async fn wanted_body(head: &Parts, body: Incoming, exchange: &Exchange) -> Result<Bytes, Reply> {
    let Some(coding) = Coding::of(&head.headers) else {
        let reply = Reply::error(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a body must be packed with gzip, or not at all",
        );
        return Err(without_body(reply.with(ACCEPT_ENCODING, "gzip"), head, body, exchange).await);
    };
    let bytes = body::read(body, exchange).await.map_err(|error| refuse_body(&error))?;
    exchange.body_read();
    match coding {
        Coding::Identity => Ok(bytes),
        Coding::Gzip => coding::unpack(&bytes, MAX_BODY_BYTES).map(Bytes::from).map_err(refuse_packed),
    }
}

/// The body was read to its end, so the connection stays.
fn refuse_packed(error: UnpackError) -> Reply {
    let message = match error {
        UnpackError::NotGzip => "the body is not gzip, or its checksum is wrong",
        UnpackError::EndsEarly => "the body is not a whole gzip: it ends early",
        UnpackError::GoesOn => "the body goes on after the end of its gzip",
        UnpackError::TooLarge => {
            let message = format!("the body is longer than {MAX_BODY_BYTES} bytes when it is unpacked");
            return Reply::error(StatusCode::PAYLOAD_TOO_LARGE, &message);
        }
    };
    Reply::error(StatusCode::BAD_REQUEST, message)
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
    Reply::error(StatusCode::METHOD_NOT_ALLOWED, &message).with(ALLOW, allowed)
}

fn unknown_path(head: &Parts) -> Reply {
    let message = format!("there is nothing at {}; try GET /healthz or POST /echo", head.uri.path());
    Reply::error(StatusCode::NOT_FOUND, &message)
}
