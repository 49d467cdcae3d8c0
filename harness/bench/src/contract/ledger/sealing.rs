//! The cases of when a block is sealed, and of what its receipts say.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::{Block, FULL, Transaction};
use super::client::{Ledger, Receipt, receipt};
use std::time::{Duration, Instant};

/// The least that sealing by time takes: 50 ms, less what a timer may be early.
pub(super) const EARLIEST: Duration = Duration::from_millis(45);
/// The most that the quickest of several may take, on a machine that does much else.
const LATEST: Duration = Duration::from_secs(1);
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

const SEALED: &str = "The open block is **sealed** when it holds 100 transactions, or 50 ms after its first one was put into it, whichever comes first.";

pub(super) const CASES: &[Case] = &[
    case(
        "tx-receipt",
        "a receipt once the block is sealed, with its place",
        "`block` is the height, `index` the place in it. The receipt is given when the block is **sealed**.",
        receipts,
    ),
    case("seal-after-50-ms", "one transaction is sealed after 50 ms, not before", SEALED, by_time),
    case("seal-from-the-first", "50 ms after the first, not after the last", SEALED, from_the_first),
    case("seal-at-100", "a hundred transactions are sealed at once", SEALED, at_100),
    case(
        "seal-no-empty-blocks",
        "no blocks without transactions",
        "There are no empty blocks.",
        no_empty_blocks,
    ),
    case(
        "moves-at-once",
        "balances change before the block is sealed",
        "Otherwise the amount moves at once: whoever asks next sees the new balances.",
        moves_at_once,
    ),
];

/// Whether every transaction is where its receipt says.
pub(super) fn are_where_they_say(blocks: &[Block], promised: &[(Receipt, Transaction)]) -> Result<(), Fault> {
    for (receipt, transaction) in promised {
        let block = blocks.iter().find(|block| block.height == receipt.block);
        let found = block.and_then(|block| block.transactions.get(receipt.index as usize));
        if found != Some(transaction) {
            let place = format!("at {} of block {}", receipt.index, receipt.block);
            let came = found.map_or("nothing".to_owned(), |found| found.json().to_string());
            let sent = format!("the transaction {}", transaction.json());
            return Err(Fault::new(sent, format!("it {place}, as its receipt says"), came));
        }
    }
    Ok(())
}

/// The quickest of several must come before any block could be sealed by time.
pub(super) fn at_once(sent: &str, mut ask: impl FnMut() -> Result<(), Fault>) -> Result<(), Fault> {
    let mut shortest = Duration::MAX;
    for _ in 0..TRIES {
        let began = Instant::now();
        ask()?;
        shortest = shortest.min(began.elapsed());
        if shortest < EARLIEST {
            return Ok(());
        }
    }
    Err(Fault::new(sent, "an answer at once", format!("{TRIES} answers, the quickest after {shortest:?}")))
}

fn receipts(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    for _ in 0..3 {
        let transaction = ledger.transaction(&from, &to, 1);
        let answer = ledger.post(transaction.json().to_string())?;
        let receipt = receipt(&answer, &transaction.id)?;
        if receipt.status != "committed" {
            return Err(answer.wrong("a receipt whose status is committed"));
        }
        // No wait: the block that a receipt names is there for whoever has read the receipt.
        are_where_they_say(&ledger.new_blocks()?, &[(receipt, transaction)])?;
    }
    Ok(())
}

fn by_time(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(10)?;
    let mut shortest = Duration::MAX;
    for _ in 0..5 {
        let transaction = ledger.transaction(&from, &to, 1);
        let began = Instant::now();
        ledger.apply(&transaction)?;
        shortest = shortest.min(began.elapsed());
    }
    if (EARLIEST..LATEST).contains(&shortest) {
        return Ok(());
    }
    let came = format!("five receipts, the quickest after {shortest:?}");
    Err(Fault::new("POST /tx alone", "a receipt after 50 ms", came))
}

