//! What the ledger shows, and that it is one ledger whatever connection is used.

use std::thread;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::client::{post, request};
use crate::server::{Server, program};
use crate::transactions::{batch, unit};

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Fills blocks with batches of 100: `t-0` to `t-99` and so on.
fn fill(server: &Server, blocks: usize) {
    let mut client = server.connect();
    for block in 0..blocks {
        let ids = (block * 100..block * 100 + 100).map(|number| unit(&format!("t-{number}")));
        assert_eq!(client.post("/tx/batch", &batch(ids)).status, 200);
    }
}

fn heights(answer: &Value) -> Vec<u64> {
    let blocks = answer["blocks"].as_array().expect("an array of blocks");
    blocks.iter().map(|block| block["height"].as_u64().expect("a height")).collect()
}

#[test]
fn a_fresh_ledger_is_empty() {
    let server = Server::start();
    let mut client = server.connect();
    let answer = client.get("/ledger");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let expected =
        json!({"height": 0, "transactions": 0, "pending": 0, "balance": 1_000_000_000, "head": ZEROS});
    assert_eq!(answer.json(), expected);
    assert_eq!(client.get("/blocks").json(), json!({"blocks": []}));
}

#[test]
fn a_block_shows_its_transactions_and_its_place_in_the_chain() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    client.post("/tx", r#"{"id":"t-1","from":"acct-0000","to":"acct-0001","amount":5}"#);
    client.post("/tx", r#"{"id":"t-2","from":"acct-0001","to":"acct-0000","amount":1e0}"#);
    let first = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
    let answer = client.get("/blocks").json();
    let (height_1, height_2) = (&answer["blocks"][0], &answer["blocks"][1]);
    assert_eq!(
        height_1,
        &json!({"height": 1, "previous": ZEROS, "hash": first, "transactions":
            [{"id": "t-1", "from": "acct-0000", "to": "acct-0001", "amount": 5}]})
    );
    assert_eq!((&height_2["height"], &height_2["previous"]), (&json!(2), &json!(first)));
    assert_eq!(height_2["transactions"][0]["amount"], 1);
    assert_eq!(client.get("/ledger").json()["head"], height_2["hash"]);
    assert_eq!(heights(&answer), [1, 2]);
}

#[test]
fn blocks_are_shown_in_pages() {
    let server = Server::start_in(&[]);
    fill(&server, 3);
    let mut client = server.connect();
    for (query, expected) in [
        ("", &[1_u64, 2, 3] as &[_]),
        ("?from=2", &[2, 3]),
        ("?limit=2", &[1, 2]),
        ("?limit=1&from=3", &[3]),
        ("?from=4", &[]),
        ("?from=99999999999999999999&limit=1000", &[]),
        ("?other=1", &[1, 2, 3]),
    ] {
        let answer = client.get(&format!("/blocks{query}"));
        assert_eq!((answer.status, heights(&answer.json())), (200, expected.to_vec()), "{query}");
    }
    for query in ["from=0", "from=-1", "from=1.5", "from=", "from=x", "limit=0", "limit=1001", "limit=all"] {
        client.get(&format!("/blocks?{query}")).error(400);
    }
    assert_eq!(client.get("/blocks").status, 200, "the connection stays");
}

#[test]
fn without_a_limit_100_blocks_are_shown() {
    let server = Server::start_in(&[]);
    fill(&server, 101);
    let mut client = server.connect();
    assert_eq!(heights(&client.get("/blocks").json()).len(), 100);
    assert_eq!(heights(&client.get("/blocks?limit=1000").json()).len(), 101);
}

#[test]
fn an_account_is_shown_and_any_other_id_is_404() {
    let server = Server::start();
    let mut client = server.connect();
    for id in ["acct-0000", "acct-0999"] {
        let answer = client.get(&format!("/accounts/{id}"));
        assert_eq!((answer.status, answer.json()), (200, json!({"id": id, "balance": 1_000_000})));
    }
    for id in ["acct-1000", "acct-1", "ACCT-0000", "acct-0000/", "acct-0000/x", ""] {
        client.get(&format!("/accounts/{id}")).error(404);
    }
    client.send(request("HEAD", "/accounts/acct-0000"));
    let head = client.head();
    assert_eq!((head.status, head.header("content-length")), (200, Some("36")));
}

#[test]
fn it_is_one_ledger_for_all_connections_and_no_amount_is_ever_on_its_way() {
    let server = Server::start_with(&["--threads", "4"]);
    let server = &server;
    thread::scope(|scope| {
        for writer in 0..8 {
            scope.spawn(move || {
                let mut client = server.connect();
                for number in 0..10 {
                    let ids = (0..50).map(|index| unit(&format!("{writer}-{number}-{index}")));
                    assert_eq!(client.post("/tx/batch", &batch(ids)).status, 200);
                }
            });
        }
        scope.spawn(move || {
            let mut client = server.connect();
            for _ in 0..300 {
                let state = client.get("/ledger").json();
                assert_eq!(state["balance"], 1_000_000_000);
                let height = state["height"].as_u64().expect("a height");
                if height > 0 {
                    let block = client.get(&format!("/blocks?from={height}&limit=1")).json();
                    assert_eq!(block["blocks"][0]["hash"], state["head"], "a height has its head");
                }
            }
        });
    });
    let mut client = server.connect();
    let state = client.get("/ledger").json();
    assert_eq!((&state["transactions"], &state["pending"]), (&json!(4_000), &json!(0)));
    assert_eq!(client.get("/accounts/acct-0001").json()["balance"], 1_004_000);
    let blocks = client.get("/blocks?limit=1000").json();
    let mut previous = json!(ZEROS);
    for block in blocks["blocks"].as_array().expect("blocks") {
        assert_eq!(block["previous"], previous);
        previous = block["hash"].clone();
    }
    assert_eq!(previous, state["head"]);
}

#[test]
fn the_same_id_on_many_connections_is_applied_once() {
    let server = Server::start_with(&["--threads", "4"]);
    let mut clients: Vec<_> = (0..32).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.send(post("/tx", &unit("t")));
    }
    for client in &mut clients {
        let answer = client.answer().json();
        assert_eq!(answer, json!({"id": "t", "status": "committed", "block": 1, "index": 0}));
    }
    assert_eq!(server.connect().get("/accounts/acct-0001").json()["balance"], 1_000_001);
}

#[test]
fn a_transaction_in_flight_gets_its_receipt_before_the_end() {
    let mut server = Server::start_with(&["--threads", "2", "--drain-timeout-ms", "20000"]);
    let mut client = server.connect();
    let mut reader = server.connect();
    // On a busy machine a block may be sealed before it was seen open.
    let mut number = 0;
    loop {
        client.send(post("/tx", &unit(&format!("t-{number}"))));
        if (0..20).any(|_| reader.get("/ledger").json()["pending"] == 1) {
            break;
        }
        assert_eq!(client.answer().status, 200);
        number += 1;
    }
    server.signal(Signal::TERM);
    let answer = client.answer();
    assert_eq!((answer.status, &answer.json()["status"]), (200, &json!("committed")));
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn another_word_for_when_receipts_are_given_is_refused() {
    let output =
        program().args(["--port", "0"]).env("LEDGER_ACK", "later").output().expect("the program runs");
    let message = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("LEDGER_ACK") && message.contains("`later`"), "{message}");
    assert!(output.stdout.is_empty(), "nothing is announced");
}
