//! Targets from the outside: a folder and a `target.toml` are all that another language needs.

use crate::support::{Sandbox, wait_for};
use std::fs;
use std::path::Path;

/// A sixth target in a language that the harness has never heard of, with a build step, variables and a variant.
pub(crate) const MANIFEST: &str = r#"
name = "tiny"
language = "Python"
framework = "http.server of the standard library"
[[toolchain]]
command = ["python3", "--version"]
least = "3.8"
install = "apt-get install python3"
[build]
commands = [["python3", "-c", "import pathlib; pathlib.Path('built').write_bytes(open('server.py', 'rb').read())"]]
inputs = ["server.py"]
artefact = ["built"]
[start]
command = ["python3", "built", "{host}", "{port}", "{greeting}"]
env = { CPUS = "{cpus}" }
variables = { greeting = "hello" }
[ready]
path = "/healthz"
within = "20s"
[variant.loud]
about = "says more at the start"
variables = { greeting = "HELLO" }
"#;

pub(crate) const SERVER: &str = r#"
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer({"status": "ok"})
    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
    def log_message(self, *_):
        pass
print(sys.argv[3], "on", os.environ["CPUS"], "CPU", flush=True)
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"#;

const BRIEF: &[&str] = &["--scenario", "json-echo", "-c", "2", "--warmup", "0s", "--duration", "300ms"];

pub(crate) fn sandbox(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path().join("targets/tiny");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("target.toml"), manifest).unwrap();
    fs::write(folder.join("server.py"), SERVER).unwrap();
    sandbox
}

fn run(sandbox: &Sandbox, target: &str) -> (serde_json::Value, String, i32) {
    let output = sandbox.run(&[&["run", "--target", target, "--format", "json"], BRIEF].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}\n{said}"));
    (report, said, output.status.code().unwrap())
}

fn logs(sandbox: &Sandbox) -> Vec<String> {
    let mut runs = sandbox.results();
    runs.sort();
    runs.iter().map(|run| fs::read_to_string(run.join("target.log")).unwrap()).collect()
}

