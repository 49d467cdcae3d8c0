//! The base of a gate from the outside: which it is, what is checked out for it, and what it is loaded with.

use crate::gate::{BRIEF, baseline, git, repository};
use crate::targets::{MANIFEST, SERVER, sandbox};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What an earlier bench was ended in the middle of, or somebody edited, is not that commit.
#[test]
fn a_checkout_that_is_not_its_commit_is_made_anew() {
    let sandbox = repository();
    let folder = sandbox.folder.path();
    let checkout = folder.join("results/.bases").join(&git(folder, "rev-parse HEAD")[..12]);
    let server = checkout.join("targets/tiny/server.py");
    let plan = || {
        let typed = format!("gate --scenario json-echo --target tiny {BRIEF} --base-rev HEAD --dry-run");
        let output = sandbox.run(&typed.split_whitespace().collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert_eq!(fs::read(&server).unwrap(), fs::read(folder.join("targets/tiny/server.py")).unwrap());
        said.contains("is checked out anew")
    };
    assert!(!plan(), "there was none");
    fs::write(checkout.join("targets/tiny/built"), "what a build writes").unwrap();
    assert!(!plan(), "it is used again");
    assert!(checkout.join("targets/tiny/built").is_file(), "with what was built");
    fs::write(&server, "edited").unwrap();
    assert!(plan());
    fs::remove_file(&server).unwrap();
    assert!(plan());
    // Before git has written its link and all files, and after somebody deleted it.
    fs::remove_file(checkout.join(".git")).unwrap();
    fs::write(&server, "half").unwrap();
    assert!(plan());
    fs::remove_dir_all(&checkout).unwrap();
    assert!(!plan());
    git(folder, &format!("worktree lock {}", checkout.display()));
    fs::remove_file(&server).unwrap();
    assert!(plan(), "git locks what it is not done with");
}

/// A target that answers rightly when it is looked at, and wrongly under load.
#[test]
fn a_gate_and_all_it_rests_on_exit_with_3_where_no_run_is_valid() {
    let sandbox = sandbox(MANIFEST);
    let broken = "count = 0\n    def do_POST(self):\n        Handler.count += 1\n        if Handler.count > 9:\n            \
                  self.rfile.read(int(self.headers[\"Content-Length\"]))\n            return self.answer({\"wrong\": 1})";
    let path = sandbox.folder.path().join("targets/tiny/server.py");
    fs::write(path, SERVER.replace("def do_POST(self):", broken)).unwrap();
    let load = format!("--scenario json-echo {BRIEF}");
    for (typed, part) in [
        (format!("compare {load} --targets tiny,tiny -n 4 --no-control"), "the first 3 blocks were all lost"),
        (format!("baseline measure main {load} --target tiny --runs 4"), "not one run was valid"),
    ] {
        let output = sandbox.run(&typed.split_whitespace().collect::<Vec<_>>());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(3) && said.contains(part),
            "{typed}: {:?} {said}",
            output.status
        );
    }
    assert!(!sandbox.folder.path().join("baselines/main.json").exists());
}

#[test]
fn a_scenario_with_stages_has_its_window() {
    let sandbox = repository();
    let file = sandbox.folder.path().join("staged.toml");
    let scenario = "name = \"staged\"\ndescription = \"d\"\n[load]\nconnections = 2\nstages = [\"10:1s\", \"10..20:1s\"]\n[[request]]\n\
                    method = \"POST\"\npath = \"/echo\"\nbody.text = \"{}\"\n";
    fs::write(file, scenario).unwrap();
    for (flags, code, part) in [
        ("", 0, "compare at staged"),
        ("--rate 9", 0, "compare at staged"),
        ("--duration 1s", 2, "--duration does not go with the scenario's stages"),
    ] {
        let typed = format!("gate --scenario staged.toml --target tiny --base-rev HEAD --dry-run {flags}");
        let output = sandbox.run(&typed.split_whitespace().collect::<Vec<_>>());
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        assert_eq!(output.status.code(), Some(code), "{typed}: {text}");
        assert!(text.contains(part), "{typed}: {part}: {text}");
    }
}

