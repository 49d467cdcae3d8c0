//! The code that a stored run measured, brought back, so that a change can be compared with it in the same blocks.
//!
//! A stored run alone is no base: the machine has moved on since, and one run says nothing of its own noise. What the
//! run was built from is checked out again and measured anew.

use crate::failure::Failure;
use crate::results::{self, ComparisonFolder, Stored};
use anyhow::{Context as _, anyhow};
use bench_model::plan::{Plan, TargetPlan};
use bench_model::source::Source;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder below the results that holds the checkouts.
const CHECKOUTS: &str = ".bases";

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
    let checkout = check_out(results, &revision)?;
    let named = format!("{target}@{}", checkout.display());
    Ok(Base { target, plan, named })
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

/// A worktree of the repository here, at a commit. One that is there already is used again.
fn check_out(results: &Path, revision: &str) -> Result<PathBuf, Failure> {
    let short: String = revision.chars().take(12).collect();
    let checkout = results.join(CHECKOUTS).join(short);
    if !checkout.join("targets").is_dir() {
        std::fs::create_dir_all(results.join(CHECKOUTS))
            .with_context(|| format!("cannot write below {}", results.display()))?;
        // A worktree whose folder somebody deleted is still known to git, which would refuse to make it again.
        let made = Command::new("git")
            .args(["worktree", "add", "--force", "--detach"])
            .arg(&checkout)
            .arg(revision)
            .stdin(Stdio::null())
            .output()
            .context("cannot run git, which brings back the code of --base")?;
        if !made.status.success() {
            return Err(Failure::Usage(anyhow!(
                "cannot check out {revision}, which the run of --base was built from: {}",
                String::from_utf8_lossy(&made.stderr).trim()
            )));
        }
    }
    Ok(checkout)
}
