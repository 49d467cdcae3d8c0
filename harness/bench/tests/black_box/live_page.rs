//! `--serve` from the outside, over plain connections: what viewers get and when, who is refused, and that nobody is held up.

use crate::support::{EchoServer, Running, Sandbox};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// A `bench` that serves its page.
struct Served {
    bench: Running,
    /// As it was announced.
    host: String,
    address: SocketAddr,
    said: BufReader<std::process::ChildStderr>,
}

impl Served {
    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut bench = Running(command.spawn().expect("bench starts"));
        let mut said = BufReader::new(bench.0.stderr.take().expect("it is piped"));
        let mut line = String::new();
        let host = loop {
            line.clear();
            assert!(said.read_line(&mut line).expect("a line") > 0, "it ended before it served");
            if let Some((_, url)) = line.trim().split_once("watch at http://") {
                break url.trim_end_matches('/').to_owned();
            }
        };
        let mut addresses = host.to_socket_addrs().expect("a name that is known");
        let address = addresses.find(SocketAddr::is_ipv4).expect("an address");
        Self { bench, host, address, said }
    }

    /// A run of `duration`.
    fn run(sandbox: &Sandbox, server: &EchoServer, duration: &str) -> Self {
        let typed = format!(
            "run --url {} -c 2 --warmup 0s --duration {duration} --serve 127.0.0.1:0",
            server.url("/")
        );
        Self::start(sandbox.bench(&typed.split(' ').collect::<Vec<_>>()))
    }

    fn end(mut self) -> (ExitStatus, String) {
        let mut rest = String::new();
        self.said.read_to_string(&mut rest).expect("what it says");
        (self.bench.0.wait().expect("it ends"), rest)
    }

    /// Sends a request and gives the whole answer.
    fn ask(&self, request: &str) -> String {
        let mut answer = String::new();
        send(self.address, request).read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address))
    }

    fn watch(&self, since: Option<&str>) -> Viewer {
        let since = since.map_or_else(String::new, |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET /events HTTP/1.0\r\nHost: {}\r\nAccept: text/event-stream\r\n{since}\r\n",
            self.address
        );
        let mut lines = BufReader::new(send(self.address, &request));
        let mut head = String::new();
        while lines.read_line(&mut head).expect("a head") > 2 {}
        assert!(head.starts_with("HTTP/1.0 200") || head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(head.to_lowercase().contains("content-type: text/event-stream"), "{head}");
        Viewer { lines }
    }
}

fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a limit");
    stream.write_all(request.as_bytes()).expect("it reads");
    stream
}

/// Someone who follows the events.
struct Viewer {
    lines: BufReader<TcpStream>,
}

/// An event.
#[derive(Debug)]
struct Event {
    id: String,
    name: String,
    data: Value,
}

impl Event {
    /// When the points in it began, in seconds.
    fn starts(&self) -> Vec<f64> {
        let points = self.data["points"].as_array().into_iter().flatten();
        points.map(|point| point[0].as_f64().expect("a number")).collect()
    }
}

