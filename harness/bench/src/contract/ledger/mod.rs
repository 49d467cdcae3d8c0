//! The cases of the ledger: transactions, blocks, batches, and what is read of them.

mod accepted;
mod batches;
pub(super) mod chain;
pub(super) mod client;
mod concurrent;
mod fresh;
mod malformed;
mod reading;
mod refusals;
mod repeats;
mod sealing;

use super::case::Case;

/// All of the group, in the order of the contract. Those that need an instance of their own come first, so that the others
/// can go on with the last of these.
pub(super) const CASES: &[&[Case]] = &[
    accepted::CASES,
    fresh::CASES,
    malformed::CASES,
    refusals::CASES,
    repeats::CASES,
    sealing::CASES,
    batches::CASES,
    reading::CASES,
    concurrent::CASES,
];
