//! Many connections, and where they come from.

use crate::support::{EchoServer, Sandbox};
use rustix::process::{Resource, getrlimit};
use serde_json::Value;
use std::net::TcpListener;

/// Connections of the large run; the reference target and `bench` each have as many open files, and some more.
const MANY: u64 = 10_000;

/// Ten thousand connections to the reference target: all are open, and not one request fails.
#[test]
fn ten_thousand_connections() {
    let allowed = getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    if allowed < MANY + 200 {
        eprintln!(
            "skipped: {MANY} connections need more than the {allowed} open files allowed (`ulimit -Hn`)"
        );
        return;
    }
    let sandbox = Sandbox::new();
    let connections = MANY.to_string();
    // Debug builds on a machine that is busy with other tests take a second for one round of all connections.
    let flags = ["--conns", &connections, "--warmup", "0s", "--duration", "3s", "--timeout", "60s"];
    let (report, code) = sandbox.json(&[&["run", "--scenario", "json-echo"], &flags[..]].concat());
    let stored = sandbox.stored();
    assert_eq!(stored["observations"]["connections_open"], MANY, "{report:#}");
    for (class, count) in report["summary"]["errors"].as_object().unwrap() {
        assert_eq!(count, &Value::from(0), "{class}: {report:#}");
    }
    assert!(report["summary"]["requests"].as_u64().unwrap() > 0, "{report:#}");
    // So short a run is doubtful for many a reason, but not for its connections.
    assert!(matches!(code, 0 | 3), "{report:#}");
    let codes: Vec<&str> = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect();
    assert!(!codes.contains(&"connections-missing") && !codes.contains(&"errors"), "{codes:?}");
    assert!(report["generator"]["rss_peak_bytes"].as_u64().unwrap() < 400 << 20, "{}", report["generator"]);
}

#[test]
fn sources_are_in_the_plan_and_in_the_command_that_repeats_it() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let (url, sources) = (server.url("/"), "127.0.0.2-127.0.0.4");
    let flags = ["--source-addresses", sources, "-c", "6", "--warmup", "0s", "-d", "200ms"];
    let (report, _) = sandbox.json(&[&["run", "--url", &url], &flags[..]].concat());
    assert_eq!(report["plan"]["source_addresses"], sources, "{report:#}");
    assert!(report["summary"]["requests"].as_u64().unwrap() > 0, "{report:#}");
    let again = sandbox.run(&["report", "latest", "--format", "markdown"]);
    let markdown = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(markdown.contains("--source-addresses 127.0.0.2-127.0.0.4"), "{markdown}");

    let compare =
        ["compare", "--scenario", "json-echo", "--targets", "rust,rust", "--dry-run", "--format", "json"];
    let output = sandbox.run(&[&compare[..], &["--source-addresses", sources]].concat());
    let plan: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for entrant in plan["entrants"].as_array().unwrap() {
        assert_eq!(entrant["plan"]["source_addresses"], sources, "{plan:#}");
    }
}

#[test]
fn sources_that_cannot_be_are_refused_before_anything_begins() {
    let sandbox = Sandbox::new();
    // Nobody is asked: what is wrong is known before.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    for (sources, parts) in [
        ("localhost", &["`localhost`", "127.0.0.2-127.0.0.9"][..]),
        ("127.0.0.9-127.0.0.2", &["rising range"]),
        ("127.0.0.2,::1", &["IPv4 and of IPv6"]),
        ("::1", &["127.0.0.1", "IPv4 addresses"]),
        ("192.0.2.1", &["192.0.2.1", "no address of this machine", "ip address add"]),
    ] {
        let output = sandbox.run(&["run", "--url", &url, "-c", "1", "--source-addresses", sources]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{sources}: {said}");
        assert!(said.contains("--source-addresses"), "{sources}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{sources} must say {parts:?}: {said}");
    }
    assert_eq!(sandbox.results().len(), 0);
}
