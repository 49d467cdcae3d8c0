//! `bench gate` from the outside: against code of another commit, against stored figures, and what it exits with.

use crate::support::{Running, Sandbox, wait_for};
use crate::targets::{MANIFEST, SERVER, sandbox};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

pub(crate) const BRIEF: &str = "-c 2 --warmup 0s --duration 300ms --no-check";

/// How long a gate is made again before the machine is too busy to test on.
const PATIENCE: Duration = Duration::from_secs(30);

struct Gate {
    code: i32,
    verdict: Value,
    said: String,
}

/// Runs a gate, and holds what it prints against what it exits with.
fn gate(sandbox: &Sandbox, typed: &str) -> Gate {
    let output = sandbox.run(&format!("gate {typed} --format json").split_whitespace().collect::<Vec<_>>());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let verdict: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"));
    let code = output.status.code().unwrap();
    let expected = match (verdict["verdict"].as_str().unwrap(), typed.contains("--inconclusive fail")) {
        ("passed", _) | ("inconclusive", false) => 0,
        ("failed", _) | ("inconclusive", true) => 4,
        _ => 3,
    };
    assert_eq!(code, expected, "{verdict:#}\n{said}");
    assert_eq!(verdict["schema"], "bench-gate/1");
    Gate { code, verdict, said }
}

/// A baseline of the server inside `bench` on this machine, with eight runs of made-up figures: `factor` times as much as
/// anybody needs.
pub(crate) fn baseline(sandbox: &Sandbox, factor: f64, change: impl Fn(&mut Value)) {
    let typed = format!("run --scenario json-echo {BRIEF}").replace(" --no-check", "");
    let (run, _) = sandbox.json(&typed.split(' ').collect::<Vec<_>>());
    let eight = |value: f64| (0..8).map(|run| value * (1.0 + 0.001 * f64::from(run))).collect::<Vec<f64>>();
    let mut stored = json!({
        "schema": "bench-baseline/1", "from": ["made-up"], "measured_at": "2026-01-01T00:00:00Z", "target": "rust",
        "source": null, "machine": run["machine"], "plan": run["plan"],
        "values": {
            "tps": eight(1e4 / factor), "p99": eight(1e3 * factor),
            "cpu-per-request": eight(1e2 * factor), "memory-peak": eight(1e7 * factor),
        },
    });
    change(&mut stored);
    let folder = sandbox.folder.path().join("baselines");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("main.json"), stored.to_string()).unwrap();
}

/// A gate that rests on so many blocks. On a machine that is busy with tests some are disturbed, and it is made again; none where
/// the machine, and nothing else, leaves no hope of one.
fn gate_with(sandbox: &Sandbox, typed: &str, least: u64) -> Option<Gate> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let gate = gate(sandbox, typed);
        let blocks = &gate.verdict["blocks"];
        if blocks["used"].as_u64().unwrap() >= least {
            return Some(gate);
        }
        assert!(lost_to_the_machine(blocks), "{blocks:#}: {}", gate.said);
    }
    eprintln!("the machine is too busy to look at: bench {typed}");
    None
}

/// Whether all blocks that cannot be used were lost for what else ran on the machine.
pub(crate) fn lost_to_the_machine(blocks: &Value) -> bool {
    let busy = ["machine-busy", "steal", "generator-saturated"];
    let is_busy = |run: &Value| {
        run["codes"].as_array().unwrap().iter().any(|code| busy.contains(&code.as_str().unwrap()))
    };
    blocks["lost"].as_array().unwrap().iter().all(is_busy)
}

#[test]
fn against_stored_figures() {
    let sandbox = Sandbox::new();
    baseline(&sandbox, 1e6, |_| ());
    let files = "-o github=out/summary.md -o junit=out/gate.xml --output annotations=out/annotations.txt";
    // Of 8 against 3 runs the least p-value is 1/165, and four times that is below 0.025.
    let typed = format!("--base main -n 4 --no-check {files}");
    let Some(better) = gate_with(&sandbox, &typed, 3) else { return };
    assert!(better.said.contains("since no commit is known that holds what was measured"), "{}", better.said);
    // What is printed and what is written is the same gate.
    let written = |name: &str| fs::read_to_string(sandbox.folder.path().join("out").join(name)).unwrap();
    let (verdict, id) = (better.verdict["verdict"].as_str().unwrap(), better.verdict["id"].as_str().unwrap());
    let summary = written("summary.md");
    assert!(summary.starts_with("## Gate: json-echo, rust against main\n\n**"), "{summary}");
    assert!(summary.contains(&format!("**{}**: ", verdict.to_uppercase())), "{verdict}: {summary}");
    assert!(written("gate.xml").contains(id), "{id}");
    assert_eq!(verdict == "invalid", written("annotations.txt").starts_with("::error "), "{verdict}");
    let alarm = better.verdict["alarms"][0].as_str().unwrap();
    assert!(alarm.contains("much weaker") && alarm.contains("--base-rev"), "{alarm}");
    assert_eq!((&better.verdict["method"], &better.verdict["runs"]), (&"stored".into(), &8.into()));
    assert_eq!((&better.verdict["verdict"], better.code), (&"passed".into(), 0), "{:#}", better.verdict);

    let warned = json!([{"code": "memory-is-rss", "message": "its memory is the resident set, for want of the right to see more"}]);
    baseline(&sandbox, 1e-6, |stored| stored["warnings"] = warned.clone());
    let Some(worse) = gate_with(&sandbox, "--base main -n 4 --no-check", 3) else { return };
    assert_eq!(worse.verdict["verdict"], "failed", "{:#}", worse.verdict);
    let failed = worse.verdict["thresholds"].as_array().unwrap().iter();
    assert_eq!(failed.filter(|found| found["outcome"] == "failed").count(), 4);
    let alarms = worse.verdict["alarms"].to_string();
    assert!(alarms.contains("Of the runs of main: its memory is the resident set"), "{alarms}");
    let listed = sandbox.run(&["list", "runs"]).stdout;
    assert!(String::from_utf8_lossy(&listed).contains("comparison, "), "its runs are kept");
}

