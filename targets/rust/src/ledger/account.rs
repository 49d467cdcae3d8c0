//! Accounts by their ids: `acct-0000` to `acct-0999`.
//!
//! An account is its number. Balances belong to the ledger.

use std::fmt;

use serde::{Serialize, Serializer};

/// How many accounts there are.
pub(crate) const ACCOUNTS: u16 = 1_000;

/// One account that exists: a number below [`ACCOUNTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account(u16);

impl Account {
    /// The account with this id; none if there is no such account.
    pub(crate) fn of(id: &str) -> Option<Self> {
        let digits = id.strip_prefix("acct-")?;
        // `parse` alone would also take `+001`.
        if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok().filter(|number| *number < ACCOUNTS).map(Self)
    }

    /// Its place in a list of all accounts.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "acct-{:04}", self.0)
    }
}

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_one_id() {
        for number in 0..ACCOUNTS {
            let id = format!("acct-{number:04}");
            let account = Account::of(&id).expect("an account");
            assert_eq!((account.index(), account.to_string()), (usize::from(number), id));
        }
    }

    #[test]
    fn nothing_else_is_an_account() {
        for id in [
            "",
            "acct-",
            "acct-1",
            "acct-1000",
            "acct-9999",
            "acct-00000",
            "acct-+001",
            "acct--001",
            "ACCT-0001",
            "acct-0001 ",
            " acct-0001",
            "acct-000a",
            "acct_0001",
            "acct-٠٠٠١",
        ] {
            assert_eq!(Account::of(id), None, "{id:?}");
        }
    }
}
