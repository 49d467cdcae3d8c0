//! `bench run` from the outside: what it prints, stores and leaves behind.

use crate::support::{EchoServer, Running, Sandbox, descendants, is_alive, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::process::Stdio;
use std::sync::atomic::Ordering;

const BRIEF: &[&str] = &["--warmup", "0s", "--duration", "500ms"];

/// The names in an object, with those of the objects in it.
pub(crate) fn shape(value: &Value) -> Vec<String> {
    let Value::Object(fields) = value else {
        return Vec::new();
    };
    fields
        .iter()
        .flat_map(|(name, field)| {
            let inner = shape(field).into_iter().map(move |below| format!("{name}.{below}"));
            std::iter::once(name.clone()).chain(inner)
        })
        .collect()
}

#[test]
fn the_json_has_the_documented_shape_and_the_servers_own_count() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let url = server.url("/echo");
    let arguments = [
        &["run", "--url", &url, "-c", "10", "-t", "3", "-b", "{\"n\":1}", "--expect-body", "same-json"],
        BRIEF,
    ]
    .concat();
    let (report, code) = sandbox.json(&arguments);
    // How fast a debug build on a busy machine is decides whether its generator is called saturated.
    assert!(code == 0 || report["warnings"][0]["code"] == "generator-saturated", "{report:#}");
    assert_eq!(report["schema"], "bench-run/1");
    assert!(report["target"].is_null());
    let mut top: Vec<&str> = report.as_object().unwrap().keys().map(String::as_str).collect();
    top.sort_unstable();
    assert_eq!(
        top,
        ["generator", "id", "machine", "plan", "schema", "summary", "target", "verdict", "warnings"]
    );
    let mut summary = shape(&report["summary"]);
    summary.sort_unstable();
    let mut documented: Vec<String> =
        "duration_s requests tps bytes_in bytes_out errors status in_flight_mean latency_us hiccup_us"
            .split(' ')
            .map(str::to_owned)
            .collect();
    documented.extend(
        "unsent connect timeout reset protocol status mismatch"
            .split(' ')
            .map(|name| format!("errors.{name}")),
    );
    documented.push("status.200".to_owned());
    let latency = "min mean stdev p50 p75 p90 p95 p99 p99_9 p99_99 max";
    documented.extend(latency.split(' ').map(|name| format!("latency_us.{name}")));
    documented.extend(latency.split(' ').map(|name| format!("hiccup_us.{name}")));
    documented.sort_unstable();
    assert_eq!(summary, documented);
    let mut generator = shape(&report["generator"]);
    generator.sort_unstable();
    assert_eq!(generator, ["cpu_us_per_request", "cpu_utilisation", "rss_peak_bytes"]);
    assert!(report["generator"]["cpu_us_per_request"].as_f64().unwrap() > 0.0);
    let stored = sandbox.stored();
    let used =
        stored["intervals"].as_array().unwrap().iter().map(|one| one["machine_cpu_s"].as_f64().unwrap());
    assert!(used.sum::<f64>() > 0.0, "the machine was in use");

    let (counted, answered) =
        (report["summary"]["requests"].as_u64().unwrap(), server.answered.load(Ordering::Relaxed) - 1);
    assert!(
        counted > 0 && counted <= answered && answered <= counted + 10,
        "{counted} counted, {answered} answered"
    );
    assert_eq!(report["summary"]["status"]["200"], counted);
}

