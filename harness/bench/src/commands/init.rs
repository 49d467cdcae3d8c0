//! `bench init`: a scenario and a target to start from, which work as they are, anywhere.

use crate::commands::write;
use crate::failure::Failure;
use anyhow::{Context as _, anyhow};
use clap::Args;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(crate) const EXAMPLES: &str = "Examples:
  bench init
  bench init measurements --name orders";

/// What the files that are written call the service; replaced by its name.
const STAND_IN: &str = "my-service";

/// `bench init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Folder to begin in; made if it is not there
    #[arg(value_name = "FOLDER", default_value = ".", value_hint = clap::ValueHint::DirPath)]
    folder: PathBuf,
    /// What the service is called: the name of the scenario and of the target
    #[arg(long, value_name = "NAME", default_value = STAND_IN, value_parser = name)]
    name: String,
}

/// A file to write: where, what, and whether one that is there already may stay in its stead.
struct Draft {
    path: PathBuf,
    text: String,
    may_stay: bool,
}

/// Writes the files and says what to type next. Overwrites nothing.
pub(crate) fn main(args: &InitArgs) -> Result<ExitCode, Failure> {
    let drafts = drafts(&args.folder, &args.name);
    if let Some(taken) = drafts.iter().find(|draft| !draft.may_stay && is_there(&draft.path)) {
        return Err(taken_already(&taken.path));
    }
    let mut said = String::new();
    let mut written: Vec<&Path> = Vec::new();
    for draft in &drafts {
        let path = draft.path.display();
        let is_new = create(draft).inspect_err(|_| {
            // Half of it would be in the way of the next call.
            written.iter().for_each(|path| drop(fs::remove_file(path)));
        })?;
        said += &if is_new {
            written.push(&draft.path);
            format!("wrote {path}\n")
        } else if draft.path.ends_with(".gitignore") {
            format!("left {path} as it is: add a line /results/ to it\n")
        } else {
            format!("left {path} as it is\n")
        };
    }
    let name = &args.name;
    if args.folder != Path::new(".") {
        said += &format!("\n    cd {}", args.folder.display());
    }
    said += &format!(
        "\n    bench run --scenario {name} --target {name}\n\nworks at once; then put your own service into \
         targets/{name}/target.toml, and what is to be sent to it into scenarios/{name}.toml.\n"
    );
    write(&said)?;
    Ok(ExitCode::SUCCESS)
}

fn drafts(folder: &Path, name: &str) -> Vec<Draft> {
    let target = format!("targets/{name}");
    [
        (format!("scenarios/{name}.toml"), include_str!("../../assets/init/scenario.toml"), false),
        (format!("{target}/target.toml"), include_str!("../../assets/init/target.toml"), false),
        (format!("{target}/server.py"), include_str!("../../assets/init/server.py"), false),
        ("README.md".to_owned(), include_str!("../../assets/init/README.md"), true),
        (".gitignore".to_owned(), include_str!("../../assets/init/gitignore"), true),
    ]
    .map(|(path, text, may_stay)| Draft {
        path: if folder == Path::new(".") { PathBuf::from(path) } else { folder.join(path) },
        text: text.replace(STAND_IN, name),
        may_stay,
    })
    .into()
}

/// Writes a file that is not there yet; says whether it was written.
fn create(draft: &Draft) -> Result<bool, Failure> {
    let path = &draft.path;
    let about = || format!("cannot write {}: choose a folder that can be written to", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(about)?;
    }
    // Nobody's file is overwritten, not even one that has appeared in this moment.
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return if draft.may_stay { Ok(false) } else { Err(taken_already(path)) };
        }
        opened => opened.with_context(about)?,
    };
    let written = file.write_all(draft.text.as_bytes()).with_context(about);
    if written.is_err() {
        // It is this call's own.
        let _ = fs::remove_file(path);
    }
    written?;
    Ok(true)
}

/// Whether anything is in the way, a link that leads nowhere included.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn taken_already(path: &Path) -> Failure {
    Failure::Usage(anyhow!(
        "{} is there already, and nothing is overwritten: choose another --name, or another folder",
        path.display()
    ))
}

/// A name that can be a file's, a folder's and a word of the command line.
fn name(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
    let usable = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if begins && text.chars().all(usable) && text.len() <= 60 {
        Ok(text.to_owned())
    } else {
        Err("a name has small letters, digits and hyphens, begins with a letter, and is no longer than 60"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::scenario::Scenario;
    use bench_model::target::Manifest;

    #[test]
    fn what_is_written_is_right_under_any_name() {
        for name in ["my-service", "orders"] {
            let drafts = drafts(Path::new("."), name);
            let scenario = Scenario::parse(&drafts[0].text).unwrap();
            let manifest = Manifest::parse(&drafts[1].text).unwrap();
            assert_eq!((scenario.name.as_str(), manifest.name.as_str()), (name, name));
            assert!(manifest.with_variant("indented").is_some());
            assert_eq!(drafts.iter().any(|draft| draft.text.contains(STAND_IN)), name == STAND_IN);
        }
    }

    #[test]
    fn names() {
        for (text, good) in [
            ("orders", true),
            ("a-1", true),
            ("", false),
            ("Orders", false),
            ("-x", false),
            ("a/b", false),
            ("1", false),
        ] {
            assert_eq!(name(text).is_ok(), good, "{text}");
        }
    }
}
