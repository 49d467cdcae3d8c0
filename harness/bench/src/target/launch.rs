//! What it takes to launch a target, and the guardian that does it. Waits for nothing.

use super::error::TargetError;
use super::messages::Step;
use crate::cpus;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A command and its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// The command and its arguments; a program without a slash is looked for on PATH.
    pub(crate) command: Vec<String>,
    /// The folder to run it in; that of `bench` if absent.
    pub(crate) directory: Option<PathBuf>,
    /// Variables added to those that the target inherits.
    pub(crate) environment: Vec<(String, String)>,
    /// The CPUs that the target may use; all that `bench` may use if empty.
    pub(crate) cpus: Vec<usize>,
    /// The file that takes the target's standard output and error; made anew.
    pub(crate) log: PathBuf,
}

/// The running program, even if its file was replaced in the meantime, as a build does.
pub(super) const THIS_PROGRAM: &str = "/proc/self/exe";

impl Launch {
    pub(super) fn spawn_guardian(&self, bench: &Path) -> Result<Child, TargetError> {
        if self.command.is_empty() {
            return Err(TargetError::NoCommand);
        }
        let unusable_log = |source| TargetError::Log { path: self.log.clone(), source };
        let log = File::create(&self.log).map_err(unusable_log)?;
        let mut command = Command::new(bench);
        command.arg0("bench").arg(super::stages::GUARD);
        if !self.cpus.is_empty() {
            command.arg("--cpus").arg(cpus::format_list(&self.cpus));
        }
        command.arg("--").args(&self.command);
        if let Some(directory) = &self.directory {
            if !directory.is_dir() {
                return Err(TargetError::Directory { path: directory.clone() });
            }
            command.current_dir(directory);
        }
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_private(name)) {
            command.env_remove(name);
        }
        command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // A terminal's Ctrl-C reaches the group of `bench` alone, which then stops the target in order.
            .process_group(0)
            .spawn()
            .map_err(|error| TargetError::Guardian {
                command: self.command.join(" "),
                heard: format!("{}: {error}", bench.display()),
            })
    }

    /// What the guardian's report of a failed launch means to a user.
    pub(super) fn failure(&self, step: Step, errno: i32) -> TargetError {
        let source = io::Error::from_raw_os_error(errno);
        match step {
            Step::Cpus => TargetError::Cpus { cpus: cpus::format_list(&self.cpus), source },
            Step::Program => {
                let program = &self.command[0];
                let mend = match source.kind() {
                    io::ErrorKind::NotFound if program.contains('/') => {
                        "build it first, or mend the path; if it is a script, its first line may name an \
                         interpreter that is not installed"
                    }
                    io::ErrorKind::NotFound => "install it, or add its folder to PATH",
                    io::ErrorKind::PermissionDenied => "make it an executable file (chmod +x)",
                    _ => "try the command by hand",
                };
                TargetError::Program { program: program.clone(), source, mend }
            }
        }
    }
}

/// Whether a variable speaks of `bench` itself: its own settings, and what `cargo run` says of its package. A
/// target that is built or run by cargo would take the latter for its own.
fn is_private(name: &OsStr) -> bool {
    const PREFIXES: [&str; 5] = ["BENCH_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    PREFIXES.iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_variables() {
        for (name, expected) in [
            ("BENCH_CONNS", true),
            ("CARGO_PKG_NAME", true),
            ("CARGO_MANIFEST_DIR", true),
            ("CARGO_HOME", false),
            ("PATH", false),
            ("JAVA_HOME", false),
        ] {
            assert_eq!(is_private(OsStr::new(name)), expected, "{name}");
        }
    }
}
