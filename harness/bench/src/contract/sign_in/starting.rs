//! The cases of the two variables that a target is started with.

use super::super::case::{Case, Check, Group};
use super::super::fault::Fault;
use super::super::instance::Origin;
use super::super::wire::Wire;
use super::login;
use super::token::{pbkdf2, verified};
use super::{is_unauthorized, right_login};
use crate::credentials::{self, SECRET, USERS};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    check: fn(&Wire, &Origin<'_>) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::SignIn, what, contract, check: Check::Process(check) }
}

pub(in super::super) const CASES: &[Case] = &[
    case(
        "secret-missing",
        "no start without NODE_SECRET",
        "Without it, or with a shorter one, a target does not start: an error on standard error that names the variable, and an exit code other than 0.",
        |wire, origin| origin.forbidden(wire, SECRET, None)?.ends(wire, SECRET),
    ),
    case(
        "secret-short",
        "no start with a NODE_SECRET of less than 32 bytes",
        "the key that tokens are signed with, at least 32 bytes.",
        secret_short,
    ),
    case(
        "users-malformed",
        "no start with a NODE_USERS of another form",
        "Anything else is an error as above.",
        users_malformed,
    ),
    case(
        "users-none",
        "an empty NODE_USERS lets nobody in",
        "who may sign in, separated by commas; nobody if it is unset or empty.",
        users_none,
    ),
    case(
        "users-several",
        "users with other salts, iterations and letters",
        "Each is `<name>:pbkdf2-sha256$<iterations>$<salt>$<hash>`",
        users_several,
    ),
];

fn secret_short(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    let short = origin.forbidden(wire, SECRET, Some(&"s".repeat(31)))?;
    let empty = origin.forbidden(wire, SECRET, Some(""))?;
    short.ends(wire, SECRET)?;
    empty.ends(wire, SECRET)
}

/// One of many users, as [`USERS`] has it.
fn entry(name: &str, password: &str, salt: &[u8], iterations: u32) -> String {
    let hash = BASE64.encode(pbkdf2(password, salt, iterations));
    format!("{name}:pbkdf2-sha256${iterations}${}${hash}", BASE64.encode(salt))
}

fn users_malformed(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    let good = entry("a", "b", b"12345678", 1);
    let hash = good.rsplit('$').next().unwrap_or("");
    let all = [
        "nobody".to_owned(),
        good.replacen("a:", ":", 1),
        good.replacen("a:", "a b:", 1),
        good.replacen("sha256", "sha1", 1),
        good.replacen("$1$", "$0$", 1),
        good.replacen("$1$", "$10000001$", 1),
        good.replacen("$1$", "$one$", 1),
        format!("a:pbkdf2-sha256$1${}${hash}", BASE64.encode("1234567")),
        format!("a:pbkdf2-sha256$1${}${}", BASE64.encode("12345678"), BASE64.encode([0; 31])),
        good.replacen('=', "", 1),
        format!("{good},"),
        format!("{good},x"),
    ];
    // A few at a time: some languages take a second to see it, and most of that is start-up.
    for some in all.chunks(4) {
        let begun: Result<Vec<_>, Fault> =
            some.iter().map(|users| origin.forbidden(wire, USERS, Some(users))).collect();
        begun?.into_iter().try_for_each(|start| start.ends(wire, USERS))?;
    }
    Ok(())
}

fn users_none(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    // As short a key as may be, on the way.
    let secret = "0123456789abcdef0123456789abcdef";
    let (_server, wire) = origin.another_with(wire, "users-none", &[(USERS, ""), (SECRET, secret)])?;
    is_unauthorized(&wire.ask(&wire.request("POST", "/login", &[], Some(right_login().as_bytes())))?)
}

fn users_several(wire: &Wire, origin: &Origin<'_>) -> Result<(), Fault> {
    let long = "a-name.of_64-letters".repeat(4)[..64].to_owned();
    let people = [
        ("a".to_owned(), "pässwörd 中😀", &b"12345678"[..], 1),
        (long, "", &[0xff; 64], 3),
        ("Bench".to_owned(), "quotes \" and, commas: $1$", b"0123456789", 1000),
    ];
    let users: Vec<String> = people
        .iter()
        .map(|(name, password, salt, iterations)| entry(name, password, salt, *iterations))
        .collect();
    let (_server, wire) = origin.another_with(wire, "users-several", &[(USERS, &users.join(","))])?;
    for (at, (name, password, ..)) in people.iter().enumerate() {
        let token = login::token(&wire, &json!({ "username": name, "password": password }).to_string())?;
        let sub = verified(&token, credentials::secret()).map(|claims| claims.sub);
        if sub.as_ref() != Ok(name) {
            return Err(Fault::new("POST /login", format!("a token of {name}"), format!("{sub:?}")));
        }
        let other = people[(at + 1) % people.len()].1;
        let body = json!({ "username": name, "password": other }).to_string();
        is_unauthorized(&wire.ask(&wire.request("POST", "/login", &[], Some(body.as_bytes())))?)?;
    }
    Ok(())
}
