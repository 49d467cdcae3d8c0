//! Blocks: the open one, which grows, and sealed ones, which never change and know their hash.
//!
//! It must not decide when a block is sealed, nor which transactions are good.

use std::fmt::{self, Write as _};

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::account::Account;
use super::places::Place;

/// The most transactions that a block holds.
pub(crate) const BLOCK_TRANSACTIONS: usize = 100;

/// A transaction that was applied.
#[derive(Debug, Serialize)]
pub(crate) struct Transaction {
    pub(crate) id: Box<str>,
    pub(crate) from: Account,
    pub(crate) to: Account,
    /// Units, at least 1.
    pub(crate) amount: u64,
}

/// A sealed block.
#[derive(Debug, Serialize)]
pub(crate) struct Block {
    /// From 1.
    pub(crate) height: u32,
    /// The hash of the block before it.
    pub(crate) previous: Hash,
    pub(crate) hash: Hash,
    /// From 1 to [`BLOCK_TRANSACTIONS`] of them, in order.
    pub(crate) transactions: Box<[Transaction]>,
}

/// A SHA-256, shown as 64 digits in lower case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Hash([u8; 32]);

/// The block that transactions are put into. It is hashed line by line as it grows, so that sealing it under the
/// ledger's lock costs no more than any transaction does.
#[derive(Debug)]
pub(crate) struct OpenBlock {
    height: u32,
    previous: Hash,
    transactions: Vec<Transaction>,
    hashed: Sha256,
    /// The line that is hashed next, kept for its memory.
    line: String,
}

impl OpenBlock {
    /// The first block: its previous hash is 64 zeros.
    pub(crate) fn first() -> Self {
        Self::new(1, Hash::default(), String::new())
    }

    fn new(height: u32, previous: Hash, line: String) -> Self {
        let transactions = Vec::with_capacity(BLOCK_TRANSACTIONS);
        let mut block = Self { height, previous, transactions, hashed: Sha256::new(), line };
        block.hash_line(format_args!("block {height}\nprevious {previous}\n"));
        block
    }

    /// Puts a transaction into the block and tells its place.
    pub(crate) fn put(&mut self, transaction: Transaction) -> Place {
        let place = self.next();
        let Transaction { id, from, to, amount } = &transaction;
        self.hash_line(format_args!("{} {id} {from} {to} {amount}\n", place.index));
        self.transactions.push(transaction);
        place
    }

    /// Ends the block; what remains is the empty one after it.
    pub(crate) fn seal(&mut self) -> Block {
        let hash = Hash(self.hashed.finalize_reset().into());
        let next = Self::new(self.height + 1, hash, std::mem::take(&mut self.line));
        let Self { height, previous, transactions, .. } = std::mem::replace(self, next);
        Block { height, previous, hash, transactions: transactions.into_boxed_slice() }
    }

    /// Where the next transaction will be.
    pub(crate) fn next(&self) -> Place {
        let index = u32::try_from(self.transactions.len()).expect("a block is sealed when it is full");
        Place { block: self.height, index }
    }

    pub(crate) fn transactions(&self) -> &[Transaction] {
        &self.transactions
    }

    pub(crate) fn is_full(&self) -> bool {
        self.transactions.len() >= BLOCK_TRANSACTIONS
    }

    /// The hash of the last sealed block.
    pub(crate) fn previous(&self) -> Hash {
        self.previous
    }

    fn hash_line(&mut self, line: fmt::Arguments<'_>) {
        self.line.clear();
        self.line.write_fmt(line).expect("a string takes all");
        self.hashed.update(&self.line);
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        formatter.write_str(std::str::from_utf8(&text).expect("digits"))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_shown_in_lower_case_with_leading_zeros() {
        let mut bytes = [0; 32];
        bytes[1] = 0x0a;
        bytes[31] = 0xf9;
        assert_eq!(Hash(bytes).to_string(), format!("000a{}f9", "0".repeat(58)));
        assert_eq!(serde_json::to_string(&Hash::default()).expect("JSON"), format!("\"{}\"", "0".repeat(64)));
    }
}
