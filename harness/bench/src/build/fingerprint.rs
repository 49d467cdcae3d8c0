//! What decides whether a build is stale: its commands, its toolchains and the content of its inputs.

use anyhow::{Context as _, Result};
use bench_model::target::Build;
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// SHA-256 in hexadecimal over everything that a build is made from.
pub(super) fn of(folder: &Path, build: &Build, versions: &[String]) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |part: &[u8]| {
        // The length keeps `ab` + `c` apart from `a` + `bc`.
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    };
    add(format!("{:?} {:?} {versions:?}", build.commands, build.env).as_bytes());
    for input in &build.inputs {
        let root = folder.join(input);
        for file in files(&root)? {
            let name = file.strip_prefix(&root).unwrap_or(&file);
            add(input.as_bytes());
            add(name.as_os_str().as_encoded_bytes());
            add(&fs::read(&file)
                .with_context(|| format!("cannot read the build's input {}", file.display()))?);
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The size of a file, or of all files below a folder, in bytes. A link counts as its own length.
pub(super) fn size(path: &Path) -> Result<u64> {
    files(path)?
        .iter()
        .map(|file| {
            Ok(fs::symlink_metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len())
        })
        .sum()
}

/// The files at or below a path, in an order that is always the same.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    let about = || {
        format!("cannot read {}: mend `build.inputs` or `build.artefact`, or put it there", path.display())
    };
    // Named by the manifest itself, a link is followed; further down, links may lead in circles.
    if !fs::metadata(path).with_context(about)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).with_context(about)? {
            let entry = entry.with_context(about)?;
            match entry.file_type().with_context(about)? {
                kind if kind.is_dir() => open.push(entry.path()),
                kind if kind.is_symlink() && fs::metadata(entry.path()).map_or(true, |to| to.is_dir()) => {}
                _ => found.push(entry.path()),
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_and_time_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        write("src/a", "1");
        write("src/b", "2");
        write("other", "3");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("src/circle")).unwrap();
        let build = Build {
            commands: vec![vec!["make".into()]],
            env: [].into(),
            inputs: vec!["src".into()],
            artefact: vec![],
        };
        let print = |build: &Build, versions: &[String]| of(folder.path(), build, versions).unwrap();
        let first = print(&build, &[]);
        assert_eq!(first.len(), 64);
        write("src/a", "1");
        write("other", "4");
        assert_eq!(print(&build, &[]), first);
        assert_ne!(print(&build, &["tool 2".into()]), first);
        assert_ne!(print(&Build { commands: vec![], ..build.clone() }, &[]), first);
        write("src/a", "2");
        assert_ne!(print(&build, &[]), first);
        write("src/a", "1");
        fs::rename(folder.path().join("src/a"), folder.path().join("src/c")).unwrap();
        assert_ne!(print(&build, &[]), first);
        assert_eq!(size(&folder.path().join("src")).unwrap(), 2);
        assert!(of(folder.path(), &Build { inputs: vec!["none".into()], ..build }, &[]).is_err());
    }
}
