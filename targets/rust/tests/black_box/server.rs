//! Starts the program, finds its port, and makes sure that it is gone in the end.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::client::Client;

/// Long enough for any step on a loaded machine; no test waits for it unless it fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The key of tokens.
pub(crate) const SECRET: &str = "the-secret-of-the-black-box-tests";

/// The user `bench` with the password `correct horse battery staple`.
const USERS: &str =
    "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730=";

/// A running server, killed by its id when dropped.
pub(crate) struct Server {
    child: Child,
    line: String,
    address: String,
    // Held open, so that the server's standard output stays a living pipe.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server with one thread and the default limits.
    pub(crate) fn start() -> Self {
        Self::start_with(&["--threads", "1"])
    }

    /// Starts a server with these arguments besides `--port 0`.
    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut command = program();
        command.args(["--port", "0"]).args(arguments);
        Self::spawn(command)
    }

    /// Starts a server with two threads and these variables besides.
    pub(crate) fn start_in(variables: &[(&str, &str)]) -> Self {
        let mut command = program();
        command.args(["--port", "0", "--threads", "2"]).envs(variables.iter().copied());
        Self::spawn(command)
    }

    /// Starts a command that becomes the server.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a piped output"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line of output");
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split_whitespace().next())
            .unwrap_or_else(|| panic!("no address in the line {line:?}"))
            .to_owned();
        Self { child, line, address, _stdout: stdout }
    }

    /// The line that was printed at the start.
    pub(crate) fn line(&self) -> &str {
        &self.line
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The port alone.
    pub(crate) fn port(&self) -> &str {
        self.address.rsplit_once(':').expect("host:port").1
    }

    /// Opens a connection.
    pub(crate) fn connect(&self) -> Client {
        Client::connect(&self.address)
    }

    /// Sends a signal to the server and to nothing else.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        kill_process(Pid::from_raw(id).expect("not zero"), signal).expect("the server lives");
    }

    /// The number of files and sockets that the server has open.
    pub(crate) fn open_files(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.child.id());
        std::fs::read_dir(folder).expect("the server lives").count()
    }

    /// Waits until the server has exactly this many files open.
    pub(crate) fn wait_for_open_files(&self, expected: usize) {
        let deadline = Instant::now() + PATIENCE;
        while self.open_files() != expected {
            assert!(Instant::now() < deadline, "{} files instead of {expected}", self.open_files());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the server to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return status;
            }
            thread::sleep(Duration::from_millis(5));
        }
        panic!("the server did not end");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails only if the server has ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program under test, without arguments.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bench-target-rust"));
    command.env("NODE_SECRET", SECRET).env("NODE_USERS", USERS).env_remove("LEDGER_ACK");
    command
}
