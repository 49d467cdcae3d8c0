//! Where a result is written when it is there: `--format` and `--output FORMAT=PATH`.
//!
//! Paths are tried before anything is measured. A file appears whole or not at all, and one that cannot be written takes none
//! of the others with it. Knows nothing of what is in them.

use crate::commands::write;
use crate::failure::{Failure, say};
use crate::report::{Format, Kind};
use anyhow::anyhow;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// What stands for standard output.
const STDOUT: &str = "-";

/// One `--output`, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: Format,
    /// Absent for standard output.
    pub(crate) path: Option<PathBuf>,
}

/// Everything that a result is written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outputs {
    /// What is printed on standard output.
    pub(crate) printed: Format,
    files: Vec<(Format, PathBuf)>,
}

impl Output {
    /// Reads `FORMAT=PATH`, the format one of those that `kind` has, or any where that is not known yet.
    pub(crate) fn parse(kind: Option<Kind>, text: &str) -> Result<Self, String> {
        let Some((word, path)) = text.split_once('=') else {
            return Err(format!(
                "`{text}` names no file: write a format, = and a path, such as json=out/result.json"
            ));
        };
        let word = word.trim();
        // What is wrong with a format that there is of others only is that there is none of this.
        if let (Some(kind), Ok(known)) = (kind, Format::named(word, None)) {
            kind.require(known).map_err(|error| error.to_string())?;
        }
        let format = Format::named(word, kind).map_err(|error| error.to_string())?;
        match path {
            "" => Err(format!("`{text}` lacks the path: write one after the =, or - for standard output")),
            STDOUT => Ok(Self { format, path: None }),
            path => Ok(Self { format, path: Some(PathBuf::from(path)) }),
        }
    }
}

impl Outputs {
    /// Puts together what was typed. Standard output takes one format, text where none is named.
    pub(crate) fn of(format: Option<Format>, typed: &[Output]) -> Result<Self, Failure> {
        let mut printed = format;
        let mut files = Vec::new();
        for Output { format, path } in typed {
            match (path, printed) {
                (Some(path), _) => files.push((*format, path.clone())),
                (None, None) => printed = Some(*format),
                (None, Some(other)) => {
                    return Err(Failure::Usage(anyhow!(
                        "both {other} and {format} are to be printed on standard output, which takes one: give --output \
                         {format} a path"
                    )));
                }
            }
        }
        Ok(Self { printed: printed.unwrap_or(Format::Text), files })
    }

    /// Every format that is to be written.
    pub(crate) fn formats(&self) -> impl Iterator<Item = Format> {
        std::iter::once(self.printed).chain(self.files.iter().map(|(format, _)| *format))
    }

    /// Says which files hold no figure that may not be used, where there is one: they feed histories, and have no place for a
    /// warning.
    pub(crate) fn say_what_is_left_out(&self) {
        let mut names: Vec<&str> =
            self.formats().filter(|format| format.is_for_a_history()).map(Format::name).collect();
        names.dedup();
        if !names.is_empty() {
            say(&format!("figures that may not be used are left out of {}", names.join(", ")));
        }
    }

    /// Makes the folders of the files and tries whether each can be written, so that this is known before anything is
    /// measured. What is in a file stays until the result is there.
    pub(crate) fn prepare(&self) -> Result<(), Failure> {
        let mut known: Vec<PathBuf> = Vec::new();
        for (format, path) in &self.files {
            if is_file_of(io::stdout().as_fd(), path) && !is_file_of(io::stderr().as_fd(), path) {
                return Err(Failure::Usage(anyhow!(
                    "--output {format}={}: standard output goes to that file, and {} is printed on it: write --output {format}=- \
                     for {format} alone, or give it another path",
                    path.display(),
                    self.printed
                )));
            }
            attempt(path).map_err(|error| anyhow!("--output {format}={}: {error}", path.display()))?;
            let place = place(path);
            if known.contains(&place) {
                return Err(Failure::Usage(anyhow!(
                    "--output {format}={}: another output has the same path: a file takes one format",
                    path.display()
                )));
            }
            known.push(place);
        }
        Ok(())
    }

