//! The cases of `GET /session`: which tokens are taken.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::token::{Claims, HEADER, Signing, signed, verified};
use super::{is_unauthorized, login, now_s, right_login};
use crate::credentials;
use bench_model::json::same_json;
use serde_json::{Value, json};
use std::time::Duration;

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::SignIn, what, contract, check }
}

pub(in super::super) const CASES: &[Case] = &[
    case(
        "session",
        "a token of /login gives its claims back",
        "`GET /session` with `Authorization: Bearer <token>` answers **200** with the claims",
        Check::Secret(own_session),
    ),
    case(
        "session-other-token",
        "a token that bench signed is as good",
        "need not have been issued by the process that verifies them: the secret alone decides.",
        Check::Secret(other_token),
    ),
    case(
        "session-no-token",
        "401 without a token, or with another scheme",
        "**401** if there is no such header, the scheme is another",
        Check::Talk(no_token),
    ),
    case("session-malformed", "401 for what is no token", "the token is malformed", Check::Talk(malformed)),
    case(
        "session-signature",
        "401 for a wrong signature",
        "the signature is wrong",
        Check::Secret(signature),
    ),
    case(
        "session-alg-none",
        "401 for alg none, signed or not",
        "`alg` is anything but `HS256` (`none` among them)",
        Check::Secret(alg_none),
    ),
    case(
        "session-other-alg",
        "401 for algorithms other than HS256",
        "`alg` is anything but `HS256` (`none` among them)",
        Check::Secret(other_alg),
    ),
    case(
        "session-claims",
        "401 if a claim is missing or has another type",
        "one of the three claims is missing or has another type",
        Check::Secret(claims),
    ),
    case(
        "session-expired",
        "401 once exp is not in the future, without leeway",
        "`exp` is not in the future. There is no leeway.",
        Check::Secret(expired),
    ),
    case(
        "session-expires",
        "a token that was taken is refused once it expires",
        "Tokens are verified anew for each request",
        Check::Secret(expires),
    ),
];

fn get(wire: &Wire, method: &str, token: &str) -> Vec<u8> {
    wire.request(method, "/session", &[("Authorization", &format!("Bearer {token}"))], None)
}

/// Claims that are right for the next hour.
fn good() -> Claims {
    let now = now_s() as i64;
    Claims { sub: credentials::USER.to_owned(), iat: now, exp: now + 3600 }
}

fn sign(claims: &Value) -> String {
    signed(HEADER, &claims.to_string(), credentials::secret(), Signing::Sha256)
}

fn accepts(wire: &Wire, token: &str, claims: &Claims) -> Result<(), Fault> {
    let answer = wire.ask(&get(wire, "GET", token))?;
    if same_json(&answer.json()?, &claims.json()) {
        return Ok(());
    }
    Err(answer.wrong(format!("200 with the claims {}", claims.json())))
}

fn refuses(wire: &Wire, token: &str, why: &str) -> Result<(), Fault> {
    let answer = wire.ask(&get(wire, "GET", token))?;
    match is_unauthorized(&answer) {
        // A token says little to a reader; what is wrong with it says more.
        Err(Fault::Wrong { expected, came, .. }) => {
            Err(Fault::new(format!("GET /session with a token {why}"), expected, came))
        }
        other => other,
    }
}

fn own_session(wire: &Wire) -> Result<(), Fault> {
    let token = login::token(wire, &right_login())?;
    let claims =
        verified(&token, credentials::secret()).map_err(|came| Fault::new("POST /login", "a token", came))?;
    accepts(wire, &token, &claims)?;
    let mut connection = Connection::open(wire)?;
    connection.send(&get(wire, "HEAD", &token))?;
    connection.answer_to_head()?.is(200)?.says_json()?;
    connection.send(&get(wire, "GET", &token))?;
    connection.answer()?.is(200)?;
    Ok(())
}

fn other_token(wire: &Wire) -> Result<(), Fault> {
    let key = credentials::secret();
    let claims = Claims { sub: "somebody-else".to_owned(), ..good() };
    let text = claims.json().to_string();
    for header in [HEADER, r#"{ "typ": "JWT", "alg": "HS256" }"#] {
        accepts(wire, &signed(header, &text, key, Signing::Sha256), &claims)?;
    }
    // Times of a process that may have ended long ago.
    let old = Claims { iat: 1, ..good() };
    accepts(wire, &sign(&old.json()), &old)
}

fn no_token(wire: &Wire) -> Result<(), Fault> {
    is_unauthorized(&wire.ask(&wire.request("GET", "/session", &[], None))?)?;
    let token = sign(&good().json());
    for value in [
        String::new(),
        "Bearer".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Token {token}"),
        format!("Bearer{token}"),
    ] {
        let request = wire.request("GET", "/session", &[("Authorization", &value)], None);
        is_unauthorized(&wire.ask(&request)?)?;
    }
    Ok(())
}

