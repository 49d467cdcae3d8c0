//! Runs that must not be believed, made so by what really happens: exit code 3, and the reason in every format.
//!
//! What cannot be caused at will, such as a hypervisor that steals, is tested from the stored run on
//! (`src/report/doubts.rs`).

use crate::support::{EchoServer, Running, Sandbox, descendants, wait_for};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const EMPTY_ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// The only run of the sandbox names this code in every format, and is shown as invalid in each.
fn assert_told_everywhere(sandbox: &Sandbox, code: &str) {
    for (format, mark) in [
        ("text", "INVALID"),
        ("markdown", "INVALID"),
        ("csv", ",invalid,"),
        ("json", "\"verdict\": \"invalid\""),
    ] {
        let output = sandbox.run(&["report", "latest", "--format", format]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(mark), "{format}: {text}");
        let warning =
            sandbox.stored()["warnings"].as_array().unwrap().iter().find(|w| w["code"] == code).cloned();
        let message = warning.expect(code)["message"].as_str().unwrap().to_owned();
        let words: Vec<&str> = message.split_whitespace().take(3).collect();
        assert!(text.contains(code) || text.contains(&words.join(" ")), "{format} must say {code}: {text}");
    }
}

/// Serves so many connections, one after the other's acceptance, and then lets all further ones wait.
fn serve_at_most(connections: usize) -> SocketAddr {
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    let socket =
        rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None).unwrap();
    rustix::net::bind(&socket, &any).unwrap();
    // The least queue that there is: one more connection finds a place in it, and then none.
    rustix::net::listen(&socket, 0).unwrap();
    let listener = TcpListener::from(socket);
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for _ in 0..connections {
            let stream = listener.accept().unwrap().0;
            std::thread::spawn(move || answer_all(stream));
        }
        // The listener must stay, or connections would be refused.
        std::thread::park();
        drop(listener);
    });
    address
}

/// Answers each read with an empty 200: requests without a body are short enough to come in one.
fn answer_all(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
        if stream.write_all(EMPTY_ANSWER).is_err() {
            return;
        }
    }
}

#[test]
fn connections_that_cannot_be_opened_make_a_run_invalid() {
    let sandbox = Sandbox::new();
    // One for the look at the answers, and at most five of eight for the load.
    let url = format!("http://{}/", serve_at_most(5));
    let (report, code) = sandbox.json(&[
        "run",
        "--url",
        &url,
        "-c",
        "8",
        "-t",
        "3",
        "--warmup",
        "0s",
        "-d",
        "300ms",
        "--timeout",
        "200ms",
        "--connect-timeout",
        "200ms",
    ]);
    assert_eq!(code, 3, "{report:#}");
    let codes: Vec<&Value> = report["warnings"].as_array().unwrap().iter().map(|w| &w["code"]).collect();
    assert!(codes.contains(&&Value::from("connections-missing")), "{codes:?}");
    let opened = sandbox.stored()["observations"]["connections_open"].as_u64().unwrap();
    assert!((1..8).contains(&opened), "{opened} of 8 were open");
    assert_told_everywhere(&sandbox, "connections-missing");
}

/// Answers so many requests over all connections, and takes further ones without a word.
pub(crate) fn answer_at_most(requests: u64) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let left = Arc::new(AtomicU64::new(requests));
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let left = Arc::clone(&left);
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                    let one_less = |left: u64| left.checked_sub(1);
                    if left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
                        && stream.write_all(EMPTY_ANSWER).is_err()
                    {
                        return;
                    }
                }
            });
        }
    });
    address
}

