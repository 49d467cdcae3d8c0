//! Nothing that `bench` starts outlives it: real targets under the built `bench`, ended in every way there is.
//!
//! The modules under test belong to a program, not to a library, so they are compiled in from their files.

#![allow(dead_code, unused_imports, reason = "the program uses what these tests do not")]

#[path = "../src/cpus/mod.rs"]
mod cpus;
#[path = "../src/resources/mod.rs"]
mod resources;
#[path = "../src/target/mod.rs"]
mod target;

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use target::{Ending, Launch, Target, TargetError};

/// A folder for the log, and a number of seconds for `sleep` by which every process of one test is known.
struct Scene {
    folder: tempfile::TempDir,
    mark: String,
}

impl Scene {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self::marked(format!("1000.{}{count:03}", std::process::id()))
    }

    fn marked(mark: String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, mark }
    }

    /// A launch of a shell script, in which MARK stands for this scene's number of seconds.
    fn launch(&self, script: &str) -> Launch {
        Launch {
            command: ["sh", "-c", &script.replace("MARK", &self.mark)].map(str::to_owned).to_vec(),
            directory: None,
            environment: Vec::new(),
            cpus: Vec::new(),
            log: self.folder.path().join("target.log"),
        }
    }

    fn start(&self, script: &str) -> Target {
        start(&self.launch(script)).unwrap()
    }

    /// Processes, zombies aside, with this scene's mark in their command line; this test's own excepted.
    fn running(&self) -> usize {
        let bears_mark = |folder: &Path| {
            let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&self.mark)
        };
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes.filter(|process| bears_mark(&process.path())).count()
    }

    fn expect_running(&self, count: usize) {
        until(&format!("{count} processes"), || self.running() == count);
    }
}

fn start(launch: &Launch) -> Result<Target, TargetError> {
    Target::start_under(Path::new(env!("CARGO_BIN_EXE_bench")), launch)
}

