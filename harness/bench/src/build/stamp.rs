//! What a build leaves in `.bench/` in the target's folder: a stamp of what it was made from, its logs, and a lock.

use anyhow::{Context as _, Result};
use bench_model::target::Build;
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The folder for all of it; git-ignored.
pub(super) const FOLDER: &str = ".bench";

/// The stamp of one way to build a target; variants have their own.
pub(super) struct Stamp(PathBuf);

impl Stamp {
    pub(super) fn of(folder: &Path, build: &Build) -> Self {
        let way = Sha256::digest(format!("{:?} {:?}", build.commands, build.env));
        let name: String = way.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        Self(folder.join(FOLDER).join(format!("built-{name}")))
    }

    /// The fingerprint of the last build that ended well.
    pub(super) fn read(&self) -> Option<String> {
        fs::read_to_string(&self.0).ok()
    }

    pub(super) fn write(&self, fingerprint: &str) -> Result<()> {
        fs::write(&self.0, fingerprint).with_context(|| format!("cannot write {}", self.0.display()))
    }

    /// A build that is broken off must not be taken for one that ended well.
    pub(super) fn remove(&self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// The log of a build's command.
pub(super) fn log_file(folder: &Path, at: usize) -> PathBuf {
    folder.join(FOLDER).join(format!("build-{}.log", at + 1))
}

/// Waits until nobody else builds this target. The lock goes with the value.
pub(super) fn lock(folder: &Path, target: &str) -> Result<File> {
    let own = own_folder(folder)?;
    // Whatever the target's own ignore file says, git is not to see this folder.
    let ignore = own.join(".gitignore");
    if !ignore.exists() {
        fs::write(&ignore, "*\n").with_context(|| format!("cannot write {}", ignore.display()))?;
    }
    let path = own.join("lock");
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        crate::failure::say(&format!("another bench is building {target}: waiting for it"));
        flock(&file, FlockOperation::LockExclusive)?;
    }
    Ok(file)
}

/// The folder of what builds leave behind for the next one, inside the target's folder.
fn own_folder(folder: &Path) -> Result<PathBuf> {
    let own = folder.join(FOLDER);
    fs::create_dir_all(&own).with_context(|| {
        format!(
            "cannot write to {}, where the target is built: give it to this user, or copy it",
            folder.display()
        )
    })?;
    Ok(own)
}