#[test]
fn a_target_is_started_measured_stored_and_stopped() {
    let sandbox = Sandbox::new();
    let arguments = [&["run", "--scenario", "json-echo", "--conns", "7"], BRIEF].concat();
    let (report, _) = sandbox.json(&arguments);
    assert!(report["summary"]["requests"].as_u64().unwrap() > 0, "{report:#}");
    assert_eq!(
        report["summary"]["errors"].as_object().unwrap().values().filter(|count| **count != 0).count(),
        0
    );
    let target = &report["target"];
    assert_eq!(target["name"], "rust");
    for path in [
        "/startup_ms",
        "/cpu_us_per_request",
        "/memory_bytes/idle",
        "/memory_bytes/median",
        "/memory_bytes/peak",
    ] {
        assert!(
            target.pointer(path).and_then(Value::as_f64).is_some_and(|value| value > 0.0),
            "{path} in {target:#}"
        );
    }
    let folder = &sandbox.results()[0];
    for name in ["run.json", "latency.hgrm", "target.log", "report.html"] {
        assert!(folder.join(name).metadata().is_ok_and(|file| file.len() > 0), "{name}");
    }
    let drawn = |extension: &str| {
        let files = std::fs::read_dir(folder).unwrap().flatten();
        files.filter(|file| file.path().extension().is_some_and(|found| found == extension)).count()
    };
    assert_eq!((drawn("svg"), drawn("png")), (4, 4));

    // The stored run gives the same figures again, in every format.
    let again = sandbox.run(&["report", "latest", "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), report);
    let page = ("html", "data-figure=\"/summary/tps\"");
    for (format, part) in [("text", "TPS"), ("csv", "warm-up,measure"), ("markdown", "| Throughput |"), page]
    {
        let output = sandbox.run(&["report", report["id"].as_str().unwrap(), "--format", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && part.split(',').any(|part| text.contains(part)),
            "{format}: {text}"
        );
    }
    let listed = sandbox.run(&["list", "runs"]);
    assert!(String::from_utf8_lossy(&listed.stdout).contains(report["id"].as_str().unwrap()));
}

#[test]
fn wrong_bodies_are_no_transactions_and_make_the_run_invalid() {
    let server = EchoServer::start(100);
    let sandbox = Sandbox::new();
    let url = server.url("");
    let arguments = [&["run", "--scenario", "json-echo", "-c", "4", "--url", &url], BRIEF].concat();
    let (report, code) = sandbox.json(&arguments);
    assert_eq!((code, &report["verdict"]), (3, &Value::from("invalid")), "{report:#}");
    assert_eq!(report["summary"]["requests"], 99, "the check took one of the hundred right answers");
    assert!(report["summary"]["errors"]["mismatch"].as_u64().unwrap() > 0);
    assert!(report["warnings"].as_array().unwrap().iter().any(|warning| warning["code"] == "mismatches"));
    let text = sandbox.run(&["report", "latest"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("INVALID"));
}

#[test]
fn a_server_that_is_wrong_from_the_start_is_not_loaded() {
    let server = EchoServer::start(0);
    let sandbox = Sandbox::new();
    let output = sandbox
        .run(&[&["run", "--scenario", "json-echo", "-c", "4", "--url", &server.url("")], BRIEF].concat());
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("another body than expected") && said.contains("wrong"), "{said}");
    assert_eq!(server.answered.load(Ordering::Relaxed), 1);
    assert_eq!(sandbox.results(), Vec::<std::path::PathBuf>::new(), "nothing half-written is left");
}

/// A run of the built-in target that would last a minute.
fn long_run(sandbox: &Sandbox) -> Running {
    let arguments =
        ["run", "--scenario", "json-echo", "-c", "5", "--warmup", "0s", "-d", "60s", "--format", "json"];
    Running(
        sandbox
            .bench(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bench starts"),
    )
}

/// Waits until the run has stored an interval, so that a signal finds it in the middle.
pub(crate) fn wait_for_intervals(sandbox: &Sandbox) {
    wait_for("an interval", || {
        let spool = sandbox.results().first()?.join("intervals.ndjson");
        spool.metadata().ok().filter(|file| file.len() > 0)
    });
}

#[test]
fn a_target_that_dies_ends_the_run_at_once() {
    let sandbox = Sandbox::new();
    let mut run = long_run(&sandbox);
    let target = run.target();
    wait_for_intervals(&sandbox);
    rustix::process::kill_process(rustix::process::Pid::from_raw(target).unwrap(), Signal::KILL).unwrap();
    let status = wait_for("the end of the run", || run.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(3));
    let stored = sandbox.stored();
    assert_eq!(stored["verdict"], "invalid");
    let died = stored["warnings"].as_array().unwrap().iter().find(|warning| warning["code"] == "target-died");
    let message = died.expect("a warning")["message"].as_str().unwrap().to_owned();
    assert!(message.contains("SIGKILL") || message.contains("signal: 9"), "{message}");
    assert!(message.contains("listening on"), "the log's last lines: {message}");
    assert!(stored["summary"]["requests"].as_u64().unwrap() > 0, "what was measured is kept");
}

#[test]
fn ctrl_c_keeps_what_was_measured_and_leaves_nothing_running() {
    for (signal, code, name) in [(Signal::INT, 130, "SIGINT"), (Signal::TERM, 143, "SIGTERM")] {
        let sandbox = Sandbox::new();
        let mut run = long_run(&sandbox);
        run.target();
        wait_for_intervals(&sandbox);
        let started = descendants(run.0.id() as i32);
        assert!(started.len() >= 2, "a guardian and a target: {started:?}");
        run.signal(signal);
        let status = wait_for("the end of the run", || run.0.try_wait().unwrap());
        assert_eq!(status.code(), Some(code));
        let stored = sandbox.stored();
        assert_eq!(stored["verdict"], "invalid");
        let message = stored["warnings"][0]["message"].as_str().unwrap();
        assert!(stored["warnings"][0]["code"] == "interrupted" && message.contains(name), "{message}");
        assert!(stored["summary"]["duration_s"].as_f64().unwrap() < 59.0);
        assert!(!started.iter().any(|&pid| is_alive(pid)), "left running: {started:?}");
    }
}

#[test]
fn kill_9_leaves_nothing_running() {
    let sandbox = Sandbox::new();
    let mut run = long_run(&sandbox);
    run.target();
    wait_for_intervals(&sandbox);
    let started = descendants(run.0.id() as i32);
    run.signal(Signal::KILL);
    run.0.wait().unwrap();
    wait_for("the end of everything", || (!started.iter().any(|&pid| is_alive(pid))).then_some(()));
    let listed = sandbox.run(&["list", "runs"]);
    assert_eq!(
        String::from_utf8_lossy(&listed.stdout),
        "no runs below results\n",
        "a half-written run is none"
    );
}

#[test]
fn a_pid_is_sampled_that_bench_did_not_start() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let (url, own) = (server.url("/"), std::process::id().to_string());
    let (report, _) = sandbox.json(&[&["run", "--url", &url, "-c", "2", "--pid", &own], BRIEF].concat());
    assert!(report["target"]["startup_ms"].is_null());
    assert!(report["target"]["memory_bytes"]["peak"].as_u64().unwrap() > 0, "{report:#}");
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&[
        "run",
        "--scenario",
        "json-echo",
        "-c",
        "1.5k",
        "-d",
        "2m",
        "--warmup",
        "3s",
        "--dry-run",
    ]);
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(plan["load"], serde_json::json!({"model": "closed", "connections": 1500}));
    assert_eq!((&plan["duration_s"], &plan["warmup"]), (&Value::from(120.0), &Value::from("3s")));
    assert_eq!(sandbox.results().len(), 0);
}