#[test]
fn what_leaves_a_stored_base_in_doubt() {
    let sandbox = Sandbox::new();
    baseline(&sandbox, 1e-6, |stored| stored["machine"]["kernel"] = "2.4.0".into());
    let Some(elsewhere) = gate_with(&sandbox, "--base main -n 4 --no-check --inconclusive fail", 1) else {
        return;
    };
    let alarms = elsewhere.verdict["alarms"].to_string();
    assert!(alarms.contains("ANOTHER MACHINE (kernel: 2.4.0 then"), "{alarms}");
    assert_eq!((&elsewhere.verdict["verdict"], elsewhere.code), (&"inconclusive".into(), 4));
    assert!(elsewhere.said.contains("4 inconclusive: "), "exit 4, and for what: {}", elsewhere.said);
    let Some(allowed) = gate_with(&sandbox, "--base main -n 4 --no-check --allow-other-machine", 3) else {
        return;
    };
    assert_eq!(allowed.verdict["verdict"], "failed", "{:#}", allowed.verdict);

    baseline(&sandbox, 1e-6, |stored| {
        for values in stored["values"].as_object_mut().unwrap().values_mut() {
            values.as_array_mut().unwrap().truncate(1);
        }
    });
    let Some(one) = gate_with(&sandbox, "--base main -n 4 --no-check", 1) else { return };
    assert!(one.verdict["alarms"].to_string().contains("one run, whose noise nobody knows"));
    assert_eq!(one.verdict["verdict"], "inconclusive");
    let tps = &one.verdict["thresholds"][0];
    assert!(tps["measured"]["value"].as_f64() < Some(0.5) && tps["measured"]["low"].is_null(), "{tps:#}");
}

pub(crate) fn git(folder: &Path, arguments: &str) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository whose last commit spends two milliseconds on every request that the first one did not.
pub(crate) fn repository() -> Sandbox {
    let sandbox = sandbox(MANIFEST);
    let folder = sandbox.folder.path();
    fs::write(folder.join(".gitignore"), "built\nresults\n").unwrap();
    git(folder, "init --quiet");
    git(folder, "add .");
    git(folder, "commit --quiet -m first");
    let burn = "def do_POST(self):\n        import time\n        end = time.process_time() + 0.002\n        \
                while time.process_time() < end:\n            pass";
    fs::write(folder.join("targets/tiny/server.py"), SERVER.replace("def do_POST(self):", burn)).unwrap();
    git(folder, "commit --quiet -a -m slower");
    sandbox
}

