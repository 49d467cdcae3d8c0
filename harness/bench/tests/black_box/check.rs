//! `bench check` from the outside: a right server passes, and whatever is wrong with another is named by its case.

use crate::check_state::left_out;
use crate::contract_server::{Fault, SECRET, serve_process, start};
use crate::support::{Running, Sandbox, descendants, is_alive, wait_for};
use serde_json::Value;
use std::net::TcpListener;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The ids of the cases that failed, with their messages.
pub(crate) fn failures(object: &Value) -> Vec<(String, String)> {
    let cases = object["targets"][0]["cases"].as_array().expect("cases");
    let failed = cases.iter().filter(|case| case["outcome"] == "failed");
    let text = |case: &Value, key: &str| case[key].as_str().unwrap_or_default().to_owned();
    failed.map(|case| (text(case, "id"), text(case, "message"))).collect()
}

/// A sandbox whose `bench` knows the key of the servers in this process.
pub(crate) fn check(sandbox: &Sandbox, arguments: &[&str]) -> (Value, i32) {
    let mut command = sandbox.bench(&[&["check"], arguments, &["--format", "json"]].concat());
    let output = command.env("NODE_SECRET", SECRET).env_remove("NODE_USERS").output().expect("bench starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (serde_json::from_slice(&output.stdout).expect(&said), output.status.code().expect("an exit code"))
}

#[test]
fn the_reference_passes() {
    let sandbox = Sandbox::new();
    let (object, code) = sandbox.json(&["check", "rust", "--quick", "--requests", "2k"]);
    assert_eq!((failures(&object), code), (vec![], 0));
    let rust = &object["targets"][0];
    assert_eq!((&object["schema"], &rust["verdict"]), (&"bench-check/1".into(), &"passed".into()));
    assert_eq!((&rust["waived"], &rust["not_checked"]), (&0.into(), &3.into()), "all but the timeouts");
}

#[test]
fn a_right_server_at_a_url_passes() {
    let url = start(Fault::None);
    let (object, code) = check(&Sandbox::new(), &["--url", &url, "--quick", "--requests", "2k"]);
    assert_eq!((failures(&object), code), (vec![], 0));
    let reasons = left_out(&object);
    // Three timeouts, four of the process, memory; four of new ledgers, two of which ask how the server is started; and
    // five of the variables of signing in.
    assert_eq!(reasons.values().sum::<usize>(), 3 + 4 + 1 + 5 + 5, "{reasons:?}");
    assert_eq!(reasons["bench did not start this server"], 4 + 5 + 5, "{reasons:?}");
}

#[test]
fn whatever_is_broken_is_named() {
    let sandbox = Sandbox::new();
    // The fault, a case that must fail for it, words of its message, and a case that must pass all the same.
    for (fault, case, words, innocent) in [
        (Fault::WrongBody, "scalars", "came 200 with {\"wrong\":true}", "not-found"),
        (Fault::WrongBody, "many-requests", "mismatch", "healthz"),
        (Fault::CachedAnswer, "no-cache", "\"middle\":\"aaab\" among bodies of the same length", "healthz"),
        (Fault::WrongStatus, "not-json-commas", "expected status 400; came 500", "integers"),
        (Fault::DroppedKeepAlive, "keep-alive", "request 2 of one connection", "integers"),
        (Fault::MixedUp, "parallel", "expected connection", "unicode"),
        (
            Fault::MissingAllow,
            "method-echo",
            "expected 405 with Allow: POST; came 405 with no Allow",
            "not-found",
        ),
        (Fault::MissingAllow, "method-healthz", "GET, HEAD", "healthz"),
        (Fault::ErrorBody, "error-shape", "expected the body {\"error\":\"<message>\"}", "not-json-commas"),
        (Fault::No413, "too-large-announced", "expected status 413; came 200", "body-1-mib"),
        (Fault::NoChunks, "chunked", "Transfer-Encoding: chunked", "integers"),
        (Fault::SinglePrecision, "decimals", "expected 200 with the same value", "scalars"),
        (Fault::SinglePrecision, "exponents", "e308", "scalars"),
        (Fault::InvalidUtf8, "not-utf8", "expected status 400; came 200", "unicode"),
        (Fault::CopiedThrough, "decoded", "one key `repeated`", "duplicate-keys"),
        (Fault::LosesTransaction, "ledger-parallel", "in no block", "tx-amount"),
        (Fault::AppliesTwice, "ledger-parallel", "a second time", "tx-amount"),
        (Fault::ForksChain, "batch-1000", "with `previous`", "tx-amount"),
        (Fault::WrongHash, "tx-receipt", "with the hash", "tx-amount"),
        (Fault::SealsNothing, "seal-after-50-ms", "no answer in 5s", "healthz"),
        (Fault::SealsFromTheLast, "seal-from-the-first", "a block for every 50 ms", "seal-after-50-ms"),
        (Fault::MovesOnRefusal, "tx-unknown-account", "the ledger as before", "tx-amount"),
        (Fault::AcceptsNone, "session-alg-none", "expected status 401; came 200", "session-other-alg"),
        (Fault::AcceptsExpired, "session-expired", "that expired 0 s ago", "session-alg-none"),
        (Fault::EasyUnknownUser, "login-same-work", "after the same work", "login-unknown-user"),
        (Fault::CompressesUnasked, "no-compression", "Content-Encoding: gzip", "compressed"),
        (
            Fault::IgnoresChecksum,
            "gzip-checksum",
            "and a wrong checksum; expected status 400",
            "encoding-unknown",
        ),
        (
            Fault::CountsWrongly,
            "metrics-counts",
            "endpoint=\"/blocks\"} to grow by 2; came 1",
            "metrics-parallel",
        ),
        (Fault::ManyLabels, "metrics-labels", "no new series", "metrics-format"),
    ] {
        let only = format!("{case},{innocent}");
        let url = start(fault);
        let (object, code) =
            check(&sandbox, &["--url", &url, "--quick", "--requests", "500", "--only", &only]);
        let failed = failures(&object);
        let [(id, message)] = failed.as_slice() else { panic!("{fault:?}: {failed:?}") };
        assert_eq!((id.as_str(), code), (case, 4), "{fault:?}: {message}");
        assert!(message.contains(words), "{fault:?} must say {words:?}: {message}");
        assert!(message.starts_with("sent "), "{message}");
    }
}

/// No test: this program as a server in a process of its own, which the manifests below start.
#[test]
#[ignore = "a server for the tests of memory and waivers"]
fn server_process() {
    let (Ok(port), Ok(fault)) = (std::env::var("SERVER_PORT"), std::env::var("SERVER_FAULT")) else {
        return;
    };
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).expect("the port");
    serve_process(&listener, Fault::named(&fault).expect("a fault")).expect("a server");
}

