//! What the environment says about this node, read once at the start.
//!
//! Every mistake names the variable and the mend. Nothing here reads the environment later.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;

use crate::token::TokenKey;
use crate::users::{Users, WrongEntry};

/// The variable that holds the key of tokens.
const SECRET: &str = "NODE_SECRET";

/// The fewest bytes that it may have: as many as an HMAC-SHA-256 has.
const SECRET_BYTES: usize = 32;

/// The variable that says who may sign in.
const USERS: &str = "NODE_USERS";

/// The variable that says when a receipt is given.
const ACKNOWLEDGEMENT: &str = "LEDGER_ACK";

/// What the environment says.
pub struct Settings {
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) token_key: TokenKey,
    pub(crate) users: Users,
}

/// When the receipt of a transaction is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acknowledgement {
    /// When its block is sealed.
    Sealed,
    /// At once.
    Accepted,
}

/// Why the environment cannot be served with.
#[derive(Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// `NODE_SECRET` is not there, or too short.
    Secret {
        /// How many bytes it has, if it is there.
        bytes: Option<usize>,
        /// What was started, to show how it is started with a secret.
        command: String,
    },
    /// `NODE_USERS` has an entry that is none.
    Users {
        /// Which it is, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// `LEDGER_ACK` is neither of the two words.
    Acknowledgement {
        /// What it is.
        given: String,
    },
}

impl Settings {
    /// Reads the variables of this process. `command` is what errors show how to start, such as `bench serve`.
    ///
    /// # Errors
    /// When one of them is missing or wrong.
    pub fn from_environment(command: &str) -> Result<Self, SettingsError> {
        Self::of(command, |name| std::env::var_os(name))
    }

    fn of(command: &str, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        Ok(Self {
            acknowledgement: Acknowledgement::of(variable(ACKNOWLEDGEMENT))?,
            token_key: token_key(variable(SECRET), command)?,
            users: users(variable(USERS))?,
        })
    }
}

/// Shows no secrets.
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledgement, .. } = self;
        formatter.debug_struct("Settings").field("acknowledgement", acknowledgement).finish_non_exhaustive()
    }
}

/// Any bytes are a secret, UTF-8 or not, if they are enough.
fn token_key(given: Option<OsString>, command: &str) -> Result<TokenKey, SettingsError> {
    let given = given.map(OsString::into_encoded_bytes);
    match given {
        Some(secret) if secret.len() >= SECRET_BYTES => Ok(TokenKey::new(&secret)),
        other => Err(SettingsError::Secret {
            bytes: other.map(|secret| secret.len()),
            command: command.to_owned(),
        }),
    }
}

fn users(given: Option<OsString>) -> Result<Users, SettingsError> {
    // What is not UTF-8 becomes a character that no entry can have.
    let entries = given.unwrap_or_default();
    Users::of(&entries.to_string_lossy())
        .map_err(|WrongEntry { number, reason }| SettingsError::Users { number, reason })
}

impl Acknowledgement {
    fn of(given: Option<OsString>) -> Result<Self, SettingsError> {
        match given.as_ref().map(|word| word.to_string_lossy()).as_deref() {
            None | Some("sealed") => Ok(Self::Sealed),
            Some("accepted") => Ok(Self::Accepted),
            Some(other) => Err(SettingsError::Acknowledgement { given: other.to_owned() }),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret { bytes, command } => {
                match bytes {
                    None => write!(formatter, "{SECRET} is not set")?,
                    Some(bytes) => write!(formatter, "{SECRET} has {bytes} bytes")?,
                }
                write!(
                    formatter,
                    "; it is the key that tokens are signed with, of at least {SECRET_BYTES} bytes: \
                     {SECRET}=$(openssl rand -hex 32) {command}"
                )
            }
            Self::Users { number, reason } => write!(
                formatter,
                "{USERS}: entry {number}: {reason}; it must be \
                 <name>:pbkdf2-sha256$<iterations>$<salt>$<hash>, and a comma between two"
            ),
            Self::Acknowledgement { given } => write!(
                formatter,
                "{ACKNOWLEDGEMENT} is `{given}`; it must be `sealed`, which is the default, or `accepted`"
            ),
        }
    }
}

impl Error for SettingsError {}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: (&str, &str) = ("NODE_SECRET", "0123456789abcdef0123456789abcdef");

    /// Settings of an environment that has these variables.
    fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::of("bench serve", |name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn there_is_no_start_without_a_secret_of_32_bytes() {
        assert!(settings(&[GOOD]).is_ok());
        for (variables, what) in [
            (&[] as &[_], "NODE_SECRET is not set"),
            (&[("NODE_SECRET", "")], "NODE_SECRET has 0 bytes"),
            (&[("NODE_SECRET", &GOOD.1[1..])], "NODE_SECRET has 31 bytes"),
        ] {
            let message = settings(variables).expect_err(what).to_string();
            assert!(message.starts_with(what), "{message}");
            assert!(message.ends_with(": NODE_SECRET=$(openssl rand -hex 32) bench serve"), "{message}");
        }
    }

    #[test]
    fn a_wrong_user_is_named_by_its_place() {
        assert!(settings(&[GOOD, ("NODE_USERS", "")]).is_ok(), "nobody may sign in");
        let message = settings(&[GOOD, ("NODE_USERS", "bench:secret")]).expect_err("no hash").to_string();
        assert!(message.starts_with("NODE_USERS: entry 1: "), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }

    #[test]
    fn no_secret_is_shown() {
        let shown = format!("{:?}", settings(&[GOOD]).expect("settings"));
        assert_eq!(shown, "Settings { acknowledgement: Sealed, .. }");
    }

    #[test]
    fn receipts_wait_for_the_block_unless_asked_otherwise() {
        for (variables, expected) in [
            (&[GOOD] as &[_], Acknowledgement::Sealed),
            (&[GOOD, ("LEDGER_ACK", "sealed")], Acknowledgement::Sealed),
            (&[GOOD, ("LEDGER_ACK", "accepted")], Acknowledgement::Accepted),
        ] {
            assert_eq!(settings(variables).expect("settings").acknowledgement, expected);
        }
        for other in ["", "Sealed", "accepted ", "none"] {
            let error = settings(&[GOOD, ("LEDGER_ACK", other)]).expect_err(other);
            assert!(error.to_string().contains(&format!("LEDGER_ACK is `{other}`")), "{error}");
        }
    }
}