fn free_address() -> SocketAddr {
    let host = IpAddr::from([127, 0, 0, 1]);
    SocketAddr::new(host, target::free_port(host).unwrap())
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !happened() {
        assert!(Instant::now() < deadline, "{what}: did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn kill(signal: &str, pid: u32) {
    let status = Command::new("kill").args([signal, &pid.to_string()]).status();
    assert!(status.unwrap().success());
}

/// How long a target is given to end.
const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// A shell, a child of its, and a daemon that has left its session. With the guardian, 4 command lines bear the mark.
const FAMILY: &str = "setsid sleep MARK & sleep MARK & wait";

#[test]
fn an_orderly_stop_takes_the_whole_family() {
    let scene = Scene::new();
    let mut target = scene.start(FAMILY);
    scene.expect_running(4);
    assert_eq!(target.exited(), None);
    target.stop(STOP_PATIENCE).unwrap();
    assert_eq!(scene.running(), 0);
}

#[test]
fn a_handled_sigterm_may_take_its_time() {
    let scene = Scene::new();
    let target =
        scene.start("trap 'sleep 0.2; echo drained; exit 0' TERM; echo up; while :; do sleep 0.01; done");
    let log = scene.folder.path().join("target.log");
    until("the trap", || target::log_tail(&log, 1) == ["up"]);
    target.stop(STOP_PATIENCE).unwrap();
    assert_eq!(target::log_tail(&log, 1), ["drained"]);
}

#[test]
fn a_dropped_target_is_killed_at_once() {
    let scene = Scene::new();
    let target = scene.start(&format!("trap '' TERM HUP INT; {FAMILY}"));
    scene.expect_running(4);
    drop(target);
    assert_eq!(scene.running(), 0);
}

#[test]
fn who_ignores_sigterm_is_killed_after_the_deadline() {
    let scene = Scene::new();
    let target = scene.start("trap '' TERM; echo up; while :; do sleep MARK; done");
    let log = scene.folder.path().join("target.log");
    until("the trap", || target::log_tail(&log, 1) == ["up"]);
    let error = target.stop(Duration::from_millis(300)).unwrap_err();
    assert!(matches!(error, TargetError::Stubborn { .. }), "{error}");
    assert_eq!(scene.running(), 0);
}

#[test]
fn a_target_that_ends_says_how_and_leaves_nothing() {
    let scene = Scene::new();
    let mut target = scene.start("setsid sleep MARK & echo port 80 is taken >&2; exit 3");
    let address = free_address();
    let error = target.wait_ready(address, "/healthz", Duration::from_secs(20), &|| false).unwrap_err();
    let words = error.to_string();
    assert!(words.contains("exit status 3") && words.contains("port 80 is taken"), "{words}");
    assert_eq!(target.exited(), Some(Ending::Code(3)));
    scene.expect_running(0);
    target.stop(STOP_PATIENCE).unwrap();
}

#[test]
fn a_killed_target_says_so() {
    let scene = Scene::new();
    let target = scene.start("exec sleep MARK");
    kill("-9", target.pid());
    scene.expect_running(0);
    assert!(matches!(target.stop(STOP_PATIENCE), Err(TargetError::Died { .. })));
    let mut target = scene.start("exec sleep MARK");
    kill("-9", target.pid());
    until("the end", || target.exited() == Some(Ending::Signal(9)));
    assert!(target.died().to_string().contains("killed by SIGKILL"));
}

#[test]
fn a_target_dies_with_its_guardian() {
    for signal in ["-9", "-TERM"] {
        let scene = Scene::new();
        // Killed outright, a guardian takes its target along, and its group goes as soon as `bench` hears of it.
        let mut target = scene.start("sleep MARK & sleep MARK & wait");
        scene.expect_running(4);
        kill(signal, target.guardian_pid());
        until("the end", || target.exited().is_some());
        drop(target);
        scene.expect_running(0);
    }
}

#[test]
fn launches_that_fail_name_the_mend() {
    let scene = Scene::new();
    let with = |change: &dyn Fn(&mut Launch)| {
        let mut launch = scene.launch("exit 0");
        change(&mut launch);
        start(&launch).unwrap_err().to_string()
    };
    let program = |word: &str| with(&|launch| launch.command = vec![word.to_owned()]);
    let folder = |path: &str| with(&|launch| launch.directory = Some(path.into()));
    let log = |path: &str| with(&|launch| launch.log = path.into());
    for (words, part) in [
        (with(&|launch| launch.command.clear()), "no command"),
        (program("no-such-program"), "add its folder to PATH"),
        (program("./no/such"), "`./no/such`"),
        (program("/etc/passwd"), "chmod +x"),
        (folder("/no/such"), "not a folder"),
        (log("/no/such/target.log"), "/no/such/target.log"),
        (with(&|launch| launch.cpus = vec![1023]), "CPUs 1023"),
    ] {
        assert!(words.contains(part), "{words}");
    }
}

#[test]
fn what_a_target_is_given() {
    let scene = Scene::new();
    let mut launch =
        scene.launch("pwd; echo $GREETING; grep Cpus_allowed_list /proc/self/status; echo err >&2; cat; env");
    launch.directory = Some(PathBuf::from("/proc"));
    launch.environment = vec![("GREETING".to_owned(), "hello".to_owned())];
    launch.cpus = cpus::allowed()[..1].to_vec();
    let mut target = start(&launch).unwrap();
    until("the end", || target.exited().is_some());
    let log = target::log_tail(&launch.log, 1000);
    let allowed = format!("Cpus_allowed_list: {}", launch.cpus[0]);
    assert_eq!(log[..4], ["/proc", "hello", &allowed, "err"]);
    assert!(!log.iter().any(|line| line.starts_with("CARGO_PKG_")), "{log:?}");
    assert!(std::env::var_os("CARGO_PKG_NAME").is_some(), "cargo sets it for tests");
}

#[test]
fn waiting_for_readiness() {
    let scene = Scene::new();
    let mut target = scene.start("exec sleep MARK");
    let address = free_address();
    let interrupted = target.wait_ready(address, "/", Duration::from_secs(20), &|| true);
    assert!(matches!(interrupted, Err(TargetError::Interrupted)));
    let late = target.wait_ready(address, "/", Duration::from_millis(50), &|| false).unwrap_err();
    assert!(late.to_string().contains("nothing listens on"), "{late}");
    let listener = std::net::TcpListener::bind(address).unwrap();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        // Closing with the request unread would reset the answer away.
        let _ = std::io::Read::read(&mut stream, &mut [0; 512]);
    });
    let took = target.wait_ready(address, "/", Duration::from_secs(20), &|| false).unwrap();
    assert!(took >= Duration::from_millis(50));
    server.join().unwrap();
}

#[test]
fn daemons_are_sampled_through_their_adopter() {
    let scene = Scene::new();
    let target = scene.start("(setsid sleep MARK &) ; exec sleep MARK");
    scene.expect_running(3);
    let mut sampler = target.sampler();
    until("the adoption", || sampler.sample().is_some_and(|sample| sample.processes == 2));
    drop(target);
    assert_eq!(sampler.sample(), None);
}

/// Not a test: the `bench` of the next one, which runs it as a process of its own and kills it.
#[test]
#[ignore = "waits to be killed"]
fn a_bench_to_be_killed() {
    if let Ok(mark) = std::env::var("TEST_MARK") {
        let _target = Scene::marked(mark).start(FAMILY);
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn nothing_outlives_a_killed_bench() {
    for signal in ["-9", "-ABRT", "-TERM"] {
        let scene = Scene::new();
        let mut bench = Command::new(std::env::current_exe().unwrap())
            .args(["a_bench_to_be_killed", "--exact", "--ignored"])
            .env("TEST_MARK", &scene.mark)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        scene.expect_running(4);
        kill(signal, bench.id());
        bench.wait().unwrap();
        scene.expect_running(0);
    }
}
