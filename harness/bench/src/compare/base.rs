//! The code that a stored run measured, brought back, so that a change can be compared with it in the same blocks.
//!
//! A stored run alone is no base: the machine has moved on since, and one run says nothing of its own noise. What the
//! run was built from is checked out again and measured anew.

use crate::catalogue;
use crate::failure::{Failure, say};
use crate::results::{self, ComparisonFolder, Stored};
use anyhow::{Context as _, anyhow};
use bench_model::plan::{Plan, TargetPlan};
use bench_model::source::Source;
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder below the results that holds the checkouts.
const CHECKOUTS: &str = ".bases";
/// Digits of a commit that people are shown, and that a checkout is named by.
const SHORT: usize = 12;

/// What a stored run or comparison measured.
#[derive(Debug)]
pub(crate) struct Base {
    /// The target's name, with its variant.
    pub(crate) target: String,
    /// Under which load.
    pub(crate) plan: Plan,
    /// How to name the target as it was then: `name@CHECKOUT`.
    pub(crate) named: String,
}

/// Finds a stored run, or a comparison's own base, and checks out what it was built from.
pub(crate) fn bring_back(results: &Path, run: &str) -> Result<Base, Failure> {
    let (plan, source) = match results::find(results, run).map_err(Failure::Usage)? {
        Stored::Run(file) => {
            let record = results::read_run(&file).map_err(Failure::Usage)?;
            (record.plan, record.observations.built.map(|built| built.source))
        }
        Stored::Capacity(file) => {
            return Err(Failure::Usage(anyhow!(
                "--base {run}: {} is a search for a capacity; name a run, or a comparison",
                file.display()
            )));
        }
        Stored::Comparison(file) => {
            let (_, plan) = ComparisonFolder::open(&file).map_err(Failure::Usage)?;
            let base = plan.entrants.into_iter().next();
            let base = base.ok_or_else(|| Failure::Usage(anyhow!("--base {run}: it compares nobody")))?;
            (base.plan, base.source)
        }
    };
    let (target, revision) = traced(run, &plan, source)?;
    let checkout = check_out(results, &revision, &format!("--base {run}"))?;
    let named = format!("{target}@{}", checkout.display());
    Ok(Base { target, plan, named })
}

/// The commit that a git revision names here, whole: of `asked`, such as `--base-rev origin/main`.
pub(crate) fn commit(revision: &str, asked: &str) -> Result<String, Failure> {
    let found = git()
        // The mend depends on what git says, which it would say in the user's language.
        .env("LC_ALL", "C")
        .args(["rev-parse", "--verify", "--end-of-options"])
        .arg(format!("{revision}^{{commit}}"))
        .output()
        .context("cannot run git, which finds the base")?;
    if !found.status.success() {
        return Err(not_found(revision, asked, &in_a_line(&found.stderr)));
    }
    // With --end-of-options it is printed as well by some versions of git.
    let printed = String::from_utf8_lossy(&found.stdout).into_owned();
    Ok(printed.lines().last().unwrap_or_default().trim().to_owned())
}

/// The beginning of a commit, which tells it from others.
pub(crate) fn short(commit: &str) -> String {
    commit.chars().take(SHORT).collect()
}

/// Why git found no commit, by what it `said`.
fn not_found(revision: &str, asked: &str, said: &str) -> Failure {
    if said.contains("not a git repository") {
        let here = std::env::current_dir().unwrap_or_default();
        return Failure::Usage(anyhow!(
            "{asked}: a gate builds its base from the git repository of the target, and {} is in none ({said}): go to where the \
             target is under version control",
            here.display()
        ));
    }
    // It was not looked for, so that it may well be there: the second is what git said before 2.36.
    if ["dubious ownership", "unsafe repository"].iter().any(|words| said.contains(words)) {
        return Failure::CouldNotRun(anyhow!(
            "{asked}: git does not look into a repository of somebody else. It says: {said}"
        ));
    }
    let fetch = fetching(revision);
    Failure::Usage(anyhow!(
        "{asked}: git finds no such commit here ({said}): fetch it ({fetch}; in CI, check out with history), or name one of \
         `git log`"
    ))
}

/// How to fetch what a revision names. A clone of a single branch gets another one only if it is told where to put it.
fn fetching(revision: &str) -> String {
    let is_usual = |c: char| c.is_alphanumeric() || "-_./+#".contains(c);
    let branch = revision.strip_prefix("origin/").and_then(|named| named.split(['~', '^']).next());
    match branch {
        Some(branch) if !branch.is_empty() && branch.chars().all(is_usual) => {
            format!("git fetch origin {branch}:refs/remotes/origin/{branch}")
        }
        _ => "git fetch origin".to_owned(),
    }
}

/// What git printed on several lines, some of them indented.
fn in_a_line(printed: &[u8]) -> String {
    let printed = String::from_utf8_lossy(printed);
    let lines: Vec<&str> = printed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join(" ")
}

/// The target and the commit that a run measured, if it can be traced to one.
fn traced(run: &str, plan: &Plan, source: Option<Source>) -> Result<(String, String), Failure> {
    let refused = |why: &str| {
        Failure::Usage(anyhow!(
            "--base {run}: {why}; compare with a checkout instead (--targets NAME@CHECKOUT,NAME)"
        ))
    };
    let TargetPlan::Managed { manifest } = &plan.target else {
        return Err(refused("bench did not build the server of that run"));
    };
    match source {
        Some(Source { dirty: true, .. }) => Err(refused("its target had changes that no commit holds")),
        Some(Source { revision: Some(revision), .. }) => Ok((manifest.name.clone(), revision)),
        _ => Err(refused("no commit is known that its target was built from")),
    }
}

