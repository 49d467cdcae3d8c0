//! What `bench` gives shells and manual readers, from the outside.

use crate::support::Sandbox;
use std::process::Command;

/// What bash completes the last word of a line to, with the script sourced as a user does.
fn completed(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let script = r#"
        source ./bench.bash
        function=$(complete -p bench | sed 's/.*-F \([^ ]*\).*/\1/')
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
        COMPREPLY=()
        "$function" bench "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\n' "${COMPREPLY[@]}"
    "#;
    let output = Command::new("bash")
        .args(["--norc", "-c", script, "bash"])
        .args(line.split(' '))
        .current_dir(sandbox.folder.path())
        .output()
        .expect("bash is there");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).split_whitespace().map(str::to_owned).collect()
}

#[test]
fn bash_completes() {
    let sandbox = Sandbox::new();
    let script = sandbox.run(&["completions", "bash"]);
    assert!(script.status.success());
    std::fs::write(sandbox.folder.path().join("bench.bash"), script.stdout).unwrap();
    for (line, expected) in [
        ("bench rep", &["report"][..]),
        ("bench run --scen", &["--scenario"]),
        ("bench list ", &["runs", "scenarios", "targets"]),
        ("bench report --format mark", &["markdown"]),
        ("bench report --his", &["--history"]),
        ("bench completions z", &["zsh"]),
        ("bench gua", &[]),
    ] {
        let found = completed(&sandbox, line);
        let here = |word: &&str| found.iter().any(|found| found == word);
        assert!(expected.iter().all(here), "{line}: {found:?}");
        assert!(!found.iter().any(|word| word == "guard"), "what is hidden stays so");
    }
}

#[test]
fn every_shell_has_a_script() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = sandbox.run(&["completions", shell]);
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && script.contains("capacity") && script.contains("bench"),
            "{shell}"
        );
    }
    let unknown = sandbox.run(&["completions", "tcsh"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("fish"));
}

#[test]
fn manual_pages() {
    let sandbox = Sandbox::new();
    let page = String::from_utf8(sandbox.run(&["man", "run"]).stdout).unwrap();
    assert!(
        page.contains(".TH bench-run 1") && page.contains("bench run \\-\\-scenario json\\-echo"),
        "{page}"
    );
    let written = sandbox.run(&["man", "--folder", "man1"]);
    assert!(written.status.success());
    let mut names: Vec<String> = std::fs::read_dir(sandbox.folder.path().join("man1"))
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(
        ["bench.1", "bench-compare.1", "bench-baseline-measure.1"]
            .iter()
            .all(|page| names.iter().any(|name| name == page)),
        "{names:?}"
    );
    for (arguments, part) in [(&["man", "rnu"][..], "did you mean `run`?"), (&["man", "guard"], "there are")]
    {
        let output = sandbox.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains(part), "{arguments:?}");
    }
    let unwritable = sandbox.run(&["man", "--folder", "/proc/man"]);
    assert_eq!(unwritable.status.code(), Some(1));
}
