//! A client of the ledger: what the cases send to it and what they read of it, as values.

use super::super::answer::Answer;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::{Balances, Block, Transaction, has_keys, read_block, replay, verify, whole};
use crate::ready::run_mark;
use bench_model::ledger::LedgerState;
use serde_json::Value;

/// How many accounts there are.
pub(super) const ACCOUNTS: usize = 1000;
/// Blocks that are asked for at once, so that an answer stays below a megabyte.
const PAGE: u64 = 100;

/// The name of an account.
pub(super) fn account(number: usize) -> String {
    format!("acct-{:04}", number % ACCOUNTS)
}

/// The answer to a transaction that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) block: u64,
    pub(super) index: u64,
}

impl Receipt {
    pub(super) fn read(value: &Value) -> Option<Self> {
        has_keys(value, &["id", "status", "block", "index"])?;
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let (block, index) = (whole(&value["block"])?, whole(&value["index"])?);
        Some(Self { id: text("id")?, status: text("status")?, block, index }).filter(|_| block > 0)
    }
}

/// The ledger of a target, as it was when a case began.
#[derive(Debug)]
pub(in super::super) struct Ledger {
    pub(super) wire: Wire,
    /// The beginning of all ids of the case: nobody else's, also where the ledger is older than the case.
    mark: String,
    next: usize,
    /// The state at the beginning, without an open block.
    pub(super) begun: LedgerState,
}

impl Ledger {
    /// Waits until no block is open, so that a case knows all that happens.
    pub(in super::super) fn open(wire: &Wire) -> Result<Self, Fault> {
        let mark = format!("c-{}", run_mark());
        let begun = settled(wire)?;
        Ok(Self { wire: wire.clone(), mark, next: 0, begun })
    }

    /// A transaction with an id of its own.
    pub(in super::super) fn transaction(&mut self, from: &str, to: &str, amount: u64) -> Transaction {
        self.next += 1;
        let id = format!("{}-{}", self.mark, self.next);
        Transaction { id, from: from.to_owned(), to: to.to_owned(), amount }
    }

    /// An account that has as much, and another one.
    pub(in super::super) fn pair(&self, least: i128) -> Result<(String, String), Fault> {
        for number in 0..ACCOUNTS {
            if self.balance(&account(number))? >= least {
                return Ok((account(number), account(number + 1)));
            }
        }
        Err(Fault::new("GET /accounts/{id} for all", format!("one with {least} or more"), "none"))
    }

    /// The bytes of `POST /tx`.
    pub(super) fn posted(&self, body: impl AsRef<[u8]>) -> Vec<u8> {
        self.wire.request("POST", "/tx", &[], Some(body.as_ref()))
    }

    /// The answer to `POST /tx`.
    pub(super) fn post(&self, body: impl AsRef<[u8]>) -> Result<Answer, Fault> {
        self.wire.ask(&self.posted(body))
    }

    /// Posts a transaction that must be applied.
    pub(super) fn apply(&self, transaction: &Transaction) -> Result<Receipt, Fault> {
        receipt(&self.post(transaction.json().to_string())?, &transaction.id)
    }

    /// The answer to `POST /tx/batch`.
    pub(super) fn post_batch(&self, body: impl AsRef<[u8]>) -> Result<Answer, Fault> {
        self.wire.ask(&self.wire.request("POST", "/tx/batch", &[], Some(body.as_ref())))
    }

    /// Posts transactions that must all be applied, as one batch.
    pub(super) fn apply_batch(&self, transactions: &[Transaction]) -> Result<Vec<Receipt>, Fault> {
        receipts(&self.post_batch(batch(transactions))?, transactions)
    }

    pub(super) fn get(&self, path: &str) -> Result<Answer, Fault> {
        self.wire.ask(&self.wire.request("GET", path, &[], None))
    }

    pub(super) fn state(&self) -> Result<LedgerState, Fault> {
        state(&self.wire)
    }

    /// The state once no block is open.
    pub(super) fn settled(&self) -> Result<LedgerState, Fault> {
        settled(&self.wire)
    }

    pub(super) fn balance(&self, account: &str) -> Result<i128, Fault> {
        let answer = self.get(&format!("/accounts/{account}"))?;
        let value = answer.json()?;
        let balance = has_keys(&value, &["id", "balance"])
            .filter(|()| value["id"] == account)
            .and_then(|()| whole(&value["balance"]));
        balance
            .map(i128::from)
            .ok_or_else(|| answer.wrong(format!("{{\"id\": \"{account}\", \"balance\": ...}}")))
    }

    /// The sealed blocks since the case began, which must be a chain.
    pub(super) fn new_blocks(&self) -> Result<Vec<Block>, Fault> {
        let mut blocks = Vec::new();
        loop {
            let from = self.begun.height + 1 + blocks.len() as u64;
            let path = format!("/blocks?from={from}&limit={PAGE}");
            let page = read_blocks(&self.get(&path)?)?;
            if page.is_empty() {
                break;
            }
            blocks.extend(page);
        }
        let start = (self.begun.height, self.begun.head.clone());
        let words = format!("GET /blocks?from={}", self.begun.height + 1);
        verify(&blocks, start).map_err(|came| Fault::new(words, "blocks that are a chain", came))?;
        Ok(blocks)
    }