/// The folder that holds `targets` here, which may be any of its repository, as it was at a commit that was `asked` for: a
/// worktree or a folder in it. One that is there already is used again, if it is whole and nobody has changed it.
pub(crate) fn check_out(results: &Path, revision: &str, asked: &str) -> Result<PathBuf, Failure> {
    let short = short(revision);
    let all = results.join(CHECKOUTS);
    let checkout = all.join(&short);
    let below = below_the_root();
    // Joined with nothing it would end in a slash, which labels would show.
    let folder = if below.as_os_str().is_empty() { checkout.clone() } else { checkout.join(&below) };
    let unwritable = || format!("cannot write below {}", results.display());
    fs::create_dir_all(&all).with_context(unwritable)?;
    // Another bench may be at the same checkout; the lock goes with the value.
    let lock = File::open(&all).with_context(unwritable)?;
    flock(&lock, FlockOperation::LockExclusive).with_context(unwritable)?;
    if !is_whole(&checkout, revision) {
        clear(&checkout)?;
        // Twice: a worktree whose folder somebody deleted is still known to git, and one that it was not done with is locked.
        let made = git()
            .args(["worktree", "add", "--force", "--force", "--detach"])
            .arg(&checkout)
            .arg(revision)
            .output()
            .context("cannot run git, which brings back the code of the base")?;
        if !made.status.success() {
            return Err(Failure::Usage(anyhow!(
                "{asked}: cannot check out {revision}: {}. Go to the repository of the target, and fetch that commit if it is \
                 not there",
                in_a_line(&made.stderr).trim_end_matches('.')
            )));
        }
    }
    if !folder.join("targets").is_dir() {
        let missing = below.join("targets");
        return Err(Failure::Usage(anyhow!(
            "{asked}: the commit {short} has no folder {}, so that there is nothing to build and compare with: add the target to \
             the base first, in a change of its own",
            missing.display()
        )));
    }
    Ok(folder)
}

/// Where the folder that holds `targets` is, from the root of its repository; empty where it is the root.
fn below_the_root() -> PathBuf {
    let mut git = git();
    if let Some(home) = catalogue::home() {
        git.current_dir(home);
    }
    let found = git.args(["rev-parse", "--show-prefix"]).output().ok().filter(|found| found.status.success());
    let printed = found.map(|found| String::from_utf8_lossy(&found.stdout).into_owned()).unwrap_or_default();
    PathBuf::from(printed.trim_end_matches(['\n', '/']))
}

/// Whether a checkout is that commit: every file of it, and each as it is there. What a build has added is none of it.
fn is_whole(checkout: &Path, revision: &str) -> bool {
    let asked = |words: &[&str]| {
        let output = git().arg("-C").arg(checkout).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    // Without its link a folder within another repository would answer for that.
    checkout.join(".git").exists()
        && asked(&["rev-parse", "HEAD"]).is_some_and(|head| head == revision)
        && asked(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty())
}

/// Takes away what is in the way of a checkout: one that was broken off, or changed since.
fn clear(checkout: &Path) -> Result<(), Failure> {
    if fs::symlink_metadata(checkout).is_err() {
        return Ok(());
    }
    say(&format!("{} is not as its commit has it, and is checked out anew", checkout.display()));
    let removed = git().args(["worktree", "remove", "--force", "--force"]).arg(checkout).output();
    if removed.is_ok_and(|removed| removed.status.success()) {
        return Ok(());
    }
    // Git knows of no worktree there.
    let about = || format!("cannot remove {}, which is not what its commit holds", checkout.display());
    Ok(fs::remove_dir_all(checkout).with_context(about)?)
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.stdin(Stdio::null());
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mend_is_that_of_what_git_says() {
        let nowhere = "fatal: not a git repository (or any of the parent directories): .git\n";
        let dubious = "fatal: detected dubious ownership in repository at '/a'\nTo add an exception for this directory, call:\n\n\
                       \tgit config --global --add safe.directory /a\n";
        let unsafe_one = "fatal: unsafe repository ('/a' is owned by someone else)\nTo add an exception for this directory, \
                          call:\n\n\tgit config --global --add safe.directory /a\n";
        let missing = "fatal: Needed a single revision\n";
        for (revision, said, could_look, part) in [
            ("origin/main", nowhere, true, "is in none (fatal: not a git repository"),
            ("origin/main", dubious, false, "call: git config --global --add safe.directory /a"),
            ("origin/main", unsafe_one, false, "call: git config --global --add safe.directory /a"),
            (
                "origin/main",
                missing,
                true,
                "(fatal: Needed a single revision): fetch it (git fetch origin main:refs/remotes/origin/main; in CI",
            ),
            ("origin/a/b~2", missing, true, "(git fetch origin a/b:refs/remotes/origin/a/b; in CI"),
            ("v1.2", missing, true, "(git fetch origin; in CI, check out with history)"),
            ("origin/", missing, true, "(git fetch origin; in CI, check out with history)"),
            ("origin/main@{1}", missing, true, "(git fetch origin; in CI, check out with history)"),
        ] {
            let failure = not_found(revision, "--base-rev X", &in_a_line(said.as_bytes()));
            let told = failure.to_string();
            assert!(told.starts_with("--base-rev X: ") && told.contains(part), "{revision}: {told}");
            assert!(!told.contains(['\n', '\t']), "{told}");
            // Where git did not look, stored figures must not be taken in the commit's stead.
            assert_eq!(matches!(failure, Failure::Usage(_)), could_look, "{told}");
        }
    }
}
