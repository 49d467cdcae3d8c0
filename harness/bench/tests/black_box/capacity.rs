//! `bench capacity` from the outside: what it finds of a server with a known limit, what it stores, and interruption.

use crate::support::{Running, Sandbox, wait_for};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// So long a server thinks about each request: on one connection it answers 200 a second, and no more.
const THINKS: Duration = Duration::from_millis(5);
const MOST_PER_S: f64 = 200.0;

const SHORT: &[&str] =
    &["-c", "1", "--warmup", "500ms", "-d", "1s", "--precision", "20%", "--confirm", "1", "--start", "100"];

/// A server that takes its time, on threads of its own until the test's process ends.
fn slow_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    address
}

fn serve(mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let Ok(input) = stream.try_clone() else { return };
    let mut lines = BufReader::new(input).lines();
    while let Some(Ok(line)) = lines.next() {
        // Requests have no body: each ends with its empty line.
        if line.is_empty() {
            std::thread::sleep(THINKS);
            if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").is_err() {
                return;
            }
        }
    }
}

fn folder(sandbox: &Sandbox) -> PathBuf {
    let mut results = sandbox.results();
    assert_eq!(results.len(), 1, "{results:?}");
    results.remove(0)
}

/// The levels of the first target, but for those that were disturbed.
fn levels(sandbox: &Sandbox) -> Vec<String> {
    let targets = std::fs::read_dir(folder(sandbox)).unwrap().flatten().map(|entry| entry.path());
    let target = targets.into_iter().find(|path| path.is_dir()).expect("a folder for the target");
    let names = std::fs::read_dir(target).unwrap().flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("level-") && !name.contains(".disturbed-")).collect();
    names.sort();
    names
}

#[test]
fn a_server_that_sleeps_has_the_capacity_of_its_sleep() {
    let sandbox = Sandbox::new();
    let url = format!("http://{}/", slow_server());
    let flags = [&["capacity", "--target", &url, "--slo", "p99<50ms,errors<1%"], SHORT].concat();
    let (found, code) = sandbox.json(&flags);
    assert_eq!(found["schema"], "bench-capacity/1");
    let target = &found["targets"][0];
    assert!(target["levels"].as_array().is_some_and(|levels| !levels.is_empty()), "{found:#}");
    // On a machine that is busy with tests nobody may be able to say.
    match target["ending"].as_str().unwrap() {
        "found" => {
            assert_eq!(code, 0);
            let capacity = target["capacity_per_s"].as_f64().unwrap();
            let ceiling = target["ceiling_per_s"].as_f64().unwrap();
            assert!(capacity <= 1.1 * MOST_PER_S && capacity < ceiling, "{capacity} below {ceiling}");
            assert_eq!(target["confirmations"][0]["condition"], "p99<50ms");
            assert_eq!(target["levels"].as_array().unwrap().last().unwrap()["purpose"], "confirm");
        }
        "nothing-holds" => assert_eq!(code, 4, "{found:#}"),
        _ => assert_eq!(code, 3, "{found:#}"),
    }
    let stored = levels(&sandbox);
    assert_eq!(stored[0], "level-01-100");
    assert_eq!(stored.len(), target["levels"].as_array().unwrap().len());
    for name in ["capacity.json", "capacity.svg", "capacity.png", "report.html"] {
        assert!(folder(&sandbox).join(name).metadata().is_ok_and(|file| file.len() > 0), "{name}");
    }

    // Recomputed from the runs, it says the same; and each level is a run like any other.
    let again = sandbox.run(&["report", "latest", "--format", "json"]);
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), found);
    let page = ("html", "<h1>Capacity of http://");
    for (format, part) in [("text", "Capacity of http://"), ("markdown", "# Capacity of http://"), page] {
        let text = sandbox.run(&["report", "latest", "--format", format]).stdout;
        assert!(String::from_utf8_lossy(&text).contains(part), "{format}");
    }
    assert_eq!(sandbox.run(&["report", "latest", "--format", "csv"]).status.code(), Some(2));
    let listed = sandbox.run(&["list", "runs"]).stdout;
    assert!(String::from_utf8_lossy(&listed).contains("under p99<50ms,errors<1%"));
}

#[test]
fn interrupted_it_keeps_what_was_measured() {
    let sandbox = Sandbox::new();
    let flags = ["capacity", "--target", "rust", "--slo", "p99<10s", "-c", "2", "--start", "50"];
    let brief = ["--warmup", "0s", "-d", "500ms"];
    let child = sandbox.bench(&[&flags[..], &brief].concat()).spawn().unwrap();
    let mut running = Running(child);
    wait_for("the first level", || {
        let root = sandbox.results().into_iter().find(|path| path.join("capacity.json").is_file())?;
        let is_there = |name: &str| root.join("1-rust").join(name).join("run.json").is_file();
        (is_there("level-01-50") || is_there("level-01-50.disturbed-1")).then_some(())
    });
    running.signal(rustix::process::Signal::INT);
    assert_eq!(running.0.wait().unwrap().code(), Some(130));
    let text = sandbox.run(&["report", "latest"]).stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    // On a machine that is busy with tests the search may have given up on its first level by then.
    assert!(text.contains("UNFINISHED") && text.contains("broken off") || text.contains("UNKNOWN"), "{text}");
}

#[test]
fn what_is_to_be_done_is_said_first() {
    let sandbox = Sandbox::new();
    let flags = ["capacity", "--target", "rust,rust", "--slo", "p99<20ms", "--seed", "7", "--dry-run"];
    let text = sandbox.run(&flags).stdout;
    let text = String::from_utf8_lossy(&text).into_owned();
    for part in
        ["rust, rust#2 holds p99<20ms: json-echo", "levels a target", "50% and 80%", "seed 7", "it will take"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(sandbox.results().len(), 0);
    let refused = sandbox.run(&["capacity", "--target", "rust", "--slo", "p99"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("write a figure, < and its limit"));
}
