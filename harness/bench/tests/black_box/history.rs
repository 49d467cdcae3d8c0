//! `bench report --history` from the outside, over results that are made from one stored run.

use crate::support::Sandbox;
use serde_json::{Value, json};
use std::fs;

/// A stored run, made so short that thirty copies are read in no time.
fn short() -> Value {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/run.json")).unwrap();
    let mut run: Value = serde_json::from_str(&text).unwrap();
    run["intervals"].as_array_mut().unwrap().drain(..4);
    run["observations"]["steady"] = Value::Null;
    run
}

/// Stores a copy as the run of a day, `part` of whose verified requests are left.
fn store(sandbox: &Sandbox, run: &Value, day: usize, part: f64) -> String {
    let id = format!("202601{day:02}T101500Z-json-echo-rust-c1000");
    let mut run = run.clone();
    run["id"] = json!(id);
    run["started_at"] = json!(format!("2026-01-{day:02}T10:15:00Z"));
    for interval in run["intervals"].as_array_mut().unwrap() {
        let counters = &mut interval["counters"];
        for name in ["requests", "in_flight_ns"] {
            let scaled = counters[name].as_u64().unwrap() as f64 * part;
            counters[name] = json!(scaled as u64);
        }
    }
    let folder = sandbox.folder.path().join("results").join(&id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("run.json"), run.to_string()).unwrap();
    id
}

#[test]
fn a_step_is_found_and_the_rest_is_told() {
    let sandbox = Sandbox::new();
    let run = short();
    for day in 1..=24 {
        // Runs differ by a percent from one to the next; from the 15th day on each has a tenth less.
        let scatter = 1.0 - 0.01 * ((day * 7) % 5) as f64 / 4.0;
        store(&sandbox, &run, day, scatter * if day < 15 { 1.0 } else { 0.9 });
    }
    let mut interrupted = run.clone();
    interrupted["observations"]["interrupted_by"] = json!("SIGINT");
    store(&sandbox, &interrupted, 25, 0.2);
    let mut elsewhere = run.clone();
    elsewhere["machine"]["cpu"] = json!("Another CPU");
    store(&sandbox, &elsewhere, 26, 3.0);
    let broken = sandbox.folder.path().join("results/20260127T101500Z-broken");
    fs::create_dir_all(&broken).unwrap();
    fs::write(broken.join("run.json"), "{").unwrap();

    let typed = ["report", "--history", "--scenario", "json-echo", "--target", "rust", "--metric", "tps"];
    let (history, code) = sandbox.json(&typed);
    assert_eq!((code, &history["schema"], &history["unreadable"]), (0, &json!("bench-history/1"), &json!(1)));
    let groups = history["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 2, "the other machine's run stands apart");
    let group = groups.iter().find(|group| group["points"].as_array().unwrap().len() > 1).unwrap();
    assert_eq!(group["points"].as_array().unwrap().len(), 24);
    assert_eq!(group["left_out"][0]["why"], "interrupted");
    let changes = group["series"][0]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:#?}");
    assert_eq!(changes[0]["id"], "20260115T101500Z-json-echo-rust-c1000");
    assert!((changes[0]["part"].as_f64().unwrap() + 0.1).abs() < 0.02 && changes[0]["direction"] == "worse");

    let output = sandbox.run(&["report", "--history", "--charts", "drawn"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success());
    for part in [
        "=> TPS: ",
        "worse",
        "interrupted by SIGINT",
        "E-divisive means",
        "Matteson and James",
        "Another CPU",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(String::from_utf8_lossy(&output.stderr).contains("20260127T101500Z-broken is left out"));
    assert!(sandbox.folder.path().join("drawn/history.svg").is_file());
    let markdown = sandbox.run(&["report", "--history", "-f", "markdown"]);
    assert!(String::from_utf8_lossy(&markdown.stdout).contains("| TPS | 2026-01-15 10:15 |"));
}

#[test]
fn mistakes() {
    let sandbox = Sandbox::new();
    let nothing = sandbox.run(&["report", "--history"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nothing.stderr).contains("make one with `bench run`"));
    store(&sandbox, &short(), 1, 1.0);
    for (typed, part) in [
        ("report", "--history"),
        ("report --scenario json-echo latest", "--history"),
        ("report --history latest", "--history"),
        ("report --history --scenario json-ecoh", "did you mean `json-echo`?"),
        ("report --history --target golang", "there are runs of rust"),
        ("report --history --metric tsp", "did you mean `tps`?"),
        ("report --history --format csv", "choose --format text, markdown or json"),
        ("report --history --last 0", "at least 1 run"),
    ] {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{typed}: {said}");
        assert!(said.contains(part) && output.stdout.is_empty(), "{typed}: {said}");
    }
    let alone = sandbox.run(&["report", "--history"]);
    let text = String::from_utf8_lossy(&alone.stdout).into_owned();
    assert!(alone.status.success() && text.contains("Nothing to compare with"), "{text}");
}
