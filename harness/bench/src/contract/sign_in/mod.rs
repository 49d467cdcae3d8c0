//! The cases of signing in: logins, sessions, and the variables without which a target must not start.

mod login;
mod session;
mod starting;
mod token;

use super::answer::{Answer, named};
use super::case::Case;
use super::fault::Fault;
use crate::credentials::{PASSWORD, USER};
use serde_json::json;
use std::time::SystemTime;

/// All of the group, in the order of the contract.
pub(super) const CASES: &[&[Case]] = &[starting::CASES, login::CASES, session::CASES];

/// Seconds since 1970.
fn now_s() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// The body of a login that must succeed.
fn right_login() -> String {
    json!({ "username": USER, "password": PASSWORD }).to_string()
}

/// The answer must be 401 with an error, and say how to sign in.
fn is_unauthorized(answer: &Answer) -> Result<(), Fault> {
    answer.is(401)?.is_error()?;
    let found = answer.header("www-authenticate");
    let scheme = found.and_then(|value| value.split([' ', ',']).next()).unwrap_or("");
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(());
    }
    Err(answer.fault("401 with WWW-Authenticate: Bearer", named("WWW-Authenticate", found)))
}