/// Who counts from the last one seals nothing as long as they keep coming.
fn from_the_first(wire: &Wire) -> Result<(), Fault> {
    const COUNT: usize = 40;
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(COUNT as i128)?;
    let mut connections = Vec::with_capacity(COUNT);
    let began = Instant::now();
    for number in 0..COUNT {
        let transaction = ledger.transaction(&from, &to, 1);
        let mut connection = Connection::open(wire)?;
        connection.send(&ledger.posted(transaction.json().to_string()))?;
        connections.push((connection, transaction));
        let due = Duration::from_millis(20 * (number as u64 + 1));
        wire.sleep(due.saturating_sub(began.elapsed()))?;
    }
    for (connection, transaction) in &mut connections {
        receipt(&connection.answer()?, &transaction.id)?;
    }
    let blocks = ledger.new_blocks()?.len();
    if blocks >= 3 {
        return Ok(());
    }
    let sent = format!("{COUNT} transactions, one every 20 ms");
    Err(Fault::new(sent, "a block for every 50 ms", format!("{blocks} blocks")))
}

fn at_100(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair((TRIES * FULL) as i128)?;
    at_once("100 transactions into a new block", || {
        let transactions: Vec<_> = (0..FULL).map(|_| ledger.transaction(&from, &to, 1)).collect();
        ledger.apply_batch(&transactions).map(|_| ())
    })?;
    match ledger.new_blocks()?.iter().find(|block| block.transactions.len() != FULL) {
        None => Ok(()),
        Some(block) => {
            let came = format!("block {} with {}", block.height, block.transactions.len());
            Err(Fault::new("100 transactions into a new block", "blocks of 100", came))
        }
    }
}

fn no_empty_blocks(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(100)?;
    // A full block leaves an empty one behind, and a timer that may still be running.
    let transactions: Vec<_> = (0..FULL).map(|_| ledger.transaction(&from, &to, 1)).collect();
    ledger.apply_batch(&transactions)?;
    wire.sleep(Duration::from_millis(300))?;
    let blocks = ledger.new_blocks()?.len();
    if blocks == 1 {
        return Ok(());
    }
    Err(Fault::new("100 transactions, then nothing for 300 ms", "one block", format!("{blocks} blocks")))
}

/// The block of a transaction that waits for its receipt is looked at from another connection. Since it is open for 50 ms
/// only, some tries may come too late.
fn moves_at_once(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(TRIES as i128)?;
    let sent = "GET /accounts/{id} while a transaction is in the open block";
    for _ in 0..TRIES {
        let before = (ledger.settled()?, ledger.balance(&from)?, ledger.balance(&to)?);
        let transaction = ledger.transaction(&from, &to, 1);
        let mut connection = Connection::open(wire)?;
        connection.send(&ledger.posted(transaction.json().to_string()))?;
        let mut seen = ledger.state()?;
        while seen.pending == 0 && seen.height == before.0.height {
            seen = ledger.state()?;
            if connection.begins_within(Duration::ZERO)? {
                break;
            }
        }
        let (gave, took) = (ledger.balance(&from)?, ledger.balance(&to)?);
        let after = ledger.state()?;
        receipt(&connection.answer()?, &transaction.id)?;
        if after.height > before.0.height || seen.pending == 0 {
            continue;
        }
        if (seen.pending, seen.transactions) != (1, before.0.transactions) {
            let came = format!("pending {}, transactions {}", seen.pending, seen.transactions);
            let expected = format!("pending 1, transactions {}", before.0.transactions);
            return Err(Fault::new("GET /ledger while a transaction is in the open block", expected, came));
        }
        if (gave, took) == (before.1 - 1, before.2 + 1) {
            return Ok(());
        }
        let expected = format!("{} and {}", before.1 - 1, before.2 + 1);
        return Err(Fault::new(sent, expected, format!("{gave} and {took}")));
    }
    Err(Fault::new(sent, "an open block to look at", format!("none in {TRIES} tries")))
}
