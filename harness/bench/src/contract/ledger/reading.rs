//! The cases of what is read of the ledger: its sums, its blocks, its accounts.

use super::super::case::{Case, Check, Group};
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::wire::Wire;
use super::client::{ACCOUNTS, Ledger, account, read_blocks};

/// Transactions of a batch that makes ten blocks.
const BATCH: usize = 1000;
/// Blocks that a request without `limit` gets, and the most that one can have.
const USUAL: usize = 100;

const fn case(
    id: &'static str,
    what: &'static str,
    contract: &'static str,
    talk: fn(&Wire) -> Result<(), Fault>,
) -> Case {
    Case { id, group: Group::Ledger, what, contract, check: Check::Talk(talk) }
}

const BLOCKS: &str = "sealed blocks from height `from` on (1 by default, at least 1), at most `limit` of them (100 by default, 1 to 1,000). Beyond the last block the list is empty.";

pub(super) const CASES: &[Case] = &[
    case(
        "ledger-sums",
        "height, head and transactions are of the blocks",
        "`height` is that of the last sealed block (0 at first, and `head` is then 64 zeros), `transactions` how many the sealed blocks hold",
        sums,
    ),
    case("blocks-paging", "from and limit, and what they are by default", BLOCKS, paging),
    case(
        "blocks-query",
        "400 for anything else as from or limit",
        "Anything else for `from` and `limit` is 400.",
        query,
    ),
    case(
        "account",
        "an account's balance, and 404 for any other id",
        "`GET /accounts/acct-0000`: `{\"id\": \"acct-0000\", \"balance\": 999995}`; 404 for any other id.",
        accounts,
    ),
    case(
        "head-ledger",
        "HEAD of what is read: the same headers, no body",
        "`HEAD` is answered wherever `GET` is: the same headers, no body.",
        heads,
    ),
];

fn sums(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(1000)?;
    let count = 137;
    let transactions: Vec<_> = (0..count).map(|_| ledger.transaction(&from, &to, 1)).collect();
    ledger.apply_batch(&transactions)?;
    let (state, blocks) = (ledger.settled()?, ledger.new_blocks()?);
    let last = blocks.last().map(|block| (block.height, block.hash.clone()));
    let held: usize = blocks.iter().map(|block| block.transactions.len()).sum();
    let sent = format!("{count} transactions, then GET /ledger and GET /blocks");
    if last != Some((state.height, state.head.clone())) {
        let expected = format!("the height and the head of the last block, {last:?}");
        return Err(Fault::new(sent, expected, format!("{} and {}", state.height, state.head)));
    }
    let right = (ledger.begun.transactions + count, ledger.begun.balance);
    if (state.transactions, state.balance) != right || held as u64 != count {
        let expected = format!("transactions {} and balance {}", right.0, right.1);
        let came = format!("{} and {}, and {held} in the new blocks", state.transactions, state.balance);
        return Err(Fault::new(sent, expected, came));
    }
    if state.balance != 1_000_000_000 {
        return Err(Fault::new("GET /ledger", "a balance of 1000000000", state.balance.to_string()));
    }
    Ok(())
}

fn paging(wire: &Wire) -> Result<(), Fault> {
    let mut ledger = Ledger::open(wire)?;
    let (from, to) = ledger.pair(BATCH as i128)?;
    let mut ways = [(from.clone(), to.clone()), (to, from)].into_iter().cycle();
    // There and back, so that nobody runs out of units.
    while ledger.settled()?.height < USUAL as u64 + 5 {
        let Some((from, to)) = ways.next() else { break };
        let transactions: Vec<_> = (0..BATCH).map(|_| ledger.transaction(&from, &to, 1)).collect();
        ledger.apply_batch(&transactions)?;
    }
    let last = ledger.settled()?.height;
    for (query, first, count) in [
        (String::new(), 1, USUAL),
        ("?".to_owned(), 1, USUAL),
        ("?from=1&limit=1".to_owned(), 1, 1),
        ("?limit=2".to_owned(), 1, 2),
        ("?from=3".to_owned(), 3, USUAL),
        ("?limit=3&from=2".to_owned(), 2, 3),
        (format!("?from={last}"), last, 1),
        (format!("?from={}&limit=1000", last - 3), last - 3, 4),
        (format!("?from={}", last + 1), 0, 0),
        (format!("?from={}&limit=1000", last + 1_000_000), 0, 0),
    ] {
        let answer = ledger.get(&format!("/blocks{query}"))?;
        let heights: Vec<u64> = read_blocks(&answer)?.iter().map(|block| block.height).collect();
        if !heights.iter().copied().eq((first..).take(count)) {
            let (expected, came) = match count {
                0 => ("no blocks".to_owned(), format!("{} blocks", heights.len())),
                _ => (
                    format!("the blocks {first} to {}", first + count as u64 - 1),
                    format!("{} blocks, the first {:?}", heights.len(), heights.first()),
                ),
            };
            return Err(answer.fault(expected, came));
        }
    }
    Ok(())
}

fn query(wire: &Wire) -> Result<(), Fault> {
    let ledger = Ledger::open(wire)?;
    for query in [
        "from=0",
        "from=-1",
        "from=x",
        "from=1.5",
        "from=",
        "from=1e1",
        "from=0x1",
        "limit=0",
        "limit=-1",
        "limit=1001",
        "limit=ten",
        "limit=",
        "limit=2.0",
        "from=1&limit=0",
        "from=0&limit=1",
    ] {
        ledger.get(&format!("/blocks?{query}"))?.is(400)?.is_error()?;
    }
    Ok(())
}

fn accounts(wire: &Wire) -> Result<(), Fault> {
    let ledger = Ledger::open(wire)?;
    for number in [0, 7, 42, 500, ACCOUNTS - 1] {
        ledger.balance(&account(number))?;
    }
    for id in ["acct-1000", "acct-0", "acct-00000", "ACCT-0000", "nobody", "acct-", "acct--001", "acct-1e2"] {
        ledger.get(&format!("/accounts/{id}"))?.is(404)?.is_error()?;
    }
    for path in [
        "/accounts",
        "/accounts/",
        "/accounts/acct-0000/",
        "/accounts/acct-0000/x",
        "/ledger/",
        "/tx/",
        "/tx/batch/",
        "/blocks/1",
    ] {
        ledger.get(path)?.is(404)?.is_error()?;
    }
    Ok(())
}

fn heads(wire: &Wire) -> Result<(), Fault> {
    // Nothing happens meanwhile, so that the lengths are the same.
    let ledger = Ledger::open(wire)?;
    for path in ["/ledger", "/blocks?limit=2", "/accounts/acct-0000", "/accounts/nobody"] {
        let full = ledger.get(path)?;
        let mut connection = Connection::open(wire)?;
        connection.send(&wire.request("HEAD", path, &[], None))?;
        let head = connection.answer_to_head()?;
        head.is(full.status)?.says_json()?;
        let named = |found: Option<&str>| super::super::answer::named("Content-Length", found);
        if head.header("content-length") != full.header("content-length") {
            let expected = format!("{} as for GET", named(full.header("content-length")));
            return Err(head.fault(expected, named(head.header("content-length"))));
        }
        // A body that should not be there would stand where the next answer begins.
        connection.send(&wire.request("GET", path, &[], None))?;
        connection.answer()?.is(full.status)?;
    }
    Ok(())
}
