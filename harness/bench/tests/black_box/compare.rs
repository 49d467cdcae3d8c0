//! `bench compare` from the outside: blocks, order, interruption, resumption, and reports of what is stored.

use crate::support::{EchoServer, Running, Sandbox, wait_for};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// So brief that no verdict can be expected, and valid all the same on a machine that is busy with tests.
const BRIEF: &[&str] = &["-c", "2", "--warmup", "0s", "--duration", "200ms", "--no-check"];
const TWO: &[&str] = &["compare", "--scenario", "json-echo", "--targets", "rust,rust"];

fn stored(sandbox: &Sandbox) -> (PathBuf, Value) {
    let results = sandbox.results();
    assert_eq!(results.len(), 1, "{results:?}");
    let plan = serde_json::from_slice(&fs::read(results[0].join("comparison.json")).unwrap()).unwrap();
    (results[0].clone(), plan)
}

/// The runs of a block, in the order of their numbers.
fn block(folder: &Path, number: usize) -> Vec<String> {
    let entries = fs::read_dir(folder.join(format!("block-{number:02}"))).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    // On a machine that is busy with tests, runs are disturbed and made again.
    let mut names: Vec<String> = names.filter(|name| !name.contains(".disturbed-")).collect();
    names.sort();
    names
}

fn is_partial(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[test]
fn blocks_in_the_order_of_the_seed_and_a_report_of_them() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&[TWO, BRIEF, &["--blocks", "2", "--seed", "7", "--format", "json"]].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for part in [
        "2 blocks of 3 runs each (rust twice",
        "it will take",
        "cannot show anything better or worse",
        // Of 2, or of more where a busy machine cost a block.
        "block 2/",
    ] {
        assert!(said.contains(part), "{part} is not in: {said}");
    }
    let (folder, plan) = stored(&sandbox);
    assert_eq!(
        (&plan["schema"], &plan["seed"], &plan["control"]),
        (&"bench-compare/1".into(), &7.into(), &true.into())
    );
    for number in [1, 2] {
        let runs = block(&folder, number);
        assert_eq!(runs.len(), 3, "{runs:?}");
        for run in &runs {
            assert!(folder.join(format!("block-{number:02}/{run}/run.json")).is_file());
        }
        let mut who: Vec<&str> = runs.iter().map(|run| &run[2..]).collect();
        who.sort_unstable();
        assert_eq!(who, ["rust", "rust--control", "rust-2"]);
    }
    // The same seed draws the same order for every block, whoever asks.
    let again = Sandbox::new();
    again.run(&[TWO, BRIEF, &["--blocks", "2", "--seed", "7"]].concat());
    let (other, _) = stored(&again);
    assert_eq!([block(&other, 1), block(&other, 2)], [block(&folder, 1), block(&folder, 2)]);

    let printed: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(printed["schema"], "bench-compare/1");
    // Recomputed from the runs, it says the same.
    let report = sandbox.run(&["report", "latest", "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&report.stdout).unwrap(), printed);
    assert!(printed["blocks"]["planned"] == 2 && printed["figures"][0]["label"] == "rust", "{printed:#}");
    for (format, part) in [("markdown", "# "), ("html", "<!DOCTYPE html>"), ("text", "rust#2")] {
        let text = sandbox.run(&["report", "latest", "--format", format]).stdout;
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(text.to_lowercase().contains(&part.to_lowercase()), "{format}: {text}");
    }
    let refused = sandbox.run(&["report", "latest", "--format", "k6"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("a comparison has no format `k6`: choose from text, json, csv"), "{said}");
    assert!(said.contains("each of its runs has it: bench report"), "{said}");
    let table = sandbox.run(&["report", "latest", "--format", "csv"]).stdout;
    let table = String::from_utf8_lossy(&table).into_owned();
    assert!(table.lines().count() > 6 && table.starts_with("comparison,block,turn,target,"), "{table}");
    let listed = sandbox.run(&["list", "runs"]).stdout;
    assert!(String::from_utf8_lossy(&listed).contains("comparison, 2 of 2 blocks"));
    for name in ["report.html", "report.md"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
}

#[test]
fn interrupted_and_gone_on_with() {
    let sandbox = Sandbox::new();
    let child = sandbox.bench(&[TWO, BRIEF, &["--blocks", "3", "--no-control"]].concat()).spawn().unwrap();
    let mut running = Running(child);
    let folder = wait_for("the comparison", || {
        sandbox.results().into_iter().find(|path| path.join("comparison.json").is_file() && !is_partial(path))
    });
    wait_for("the second block", || folder.join("block-02").is_dir().then_some(()));
    let first: Vec<_> = block(&folder, 1);
    let stamp = |run: &str| {
        fs::metadata(folder.join("block-01").join(run).join("run.json")).unwrap().modified().unwrap()
    };
    let stamps: Vec<_> = first.iter().map(|run| stamp(run)).collect();
    running.signal(rustix::process::Signal::INT);
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    assert_eq!(first.len(), 2, "the finished block is whole");

    let id = folder.file_name().unwrap().to_string_lossy().into_owned();
    let refused = sandbox.run(&["compare", "--resume", &id, "--conns", "3"]);
    assert_eq!(refused.status.code(), Some(2), "what was begun is not changed half-way");
    let output = sandbox.run(&["compare", "--resume", &id, "--no-check"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("3 blocks of 2 runs each"), "{said}");
    for number in 1..=3 {
        assert_eq!(block(&folder, number).len(), 2, "block {number}: {said}");
    }
    assert_eq!(
        first.iter().map(|run| stamp(run)).collect::<Vec<_>>(),
        stamps,
        "finished blocks are not run again"
    );
    assert_eq!(sandbox.results().len(), 1);
}

#[test]
fn a_sweep_of_one_target() {
    let sandbox = Sandbox::new();
    let sweep =
        ["compare", "--scenario", "json-echo", "--targets", "rust", "--sweep", "conns=1,3", "--blocks", "1"];
    let planned = sandbox.run(&[&sweep[..], &["--dry-run", "--seed", "7"]].concat());
    let planned = String::from_utf8_lossy(&planned.stdout).into_owned();
    for part in
        ["How does rust do at json-echo with 1 and 3 connections?", "1 block of 3 runs", "rust conns=3"]
    {
        assert!(planned.contains(part), "{part} is not in: {planned}");
    }
    assert!(sandbox.results().is_empty(), "nothing was run");

    let brief = ["--warmup", "0s", "--duration", "200ms", "--no-check", "--seed", "7", "--format", "json"];
    let output = sandbox.run(&[&sweep[..], &brief].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let (folder, plan) = stored(&sandbox);
    assert!(folder.display().to_string().ends_with("-json-echo-rust-sweep-conns"), "{}", folder.display());
    for (index, connections) in [1, 3].into_iter().enumerate() {
        let entrant = &plan["entrants"][index];
        assert_eq!(entrant["setting"], serde_json::json!({"parameter": "conns", "value": connections}));
        assert_eq!(entrant["plan"]["load"]["connections"], connections);
    }
    let mut who: Vec<String> = block(&folder, 1).iter().map(|run| run[2..].to_owned()).collect();
    who.sort_unstable();
    assert_eq!(who, ["rust-conns-1", "rust-conns-1--control", "rust-conns-3"]);
    assert!(printed["repeat"].as_str().unwrap().contains(" --targets rust --sweep conns=1,3 --duration"));
    // On a machine that is busy with tests the only block may be lost, and there is nothing to compare.
    if printed["blocks"]["used"] == 1 {
        let pair = &printed["pairs"][0];
        assert_eq!((&pair["label"], &pair["base"]), (&"rust conns=3".into(), &"rust conns=1".into()));
        sandbox.run(&["report", "latest", "--charts", "again"]);
        for folder in [folder.join("charts"), sandbox.folder.path().join("again/charts")] {
            assert!(folder.join("comparison-sweep.svg").is_file(), "{}", folder.display());
        }
        let id = folder.file_name().unwrap().to_string_lossy().into_owned();
        let resumed = sandbox.run(&["compare", "--resume", &id, "--format", "json"]);
        assert_eq!(serde_json::from_slice::<Value>(&resumed.stdout).unwrap(), printed, "{said}");
    }
}

#[test]
fn a_wrong_sweep_is_refused() {
    let sandbox = Sandbox::new();
    let flags = ["compare", "--scenario", "json-echo", "--targets", "rust,rust", "--sweep"];
    for (typed, parts) in [
        ("conns=1,x", ["--sweep", "conns: `x` is not a count"]),
        ("conn=1,2", ["did you mean `conns`?", "can be swept are conns, rate, batch"]),
        ("conns=5", ["conns=5 is one value", "--conns"]),
        ("rate=1k,1000", ["rate=1000 is there twice", "--sweep"]),
        ("conns=1,2 --conns 5", ["--conns", "--sweep conns=1,2"]),
        ("rate=1,2 --rate 5", ["--rate", "--sweep rate=1,2"]),
        ("conns=1,2 --resume latest", ["--resume", "--sweep"]),
    ] {
        let output = sandbox.run(&[&flags, typed.split(' ').collect::<Vec<_>>().as_slice()].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{typed}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{typed} must say {parts:?}: {said}");
    }
    assert!(sandbox.results().is_empty(), "nothing was begun");
}

#[test]
fn two_urls_without_a_scenario() {
    let (one, other) = (EchoServer::start(u64::MAX), EchoServer::start(u64::MAX));
    let sandbox = Sandbox::new();
    let targets = format!("{},{}", one.url("/echo"), other.url("/echo"));
    let flags =
        ["compare", "--targets", &targets, "-b", "{\"n\":1}", "--expect-body", "same-json", "--blocks", "1"];
    let output = sandbox.run(&[&flags, BRIEF].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{said}");
    assert!(said.contains("did not start http://"), "{said}");
    let (folder, _) = stored(&sandbox);
    assert_eq!(block(&folder, 1).len(), 3);
}

#[test]
fn a_lost_block_is_replaced() {
    // The first run gets some wrong answers, which makes it invalid; nothing else does.
    let server = EchoServer::wrong_in(20..25);
    let sandbox = Sandbox::new();
    let targets = format!("{0},{0}", server.url("/echo"));
    let flags =
        ["compare", "--targets", &targets, "-b", "{\"n\":1}", "--expect-body", "same-json", "--blocks", "1"];
    let output = sandbox.run(&[&flags, BRIEF].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("block 1 will not count") && said.contains("wrong body"), "{said}");
    let (folder, _) = stored(&sandbox);
    assert_eq!([block(&folder, 1).len(), block(&folder, 2).len(), block(&folder, 3).len()], [3, 3, 0]);
    let printed = sandbox.run(&["report", "latest", "--format", "json"]).stdout;
    let printed: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!((&printed["blocks"]["planned"], &printed["blocks"]["complete"]), (&1.into(), &2.into()));
    let lost: Vec<&Value> = printed["blocks"]["lost"].as_array().unwrap().iter().collect();
    assert!(lost.iter().any(|run| run["block"] == 0 && run["codes"][0] == "mismatches"), "{lost:?}");
}

#[test]
fn a_server_that_answers_wrongly_ends_it_and_keeps_what_there_is() {
    let server = EchoServer::start(200);
    let sandbox = Sandbox::new();
    let targets = format!("{0},{0}", server.url("/echo"));
    let flags =
        ["compare", "--targets", &targets, "-b", "{\"n\":1}", "--expect-body", "same-json", "--blocks", "9"];
    let output = sandbox.run(&[&flags, BRIEF].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("another body than expected") && said.contains("--resume"), "{said}");
    let (_, plan) = stored(&sandbox);
    assert_eq!(plan["blocks"], 9);
}
