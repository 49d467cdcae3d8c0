//! `POST /tx` and `POST /tx/batch`: what is refused, in which order, and what a receipt says.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Client, post};
use crate::server::Server;

/// A transfer of one unit from `acct-0000` to `acct-0001`.
pub(crate) fn unit(id: &str) -> String {
    json!({"id": id, "from": "acct-0000", "to": "acct-0001", "amount": 1}).to_string()
}

/// A batch of these transactions.
pub(crate) fn batch(transactions: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", transactions.into_iter().collect::<Vec<_>>().join(","))
}

fn balance(client: &mut Client, account: &str) -> Value {
    client.get(&format!("/accounts/{account}")).json()["balance"].clone()
}

#[test]
fn a_receipt_names_the_sealed_block() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let before = Instant::now();
    let answer = client.post("/tx", r#"{"id":"t-1","from":"acct-0000","to":"acct-0001","amount":5}"#);
    assert!(before.elapsed() >= Duration::from_millis(50), "the block is sealed after 50 ms");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json(), json!({"id": "t-1", "status": "committed", "block": 1, "index": 0}));
    let state = client.get("/ledger").json();
    let head = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
    assert_eq!((&state["height"], &state["head"]), (&json!(1), &json!(head)));
    assert_eq!(balance(&mut client, "acct-0000"), json!(999_995));
    assert_eq!(balance(&mut client, "acct-0001"), json!(1_000_005));
}

#[test]
fn accepted_receipts_are_given_before_the_block_is_sealed() {
    let server = Server::start_in(&[("LEDGER_ACK", "accepted")]);
    let mut client = server.connect();
    // Until one receipt came within the 50 ms: on a busy machine the first may not.
    for number in 0..100 {
        let id = format!("t-{number}");
        let height = client.get("/ledger").json()["height"].as_u64().expect("a height");
        let receipt = client.post("/tx", &unit(&id)).json();
        let again = client.post("/tx", &unit(&id)).json();
        assert_eq!(receipt["status"], "accepted");
        assert_eq!(again, receipt, "the same while the block is open");
        let state = client.get("/ledger").json();
        if state["pending"] == 1 {
            assert_eq!((&receipt["block"], &receipt["index"]), (&json!(height + 1), &json!(0)));
            assert_eq!(state["height"], height);
            thread::sleep(Duration::from_millis(100));
            assert_eq!(client.get("/ledger").json()["pending"], 0, "sealed by time");
            assert_eq!(client.post("/tx", &unit(&id)).json(), receipt, "and when it is sealed");
            return;
        }
    }
    panic!("no receipt came before its block was sealed");
}

#[test]
fn what_is_no_transaction_is_400_and_moves_nothing() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let state = client.get("/ledger").json();
    let long = unit(&"x".repeat(65));
    for body in [
        "",
        "{",
        "[]",
        "null",
        "\"t\"",
        "5",
        "{}",
        "{} {}",
        &long,
        r#"["t","acct-0000","acct-0001",1]"#,
        r#"{"from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":"t","to":"acct-0001","amount":1}"#,
        r#"{"id":"t","from":"acct-0000","amount":1}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001"}"#,
        r#"{"ID":"t","from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":1,"from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":"t","from":null,"to":"acct-0001","amount":1}"#,
        r#"{"id":"t","from":"acct-0000","to":["acct-0001"],"amount":1}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":"1"}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":true}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":null}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":1e400}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":1} x"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":1,}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":1,"other":1e400}"#,
        r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":1,"other":"\x"}"#,
        r#"{"id":"","from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":"a b","from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":"é","from":"acct-0000","to":"acct-0001","amount":1}"#,
        r#"{"id":"a\u0000","from":"acct-0000","to":"acct-0001","amount":1}"#,
    ] {
        client.post("/tx", body).error(400);
        client.post("/tx/batch", &batch([unit("good"), body.to_owned()])).error(400);
    }
    let mut invalid = unit("t").into_bytes();
    invalid.splice(1..1, *b"\"x\":\"\xff\",");
    client.send(format!("POST /tx HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n", invalid.len()));
    client.send(&invalid);
    client.answer().error(400);
    assert_eq!(client.get("/ledger").json(), state);
}

#[test]
fn the_first_thing_that_is_wrong_decides_and_the_id_stays_free() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    for (from, to, amount, message) in [
        ("nobody", "nobody", "0", "amount must be a positive integer"),
        ("acct-0000", "acct-0000", "-1", "amount must be a positive integer"),
        ("acct-0000", "acct-0001", "1.5", "amount must be a positive integer"),
        ("acct-0000", "acct-0001", "9007199254740992", "amount must be a positive integer"),
        ("acct-0000", "acct-0001", "1e300", "amount must be a positive integer"),
        ("nobody", "nobody", "9007199254740991", "unknown account"),
        ("acct-0000", "acct-1000", "1", "unknown account"),
        ("acct-0002", "acct-0002", "9007199254740991", "same account"),
        ("acct-0002", "acct-0003", "1000001", "insufficient funds"),
    ] {
        let body = format!(r#"{{"id":"t","from":"{from}","to":"{to}","amount":{amount}}}"#);
        assert_eq!(client.post("/tx", &body).error(422), message, "{body}");
    }
    let state = client.get("/ledger").json();
    assert_eq!((&state["height"], &state["pending"]), (&json!(0), &json!(0)));
    assert_eq!(client.post("/tx", &unit("t")).json()["block"], 1);
}