fn malformed(wire: &Wire) -> Result<(), Fault> {
    let right = sign(&good().json());
    let key = credentials::secret();
    let parts: Vec<&str> = right.split('.').collect();
    let claims = good().json().to_string();
    for (token, why) in [
        ("x".to_owned(), "of one letter"),
        ("..".to_owned(), "of empty parts"),
        ("a.b.c".to_owned(), "of three letters"),
        (parts[..2].join("."), "without its signature"),
        (format!("{right}.{}", parts[2]), "of four parts"),
        (format!("{}.*.{}", parts[0], parts[2]), "that is not base64url"),
        (signed("not JSON", &claims, key, Signing::Sha256), "whose header is not JSON"),
        (signed(HEADER, "not JSON", key, Signing::Sha256), "whose claims are not JSON"),
        (signed(HEADER, "[1]", key, Signing::Sha256), "whose claims are an array"),
        (signed("[1]", &claims, key, Signing::Sha256), "whose header is an array"),
        (format!("{right} {right}"), "followed by another"),
    ] {
        refuses(wire, &token, why)?;
    }
    Ok(())
}

fn signature(wire: &Wire) -> Result<(), Fault> {
    let right = sign(&good().json());
    let parts: Vec<&str> = right.split('.').collect();
    let first = if parts[2].starts_with('A') { 'B' } else { 'A' };
    let other = sign(&Claims { sub: "root".to_owned(), ..good() }.json());
    let text = good().json().to_string();
    let key = credentials::secret();
    let longer = format!("{key}x");
    for (token, why) in [
        (format!("{}.{}.{first}{}", parts[0], parts[1], &parts[2][1..]), "with a changed signature"),
        (format!("{}.{}.{}", parts[0], parts[1], &parts[2][..32]), "with half a signature"),
        (format!("{}.{}.", parts[0], parts[1]), "with an empty signature"),
        (
            format!("{}.{}.{}", parts[0], other.split('.').nth(1).unwrap_or(""), parts[2]),
            "with changed claims",
        ),
        (signed(HEADER, &text, &longer, Signing::Sha256), "signed with another key"),
        (signed(HEADER, &text, "", Signing::Sha256), "signed with an empty key"),
        (signed(HEADER, &text, key, Signing::Sha512), "signed with SHA-512"),
    ] {
        refuses(wire, &token, why)?;
    }
    Ok(())
}

fn alg_none(wire: &Wire) -> Result<(), Fault> {
    let text = good().json().to_string();
    for alg in ["none", "None", "NONE"] {
        let header = json!({ "alg": alg, "typ": "JWT" }).to_string();
        for signing in [Signing::Not, Signing::Sha256] {
            let token = signed(&header, &text, credentials::secret(), signing);
            refuses(wire, &token, &format!("whose header is {header}"))?;
        }
    }
    Ok(())
}

fn other_alg(wire: &Wire) -> Result<(), Fault> {
    let (text, key) = (good().json().to_string(), credentials::secret());
    for (header, signing) in [
        (r#"{"alg":"HS512","typ":"JWT"}"#, Signing::Sha512),
        (r#"{"alg":"HS384","typ":"JWT"}"#, Signing::Sha256),
        (r#"{"alg":"RS256","typ":"JWT"}"#, Signing::Sha256),
        (r#"{"alg":"","typ":"JWT"}"#, Signing::Sha256),
        (r#"{"alg":null,"typ":"JWT"}"#, Signing::Sha256),
        (r#"{"typ":"JWT"}"#, Signing::Sha256),
    ] {
        refuses(wire, &signed(header, &text, key, signing), &format!("whose header is {header}"))?;
    }
    Ok(())
}

fn claims(wire: &Wire) -> Result<(), Fault> {
    for name in ["sub", "iat", "exp"] {
        let mut without = good().json();
        without.as_object_mut().and_then(|claims| claims.remove(name));
        refuses(wire, &sign(&without), &format!("without `{name}`"))?;
        for other in [json!(null), json!([1]), json!({}), json!(true)] {
            let mut wrong = good().json();
            wrong[name] = other;
            refuses(wire, &sign(&wrong), &format!("with the claims {wrong}"))?;
        }
    }
    for (name, other) in [("sub", json!(7)), ("iat", json!("1")), ("exp", json!("9999999999"))] {
        let mut wrong = good().json();
        wrong[name] = other;
        refuses(wire, &sign(&wrong), &format!("with the claims {wrong}"))?;
    }
    Ok(())
}

fn expired(wire: &Wire) -> Result<(), Fault> {
    // `now` has passed by the time that it is looked at; so have the others, since the clocks are one.
    for ago_s in [0, 1, 2, 30, 59, 3600] {
        let now = now_s() as i64;
        let claims = Claims { iat: now - 3600, exp: now - ago_s, ..good() };
        refuses(wire, &sign(&claims.json()), &format!("that expired {ago_s} s ago"))?;
    }
    refuses(wire, &sign(&Claims { exp: 0, ..good() }.json()), "that expired in 1970")?;
    refuses(wire, &sign(&Claims { exp: -1, ..good() }.json()), "that expired before 1970")
}

fn expires(wire: &Wire) -> Result<(), Fault> {
    let claims = Claims { exp: now_s() as i64 + 3, ..good() };
    let token = sign(&claims.json());
    let answer = wire.ask(&get(wire, "GET", &token))?;
    // On a machine that stood still for two seconds nothing can be said of it.
    if answer.status != 200 && now_s() < claims.exp as f64 - 0.5 {
        return Err(answer.wrong("200 for a token of the next seconds"));
    }
    let left_s = (claims.exp as f64 - now_s()).max(0.0) + 0.05;
    wire.sleep(Duration::from_secs_f64(left_s))?;
    refuses(wire, &token, "that was right until a moment ago")
}
