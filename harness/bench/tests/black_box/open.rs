//! Open loads from the outside: what is offered, what the outputs name, and what an overload looks like.

use crate::run::shape;
use crate::support::{EchoServer, Sandbox};
use crate::validity::answer_at_most;
use std::sync::atomic::Ordering;

const ECHO: &[&str] = &["-b", "{\"n\":1}", "--expect-body", "same-json", "--warmup", "0s"];

#[test]
fn a_rate_is_offered_and_every_request_accounted_for() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let flags = ["run", "--url", &url, "-c", "20", "-t", "2", "--rate", "200", "-d", "1s"];
    let (report, _) = sandbox.json(&[&flags, ECHO].concat());
    let plan = &report["plan"]["load"];
    assert_eq!((&plan["model"], &plan["arrivals"]), (&"open".into(), &"uniform".into()), "{plan:#}");
    let summary = &report["summary"];
    let offered = &summary["offered"];
    assert_eq!(
        {
            let mut names = shape(offered);
            names.sort_unstable();
            names
        },
        ["late", "queued", "rate_per_s", "requests", "sent", "waiting_at_end"]
    );
    assert_eq!((&offered["requests"], &offered["rate_per_s"]), (&200.into(), &200.0.into()));
    let sent = offered["sent"].as_u64().unwrap();
    assert_eq!(sent + offered["waiting_at_end"].as_u64().unwrap(), 200, "{offered:#}");
    // One more is the look at the first answer before the load.
    assert_eq!(server.answered.load(Ordering::Relaxed), sent + 1);
    for latency in ["latency_us", "service_time_us", "schedule_lag_us"] {
        assert!(summary[latency]["p99"].is_number(), "{latency} in {summary:#}");
    }
    for (format, parts) in [
        ("text", &["Latency from due time", "service time", "schedule lag", "200.0 requests/s"][..]),
        ("markdown", &["Latency from due time", "Service time, from send", "Schedule lag", "200 due"]),
        ("csv", &["due_requests,sent_requests"]),
    ] {
        let printed = sandbox.run(&["report", "latest", "--format", format]).stdout;
        let printed = String::from_utf8_lossy(&printed).into_owned();
        for part in parts {
            assert!(printed.contains(part), "{part} is not in: {printed}");
        }
    }
}

#[test]
fn stages_are_the_window() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let flags = ["run", "--url", &url, "-c", "20", "--stages", "100:500ms,100..300:500ms"];
    let (report, _) =
        sandbox.json(&[&flags, ECHO, &["--arrivals", "poisson", "--arrival-seed", "3"]].concat());
    assert_eq!(report["summary"]["duration_s"], 1.0);
    assert_eq!(report["plan"]["load"]["stages"][1]["to_per_s"], 300.0);
    let due = report["summary"]["offered"]["requests"].as_u64().unwrap();
    assert!((100..=200).contains(&due), "{due} of a Poisson count of 150");
}

#[test]
fn a_target_that_cannot_keep_up_makes_the_run_invalid() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let flags = ["run", "--url", &url, "-c", "1", "--rate", "3M", "-d", "300ms"];
    let (report, code) = sandbox.json(&[&flags, ECHO].concat());
    assert_eq!((code, &report["verdict"]), (3, &"invalid".into()));
    let codes: Vec<&str> = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|warning| warning["code"].as_str())
        .collect();
    assert!(codes.contains(&"overload"), "{codes:?}");
    assert!(report["summary"]["offered"]["waiting_at_end"].as_u64().unwrap() > 500_000, "{report:#}");
}

#[test]
fn the_first_request_waits_for_no_connection() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let (report, _) =
        sandbox.json(&[&["run", "--url", &url, "-c", "16", "--rate", "2", "-d", "1s"][..], ECHO].concat());
    let offered = &report["summary"]["offered"];
    assert_eq!((&offered["requests"], &offered["queued"]), (&2.into(), &0.into()), "{offered:#}");
}

#[test]
fn percentiles_among_what_was_never_sent_are_lower_bounds() {
    let sandbox = Sandbox::new();
    // Only the look before the load and one request are answered; the others wait for the connection to the end.
    let url = format!("http://{}/", answer_at_most(2));
    let load = ["-c", "1", "--rate", "200", "-d", "1s", "--warmup", "0s"];
    let (report, code) = sandbox.json(&[&["run", "--url", &url, "--timeout", "5s"][..], &load].concat());
    assert_eq!(code, 3);
    assert!(report["summary"]["offered"]["waiting_at_end"].as_u64().unwrap() > 100, "{report:#}");
    let warnings = report["warnings"].as_array().unwrap();
    let censored = warnings.iter().find(|warning| warning["code"] == "censored").unwrap();
    assert!(censored["message"].as_str().unwrap().contains("from P50 on"), "{censored}");
    let text = sandbox.run(&["report", "latest"]).stdout;
    assert!(String::from_utf8_lossy(&text).contains(">= "), "{}", String::from_utf8_lossy(&text));
}

#[test]
fn mistakes_name_the_mend() {
    let sandbox = Sandbox::new();
    for (flags, part) in [
        (&["--rate", "0"][..], "requests per second, above zero"),
        (&["--rate", "-5"], "requests per second, above zero"),
        (&["--rate", "1k", "--max-lag", "-1s"], "not a duration"),
        (&["--stages", "1k"], "write a rate and a time"),
        (&["--rate", "1k", "--stages", "1k:1s"], "cannot be used with"),
        (&["--stages", "1k:1s", "-d", "5s"], "cannot be used with"),
        (&["--arrivals", "poisson"], "name its rate with --rate or --stages"),
        (&["--rate", "1k", "--arrivals", "random"], "neither uniform nor poisson"),
    ] {
        let output = sandbox.run(&[&["run", "--scenario", "json-echo"], flags].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert!(said.contains(part), "{flags:?}: {said}");
    }
}
