//! Who may sign in: names, and hashes of passwords.
//!
//! It reads `NODE_USERS`, but not from the environment, and answers whether a password is right. That takes
//! milliseconds, so the caller must not be a worker.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ctutils::CtEq as _;
use pbkdf2::pbkdf2_hmac_array;
use sha2::Sha256;

use crate::name::is_name;

/// The longest name of a user, in characters.
const NAME_CHARACTERS: usize = 64;

/// The most iterations that a password may be hashed with.
const MOST_ITERATIONS: u32 = 10_000_000;

/// What a stranger's password is hashed with, so that the time of an answer does not tell who exists. The hash is one
/// that nobody knows a password for, and it would not be taken if somebody did.
const STRANGER: Password = Password { iterations: 10_000, salt: Vec::new(), hash: [0; 32] };

/// All users, by name.
#[derive(Default)]
pub(crate) struct Users(HashMap<String, Password>);

/// A password as it is stored.
struct Password {
    iterations: u32,
    salt: Vec<u8>,
    hash: [u8; 32],
}

/// An entry that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WrongEntry {
    /// Which it is, from 1.
    pub(crate) number: usize,
    /// What is wrong with it; never the entry itself, which may hold a good hash.
    pub(crate) reason: &'static str,
}

impl Users {
    /// Reads entries that are separated by commas; nobody if there is nothing to read.
    pub(crate) fn of(entries: &str) -> Result<Self, WrongEntry> {
        let mut users = HashMap::new();
        for (number, entry) in (1..).zip(entries.split(',')) {
            if entries.is_empty() {
                break;
            }
            let wrong = |reason| WrongEntry { number, reason };
            let (name, password) = entry.split_once(':').ok_or(wrong("there is no colon"))?;
            if !is_name(name, NAME_CHARACTERS) {
                return Err(wrong("the name is not 1 to 64 characters of A-Z a-z 0-9 . _ -"));
            }
            let password = Password::of(password).map_err(wrong)?;
            if users.insert(name.to_owned(), password).is_some() {
                return Err(wrong("the name was there before"));
            }
        }
        Ok(Self(users))
    }

    /// True if there is such a user and this is the password. Takes milliseconds in either case.
    pub(crate) fn verify(&self, name: &str, password: &str) -> bool {
        let known = self.0.get(name);
        let matches = known.unwrap_or(&STRANGER).matches(password);
        known.is_some() && matches
    }
}

impl Password {
    /// Reads `pbkdf2-sha256$<iterations>$<salt>$<hash>`, or says what is wrong.
    fn of(text: &str) -> Result<Self, &'static str> {
        let mut parts = text.split('$');
        let (Some("pbkdf2-sha256"), Some(iterations), Some(salt), Some(hash), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("after the name there must be pbkdf2-sha256$<iterations>$<salt>$<hash>");
        };
        // `parse` alone would also take `+1`.
        let digits = iterations.bytes().all(|byte| byte.is_ascii_digit());
        let iterations = iterations.parse().ok().filter(|_| digits);
        let salt = BASE64.decode(salt).ok();
        Ok(Self {
            iterations: iterations
                .filter(|iterations| (1..=MOST_ITERATIONS).contains(iterations))
                .ok_or("the iterations are not a number from 1 to 10000000")?,
            salt: salt
                .filter(|salt| (8..=64).contains(&salt.len()))
                .ok_or("the salt is not 8 to 64 bytes in base64")?,
            hash: BASE64
                .decode(hash)
                .ok()
                .and_then(|hash| hash.try_into().ok())
                .ok_or("the hash is not 32 bytes in base64")?,
        })
    }

    fn matches(&self, password: &str) -> bool {
        let hash: [u8; 32] =
            pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &self.salt, self.iterations);
        hash.ct_eq(&self.hash).to_bool()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BENCH: &str =
        "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";
    /// Made with Python's `hashlib`: `pässword` with the salt `12345678`, hashed once.
    const SHORT: &str = "a.B_c-9:pbkdf2-sha256$1$MTIzNDU2Nzg=$NxeLysicKw+7TsuUfmCFqmeFgXekB4h+SsUT6aYu4H8=";

    #[test]
    fn the_right_password_of_a_user_is_known_and_no_other() {
        let users = Users::of(&format!("{BENCH},{SHORT}")).map_err(|wrong| wrong.reason).expect("users");
        for (name, password, expected) in [
            ("bench", "correct horse battery staple", true),
            ("bench", "correct horse battery staple ", false),
            ("bench", "", false),
            ("a.B_c-9", "pässword", true),
            ("a.B_c-9", "password", false),
            ("a.B_c-9", "correct horse battery staple", false),
            ("Bench", "correct horse battery staple", false),
            ("", "", false),
        ] {
            assert_eq!(users.verify(name, password), expected, "{name} {password}");
        }
    }

    #[test]
    fn without_entries_nobody_may_sign_in() {
        assert!(!Users::of("").map_err(|wrong| wrong.reason).expect("nobody").verify("bench", ""));
    }

    #[test]
    fn a_wrong_entry_is_named_by_its_number_and_not_shown() {
        let name_of_65 =
            "x".repeat(65) + ":pbkdf2-sha256$1$MTIzNDU2Nzg=$NxeLysicKw+7TsuUfmCFqmeFgXekB4h+SsUT6aYu4H8=";
        for (entries, number, reason) in [
            (",", 1, "colon"),
            ("bench", 1, "colon"),
            (&format!("{BENCH},"), 2, "colon"),
            (&format!("{BENCH},{BENCH}"), 2, "before"),
            (&format!(" {BENCH}"), 1, "name"),
            (&BENCH.replace("bench:", ":"), 1, "name"),
            (&name_of_65, 1, "name"),
            (&BENCH.replace("sha256", "sha512"), 1, "pbkdf2-sha256$"),
            (&format!("{BENCH}$"), 1, "pbkdf2-sha256$"),
            ("bench:pbkdf2-sha256$1$MTIzNDU2Nzg=", 1, "pbkdf2-sha256$"),
            (&BENCH.replace("$10000$", "$0$"), 1, "iterations"),
            (&BENCH.replace("$10000$", "$10000001$"), 1, "iterations"),
            (&BENCH.replace("$10000$", "$+1$"), 1, "iterations"),
            (&BENCH.replace("$10000$", "$$"), 1, "iterations"),
            (&BENCH.replace("$10000$", "$99999999999$"), 1, "iterations"),
            (&BENCH.replace("YmVuY2gtcHVibGljLXNhbA==", "YmVuY2gtcHVibGljLXNhbA"), 1, "salt"),
            (&BENCH.replace("YmVuY2gtcHVibGljLXNhbA==", "MTIzNDU2Nw=="), 1, "salt"),
            (&BENCH.replace("YmVuY2gtcHVibGljLXNhbA==", &BASE64.encode([0; 65])), 1, "salt"),
            (&BENCH.replace("730=", "730"), 1, "hash"),
            (&BENCH.replace("+x", "-x"), 1, "hash"),
            (&format!("{BENCH} "), 1, "hash"),
            (&BENCH.replace("2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=", "MTIzNDU2Nzg="), 1, "hash"),
        ] {
            let wrong = Users::of(entries).err().unwrap_or_else(|| panic!("{entries} was taken"));
            assert_eq!(wrong.number, number, "{entries}");
            assert!(wrong.reason.contains(reason), "{entries}: {}", wrong.reason);
        }
    }
}
