//! `bench audit` from the outside: the verdict in the exit code, words that fit the screen, and JSON.

use crate::support::Sandbox;
use serde_json::Value;

fn audit(typed: &str) -> (i32, String) {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.is_empty(), "{typed}: {said}");
    assert_eq!(sandbox.results().len(), 0, "nothing is stored");
    (output.status.code().expect("an exit code"), String::from_utf8(output.stdout).expect("UTF-8"))
}

#[test]
fn figures_alone() {
    for (typed, code, parts) in [
        (
            "audit --tps 18432 --conns 1000 --p99 42ms",
            4,
            &["CONTRADICTORY", "54.3 ms", "1.27 s", "30 times", "774 of 1000", "TPS x P99"][..],
        ),
        (
            "audit --tps 18.432k -c 1k --p99 90ms --p50 50ms",
            0,
            &["CONSISTENT", "connections / TPS", "54.25 ms"],
        ),
        ("audit --tps 0.5 --connections 1 --mean 2s", 0, &["CONSISTENT", "2.000 s"]),
        ("audit --tps 18432 --conns 1000 --mean 20ms", 4, &["368.6 requests in flight"]),
        ("audit --tps 18432 --conns 1000 --p50 60ms --p99 42ms", 4, &["swapped"]),
        ("audit --tps 18432 --conns 1000", 0, &["UNCHECKED", "54.25 ms"]),
    ] {
        let (exit, text) = audit(typed);
        assert_eq!(exit, code, "{typed}: {text}");
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(parts.iter().all(|part| line.contains(part)), "{typed} must say {parts:?}: {text}");
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

#[test]
fn the_claims_of_a_scenario() {
    let (exit, text) = audit("audit --scenario json-echo");
    assert_eq!(exit, 4, "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for part in ["Go net/http", "54.25 ms", "78.41 ms", "311.5 ms", "origin unknown", "8-core Xeon"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.lines().filter(|line| line.ends_with(" contradictory")).count(), 3, "{text}");
}

#[test]
fn json() {
    let (value, exit) = Sandbox::new().json(&["audit", "--scenario", "json-echo"]);
    assert_eq!(exit, 4);
    assert_eq!((&value["schema"], &value["verdict"]), (&"bench-audit/1".into(), &"contradictory".into()));
    let python = &value["audits"][2];
    assert_eq!((&python["target"], &python["tps"]), (&"python".into(), &3210.0.into()));
    assert_eq!(
        (&python["latency_us"]["p99"], &python["memory_bytes"]),
        (&156_000.0.into(), &110_000_000.into())
    );
    assert!((python["implied_mean_us"].as_f64().unwrap() - 311_526.5).abs() < 0.1, "{python:#}");
    assert_eq!(
        (&python["findings"][0]["code"], &python["findings"][0]["contradicts"]),
        (&"tail".into(), &true.into())
    );

    let (value, exit) = Sandbox::new().json(&["audit", "--tps", "100", "--conns", "1", "--p99", "20ms"]);
    assert_eq!((exit, &value["verdict"]), (0, &"consistent".into()));
    assert_eq!((&value["scenario"], &value["audits"][0]["label"]), (&Value::Null, &Value::Null));
}

#[test]
fn mistakes() {
    let sandbox = Sandbox::new();
    let bare = "name = \"bare\"\ndescription = \"d\"\n[[request]]\npath = \"/\"\n";
    std::fs::write(sandbox.folder.path().join("bare.toml"), bare).unwrap();
    for (typed, part) in [
        ("audit", "--tps"),
        ("audit --tps 5", "--conns"),
        ("audit --conns 5 --p99 1ms", "--tps"),
        ("audit --tps 0 --conns 5", "above 0"),
        ("audit --tps many --conns 5", "`many` is not a count"),
        ("audit --tps 5 --conns 0", "at least 1 connection"),
        ("audit --tps 5 --conns 5 --p99 0s", "above 0"),
        ("audit --tps 5 --conns 5 --p99 42", "has no unit: write it like 42ms"),
        ("audit --scenario json-echo --tps 5 --conns 5", "cannot be used with"),
        ("audit --scenario json-ecoh", "did you mean `json-echo`?"),
        ("audit --scenario bare.toml", "no [[claim]]"),
    ] {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{typed}: {said}");
        assert!(said.contains(part) && !said.contains("panicked"), "{typed} must say {part}: {said}");
    }
}
