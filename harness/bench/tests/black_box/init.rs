//! `bench init` from the outside: what it writes works at once, anywhere, and nothing of anybody's is overwritten.

use crate::gate::git;
use crate::support::Sandbox;
use std::fs;
use std::path::{Path, PathBuf};

fn said(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[test]
fn what_it_writes_runs_at_once() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(&["init"]);
    assert!(output.status.success(), "{}", said(&output));
    let next = "bench run --scenario my-service --target my-service";
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains(next), "{printed}");
    let readme = fs::read_to_string(sandbox.folder.path().join("README.md")).unwrap();
    let commands: Vec<&str> = readme.lines().filter_map(|line| line.strip_prefix("    bench ")).collect();
    assert_eq!(commands.len(), 3, "a README of three commands");
    for command in commands {
        let words = command.split(' ').map(|word| word.trim_matches('\''));
        let output = sandbox.run(&words.chain(["--dry-run"]).collect::<Vec<_>>());
        assert!(output.status.success(), "{command}: {}", said(&output));
    }
    let run: Vec<&str> =
        next.split(' ').skip(1).chain(["--warmup", "500ms", "-d", "1s", "-c", "4"]).collect();
    let (report, code) = sandbox.json(&run);
    // What else runs on this machine may make a run invalid; that the server answers as it should may not.
    let machine = ["steal", "machine-busy", "generator-saturated", "littles-law"];
    let codes =
        report["warnings"].as_array().unwrap().iter().filter(|warning| warning["invalidates"] == true);
    let codes: Vec<&str> = codes.map(|warning| warning["code"].as_str().unwrap()).collect();
    assert!(code == 0 || (code == 3 && codes.iter().all(|code| machine.contains(code))), "{report:#}");
    let summary = &report["summary"];
    assert!(summary["requests"].as_u64().unwrap() > 10, "{summary:#}");
    assert_eq!((&summary["errors"]["mismatch"], &summary["errors"]["status"]), (&0.into(), &0.into()));
    assert_eq!(summary["status"].as_object().unwrap().keys().collect::<Vec<_>>(), ["201"]);
    let variant =
        ["run", "--scenario", "my-service", "--target", "my-service:indented", "--warmup", "0s", "-d", "2s"];
    let (report, _) = sandbox.json(&variant);
    assert!(report["summary"]["requests"].as_u64().unwrap() > 0, "{report:#}");
}

#[test]
fn nothing_is_overwritten() {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    fs::write(folder.join("README.md"), "mine").unwrap();
    fs::write(folder.join(".gitignore"), "mine too").unwrap();
    let output = sandbox.run(&["init", "--name", "orders"]);
    assert!(output.status.success(), "{}", said(&output));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("left .gitignore as it is: add a line /results/"), "{printed}");
    assert_eq!(fs::read_to_string(folder.join("README.md")).unwrap(), "mine");
    let before: Vec<_> = files(folder).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert_eq!(before.len(), 5);

    let again = sandbox.run(&["init", "--name", "orders"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("scenarios/orders.toml is there already"), "{}", said(&again));
    // Of a second service whose server is in the way not even the scenario is written.
    fs::create_dir_all(folder.join("targets/other")).unwrap();
    std::os::unix::fs::symlink("/nowhere", folder.join("targets/other/server.py")).unwrap();
    let blocked = sandbox.run(&["init", "--name", "other"]);
    assert_eq!(blocked.status.code(), Some(2));
    assert!(said(&blocked).contains("targets/other/server.py is there already"), "{}", said(&blocked));
    fs::remove_file(folder.join("targets/other/server.py")).unwrap();
    let after: Vec<_> = files(folder).into_iter().map(|path| (fs::read(&path).unwrap(), path)).collect();
    assert_eq!(after, before);

    for (arguments, code, part) in [
        (&["init", "--name", "My Service"][..], 2, "small letters"),
        (&["init", "/proc/nowhere"], 1, "choose a folder"),
        (&["init", "README.md"], 1, "choose a folder"),
    ] {
        let output = sandbox.run(arguments);
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        assert!(said(&output).contains(part), "{}", said(&output));
    }
    let elsewhere = sandbox.run(&["init", "new/folder"]);
    assert!(elsewhere.status.success());
    assert!(String::from_utf8_lossy(&elsewhere.stdout).contains("cd new/folder"));
    assert!(folder.join("new/folder/targets/my-service/server.py").is_file());
}

#[test]
fn what_is_inside_is_there_beside_ones_own() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["init"]).status.success());
    let listed = |what: &str| String::from_utf8_lossy(&sandbox.run(&["list", what]).stdout).into_owned();
    let (scenarios, targets) = (listed("scenarios"), listed("targets"));
    for name in ["my-service", "json-echo", "transaction-batch", "node-mix"] {
        assert!(scenarios.lines().any(|line| line.starts_with(name)), "{name}: {scenarios}");
    }
    assert!(targets.contains("my-service:indented") && targets.contains("rust"), "{targets}");
    // One that keeps state and reads what the target stored, with nothing around it.
    let brief = ["run", "--scenario", "transaction", "-c", "4", "--warmup", "0s", "-d", "300ms"];
    let (report, _) = sandbox.json(&brief);
    assert!(report["audit"]["receipts"].as_u64().unwrap() > 0, "{report:#}");
    assert_eq!(report["audit"]["findings"], serde_json::json!([]));
}

/// As on a full disk: no file may be longer than a block, so that the first one is cut off.
#[test]
fn what_cannot_be_written_leaves_nothing_in_the_way() {
    let sandbox = Sandbox::new();
    let limited = format!("trap '' XFSZ; ulimit -f 1; exec {} init", env!("CARGO_BIN_EXE_bench"));
    let mut shell = std::process::Command::new("sh");
    let output = shell.args(["-c", &limited]).current_dir(sandbox.folder.path()).output().unwrap();
    assert!(output.status.code() == Some(1) && said(&output).contains("cannot write"), "{}", said(&output));
    assert!(files(sandbox.folder.path()).is_empty(), "{:?}", files(sandbox.folder.path()));
    let again = sandbox.run(&["init"]);
    assert!(again.status.success(), "{}", said(&again));
}

#[test]
fn what_it_writes_below_the_root_of_a_repository_can_be_gated() {
    let sandbox = Sandbox::new();
    let folder = sandbox.folder.path();
    git(folder, "init --quiet");
    git(folder, "commit --quiet --allow-empty -m nothing");
    assert!(sandbox.run(&["init", "service/measured", "--name", "orders"]).status.success());
    git(folder, "add .");
    git(folder, "commit --quiet -m orders");
    let dry_run = |revision: &str| {
        let flags = ["--scenario", "orders", "--target", "orders", "--dry-run", "--base-rev", revision];
        let mut bench = sandbox.bench(&[&["gate"][..], &flags].concat());
        // As from within the target's folder, which is one further down.
        let output = bench.current_dir(folder.join("service/measured/targets/orders")).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, said) = dry_run("HEAD");
    assert_eq!(code, Some(0), "{said}");
    // The second time it is checked out already.
    for _ in 0..2 {
        let (code, said) = dry_run("HEAD~1");
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("has no folder service/measured/targets") && said.contains("--base-rev HEAD~1"),
            "{said}"
        );
    }
}
