//! What the black-box tests share: a folder of its own for each test, the binary, and a server that can be bad.

use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A fresh folder, in which `bench` runs.
pub(crate) struct Sandbox {
    pub(crate) folder: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for the test") }
    }

    /// The binary with arguments, in the folder.
    pub(crate) fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bench"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("BENCH_RESULTS")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.bench(arguments).output().expect("bench starts")
    }

    /// Runs, and reads the JSON that it prints. Also gives the exit code.
    pub(crate) fn json(&self, arguments: &[&str]) -> (Value, i32) {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        let printed = String::from_utf8_lossy(&output.stdout);
        let value = serde_json::from_str(&printed).unwrap_or_else(|error| {
            panic!("{error} in {printed:?}\n{}", String::from_utf8_lossy(&output.stderr))
        });
        (value, output.status.code().expect("an exit code"))
    }

    /// The folders of stored runs, and anything else that was left beside them.
    pub(crate) fn results(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("results")).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// The `run.json` of the only run.
    pub(crate) fn stored(&self) -> Value {
        let results = self.results();
        assert_eq!(results.len(), 1, "{results:?}");
        serde_json::from_slice(&std::fs::read(results[0].join("run.json")).expect("run.json")).expect("JSON")
    }
}

/// A running `bench` that is ended with the test.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.0.id() as i32).expect("a process id");
        rustix::process::kill_process(pid, signal).expect("the process is there");
    }

    /// The process id of the target that this `bench` started, once it runs.
    pub(crate) fn target(&self) -> i32 {
        wait_for("the target", || {
            descendants(self.0.id() as i32)
                .into_iter()
                .find(|&pid| command_of(pid).split(' ').nth(1) == Some("serve"))
        })
    }
}

/// Waits up to 20 s for something to be there.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not come in 20 s");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process is there and not merely waiting to be reaped.
pub(crate) fn is_alive(pid: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or("").trim_start().starts_with('Z'))
}

fn command_of(pid: i32) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}

/// All processes below `root`.
pub(crate) fn descendants(root: i32) -> Vec<i32> {
    let children = |pid: i32| -> Vec<i32> {
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        tasks
            .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
            .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<i32>>())
            .collect()
    };
    let mut found = children(root);
    let mut next = 0;
    while next < found.len() {
        found.extend(children(found[next]));
        next += 1;
    }
    found
}

/// A server that echoes JSON, counts what it answers, and answers wrongly from some request on.
pub(crate) struct EchoServer {
    pub(crate) address: SocketAddr,
    pub(crate) answered: Arc<AtomicU64>,
}

impl EchoServer {
    /// Answers wrongly from a request on. See [`Self::wrong_in`].
    pub(crate) fn start(wrong_from: u64) -> Self {
        Self::wrong_in(wrong_from..u64::MAX)
    }

    /// Answers these requests wrongly, counted from 0. Serves on threads of its own until the test's process ends.
    pub(crate) fn wrong_in(wrong: Range<u64>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self { address: listener.local_addr().expect("an address"), answered: Arc::default() };
        let answered = Arc::clone(&server.answered);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answered, wrong) = (Arc::clone(&answered), wrong.clone());
                std::thread::spawn(move || serve(stream, &answered, &wrong));
            }
        });
        server
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn serve(stream: TcpStream, answered: &AtomicU64, wrong: &Range<u64>) {
    let _ = stream.set_nodelay(true);
    let Ok(mut output) = stream.try_clone() else {
        return;
    };
    let mut input = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            match input.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        if input.read_exact(&mut body).is_err() {
            return;
        }
        if wrong.contains(&answered.fetch_add(1, Ordering::Relaxed)) {
            body = b"{\"wrong\":true}".to_vec();
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        if output.write_all(&[head.as_bytes(), &body].concat()).is_err() {
            return;
        }
    }
}
