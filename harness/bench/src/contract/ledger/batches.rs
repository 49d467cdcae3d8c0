//! The cases of `POST /tx/batch`.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::{Fault, shown};
use super::super::wire::Wire;
use super::chain::{FULL, Transaction};
use super::client::{Ledger, Receipt, batch, receipt, receipts};
use super::refusals::{AMOUNT, FUNDS, SAME, UNKNOWN};
use super::sealing::are_where_they_say;
use serde_json::{Value, json};

/// Transactions of the largest batch.
const MOST: usize = 1000;
/// How often what depends on the machine is tried.
const TRIES: usize = 20;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Ledger, what, contract, check: Check::Talk(talk) }
}

const FILLS: &str = "A batch fills the open block and as many more as it takes: 1,000 transactions into a fresh ledger are blocks 1 to 10.";
const MALFORMED: &str = "If the body is not such an array, or any element would be **400** by itself, the whole is 400 and nothing moves.";

pub(super) const CASES: &[Case] = &[
    case(
        "batch-results",
        "a result for each, refused ones in their places",
        "the answer is an array with one result for each in the same order: the receipt, or, where `POST /tx` would have answered 422,",
        results,
    ),
    case("batch-1000", "1,000 transactions are ten full blocks, a chain", FILLS, ten_blocks),
    case("batch-fills-the-open", "a batch begins in the block that is open", FILLS, fills_the_open),
    case(
        "batch-sealed",
        "the answer comes when its last block is sealed",
        "The answer is given when the last block that it names is sealed",
        sealed,
    ),
    case("batch-malformed", "400 for one bad element, and nothing moves", MALFORMED, malformed),
    case(
        "batch-size",
        "400 for 0 and for 1,001 transactions",
        "`POST /tx/batch` takes a JSON array of 1 to 1,000 transactions.",
        size,
    ),
    case(
        "batch-undivided",
        "no other transaction within a batch",
        "the transactions are applied in order, with no other transaction in between",
        undivided,
    ),
];

fn results(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let all = ledger.balance(&to)? as u64;
    let mut one = |from: &str, to: &str, amount| ledger.transaction(from, to, amount);
    // Each is right or wrong only after those before it: first `to` has 1 more than it had, then nothing.
    let items = [
        (one(&from, &to, 1), ""),
        (one(&to, &from, all + 2), FUNDS),
        (one(&to, &from, all + 1), ""),
        (one(&to, &from, 1), FUNDS),
        (one(&from, "nobody", 1), UNKNOWN),
        (one(&from, &from, 1), SAME),
        (one(&from, &to, 0), AMOUNT),
        (one(&from, &to, all), ""),
    ];
    let before = ledger.balances([from, to].into_iter())?;
    let body = Value::from_iter(items.iter().map(|(transaction, _)| transaction.json()));
    let answer = ledger.post_batch(body.to_string())?;
    let value = answer.json()?;
    let found = value.as_array().map(Vec::as_slice).unwrap_or_default();
    if found.len() != items.len() {
        return Err(answer.wrong(format!("200 with an array of {} results", items.len())));
    }
    let mut promised = Vec::new();
    for (result, (transaction, message)) in found.iter().zip(items) {
        let id = &transaction.id;
        let refused = json!({ "id": id, "status": "refused", "error": message });
        match Receipt::read(result).filter(|receipt| receipt.id == *id && receipt.status == "committed") {
            Some(receipt) if message.is_empty() => promised.push((receipt, transaction)),
            _ if !message.is_empty() && *result == refused => {}
            _ => {
                let expected =
                    if message.is_empty() { format!("a receipt of {id}") } else { refused.to_string() };
                return Err(answer.fault(expected, shown(result.to_string().as_bytes())));
            }
        }
    }
    ledger.settled()?;
    are_where_they_say(&ledger.new_blocks()?, &promised)?;
    ledger.follows(before)
}

fn ten_blocks(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(MOST as i128)?;
    let before = ledger.balances([from.clone(), to.clone()].into_iter())?;
    let transactions: Vec<_> = (0..MOST).map(|_| ledger.transaction(&from, &to, 1)).collect();
    let receipts = ledger.apply_batch(&transactions)?;
    let blocks = ledger.new_blocks()?;
    let sizes: Vec<usize> = blocks.iter().map(|block| block.transactions.len()).collect();
    if sizes != [FULL; MOST / FULL] {
        let sent = "1,000 transactions as one batch, while no block was open";
        return Err(Fault::new(sent, "ten blocks of 100", format!("blocks of {sizes:?}")));
    }
    let promised: Vec<_> = receipts.into_iter().zip(transactions).collect();
    are_where_they_say(&blocks, &promised)?;
    ledger.follows(before)
}