#[test]
fn a_sixth_language_needs_a_folder_and_nothing_else() {
    let sandbox = sandbox(MANIFEST);
    let (report, said, _) = run(&sandbox, "tiny");
    assert!(said.contains("building tiny: python3 -c"), "{said}");
    assert!(report["summary"]["requests"].as_u64() > Some(0) && report["summary"]["errors"]["mismatch"] == 0);
    let record = fs::read_to_string(sandbox.results()[0].join("run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&record).unwrap();
    let built = &record["observations"]["built"];
    assert_eq!(built["artefact_bytes"].as_u64(), Some(SERVER.len() as u64), "{built}");
    assert!(built["source"]["versions"][0].as_str().unwrap().starts_with("python3 3."), "{built}");

    // Nothing has changed, so nothing is built; then something has.
    let (_, said, _) = run(&sandbox, "tiny:loud");
    assert!(!said.contains("building"), "{said}");
    fs::write(sandbox.folder.path().join("targets/tiny/server.py"), SERVER.to_owned() + "# changed\n")
        .unwrap();
    let (_, said, _) = run(&sandbox, "tiny");
    assert!(said.contains("building tiny"), "{said}");
    let logs = logs(&sandbox);
    assert_eq!(logs, ["hello on 1 CPU\n", "HELLO on 1 CPU\n", "hello on 1 CPU\n"]);
}

#[test]
fn another_checkout_is_another_target() {
    let here = sandbox(MANIFEST);
    let there = sandbox(&MANIFEST.replace("greeting = \"hello\"", "greeting = \"over there\""));
    let named = format!("tiny@{}", there.folder.path().display());
    let (_, said, _) = run(&here, &named);
    assert!(said.contains("building tiny"), "{said}");
    assert_eq!(logs(&here), ["over there on 1 CPU\n"]);
    assert!(there.folder.path().join("targets/tiny/built").exists());
    assert!(!here.folder.path().join("targets/tiny/built").exists());
}

#[test]
fn the_code_of_a_stored_run_is_a_base() {
    let sandbox = sandbox(MANIFEST);
    let git = |arguments: &str| {
        let output = std::process::Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments.split(' '))
            .current_dir(sandbox.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let server = sandbox.folder.path().join("targets/tiny/server.py");
    fs::write(sandbox.folder.path().join(".gitignore"), "built\nresults\n").unwrap();
    git("init --quiet");
    git("add .");
    git("commit --quiet -m first");
    run(&sandbox, "tiny");
    let id = sandbox.results()[0].file_name().unwrap().to_string_lossy().into_owned();
    fs::write(&server, SERVER.replace("print(", "print('changed:', ")).unwrap();
    let flags = ["compare", "--base", &id, "--blocks", "1", "--no-control", "--no-check", "--warmup", "0s"];
    let output = sandbox.run(&flags);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains(" 2 connections?") && said.contains("building tiny"), "{said}");
    let block =
        sandbox.results().into_iter().find(|path| path.join("block-01").is_dir()).expect("a comparison");
    let logs: Vec<String> = fs::read_dir(block.join("block-01"))
        .unwrap()
        .flatten()
        // On a machine that is busy with tests, runs are disturbed and made again.
        .filter(|run| !run.file_name().to_string_lossy().contains(".disturbed-"))
        .map(|run| fs::read_to_string(run.path().join("target.log")).unwrap())
        .collect();
    assert_eq!(logs.iter().filter(|log| log.starts_with("changed:")).count(), 1, "{logs:?}");

    // What no commit holds cannot be brought back.
    run(&sandbox, "tiny");
    let newest = sandbox.run(&["list", "runs"]).stdout;
    let newest = String::from_utf8_lossy(&newest).split_whitespace().next().unwrap().to_owned();
    let refused = sandbox.run(&["compare", "--base", &newest, "--blocks", "1"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("changes that no commit holds"));
}

#[test]
fn every_run_of_a_comparison_has_a_process_of_its_own() {
    let sandbox = sandbox(MANIFEST);
    let server = sandbox.folder.path().join("targets/tiny/server.py");
    fs::write(server, SERVER.replace("print(", "print(os.getpid(), ")).unwrap();
    let flags = ["compare", "--targets", "tiny,tiny", "--blocks", "2", "--no-control", "--no-check"];
    let said = sandbox.run(&[&flags, BRIEF].concat()).stderr;
    let comparison = sandbox.results().remove(0);
    let blocks =
        ["block-01", "block-02"].map(|block| fs::read_dir(comparison.join(block)).unwrap().flatten());
    let mut pids: Vec<String> = blocks
        .into_iter()
        .flatten()
        .map(|run| fs::read_to_string(run.path().join("target.log")).unwrap())
        .map(|log| log.split_whitespace().next().expect("a process id").to_owned())
        .collect();
    // Runs that were disturbed and made again are among them.
    let runs = pids.len();
    pids.sort_unstable();
    pids.dedup();
    assert!(runs >= 4 && pids.len() == runs, "{pids:?} in {runs} runs: {}", String::from_utf8_lossy(&said));
}

#[test]
fn what_cannot_be_built_says_why_in_one_breath() {
    for (from, to, code, parts) in [
        (
            "\"python3\", \"--version\"",
            "\"no-such-program\", \"--version\"",
            1,
            &["tiny needs no-such-program 3.8 or later", "not installed", "apt-get install python3"][..],
        ),
        (
            "least = \"3.8\"",
            "least = \"99\"",
            1,
            &["tiny needs python3 99 or later, and 3.", "apt-get install python3"],
        ),
        (
            "import pathlib;",
            "import nothing_of_that_name;",
            1,
            &["tiny could not be built", "ended: exit status 1", "ModuleNotFoundError"],
        ),
        ("artefact = [\"built\"]", "artefact = [\"other\"]", 1, &["the build of tiny ended well", "other"]),
        ("inputs = [\"server.py\"]", "inputs = [\"none.py\"]", 1, &["none.py", "build.inputs"]),
        ("{greeting}", "{greting}", 2, &["`{greting}`", "did you mean `{greeting}`?"]),
        ("framework", "framewrok", 2, &["target.toml, line 4, column 1", "did you mean `framework`?"]),
        ("\"{port}\"", "\"0\"", 1, &["was not ready", "let `start.command` listen at {host} and {port}"]),
        ("\"python3\", \"built\"", "\"no-such-python\", \"built\"", 1, &["`no-such-python`", "PATH"]),
    ] {
        assert!(MANIFEST.contains(from), "{from}");
        let manifest = MANIFEST.replacen("20s", "1s", 1);
        let sandbox = sandbox(&manifest.replacen(from, to, 1));
        let output = sandbox.run(&[&["run", "--target", "tiny"], BRIEF].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{to}: {said}");
        for part in parts {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        assert!(sandbox.results().is_empty(), "{to}");
    }
}

#[test]
fn a_build_that_is_broken_off_leaves_nothing_running_and_is_not_taken_for_one() {
    let slow =
        "import pathlib, time; pathlib.Path('built').touch(); pathlib.Path('begun').touch(); time.sleep(60);";
    let sandbox = sandbox(&MANIFEST.replace("import pathlib;", slow));
    let child = sandbox.bench(&[&["run", "--target", "tiny"], BRIEF].concat()).spawn().unwrap();
    let running = crate::support::Running(child);
    let folder = sandbox.folder.path().join("targets/tiny");
    wait_for("the build", || folder.join("begun").exists().then_some(()));
    let family = crate::support::descendants(running.0.id() as i32);
    assert!(!family.is_empty());
    running.signal(rustix::process::Signal::INT);
    wait_for("the end of the build", || {
        family.iter().all(|&pid| !crate::support::is_alive(pid)).then_some(())
    });
    drop(running);
    assert!(is_stale(&folder));
}

fn is_stale(folder: &Path) -> bool {
    let names = fs::read_dir(folder.join(".bench")).unwrap().flatten().map(|entry| entry.file_name());
    !names.into_iter().any(|name| name.to_string_lossy().starts_with("built-"))
}