#[test]
fn numbers_are_doubles_keys_may_be_escaped_and_others_are_ignored() {
    let server = Server::start_in(&[("LEDGER_ACK", "accepted")]);
    let mut client = server.connect();
    let longest = "A-z_0.".to_owned() + &"9".repeat(58);
    for (id, body) in [
        ("a", r#"{"id":"a","from":"acct-0000","to":"acct-0001","amount":5.0}"#.to_owned()),
        ("b", r#" { "amount" : 5e0 , "to" : "acct-0001" , "from" : "acct-0000" , "id" : "b" } "#.to_owned()),
        (
            "c",
            r#"{"id":"c","from":"acct-0000","to":"acct-0001","amount":0.5e1,"x":{"id":[1,"é"]}}"#.to_owned(),
        ),
        ("d", r#"{"\u0069d":"\u0064","from":"acct-\u0030000","to":"acct-0001","amount":5}"#.to_owned()),
        (&longest, format!(r#"{{"id":"{longest}","from":"acct-0000","to":"acct-0001","amount":5}}"#)),
    ] {
        let answer = client.post("/tx", &body);
        assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(id)), "{body}");
    }
    assert_eq!(balance(&mut client, "acct-0001"), json!(1_000_025));
}

#[test]
fn a_repeated_id_gets_its_first_receipt_whatever_else_it_says() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let first = client.post("/tx", &unit("t")).json();
    for body in [
        unit("t"),
        json!({"id": "t", "from": "acct-0004", "to": "acct-0005", "amount": 3}).to_string(),
        json!({"id": "t", "from": "nobody", "to": "nobody", "amount": -0.5}).to_string(),
    ] {
        let answer = client.post("/tx", &body);
        assert_eq!((answer.status, answer.json()), (200, first.clone()));
    }
    client.post("/tx", r#"{"id":"t","from":"acct-0000","to":"acct-0001","amount":"1"}"#).error(400);
    assert_eq!(balance(&mut client, "acct-0000"), json!(999_999));
}

#[test]
fn a_batch_is_applied_in_order_and_refuses_one_by_one() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let all = json!({"id": "all", "from": "acct-0000", "to": "acct-0001", "amount": 1_000_000}).to_string();
    let back = json!({"id": "back", "from": "acct-0001", "to": "acct-0000", "amount": 2_000_000}).to_string();
    let same = json!({"id": "same", "from": "acct-0009", "to": "acct-0009", "amount": 1}).to_string();
    let answer = client.post("/tx/batch", &batch([all, unit("poor"), back, same, unit("poor"), unit("all")]));
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.json(),
        json!([
            {"id": "all", "status": "committed", "block": 1, "index": 0},
            {"id": "poor", "status": "refused", "error": "insufficient funds"},
            {"id": "back", "status": "committed", "block": 1, "index": 1},
            {"id": "same", "status": "refused", "error": "same account"},
            {"id": "poor", "status": "committed", "block": 1, "index": 2},
            {"id": "all", "status": "committed", "block": 1, "index": 0},
        ])
    );
    assert_eq!(client.get("/ledger").json()["balance"], 1_000_000_000);
}

#[test]
fn a_batch_of_refusals_waits_for_nothing_and_opens_no_block() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let refused = json!({"id": "t", "from": "nobody", "to": "acct-0001", "amount": 1}).to_string();
    let answer = client.post("/tx/batch", &batch([refused]));
    assert_eq!(answer.json(), json!([{"id": "t", "status": "refused", "error": "unknown account"}]));
    let state = client.get("/ledger").json();
    assert_eq!((&state["height"], &state["pending"]), (&json!(0), &json!(0)));
}

#[test]
fn a_batch_has_1_to_1000_transactions() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    for body in ["[]", "{}", &unit("t"), "", "[[]]", "[null]"] {
        client.post("/tx/batch", body).error(400);
    }
    let too_many = batch((0..1_001).map(|number| unit(&format!("t-{number}"))));
    assert!(client.post("/tx/batch", &too_many).error(400).contains("1001"));
    let results =
        client.post("/tx/batch", &batch((0..1_000).map(|number| unit(&format!("t-{number}"))))).json();
    for (number, result) in (0..).zip(results.as_array().expect("an array")) {
        let (block, index) = (number / 100 + 1, number % 100);
        let expected =
            json!({"id": format!("t-{number}"), "status": "committed", "block": block, "index": index});
        assert_eq!(result, &expected);
    }
    let state = client.get("/ledger").json();
    assert_eq!((&state["height"], &state["transactions"]), (&json!(10), &json!(1_000)));
    assert_eq!(state["head"], "d83c1b1528c9293407347acda12b2b6104e10cd740487e822cc8b5d111fb725d");
}

#[test]
fn pipelined_transactions_are_answered_in_order() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    let requests: String = (0..3).map(|number| post("/tx", &unit(&format!("t-{number}")))).collect();
    client.send(requests + &post("/echo", "1"));
    for number in 0..3 {
        let answer = client.answer().json();
        assert_eq!((&answer["id"], &answer["block"]), (&json!(format!("t-{number}")), &json!(number + 1)));
    }
    assert_eq!(client.answer().json(), json!(1));
}
