//! The cases of a ledger that has just begun.

use super::super::case::{Case, Check, Group};
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::{NO_BLOCK, Transaction};
use super::client::{ACCOUNTS, Ledger, account, read_blocks};
use bench_model::json::same_json;
use serde_json::json;

/// The head after [`pinned`]: printf and sha256sum of the three blocks, or any other right implementation, give the same.
const PINNED_HEAD: &str = "7c33819f9267e2dde75a253e2dc8bd8930d05d43cb6e2a213bad92bacdd34a87";
/// Transactions of the batch in [`pinned`]: a block and a half.
const PINNED_BATCH: usize = 150;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Ledger, what, contract, check: Check::Fresh(&[], talk) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "ledger-begins",
        "a thousand accounts with 1,000,000 each, no block",
        "**Accounts** are `acct-0000` to `acct-0999`, a thousand of them, with 1,000,000 units each at the start.",
        begins,
    ),
    case(
        "ledger-head",
        "the same transactions end in the same head anywhere",
        "A block's **hash** is the SHA-256, in lower-case hexadecimal, of these bytes",
        pinned,
    ),
];

fn begins(wire: &Wire) -> Result<(), Fault> {
    let ledger = Ledger::open(wire)?;
    let answer = ledger.get("/ledger")?;
    let expected =
        json!({"height": 0, "transactions": 0, "pending": 0, "balance": 1_000_000_000, "head": NO_BLOCK});
    if !same_json(&answer.json()?, &expected) {
        return Err(answer.wrong(format!("200 with {expected}")));
    }
    let answer = ledger.get("/blocks")?;
    if !read_blocks(&answer)?.is_empty() {
        return Err(answer.wrong("200 with {\"blocks\": []}"));
    }
    for number in [0, 1, 9, 10, 99, 100, 500, ACCOUNTS - 1] {
        let balance = ledger.balance(&account(number))?;
        if balance != 1_000_000 {
            let sent = format!("GET /accounts/{}", account(number));
            return Err(Fault::new(sent, "a balance of 1000000", balance.to_string()));
        }
    }
    Ok(())
}

/// One transaction, sealed by time; then a batch that fills a block and begins another one, sealed by time as well.
fn pinned(wire: &Wire) -> Result<(), Fault> {
    let ledger = Ledger::open(wire)?;
    ledger.apply(&Transaction { id: "t-1".to_owned(), from: account(0), to: account(1), amount: 5 })?;
    let first = ledger.state()?;
    let example = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
    if first.head != example {
        return Err(Fault::new("the first transaction of the contract", example, first.head));
    }
    let transactions: Vec<Transaction> = (0..PINNED_BATCH)
        .map(|number| Transaction {
            id: format!("b-{number}"),
            from: account(number * 7),
            to: account(number * 7 + 500),
            amount: (number * number + 1) as u64,
        })
        .collect();
    ledger.apply_batch(&transactions)?;
    let state = ledger.settled()?;
    if (state.height, state.head.as_str()) == (3, PINNED_HEAD) {
        return Ok(());
    }
    // Where the chain itself is wrong, that says more.
    ledger.new_blocks()?;
    let sent = format!("a transaction, and a batch of {PINNED_BATCH}");
    let expected = format!("height 3 with the head {PINNED_HEAD}");
    Err(Fault::new(sent, expected, format!("height {} with the head {}", state.height, state.head)))
}