#[test]
fn the_commit_of_a_baseline_is_built_where_it_is_known() {
    let sandbox = repository();
    let folder = sandbox.folder.path();
    let commit = git(folder, "rev-parse HEAD~1");
    let source = |revision: &str, dirty: bool| json!({"revision": revision, "dirty": dirty, "inputs_sha256": null, "versions": []});
    for (source, flags, runs, part) in [
        (source(&commit, false), "", "2 runs each", "the base is the commit of the baseline main"),
        (source(&commit, false), "--stored", "1 run each", "since --stored asks for it"),
        (source(&commit, true), "", "1 run each", "since no commit is known"),
        (source(&"f".repeat(40), false), "", "1 run each", "git does not know its commit ffffffffffff here"),
    ] {
        baseline(&sandbox, 1.0, |stored| stored["source"] = source.clone());
        let typed = format!("gate --base main --dry-run {flags}");
        // The target of the baseline is the one inside bench, which has no folder at any commit.
        let typed = format!("{typed} --target tiny");
        change_baseline(folder, |stored| stored["target"] = "tiny".into());
        let output = sandbox.run(&typed.split_whitespace().collect::<Vec<_>>());
        let (said, planned) =
            (String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout));
        assert_eq!(output.status.code(), Some(0), "{typed}: {said}");
        assert!(said.contains(part) && planned.contains(runs), "{typed}: {part}, {runs}: {said}{planned}");
        assert!(planned.contains("with 2 connections?"), "the load is the baseline's: {planned}");
    }

    // What was typed is measured, of both, and it is said that it is another.
    let with = |flags: &str| {
        let typed = format!("gate --base main --dry-run --target tiny {flags}");
        sandbox.bench(&typed.split_whitespace().collect::<Vec<_>>())
    };
    change_baseline(folder, |stored| stored["source"] = source(&commit, false));
    let output = with("--conns 3").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.contains("note: the load (--conns, --rate) is another"),
        "{said}"
    );

    // Where git cannot be asked, nothing weaker is taken in its stead.
    let output = with("").env("PATH", "/nowhere").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains("cannot run git"), "{said}");
}

/// What git will not look into is no missing commit: it is told what git advises, and stored figures are not taken instead.
#[test]
fn a_repository_that_git_refuses_is_told_with_its_advice() {
    let sandbox = repository();
    let folder = sandbox.folder.path();
    let commit = git(folder, "rev-parse HEAD");
    baseline(&sandbox, 1.0, |stored| {
        stored["source"] = json!({"revision": commit, "dirty": false, "inputs_sha256": null, "versions": []});
    });
    for flags in ["--scenario json-echo --base-rev HEAD", "--base main"] {
        let typed = format!("gate {flags} --target tiny --dry-run");
        let mut bench = sandbox.bench(&typed.split(' ').collect::<Vec<_>>());
        // With no settings that would allow it.
        bench.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = bench.env("GIT_CONFIG_NOSYSTEM", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{typed}: {said}");
        assert!(said.contains("git config --global --add safe.directory"), "{typed}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn a_gate_outside_any_repository_says_so() {
    let sandbox = sandbox(MANIFEST);
    let typed = ["gate", "--scenario", "json-echo", "--base-rev", "origin/main"];
    let mut bench = sandbox.bench(&typed);
    let above = sandbox.folder.path().parent().unwrap();
    let output = bench.env("GIT_CEILING_DIRECTORIES", above).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("is in none") && !said.contains("fetch"), "{said}");
}

fn change_baseline(folder: &Path, change: impl Fn(&mut Value)) {
    let path = folder.join("baselines/main.json");
    let mut file: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut file);
    fs::write(path, file.to_string()).unwrap();
}
