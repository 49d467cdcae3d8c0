//! From a manifest to something that can be started: looks for the toolchains, and builds if what is there is stale.
//!
//! A build runs under a guardian as a target does, so that nothing of it outlives `bench`.

mod fingerprint;
mod stamp;
mod toolchain;

pub(crate) use toolchain::{State, name, probe};

use crate::event::Event;
use crate::failure::Failure;
use crate::signals::Signals;
use crate::target::{Ending, Launch, Target, log_tail};
use anyhow::{Result, anyhow};
use bench_model::source::{Built, Source};
use bench_model::target::{Build, Manifest};
use stamp::Stamp;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often a build is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How many lines of a failed command's output the error quotes.
const TAIL_LINES: usize = 12;

/// What a build tells and heeds.
pub(crate) struct Surroundings<'a> {
    pub(crate) signals: &'a Signals,
    pub(crate) show: &'a dyn Fn(&Event<'_>),
}

/// Makes sure that the target of `manifest`, in `folder`, can be started.
pub(crate) fn ensure(
    manifest: &Manifest,
    folder: Option<&Path>,
    around: &Surroundings<'_>,
) -> Result<Built, Failure> {
    let versions = require_toolchains(manifest)?;
    let mut source =
        Source { versions, ..folder.map(|folder| revision(folder, manifest)).unwrap_or_default() };
    let (Some(build), Some(folder)) = (&manifest.build, folder) else {
        return Ok(Built { artefact_bytes: None, source });
    };
    let _lock = stamp::lock(folder, &manifest.name)?;
    let mut inputs = fingerprint::of(folder, build, &source.versions)?;
    let stamp = Stamp::of(folder, build);
    if stamp.read().as_deref() != Some(inputs.as_str()) || !has_artefact(folder, build) {
        stamp.remove();
        run_commands(manifest, build, folder, around)?;
        if let Some(missing) = build.artefact.iter().find(|path| !folder.join(path).exists()) {
            return Err(anyhow!(
                "the build of {} ended well, but {} is not there: mend `build.artefact` or `build.commands`",
                manifest.name,
                folder.join(missing).display()
            )
            .into());
        }
        // A build may complete its own lock files, which are inputs.
        inputs = fingerprint::of(folder, build, &source.versions)?;
        stamp.write(&inputs)?;
    }
    source.inputs_sha256 = Some(inputs);
    let sizes: Result<Vec<u64>> =
        build.artefact.iter().map(|path| fingerprint::size(&folder.join(path))).collect();
    let sizes = sizes?;
    Ok(Built { artefact_bytes: (!sizes.is_empty()).then(|| sizes.iter().sum()), source })
}

/// The toolchains as `program version`, or an error in one line for each that is missing or too old.
fn require_toolchains(manifest: &Manifest) -> Result<Vec<String>, Failure> {
    let mut versions = Vec::new();
    let mut faults = Vec::new();
    for needed in &manifest.toolchain {
        let name = name(needed);
        match probe(needed) {
            State::Good(version) => versions.push(format!("{name} {version}")),
            bad => faults.push(format!(
                "{} needs {name} {} or later, {bad}: {}",
                manifest.name, needed.least, needed.install
            )),
        }
    }
    if faults.is_empty() { Ok(versions) } else { Err(anyhow!(faults.join("\n")).into()) }
}

fn has_artefact(folder: &Path, build: &Build) -> bool {
    build.artefact.iter().all(|path| folder.join(path).exists())
}

fn run_commands(
    manifest: &Manifest,
    build: &Build,
    folder: &Path,
    around: &Surroundings<'_>,
) -> Result<(), Failure> {
    for (at, command) in build.commands.iter().enumerate() {
        (around.show)(&Event::Building { target: &manifest.name, command });
        let launch = Launch {
            command: command.clone(),
            directory: Some(folder.to_owned()),
            environment: build.env.clone().into_iter().collect(),
            cpus: Vec::new(),
            log: stamp::log_file(folder, at),
        };
        let mut running = Target::start(&launch)?;
        let ending = loop {
            if let Some(ending) = running.exited() {
                break ending;
            }
            if let Some(signal) = around.signals.received() {
                return Err(Failure::Interrupted(signal));
            }
            std::thread::sleep(LOOK);
        };
        if ending != Ending::Code(0) {
            return Err(failed(manifest, command, ending, &launch.log).into());
        }
    }
    Ok(())
}

fn failed(manifest: &Manifest, command: &[String], ending: Ending, log: &Path) -> anyhow::Error {
    let mut words = format!("{} could not be built: `{}` ended: {ending}", manifest.name, command.join(" "));
    let tail = log_tail(log, TAIL_LINES);
    let _ = match tail.is_empty() {
        true => write!(words, "; it printed nothing"),
        false => write!(words, ". The last lines of {}:", log.display()),
    };
    for line in tail {
        let _ = write!(words, "\n  {line}");
    }
    anyhow!(words)
}

/// The commit of a target's folder, and whether the folder or another input of the build differs from it. Nothing where
/// there is no git or no repository.
fn revision(folder: &Path, manifest: &Manifest) -> Source {
    let git = |arguments: &[&str]| -> Option<String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            // Reading must not take git's lock from somebody who writes.
            .env("GIT_OPTIONAL_LOCKS", "0")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(revision) = git(&["rev-parse", "HEAD"]) else {
        return Source::default();
    };
    // A build may have inputs outside its folder, such as the lock file of a workspace.
    let inputs = manifest.build.iter().flat_map(|build| &build.inputs).map(String::as_str);
    let changes = git(&["status", "--porcelain", "--", "."].into_iter().chain(inputs).collect::<Vec<_>>());
    Source {
        revision: Some(revision),
        dirty: changes.is_none_or(|changes| !changes.is_empty()),
        ..Source::default()
    }
}
