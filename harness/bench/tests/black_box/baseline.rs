//! `bench baseline` from the outside: what is saved, listed, shown and removed, and what is refused.

use crate::gate::lost_to_the_machine;
use crate::support::Sandbox;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

/// A stored run that is valid, wherever it is read again.
const RUN: &str = include_str!("../fixtures/run.json");

/// A folder with stored runs under these ids, which began one after the other.
fn sandbox(ids: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for (number, id) in ids.iter().enumerate() {
        let mut run: Value = serde_json::from_str(RUN).unwrap();
        run["id"] = (*id).into();
        run["started_at"] = format!("2026-03-14T10:1{number}:00Z").into();
        write_run(&sandbox, id, &run);
    }
    sandbox
}

fn write_run(sandbox: &Sandbox, id: &str, run: &Value) {
    let folder = sandbox.folder.path().join("results").join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("run.json"), run.to_string()).unwrap();
}

fn baselines(sandbox: &Sandbox) -> Vec<PathBuf> {
    let entries = fs::read_dir(sandbox.folder.path().join("baselines")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn said(sandbox: &Sandbox, typed: &str) -> (i32, String, String) {
    let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn saved_listed_shown_and_removed() {
    let sandbox = sandbox(&["b", "a"]);
    assert_eq!(said(&sandbox, "baseline list"), (0, "no baselines in baselines\n".into(), String::new()));
    // In the order in which they were made, whatever the order in which they are named.
    let (code, printed, told) = said(&sandbox, "baseline save main a b");
    assert!(
        code == 0 && printed.is_empty() && told.contains("saved 2 runs of rust as baselines/main.json"),
        "{told}"
    );
    let file = fs::read_to_string(&baselines(&sandbox)[0]).unwrap();
    let stored: Value = serde_json::from_str(&file).unwrap();
    assert_eq!((&stored["schema"], &stored["target"]), (&"bench-baseline/1".into(), &"rust".into()));
    assert_eq!(stored["from"], serde_json::json!(["b", "a"]));
    for metric in ["tps", "p99", "cpu-per-request", "memory-peak"] {
        assert_eq!(stored["values"][metric].as_array().map(Vec::len), Some(2), "{metric}: {file}");
    }
    assert!(
        file.len() < 20_000 && !file.contains("_hdr"),
        "it is small enough to be committed: {}",
        file.len()
    );

    let (_, listed, _) = said(&sandbox, "baseline list");
    assert!(listed.starts_with("main  2 runs of rust at json-echo, "), "{listed}");
    let (_, shown, _) = said(&sandbox, "baseline show main --format json");
    assert_eq!(shown, file, "what programs get is the file");
    let (_, page, _) = said(&sandbox, "baseline show main");
    assert!(page.contains("CPU per request") && page.contains("1000 connections"), "{page}");

    // The same runs make the same bytes.
    assert_eq!(said(&sandbox, "baseline save again a b").0, 0);
    assert_eq!(fs::read_to_string(sandbox.folder.path().join("baselines/again.json")).unwrap(), file);
    assert_eq!(said(&sandbox, "baseline rm main again").0, 0);
    assert!(baselines(&sandbox).is_empty(), "nothing is left beside them, either");
}

#[test]
fn over_an_existing_one_only_by_force() {
    let sandbox = sandbox(&["a", "b"]);
    assert_eq!(said(&sandbox, "baseline save main a").0, 0);
    let before = fs::read_to_string(&baselines(&sandbox)[0]).unwrap();
    for typed in ["baseline save main b", "baseline measure main --scenario json-echo"] {
        let (code, _, told) = said(&sandbox, typed);
        assert!(
            code == 2 && told.contains("baselines/main.json is there already") && told.contains("--force"),
            "{told}"
        );
    }
    assert_eq!(fs::read_to_string(&baselines(&sandbox)[0]).unwrap(), before);
    assert_eq!(said(&sandbox, "baseline save main b --force").0, 0);
    assert_ne!(fs::read_to_string(&baselines(&sandbox)[0]).unwrap(), before);
    assert_eq!(baselines(&sandbox).len(), 1);
}

#[test]
fn what_makes_no_baseline() {
    let sandbox = sandbox(&["good"]);
    let change = |id: &str, change: &dyn Fn(&mut Value)| {
        let mut run: Value = serde_json::from_str(RUN).unwrap();
        run["id"] = id.into();
        change(&mut run);
        write_run(&sandbox, id, &run);
    };
    change("other-load", &|run| run["plan"]["load"]["connections"] = 999.into());
    change("other-kernel", &|run| run["machine"]["kernel"] = "0".into());
    change("cut-off", &|run| run["observations"]["interrupted_by"] = "SIGINT".into());
    let folder = sandbox.folder.path();
    fs::create_dir(folder.join("baselines")).unwrap();
    fs::write(folder.join("baselines/torn.json"), "{").unwrap();
    fs::write(folder.join("baselines/newer.json"), "{\"schema\":\"bench-baseline/9\"}").unwrap();
    // Words of the file in the reason, which would steer a terminal and begin a line of a log.
    fs::write(
        folder.join("baselines/rude.json"),
        "{\"schema\":\"\",\"values\":{\"\\u001b]0;x\\n::error::y\":1}}",
    )
    .unwrap();
    for (typed, code, parts) in [
        ("baseline save main nothing", 2, &["`nothing`", "bench list runs"][..]),
        ("baseline save main cut-off", 2, &["cut-off is invalid (interrupted)", "valid run"]),
        ("baseline save main good cut-off", 2, &["cut-off is invalid"]),
        ("baseline save main good other-load", 2, &["no repetition", "--conns"]),
        ("baseline save main good other-kernel", 2, &["no repetition", "the machine is another"]),
        ("baseline save main good --of rust", 2, &["--of is for comparisons", "good"]),
        ("baseline save a/b good", 2, &["`a/b`", "release-1.2"]),
        ("baseline save .hidden good", 2, &["`.hidden`"]),
        ("baseline save main", 2, &["<RUN>"]),
        ("baseline save main good --baselines /proc/nowhere", 1, &["/proc/nowhere", "--baselines"]),
        ("baseline show mian", 2, &["`mian`", "newer, rude, torn"]),
        ("baseline show rude", 2, &["rude.json", "anew"]),
        ("baseline show tron", 2, &["did you mean `torn`?"]),
        ("baseline show torn", 2, &["baselines/torn.json", "anew"]),
        ("baseline rm nothing", 2, &["no baseline `nothing`"]),
        ("baseline rm ../results/good/run", 2, &["cannot be the name"]),
        ("baseline measure main --scenario json-ecoh", 2, &["did you mean `json-echo`?"]),
        ("baseline measure main --scenario json-echo --target http://127.0.0.1:1", 2, &["fresh processes"]),
    ] {
        let (found, printed, told) = said(&sandbox, typed);
        assert_eq!(found, code, "{typed}: {told}");
        assert!(parts.iter().all(|part| told.contains(part)), "{typed} must say {parts:?}: {told}");
        assert!(printed.is_empty() && !told.contains("panicked"), "{typed}: {told}");
    }
    let (code, listed, _) = said(&sandbox, "baseline list");
    assert!(code == 0 && listed.matches("cannot be used").count() == 3, "{listed}");
    let (_, _, told) = said(&sandbox, "baseline show rude");
    for text in [&listed, &told] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n::error"), "{text:?}");
    }
    assert_eq!(baselines(&sandbox).len(), 3, "nothing half-written is left");
    assert!(folder.join("results/good/run.json").is_file());
}

/// Measured here and now: on a machine that is busy with tests not one run may be valid, and it is done again, but not for ever.
#[test]
fn measured_and_kept() {
    let sandbox = Sandbox::new();
    let brief = "-c 2 --warmup 0s --duration 200ms --no-check";
    let measure = format!("baseline measure main --scenario json-echo --runs 3 {brief}");
    for attempt in 1..=4 {
        let (code, _, told) = said(&sandbox, &measure);
        assert!(told.contains("How does rust do at json-echo with 2 connections?"), "{told}");
        if code == 0 {
            break;
        }
        assert!(code == 3 && baselines(&sandbox).is_empty() && told.contains("invalid"), "{code}: {told}");
        let (lost, _) = sandbox.json(&["report", "latest"]);
        assert!(lost_to_the_machine(&lost["blocks"]), "{told}");
        if attempt == 4 {
            return;
        }
    }
    let stored: Value = serde_json::from_slice(&fs::read(&baselines(&sandbox)[0]).unwrap()).unwrap();
    let runs = stored["values"]["tps"].as_array().unwrap().len();
    assert!((1..=3).contains(&runs), "{stored:#}");
    assert_eq!(said(&sandbox, "report latest").0, 0, "what was measured is shown like any comparison");
    assert_eq!(said(&sandbox, "baseline save again latest --of rust").0, 0);
    let (_, _, refused) = said(&sandbox, "baseline save more latest --of go");
    assert!(refused.contains("--of go") && refused.contains("compares rust"), "{refused}");
}
