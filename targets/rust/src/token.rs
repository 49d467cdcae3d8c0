//! Tokens: JWTs (RFC 7519) signed with HS256 and nothing else.
//!
//! Made from `hmac` and `serde_json`: JWT libraries bring RSA and elliptic curves, or a C library, for the many algorithms
//! that must be refused here. It must not know users, headers or a clock.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;

/// `{"alg":"HS256","typ":"JWT"}`, as every token begins.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

/// How long a token is good for, in seconds.
const LIFETIME_S: i64 = 3_600;

/// The key of all tokens.
pub(crate) struct TokenKey(Hmac<Sha256>);

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Claims {
    /// The user.
    sub: String,
    /// When it was issued, in seconds since 1970.
    iat: i64,
    /// When it ends, in seconds since 1970.
    exp: i64,
}

impl TokenKey {
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// Makes a token.
    pub(crate) fn sign(&self, claims: &Claims) -> String {
        let payload = serde_json::to_vec(claims).expect("plain values, and a vector takes all");
        let mut token = format!("{HEADER}.{}", BASE64.encode(payload));
        let signature = self.0.clone().chain_update(&token).finalize().into_bytes();
        token.push('.');
        BASE64.encode_string(signature, &mut token);
        token
    }

    /// Reads a token; none if anything about it is wrong, or it ends at `now_s` or before.
    pub(crate) fn verify(&self, token: &str, now_s: i64) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        // In constant time; and before anything that a stranger wrote is decoded.
        self.0.clone().chain_update(signed).verify_slice(&signature).ok()?;
        let header = decoded(header)?;
        // `crit` names what a reader must understand (RFC 7515, section 4.1.11), and this one understands nothing more.
        if header["alg"] != "HS256" || header.get("crit").is_some() {
            return None;
        }
        let claims = Claims::of(&decoded(payload)?)?;
        (claims.exp > now_s).then_some(claims)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenKey")
    }
}

impl Claims {
    /// The claims of a token that is issued now.
    pub(crate) fn issued(sub: String, now_s: i64) -> Self {
        Self { sub, iat: now_s, exp: now_s + LIFETIME_S }
    }

    fn of(value: &Value) -> Option<Self> {
        let sub = value["sub"].as_str()?.to_owned();
        Some(Self { sub, iat: value["iat"].as_i64()?, exp: value["exp"].as_i64()? })
    }
}

fn decoded(part: &str) -> Option<Value> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    /// Made with Python's `hmac`: `{"sub":"bench","iat":1,"exp":3601}`.
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJiZW5jaCIsImlhdCI6MSwiZXhwIjozNjAxfQ.-URqCZpEyu6PtJV3_G7T2-5km2Npywda6a8jw7fPdcw";
    /// The same claims with others beside them, and a header with line breaks.
    const FOREIGN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjM2MDEsICJzdWIiOiJiZW5jaCIsICJpYXQiOjEsICJhZG1pbiI6dHJ1ZX0.WSe0BAD_EEC_gJPpy3kdIZUUy60Pxi3_sOqwlyk8PGo";

    fn key() -> TokenKey {
        TokenKey::new(SECRET)
    }

    /// A token with any header and payload that is signed rightly all the same.
    fn signed(header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", BASE64.encode(header), BASE64.encode(payload));
        let signature = key().0.chain_update(&signed).finalize().into_bytes();
        format!("{signed}.{}", BASE64.encode(signature))
    }

    #[test]
    fn a_token_is_what_others_make_of_the_same_claims() {
        assert_eq!(key().sign(&Claims::issued("bench".to_owned(), 1)), TOKEN);
        let header = BASE64.decode(HEADER).expect("base64");
        assert_eq!(header, br#"{"alg":"HS256","typ":"JWT"}"#);
    }

    #[test]
    fn claims_come_back_until_the_token_ends() {
        let claims = Claims::issued("bench".to_owned(), 1);
        for token in [TOKEN, FOREIGN] {
            for (now_s, expected) in
                [(1, Some(&claims)), (3_600, Some(&claims)), (3_601, None), (9_999, None)]
            {
                assert_eq!(key().verify(token, now_s).as_ref(), expected, "at {now_s}");
            }
        }
        assert_eq!(serde_json::to_string(&claims).expect("JSON"), r#"{"sub":"bench","iat":1,"exp":3601}"#);
    }

    #[test]
    fn another_key_or_any_other_character_is_refused() {
        assert_eq!(TokenKey::new(b"another-key-of-thirty-two-bytes!").verify(TOKEN, 1), None);
        for at in 0..TOKEN.len() {
            let mut changed = TOKEN.as_bytes().to_vec();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_eq!(key().verify(&changed, 1), None, "{changed}");
        }
    }

    #[test]
    fn what_is_not_three_parts_of_base64_is_refused() {
        let (signed, signature) = TOKEN.rsplit_once('.').expect("a signature");
        for token in [
            "",
            ".",
            "..",
            "a.b.c",
            HEADER,
            signed,
            &format!("{signed}."),
            &format!(".{TOKEN}"),
            &format!("{TOKEN}."),
            &format!("{TOKEN}="),
            &format!("{TOKEN} "),
            &format!("{TOKEN}.{signature}"),
            &format!("{signed}.{}", &signature[..20]),
        ] {
            assert_eq!(key().verify(token, 1), None, "{token:?}");
        }
    }

    #[test]
    fn every_other_algorithm_is_refused_even_with_a_good_signature() {
        let payload = r#"{"sub":"bench","iat":1,"exp":3601}"#;
        assert!(key().verify(&signed(r#"{"alg":"HS256"}"#, payload), 1).is_some());
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS512","typ":"JWT"}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"typ":"JWT"}"#,
            r#"{"alg":"HS256","crit":["b64"]}"#,
            r#"["HS256"]"#,
            "{}",
            "",
        ] {
            assert_eq!(key().verify(&signed(header, payload), 1), None, "{header}");
        }
        let unsigned = format!("{}.{}.", BASE64.encode(r#"{"alg":"none"}"#), BASE64.encode(payload));
        assert_eq!(key().verify(&unsigned, 1), None);
    }

    #[test]
    fn all_three_claims_must_be_there_and_of_their_types() {
        for payload in [
            "",
            "null",
            "[]",
            r#"["bench",1,3601]"#,
            r#"{"iat":1,"exp":3601}"#,
            r#"{"sub":"bench","exp":3601}"#,
            r#"{"sub":"bench","iat":1}"#,
            r#"{"sub":1,"iat":1,"exp":3601}"#,
            r#"{"sub":"bench","iat":"1","exp":3601}"#,
            r#"{"sub":"bench","iat":1,"exp":"3601"}"#,
            r#"{"sub":"bench","iat":1,"exp":null}"#,
            r#"{"sub":"bench","iat":1,"exp":3601} x"#,
        ] {
            assert_eq!(key().verify(&signed(r#"{"alg":"HS256"}"#, payload), 1), None, "{payload}");
        }
    }
}
