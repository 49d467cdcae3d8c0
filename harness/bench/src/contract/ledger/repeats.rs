//! The cases of an `id` that comes again: the first receipt, and nothing moves.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::client::{Ledger, receipt};

const REPEATED: &str = "**200** with its first receipt if a transaction with this `id` has been applied, whatever the other keys say. Nothing moves.";

const fn case(id: &'static str, what: &'static str, talk: fn(&Wire) -> Result<(), Fault>) -> Case {
    Case { id, group: Group::Ledger, what, contract: REPEATED, check: Check::Talk(talk) }
}

pub(super) const CASES: &[Case] = &[
    case("tx-repeated", "a known id gets its first receipt; nothing moves", repeated),
    case("tx-repeated-at-once", "so does one that is sent twice at once", at_once),
    case("tx-repeated-in-batch", "so does one that stands twice in a batch", in_batch),
];

fn repeated(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let before = ledger.balances([from.clone(), to.clone()].into_iter())?;
    let transaction = ledger.transaction(&from, &to, 3);
    let first = ledger.apply(&transaction)?;
    let mut other = ledger.transaction(&to, &from, 1);
    other.id.clone_from(&transaction.id);
    for again in [&transaction, &transaction, &other] {
        let receipt = ledger.apply(again)?;
        if receipt != first {
            let sent = format!("the transaction {} again", again.json());
            return Err(Fault::new(sent, format!("{first:?}"), format!("{receipt:?}")));
        }
    }
    ledger.settled()?;
    ledger.finds(&transaction)?;
    ledger.follows(before)
}

/// All of them while the block of the first is open.
fn at_once(wire: &Wire) -> Result<(), Fault> {
    const COPIES: usize = 16;
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(COPIES as i128)?;
    let before = ledger.balances([from.clone(), to.clone()].into_iter())?;
    let transaction = ledger.transaction(&from, &to, 1);
    let mut connections = (0..COPIES).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>()?;
    for connection in &mut connections {
        connection.send(&ledger.posted(transaction.json().to_string()))?;
    }
    let mut receipts = Vec::new();
    for connection in &mut connections {
        receipts.push(receipt(&connection.answer()?, &transaction.id)?);
    }
    if let Some(other) = receipts.iter().find(|receipt| **receipt != receipts[0]) {
        let sent = format!("one transaction on {COPIES} connections");
        return Err(Fault::new(sent, format!("{:?} for all", receipts[0]), format!("{other:?}")));
    }
    ledger.settled()?;
    ledger.finds(&transaction)?;
    ledger.follows(before)
}

fn in_batch(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let before = ledger.balances([from.clone(), to.clone()].into_iter())?;
    let (first, second) = (ledger.transaction(&from, &to, 1), ledger.transaction(&from, &to, 2));
    let all = [first.clone(), second.clone(), first.clone(), first];
    let receipts = ledger.apply_batch(&all)?;
    if receipts[2] != receipts[0] || receipts[3] != receipts[0] || receipts[1] == receipts[0] {
        let expected = "the receipt of the first for all of its id";
        return Err(Fault::new("a batch with one id three times", expected, format!("{receipts:?}")));
    }
    ledger.settled()?;
    ledger.finds(&all[0])?;
    ledger.finds(&second)?;
    ledger.follows(before)
}