impl Viewer {
    /// The next event; nothing when the stream has ended.
    fn next(&mut self) -> Option<Event> {
        let mut event = Event { id: String::new(), name: String::new(), data: Value::Null };
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).expect("a line") == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("event", name)) => name.clone_into(&mut event.name),
                Some(("data", data)) => event.data = serde_json::from_str(data).expect("JSON"),
                _ if line == "\n" && !event.name.is_empty() => return Some(event),
                _ => {}
            }
        }
    }

    /// All events that are left.
    fn rest(mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

#[test]
fn a_viewer_sees_the_run_in_order_to_its_end_and_the_report_after_it() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let served = Served::run(&sandbox, &server, "3s");
    let page = served.get("/");
    assert!(page.contains("<title>bench</title>"), "{page}");
    let policy = page.lines().find(|line| line.to_lowercase().starts_with("content-security-policy:"));
    assert!(policy.is_some_and(|policy| policy.contains("default-src 'none'")), "{page}");
    for part in ["/page.js", "/page.css", "/uplot.js", "/uplot.css"] {
        assert!(served.get(part).contains(" 200 OK"), "{part}");
    }
    assert!(served.get("/report").contains(" 404 "), "there is no report yet");
    let events = served.watch(None).rest();
    let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!((names[0], *names.last().unwrap()), ("all", "end"), "{names:?}");
    let ids: Vec<u64> = events[..events.len() - 1].iter().map(|event| event.id.parse().unwrap()).collect();
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    let shown: Vec<f64> =
        events.iter().filter(|event| event.name == "more").flat_map(Event::starts).collect();
    let whole = shown.iter().map(|start| start.round()).collect::<Vec<_>>();
    assert!(whole.ends_with(&[1.0, 2.0]), "{whole:?}");
    let end = &events.last().unwrap().data;
    let folder = sandbox.folder.path().join(end["folder"].as_str().unwrap());
    let stored =
        std::fs::read_to_string(folder.join("report.html")).expect("every run that is kept has a page");
    assert_eq!(end["report"], true);
    let report = served.get("/report");
    assert!(report.contains(" 200 OK") && report.ends_with(&stored), "{}", &report[..report.len().min(500)]);
    let (status, said) = served.end();
    assert!(status.code().is_some_and(|code| code == 0 || code == 3), "{said}");
    assert!(said.contains("results in "), "{said}");
    assert!(folder.join("run.json").is_file());
}

#[test]
fn a_late_viewer_sees_all_and_one_that_comes_again_what_it_missed() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let served = Served::run(&sandbox, &server, "5m");
    let mut first = served.watch(None);
    let mut seen = Vec::new();
    while seen.len() < 2 {
        seen.extend(first.next().expect("it goes on").starts());
    }
    let mut late = served.watch(None);
    let all = late.next().expect("everything");
    assert_eq!(all.name, "all");
    assert!(all.starts().starts_with(&seen), "{seen:?}, {all:?}");
    // A connection is lost, and the page asks again with the id that it has.
    drop(late);
    let mut again = served.watch(Some(&all.id));
    let more = again.next().expect("what came since");
    assert_eq!(more.name, "more");
    let known = all.starts().last().copied().unwrap_or(-1.0);
    assert!(more.starts().iter().all(|start| *start > known), "{known}, {more:?}");
    // An id of another server is no id.
    assert_eq!(served.watch(Some("12")).next().expect("everything").name, "all");
    assert_eq!(served.watch(Some("nonsense")).next().expect("everything").name, "all");
    served.bench.signal(rustix::process::Signal::TERM);
    let events = first.rest();
    assert_eq!(events.last().expect("an end").name, "end");
    assert_eq!(served.end().0.code(), Some(143));
}

