//! A folder that is there from the beginning, with the plan of what is to be measured in it: made, opened, locked. What
//! else it holds is the business of whoever plans.

use super::{elsewhere, new_folder};
use anyhow::{Context as _, Result, anyhow};
use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Between the name of a run that was set aside and its number.
pub(super) const DISTURBED: &str = ".disturbed-";

/// A plan that has a folder, and what people call it.
pub(super) trait Planned: Serialize + DeserializeOwned {
    /// The file in the folder that holds it.
    const FILE: &str;
    /// Of the file's content.
    const SCHEMA: &str;
    /// What it is a plan of, in a word.
    const NOUN: &str;

    fn id(&self) -> &str;
    fn schema(&self) -> &str;
}

/// Makes the folder of a plan called `name`, which `plan_as` makes from its id and beginning.
pub(super) fn create<P: Planned>(
    root: &Path,
    name: &str,
    plan_as: impl FnOnce(String, String) -> P,
) -> Result<(PathBuf, P)> {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0)?;
    let (id, partial) = new_folder(root, name, now)?;
    let plan = plan_as(id, now.format(&Rfc3339)?);
    let path = root.join(plan.id());
    let written = fs::write(partial.join(P::FILE), serde_json::to_string_pretty(&plan)? + "\n");
    written.and_then(|()| fs::rename(&partial, &path)).with_context(|| elsewhere(root))?;
    Ok((path, plan))
}

/// Opens the folder whose plan is `file`.
pub(super) fn open<P: Planned>(file: &Path) -> Result<(PathBuf, P)> {
    let noun = P::NOUN;
    let text = fs::read(file).with_context(|| format!("cannot read the {noun} {}", file.display()))?;
    let unreadable = || format!("{} is not a {noun} that this bench can read", file.display());
    let plan: P = serde_json::from_slice(&text).with_context(unreadable)?;
    if plan.schema() != P::SCHEMA {
        return Err(anyhow!("{}: its schema is `{}`, not `{}`", unreadable(), plan.schema(), P::SCHEMA));
    }
    Ok((file.parent().map(Path::to_owned).unwrap_or_default(), plan))
}

/// Keeps others from working on the same plan. The lock goes with the value.
pub(super) fn lock<P: Planned>(folder: &Path) -> Result<File> {
    let file = File::open(folder.join(P::FILE))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(|_| anyhow!("another bench is at work on {}: wait until it has ended", folder.display()))?;
    Ok(file)
}

/// Moves the run called `name` out of the way of the one that is made in its stead.
pub(super) fn set_aside(parent: &Path, name: &str, again: usize) -> Result<()> {
    let from = parent.join(name);
    let to = parent.join(format!("{name}{DISTURBED}{again}"));
    fs::rename(&from, &to).with_context(|| format!("cannot move {} aside", from.display()))
}
