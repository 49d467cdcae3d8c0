//! The warm-up until the throughput is steady, as it comes out of what was stored of it.

use crate::support::{EchoServer, Sandbox};
use crate::validity::answer_at_most;
use serde_json::Value;

/// How the intervals of a run are named, and the verified responses of each.
fn intervals(stored: &Value) -> (Vec<String>, Vec<u64>) {
    let intervals = stored["intervals"].as_array().unwrap();
    let phase = |interval: &Value| interval["phase"].as_str().unwrap().to_owned();
    let requests = |interval: &Value| interval["counters"]["requests"].as_u64().unwrap();
    (intervals.iter().map(phase).collect(), intervals.iter().map(requests).collect())
}

fn warns_of_it(report: &Value) -> bool {
    report["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "not-steady")
}

#[test]
fn what_is_never_steady_is_warmed_up_to_the_limit_and_told() {
    let sandbox = Sandbox::new();
    // It answers the look at its answers, and never again.
    let url = format!("http://{}/", answer_at_most(1));
    let load = ["-c", "2", "--warmup", "auto:10s", "-d", "1s", "--timeout", "1s"];
    let (report, _) = sandbox.json(&[&["run", "--url", &url][..], &load].concat());
    let stored = sandbox.stored();
    assert_eq!(intervals(&stored).0, [vec!["warm-up"; 10], vec!["measure"]].concat());
    assert_eq!(stored["observations"]["steady"], false);
    assert!(warns_of_it(&report), "{}", report["warnings"]);
}

/// A server that is sent forty requests a second answers as many, unless the machine stalls just where two windows meet;
/// then it is not steady, and this follows.
#[test]
fn what_is_steady_is_measured_from_then_on() {
    let sandbox = Sandbox::new();
    let url = EchoServer::start(u64::MAX).url("/");
    let load = ["-c", "4", "--rate", "40", "--warmup", "auto:20s", "-d", "1s"];
    let (report, _) = sandbox.json(&[&["run", "--url", &url][..], &load].concat());
    let stored = sandbox.stored();
    let (phases, requests) = intervals(&stored);
    let warm_up = phases.len() - 1;
    assert_eq!(phases, [vec!["warm-up"; warm_up], vec!["measure"]].concat());
    // The first time that two windows of five intervals differ by under 2%, if there is one.
    let window = |end: usize| requests[end - 5..end].iter().sum::<u64>() as f64;
    let is_steady = |end: usize| (window(end) / window(end - 5) - 1.0).abs() < 0.02;
    let first = (10..=warm_up).step_by(5).find(|&end| is_steady(end));
    assert_eq!(warm_up, first.unwrap_or(20), "{requests:?}");
    assert_eq!(stored["observations"]["steady"], first.is_some(), "{requests:?}");
    assert_eq!(warns_of_it(&report), first.is_none());
}