    /// The transaction must be in a block once, and no other of its id.
    pub(in super::super) fn finds(&self, transaction: &Transaction) -> Result<(), Fault> {
        let blocks = self.new_blocks()?;
        let all = blocks.iter().flat_map(|block| &block.transactions);
        let found: Vec<&Transaction> = all.filter(|one| one.id == transaction.id).collect();
        if found == [transaction] {
            return Ok(());
        }
        let sent = format!("the transaction {}", transaction.json());
        Err(Fault::new(sent, "it in the blocks, once", format!("{} of its id", found.len())))
    }

    /// Nothing must have happened since the case began.
    pub(super) fn is_unmoved(&self, sent: &str) -> Result<(), Fault> {
        let now = self.settled()?;
        if now == self.begun {
            return Ok(());
        }
        Err(Fault::new(sent, format!("the ledger as before, {:?}", self.begun), format!("{now:?}")))
    }

    /// The balances of these accounts now must be those of before and what the new blocks moved.
    pub(super) fn follows(&self, mut before: Balances) -> Result<(), Fault> {
        let wrong = |came| Fault::new("GET /blocks", "balances that follow from the blocks", came);
        replay(&self.new_blocks()?, &mut before).map_err(wrong)?;
        for (account, right) in before {
            let balance = self.balance(&account)?;
            if balance != right {
                return Err(wrong(format!("{account} with {balance} instead of {right}")));
            }
        }
        Ok(())
    }

    /// The balances of some accounts.
    pub(super) fn balances(&self, accounts: impl Iterator<Item = String>) -> Result<Balances, Fault> {
        accounts
            .map(|account| {
                let balance = self.balance(&account)?;
                Ok((account, balance))
            })
            .collect()
    }
}

/// The body of a batch.
pub(super) fn batch(transactions: &[Transaction]) -> String {
    Value::from_iter(transactions.iter().map(Transaction::json)).to_string()
}

/// The receipt that an answer must be.
pub(super) fn receipt(answer: &Answer, id: &str) -> Result<Receipt, Fault> {
    let value = answer.json()?;
    Receipt::read(&value)
        .filter(|receipt| receipt.id == id)
        .ok_or_else(|| answer.wrong(format!("200 with a receipt of {id}")))
}

/// The receipts that the answer to a batch must be.
pub(super) fn receipts(answer: &Answer, transactions: &[Transaction]) -> Result<Vec<Receipt>, Fault> {
    let value = answer.json()?;
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.len() != transactions.len() {
        return Err(answer.wrong(format!("200 with an array of {} results", transactions.len())));
    }
    items
        .iter()
        .zip(transactions)
        .map(|(item, transaction)| {
            Receipt::read(item)
                .filter(|receipt| receipt.id == transaction.id)
                .ok_or_else(|| answer.fault(format!("a receipt of {}", transaction.id), item.to_string()))
        })
        .collect()
}

/// The blocks of an answer to `GET /blocks`.
pub(super) fn read_blocks(answer: &Answer) -> Result<Vec<Block>, Fault> {
    let value = answer.json()?;
    let list = has_keys(&value, &["blocks"]).and_then(|()| value["blocks"].as_array());
    let list = list.ok_or_else(|| answer.wrong("200 with {\"blocks\": [...]}"))?;
    list.iter()
        .map(|block| read_block(block).map_err(|came| answer.fault("blocks as the contract has them", came)))
        .collect()
}

fn state(wire: &Wire) -> Result<LedgerState, Fault> {
    let answer = wire.ask(&wire.request("GET", "/ledger", &[], None))?;
    let value = answer.json()?;
    let read = || {
        has_keys(&value, &["height", "transactions", "pending", "balance", "head"])?;
        let number = |key: &str| whole(&value[key]);
        let head = value["head"].as_str()?.to_owned();
        Some(LedgerState {
            height: number("height")?,
            transactions: number("transactions")?,
            pending: number("pending")?,
            balance: number("balance")?,
            head,
        })
    };
    read().ok_or_else(|| answer.wrong("200 with height, transactions, pending, balance and head"))
}

/// The state as soon as no block is open. One is open for 50 ms at most; whoever seals nothing has two seconds.
fn settled(wire: &Wire) -> Result<LedgerState, Fault> {
    let mut last = state(wire)?;
    for _ in 0..100 {
        if last.pending == 0 {
            return Ok(last);
        }
        wire.sleep(std::time::Duration::from_millis(20))?;
        last = state(wire)?;
    }
    let came = format!("`pending` {} for two seconds", last.pending);
    Err(Fault::new("GET /ledger", "every block sealed after 50 ms", came))
}
