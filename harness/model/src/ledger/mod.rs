//! The ledger of `targets/CONTRACT.md` as its clients see it, and whether what it stores is what it was sent.

mod finding;
mod reconcile;

pub use finding::{Finding, LedgerAudit};
pub use reconcile::{Found, Issued, Reconciliation};

use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Units of each account at the start.
pub const UNITS_AT_START: u64 = 1_000_000;
/// Units of all accounts together, at any time.
pub const UNITS: u64 = 1000 * UNITS_AT_START;
/// The head of a ledger without blocks.
pub const NO_BLOCK: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What `GET /ledger` answers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LedgerState {
    /// Height of the last sealed block; 0 without one.
    #[serde(deserialize_with = "whole")]
    pub height: u64,
    /// Transactions in sealed blocks.
    #[serde(deserialize_with = "whole")]
    pub transactions: u64,
    /// Transactions in the open block.
    #[serde(deserialize_with = "whole")]
    pub pending: u64,
    /// Units of all accounts together.
    #[serde(deserialize_with = "whole")]
    pub balance: u64,
    /// Hash of the last sealed block, in hexadecimal.
    pub head: String,
}

/// A sealed block, as `GET /blocks` has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Block {
    /// From 1.
    #[serde(deserialize_with = "whole")]
    pub height: u64,
    /// Hash of the block before, in hexadecimal.
    pub previous: String,
    /// Hash of this one.
    pub hash: String,
    /// In order.
    pub transactions: Vec<Transaction>,
}

/// A transaction, as it is sent and as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Transaction {
    /// Its id.
    pub id: String,
    /// The account that pays.
    pub from: String,
    /// The account that is paid.
    pub to: String,
    /// Units.
    #[serde(deserialize_with = "whole")]
    pub amount: u64,
}

/// A whole number in any form that JSON has for it: `5`, `5.0` and `5e0` are the same.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = f64::deserialize(deserializer)?;
    let is_whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    is_whole
        .then_some(number as u64)
        .ok_or_else(|| D::Error::invalid_value(Unexpected::Float(number), &"a whole number"))
}

impl Transaction {
    /// The transaction as it is sent.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::json!({ "id": self.id, "from": self.from, "to": self.to, "amount": self.amount })
    }
}

impl Block {
    /// The hash that the contract gives a block with this content: the SHA-256 of its canonical form, in hexadecimal.
    #[must_use]
    pub fn computed_hash(&self) -> String {
        let mut text = format!("block {}\nprevious {}\n", self.height, self.previous);
        for (index, Transaction { id, from, to, amount }) in self.transactions.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{index} {id} {from} {to} {amount}");
        }
        let mut hash = String::with_capacity(64);
        for byte in Sha256::digest(text) {
            let _ = write!(hash, "{byte:02x}");
        }
        hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the contract; its hash was made with sha256sum.
    #[test]
    fn the_hash_of_the_contract() {
        let transactions = vec![Transaction {
            id: "t-1".into(),
            from: "acct-0000".into(),
            to: "acct-0001".into(),
            amount: 5,
        }];
        let block = Block { height: 1, previous: NO_BLOCK.into(), hash: String::new(), transactions };
        assert_eq!(block.computed_hash(), "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2");
    }

    #[test]
    fn numbers_may_be_written_in_any_form() {
        let read = |amount: &str| {
            let text = format!(r#"{{"id":"t","from":"a","to":"b","amount":{amount}}}"#);
            serde_json::from_str::<Transaction>(&text).map(|transaction| transaction.amount)
        };
        for amount in ["50", "50.0", "5e1", "  50"] {
            assert_eq!(read(amount).unwrap(), 50);
        }
        for wrong in ["50.5", "-1", "\"50\"", "1e300"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