    /// Writes the result, each format as `text` has it: the files first, then standard output. All are tried; the failure
    /// names those that could not be written.
    pub(crate) fn write(&self, text: &dyn Fn(Format) -> String) -> Result<(), Failure> {
        let mut failed = Vec::new();
        for (format, path) in &self.files {
            if let Err(error) = replace(path, text(*format).as_bytes()) {
                failed.push(format!("cannot write {format} to {}: {error}", path.display()));
            }
        }
        if let Err(failure) = write(&text(self.printed)) {
            failed.push(failure.to_string());
        }
        if failed.is_empty() { Ok(()) } else { Err(anyhow!(failed.join("; ")).into()) }
    }
}

/// The folder that a file is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file that a path leads to, whatever links and dots are in it. Its folder is there.
fn place(path: &Path) -> PathBuf {
    // Of a link that leads to nothing yet, the system does not say where it leads.
    let is_missing = fs::metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    if let (true, Ok(goal)) = (is_missing, fs::read_link(path)) {
        return place(&folder(path).join(goal));
    }
    let in_folder = || Some(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(in_folder).unwrap_or_else(|| path.to_owned())
}

/// Whether a path leads to the file that a stream of this process was redirected to, as /dev/stderr does. A file in its place
/// would take what was written before, and all that is written after it would be lost.
fn is_file_of(stream: BorrowedFd<'_>, path: &Path) -> bool {
    let own = stream.try_clone_to_owned().and_then(|stream| File::from(stream).metadata());
    let (Ok(own), Ok(found)) = (own, fs::metadata(path)) else { return false };
    found.is_file() && (own.dev(), own.ino()) == (found.dev(), found.ino())
}

/// Whether a path can be written to, said without touching what is in it.
fn attempt(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(_) if is_file_of(io::stderr().as_fd(), path) => Ok(()),
        Ok(found) if found.is_dir() => Err(io::Error::other(format!(
            "it is a folder: name a file in it, such as {}",
            path.join("result").display()
        ))),
        // To open a pipe is to wait for whoever reads it.
        Ok(found) if found.file_type().is_fifo() => Ok(()),
        Ok(found) => {
            OpenOptions::new().write(true).open(path)?;
            if found.is_file() { empty_beside(&place(path)).map(drop) } else { Ok(()) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let path = place(path);
            fs::create_dir_all(folder(&path))?;
            empty_beside(&path).map(drop)
        }
        Err(error) => Err(error),
    }
}

/// A file of a name of its own beside another, which goes unless it is given that one's name.
fn empty_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    // As any program makes files: what the user's mask leaves.
    let permissions = Permissions::from_mode(0o666);
    tempfile::Builder::new().prefix(".bench-").permissions(permissions).tempfile_in(folder(path))
}

