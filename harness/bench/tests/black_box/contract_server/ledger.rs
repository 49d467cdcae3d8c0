//! The small server's ledger: one lock, and blocks that are sealed by whoever comes when they are due.

use super::{Answer, Fault};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

const ACCOUNTS: usize = 1000;
const FULL: usize = 100;
const OPEN_FOR: Duration = Duration::from_millis(50);
/// How long a request waits for a block that a faulty server never seals.
const PATIENCE: Duration = Duration::from_secs(8);
const LARGEST: f64 = 9_007_199_254_740_991.0;

/// Height and index.
type Place = (u64, usize);

pub(super) struct Ledger {
    books: Mutex<Books>,
    sealed: Condvar,
    /// The status of receipts, which are given at once if it is `accepted`.
    status: &'static str,
    fault: Fault,
}

struct Books {
    balances: Vec<u64>,
    places: HashMap<String, Place>,
    open: Vec<Transaction>,
    opened: Instant,
    blocks: Vec<Value>,
    head: String,
    before: String,
    transactions: usize,
    applied: usize,
}

#[derive(Debug, Clone)]
struct Transaction {
    id: String,
    from: String,
    to: String,
    amount: f64,
}

impl Transaction {
    fn read(value: &Value) -> Option<Self> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let id = text("id").filter(|id| (1..=64).contains(&id.len()) && id.bytes().all(plain))?;
        Some(Self { id, from: text("from")?, to: text("to")?, amount: value["amount"].as_f64()? })
    }
}

fn account(name: &str) -> Option<usize> {
    let digits = name.strip_prefix("acct-")?;
    let fits = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|number| fits && *number < ACCOUNTS)
}

impl Books {
    fn height(&self) -> u64 {
        self.blocks.len() as u64
    }

    fn apply(&mut self, transaction: &Transaction, fault: Fault) -> Result<Place, &'static str> {
        let Transaction { id, from, to, amount } = transaction;
        if let Some(place) = self.places.get(id) {
            return Ok(*place);
        }
        if amount.fract() != 0.0 || !(1.0..=LARGEST).contains(amount) {
            return Err("amount must be a positive integer");
        }
        let units = *amount as u64;
        let (Some(from), Some(to)) = (account(from), account(to)) else {
            if let Some(from) = account(from).filter(|_| fault == Fault::MovesOnRefusal) {
                self.balances[from] -= units;
            }
            return Err("unknown account");
        };
        if from == to {
            return Err("same account");
        }
        if self.balances[from] < units {
            return Err("insufficient funds");
        }
        self.balances[from] -= units;
        self.balances[to] += units;
        if self.open.is_empty() || fault == Fault::SealsFromTheLast {
            self.opened = Instant::now();
        }
        let place = (self.height() + 1, self.open.len());
        self.places.insert(id.clone(), place);
        self.applied += 1;
        // Not the last of a block, so that there is room for one more.
        let odd = self.applied % fault.period() == fault.period() - 1;
        if odd && fault == Fault::MovesTwiceRarely {
            self.balances[from] -= units;
            self.balances[to] += units;
        }
        if !(odd && matches!(fault, Fault::LosesTransaction | Fault::LosesRarely)) {
            let more = if odd && fault == Fault::AltersRarely { 1.0 } else { 0.0 };
            self.open.push(Transaction { amount: amount + more, ..transaction.clone() });
        }
        if odd && matches!(fault, Fault::AppliesTwice | Fault::StoresTwiceRarely) && self.open.len() < FULL {
            self.open.push(transaction.clone());
        }
        if self.open.len() == FULL {
            self.seal(fault);
        }
        Ok(place)
    }

    fn is_due(&self, fault: Fault) -> bool {
        !self.open.is_empty() && self.opened.elapsed() >= OPEN_FOR && fault != Fault::SealsNothing
    }

    fn seal(&mut self, fault: Fault) {
        let height = self.height() + 1;
        let is_the_one = self.applied >= fault.period() && self.transactions + FULL <= fault.period();
        let forks = height > 1 && (fault == Fault::ForksChain || fault == Fault::ForksRarely && is_the_one);
        let previous = if forks { self.before.clone() } else { self.head.clone() };
        let mut text = format!("block {height}\nprevious {previous}\n");
        let mut listed = Vec::new();
        for (index, Transaction { id, from, to, amount }) in self.open.drain(..).enumerate() {
            let _ = writeln!(text, "{index} {id} {from} {to} {amount}");
            listed.push(json!({ "id": id, "from": from, "to": to, "amount": amount }));
        }
        if fault == Fault::WrongHash {
            text.pop();
        }
        self.transactions += listed.len();
        self.before = std::mem::take(&mut self.head);
        self.head = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        self.blocks.push(json!({
            "height": height, "previous": previous, "hash": self.head, "transactions": listed
        }));
    }
}

