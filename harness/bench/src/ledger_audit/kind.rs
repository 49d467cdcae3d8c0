//! Which number a transaction's id has, and which transaction a number.

use bench_generator::fresh::Fresh;
use bench_model::ledger::{Found, Transaction};
use serde::Deserialize;
use std::ops::Range;
use std::sync::Arc;

/// Digits of a `{{serial}}`.
const DIGITS: usize = 10;

/// Numbers by which a template is tried: what is drawn may make a transaction of one and not of another.
fn probes() -> impl Iterator<Item = u64> {
    (0..64).chain([1_234_567_890, 9_876_543_210, 9_999_999_999])
}

/// Transactions that are made from one template.
#[derive(Debug)]
pub(super) struct Kind {
    fresh: Arc<Fresh>,
    /// Where the number stands in their ids, and how long these are.
    at: Range<usize>,
    length: usize,
}

/// Why transactions cannot be followed from what is sent to what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfollowable {
    #[error(
        "its items are no transactions: each must be a JSON object with the texts `id`, `from` and `to` and the whole \
         number `amount`"
    )]
    Form,
    #[error(
        "the `id` of its items has no {{{{serial}}}}, by which one can be told from the others: write \
             \"id\":\"{{{{run}}}}-{{{{serial}}}}\""
    )]
    Serial,
    #[error(
        "the `id` of its items has no {{{{run}}}}, so that a second run on the same ledger would repeat those of the \
             first: write \"id\":\"{{{{run}}}}-{{{{serial}}}}\""
    )]
    Run,
}

impl Kind {
    /// The transactions of a template.
    pub(super) fn new(fresh: Arc<Fresh>) -> Result<Self, Unfollowable> {
        let as_sent: Vec<(u64, Transaction)> =
            probes().filter_map(|serial| Some((serial, transaction(&fresh, serial)?))).collect();
        let (_, first) = as_sent.first().ok_or(Unfollowable::Form)?;
        let length = first.id.len();
        let has_number = |at: &usize| {
            let number = |serial: &u64| format!("{serial:0DIGITS$}");
            as_sent.iter().all(|(serial, sent)| {
                sent.id.len() == length && sent.id.get(*at..at + DIGITS) == Some(&number(serial))
            })
        };
        let at = (0..=length.saturating_sub(DIGITS)).find(has_number).ok_or(Unfollowable::Serial)?;
        Ok(Self { fresh, at: at..at + DIGITS, length })
    }

    /// Which of this kind a stored transaction is, if it is one.
    pub(super) fn find(&self, stored: &Transaction) -> Option<Found> {
        let digits = stored.id.get(self.at.clone()).filter(|_| stored.id.len() == self.length)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        let serial = is_number.then(|| digits.parse().ok())??;
        // Whatever else is in the id follows from its number.
        let sent = transaction(&self.fresh, serial);
        let is_its_id = match &sent {
            Some(sent) => sent.id == stored.id,
            None => self.id_of(serial)? == stored.id,
        };
        is_its_id.then(|| Found { serial, is_as_sent: sent.as_ref() == Some(stored) })
    }

    /// The id of the item of this number.
    pub(super) fn id_of(&self, serial: u64) -> Option<String> {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        Some(serde_json::from_slice::<Named>(&self.fresh.item_of(serial)?).ok()?.id)
    }
}

