//! The cases of transactions that are understood and refused: 422 with a message, and nothing moves.

use super::super::case::{Case, Check, Group};
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::Transaction;
use super::client::{Ledger, account};
use serde_json::{Value, json};

pub(super) const AMOUNT: &str = "amount must be a positive integer";
pub(super) const UNKNOWN: &str = "unknown account";
pub(super) const SAME: &str = "same account";
pub(super) const FUNDS: &str = "insufficient funds";

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Ledger, what, contract, check: Check::Talk(talk) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "tx-amount",
        "422 for amounts that are no positive integers",
        "**422** if `amount` is not a whole number from 1 to 9,007,199,254,740,991",
        amounts,
    ),
    case(
        "tx-amount-forms",
        "5, 5.0 and 5e0 are one amount",
        "(as a double: `5`, `5.0` and `5e0` are the same)",
        amount_forms,
    ),
    case(
        "tx-unknown-account",
        "422 for unknown accounts",
        "**422** if `from` or `to` is not an account.",
        unknown,
    ),
    case("tx-same-account", "422 for one account", "**422** if they are the same account.", same),
    case("tx-funds", "422 for more than there is", "**422** if `from` has less than `amount`.", funds),
    case(
        "tx-order",
        "the first that is wrong decides",
        "What is looked at, in this order, and the first that is wrong decides:",
        order,
    ),
    case(
        "tx-refused-id",
        "the id of a refused transaction may be used again",
        "A refused transaction (400, 422) leaves nothing behind; its `id` may be used again.",
        refused_id,
    ),
];

/// A transaction with an amount in this form.
fn with_amount(transaction: &Transaction, amount: &str) -> String {
    let Transaction { id, from, to, .. } = transaction;
    format!(r#"{{"id":"{id}","from":"{from}","to":"{to}","amount":{amount}}}"#)
}

fn amounts(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1)?;
    for amount in
        ["0", "-1", "1.5", "-0", "0.0", "1e-1", "0.9999999999", "9007199254740992", "9.1e15", "1e300"]
    {
        let transaction = ledger.transaction(&from, &to, 1);
        ledger.post(with_amount(&transaction, amount))?.is_refused(422, AMOUNT)?;
    }
    // The largest amount is one, if more than anybody has.
    let transaction = ledger.transaction(&from, &to, 9_007_199_254_740_991);
    ledger.post(transaction.json().to_string())?.is_refused(422, FUNDS)?;
    ledger.is_unmoved("amounts that are 422")
}

fn amount_forms(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1000)?;
    let before = ledger.balances([from.clone(), to.clone()].into_iter())?;
    for (amount, units) in
        [("5", 5), ("5.0", 5), ("5e0", 5), ("50e-1", 5), ("1e2", 100), ("0.5e1", 5), ("1.0E+2", 100)]
    {
        let transaction = ledger.transaction(&from, &to, units);
        let answer = ledger.post(with_amount(&transaction, amount))?;
        super::client::receipt(&answer, &transaction.id)?;
        ledger.finds(&transaction)?;
    }
    ledger.follows(before)
}

fn unknown(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let known = account(0);
    for name in [
        "acct-1000",
        "acct-0",
        "acct-00000",
        "ACCT-0000",
        "",
        " acct-0000",
        "acct--001",
        "acct-+001",
        "acct-1e2",
    ] {
        for (from, to) in [(name, known.as_str()), (&known, name)] {
            let transaction = ledger.transaction(from, to, 1);
            ledger.post(transaction.json().to_string())?.is_refused(422, UNKNOWN)?;
        }
    }
    ledger.is_unmoved("transactions of unknown accounts")
}

fn same(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, _) = ledger.pair(1)?;
    let transaction = ledger.transaction(&from, &from, 1);
    ledger.post(transaction.json().to_string())?.is_refused(422, SAME)?;
    ledger.is_unmoved("a transaction from an account to itself")
}

fn funds(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1)?;
    let all = ledger.balance(&from)? as u64;
    let more = ledger.transaction(&from, &to, all + 1);
    ledger.post(more.json().to_string())?.is_refused(422, FUNDS)?;
    ledger.is_unmoved("an amount that the account has not")?;
    let exact = ledger.transaction(&from, &to, all);
    ledger.apply(&exact)?;
    let none = ledger.transaction(&from, &to, 1);
    ledger.post(none.json().to_string())?.is_refused(422, FUNDS)?;
    let back = ledger.transaction(&to, &from, all);
    ledger.apply(&back)?;
    let balance = ledger.balance(&from)?;
    if balance == i128::from(all) {
        return Ok(());
    }
    Err(Fault::new("all of an account there and back", format!("a balance of {all}"), balance.to_string()))
}

fn order(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(2)?;
    let applied = ledger.transaction(&from, &to, 1);
    let first = ledger.apply(&applied)?;
    let known = applied.id.as_str();
    let new = ledger.transaction(&from, &to, 1).id;
    let all = 9_007_199_254_740_991_u64;
    let body = |id: &str, from: &str, to: &str, amount: Value| {
        json!({ "id": id, "from": from, "to": to, "amount": amount }).to_string()
    };
    // Form before a known id, and before everything else.
    for wrong in [
        body(known, &from, &to, json!("1")),
        json!({ "id": known, "from": from, "to": to }).to_string(),
        body("a b", "nobody", "nobody", json!(-1)),
    ] {
        ledger.post(wrong)?.is(400)?;
    }
    // A known id before all that is 422.
    for again in [
        body(known, &from, &to, json!(-1)),
        body(known, "nobody", &to, json!(1)),
        body(known, &from, &from, json!(1)),
        body(known, &from, &to, json!(all)),
    ] {
        let receipt = super::client::receipt(&ledger.post(again)?, known)?;
        if receipt != first {
            return Err(Fault::new("a known id", format!("{first:?}"), format!("{receipt:?}")));
        }
    }
    for (body, message) in [
        (body(&new, "nobody", "nobody", json!(0)), AMOUNT),
        (body(&new, &from, &from, json!(1.5)), AMOUNT),
        (body(&new, "nobody", "nobody", json!(all)), UNKNOWN),
        (body(&new, &from, "nobody", json!(all)), UNKNOWN),
        (body(&new, &from, &from, json!(all)), SAME),
        (body(&new, &from, &to, json!(all)), FUNDS),
    ] {
        ledger.post(body)?.is_refused(422, message)?;
    }
    Ok(())
}

fn refused_id(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1)?;
    let right = ledger.transaction(&from, &to, 1);
    ledger.post(with_amount(&right, "\"1\""))?.is(400)?;
    let unknown = Transaction { to: "nobody".to_owned(), ..right.clone() };
    let same = Transaction { to: from.clone(), ..right.clone() };
    let more = Transaction { amount: 9_007_199_254_740_991, ..right.clone() };
    ledger.post(with_amount(&right, "0"))?.is_refused(422, AMOUNT)?;
    for (refused, message) in [(unknown, UNKNOWN), (same, SAME), (more, FUNDS)] {
        ledger.post(refused.json().to_string())?.is_refused(422, message)?;
    }
    ledger.is_unmoved("refused transactions")?;
    ledger.apply(&right)?;
    ledger.finds(&right)
}