/// Writes a manifest of this program as a target with a fault.
pub(crate) fn manifest(sandbox: &Sandbox, fault: &str, more: &str) -> String {
    let program = std::env::current_exe().expect("this program");
    let text = format!(
        r#"name = "broken"
language = "Rust"
framework = "none"
ready = "/healthz"
[start]
command = [{program:?}, "--exact", "check::server_process", "--ignored", "--nocapture"]
env = {{ SERVER_PORT = "{{port}}", SERVER_FAULT = "{fault}" }}
{more}
"#
    );
    std::fs::write(sandbox.folder.path().join("target.toml"), text).expect("a file");
    "target.toml".to_owned()
}

#[test]
fn memory_that_climbs_is_seen_and_memory_that_does_not_is_not() {
    for (fault, fails) in [("memory-leak", true), ("none", false)] {
        let sandbox = Sandbox::new();
        let target = manifest(&sandbox, fault, "");
        let (object, code) = sandbox.json(&[
            "check",
            &target,
            "--quick",
            "--requests",
            "10k",
            "--only",
            "memory,many-requests",
        ]);
        let failed = failures(&object);
        assert_eq!((failed.len(), code), if fails { (1, 4) } else { (0, 0) }, "{fault}: {failed:?}");
        if let Some((id, message)) = failed.first() {
            assert_eq!(id, "memory");
            assert!(message.contains("in the middle third") && message.contains("MiB"), "{message}");
        }
    }
}

