//! Where baselines are kept: a file each, `<folder>/<name>.json`, small and with its keys in a fixed order, so that it can be
//! committed. A file appears whole or not at all.

mod taken;

pub(crate) use taken::{of_entrant, taken};

use crate::failure::{Failure, printable};
use anyhow::{Context as _, anyhow};
use bench_model::baseline::{Baseline, SCHEMA};
use bench_model::suggest::nearest;
use std::fs::{self, Permissions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const ENDING: &str = ".json";
/// Longer names are cut short by some file systems.
const LONGEST_NAME: usize = 100;

/// The names of all baselines, in alphabetical order; none where the folder is not there.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.with_context(|| format!("cannot read the baselines in {}", folder.display()))?,
    };
    let named = |name: String| Some(name.strip_suffix(ENDING)?.to_owned()).filter(|name| is_name(name));
    let mut names: Vec<String> =
        entries.flatten().filter_map(|entry| named(entry.file_name().into_string().ok()?)).collect();
    names.sort_unstable();
    Ok(names)
}

/// Reads the baseline of that name.
pub(crate) fn read(folder: &Path, name: &str) -> Result<Baseline, Failure> {
    let path = file(folder, name)?;
    let text = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Err(unknown(folder, name)?),
        text => text.with_context(|| format!("cannot read the baseline {}", path.display()))?,
    };
    // The reason may have words of the file in it.
    let wrong = |why: String| {
        Failure::Usage(anyhow!(
            "{} is no baseline that this bench can read ({}): measure or save it anew",
            path.display(),
            printable(&why)
        ))
    };
    let baseline: Baseline = serde_json::from_slice(&text).map_err(|error| wrong(error.to_string()))?;
    if baseline.schema != SCHEMA {
        return Err(wrong(format!("its schema is `{}`, not `{SCHEMA}`", baseline.schema)));
    }
    baseline.fault().map_or(Ok(baseline), |fault| Err(wrong(fault)))
}

/// Writes a baseline. Over one that is there already only by `force`.
pub(crate) fn save(folder: &Path, name: &str, baseline: &Baseline, force: bool) -> Result<PathBuf, Failure> {
    let path = make_room(folder, name, force)?;
    let elsewhere =
        || format!("cannot write {}: free some space, or choose a folder with --baselines", path.display());
    let mut partial = tempfile::Builder::new()
        .prefix(&format!(".{name}."))
        .suffix(".partial")
        // As any file: that of a temporary one would be readable by its owner alone.
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(elsewhere)?;
    let text = serde_json::to_string_pretty(baseline)? + "\n";
    let written = partial.write_all(text.as_bytes()).and_then(|()| partial.as_file().sync_all());
    written.with_context(elsewhere)?;
    let kept = if force { partial.persist(&path) } else { partial.persist_noclobber(&path) };
    match kept {
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(taken_already(&path)),
        kept => {
            kept.map_err(|error| error.error).with_context(elsewhere)?;
            Ok(path)
        }
    }
}

/// The file for a baseline, with the folder made: what can be refused is refused before anything is measured for it.
pub(crate) fn make_room(folder: &Path, name: &str, force: bool) -> Result<PathBuf, Failure> {
    let path = file(folder, name)?;
    if !force && path.exists() {
        return Err(taken_already(&path));
    }
    fs::create_dir_all(folder).with_context(|| {
        format!("cannot make the folder {}: choose another with --baselines", folder.display())
    })?;
    Ok(path)
}

/// Removes a baseline.
pub(crate) fn remove(folder: &Path, name: &str) -> Result<(), Failure> {
    let path = file(folder, name)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Err(unknown(folder, name)?),
        removed => Ok(removed.with_context(|| format!("cannot remove {}", path.display()))?),
    }
}

fn file(folder: &Path, name: &str) -> Result<PathBuf, Failure> {
    if !is_name(name) {
        return Err(Failure::Usage(anyhow!(
            "`{name}` cannot be the name of a baseline, which is that of its file: use letters, digits, `-`, `_` and `.`, \
             such as main or release-1.2"
        )));
    }
    Ok(folder.join(format!("{name}{ENDING}")))
}

fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    name.bytes().all(plain)
        && name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn taken_already(path: &Path) -> Failure {
    Failure::Usage(anyhow!(
        "{} is there already: choose another name, or write over it with --force",
        path.display()
    ))
}

fn unknown(folder: &Path, name: &str) -> Result<Failure, Failure> {
    let known = names(folder)?;
    let mend = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "there is none yet: see `bench baseline --help`".to_owned(),
        None => format!("there are {}", known.join(", ")),
    };
    Ok(Failure::Usage(anyhow!("there is no baseline `{name}` in {}: {mend}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for (name, good) in [
            ("main", true),
            ("release-1.2_x", true),
            ("", false),
            (".hidden", false),
            ("-f", false),
            ("a/b", false),
            ("..", false),
            ("a b", false),
            ("é", false),
        ] {
            assert_eq!(is_name(name), good, "{name}");
        }
        assert!(!is_name(&"a".repeat(LONGEST_NAME + 1)));
    }
}
