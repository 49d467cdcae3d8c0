//! The audit of a run: does the target's own ledger hold what the target has answered?
//!
//! What is compared is decided in `bench_model::ledger`; here the target is asked.

use crate::check::Asker;
use crate::ready::Ready;
use anyhow::{Context as _, Result, bail};
use bench_generator::Book;
use bench_generator::fresh::{Fresh, Serials};
use bench_generator::request::{Expectation, ExpectedBody, PreparedRequest};
use bench_model::ledger::{Block, Finding, Issued, LedgerAudit, LedgerState, Reconciliation, Transaction};
use bench_model::status::StatusSet;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Blocks that are read at once: some 10 MB of JSON.
const PAGE_BLOCKS: u64 = 1000;
/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 256 << 20;
/// How long the last block may take to be sealed: a hundred times what it should.
const SEALING: Duration = Duration::from_secs(5);

/// The ledger as it was before the run.
#[derive(Debug)]
pub(crate) struct Before {
    state: LedgerState,
}

/// What the run has sent.
pub(crate) struct Sent<'a> {
    pub(crate) ready: &'a Ready,
    /// How many numbers the look before the load took; all of them were accepted.
    pub(crate) checked: u64,
    pub(crate) books: &'a [Book],
}

impl Before {
    /// Looks at the ledger once nothing moves in it.
    pub(crate) fn look(asker: &Asker<'_>, host: &str) -> Result<Self> {
        Ok(Self { state: settled(asker, host)? })
    }

    /// Compares the ledger with what was sent since.
    pub(crate) fn audit(self, asker: &Asker<'_>, host: &str, sent: &Sent<'_>) -> LedgerAudit {
        let kinds = sent.kinds();
        let serial_of = |id: &str| kinds.iter().find_map(|kind| kind.serial_of(id));
        let transactions =
            |serial| kinds.iter().filter_map(|kind| transaction(&kind.fresh, serial)).collect();
        let reconciliation = Reconciliation::new(self.state, sent.issued(), &serial_of, &transactions);
        let is_full = sent.books.iter().any(|book| book.is_full);
        match read(asker, host, reconciliation) {
            Ok(mut audit) => {
                // Whatever was not followed would be found as lost, or as stored though refused.
                if is_full {
                    audit.findings = vec![Finding::TooMany];
                }
                audit
            }
            Err(error) => {
                let unreadable =
                    Finding::Unreadable { what: "the ledger".to_owned(), why: format!("{error:#}") };
                LedgerAudit { findings: vec![unreadable], ..LedgerAudit::default() }
            }
        }
    }
}

impl Sent<'_> {
    /// The kinds of transactions that were sent.
    fn kinds(&self) -> Vec<Kind> {
        let fresh = self.ready.requests.iter().filter_map(|request| request.fresh.clone());
        fresh.filter(|fresh| fresh.has_serial()).filter_map(Kind::new).collect()
    }

    /// The numbers that were given out, and the exceptions among them.
    fn issued(&self) -> Vec<Issued> {
        let of_worker = |book: &Book| {
            let mut issued = Issued::new(book.first, book.step, book.issued);
            issued.refused.extend(&book.refused);
            issued.unknown.extend(&book.unknown);
            issued
        };
        std::iter::once(Issued::new(0, 1, self.checked)).chain(self.books.iter().map(of_worker)).collect()
    }
}

/// Transactions that are made from one template.
struct Kind {
    fresh: Arc<Fresh>,
    /// What stands before the number in their ids, and after it.
    before: String,
    after: String,
}

impl Kind {
    /// Nothing if what is sent is no transaction, or its id has no number.
    fn new(fresh: Arc<Fresh>) -> Option<Self> {
        let (first, last) = (transaction(&fresh, 0)?.id, transaction(&fresh, 9_999_999_999)?.id);
        let at = first.bytes().zip(last.bytes()).position(|(a, b)| a != b)?;
        let (before, after) = (first.get(..at)?.to_owned(), first.get(at + 10..)?.to_owned());
        Some(Self { fresh, before, after })
    }

    /// The number in an id of this kind.
    fn serial_of(&self, id: &str) -> Option<u64> {
        let digits = id.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let is_number = digits.len() == 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok())?
    }
}

/// The transaction of this number, as it is sent.
fn transaction(fresh: &Fresh, serial: u64) -> Option<Transaction> {
    serde_json::from_slice(&fresh.item_of(serial)?).ok()
}

fn read(asker: &Asker<'_>, host: &str, mut reconciliation: Reconciliation<'_>) -> Result<LedgerAudit> {
    #[derive(Deserialize)]
    struct Page {
        blocks: Vec<Block>,
    }
    #[derive(Deserialize)]
    struct Account {
        balance: i64,
    }
    let after = settled(asker, host)?;
    while reconciliation.next_height() <= after.height {
        let limit = PAGE_BLOCKS.min(after.height + 1 - reconciliation.next_height());
        let path = format!("/blocks?from={}&limit={limit}", reconciliation.next_height());
        let page: Page = get(asker, host, &path)?;
        if page.blocks.is_empty() {
            bail!("GET {path} has no block, and the ledger's height is {}", after.height);
        }
        page.blocks.iter().for_each(|block| reconciliation.add(block));
    }
    let mut balances = BTreeMap::new();
    for account in reconciliation.balances().into_keys() {
        let Account { balance } = get(asker, host, &format!("/accounts/{account}"))?;
        balances.insert(account, balance);
    }
    Ok(reconciliation.finish(&after, &balances))
}

/// The ledger's state once its open block is empty, or after as long as that may take.
fn settled(asker: &Asker<'_>, host: &str) -> Result<LedgerState> {
    let until = Instant::now() + SEALING;
    loop {
        let state: LedgerState = get(asker, host, "/ledger")?;
        if state.pending == 0 || Instant::now() >= until {
            return Ok(state);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn get<T: DeserializeOwned>(asker: &Asker<'_>, host: &str, path: &str) -> Result<T> {
    let bytes = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes();
    let request = PreparedRequest::fixed(bytes, Expectation::of(StatusSet::default(), ExpectedBody::Any));
    let body = asker.check(&request, Serials::default(), LONGEST_ANSWER)?;
    serde_json::from_slice(&body).with_context(|| format!("GET {path} has an answer of another form"))
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
