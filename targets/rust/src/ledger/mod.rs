//! The ledger of `targets/CONTRACT.md`: balances, the chain of blocks, and which transactions were applied.
//!
//! Pure: the time is passed in, and nothing here locks, waits, or knows of HTTP.

mod account;
mod block;
mod places;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

pub(crate) use account::{ACCOUNTS, Account};
pub(crate) use block::{Block, Hash};
pub(crate) use places::Place;

use block::{OpenBlock, Transaction};
use places::Places;

/// How long after its first transaction a block is sealed at the latest.
const BLOCK_TIME: Duration = Duration::from_millis(50);

/// What every account has at the start, in units.
const STARTING_BALANCE: u64 = 1_000_000;

/// The largest amount: the last whole number below which a double has every other one, 2^53 - 1.
const LARGEST_AMOUNT: f64 = 9_007_199_254_740_991.0;

/// What a client asks for; its `id` is well formed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Transfer<'request> {
    pub(crate) id: &'request str,
    pub(crate) from: &'request str,
    pub(crate) to: &'request str,
    pub(crate) amount: f64,
}

/// Why a transfer did not become a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No whole number from 1 to 2^53 - 1.
    Amount,
    /// `from` or `to` does not exist.
    UnknownAccount,
    /// `from` is `to`.
    SameAccount,
    /// `from` has less.
    InsufficientFunds,
}

/// What the ledger holds, all of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct State {
    /// The height of the last sealed block; 0 before the first.
    pub(crate) height: u32,
    /// How many transactions the sealed blocks hold.
    pub(crate) transactions: u64,
    /// How many the open block holds.
    pub(crate) pending: usize,
    /// The sum of all accounts, in units.
    pub(crate) balance: u64,
    /// The hash of the last sealed block; zeros before the first.
    pub(crate) head: Hash,
}

/// Accounts, blocks and the ids that were used.
#[derive(Debug)]
pub(crate) struct Ledger {
    balances: Vec<u64>,
    /// Shared, so that a reader can hold some without holding up the ledger.
    blocks: Vec<Arc<Block>>,
    sealed_transactions: u64,
    open: OpenBlock,
    /// When the first transaction came into the open block; none while that is empty.
    opened: Option<Instant>,
    places: Places,
}

impl Ledger {
    /// A ledger without transactions.
    pub(crate) fn new() -> Self {
        Self {
            balances: vec![STARTING_BALANCE; usize::from(ACCOUNTS)],
            blocks: Vec::new(),
            sealed_transactions: 0,
            open: OpenBlock::first(),
            opened: None,
            places: Places::default(),
        }
    }

    /// Applies a transfer, and tells where it is: now, or since it was applied before. `now` must not be earlier
    /// than in the call before.
    pub(crate) fn apply(&mut self, transfer: &Transfer<'_>, now: Instant) -> Result<Place, Refusal> {
        // Whoever keeps the time may be late; the block is not.
        self.seal_if_due(now);
        let hash = self.places.hash(transfer.id);
        if let Some(place) = self.places.find(hash, |place| self.id_at(place) == transfer.id) {
            return Ok(place);
        }
        let transaction = self.accept(transfer)?;
        self.balances[transaction.from.index()] -= transaction.amount;
        self.balances[transaction.to.index()] += transaction.amount;
        let place = self.open.put(transaction);
        self.places.add(hash, place);
        self.opened.get_or_insert(now);
        if self.open.is_full() {
            self.seal();
        }
        Ok(place)
    }

    /// Seals the open block if its time has come.
    pub(crate) fn seal_if_due(&mut self, now: Instant) {
        if self.due().is_some_and(|due| due <= now) {
            self.seal();
        }
    }

    /// When the open block is to be sealed; none while it is empty.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.opened.map(|opened| opened + BLOCK_TIME)
    }

    /// The height of the last sealed block; 0 before the first.
    pub(crate) fn height(&self) -> u32 {
        self.open.next().block - 1
    }

    /// What the ledger holds.
    pub(crate) fn state(&self) -> State {
        State {
            height: self.height(),
            transactions: self.sealed_transactions,
            pending: self.open.transactions().len(),
            balance: self.balances.iter().sum(),
            head: self.open.previous(),
        }
    }

    /// The units of an account.
    pub(crate) fn balance(&self, account: Account) -> u64 {
        self.balances[account.index()]
    }

    /// At most `limit` sealed blocks from height `from` (at least 1) on.
    pub(crate) fn blocks(&self, from: usize, limit: usize) -> Vec<Arc<Block>> {
        self.blocks.iter().skip(from - 1).take(limit).cloned().collect()
    }

    /// Checks what is asked for, in the contract's order.
    fn accept(&self, transfer: &Transfer<'_>) -> Result<Transaction, Refusal> {
        let amount = whole(transfer.amount).ok_or(Refusal::Amount)?;
        let (Some(from), Some(to)) = (Account::of(transfer.from), Account::of(transfer.to)) else {
            return Err(Refusal::UnknownAccount);
        };
        if from == to {
            return Err(Refusal::SameAccount);
        }
        if self.balance(from) < amount {
            return Err(Refusal::InsufficientFunds);
        }
        Ok(Transaction { id: transfer.id.into(), from, to, amount })
    }

    fn seal(&mut self) {
        let block = self.open.seal();
        self.sealed_transactions += block.transactions.len() as u64;
        self.blocks.push(Arc::new(block));
        self.opened = None;
    }

    fn id_at(&self, place: Place) -> &str {
        let sealed = self.blocks.get(place.block as usize - 1);
        let transactions = sealed.map_or(self.open.transactions(), |block| &block.transactions);
        &transactions[place.index as usize].id
    }
}

/// The amount as units; none if it is not a whole number from 1 to [`LARGEST_AMOUNT`].
fn whole(amount: f64) -> Option<u64> {
    let is_whole = amount.fract() == 0.0 && (1.0..=LARGEST_AMOUNT).contains(&amount);
    // Exact: a whole number below 2^53.
    is_whole.then_some(amount as u64)
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Amount => "amount must be a positive integer",
            Self::UnknownAccount => "unknown account",
            Self::SameAccount => "same account",
            Self::InsufficientFunds => "insufficient funds",
        })
    }
}
