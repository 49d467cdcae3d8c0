//! `POST /login` and `GET /session`: a token for a password, and what a token says.
//!
//! It must not hash on a worker's thread, nor remember anything.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use hyper::header::{AUTHORIZATION, HeaderMap};
use serde::Serialize;
use serde::de::{Error, MapAccess};

use crate::record::{Object, Record, Text, decode};
use crate::reply::Reply;
use crate::service::Service;
use crate::token::Claims;

/// A name and a password as they were sent.
struct Credentials {
    username: String,
    password: String,
}

/// Answers `POST /login`.
pub(crate) async fn login(body: &[u8], service: &Service) -> Reply {
    #[derive(Serialize)]
    struct Issued {
        token: String,
    }
    let Credentials { username, password } =
        match decode::<Object<Credentials>>(body, "a user name and a password") {
            Ok(Object(credentials)) => credentials,
            Err(refused) => return refused,
        };
    let settings = Arc::clone(&service.settings);
    let hashing = service.pool.spawn_blocking(move || {
        let verified = settings.users.verify(&username, &password);
        verified.then_some(username)
    });
    match hashing.await.expect("hashing a password cannot fail, and the pool outlives the workers") {
        Some(user) => {
            let token = service.settings.token_key.sign(&Claims::issued(user, now_s()));
            Reply::json(&Issued { token })
        }
        None => Reply::unauthorized("there is no such user with this password"),
    }
}

/// Answers `GET /session`.
pub(crate) fn session(headers: &HeaderMap, service: &Service) -> Reply {
    let Some(token) = bearer(headers) else {
        return Reply::unauthorized("there is no token; send Authorization: Bearer and one from POST /login");
    };
    match service.settings.token_key.verify(token, now_s()) {
        Some(claims) => Reply::json(&claims),
        None => Reply::unauthorized("the token is not good, or not any more; POST /login gives a new one"),
    }
}

/// The token of `Authorization: Bearer <token>`. The scheme may be written in any case (RFC 9110, section 11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' '))
}

/// Whole seconds since 1970.
fn now_s() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 is wrong anyway, and then no token must be good for ever.
    since.map_or(i64::MAX / 2, |since| since.as_secs().cast_signed())
}

impl<'json> Record<'json> for Credentials {
    type Fields = (Option<Text<'json>>, Option<Text<'json>>);

    fn take<A: MapAccess<'json>>(
        (username, password): &mut Self::Fields,
        key: &str,
        object: &mut A,
    ) -> Result<bool, A::Error> {
        match key {
            "username" => *username = Some(object.next_value()?),
            "password" => *password = Some(object.next_value()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn complete<E: Error>((username, password): Self::Fields) -> Result<Self, E> {
        let (username, password) = (
            username.ok_or_else(|| E::missing_field("username"))?,
            password.ok_or_else(|| E::missing_field("password"))?,
        );
        Ok(Self { username: username.0.into_owned(), password: password.0.into_owned() })
    }
}