#[test]
fn only_this_servers_own_names_are_answered_and_nothing_is_changed() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let served = Served::run(&sandbox, &server, "5m");
    let port = served.address.port();
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"), 200),
        (format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), 200),
        (format!("HEAD /events HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), 200),
        (format!("GET /events HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n"), 421),
        ("GET /events HTTP/1.1\r\nHost: localhost.evil.example\r\nConnection: close\r\n\r\n".to_owned(), 421),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), 421),
        (format!("GET /results HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), 404),
        (format!("GET /../run.json HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), 404),
        (
            format!(
                "POST / HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            ),
            405,
        ),
        (format!("DELETE /events HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n"), 405),
        ("no request at all\r\n\r\n".to_owned(), 400),
    ] {
        let answer = served.ask(&request);
        let found = answer.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
        assert_eq!(found, Some(status), "{request}{answer}");
        assert!(!answer.to_lowercase().contains("access-control-allow"), "{answer}");
    }
}

#[test]
fn all_addresses_together_are_announced_as_one_that_can_be_opened() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let typed = format!("run --url {} -c 1 --rate 10 --warmup 0s -d 5m --serve 0.0.0.0:0", server.url("/"));
    let served = Served::start(sandbox.bench(&typed.split(' ').collect::<Vec<_>>()));
    let get = |host: &str| served.ask(&format!("GET / HTTP/1.0\r\nHost: {host}\r\n\r\n"));
    assert!(get(&served.host).contains(" 200 OK"), "{}", served.host);
    let port = served.address.port();
    let refused = get(&format!("0.0.0.0:{port}"));
    let mend = format!("this is http://127.0.0.1:{port}/ and no other name");
    assert!(refused.contains(" 421 ") && refused.contains(&mend), "{refused}");
}

/// Fifty who watch, one that asks and never reads, and one that never asks: the run ends as it would, and who reads has all.
#[test]
fn many_viewers_and_some_that_do_not_read_hold_nobody_up() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let served = Served::run(&sandbox, &server, "3s");
    let request =
        format!("GET /events HTTP/1.1\r\nHost: {}\r\nAccept: text/event-stream\r\n\r\n", served.address);
    let deaf = send(served.address, &request);
    let mute = TcpStream::connect(served.address).expect("it listens");
    let viewers: Vec<Viewer> = (0..50).map(|_| served.watch(None)).collect();
    // A program that does not say what it accepts is told of the end as well.
    let plain = send(served.address, &format!("GET /events HTTP/1.0\r\nHost: {}\r\n\r\n", served.address));
    let watching: Vec<_> =
        viewers.into_iter().map(|viewer| std::thread::spawn(move || viewer.rest())).collect();
    for viewer in watching {
        let events = viewer.join().expect("a viewer");
        assert_eq!(events.last().expect("an end").name, "end");
        let points: usize = events.iter().map(|event| event.starts().len()).sum();
        assert!(points >= 3, "{points} points");
    }
    let plain = Viewer { lines: BufReader::new(plain) }.rest();
    assert_eq!(plain.last().expect("an end").name, "end");
    let (status, said) = served.end();
    assert!(status.code().is_some_and(|code| code == 0 || code == 3), "{said}");
    drop((deaf, mute));
}

#[test]
fn a_comparison_is_one_page_to_its_report() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let targets = format!("{},{}", server.url("/"), server.url("/other"));
    let flags = "-c 2 --blocks 1 --no-control --warmup 0s --duration 1s --serve 0";
    let typed = format!("compare --targets {targets} {flags}");
    let served = Served::start(sandbox.bench(&typed.split(' ').collect::<Vec<_>>()));
    let events = served.watch(None).rest();
    let turns: Vec<&str> =
        events.iter().filter_map(|event| event.data["head"]["position"].as_str()).collect();
    assert!(turns.iter().any(|turn| turn.starts_with("block 1 of 1, run 2 of 2: ")), "{turns:?}");
    let said = events.iter().rev().find_map(|event| event.data["head"]["lines"].as_array());
    let is_said = |line: &Value| line.as_str().is_some_and(|line| line.contains("block 1/1"));
    assert_eq!(said.expect("lines").iter().filter(|line| is_said(line)).count(), 2);
    assert_eq!(events.last().expect("an end").data["report"], true);
    let report = served.get("/report");
    assert!(report.contains("<!DOCTYPE html>"), "{}", &report[..report.len().min(500)]);
}

#[test]
fn an_address_that_cannot_be_had_is_said_before_anything_starts() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let url = server.url("/");
    let taken = server.address.to_string();
    for (address, code, part) in [
        (taken.as_str(), 1, "choose another port with --serve"),
        ("here", 2, "is no address to serve on"),
        ("203.0.113.1:80", 1, "cannot serve the page on 203.0.113.1:80"),
    ] {
        let output = sandbox.run(&["run", "--url", &url, "-c", "1", "-d", "1s", "--serve", address]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(part), "{said}");
    }
    assert!(sandbox.results().is_empty());
}
