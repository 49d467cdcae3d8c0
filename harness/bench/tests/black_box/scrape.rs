//! A target's own metrics from the outside: what its manifest chooses is read while it is loaded, and a target that does not
//! say it is measured all the same.

use crate::support::Sandbox;
use serde_json::Value;
use std::fs;
use std::time::{Duration, Instant};

/// Five connections and three intervals.
const BRIEF: &[&str] =
    &["run", "--scenario", "json-echo", "-c", "5", "--warmup", "0s", "--duration", "3s", "--format", "json"];

/// Says that it has 7 things, but for the paths that it is told to keep silent about.
const SERVER: &str = r#"
import http.server, json, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        if self.path in sys.argv[3:]:
            time.sleep(1000)
        if self.path == "/metrics":
            self.answer("text/plain; version=0.0.4", b"things 7\n")
        else:
            self.answer("application/json", b"{\"status\":\"ok\"}")
    def do_POST(self):
        self.answer("application/json", self.rfile.read(int(self.headers["Content-Length"])))
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
"#;

fn sandbox(silent: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path().join("targets/tiny");
    fs::create_dir_all(&folder).unwrap();
    let manifest = format!(
        "name = \"tiny\"\nlanguage = \"Python\"\nframework = \"none\"\n\
         start = [\"python3\", \"server.py\", \"{{host}}\", \"{{port}}\", \"{silent}\"]\n\
         ready = {{ path = \"/healthz\", within = \"20s\" }}\n\
         [[metric]]\nname = \"things\"\nseries = \"things\"\nunit = \"count\"\nkind = \"gauge\"\n"
    );
    fs::write(folder.join("target.toml"), manifest).unwrap();
    fs::write(folder.join("server.py"), SERVER).unwrap();
    sandbox
}

fn report(sandbox: &Sandbox, format: &str) -> String {
    let output = sandbox.run(&["report", "latest", "--format", format]);
    assert!(output.status.code().is_some_and(|code| code == 0 || code == 3));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The readings of a metric, one for each interval.
fn readings(stored: &Value, key: &str) -> Vec<Option<f64>> {
    let intervals = stored["intervals"].as_array().expect("intervals");
    intervals.iter().map(|interval| interval["metrics"][key].as_f64()).collect()
}

#[test]
fn the_reference_servers_own_metrics_are_beside_ours() {
    let sandbox = Sandbox::new();
    sandbox.run(&[BRIEF, &["--target", "rust"]].concat());
    let stored = sandbox.stored();
    let tasks: Vec<f64> = readings(&stored, "tasks").into_iter().flatten().collect();
    // A machine that is busy with tests may be late with one of three.
    assert!(tasks.len() >= 2, "{tasks:?}");
    // One for each connection of the load, and that of the scraper.
    assert!(tasks.iter().all(|&tasks| tasks >= 6.0), "{tasks:?}");
    let busy: Vec<f64> = readings(&stored, "busy_event_loops_s_per_s").into_iter().flatten().collect();
    assert!(!busy.is_empty() && busy.iter().all(|&busy| busy > 0.0), "it works all the time: {busy:?}");

    let figures = &stored["summary"]["metrics"]["tasks"];
    assert_eq!(figures["readings"], tasks.len(), "{figures}");
    assert_eq!(figures["max"].as_f64(), tasks.iter().copied().reduce(f64::max), "{figures}");

    let table = report(&sandbox, "csv");
    let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let column = rows.next().and_then(|names| names.iter().position(|&name| name == "metric_tasks"));
    let column = column.expect("a column of its own");
    let written: Vec<Option<f64>> = rows.map(|row| row[column].parse().ok()).collect();
    assert_eq!(written, readings(&stored, "tasks"));
    assert!(report(&sandbox, "markdown").contains("| busy event loops | "));
    assert!(!report(&sandbox, "text").contains("event loops"), "the screen is full");
}

#[test]
fn a_target_whose_metrics_hang_is_measured_all_the_same() {
    let sandbox = sandbox("/metrics");
    let begun = Instant::now();
    sandbox.run(&[BRIEF, &["--target", "tiny"]].concat());
    assert!(begun.elapsed() < Duration::from_secs(60), "the run waited for its target's metrics");
    let stored = sandbox.stored();
    assert!(stored["summary"]["requests"].as_u64() > Some(0), "{:#}", stored["summary"]);
    assert_eq!(stored["intervals"].as_array().map(Vec::len), Some(3));
    assert_eq!(readings(&stored, "things"), [None; 3], "a gap is no zero");
    assert!(stored["summary"].get("metrics").is_none(), "{:#}", stored["summary"]);
    let fault = stored["observations"]["scrape_fault"].as_str().unwrap_or_default();
    assert!(fault.contains("not complete in time"), "{fault}");

    let markdown = report(&sandbox, "markdown");
    assert!(markdown.contains("| things | - | - |"), "{markdown}");
    assert!(markdown.contains("fewer than half of the window's 3 intervals: things in 0"), "{markdown}");
    assert!(report(&sandbox, "csv").lines().skip(1).all(|row| row.ends_with(',')), "empty fields");
}

#[test]
fn a_target_that_answers_has_no_note() {
    let sandbox = sandbox("/nothing");
    sandbox.run(&[BRIEF, &["--target", "tiny"]].concat());
    let things: Vec<f64> = readings(&sandbox.stored(), "things").into_iter().flatten().collect();
    assert!(things.len() >= 2 && things.iter().all(|&things| things == 7.0), "{things:?}");
    let markdown = report(&sandbox, "markdown");
    assert!(
        markdown.contains("| things | 7.000 | 7.000 |") && !markdown.contains("fewer than half"),
        "{markdown}"
    );
}
