//! `GET /metrics`: what is counted, under which labels.

use crate::client::{Client, post, request};
use crate::server::Server;
use crate::transactions::unit;

/// The text of the metrics.
fn scrape(client: &mut Client) -> String {
    String::from_utf8(client.get("/metrics").body).expect("UTF-8")
}

/// The value of a series; `labels` are in alphabetical order.
fn value(text: &str, series: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))
        .map(|value| value.parse().expect("a number"))
}

fn requests(text: &str, method: &str, endpoint: &str, status: u16) -> Option<f64> {
    value(
        text,
        &format!(r#"api_requests_total{{endpoint="{endpoint}",method="{method}",status="{status}"}}"#),
    )
}

#[test]
fn the_text_has_its_type_and_the_collectors_of_process_and_runtime() {
    let server = Server::start_with(&["--threads", "3"]);
    let mut client = server.connect();
    let answer = client.get("/metrics");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/plain; version=0.0.4")));
    let text = String::from_utf8(answer.body).expect("UTF-8");
    for name in ["process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"] {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name} is not in\n{text}");
    }
    assert!(value(&text, "process_resident_memory_bytes").expect("memory") > 1e6);
    assert!(value(&text, "process_open_fds").expect("files") >= 4.0);
    assert_eq!(value(&text, "tokio_workers"), Some(3.0));
    assert!(
        value(&text, "tokio_alive_tasks").expect("tasks") >= 4.0,
        "a task for each worker, and this connection"
    );
    assert!(value(&text, "tokio_worker_parks_total").expect("parks") >= 1.0);
    assert!(value(&text, "tokio_worker_busy_seconds_total").expect("time") > 0.0);
    client.send(request("HEAD", "/metrics"));
    assert_eq!(client.head().header("content-type"), Some("text/plain; version=0.0.4"));
    client.send(post("/metrics", ""));
    assert_eq!(client.answer().header("allow"), Some("GET, HEAD"));
}

#[test]
fn every_answer_is_counted_under_its_endpoint_method_and_status() {
    let server = Server::start();
    let mut client = server.connect();
    client.echo("1");
    client.echo("2");
    client.echo("[");
    client.get("/healthz");
    client.send(request("HEAD", "/healthz"));
    client.head();
    client.get("/accounts/acct-0000");
    client.get("/accounts/acct-0001");
    client.get("/accounts/nobody");
    client.get("/session");
    client.get("/blocks?limit=0");
    client.post("/tx", &unit("t"));
    client.post("/tx", &unit("u").replace("acct-0001", "acct-0000"));
    client.post("/tx/batch", "[]");
    client.post("/login", r#"{"username":"nobody","password":""}"#);
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Encoding: br\r\nContent-Length: 0\r\n\r\n");
    client.answer().error(415);
    let mut other = server.connect();
    other.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n");
    other.answer().error(413);

    let text = scrape(&mut client);
    for (method, endpoint, status, count) in [
        ("POST", "/echo", 200, 2.0),
        ("POST", "/echo", 400, 1.0),
        ("POST", "/echo", 413, 1.0),
        ("POST", "/echo", 415, 1.0),
        ("GET", "/healthz", 200, 1.0),
        ("HEAD", "/healthz", 200, 1.0),
        ("GET", "/accounts/{id}", 200, 2.0),
        ("GET", "/accounts/{id}", 404, 1.0),
        ("GET", "/session", 401, 1.0),
        ("GET", "/blocks", 400, 1.0),
        ("POST", "/tx", 200, 1.0),
        ("POST", "/tx", 422, 1.0),
        ("POST", "/tx/batch", 400, 1.0),
        ("POST", "/login", 401, 1.0),
    ] {
        assert_eq!(
            requests(&text, method, endpoint, status),
            Some(count),
            "{method} {endpoint} {status}\n{text}"
        );
    }
    assert_eq!(requests(&scrape(&mut client), "GET", "/metrics", 200), Some(1.0), "the one before");
}

#[test]
fn nothing_that_a_client_makes_up_becomes_a_label() {
    let server = Server::start();
    let mut client = server.connect();
    for number in 0..20 {
        client.get(&format!("/made-up-{number}"));
        client.get(&format!("/accounts/made-up-{number}"));
        client.send(request(&format!("MADE{number}"), "/echo"));
        client.answer().error(405);
        client.send(request(&format!("MADE{number}"), "/made-up"));
        client.answer().error(404);
    }
    client.get("/tx");
    let text = scrape(&mut client);
    assert_eq!(requests(&text, "other", "other", 404), Some(40.0));
    assert_eq!(requests(&text, "GET", "/accounts/{id}", 404), Some(20.0));
    assert_eq!(requests(&text, "other", "/echo", 405), Some(20.0));
    assert_eq!(requests(&text, "other", "/tx", 405), Some(1.0));
    assert!(!text.to_lowercase().contains("made"), "{text}");
    let series = text.lines().filter(|line| line.starts_with("api_requests_total{")).count();
    assert_eq!(series, 4);
}

#[test]
fn durations_are_in_the_buckets_of_the_contract() {
    let server = Server::start_in(&[]);
    let mut client = server.connect();
    client.post("/tx", &unit("t"));
    client.post("/tx", &unit("u"));
    let text = scrape(&mut client);
    let tx = |what: &str| {
        let start = format!(r#"api_request_duration_seconds_{what}{{endpoint="/tx",method="POST""#);
        text.lines().filter(|line| line.starts_with(&start)).map(str::to_owned).collect::<Vec<_>>()
    };
    let edges: Vec<String> = tx("bucket")
        .iter()
        .map(|line| {
            line.split("le=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an edge").to_owned()
        })
        .collect();
    let expected = [
        "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.3", "0.5", "1", "3", "+Inf",
    ];
    assert_eq!(edges, expected);
    let (count, sum) = (&tx("count")[0], &tx("sum")[0]);
    assert!(count.ends_with(" 2"), "{count}");
    let sum: f64 = sum.split(' ').next_back().and_then(|sum| sum.parse().ok()).expect("a sum");
    assert!((0.1..20.0).contains(&sum), "both waited for their block, 50 ms: {sum}");
    assert!(tx("bucket")[5].ends_with(" 0"), "none within 25 ms: {text}");
}

#[test]
fn all_threads_count_into_the_same_metrics() {
    let server = Server::start_with(&["--threads", "4"]);
    let mut clients: Vec<_> = (0..32).map(|_| server.connect()).collect();
    for client in &mut clients {
        client.echo("1");
        client.echo("[");
    }
    for client in &mut clients[..8] {
        let text = scrape(client);
        assert_eq!(requests(&text, "POST", "/echo", 200), Some(32.0));
        assert_eq!(requests(&text, "POST", "/echo", 400), Some(32.0));
        assert_eq!(
            value(&text, r#"api_request_duration_seconds_count{endpoint="/echo",method="POST"}"#),
            Some(64.0)
        );
    }
}
