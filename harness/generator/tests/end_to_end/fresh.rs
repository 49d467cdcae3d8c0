//! Requests that are made anew each time: what arrives, what is accepted, and what the books say of it.

use crate::load::{Sum, job, prepared, run};
use crate::server::{Client, Server, response};
use bench_generator::Job;
use bench_model::body::Body;
use bench_model::counters::ErrorClass;
use bench_model::plan::RequestPlan;
use bench_model::scenario::{JsonFields, RefusedSpec};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::{Arc, Mutex};

const TRANSACTION: &str =
    r#"{"id":"{{run}}-{{serial}}","from":"acct-{{digits 0 0999}}","amount":{{int 1 100}}}"#;

fn plan(batch: Option<usize>) -> RequestPlan {
    RequestPlan {
        method: "POST".into(),
        path: "/tx".into(),
        body: Body::Fresh { template: TRANSACTION.into(), batch, seed: 3 },
        expect_json: fields(json!({"id": "{{sent id}}", "amount": "{{sent amount}}", "status": "committed"})),
        refused: Some(RefusedSpec {
            status: "422".to_owned().try_into().unwrap(),
            json: fields(json!({"id": "{{sent id}}", "status": "refused"})),
        }),
        ..RequestPlan::default()
    }
}

fn fields(value: Value) -> JsonFields {
    serde_json::from_value(value).unwrap()
}

fn job_of(server: &Server, plans: &[RequestPlan], order: &[usize]) -> Job {
    let requests = plans.iter().enumerate().flat_map(|(number, plan)| {
        prepared(plan)
            .into_iter()
            .map(move |request| bench_generator::request::PreparedRequest { number, ..request })
    });
    Job { requests: requests.collect(), order: order.to_vec(), ..job(server.address, 8, 2) }
}

/// What a server saw of items, in the order in which it saw them.
type Seen = Arc<Mutex<Vec<String>>>;

/// A server that gives each item the status that `judge` says by its number, and an answer made from these.
fn ledger(judge: impl Fn(u64) -> &'static str + Send + Sync + 'static) -> (Server, Seen) {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let server = Server::start(move |client: &mut Client| {
        while let Some(body) = client.request() {
            let sent: Value = serde_json::from_slice(&plain(&body)).unwrap();
            let one = |item: &Value| {
                let id = item["id"].as_str().unwrap().to_owned();
                let status = judge(id.rsplit('-').next().unwrap().parse().unwrap());
                kept.lock().unwrap().push(id.clone());
                json!({"id": id, "amount": item["amount"], "status": status})
            };
            let (status, answer) = match &sent {
                Value::Array(items) => (200, items.iter().map(one).collect()),
                item => {
                    let answer = one(item);
                    (if answer["status"] == "refused" { 422 } else { 200 }, answer)
                }
            };
            client.send(response(status, "", answer.to_string().as_bytes()));
        }
    });
    (server, seen)
}

/// A body that may be compressed.
fn plain(body: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match body {
        [0x1f, 0x8b, ..] => {
            flate2::read::GzDecoder::new(body).read_to_end(&mut plain).map(|_| plain).unwrap()
        }
        _ => body.to_vec(),
    }
}

fn serial(id: &str) -> u64 {
    id.strip_prefix("test-").expect("the run's mark").parse().unwrap()
}

/// Every item arrived once, and the books have given out their numbers and no others.
fn assert_all_arrived_once(sum: &Sum, seen: &Seen) {
    let seen = seen.lock().unwrap();
    let distinct: BTreeSet<u64> = seen.iter().map(|id| serial(id)).collect();
    assert_eq!(distinct.len(), seen.len(), "an item came twice");
    let issued: BTreeSet<u64> = sum
        .books
        .iter()
        .flat_map(|book| (0..book.issued).map(|index| book.first + index * book.step))
        .collect();
    assert_eq!(issued, distinct);
    assert!(sum.books.iter().all(|book| book.issued > 0 && !book.is_full), "every worker sent some");
}

#[test]
fn items_are_unique_over_all_workers_and_all_are_accepted() {
    for (batch, gzip) in [(None, false), (None, true), (Some(25), false), (Some(25), true)] {
        let (server, seen) = ledger(|_| "committed");
        let sum = run(job_of(&server, &[RequestPlan { gzip, ..plan(batch) }], &[0]), 4);
        assert_eq!((sum.counters.errors.total(), sum.counters.refused), (0, 0), "{:?}", sum.counters);
        assert_eq!(sum.counters.items, sum.counters.requests * batch.unwrap_or(1) as u64);
        assert_all_arrived_once(&sum, &seen);
        assert!(sum.books.iter().all(|book| book.unknown.is_empty() && book.refused.is_empty()));
        let verified: u64 = sum.books.iter().map(|book| book.requests[0].verified).sum();
        assert_eq!(verified, server.requests());
    }
}

