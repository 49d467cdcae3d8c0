//! Which number a transaction's id has, and which transaction a number.

use bench_generator::fresh::Fresh;
use bench_model::ledger::Transaction;
use std::sync::Arc;

/// Transactions that are made from one template.
pub(super) struct Kind {
    pub(super) fresh: Arc<Fresh>,
    /// What stands before the number in their ids, and after it.
    before: String,
    after: String,
}

impl Kind {
    /// Nothing if what is sent is no transaction, or its id has no number.
    pub(super) fn new(fresh: Arc<Fresh>) -> Option<Self> {
        let (first, last) = (transaction(&fresh, 0)?.id, transaction(&fresh, 9_999_999_999)?.id);
        let at = first.bytes().zip(last.bytes()).position(|(a, b)| a != b)?;
        let (before, after) = (first.get(..at)?.to_owned(), first.get(at + 10..)?.to_owned());
        Some(Self { fresh, before, after })
    }

    /// The number in an id of this kind.
    pub(super) fn serial_of(&self, id: &str) -> Option<u64> {
        let digits = id.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let is_number = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok())?
    }
}

/// The transaction of this number, as it is sent.
pub(super) fn transaction(fresh: &Fresh, serial: u64) -> Option<Transaction> {
    serde_json::from_slice(&fresh.item_of(serial)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_generator::request::{Surroundings, prepare};
    use bench_model::body::Body;
    use bench_model::plan::RequestPlan;

    fn kind(template: &str) -> Option<Kind> {
        let body = Body::Fresh { template: template.to_owned(), batch: None, seed: 4 };
        let plan = RequestPlan { method: "POST".to_owned(), body, ..RequestPlan::default() };
        let around = Surroundings { host: "h", run: "7f3a" };
        Kind::new(prepare(&plan, 0, around, None).unwrap()[0].fresh.clone().unwrap())
    }

    #[test]
    fn the_number_is_found_in_every_id_of_the_run_and_in_no_other() {
        let kind =
            kind(r#"{"id":"{{run}}-{{serial}}.x","from":"a","to":"b","amount":{{int 1 100}}}"#).unwrap();
        for serial in [0, 7, 1_000_000_007, 9_999_999_999] {
            assert_eq!(kind.serial_of(&transaction(&kind.fresh, serial).unwrap().id), Some(serial));
        }
        for other in ["", "7f3b-0000000001.x", "7f3a-0000000001.y", "7f3a-000000001.x", "7f3a-+000000001.x"] {
            assert_eq!(kind.serial_of(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_transaction_is_not_followed() {
        assert!(kind(r#"{"id":"{{serial}}"}"#).is_none());
        assert!(kind(r#"{"id":"x","from":"{{serial}}","to":"b","amount":1}"#).is_none());
    }
}
