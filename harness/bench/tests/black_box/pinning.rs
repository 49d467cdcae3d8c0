//! Who runs on which CPUs, as the kernel tells while a run is going on.

use crate::run::wait_for_intervals;
use crate::support::{Running, Sandbox};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The CPUs that a thread may use, from its `status`; `None` if it is gone.
fn allowed(of: &Path) -> Option<Vec<u64>> {
    let status = std::fs::read_to_string(of.join("status")).ok()?;
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        first.parse::<u64>().unwrap()..=last.parse().unwrap()
    };
    Some(list.split(',').flat_map(range).collect())
}

/// The threads of a process by name, with the CPUs of each.
fn threads(pid: i32) -> Vec<(String, Vec<u64>)> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap().flatten().map(|task| task.path());
    let named = |task: std::path::PathBuf| {
        let name = std::fs::read_to_string(task.join("comm")).ok()?.trim().to_owned();
        Some((name, allowed(&task)?))
    };
    tasks.filter_map(named).collect()
}

/// What is wrong with where the threads of a run are, whose plan is this.
fn misplaced(plan: &Value, bench: i32, target: i32) -> Vec<String> {
    let cpus = |name: &str| -> Vec<u64> { serde_json::from_value(plan[name].clone()).unwrap() };
    let (generator_cpus, target_cpus) = (cpus("generator_cpus"), cpus("target_cpus"));
    let mut faults = Vec::new();
    let mut expect = |who: &str, found: &[u64], expected: &[u64]| {
        if found != expected {
            faults.push(format!("{who} is on {found:?} instead of {expected:?}"));
        }
    };
    threads(target).iter().for_each(|(name, found)| expect(&format!("target {name}"), found, &target_cpus));
    let of_bench = threads(bench);
    for (name, found) in &of_bench {
        match name.strip_prefix("generator-").map(|index| index.parse::<usize>().unwrap()) {
            Some(index) => expect(name, found, &[generator_cpus[index % generator_cpus.len()]]),
            None if name == "hiccups" => expect(name, found, &generator_cpus[..1]),
            None => expect(name, found, &generator_cpus),
        }
    }
    let count = |start: &str| of_bench.iter().filter(|(name, _)| name.starts_with(start)).count() as u64;
    let found = [count("generator-"), count("hiccups")];
    expect("the number of threads", &found, &[plan["threads"].as_u64().unwrap(), 1]);
    faults
}

#[test]
fn target_workers_and_meters_are_on_the_cpus_of_the_plan() {
    let all = allowed(Path::new("/proc/self")).unwrap();
    let listed = all.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let last = all[all.len() - 1].to_string();
    // As they are shared out, and so that a worker, the meter and the target each have one of several.
    let of_several = ["--generator-cpus", &listed, "--target-cpus", &last, "-t", "2"];
    for flags in [&[][..], &of_several[..]] {
        let sandbox = Sandbox::new();
        let load = ["run", "--scenario", "json-echo", "-c", "4", "--warmup", "0s", "-d", "60s"];
        let arguments = [&load[..], flags].concat();
        let plan = sandbox.run(&[&arguments[..], &["--dry-run"]].concat()).stdout;
        let plan: Value = serde_json::from_slice(&plan).unwrap();
        let mut command = sandbox.bench(&arguments);
        let run = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        wait_for_intervals(&sandbox);
        let (bench, target) = (run.0.id() as i32, run.target());
        // A thread that has just begun is where its parent was.
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let faults = misplaced(&plan, bench, target);
            if faults.is_empty() {
                break;
            }
            assert!(Instant::now() < deadline, "{flags:?}: {faults:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