impl Ledger {
    /// The error names what is wrong.
    pub(super) fn new(acknowledge: Option<&str>, fault: Fault) -> Result<Self, String> {
        let status = match acknowledge {
            None | Some("sealed") => "committed",
            Some("accepted") => "accepted",
            Some(other) => return Err(format!("LEDGER_ACK cannot be {other}")),
        };
        let books = Books {
            balances: vec![1_000_000; ACCOUNTS],
            places: HashMap::new(),
            open: Vec::new(),
            opened: Instant::now(),
            blocks: Vec::new(),
            head: "0".repeat(64),
            before: "0".repeat(64),
            transactions: 0,
            applied: 0,
        };
        Ok(Self { books: Mutex::new(books), sealed: Condvar::new(), status, fault })
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        let mut books = self.books.lock().expect("a lock");
        if books.is_due(self.fault) {
            books.seal(self.fault);
            self.sealed.notify_all();
        }
        books
    }

    /// Waits until a block is sealed, and seals it when it is due.
    fn wait(&self, mut books: MutexGuard<'_, Books>, height: u64) {
        self.sealed.notify_all();
        let until = Instant::now() + PATIENCE;
        while self.status == "committed" && books.height() < height && Instant::now() < until {
            if books.is_due(self.fault) {
                books.seal(self.fault);
                self.sealed.notify_all();
            } else {
                let left = OPEN_FOR.saturating_sub(books.opened.elapsed()).max(Duration::from_millis(1));
                books = self.sealed.wait_timeout(books, left).expect("a lock").0;
            }
        }
    }

    fn receipt(&self, id: &str, (block, index): Place) -> Value {
        json!({ "id": id, "status": self.status, "block": block, "index": index })
    }

    pub(super) fn transaction(&self, body: &[u8]) -> Answer {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(transaction) = Transaction::read(&value) else {
            return Answer::error(400, "id, from, to and amount are asked for");
        };
        let mut books = self.lock();
        match books.apply(&transaction, self.fault) {
            Err(message) => Answer::error(422, message),
            Ok(place) => {
                self.wait(books, place.0);
                Answer::ok(self.receipt(&transaction.id, place).to_string().into_bytes())
            }
        }
    }

    pub(super) fn batch(&self, body: &[u8]) -> Answer {
        let value: Value = serde_json::from_slice(body).unwrap_or_default();
        let items = value.as_array().filter(|items| (1..=1000).contains(&items.len()));
        let items: Option<Vec<Transaction>> =
            items.and_then(|items| items.iter().map(Transaction::read).collect());
        let Some(items) = items else { return Answer::error(400, "1 to 1000 transactions are asked for") };
        let mut books = self.lock();
        let mut last = 0;
        let results: Vec<Value> = items
            .iter()
            .map(|one| match books.apply(one, self.fault) {
                Ok(place) => {
                    last = last.max(place.0);
                    self.receipt(&one.id, place)
                }
                Err(error) => json!({ "id": one.id, "status": "refused", "error": error }),
            })
            .collect();
        self.wait(books, last);
        Answer::ok(Value::from(results).to_string().into_bytes())
    }

    pub(super) fn state(&self) -> Answer {
        let books = self.lock();
        let value = json!({
            "height": books.height(),
            "transactions": books.transactions,
            "pending": books.open.len(),
            "balance": books.balances.iter().sum::<u64>(),
            "head": books.head,
        });
        Answer::ok(value.to_string().into_bytes())
    }

    pub(super) fn account(&self, name: &str) -> Answer {
        match account(name) {
            Some(number) => {
                let value = json!({ "id": name, "balance": self.lock().balances[number] });
                Answer::ok(value.to_string().into_bytes())
            }
            None => Answer::error(404, "there is no such account"),
        }
    }

    pub(super) fn blocks(&self, query: &str) -> Answer {
        let (mut from, mut limit) = (1_usize, 100_usize);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let number = value.parse().ok().filter(|&number| number > 0);
            match (name, number) {
                ("from", Some(number)) => from = number,
                ("limit", Some(number)) if number <= 1000 => limit = number,
                ("from" | "limit", _) => return Answer::error(400, "from and limit are numbers from 1 on"),
                _ => {}
            }
        }
        let books = self.lock();
        let blocks: Vec<&Value> = books.blocks.iter().skip(from - 1).take(limit).collect();
        Answer::ok(json!({ "blocks": blocks }).to_string().into_bytes())
    }
}
