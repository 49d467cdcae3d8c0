//! `--tui` from the outside, on a pseudo-terminal: what is seen, what keys do, and how the terminal is left.

use crate::pseudo_terminal::PseudoTerminal;
use crate::support::{EchoServer, Running, Sandbox, is_alive, wait_for};
use rustix::process::Signal;
use std::io::Read as _;
use std::process::ExitStatus;

const TAKEN: (bool, bool, bool) = (true, true, true);
const AS_BEFORE: (bool, bool, bool) = (false, false, false);

/// A run that would last for minutes.
struct LongRun {
    sandbox: Sandbox,
    _server: EchoServer,
    terminal: PseudoTerminal,
    bench: Running,
}

impl LongRun {
    /// Waits until it measures.
    fn start(size: (u16, u16)) -> Self {
        let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
        let terminal = PseudoTerminal::new(size);
        let url = server.url("/");
        // At a low rate, so that ten of these side by side leave one another the time to draw.
        let load = ["--url", &url, "-c", "2", "--rate", "100", "--warmup", "0s", "--duration", "5m"];
        let arguments = [&["run"], &load[..], &["--tui"]].concat();
        let bench = terminal.start(&sandbox, &arguments);
        terminal.wait_for("measuring");
        assert_eq!(terminal.is_taken(), TAKEN);
        Self { sandbox, _server: server, terminal, bench }
    }

    /// Waits for the end, and gives how it ended and what was printed on standard output.
    fn end(&mut self) -> (ExitStatus, String) {
        let mut printed = String::new();
        let out = self.bench.0.stdout.as_mut().expect("it is piped");
        out.read_to_string(&mut printed).expect("a report");
        let status = self.bench.0.wait().expect("it ends");
        wait_for("the terminal", || (self.terminal.is_taken() == AS_BEFORE).then_some(()));
        (status, printed)
    }
}

#[test]
fn q_stops_and_reports() {
    let mut run = LongRun::start((80, 24));
    for part in ["Throughput", "P99.9", "Memory", "Errors", "q stop and report"] {
        assert!(run.terminal.text().contains(part), "{part}:\n{}", run.terminal.text());
    }
    run.terminal.wait_for(" TPS");
    run.terminal.press("q");
    let (status, printed) = run.end();
    assert_eq!(status.code(), Some(130));
    assert!(printed.contains("Throughput") && printed.contains("SIGINT"), "{printed}");
    assert_eq!(run.sandbox.stored()["observations"]["interrupted_by"], "SIGINT (Ctrl-C)");
    // The ordinary end stands on the ordinary screen.
    run.terminal.wait_for("results in ");
}

#[test]
fn abort_keeps_nothing_and_asks_first() {
    let mut run = LongRun::start((80, 24));
    run.terminal.press("a");
    run.terminal.wait_for("Keep nothing of this run?");
    run.terminal.press("x");
    run.terminal.wait_for("q stop and report");
    assert!(is_alive(run.bench.0.id() as i32));
    run.terminal.press("aa");
    let (status, printed) = run.end();
    assert_eq!((status.code(), printed.as_str()), (Some(130), ""));
    assert!(run.sandbox.results().is_empty(), "{:?}", run.sandbox.results());
}

#[test]
fn help_comes_and_goes() {
    let mut run = LongRun::start((80, 24));
    run.terminal.press("?");
    run.terminal.wait_for("keep nothing of this run");
    run.terminal.press("?");
    run.terminal.wait_for("q stop and report");
    run.terminal.press("\u{3}");
    assert_eq!(run.end().0.code(), Some(130));
}

#[test]
fn signals_leave_the_terminal_as_it_was() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130), (Signal::HUP, 129)] {
        let mut run = LongRun::start((80, 24));
        run.bench.signal(signal);
        let (status, printed) = run.end();
        assert_eq!(status.code(), Some(code));
        assert!(printed.contains("Throughput"), "{printed}");
    }
}

/// No program can do anything about it by itself.
#[test]
fn a_kill_leaves_the_terminal_as_it_was() {
    let mut run = LongRun::start((80, 24));
    run.bench.signal(Signal::KILL);
    assert_eq!(run.end().0.code(), None);
}

