//! `bench doctor` from the outside.

use crate::support::{Running, Sandbox, descendants, is_alive, wait_for};
use rustix::process::Signal;
use serde_json::Value;
use std::process::Stdio;

#[test]
fn without_noise_nothing_is_measured_and_the_flag_is_named() {
    let output = Sandbox::new().run(&["doctor"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("CPUs") && text.contains("bench doctor --noise"), "{text}");
    let (found, _) = Sandbox::new().json(&["doctor"]);
    assert_eq!((&found["schema"], &found["noise"]), (&Value::from("bench-doctor/1"), &Value::Null));
}

#[test]
fn pairs_are_for_noise_and_two_at_least() {
    for (typed, part) in [("doctor --pairs 3", "--noise"), ("doctor --noise --pairs 1", "at least 2 pairs")] {
        let output = Sandbox::new().run(&typed.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), said.contains(part)), (Some(2), true), "{typed}: {said}");
    }
}

/// The folder for temporary files is the sandbox, so that what is left there is seen.
#[test]
fn the_noise_is_measured_in_numbers_and_nothing_is_left() {
    let sandbox = Sandbox::new();
    let output = sandbox
        .bench(&["doctor", "--noise", "--pairs", "2", "--format", "json"])
        .env("TMPDIR", sandbox.folder.path())
        .output()
        .expect("bench starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("takes about"), "{said}");
    let found: Value = serde_json::from_slice(&output.stdout).expect(&said);
    let (idle, equals) = (&found["noise"]["idle"], &found["noise"]["equals"]);
    for cpu in idle["cpus"].as_array().expect("a list of CPUs") {
        assert!(cpu["hiccup_us"]["p50"].as_f64().unwrap() > 0.0, "{cpu}");
        assert!(cpu["hiccup_us"]["max"].as_f64() >= cpu["hiccup_us"]["p99_9"].as_f64(), "{cpu}");
    }
    for share in ["steal_share", "others_share", "meter_share"] {
        assert!((0.0..=1.0).contains(&idle[share].as_f64().unwrap()), "{share} in {idle}");
    }
    assert_eq!(equals["pairs"], 2);
    // How busy the machine is that tests run on, and how slow this build, decides whether the runs can be used.
    let floors = equals["floors"].as_array().expect("a list of floors");
    let metrics: Vec<&str> = floors.iter().map(|floor| floor["metric"].as_str().unwrap()).collect();
    match equals["used"].as_u64() {
        Some(2) => assert_eq!(metrics, ["tps", "p99", "cpu-per-request"]),
        _ => assert!(!equals["lost_for"].as_array().unwrap().is_empty(), "{equals}"),
    }
    for floor in floors {
        assert_eq!(floor["ratios"].as_array().unwrap().len(), 2, "{floor}");
        let is_number = |name: &str| floor[name].as_f64().is_some_and(|value| value >= 0.0);
        assert!(["deviation", "effect", "blocks_to_show_difference"].into_iter().all(is_number), "{floor}");
    }
    assert!(found["noise"]["findings"].as_array().is_some_and(|findings| findings.len() >= 5));
    let left: Vec<_> = std::fs::read_dir(sandbox.folder.path()).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn ctrl_c_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.bench(&["doctor", "--noise"]);
    command.env("TMPDIR", sandbox.folder.path()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = Running(command.spawn().expect("bench starts"));
    // While it listens; what comes after is the same as in a comparison, and is not begun on a machine that is busy.
    let pid = running.0.id();
    wait_for("the meter", || {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten();
        let mut names = threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("comm")).ok());
        names.any(|name| name.trim() == "hiccups").then_some(())
    });
    let started = descendants(pid as i32);
    running.signal(Signal::INT);
    let status = wait_for("the end", || running.0.try_wait().unwrap());
    assert_eq!(status.code(), Some(130));
    assert!(!started.iter().any(|&pid| is_alive(pid)), "left running: {started:?}");
    let left: Vec<_> = std::fs::read_dir(sandbox.folder.path()).unwrap().flatten().collect();
    assert!(left.is_empty(), "{left:?}");
}