#[test]
fn what_is_refused_is_neither_a_transaction_nor_a_failure() {
    for batch in [None, Some(10)] {
        let refuses = |number: u64| number % 7 == 3;
        let (server, seen) = ledger(move |number| if refuses(number) { "refused" } else { "committed" });
        let sum = run(job_of(&server, &[plan(batch)], &[0]), 4);
        assert_all_arrived_once(&sum, &seen);
        assert!(sum.counters.refused > 0 && sum.counters.items > 0);
        assert_eq!(sum.counters.errors.total(), 0);
        assert_eq!(sum.latencies.count(), sum.counters.requests, "a refusal is no transaction's latency");
        let mut refused: Vec<u64> = sum.books.iter().flat_map(|book| book.refused.clone()).collect();
        let mut expected: Vec<u64> =
            seen.lock().unwrap().iter().map(|id| serial(id)).filter(|&n| refuses(n)).collect();
        refused.sort_unstable();
        expected.sort_unstable();
        assert_eq!(refused, expected);
    }
}

#[test]
fn a_wrong_answer_is_a_mismatch_and_its_items_are_unknown() {
    let (server, seen) = ledger(|number| if number == 40 { "lost" } else { "committed" });
    let sum = run(job_of(&server, &[plan(None)], &[0]), 4);
    assert_all_arrived_once(&sum, &seen);
    assert_eq!((sum.counters.errors.mismatch, sum.counters.errors.total()), (1, 1));
    let unknown: Vec<u64> = sum.books.iter().flat_map(|book| book.unknown.clone()).collect();
    assert_eq!(unknown, [40]);
}

#[test]
fn what_gets_no_answer_is_unknown() {
    let seen = Seen::default();
    let kept = Arc::clone(&seen);
    let server = Server::start(move |client: &mut Client| {
        // Each connection's third request stays without an answer.
        for turn in 0.. {
            let Some(body) = client.request() else { return };
            let sent: Value = serde_json::from_slice(&body).unwrap();
            kept.lock().unwrap().push(sent["id"].as_str().unwrap().to_owned());
            if turn == 2 {
                return client.wait_for_end();
            }
            let answer = json!({"id": sent["id"], "amount": sent["amount"], "status": "committed"});
            client.answer(200, answer.to_string().as_bytes());
        }
    });
    let mut job = job_of(&server, &[plan(None)], &[0]);
    job.timeout_ns = 100_000_000;
    let sum = run(job, 8);
    assert_all_arrived_once(&sum, &seen);
    let mut class = bench_model::counters::Errors::default();
    (0..sum.counters.errors.timeout).for_each(|_| class.count(ErrorClass::Timeout));
    assert_eq!(sum.counters.errors, class, "only timeouts");
    let unknown: usize = sum.books.iter().map(|book| book.unknown.len()).sum();
    let answered: u64 = sum.books.iter().map(|book| book.requests[0].verified).sum();
    assert_eq!(unknown as u64 + answered, server.requests());
    assert!(unknown > 0);
}

#[test]
fn a_request_that_goes_out_in_parts_stays_the_same_request() {
    let (server, seen) = ledger(|_| "committed");
    // Some 3 MB: more than a socket takes at once.
    let sum = run(Job { timeout_ns: 20_000_000_000, ..job_of(&server, &[plan(Some(40_000))], &[0]) }, 12);
    assert_all_arrived_once(&sum, &seen);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
}

#[test]
fn reads_between_transactions_take_none_of_their_numbers() {
    let (server, seen) = ledger(|_| "committed");
    let read = RequestPlan {
        path: "/accounts/{{digits 0 0999}}".into(),
        body: Body::Text { text: "{\"id\":\"test-0\"}".into() },
        ..RequestPlan::default()
    };
    let sum = run(job_of(&server, &[plan(None), read], &[0, 1]), 4);
    seen.lock().unwrap().retain(|id| id != "test-0");
    assert_all_arrived_once(&sum, &seen);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
}

#[test]
fn requests_are_sent_as_often_as_the_order_says() {
    let (server, _) = ledger(|_| "committed");
    let batch = RequestPlan { weight: 1, ..plan(Some(2)) };
    let sum = run(job_of(&server, &[plan(None), batch], &[0, 0, 1, 0]), 4);
    let of = |number: usize| sum.books.iter().map(|book| book.requests[number].verified).sum::<u64>();
    let (singles, batches) = (of(0), of(1));
    assert!(singles.abs_diff(3 * batches) <= 3 * 2 * 4, "{singles} and {batches}");
}
