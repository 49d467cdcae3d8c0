//! `--output FORMAT=PATH` from the outside: several at once, standard output, and paths that cannot be written.

use crate::support::{EchoServer, Sandbox};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::Ordering;

/// A stored run that bench reads again.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/run.json");

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn one_run_in_several_formats() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    let url = server.url("/echo");
    let output = sandbox.run(
        &[
            &["run", "--url", &url, "-c", "4", "-b", "{}", "--warmup", "0s", "-d", "500ms"][..],
            &["-o", "junit=out/deep/bench.xml", "-o", "ndjson=lines.ndjson", "--output=json=-"],
            &["--output", "prometheus=metrics.prom", "--output", "k6=k6.json", "--output", "csv=a=b.csv"],
        ]
        .concat(),
    );
    // How fast a debug build on a busy machine is decides whether its generator is called saturated.
    assert!([0, 3].contains(&output.status.code().unwrap()), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    let requests = report["summary"]["requests"].as_u64().unwrap();
    assert!(requests > 0);
    let id = report["id"].as_str().unwrap();
    assert!(read(folder, "out/deep/bench.xml").contains(id));
    assert!(read(folder, "metrics.prom").contains(&format!("}} {requests}\n")));
    assert!(read(folder, "a=b.csv").contains(id));
    let k6: Value = serde_json::from_str(&read(folder, "k6.json")).unwrap();
    assert_eq!(k6["metrics"]["data_received"]["values"]["count"], report["summary"]["bytes_in"]);
    let counted: u64 = read(folder, "lines.ndjson")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["phase"] == "measure")
        .map(|line| line["counters"]["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(counted, requests);
    let hidden = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes()[0] == b'.');
    assert_eq!(hidden.count(), 0, "nothing half-written is left");

    // What is stored gives the same files again.
    sandbox.run(&["report", "latest", "-o", "ndjson=again.ndjson", "-o", "junit=again.xml"]);
    assert_eq!(read(folder, "again.ndjson"), read(folder, "lines.ndjson"));
    assert_eq!(read(folder, "again.xml"), read(folder, "out/deep/bench.xml"));
}

#[test]
fn what_cannot_be_written_is_said_before_the_load() {
    let server = EchoServer::start(u64::MAX);
    let url = server.url("/echo");
    for (typed, code, parts) in [
        ("-o json=/proc/nowhere/x.json", 1, &["--output json=/proc/nowhere/x.json"][..]),
        ("-o json=taken", 1, &["--output json=taken", "it is a folder", "taken/result"]),
        ("-o json=file/x", 1, &["--output json=file/x", "Not a directory"]),
        ("-o json=a -o csv=./a", 2, &["--output csv=./a", "another output has the same path"]),
        ("-o json=- -o csv=-", 2, &["standard output, which takes one", "--output csv"]),
        ("-f text -o json=-", 2, &["standard output, which takes one"]),
        ("-o jsno=x", 2, &["`jsno` is no format", "did you mean `json`?", "prometheus"]),
        ("-o x.json", 2, &["`x.json` names no file", "json=out/result.json"]),
        ("-o json=", 2, &["lacks the path"]),
        ("-f html2", 2, &["html2", "junit"]),
    ] {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.folder.path().join("taken")).unwrap();
        fs::write(sandbox.folder.path().join("file"), "").unwrap();
        let before = server.answered.load(Ordering::Relaxed);
        let run = ["run", "--url", &url, "-c", "1", "--warmup", "0s", "-d", "60s"];
        let output = sandbox.run(&[&run[..], &typed.split(' ').collect::<Vec<_>>()].concat());
        let said = said(&output);
        assert_eq!(output.status.code(), Some(code), "{typed}: {said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{typed} must say {parts:?}: {said}");
        assert!(output.stdout.is_empty(), "{typed}");
        assert_eq!(
            server.answered.load(Ordering::Relaxed),
            before,
            "{typed}: nothing is asked of the server"
        );
        assert_eq!(sandbox.results().len(), 0, "{typed}");
    }
}

#[test]
fn a_full_disk_loses_one_format_and_no_other() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&[
        "report",
        STORED,
        "-o",
        "json=/dev/full",
        "-o",
        "junit=bench.xml",
        "-o",
        "wrk=/dev/null",
    ]);
    let said = said(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot write json to /dev/full") && !said.contains("junit"), "{said}");
    assert!(read(sandbox.folder.path(), "bench.xml").ends_with("</testsuites>\n"));
    assert!(String::from_utf8_lossy(&output.stdout).contains("TPS"), "the text is printed all the same");
    // And the other way: without standard output there are files.
    let mut command = sandbox.bench(&["report", STORED, "-o", "csv=run.csv"]);
    let output = command.stdout(fs::File::options().write(true).open("/dev/full").unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(read(sandbox.folder.path(), "run.csv").starts_with("run,verdict"));
}

#[test]
fn a_file_is_replaced_whole_where_its_name_leads() {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    fs::write(folder.join("real.json"), "x".repeat(1_000_000)).unwrap();
    std::os::unix::fs::symlink("real.json", folder.join("link.json")).unwrap();
    let output = sandbox.run(&["report", STORED, "--output", "json=link.json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    serde_json::from_str::<Value>(&read(folder, "real.json")).expect("nothing of what was there is left");
    assert!(folder.join("link.json").is_symlink());
}

/// A file in the place of the one that a stream was redirected to would take with it what was there, and what comes.
#[test]
fn what_a_stream_was_redirected_to_keeps_what_is_in_it() {
    let sandbox = Sandbox::new();
    let log = sandbox.folder.path().join("bench.log");
    fs::write(&log, "before\n").unwrap();
    let appended = || fs::File::options().append(true).open(&log).unwrap();
    let mut command = sandbox.bench(&["report", STORED, "-o", "annotations=/dev/stderr"]);
    let output = command.stderr(appended()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let kept = fs::read_to_string(&log).unwrap();
    assert!(kept.starts_with("before\n::notice ") && kept.lines().count() == 2, "{kept}");
    for path in ["wrk=/dev/stdout", "wrk=bench.log"] {
        let mut command = sandbox.bench(&["report", STORED, "-o", path]);
        let output =
            command.stdout(appended()).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains("standard output goes to that file, and text is printed on it"));
    }
    assert_eq!(fs::read_to_string(&log).unwrap(), kept);
}

#[test]
fn a_format_that_there_is_not_of_it_names_those_that_there_are() {
    let sandbox = Sandbox::new();
    for (typed, parts) in [
        (
            vec!["capacity", "--target", "rust", "--slo", "p99<1s", "-o", "wrk=x"],
            &["a search for capacities has no format `wrk`: choose from text", "junit"][..],
        ),
        (vec!["compare", "--targets", "rust,go", "-f", "k6"], &["k6", "possible values", "csv"]),
    ] {
        let output = sandbox.run(&typed);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{said}");
    }
    assert_eq!(sandbox.results().len(), 0);
}

#[test]
fn nothing_is_written_by_a_dry_run() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["run", "--scenario", "json-echo", "--dry-run", "-o", "junit=out/x.xml"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(!sandbox.folder.path().join("out").exists());
}
