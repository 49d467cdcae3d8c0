//! What can be looked at: `GET /ledger`, `GET /blocks`, `GET /accounts/{id}` and `GET /metrics`.
//!
//! It copies what it needs while it has the ledger, and makes JSON of it afterwards.

use std::sync::Arc;

use hyper::StatusCode;
use prometheus::TEXT_FORMAT;
use serde::Serialize;

use crate::ledger::{Account, Block, Ledger};
use crate::node::Node;
use crate::reply::Reply;
use crate::service::Service;

/// Blocks of an answer: unless asked for otherwise, and at most.
const USUAL_BLOCKS: usize = 100;
const MOST_BLOCKS: usize = 1_000;

/// Answers `GET /ledger`.
pub(crate) fn ledger(node: &Node) -> Reply {
    Reply::json(&node.read(Ledger::state))
}

/// Answers `GET /blocks`.
pub(crate) async fn blocks(query: &str, service: &Service) -> Reply {
    let Page { from, limit } = match Page::of(query) {
        Ok(page) => page,
        Err(message) => return Reply::error(StatusCode::BAD_REQUEST, &message),
    };
    let blocks = service.node.read(|ledger| ledger.blocks(from, limit));
    if blocks.len() <= USUAL_BLOCKS {
        return show(&blocks);
    }
    let showing = service.pool.spawn_blocking(move || show(&blocks));
    showing.await.expect("showing blocks cannot fail, and the pool outlives the workers")
}

/// Takes a millisecond or two for [`USUAL_BLOCKS`] that are full.
fn show(blocks: &[Arc<Block>]) -> Reply {
    #[derive(Serialize)]
    struct Blocks<'ledger> {
        blocks: Vec<&'ledger Block>,
    }
    Reply::json(&Blocks { blocks: blocks.iter().map(AsRef::as_ref).collect() })
}

/// Answers `GET /metrics`.
pub(crate) async fn metrics(service: &Service) -> Reply {
    let metrics = Arc::clone(service.recorder.metrics());
    let showing = service.pool.spawn_blocking(move || metrics.text());
    let text = showing.await.expect("showing metrics cannot fail, and the pool outlives the workers");
    Reply::ok(text).of_type(TEXT_FORMAT)
}

/// Answers `GET /accounts/{id}`.
pub(crate) fn account(id: &str, node: &Node) -> Reply {
    #[derive(Serialize)]
    struct Holding {
        id: Account,
        balance: u64,
    }
    match Account::of(id) {
        Some(id) => Reply::json(&Holding { id, balance: node.read(|ledger| ledger.balance(id)) }),
        None => Reply::error(StatusCode::NOT_FOUND, &format!("there is no account {id}; try acct-0000")),
    }
}

/// Which blocks are asked for.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    /// A height, at least 1.
    from: usize,
    /// From 1 to [`MOST_BLOCKS`].
    limit: usize,
}

impl Page {
    /// Reads `from=1&limit=100`; of equal keys the last wins, and other keys are ignored.
    fn of(query: &str) -> Result<Self, String> {
        let mut page = Self { from: 1, limit: USUAL_BLOCKS };
        for pair in query.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            match key {
                "from" => page.from = within(key, value, usize::MAX)?,
                "limit" => page.limit = within(key, value, MOST_BLOCKS)?,
                _ => {}
            }
        }
        Ok(page)
    }
}

/// Reads a number from 1 to `most`. One that is too large for the machine is the largest that it has: there is no block
/// that high either.
fn within(key: &str, value: &str, most: usize) -> Result<usize, String> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| value.parse().unwrap_or(usize::MAX));
    number.filter(|number| (1..=most).contains(number)).ok_or_else(|| {
        let range = if most == usize::MAX { "of at least 1".to_owned() } else { format!("from 1 to {most}") };
        format!("`{key}` is `{value}`, not a whole number {range}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_a_page() {
        for (query, from, limit) in [
            ("", 1, 100),
            ("from=3", 3, 100),
            ("limit=1000", 1, 1_000),
            ("limit=1&from=20", 20, 1),
            ("verbose&from=2&x=y=z", 2, 100),
            ("from=1&from=2", 2, 100),
            ("from=99999999999999999999999999", usize::MAX, 100),
        ] {
            assert_eq!(Page::of(query), Ok(Page { from, limit }), "{query}");
        }
    }

    #[test]
    fn anything_else_is_refused_and_named() {
        for query in ["from=0", "from=", "from", "from=-1", "from=+1", "from=1.0", "from= 1", "from=x"] {
            let message = Page::of(query).expect_err(query);
            assert!(message.contains("`from`") && message.ends_with("at least 1"), "{message}");
        }
        for query in ["limit=0", "limit=1001", "limit=", "limit=1e2", "limit=99999999999999999999999999"] {
            let message = Page::of(query).expect_err(query);
            assert!(message.contains("`limit`") && message.ends_with("from 1 to 1000"), "{message}");
        }
    }
}