#[test]
fn an_output_that_cannot_be_written_is_told_before_the_load() {
    let sandbox = Sandbox::new();
    baseline(&sandbox, 1.0, |_| ());
    let runs = sandbox.results().len();
    let output = sandbox.run(&["gate", "--base", "main", "--no-check", "-o", "junit=/proc/nowhere/x.xml"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("--output junit=/proc/nowhere/x.xml") && output.stdout.is_empty(), "{said}");
    assert_eq!(sandbox.results().len(), runs, "nothing was measured");
}

#[test]
fn against_the_commit_before() {
    let sandbox = repository();
    let folder = sandbox.folder.path();
    let first = git(folder, "rev-parse HEAD~1");
    let flags = format!("--scenario json-echo --target tiny --metrics cpu -n 6 {BRIEF}");
    // Six blocks suffice for one metric; a server that spends several times as much is no matter of speed.
    let Some(found) = gate_with(&sandbox, &format!("{flags} --base-rev HEAD~1"), 6) else { return };
    assert!(found.said.contains(&format!("the base is HEAD~1 ({})", &first[..12])), "{}", found.said);
    assert!(found.said.contains("it fails if: cpu worse than base by 3%"), "{}", found.said);
    assert!(found.said.contains("6 blocks of 2 runs each"), "no control takes time: {}", found.said);
    let (base, candidate) = (&found.verdict["base"], &found.verdict["candidate"]);
    assert_eq!((&base["name"], &base["source"]["revision"]), (&"HEAD~1".into(), &first.clone().into()));
    assert_eq!(candidate["source"]["revision"], git(folder, "rev-parse HEAD"));
    assert_eq!(
        (&found.verdict["method"], &candidate["source"]["dirty"]),
        (&"interleaved".into(), &false.into())
    );
    assert_eq!((&found.verdict["verdict"], found.code), (&"failed".into(), 4), "{:#}", found.verdict);
    let id = found.verdict["id"].as_str().unwrap();
    for file in ["report.html", "report.md"] {
        let report = std::fs::read_to_string(folder.join("results").join(id).join(file)).unwrap();
        for part in
            ["Gate: json-echo, tiny against HEAD~1", "FAILED: against HEAD~1, CPU per request", &first]
        {
            assert!(report.contains(part), "{file}: {part}");
        }
    }

    // The other way round nothing is worse.
    git(folder, "checkout --quiet HEAD~1");
    let Some(found) =
        gate_with(&sandbox, &format!("{flags} --base-rev {}", git(folder, "rev-parse @{-1}")), 6)
    else {
        return;
    };
    assert_eq!(found.verdict["verdict"], "passed", "{:#}", found.verdict);
}

#[test]
fn interrupted_it_judges_nothing() {
    let sandbox = Sandbox::new();
    baseline(&sandbox, 1.0, |_| ());
    let mut bench = sandbox.bench(&["gate", "--base", "main", "-n", "50", "--no-check"]);
    let mut running = Running(bench.stdout(std::process::Stdio::piped()).spawn().unwrap());
    wait_for("the third block", || {
        let comparison = sandbox.results().into_iter().find(|path| path.join("comparison.json").is_file())?;
        comparison.join("block-03").is_dir().then_some(())
    });
    running.signal(rustix::process::Signal::INT);
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut running.0.stdout.take().unwrap(), &mut printed).unwrap();
    assert_eq!(printed, "", "there is no verdict");
    let saved = sandbox.run(&["baseline", "save", "cut-short", "latest"]);
    let said = String::from_utf8_lossy(&saved.stderr).into_owned();
    assert!(saved.status.code() == Some(2) && said.contains("makes no baseline"), "nor is it one: {said}");
}

#[test]
fn mistakes() {
    let sandbox = repository();
    let folder = sandbox.folder.path();
    for (name, part, wrong) in [("timeless", "timeout_s", json!(-1)), ("endless", "duration_s", json!(1e300))]
    {
        baseline(&sandbox, 1.0, |stored| stored["plan"][part] = wrong.clone());
        fs::rename(folder.join("baselines/main.json"), folder.join(format!("baselines/{name}.json")))
            .unwrap();
    }
    baseline(&sandbox, 1.0, |_| ());
    let scenario = "gate --scenario json-echo";
    for (typed, parts) in [
        (scenario.to_owned(), &["--base-rev <REV>", "--base <NAME>"][..]),
        ("gate --base-rev HEAD".to_owned(), &["--scenario"]),
        (format!("{scenario} --base-rev HEAD --base main"), &["--base-rev", "--base"]),
        (format!("{scenario} --base-rev HEAD --stored"), &["--base"]),
        (format!("{scenario} --base-rev no-such-branch"), &["--base-rev no-such-branch", "git fetch"]),
        (
            format!("{scenario} --base-rev origin/main"),
            &["--base-rev origin/main", "git fetch origin main:refs/remotes/origin/main"],
        ),
        (format!("{scenario} --base-rev HEAD"), &["there is no target `rust`"]),
        (
            format!("{scenario} --base-rev HEAD --target http://127.0.0.1:1"),
            &["--target http://127.0.0.1:1", "bench list targets"],
        ),
        (
            format!("{scenario} --base-rev HEAD --target targets/tiny"),
            &["--target targets/tiny", "bench list targets"],
        ),
        ("gate --base mian".to_owned(), &["no baseline `mian`", "did you mean `main`?"]),
        ("gate --base timeless".to_owned(), &["timeless.json", "`plan.timeout_s`", "anew"]),
        ("gate --base endless".to_owned(), &["endless.json", "`plan.duration_s`"]),
        ("gate --base main --margin 5".to_owned(), &["--margin", "5%"]),
        ("gate --base main --margin p50=5%".to_owned(), &["p50 is not judged", "--metrics"]),
        ("gate --base main --metrics tsp".to_owned(), &["did you mean `tps`?"]),
        ("gate --base main --metrics start-up".to_owned(), &["no figures of start-up", "--metrics"]),
        ("gate --base main --conns 3".to_owned(), &["the baseline main cannot be compared", "--conns"]),
        ("gate --base main --duration 1s".to_owned(), &["--duration"]),
        ("gate --base main --inconclusive maybe".to_owned(), &["pass", "fail"]),
        (
            "gate --base main -o wrk=x".to_owned(),
            &["a gate has no format `wrk`", "choose from text", "annotations"],
        ),
        ("gate --base main -f json -o text=-".to_owned(), &["standard output, which takes one"]),
        ("gate --base main -o json=a -o junit=./a".to_owned(), &["another output has the same path"]),
    ] {
        let output = sandbox.run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{typed}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{typed} must say {parts:?}: {said}");
        assert!(output.stdout.is_empty() && !said.contains("panicked"), "{typed}: {said}");
    }
}
