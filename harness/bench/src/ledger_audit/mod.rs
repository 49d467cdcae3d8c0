//! The audit of a run: does the target's own ledger hold what the target has answered?
//!
//! What is compared is decided in `bench_model::ledger`; here the target is asked.

mod counts;
mod kind;
mod rules;

pub(crate) use rules::require;

use crate::check::Asker;
use crate::ready::Ready;
use anyhow::{Context as _, Result, bail};
use bench_generator::Book;
use bench_generator::fresh::Serials;
use bench_generator::request::{Expectation, ExpectedBody, PreparedRequest};
use bench_model::ledger::{Block, Finding, Issued, LedgerAudit, LedgerState, Reconciliation, Transaction};
use bench_model::plan::Plan;
use bench_model::status::StatusSet;
use counts::Counts;
use kind::Kind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Blocks that are read at once: some 10 MB of JSON.
const PAGE_BLOCKS: u64 = 1000;
/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 256 << 20;
/// How long the last block may take to be sealed: a hundred times what it should.
const SEALING: Duration = Duration::from_secs(5);

/// The target's own account as it was before the run.
#[derive(Debug)]
pub(crate) struct Before {
    state: LedgerState,
    /// Absent where the target has no metrics.
    counts: Option<Counts>,
}

/// The least time that an answer may take: how long the load waits for one says nothing of how long 10 MB of blocks take.
const PATIENCE: Duration = Duration::from_secs(30);

impl<'a> Asker<'a> {
    /// The same, as patient as asking for a ledger takes.
    pub(crate) fn for_audit(&self) -> Self {
        let Self { address, connect, answer, signals } = *self;
        Self { address, connect: connect.max(PATIENCE), answer: answer.max(PATIENCE), signals }
    }
}

/// How the target is asked.
#[derive(Clone, Copy)]
pub(crate) struct Auditor<'a> {
    pub(crate) asker: &'a Asker<'a>,
    pub(crate) host: &'a str,
}

/// What the run has sent.
pub(crate) struct Sent<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) ready: &'a Ready,
    /// That of the look before the load, and those of its workers.
    pub(crate) books: &'a [Book],
}

impl Auditor<'_> {
    /// Looks at the target's own account once nothing moves in it.
    pub(crate) fn look(self) -> Result<Before> {
        Ok(Before { counts: self.counts()?, state: self.settled()? })
    }

    /// Compares it with what was sent since; nothing if a signal came meanwhile.
    pub(crate) fn audit(self, before: Before, sent: &Sent<'_>) -> Option<LedgerAudit> {
        // First of all, since asking for the rest is counted as well.
        let counts = self.counts();
        let kinds = sent.kinds();
        let find = |stored: &Transaction| {
            // Ids of two kinds may look alike; then it is the one that was sent so.
            let mut found = kinds.iter().filter_map(|kind| kind.find(stored));
            let first = found.next()?;
            Some(if first.is_as_sent { first } else { found.find(|found| found.is_as_sent).unwrap_or(first) })
        };
        let id_of = |serial| kinds.iter().find_map(|kind| kind.id_of(serial)).unwrap_or_default();
        let reconciliation = Reconciliation::new(before.state, sent.issued(), &find, &id_of);
        let mut audit = self.read(reconciliation).unwrap_or_else(|error| LedgerAudit {
            findings: vec![unreadable("the ledger", &error)],
            ..LedgerAudit::default()
        });
        if sent.books.iter().any(|book| book.is_full) {
            // Whatever was not followed would be found as lost, or as stored though refused.
            audit.findings = vec![Finding::TooMany];
        }
        match (before.counts, counts) {
            (Some(before), Ok(Some(after))) => {
                let (series, findings) = after.compare(&before, sent);
                audit.series = series;
                audit.findings.extend(findings);
            }
            (_, Err(error)) => audit.findings.push(unreadable("GET /metrics", &error)),
            (None, _) | (_, Ok(None)) => {}
        }
        self.asker.signals.received().is_none().then_some(audit)
    }

    fn read(self, mut reconciliation: Reconciliation<'_>) -> Result<LedgerAudit> {
        #[derive(Deserialize)]
        struct Page {
            blocks: Vec<Block>,
        }
        #[derive(Deserialize)]
        struct Account {
            balance: f64,
        }
        let after = self.settled()?;
        while reconciliation.next_height() <= after.height {
            let limit = PAGE_BLOCKS.min(after.height + 1 - reconciliation.next_height());
            let path = format!("/blocks?from={}&limit={limit}", reconciliation.next_height());
            let page: Page = self.json(&path)?;
            if page.blocks.is_empty() {
                bail!("GET {path} has no block, and the ledger's height is {}", after.height);
            }
            page.blocks.iter().for_each(|block| reconciliation.add(block));
        }
        let mut balances = BTreeMap::new();
        for account in reconciliation.balances().into_keys() {
            let Account { balance } = self.json(&format!("/accounts/{account}"))?;
            balances.insert(account, balance as i64);
        }
        Ok(reconciliation.finish(&after, &balances))
    }

    /// The ledger's state once its open block is empty, or after as long as that may take.
    fn settled(self) -> Result<LedgerState> {
        let until = Instant::now() + SEALING;
        loop {
            let state: LedgerState = self.json("/ledger")?;
            if state.pending == 0 || Instant::now() >= until {
                return Ok(state);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the target counts; nothing where it has no metrics.
    fn counts(self) -> Result<Option<Counts>> {
        let accepted = StatusSet::try_from("200,404".to_owned()).map_err(anyhow::Error::msg)?;
        let (status, body) = self.get("/metrics", accepted)?;
        (status == 200).then(|| Counts::read(&body)).transpose()
    }

    fn json<T: DeserializeOwned>(self, path: &str) -> Result<T> {
        let (_, body) = self.get(path, StatusSet::default())?;
        serde_json::from_slice(&body).with_context(|| format!("GET {path} has an answer of another form"))
    }

    fn get(self, path: &str, accepted: StatusSet) -> Result<(u16, Vec<u8>)> {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.host);
        let expectation = Expectation::of(accepted, ExpectedBody::Any);
        let request = PreparedRequest::fixed(bytes.into_bytes(), expectation);
        let answer = self.asker.check(&request, Serials::default(), LONGEST_ANSWER);
        answer.with_context(|| format!("GET {path}"))
    }
}

impl Sent<'_> {
    /// The kinds of transactions that were sent.
    fn kinds(&self) -> Vec<Kind> {
        let followed = self.ready.requests.iter().filter(|request| request.followed_items() > 0);
        // Those that cannot be followed were refused before anything was started.
        followed.filter_map(|request| Kind::new(request.fresh.clone()?).ok()).collect()
    }

    /// The numbers that were given out, and the exceptions among them.
    fn issued(&self) -> Vec<Issued> {
        let of_book = |book: &Book| {
            let mut issued = Issued::new(book.first, book.step, book.issued);
            issued.refused.extend(&book.refused);
            issued.unknown.extend(&book.unknown);
            issued
        };
        self.books.iter().map(of_book).collect()
    }
}

fn unreadable(what: &str, error: &anyhow::Error) -> Finding {
    Finding::Unreadable { what: what.to_owned(), why: format!("{error:#}") }
}