#[test]
fn waivers_show_and_cannot_be_of_anything() {
    let sandbox = Sandbox::new();
    // This program prints to its log, ends on a signal at once, and knows no timeouts: two of that can be waived.
    let waive = "[[waive]]\ncase = \"half-close\"\nwhy = \"it did not in version 1\"";
    let target = manifest(&sandbox, "none", waive);
    let output = sandbox.run(&["check", &target, "--quick", "--only", "half-close,sigterm"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{text}");
    for part in [
        "it passes, so its waiver (it did not in version 1) can go",
        "FAIL    sigterm",
        "broken: 1 passed, 1 failed, 0 waived (",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let target = manifest(&sandbox, "none", "[[waive]]\ncase = \"keep-alive\"\nwhy = \"too hard\"");
    let output = sandbox.run(&["check", &target]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("target.toml: the case `keep-alive` cannot be waived: there are header-timeout"),
        "{said}"
    );
}

#[test]
fn junit_is_xml_with_a_suite_for_the_target() {
    let output = Sandbox::new().run(&[
        "check",
        "--url",
        &start(Fault::MissingAllow),
        "--only",
        "method-echo,healthz,sigterm",
        "--format",
        "junit",
    ]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(4), "{text}");
    assert!(text.starts_with("<?xml"), "{text}");
    for part in [
        "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"",
        "name=\"method-echo\"",
        "<failure message=\"sent GET /echo;",
        "<skipped message",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}

#[test]
fn ctrl_c_ends_at_once_and_leaves_nothing() {
    let sandbox = Sandbox::new();
    let target = manifest(&sandbox, "none", "");
    let mut command = sandbox.bench(&["check", &target, "--only", "idle-timeout"]);
    let mut running =
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("bench starts"));
    // The guardians and the two instances: the one that is checked, and the one that is only waited on.
    let below = wait_for("two instances", || {
        Some(descendants(running.0.id() as i32)).filter(|processes| processes.len() >= 4)
    });
    std::thread::sleep(Duration::from_millis(300));
    let began = Instant::now();
    running.signal(rustix::process::Signal::INT);
    let status = running.0.wait().expect("an end");
    assert_eq!(status.code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    wait_for("the end of all", || below.iter().all(|&pid| !is_alive(pid)).then_some(()));
}

#[test]
fn mistakes_are_met_with_the_mend() {
    let sandbox = Sandbox::new();
    for (typed, code, words) in [
        ("check", 2, "<NAME|FILE|all>"),
        ("check golang", 2, "there is no target `golang`"),
        ("check rust --url http://h/", 2, "--url"),
        ("check rust --only keepalive", 2, "did you mean `keep-alive`?"),
        ("check rust --requests 0", 2, "at least 1 request"),
        ("check rust --pid 1", 2, "--pid"),
        ("check --url http://127.0.0.1:9/echo", 2, "leave the path out"),
        ("check --url http://127.0.0.1:9", 1, "start the server first"),
        ("check --url http://h --pid 4194000", 2, "no such process"),
    ] {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{typed}: {said}");
        assert!(said.contains(words) && output.stdout.is_empty(), "{typed} must say {words}: {said}");
    }
    let listed = String::from_utf8_lossy(&sandbox.run(&["check", "--cases"]).stdout).into_owned();
    assert!(listed.lines().count() > 60 && listed.contains("keep-alive"), "{listed}");
}