/// The transaction of this number, as it is sent; nothing where what was drawn is none.
fn transaction(fresh: &Fresh, serial: u64) -> Option<Transaction> {
    serde_json::from_slice(&fresh.item_of(serial)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_generator::request::{Surroundings, prepare};
    use bench_model::body::Body;
    use bench_model::plan::RequestPlan;

    fn kind(template: &str) -> Result<Kind, Unfollowable> {
        let body = Body::Fresh { template: template.to_owned(), batch: None, seed: 4 };
        let plan = RequestPlan { method: "POST".to_owned(), body, ..RequestPlan::default() };
        let around = Surroundings { host: "h", run: "7f3a" };
        Kind::new(prepare(&plan, 0, around, None).unwrap()[0].fresh.clone().unwrap())
    }

    fn of_id(id: &str) -> Result<Kind, Unfollowable> {
        kind(&format!(r#"{{"id":"{id}","from":"a","to":"b","amount":{{{{int 1 100}}}}}}"#))
    }

    fn stored(id: &str, amount: u64) -> Transaction {
        Transaction { id: id.to_owned(), from: "a".to_owned(), to: "b".to_owned(), amount }
    }

    fn number_of(kind: &Kind, id: &str) -> Option<u64> {
        kind.find(&stored(id, 0)).map(|found| found.serial)
    }

    #[test]
    fn the_number_is_found_in_every_id_of_the_run_and_in_no_other() {
        let kind = of_id("{{run}}-{{serial}}.x").unwrap();
        for serial in [0, 7, 1_000_000_007, 9_999_999_999] {
            assert_eq!(number_of(&kind, &kind.id_of(serial).unwrap()), Some(serial));
        }
        for other in [
            "",
            "7f3b-0000000001.x",
            "7f3a-0000000001.y",
            "7f3a-000000001.x",
            "7f3a-+000000001.x",
            "7f3a-000000000é.x",
        ] {
            assert_eq!(number_of(&kind, other), None, "{other}");
        }
    }

    #[test]
    fn what_else_is_drawn_for_an_id_does_not_hide_its_number() {
        for id in [
            "{{hex 8}}-{{serial}}",
            "{{run}}-{{serial}}-{{hex 4}}",
            "{{digits 0 9999999999}}.{{serial}}.{{pick a b}}",
            "0000000000-{{serial}}",
        ] {
            let kind = of_id(id).unwrap();
            for serial in [0, 7, 1_000_000_007, 9_999_999_999] {
                let sent = kind.id_of(serial).unwrap();
                assert_eq!(number_of(&kind, &sent), Some(serial), "{sent}");
                let last = sent.len() - 1;
                let other = format!("{}z", &sent[..last]);
                assert_eq!(number_of(&kind, &other), None, "{other}");
            }
        }
    }

    #[test]
    fn what_is_stored_is_what_was_sent() {
        let kind = kind(r#"{"id":"{{run}}{{serial}}","from":"a","to":"b","amount":7}"#).unwrap();
        for (amount, is_as_sent) in [(7, true), (8, false)] {
            let found = kind.find(&stored("7f3a0000000005", amount));
            assert_eq!(found, Some(Found { serial: 5, is_as_sent }));
        }
    }

    /// Some items may be there to be refused.
    #[test]
    fn an_item_that_is_no_transaction_has_its_id_all_the_same() {
        let kind = kind(r#"{"id":"{{serial}}","from":"a","to":"b","amount":{{int -3 3}}}"#).unwrap();
        for serial in 0..100 {
            let found = kind.find(&stored(&kind.id_of(serial).unwrap(), 9));
            assert_eq!(found, Some(Found { serial, is_as_sent: false }));
        }
    }

    #[test]
    fn what_cannot_be_followed_says_why() {
        for (template, why) in [
            (r#"{"id":"{{serial}}"}"#, Unfollowable::Form),
            (r#"{"id":{{serial}},"from":"a","to":"b","amount":1}"#, Unfollowable::Form),
            (r#"{"id":"{{serial}}","from":"a","to":"b","amount":1.5}"#, Unfollowable::Form),
            ("{{serial}}", Unfollowable::Form),
            (r#"{"id":"x","from":"{{serial}}","to":"b","amount":1}"#, Unfollowable::Serial),
            (r#"{"id":"{{hex 10}}","from":"a","to":"b","amount":1}"#, Unfollowable::Serial),
        ] {
            assert_eq!(kind(template).unwrap_err(), why, "{template}");
        }
    }
}
