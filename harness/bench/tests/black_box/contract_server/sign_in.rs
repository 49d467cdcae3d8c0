//! How the small server lets users in: passwords and tokens.

use super::request::Incoming;
use super::{Answer, Fault};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::SystemTime;

/// The user that `bench` sets up, and the key that these tests sign with.
pub(crate) const SECRET: &str = "a secret of the tests, long enough for any server";
const USERS: &str =
    "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";
/// Iterations for a user that is not there.
const USUAL_ITERATIONS: u32 = 10_000;

/// The key and the users.
#[derive(Debug)]
pub(super) struct Gate {
    secret: String,
    users: Vec<User>,
}

#[derive(Debug)]
struct User {
    name: String,
    iterations: u32,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Gate {
    /// Of a server within the test's own process.
    pub(super) fn of_tests() -> Self {
        Self::of(Some(SECRET.to_owned()), USERS).expect("a gate")
    }

    /// As the environment says; the error names the variable.
    pub(super) fn of(secret: Option<String>, users: &str) -> Result<Self, String> {
        let secret = secret.filter(|secret| secret.len() >= 32).ok_or("NODE_SECRET needs 32 bytes")?;
        let users = users.split(',').filter(|_| !users.is_empty());
        let users: Option<Vec<User>> = users.map(User::read).collect();
        Ok(Self { secret, users: users.ok_or("NODE_USERS has another form")? })
    }

    pub(super) fn login(&self, body: &[u8], fault: Fault) -> Answer {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let (Some(name), Some(password)) = (value["username"].as_str(), value["password"].as_str()) else {
            return Answer::error(400, "username and password are asked for");
        };
        let hash = match self.users.iter().find(|user| user.name == name) {
            Some(user) => (pbkdf2(password, &user.salt, user.iterations) == user.hash).then_some(()),
            None if fault == Fault::EasyUnknownUser => None,
            None => {
                pbkdf2(password, b"no such user", USUAL_ITERATIONS);
                None
            }
        };
        match hash {
            None => unauthorized(),
            Some(()) => {
                let claims = json!({ "sub": name, "iat": now_s(), "exp": now_s() + 3600 }).to_string();
                let content = format!(
                    "{}.{}",
                    URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#),
                    URL_SAFE_NO_PAD.encode(claims)
                );
                let signature = URL_SAFE_NO_PAD.encode(keyed(&self.secret, content.as_bytes()));
                Answer::ok(json!({ "token": format!("{content}.{signature}") }).to_string().into_bytes())
            }
        }
    }

    pub(super) fn session(&self, incoming: &Incoming, fault: Fault) -> Answer {
        let header = incoming.header("authorization").unwrap_or("");
        match header.strip_prefix("Bearer ").and_then(|token| self.claims(token, fault)) {
            Some(claims) => Answer::ok(claims.to_string().into_bytes()),
            None => unauthorized(),
        }
    }

    fn claims(&self, token: &str, fault: Fault) -> Option<Value> {
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return None };
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let value = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).ok();
        let alg = value(header)?;
        let unsigned = fault == Fault::AcceptsNone && alg["alg"] == "none";
        let content = &token[..header.len() + 1 + claims.len()];
        let right = decoded(signature)? == keyed(&self.secret, content.as_bytes());
        if !unsigned && (alg["alg"] != "HS256" || !right) {
            return None;
        }
        let claims = value(claims)?;
        let (sub, iat, exp) = (claims["sub"].as_str()?, claims["iat"].as_i64()?, claims["exp"].as_i64()?);
        let is_over = exp <= now_s() && fault != Fault::AcceptsExpired;
        (!is_over).then(|| json!({ "sub": sub, "iat": iat, "exp": exp }))
    }
}

impl User {
    fn read(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once(":pbkdf2-sha256$")?;
        let parts: Vec<&str> = rest.split('$').collect();
        let [iterations, salt, hash] = parts[..] else { return None };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let fits = (1..=64).contains(&name.len()) && name.bytes().all(plain);
        let iterations = iterations.parse().ok().filter(|count| (1..=10_000_000).contains(count))?;
        let salt = STANDARD.decode(salt).ok().filter(|salt| (8..=64).contains(&salt.len()))?;
        let hash = STANDARD.decode(hash).ok().filter(|hash| hash.len() == 32)?;
        fits.then(|| Self { name: name.to_owned(), iterations, salt, hash })
    }
}

fn unauthorized() -> Answer {
    Answer::error(401, "sign in with POST /login").with("WWW-Authenticate", "Bearer realm=\"node\"")
}

fn now_s() -> i64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").as_secs() as i64
}

fn keyed(key: &str, content: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key of any length");
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

fn pbkdf2(password: &str, salt: &[u8], iterations: u32) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(password.as_bytes()).expect("a key of any length");
    let of = |content: &[u8]| {
        let mut mac = mac.clone();
        mac.update(content);
        mac.finalize().into_bytes()
    };
    let mut block = of(&[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block;
    for _ in 1..iterations {
        block = of(&block);
        sum.iter_mut().zip(block).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum.to_vec()
}