#[test]
fn requests_without_an_answer_are_kept_as_at_least_so_long() {
    let sandbox = Sandbox::new();
    let url = format!("http://{}/", answer_at_most(5));
    let load = ["-c", "4", "--warmup", "0s", "-d", "1s", "--timeout", "300ms"];
    let (report, code) = sandbox.json(&[&["run", "--url", &url][..], &load].concat());
    let summary = &report["summary"];
    assert_eq!(code, 3, "{report:#}");
    // One of the five answers was for the look at them.
    assert!(summary["requests"].as_u64().unwrap() <= 4, "{summary:#}");
    assert!(summary["errors"]["timeout"].as_u64().unwrap() > 0, "{summary:#}");
    // A histogram keeps three digits of it.
    assert!(summary["latency_us"]["max"].as_f64().unwrap() >= 299_000.0, "{summary:#}");
    assert_told_everywhere(&sandbox, "censored");
}

/// A process with two children, ended with the test.
struct Family(Child);

impl Family {
    fn start() -> Self {
        let mut command = Command::new("sh");
        Self(command.args(["-c", "sleep 100 & sleep 100 & wait"]).stdin(Stdio::null()).spawn().unwrap())
    }

    fn children(&self) -> Vec<i32> {
        descendants(self.0.id() as i32)
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        for child in self.children() {
            // It may have ended already.
            let _ = kill_process(Pid::from_raw(child).unwrap(), Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_worker_process_that_ends_makes_a_run_invalid() {
    let server = EchoServer::start(u64::MAX);
    let family = Family::start();
    wait_for("both children", || (family.children().len() == 2).then_some(()));
    let sandbox = Sandbox::new();
    let (url, pid) = (server.url("/"), family.0.id().to_string());
    let mut command = sandbox.bench(&[
        "run", "--url", &url, "--pid", &pid, "-c", "2", "--warmup", "1s", "-d", "3s", "--format", "json",
    ]);
    let mut run = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("bench starts"));
    wait_for("the window", || {
        let spool = sandbox.results().first()?.join("intervals.ndjson");
        std::fs::read_to_string(spool).ok().filter(|intervals| intervals.contains("\"measure\""))
    });
    kill_process(Pid::from_raw(family.children()[0]).unwrap(), Signal::KILL).unwrap();
    let status = wait_for("the end of the run", || run.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(3));
    assert_told_everywhere(&sandbox, "target-restarted");
    let stored = sandbox.stored();
    let ended = |index: usize| stored["intervals"][index]["target"]["ended_processes"].as_u64();
    assert_eq!((ended(0), ended(1), ended(3)), (Some(0), Some(0), Some(1)));
}

#[test]
fn hiccups_and_the_clock_are_looked_at_in_every_interval() {
    let server = EchoServer::start(u64::MAX);
    let sandbox = Sandbox::new();
    let (report, _) =
        sandbox.json(&["run", "--url", &server.url("/"), "-c", "2", "--warmup", "0s", "-d", "1500ms"]);
    let hiccups = &report["summary"]["hiccup_us"];
    assert!(hiccups["max"].as_f64().unwrap() >= hiccups["p50"].as_f64().unwrap(), "{hiccups}");
    let stored = sandbox.stored();
    let intervals = stored["intervals"].as_array().unwrap();
    assert!(intervals.iter().all(|interval| interval["hiccup_hdr"].is_string()));
    let drift = stored["observations"]["clock"]["drift"].as_f64().unwrap();
    assert!(drift.abs() < 0.1 && stored["observations"]["clock"]["backwards"].is_u64(), "{drift}");
    let text = sandbox.run(&["report", "latest"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("Hiccups of the generator's CPU: P99 "));
}

/// Answers every request with a body that has no end.
fn answer_without_end() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let head = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            while head.is_ok() && stream.write_all(b"1\r\nx\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    });
    address
}

#[test]
fn a_first_answer_without_an_end_is_not_waited_for() {
    let sandbox = Sandbox::new();
    let url = format!("http://{}/", answer_without_end());
    let output = sandbox.run(&["run", "--url", &url, "-c", "2", "--timeout", "300ms", "-d", "1s"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("not complete in time (--timeout)"), "{said}");
}
