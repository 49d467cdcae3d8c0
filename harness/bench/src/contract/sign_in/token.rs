//! Tokens (RFC 7519 with HS256) as a client that knows the key makes and takes them apart. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

/// The header of every token.
pub(super) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The algorithms that tokens of the cases are signed with, whatever their headers say.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signing {
    Sha256,
    Sha512,
    /// The signature is left empty.
    Not,
}

/// What a right token says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

impl Claims {
    pub(super) fn json(&self) -> Value {
        json!({ "sub": self.sub, "iat": self.iat, "exp": self.exp })
    }
}

/// A token of these texts.
pub(super) fn signed(header: &str, claims: &str, key: &str, signing: Signing) -> String {
    let content = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    let signature = match signing {
        Signing::Sha256 => sha_256(key.as_bytes(), content.as_bytes()),
        Signing::Sha512 => sha_512(key.as_bytes(), content.as_bytes()),
        Signing::Not => Vec::new(),
    };
    format!("{content}.{}", BASE64.encode(signature))
}

/// The claims of a token that is all that the contract asks for; what is wrong with any other, in words.
pub(super) fn verified(token: &str, key: &str) -> Result<Claims, String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        return Err(format!("{} parts instead of 3", parts.len()));
    };
    let decoded = |part: &str, name: &str| {
        BASE64
            .decode(part)
            .map_err(|error| format!("a {name} that is not base64url without padding ({error})"))
    };
    let object = |part: &str, name: &str| {
        let bytes = decoded(part, name)?;
        serde_json::from_slice::<Value>(&bytes).map_err(|_| format!("a {name} that is not JSON"))
    };
    let found = object(header, "header")?;
    if found != json!({ "alg": "HS256", "typ": "JWT" }) {
        return Err(format!("the header {found}"));
    }
    let content = &token[..header.len() + 1 + claims.len()];
    if decoded(signature, "signature")? != sha_256(key.as_bytes(), content.as_bytes()) {
        return Err("a signature that is not that of NODE_SECRET".to_owned());
    }
    let found = object(claims, "payload")?;
    let wrong = || format!("the claims {found}");
    let whole = |name: &str| found[name].as_i64().ok_or_else(wrong);
    let sub = found["sub"].as_str().ok_or_else(wrong)?.to_owned();
    let claims = Claims { sub, iat: whole("iat")?, exp: whole("exp")? };
    if claims.json() == found { Ok(claims) } else { Err(wrong()) }
}

fn sha_256(key: &[u8], content: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

fn sha_512(key: &[u8], content: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha512>::new_from_slice(key) else { return Vec::new() };
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

/// PBKDF2 with HMAC-SHA-256 (RFC 8018, section 5.2): the first 32 bytes, which are its first block.
pub(super) fn pbkdf2(password: &str, salt: &[u8], iterations: u32) -> [u8; 32] {
    let mut block = sha_256(password.as_bytes(), &[salt, &1_u32.to_be_bytes()].concat());
    let mut sum = [0; 32];
    for iteration in 0..iterations {
        if iteration > 0 {
            block = sha_256(password.as_bytes(), &block);
        }
        sum.iter_mut().zip(&block).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;

    /// The example of RFC 7515, appendix A.1.
    #[test]
    fn the_example_of_the_rfc() {
        let key = BASE64
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let content = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let signature = BASE64.encode(sha_256(&key, content.as_bytes()));
        assert_eq!(signature, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    }

    #[test]
    fn the_password_of_bench() {
        let hash = pbkdf2(crate::credentials::PASSWORD, b"bench-public-sal", 10_000);
        assert_eq!(STANDARD.encode(hash), "2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=");
    }

    #[test]
    fn right_and_wrong_tokens() {
        let claims = Claims { sub: "a".to_owned(), iat: 1, exp: 3601 };
        let text = claims.json().to_string();
        let right = signed(HEADER, &text, "key", Signing::Sha256);
        assert_eq!(verified(&right, "key"), Ok(claims));
        for (token, key, part) in [
            (right.clone(), "other", "a signature that is not"),
            (format!("{right}."), "key", "4 parts"),
            (format!("{right}="), "key", "not base64url"),
            (signed(HEADER, &text, "key", Signing::Sha512), "key", "a signature that is not"),
            (signed(HEADER, &text, "key", Signing::Not), "key", "a signature that is not"),
            (signed(r#"{"alg":"HS256"}"#, &text, "key", Signing::Sha256), "key", "the header {"),
            (signed(HEADER, "[]", "key", Signing::Sha256), "key", "the claims []"),
            (signed(HEADER, r#"{"sub":"a","iat":1}"#, "key", Signing::Sha256), "key", "the claims {"),
            (signed(HEADER, "x", "key", Signing::Sha256), "key", "a payload that is not JSON"),
        ] {
            let said = verified(&token, key).expect_err(&token);
            assert!(said.contains(part), "{token}: {said}");
        }
    }
}
