//! The cases of many connections at once: nothing is lost, nothing comes twice, and whoever reads sees one moment.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::chain::Transaction;
use super::client::{Ledger, account, receipt};
use super::sealing::are_where_they_say;
use std::collections::BTreeMap;

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 6;
/// Accounts that take part: few, so that their transactions meet.
const ACCOUNTS: usize = 16;

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
        "ledger-parallel",
        "64 connections at once: every id once, one chain",
        "All of it is one ledger, whatever connection a request comes by.",
        parallel,
    ),
    case(
        "ledger-one-moment",
        "who reads meanwhile sees no half transaction",
        "no reader ever sees an amount that has left one account and not reached the other, nor a height without its head.",
        one_moment,
    ),
];

/// A round of transactions, one for each connection, in a ring of accounts: what one gives another one needs.
fn round(ledger: &mut Ledger, first: usize, round: usize) -> Vec<Transaction> {
    (0..CONNECTIONS)
        .map(|number| {
            let from = account(first + number % ACCOUNTS);
            let to = account(first + (number * 5 + round + 1 + number / ACCOUNTS) % ACCOUNTS);
            let to = if to == from { account(first + (number + 1) % ACCOUNTS) } else { to };
            ledger.transaction(&from, &to, 1 + (number % 3) as u64)
        })
        .collect()
}

/// The first of accounts in a row of which every one can give what a case needs.
fn rich(ledger: &Ledger) -> Result<usize, Fault> {
    let least = (3 * CONNECTIONS * ROUNDS) as i128;
    let mut row = 0;
    for number in 0..super::client::ACCOUNTS {
        row = if ledger.balance(&account(number))? >= least { row + 1 } else { 0 };
        if row == ACCOUNTS {
            return Ok(number + 1 - ACCOUNTS);
        }
    }
    Err(Fault::new("GET /accounts/{id} for all", format!("{ACCOUNTS} in a row with {least} each"), "none"))
}

fn parallel(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let first = rich(&ledger)?;
    let before = ledger.balances((first..first + ACCOUNTS).map(account))?;
    let mut connections = (0..CONNECTIONS).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>()?;
    let mut promised = Vec::new();
    for number in 0..ROUNDS {
        let transactions = round(&mut ledger, first, number);
        for (connection, transaction) in connections.iter_mut().zip(&transactions) {
            connection.send(&ledger.posted(transaction.json().to_string()))?;
        }
        for (connection, transaction) in connections.iter_mut().zip(transactions) {
            let answer = connection.answer()?;
            promised.push((receipt(&answer, &transaction.id)?, transaction));
            if !answer.keeps_open {
                *connection = Connection::open(wire)?;
            }
        }
    }
    ledger.settled()?;
    let sent = format!("{} transactions on {CONNECTIONS} connections", promised.len());
    let blocks = ledger.new_blocks()?;
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for transaction in blocks.iter().flat_map(|block| &block.transactions) {
        *times.entry(&transaction.id).or_default() += 1;
    }
    let missing: Vec<&str> = promised
        .iter()
        .map(|(_, transaction)| transaction.id.as_str())
        .filter(|id| !times.contains_key(id))
        .collect();
    if let Some(id) = missing.first() {
        let came = format!("{} of them in no block, {id} for one", missing.len());
        return Err(Fault::new(sent, "every id in the blocks, once", came));
    }
    if times.len() != promised.len() {
        return Err(Fault::new(sent, "their ids in the blocks", format!("{} ids", times.len())));
    }
    are_where_they_say(&blocks, &promised)?;
    ledger.follows(before)
}

/// The sum of all accounts is the same at every moment, and a head is always that of its height.
fn one_moment(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let first = rich(&ledger)?;
    let mut writers = (0..CONNECTIONS).map(|_| Connection::open(wire)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = Vec::new();
    for number in 0..ROUNDS {
        let transactions = round(&mut ledger, first, number);
        for (at, (connection, transaction)) in writers.iter_mut().zip(&transactions).enumerate() {
            connection.send(&ledger.posted(transaction.json().to_string()))?;
            if at % 8 == 0 {
                seen.push(ledger.state()?);
            }
        }
        for (connection, transaction) in writers.iter_mut().zip(&transactions) {
            let answer = connection.answer()?;
            receipt(&answer, &transaction.id)?;
            if !answer.keeps_open {
                *connection = Connection::open(wire)?;
            }
        }
    }
    ledger.settled()?;
    // What was true at each height: how many transactions the chain held, and its head.
    let mut truths =
        BTreeMap::from([(ledger.begun.height, (ledger.begun.transactions, ledger.begun.head.clone()))]);
    let mut transactions = ledger.begun.transactions;
    for block in ledger.new_blocks()? {
        transactions += block.transactions.len() as u64;
        truths.insert(block.height, (transactions, block.hash));
    }
    for state in seen {
        let right = truths.get(&state.height).map(|(count, head)| (*count, head.as_str()));
        let fits = right == Some((state.transactions, state.head.as_str()));
        if !fits || state.balance != ledger.begun.balance || state.pending >= 100 {
            let expected = format!("the sum {} and the head of its height", ledger.begun.balance);
            return Err(Fault::new("GET /ledger among many transactions", expected, format!("{state:?}")));
        }
    }
    Ok(())
}
