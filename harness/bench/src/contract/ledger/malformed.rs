//! The cases of what is no transaction at all: 400, and nothing moves.

use super::super::case::{Case, Check, Exchange, Group};
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::Transaction;
use super::client::Ledger;
use serde_json::{Value, json};

const fn case(id: &'static str, what: &'static str, contract: &'static str, check: Check) -> Case {
    Case { id, group: Group::Ledger, what, contract, check }
}

const fn disallowed(method: &'static str, path: &'static str, allow: &'static str) -> Exchange {
    Exchange { request: (method, path), body: None, status: 405, header: Some(("Allow", allow)) }
}

pub(super) const CASES: &[Case] = &[
    case(
        "method-ledger",
        "405 with Allow for other methods of all five",
        "`Allow: POST`, or `Allow: GET, HEAD`; the connection stays",
        Check::Answered(&[
            disallowed("GET", "/tx", "POST"),
            disallowed("PUT", "/tx", "POST"),
            disallowed("GET", "/tx/batch", "POST"),
            disallowed("DELETE", "/tx/batch", "POST"),
            disallowed("POST", "/ledger", "GET, HEAD"),
            disallowed("DELETE", "/ledger", "GET, HEAD"),
            disallowed("POST", "/blocks", "GET, HEAD"),
            disallowed("PATCH", "/blocks?from=1", "GET, HEAD"),
            disallowed("POST", "/accounts/acct-0000", "GET, HEAD"),
            disallowed("PUT", "/accounts/acct-0000", "GET, HEAD"),
        ]),
    ),
    case(
        "tx-malformed",
        "400 for what is no object of four keys",
        "**400** if the body is not JSON, is not an object, lacks one of the four keys, or one of them has another type",
        Check::Talk(malformed),
    ),
    case(
        "tx-id",
        "ids of 1 to 64 characters, and 400 for others",
        "or if `id` is not 1 to 64 characters of `A-Z a-z 0-9 . _ -`.",
        Check::Talk(ids),
    ),
    case("tx-other-keys", "other keys are ignored", "other keys are ignored.", Check::Talk(other_keys)),
];

fn malformed(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1)?;
    let good = ledger.transaction(&from, &to, 1).json();
    let mut bodies: Vec<String> =
        ["", "{", "[]", "null", "5", "\"t-1\"", "{}", "{\"id\":\"a\"} 1"].map(str::to_owned).into();
    bodies.push(format!("[{good}]"));
    for key in ["id", "from", "to", "amount"] {
        let mut without = good.clone();
        without.as_object_mut().and_then(|object| object.remove(key));
        bodies.push(without.to_string());
        let other = if key == "amount" { json!("1") } else { json!(1) };
        for wrong in [other, Value::Null, json!(true), json!([]), json!({})] {
            let mut changed = good.clone();
            changed[key] = wrong;
            bodies.push(changed.to_string());
        }
    }
    // Names are compared exactly.
    bodies.push(good.to_string().replacen("\"amount\"", "\"Amount\"", 1));
    for body in &bodies {
        ledger.post(body)?.is(400)?.is_error()?;
    }
    ledger.is_unmoved("transactions that are 400")
}

fn ids(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let too_long = "x".repeat(65);
    for id in ["", " ", "a b", "a/b", "é", "a:b", "a\n", "a\u{0}", "t+1", &too_long] {
        let refused = Transaction { id: id.to_owned(), ..ledger.transaction(&from, &to, 1) };
        ledger.post(refused.json().to_string())?.is(400)?.is_error()?;
    }
    ledger.is_unmoved("transactions whose `id` is 400")?;
    for rest in [".", "_-AZaz09.", &too_long] {
        let transaction = ledger.transaction(&from, &to, 1);
        let mut id = format!("{}{rest}", transaction.id);
        id.truncate(64);
        let transaction = Transaction { id, ..transaction };
        ledger.apply(&transaction)?;
        ledger.finds(&transaction)?;
    }
    Ok(())
}

fn other_keys(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1)?;
    let transaction = ledger.transaction(&from, &to, 1);
    let mut body = transaction.json();
    body["note"] = json!({ "id": 5, "amount": [null] });
    body["ID"] = json!("another");
    let answer = ledger.post(body.to_string())?;
    super::client::receipt(&answer, &transaction.id)?;
    ledger.finds(&transaction)
}
