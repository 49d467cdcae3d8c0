//! Thresholds from the outside: what fails, what holds, what nobody looked at, and the exit code that says so.

use crate::support::{EchoServer, Running, Sandbox, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::process::Stdio;

/// So few requests that none can be too late for a run to be valid on a machine that is busy with tests.
const EASY: &[&str] = &["--rate", "9", "-c", "4", "--warmup", "0s", "-b", "{\"n\":1}"];

/// What a command prints as JSON, with its exit code and its words. On a machine that is busy with tests what it measured may
/// be invalid, and it is made again.
fn of_a_valid_run(arguments: &[&str]) -> (Sandbox, Value, i32, String) {
    for attempt in 1.. {
        let sandbox = Sandbox::new();
        let output = sandbox.run(&[arguments, &["--format", "json"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().expect("an exit code");
        if code != 3 || attempt == 8 {
            let report =
                serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
            return (sandbox, report, code, said);
        }
    }
    unreachable!("the last attempt returns")
}

fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = report["thresholds"].as_array().cloned().unwrap_or_default();
    all.iter().map(|one| (text(&one["threshold"]), text(&one["outcome"]))).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(threshold, outcome)| ((*threshold).to_owned(), (*outcome).to_owned())).collect()
}

#[test]
fn a_run_that_fails_says_so_everywhere_and_again_when_it_is_reported() {
    let server = EchoServer::start(u64::MAX);
    let url = server.url("/echo");
    let run = ["run", "--url", &url, "-d", "1s", "--fail-if", "p99 > 1us", "--fail-if", "tps<1"];
    let (sandbox, report, code, said) = of_a_valid_run(&[&run[..], EASY].concat());
    assert_eq!(code, 4, "{report:#}");
    assert_eq!(outcomes(&report), pairs(&[("p99>1us", "failed"), ("tps<1", "held")]));
    assert_eq!(report["verdict"], "valid", "the figures are good ones");
    let measured = &report["thresholds"][0]["measured"];
    assert_eq!(measured["value"], report["summary"]["latency_us"]["p99"]);
    assert_eq!((&measured["limit"], &measured["unit"]), (&1.0.into(), &"us".into()));
    assert!(said.contains("bench: thresholds: 1 failed, 1 held: p99>1us ("), "{said}");

    let again = sandbox.run(&["report", "latest", "--format", "json"]);
    let again: Value = serde_json::from_slice(&again.stdout).unwrap();
    assert_eq!(again["thresholds"], report["thresholds"]);
    for (format, part) in [
        ("text", "Thresholds: 1 failed, 1 held"),
        ("markdown", "| p99\\>1us | **failed** |"),
        ("csv", "valid"),
    ] {
        let text = sandbox.run(&["report", "latest", "--format", format]).stdout;
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(text.contains(part), "{format}: {text}");
    }
}

#[test]
fn a_run_that_holds_is_a_good_one() {
    let server = EchoServer::start(u64::MAX);
    let url = server.url("/echo");
    let flags = ["--fail-if", "errors>0%", "--fail-if", "service.p50>10s"];
    let (_, report, code, _) =
        of_a_valid_run(&[&["run", "--url", &url, "-d", "500ms"][..], EASY, &flags].concat());
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(outcomes(&report), pairs(&[("errors>0%", "held"), ("service.p50>10s", "held")]));
}

#[test]
fn an_invalid_run_is_not_held_against_anything() {
    let server = EchoServer::wrong_in(3..5);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let flags = ["--expect-body", "same-json", "--fail-if", "p99>1us"];
    let (report, code) = sandbox.json(&[&["run", "--url", &url, "-d", "1s"][..], EASY, &flags].concat());
    assert_eq!((code, &report["verdict"]), (3, &"invalid".into()), "{report:#}");
    assert_eq!(outcomes(&report), pairs(&[("p99>1us", "not-evaluated")]));
    assert_eq!(report["thresholds"][0]["why"], "the run is invalid");
    let text = sandbox.run(&["report", "latest"]).stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("Thresholds: not evaluated, since the run is invalid"), "{text}");
}

#[test]
fn neither_is_one_that_was_interrupted() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let run = ["run", "--url", &url, "-d", "20s", "--fail-if", "p99>1us"];
    let mut command = sandbox.bench(&[&run[..], EASY].concat());
    let mut running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_for("the window", || {
        let spool = sandbox.results().first()?.join("intervals.ndjson");
        std::fs::read_to_string(spool).ok().filter(|intervals| intervals.contains("\"measure\""))
    });
    running.signal(Signal::INT);
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    let stored = sandbox.stored();
    assert_eq!(outcomes(&stored), pairs(&[("p99>1us", "not-evaluated")]));
    assert_eq!(stored["thresholds"][0]["why"], "the run was interrupted");
}