/// Writes a file whole or not at all. What is no plain file, such as a pipe or a device, can only be written as it is.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if is_file_of(io::stderr().as_fd(), path) {
        return io::stderr().write_all(bytes);
    }
    if fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        let mut special: File = OpenOptions::new().write(true).open(path)?;
        return special.write_all(bytes);
    }
    let path = place(path);
    // The folder may have gone since it was tried.
    fs::create_dir_all(folder(&path))?;
    let mut file = empty_beside(&path)?;
    if let Ok(before) = fs::metadata(&path) {
        file.as_file().set_permissions(before.permissions())?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let Err(refused) = file.persist(&path) else { return Ok(()) };
    match refused.error.kind() {
        // A file that is mounted by itself, as into a container, keeps its name, and so does one of somebody else's in a folder
        // such as /tmp: they too can only be written as they are.
        io::ErrorKind::ResourceBusy | io::ErrorKind::PermissionDenied if path.is_file() => {
            fs::write(&path, bytes)
        }
        _ => Err(refused.error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(format: Format, path: &str) -> Output {
        Output { format, path: (path != STDOUT).then(|| PathBuf::from(path)) }
    }

    #[test]
    fn what_is_typed() {
        for (text, expected) in [
            ("json=a=b.json", Ok(output(Format::Json, "a=b.json"))),
            ("junit=-", Ok(output(Format::Junit, "-"))),
            ("gab-bigger=/tmp/x", Ok(output(Format::GabBigger, "/tmp/x"))),
            ("out.json", Err("write a format, = and a path")),
            ("json=", Err("lacks the path")),
            ("jsno=x", Err("did you mean `json`?")),
            ("=x", Err("`` is no format: choose from")),
        ] {
            match (Output::parse(Some(Kind::Run), text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(part)) => assert!(error.contains(part), "{text}: {error}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        let error = Output::parse(Some(Kind::Capacity), "wrk=x").expect_err("a search is no run");
        assert!(
            error.starts_with("a search for capacities has no format `wrk`: choose from text"),
            "{error}"
        );
        assert!(Output::parse(None, "wrk=x").is_ok(), "what is stored may be a run");
    }

    #[test]
    fn standard_output_takes_one_format() {
        let json = output(Format::Json, "-");
        let file = output(Format::Csv, "x");
        let printed = |format, typed: &[Output]| Outputs::of(format, typed).map(|outputs| outputs.printed);
        assert_eq!(printed(None, &[]).expect("text"), Format::Text);
        assert_eq!(printed(None, &[file.clone(), json.clone()]).expect("one"), Format::Json);
        assert_eq!(printed(Some(Format::Csv), &[file]).expect("one"), Format::Csv);
        for (format, typed) in [(Some(Format::Text), vec![json.clone()]), (None, vec![json.clone(), json])] {
            let failure = Outputs::of(format, &typed).expect_err("twice").to_string();
            assert!(failure.contains("standard output, which takes one"), "{failure}");
        }
    }

    #[test]
    fn files_appear_whole_under_the_names_that_lead_to_them() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("real"), "before").expect("written");
        std::os::unix::fs::symlink(at("real"), at("link")).expect("linked");
        let outputs = Outputs {
            printed: Format::Text,
            files: vec![(Format::Json, at("new/deep/x.json")), (Format::Csv, at("link"))],
        };
        outputs.prepare().expect("both can be written");
        assert_eq!(fs::read_to_string(at("real")).expect("there"), "before", "trying changes nothing");
        assert!(!at("new/deep/x.json").exists() && at("new/deep").is_dir());
        for (_, path) in &outputs.files {
            replace(path, b"after").expect("written");
        }
        assert_eq!(fs::read_to_string(at("real")).expect("there"), "after");
        assert!(at("link").is_symlink());
        let mode = fs::metadata(at("new/deep/x.json")).expect("there").permissions().mode();
        assert_eq!(mode & 0o400, 0o400);
        let names = fs::read_dir(folder.path()).expect("there").flatten().count();
        assert_eq!(names, 3, "nothing else is left");
    }

    #[test]
    fn a_file_keeps_its_permissions_and_a_link_its_goal() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).expect("there").permissions().mode() & 0o777;
        fs::write(at("private"), "before").expect("written");
        fs::set_permissions(at("private"), Permissions::from_mode(0o600)).expect("changed");
        std::os::unix::fs::symlink("new/goal", at("link")).expect("linked");
        std::os::unix::fs::symlink("link", at("link-to-link")).expect("linked");
        let (private, link) = (at("private"), at("link-to-link"));
        let outputs = Outputs {
            printed: Format::Text,
            files: vec![(Format::Html, private.clone()), (Format::Csv, link.clone())],
        };
        outputs.prepare().expect("both can be written");
        for path in [&private, &link] {
            replace(path, b"after").expect("written");
        }
        assert_eq!((mode("private"), fs::read(&private).expect("there")), (0o600, b"after".to_vec()));
        assert!(at("link").is_symlink() && link.is_symlink());
        assert_eq!(fs::read(at("new/goal")).expect("there"), b"after");
        let twice = vec![(Format::Csv, link), (Format::Json, at("new/goal"))];
        let twice = Outputs { printed: Format::Text, files: twice };
        assert!(twice.prepare().is_err(), "one file by two names");
    }

    #[test]
    fn what_cannot_be_written_is_named_before_anything_is_measured() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::write(at("file"), "").expect("written");
        let failed = |paths: &[PathBuf]| {
            let files = paths.iter().map(|path| (Format::Json, path.clone())).collect();
            let outputs = Outputs { printed: Format::Text, files };
            outputs.prepare().expect_err("it cannot be written").to_string()
        };
        for (paths, part) in [
            (vec![folder.path().to_owned()], "it is a folder: name a file in it"),
            (vec![at("file/below")], "Not a directory"),
            (vec![PathBuf::from("/proc/nowhere/x")], "--output json=/proc/nowhere/x: "),
            (vec![at("x"), folder.path().join(".").join("x")], "another output has the same path"),
        ] {
            let failure = failed(&paths);
            assert!(failure.contains(part), "{paths:?}: {failure}");
        }
        assert!(replace(Path::new("/dev/full"), b"x").is_err());
        assert!(replace(Path::new("/dev/null"), b"x").is_ok() && !Path::new("/dev/null").is_file());
    }
}