#[test]
fn a_second_interrupt_ends_at_once_and_leaves_the_terminal_as_it_was() {
    let mut run = LongRun::start((80, 24));
    run.terminal.press("\u{3}\u{3}");
    let (status, printed) = run.end();
    assert_eq!((status.code(), printed.as_str()), (Some(130), ""));
}

#[test]
fn a_target_that_dies_leaves_the_terminal_as_it_was() {
    let (sandbox, terminal) = (Sandbox::new(), PseudoTerminal::new((80, 24)));
    let arguments =
        ["run", "--scenario", "json-echo", "-c", "2", "--warmup", "0s", "--duration", "5m", "--tui"];
    let bench = terminal.start(&sandbox, &arguments);
    terminal.wait_for("measuring");
    let target = rustix::process::Pid::from_raw(bench.target()).expect("a process");
    rustix::process::kill_process(target, Signal::KILL).expect("the target is there");
    let mut run = LongRun { sandbox, _server: EchoServer::start(u64::MAX), terminal, bench };
    let (status, printed) = run.end();
    assert_eq!(status.code(), Some(3));
    assert!(printed.contains("INVALID") && printed.contains("SIGKILL"), "{printed}");
}

#[test]
fn a_narrow_terminal_and_one_that_changes_show_what_fits() {
    let mut run = LongRun::start((40, 15));
    for part in ["TPS", "P99", "Memory", "q stop and report"] {
        run.terminal.wait_for(part);
    }
    run.terminal.resize((100, 30));
    run.terminal.wait_for("Generator CPU");
    run.terminal.resize((12, 3));
    run.terminal.resize((80, 24));
    run.terminal.wait_for("Generator CPU");
    run.terminal.press("q");
    assert_eq!(run.end().0.code(), Some(130));
}

/// What is said during a comparison is seen, and stands on the ordinary screen afterwards, once.
#[test]
fn a_comparison_shows_where_it_is_and_leaves_its_lines() {
    let (sandbox, server) = (Sandbox::new(), EchoServer::start(u64::MAX));
    let terminal = PseudoTerminal::new((100, 40));
    let targets = format!("{},{}", server.url("/"), server.url("/other"));
    let arguments = [
        "compare",
        "--targets",
        &targets,
        "-c",
        "2",
        "--blocks",
        "1",
        "--no-control",
        "--warmup",
        "0s",
        "--duration",
        "1s",
        "--tui",
    ];
    let bench = terminal.start(&sandbox, &arguments);
    terminal.wait_for("block 1 of 1, run 1 of 2");
    terminal.wait_for("block 1/1");
    let mut run = LongRun { sandbox, _server: server, terminal, bench };
    let (_, printed) = run.end();
    // A machine that is too busy makes its only block one that cannot be used, and the report says that.
    let ends = ["Figures: median of 1 block", "Nothing can be said of "];
    assert!(ends.iter().any(|end| printed.contains(end)), "{printed}");
    run.terminal.wait_for("block 1/1");
    let text = run.terminal.text();
    assert_eq!(text.matches("block 1/1").count(), 2, "a line for each run:\n{text}");
}

#[test]
fn without_a_terminal_it_says_so_before_it_begins() {
    let sandbox = Sandbox::new();
    let server = EchoServer::start(u64::MAX);
    let url = server.url("/");
    let arguments = ["run", "--url", &url, "-c", "1", "--tui"];
    let output = sandbox.run(&arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--tui needs a terminal") && said.contains("--serve"), "{said}");
    let terminal = PseudoTerminal::new((80, 24));
    for (kind, part) in [("dumb", "TERM is `dumb`"), ("", "TERM is not set")] {
        let line = || std::process::Stdio::from(terminal.line());
        let mut command = sandbox.bench(&arguments);
        let status = command.env("TERM", kind).stdin(line()).stderr(line()).status().expect("bench starts");
        assert_eq!(status.code(), Some(2));
        terminal.wait_for(part);
        assert_eq!(terminal.is_taken(), AS_BEFORE);
    }
    assert!(sandbox.results().is_empty());
}
