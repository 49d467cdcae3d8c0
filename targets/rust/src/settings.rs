//! What the environment says about this node, read once at the start.
//!
//! Every mistake names the variable and the mend. Nothing here reads the environment later.

use std::error::Error;
use std::ffi::OsString;
use std::fmt;

/// The variable that says when a receipt is given.
const ACKNOWLEDGEMENT: &str = "LEDGER_ACK";

/// What the environment says.
#[derive(Debug)]
pub struct Settings {
    pub(crate) acknowledgement: Acknowledgement,
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
    /// `LEDGER_ACK` is neither of the two words.
    Acknowledgement {
        /// What it is.
        given: String,
    },
}

impl Settings {
    /// Reads the variables of this process.
    ///
    /// # Errors
    /// When one of them is wrong.
    pub fn from_environment() -> Result<Self, SettingsError> {
        Self::of(|name| std::env::var_os(name))
    }

    fn of(variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, SettingsError> {
        Ok(Self { acknowledgement: Acknowledgement::of(variable(ACKNOWLEDGEMENT))? })
    }
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

    /// Settings of an environment that has these variables.
    fn settings(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::of(|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn receipts_wait_for_the_block_unless_asked_otherwise() {
        for (variables, expected) in [
            (&[] as &[_], Acknowledgement::Sealed),
            (&[("LEDGER_ACK", "sealed")], Acknowledgement::Sealed),
            (&[("LEDGER_ACK", "accepted")], Acknowledgement::Accepted),
        ] {
            assert_eq!(settings(variables).expect("settings").acknowledgement, expected);
        }
        for other in ["", "Sealed", "accepted ", "none"] {
            let error = settings(&[("LEDGER_ACK", other)]).expect_err(other);
            assert!(error.to_string().contains(&format!("LEDGER_ACK is `{other}`")), "{error}");
        }
    }
}
