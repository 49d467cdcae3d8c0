//! The memory that a run reports against targets whose memory is known: shared by a family of processes, or of their own.

use crate::support::Sandbox;
use serde_json::Value;
use std::process::{Command, Stdio};

const MIB: f64 = 1_048_576.0;

/// A server with memory of a known size: `shared` MiB that are filled before `workers` processes are forked, which never
/// touch them, and `own` MiB that each worker fills for itself. Every page is of its own content and none is zero. They
/// lie outside Python's heap, so that neither its reference counts nor its collector write to them.
const SERVER: &str = r#"
import http.server, mmap, os, signal, sys

port, workers, shared, own = map(int, sys.argv[1:])

def filled(mib):
    if mib == 0:
        return None
    pages = mmap.mmap(-1, mib << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    for page in range(mib << 8):
        pages.write((page + 1).to_bytes(8, "little") * 512)
    return pages

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass

kept = filled(shared)
ready, filling = os.pipe()
for _ in range(workers):
    if os.fork() == 0:
        mine = filled(own)
        os.write(filling, b".")
        signal.pause()
for _ in range(workers):
    os.read(ready, 1)
# One that is ready has all its memory, and it serves from this process alone.
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"#;

const SCENARIO: &str = r#"
name = "get"
description = "Ask for nothing."
[load]
connections = 1
duration = "500ms"
warmup = "0s"
[[request]]
path = "/"
"#;

/// What a run of the server says of its memory, in MiB: proportional at idle, median and peak, and the resident sum.
struct Memory {
    proportional: [f64; 3],
    resident: f64,
}

fn measured(server: &str) -> Memory {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    let start: Vec<String> =
        format!("python3 server.py {{port}} {server}").split(' ').map(|word| format!("{word:?}")).collect();
    let manifest = format!(
        "name = \"sized\"\nlanguage = \"Python\"\nframework = \"none\"\nstart = [{}]\nready = \"/healthz\"\n",
        start.join(", ")
    );
    for (name, text) in [("server.py", SERVER), ("target.toml", &manifest), ("get.toml", SCENARIO)] {
        std::fs::write(folder.join(name), text).expect("the folder can be written");
    }
    let (report, _) = sandbox.json(&["run", "--scenario", "get.toml", "--target", "./target.toml"]);
    assert_eq!(report["target"]["memory_kind"], "pss", "{report:#}");
    let mib = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{value} in {report:#}")) / MIB;
    Memory {
        proportional: ["idle", "median", "peak"].map(|name| mib(&report["target"]["memory_bytes"][name])),
        resident: mib(&sandbox.stored()["observations"]["idle"]["rss_bytes"]),
    }
}

/// Checks that a server takes this much more than the same one without the memory, to within 3%.
fn assert_adds(server: &str, empty: &Memory, expected: f64) -> Memory {
    let memory = measured(server);
    for (figure, (with, without)) in
        ["idle", "median", "peak"].iter().zip(memory.proportional.iter().zip(empty.proportional))
    {
        let added = with - without;
        assert!(
            (added / expected - 1.0).abs() < 0.03,
            "{server}: {figure} {added:.1} MiB, not {expected}: {with:.1} less {without:.1} without"
        );
    }
    memory
}

/// Without Python there is no such target. On a machine that checks changes there has to be one.
fn python_is_there() -> bool {
    let asked = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    let there = asked.is_ok_and(|status| status.success());
    assert!(there || std::env::var_os("CI").is_none(), "python3 is needed to check what is said of memory");
    if !there {
        eprintln!("skipped: python3 is not installed");
    }
    there
}

#[test]
fn memory_of_a_family_is_counted_once() {
    if !python_is_there() {
        return;
    }
    let empty = measured("4 0 0");
    let shared = assert_adds("4 200 0", &empty, 200.0);
    // What a sum of resident sets would have said: 200 MiB in each of the five.
    let resident = shared.resident - empty.resident;
    assert!((resident / 1000.0 - 1.0).abs() < 0.03, "{resident:.1} MiB: the pages were not shared by five");
    assert_adds("4 0 50", &empty, 200.0);
}

#[test]
fn memory_of_one_process_is_what_it_allocated() {
    if python_is_there() {
        assert_adds("0 300 0", &measured("0 0 0"), 300.0);
    }
}
