//! What an audit found.

use serde::{Deserialize, Serialize};

/// The audit of a run against the target's own ledger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LedgerAudit {
    /// Transactions that the target gave a receipt for, from the first to the last of the run.
    pub receipts: u64,
    /// Transactions that it refused.
    pub refused: u64,
    /// Transactions without an answer, or with a wrong one: they may have been applied or not.
    pub unknown: u64,
    /// Blocks that were read and whose hashes were computed again.
    pub blocks: u64,
    /// Transactions in them.
    pub stored: u64,
    /// Accounts whose balance was compared with what the blocks come to.
    pub accounts: u64,
    /// Series of the target's own metrics that were compared.
    pub series: u64,
    /// What does not agree; nothing if all does.
    pub findings: Vec<Finding>,
}

/// Something that does not agree. Of several of a kind the first is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each variant's message says what it means, and its fields are named in it")]
pub enum Finding {
    Lost { count: u64, id: String },
    Twice { count: u64, id: String, height: u64 },
    Altered { count: u64, id: String, height: u64 },
    StoredThoughRefused { count: u64, id: String, height: u64 },
    NeverSent { count: u64, id: String, height: u64 },
    Fork { height: u64, previous: String, head: String },
    Height { height: u64, expected: u64 },
    Hash { height: u64, said: String, computed: String },
    Head { said: String, last: String },
    Count { said: u64, stored: u64 },
    Receipts { receipts: u64, unknown: u64, stored: u64 },
    Pending { pending: u64 },
    Sum { said: u64, expected: u64 },
    Balance { count: u64, account: String, said: i64, expected: i64 },
    Requests { series: String, said: u64, least: u64, most: u64 },
    TooMany,
    Unreadable { what: String, why: String },
}

impl Finding {
    /// Whether the target contradicts itself or its answers; if not, the audit could not be made.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        !matches!(self, Self::TooMany | Self::Unreadable { .. })
    }

    /// Whether all of these may be the work of others who used the ledger at the same time, and of a target that is right.
    #[must_use]
    pub fn may_be_of_others(findings: &[Self]) -> bool {
        let has_foreign = findings.iter().any(|finding| matches!(finding, Self::NeverSent { .. }));
        findings.iter().all(|finding| match finding {
            Self::NeverSent { .. } => true,
            Self::Requests { said, most, .. } => said > most,
            Self::Receipts { receipts, unknown, stored } => *stored > receipts + unknown,
            // What is read one after the other moves meanwhile if there are others.
            Self::Pending { .. } | Self::Balance { .. } => has_foreign,
            _ => false,
        })
    }

    /// What does not agree, in words.
    #[must_use]
    pub fn message(&self) -> String {
        let more = |count: u64| if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
        match self {
            Self::Lost { count, id } => format!("{id} has a receipt and is in no block{}", more(*count)),
            Self::Twice { count, id, height } => {
                format!("{id} is stored twice, again in block {height}{}", more(*count))
            }
            Self::Altered { count, id, height } => {
                format!(
                    "{id} is stored in block {height} with another sender, receiver or amount than sent{}",
                    more(*count)
                )
            }
            Self::StoredThoughRefused { count, id, height } => {
                format!("{id} was refused and is stored in block {height}{}", more(*count))
            }
            Self::NeverSent { count, id, height } => {
                format!(
                    "{id} in block {height} was not sent by this run{}: somebody else used the ledger at the same time, or \
                     it keeps what was not sent",
                    more(*count)
                )
            }
            Self::Fork { height, previous, head } => format!(
                "block {height} follows {}, and the block before it is {}: the chain is forked",
                short(previous),
                short(head)
            ),
            Self::Height { height, expected } => {
                format!("a block has height {height} where {expected} comes next")
            }
            Self::Hash { height, said, computed } => {
                format!("the hash of block {height} is {} and should be {}", short(said), short(computed))
            }
            Self::Head { said, last } => {
                format!("the ledger's head is {} and its last block {}", short(said), short(last))
            }
            Self::Count { said, stored } => {
                format!("the ledger counts {said} new transactions and its blocks hold {stored}")
            }
            Self::Receipts { receipts, unknown, stored } => format!(
                "{receipts} receipts were given, {unknown} more transactions had no right answer, and {stored} are stored"
            ),
            Self::Pending { pending } => {
                format!("{pending} transactions are still in the open block, seconds after the last one")
            }
            Self::Sum { said, expected } => {
                format!("all accounts hold {said} units together, not {expected}")
            }
            Self::Balance { count, account, said, expected } => {
                format!("{account} holds {said} units, and {expected} by the blocks{}", more(*count))
            }
            Self::Requests { series, said, least, most } if least == most => {
                format!("the target's own {series} is {said}, and {least} answers came")
            }
            Self::Requests { series, said, least, most } => {
                format!("the target's own {series} is {said}, and {least} to {most} answers came")
            }
            Self::TooMany => {
                "too many transactions were refused or had no right answer to follow each".to_owned()
            }
            Self::Unreadable { what, why } => format!("{what} could not be read: {why}"),
        }
    }
}

/// The beginning of a hash, enough to tell it from others.
fn short(hash: &str) -> String {
    match hash.char_indices().nth(12) {
        Some((at, _)) => format!("{}...", &hash[..at]),
        None => hash.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_may_have_done_is_told_from_what_the_target_did() {
        let foreign = Finding::NeverSent { count: 3, id: "x".into(), height: 2 };
        let more = Finding::Receipts { receipts: 5, unknown: 1, stored: 9 };
        let fewer = Finding::Receipts { receipts: 5, unknown: 1, stored: 4 };
        let pending = Finding::Pending { pending: 2 };
        let lost = Finding::Lost { count: 1, id: "y".into() };
        for (findings, of_others) in [
            (vec![foreign.clone(), more.clone(), pending.clone()], true),
            (vec![foreign.clone(), fewer], false),
            (vec![foreign, lost], false),
            (vec![pending], false),
            (vec![more], true),
        ] {
            assert_eq!(Finding::may_be_of_others(&findings), of_others, "{findings:?}");
        }
    }
}
