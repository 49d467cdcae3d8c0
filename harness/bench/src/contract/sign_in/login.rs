//! The cases of `POST /login`.

use super::super::case::{Case, Check, Exchange, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::token::{Claims, verified};
use super::{is_unauthorized, now_s, right_login};
use crate::credentials::{self, PASSWORD, USER};
use serde_json::json;
use std::time::{Duration, Instant};

/// How far the clocks of `bench` and of a server elsewhere may be apart, in seconds.
const CLOCKS_APART_S: f64 = 30.0;
/// Logins of each kind whose shortest time is compared.
const TIMED: usize = 8;

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::SignIn, what, contract, check }
}

const fn disallowed(method: &'static str, path: &'static str, allow: &'static str) -> Exchange {
    Exchange { request: (method, path), body: None, status: 405, header: Some(("Allow", allow)) }
}

const REFUSED: &str = "**401** if the password is wrong or there is no such user.";

pub(in super::super) const CASES: &[Case] = &[
    case(
        "login",
        "a right password gets a token",
        "**200** `{\"token\": \"<JWT>\"}` if the hash is PBKDF2 (RFC 8018) with HMAC-SHA-256 over the password's UTF-8 bytes",
        Check::Secret(login),
    ),
    case(
        "token-claims",
        "its header, its claims and its signature",
        "A token is a JWT (RFC 7519) signed with HS256. Its header is `{\"alg\":\"HS256\",\"typ\":\"JWT\"}` and its claims are `sub` (the user), `iat` (now) and `exp` (an hour later), both in whole seconds since 1970.",
        Check::Secret(token_claims),
    ),
    case(
        "login-malformed",
        "400 for what is no username and password",
        "**400** if the body is anything else;",
        Check::Talk(malformed),
    ),
    case("login-wrong-password", "401 for a wrong password", REFUSED, Check::Secret(wrong_password)),
    case("login-unknown-user", "401 for an unknown user", REFUSED, Check::Talk(unknown_user)),
    case(
        "login-same-work",
        "an unknown user takes as long as a wrong password",
        "Both take the same work: for an unknown user a password is hashed all the same, with 10,000 iterations.",
        Check::Secret(same_work),
    ),
    case(
        "method-sign-in",
        "405 with Allow for other methods of both paths",
        "`Allow: POST`, or `Allow: GET, HEAD`; the connection stays",
        Check::Answered(&[
            disallowed("GET", "/login", "POST"),
            disallowed("PUT", "/login", "POST"),
            disallowed("POST", "/session", "GET, HEAD"),
            disallowed("DELETE", "/session", "GET, HEAD"),
        ]),
    ),
];

fn post(wire: &Wire, body: impl AsRef<[u8]>) -> Vec<u8> {
    wire.request("POST", "/login", &[], Some(body.as_ref()))
}

/// Signs in with this body, and gives the token.
pub(super) fn token(wire: &Wire, body: &str) -> Result<String, Fault> {
    let answer = wire.ask(&post(wire, body))?;
    let value = answer.json()?;
    let object = value.as_object().filter(|object| object.len() == 1);
    match object.and_then(|object| object["token"].as_str()) {
        Some(token) => Ok(token.to_owned()),
        None => Err(answer.wrong("200 with {\"token\": \"<JWT>\"}")),
    }
}

fn login(wire: &Wire) -> Result<(), Fault> {
    // The same password: with another key, the other order, and an escape for one of its letters.
    let escaped = format!(r#"{{"password":"\u0063{}","x":[1],"username":"{USER}"}}"#, &PASSWORD[1..]);
    for body in [right_login(), escaped] {
        token(wire, &body)?;
    }
    Ok(())
}

fn token_claims(wire: &Wire) -> Result<(), Fault> {
    let token = token(wire, &right_login())?;
    let wrong = |came: String| Fault::new("POST /login", "a JWT of HS256 with `sub`, `iat` and `exp`", came);
    let Claims { sub, iat, exp } = verified(&token, credentials::secret()).map_err(wrong)?;
    let age_s = now_s() - iat as f64;
    // Rounded up, `iat` would be a second ahead.
    if sub != USER || exp - iat != 3600 || !(-CLOCKS_APART_S..CLOCKS_APART_S).contains(&age_s) {
        let now = now_s();
        return Err(wrong(format!("sub {sub}, iat {iat} and exp {exp} at {now:.0}")));
    }
    Ok(())
}

fn malformed(wire: &Wire) -> Result<(), Fault> {
    for body in [
        "",
        "{",
        "null",
        "[]",
        "\"bench\"",
        "[\"bench\",\"x\"]",
        "{}",
        "{\"username\":\"bench\"}",
        "{\"password\":\"x\"}",
        "{\"Username\":\"bench\",\"Password\":\"x\"}",
        "{\"username\":1,\"password\":\"x\"}",
        "{\"username\":\"bench\",\"password\":1}",
        "{\"username\":\"bench\",\"password\":null}",
        "{\"username\":[\"bench\"],\"password\":\"x\"}",
        "{\"username\":\"bench\",\"password\":true}",
        "username=bench&password=x",
    ] {
        wire.ask(&post(wire, body))?.is(400)?.is_error()?;
    }
    Ok(())
}

fn wrong_password(wire: &Wire) -> Result<(), Fault> {
    for password in
        ["", "x", "Correct horse battery staple", "correct horse battery staple ", "correct horse battery"]
    {
        let body = json!({ "username": USER, "password": password }).to_string();
        is_unauthorized(&wire.ask(&post(wire, body))?)?;
    }
    Ok(())
}

fn unknown_user(wire: &Wire) -> Result<(), Fault> {
    for user in ["", "Bench", "bench ", "nobody", "bench:", "\u{0}", "benché"] {
        let body = json!({ "username": user, "password": PASSWORD }).to_string();
        is_unauthorized(&wire.ask(&post(wire, body))?)?;
    }
    Ok(())
}

/// Whatever else the machine does makes some logins slower and none faster: the shortest times are compared.
fn same_work(wire: &Wire) -> Result<(), Fault> {
    let mut connection = Connection::open(wire)?;
    let mut shortest = [Duration::MAX; 2];
    for _ in 0..TIMED {
        for (user, shortest) in [USER, "nobody"].into_iter().zip(&mut shortest) {
            let body = json!({ "username": user, "password": "wrong" }).to_string();
            let began = Instant::now();
            connection.send(&post(wire, body))?;
            let answer = connection.answer()?;
            *shortest = began.elapsed().min(*shortest);
            answer.is(401)?;
            if !answer.keeps_open {
                connection = Connection::open(wire)?;
            }
        }
    }
    let [known, unknown] = shortest;
    if 2 * unknown >= known {
        return Ok(());
    }
    Err(Fault::new(
        "POST /login of a known and of an unknown user",
        "401 after the same work",
        format!("401 after {known:?} and after {unknown:?}"),
    ))
}