#[test]
fn a_scenario_has_thresholds_of_its_own_and_flags_add_to_them() {
    let sandbox = Sandbox::new();
    let scenario = "name = \"mine\"\ndescription = \"d\"\nfail_if = [\"p99>20ms\", \"errors>0.1%\"]\n\
        [[request]]\npath = \"/healthz\"\n";
    std::fs::write(sandbox.folder.path().join("mine.toml"), scenario).unwrap();
    let flags = ["--fail-if", "tps<10k", "--fail-if", "p99>20ms", "--dry-run"];
    let output = sandbox.run(&[&["run", "--scenario", "mine.toml"][..], &flags].concat());
    let plan: Value = serde_json::from_slice(&output.stdout).expect("a plan");
    assert_eq!(plan["fail_if"], serde_json::json!(["p99>20ms", "errors>0.1%", "tps<10k"]));
    let compare = ["compare", "--scenario", "mine.toml", "--targets", "rust,rust", "--dry-run"];
    let flags = ["--fail-if", "any worse than base by 5%"];
    let output = sandbox.run(&[&compare[..], &flags].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("it fails if: p99>20ms; errors>0.1%; any worse than base by 5%"), "{said}");
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_started() {
    let sandbox = Sandbox::new();
    let scenario =
        "name = \"mine\"\ndescription = \"d\"\nfail_if = [\"p98>20ms\"]\n[[request]]\npath = \"/\"\n";
    std::fs::write(sandbox.folder.path().join("mine.toml"), scenario).unwrap();
    let url = &["run", "--url", "http://127.0.0.1:9/"][..];
    let compare = &["compare", "--scenario", "json-echo", "--targets", "rust,rust"][..];
    let swept = &["compare", "--scenario", "json-echo", "--targets", "rust", "--sweep", "conns=1,2"][..];
    let search = &["capacity", "--target", "rust", "--slo", "p99<20ms"][..];
    let cases: &[(&[&str], &str, &[&str])] = &[
        (url, "memory.peak>1MiB", &["--fail-if", "memory.peak", "--pid"]),
        (url, "startup>1s", &["startup", "starts"]),
        (url, "service.p99>1s", &["--rate", "write `p99`"]),
        (url, "tps worse than base by 5%", &["bench compare --fail-if 'tps worse than base by 5%'"]),
        (url, "p99", &["in quotes, since a shell takes > for a file"]),
        (url, "p99<20ms", &["so write `p99>20ms`"]),
        (url, "tps<10ms", &["`10ms` is not a rate"]),
        (url, "memory.peek>1MiB", &["did you mean `memory.peak`?"]),
        (compare, "p95 worse than base by 5%", &["is not compared with the base: choose from any, tps"]),
        (compare, "tps worse than base by 5", &["`5` is not a percentage"]),
        (swept, "tps worse than base by 5%", &["takes two targets"]),
        (&["compare", "--resume", "latest"], "p99>20ms", &["--resume", "--fail-if"]),
        (search, "p99>20ms", &["--slo 'p99<20ms"]),
        (&["run", "--scenario", "mine.toml"], "tps<1", &["mine.toml", "line 3", "did you mean `p9"]),
    ];
    for (typed, threshold, parts) in cases {
        let output = sandbox.run(&[*typed, &["--fail-if", *threshold]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{threshold}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{threshold} must say {parts:?}: {said}");
        assert!(output.stdout.is_empty(), "{threshold}");
    }
    assert!(sandbox.results().is_empty(), "nothing was begun");
}

#[test]
fn a_comparison_fails_by_its_medians_and_is_inconclusive_with_a_single_block() {
    let (one, other) = (EchoServer::start(u64::MAX), EchoServer::start(u64::MAX));
    let targets = format!("{},{}", one.url("/echo"), other.url("/echo"));
    let compare = ["compare", "--targets", &targets, "--blocks", "1", "--no-control", "-d", "500ms"];
    for (flags, code, expected) in [
        (&["--fail-if", "p99>1us"][..], 4, &[("p99>1us", "failed"), ("p99>1us", "failed")][..]),
        (
            &["--fail-if", "tps worse than base by 5%", "--fail-if", "tps<1"],
            0,
            &[("tps worse than base by 5%", "inconclusive"), ("tps<1", "held"), ("tps<1", "held")],
        ),
        (
            &["--fail-if", "any worse than base by 5%", "--inconclusive", "fail"],
            4,
            &[("any worse than base by 5%", "inconclusive"), ("any worse than base by 5%", "inconclusive")],
        ),
    ] {
        let (sandbox, report, exit, _) = of_a_valid_run(&[&compare[..], EASY, flags].concat());
        assert_eq!(exit, code, "{report:#}");
        assert_eq!(outcomes(&report), pairs(expected));
        assert!(
            report["thresholds"].as_array().unwrap().iter().all(|one| one["target"].is_string()),
            "{report:#}"
        );
        let again = sandbox.run(&["report", "latest", "--format", "json"]);
        assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), report);
        for (format, part) in
            [("text", "Thresholds: "), ("markdown", "## Thresholds"), ("html", "Thresholds")]
        {
            let text = sandbox.run(&["report", "latest", "--format", format]).stdout;
            let text = String::from_utf8_lossy(&text).into_owned();
            assert!(text.contains(part) && text.contains(expected[0].1), "{format}: {text}");
        }
    }
}

#[test]
fn a_comparison_that_was_interrupted_is_not_held_against_anything() {
    let (one, other) = (EchoServer::start(u64::MAX), EchoServer::start(u64::MAX));
    let targets = format!("{},{}", one.url("/echo"), other.url("/echo"));
    let sandbox = Sandbox::new();
    let compare = ["compare", "--targets", &targets, "--blocks", "9", "--no-control", "-d", "500ms"];
    let flags = ["--fail-if", "p99>1us", "--format", "json"];
    let mut command = sandbox.bench(&[&compare[..], EASY, &flags].concat());
    let mut running = Running(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    wait_for("the second block", || {
        sandbox.results().into_iter().find(|folder| folder.join("block-02").is_dir())
    });
    running.signal(Signal::INT);
    let mut printed = String::new();
    std::io::Read::read_to_string(running.0.stdout.as_mut().unwrap(), &mut printed).unwrap();
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    let report: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(outcomes(&report), pairs(&[("p99>1us", "not-evaluated")]));
    let why = report["thresholds"][0]["why"].as_str().unwrap();
    assert!(why.starts_with("the comparison is unfinished: ") && why.ends_with(" of 9 blocks"), "{why}");
}