/// The block of a single transaction is open for 50 ms only, so that some tries may come too late.
fn fills_the_open(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair((TRIES * (FULL + 50)) as i128)?;
    let sent = "a transaction, and a batch of 149 while its block is open";
    for _ in 0..TRIES {
        let single = ledger.transaction(&from, &to, 1);
        let transactions: Vec<_> = (0..FULL + 49).map(|_| ledger.transaction(&from, &to, 1)).collect();
        let (mut first, mut second) = (Connection::open(wire)?, Connection::open(wire)?);
        first.send(&ledger.posted(single.json().to_string()))?;
        // Both are on their way at once: which one arrives first is not known, but mostly it is the one that was sent first.
        wire.sleep(std::time::Duration::from_millis(5))?;
        second.send(&wire.request("POST", "/tx/batch", &[], Some(batch(&transactions).as_bytes())))?;
        let alone = receipt(&first.answer()?, &single.id)?;
        let receipts = receipts(&second.answer()?, &transactions)?;
        if receipts[0].block != alone.block || alone.index != 0 {
            continue;
        }
        let places: Vec<(u64, u64)> =
            receipts.iter().map(|one| (one.block - alone.block, one.index)).collect();
        let right: Vec<(u64, u64)> = (1..150).map(|place| (place / 100, place % 100)).collect();
        if places == right {
            return Ok(());
        }
        let at = places.iter().zip(&right).position(|(found, right)| found != right).unwrap_or(0);
        let ((block, index), (right_block, right_index)) = (places[at], right[at]);
        let expected = format!("item {at} at {right_index} of block {right_block} after it");
        return Err(Fault::new(sent, expected, format!("at {index} of block {block} after it")));
    }
    Err(Fault::new(
        sent,
        "the batch to begin in the same block",
        format!("a block of its own in {TRIES} tries"),
    ))
}

fn sealed(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1000)?;
    for _ in 0..3 {
        let transactions: Vec<_> = (0..FULL + 20).map(|_| ledger.transaction(&from, &to, 1)).collect();
        let receipts = ledger.apply_batch(&transactions)?;
        let promised: Vec<_> = receipts.into_iter().zip(transactions).collect();
        are_where_they_say(&ledger.new_blocks()?, &promised)?;
    }
    Ok(())
}

fn malformed(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let mut right = |count: usize| -> Vec<Value> {
        (0..count).map(|_| ledger.transaction(&from, &to, 1).json()).collect()
    };
    let mut bodies: Vec<String> =
        ["", "{}", "null", "5", "[1]", "[null]", "[[]]", "[{}]"].map(str::to_owned).into();
    bodies.push(right(1)[0].to_string());
    for at in [0, 5, 9] {
        for wrong in [json!(null), json!({}), json!("t"), json!([])] {
            let mut items = right(10);
            items[at] = wrong;
            bodies.push(Value::from(items).to_string());
        }
        for (key, wrong) in
            [("id", json!("")), ("id", json!("a b")), ("amount", json!("1")), ("to", json!(1))]
        {
            let mut items = right(10);
            items[at][key] = wrong;
            bodies.push(Value::from(items).to_string());
        }
    }
    let unfinished = Value::from(right(10)).to_string();
    bodies.push(unfinished[..unfinished.len() - 1].to_owned());
    for body in &bodies {
        ledger.post_batch(body)?.is(400)?.is_error()?;
    }
    ledger.is_unmoved("batches that are 400")
}

fn size(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair((MOST + 1) as i128)?;
    ledger.post_batch("[]")?.is(400)?.is_error()?;
    let transactions: Vec<_> = (0..=MOST).map(|_| ledger.transaction(&from, &to, 1)).collect();
    ledger.post_batch(batch(&transactions))?.is(400)?.is_error()?;
    ledger.is_unmoved("batches of 0 and of 1,001")?;
    ledger.apply_batch(&transactions[..1]).map(|_| ())
}

/// Batches at once on several connections, and single transactions between them.
fn undivided(wire: &Wire) -> Result<(), Fault> {
    const BATCHES: usize = 8;
    const EACH: usize = 130;
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair((BATCHES * (EACH + 1)) as i128)?;
    let batches: Vec<Vec<Transaction>> =
        (0..BATCHES).map(|_| (0..EACH).map(|_| ledger.transaction(&from, &to, 1)).collect()).collect();
    let singles: Vec<Transaction> = (0..BATCHES).map(|_| ledger.transaction(&from, &to, 1)).collect();
    let mut connections = (0..2 * BATCHES).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>()?;
    for (at, connection) in connections.iter_mut().enumerate() {
        connection.send(&if at % 2 == 0 {
            wire.request("POST", "/tx/batch", &[], Some(batch(&batches[at / 2]).as_bytes()))
        } else {
            ledger.posted(singles[at / 2].json().to_string())
        })?;
    }
    for (at, connection) in connections.iter_mut().enumerate() {
        let answer = connection.answer()?;
        if at % 2 == 0 {
            receipts(&answer, &batches[at / 2])?;
        } else {
            receipt(&answer, &singles[at / 2].id)?;
        }
    }
    let blocks = ledger.new_blocks()?;
    let ids: Vec<&str> =
        blocks.iter().flat_map(|block| &block.transactions).map(|one| one.id.as_str()).collect();
    for items in &batches {
        let start = ids.iter().position(|id| *id == items[0].id).unwrap_or(ids.len());
        let found = ids[start..].iter().copied().take(EACH);
        if !found.eq(items.iter().map(|one| one.id.as_str())) {
            let sent = format!("{BATCHES} batches of {EACH} and {BATCHES} transactions at once");
            return Err(Fault::new(
                sent,
                "each batch one after the other in the blocks",
                "another in between",
            ));
        }
    }
    Ok(())
}
