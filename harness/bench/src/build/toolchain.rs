//! Whether a program that a target needs is there, and is new enough.

use bench_model::target::{Toolchain, Version, find_version};
use std::fmt;
use std::io;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take to print its version. A JVM on a busy machine takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// What was found of a toolchain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It is there and will do.
    Good(Version),
    /// It is there and too old.
    Old(Version),
    /// Its version cannot be read from what it prints.
    Unclear(String),
    /// It cannot be run.
    Missing(String),
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good(version) => write!(formatter, "{version} is here"),
            Self::Old(version) => write!(formatter, "and {version} is here"),
            Self::Unclear(printed) => {
                write!(formatter, "and no version is in what is here prints (`{printed}`)")
            }
            Self::Missing(why) => write!(formatter, "which cannot be run ({why})"),
        }
    }
}

/// The program's name.
pub(crate) fn name(toolchain: &Toolchain) -> &str {
    toolchain.command.first().map_or("", String::as_str)
}

/// Asks the program for its version.
pub(crate) fn probe(toolchain: &Toolchain) -> State {
    let [program, arguments @ ..] = &toolchain.command[..] else {
        return State::Missing("no command".to_owned());
    };
    // Colours are escape sequences with numbers in them.
    let asked = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env("NO_COLOR", "1")
        .env("TERM", "dumb")
        .spawn();
    let output = match asked.and_then(answer) {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return State::Missing("not installed".to_owned());
        }
        Err(error) => return State::Missing(error.to_string()),
    };
    let printed = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).join("\n");
    if !output.status.success() {
        let first = printed.lines().find(|line| !line.trim().is_empty()).unwrap_or("it printed nothing");
        return State::Missing(format!("{}: {first}", output.status));
    }
    match find_version(&printed) {
        Some(version) if version.satisfies(&toolchain.least) => State::Good(version),
        Some(version) => State::Old(version),
        None => State::Unclear(printed.lines().next().unwrap_or("").to_owned()),
    }
}

/// What a program prints, if it ends in time.
fn answer(mut running: Child) -> io::Result<Output> {
    let until = Instant::now() + PATIENCE;
    // A version fits into a pipe's buffer, so the program need not be read while it runs.
    while running.try_wait()?.is_none() {
        if Instant::now() >= until {
            running.kill()?;
            running.wait()?;
            return Err(io::Error::other(format!("it did not end within {} s", PATIENCE.as_secs())));
        }
        std::thread::sleep(LOOK);
    }
    running.wait_with_output()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states() {
        let toolchain = |command: &[&str], least: &str| Toolchain {
            command: command.iter().map(|&word| word.to_owned()).collect(),
            least: Version::try_from(least.to_owned()).unwrap(),
            install: String::new(),
        };
        for (command, least, expected) in [
            (&["echo", "tool 1.20.3"][..], "1.9", "1.20.3 is here"),
            (&["echo", "tool 1.20.3"], "1.21", "and 1.20.3 is here"),
            (&["sh", "-c", "echo 2.1 >&2"], "2", "2.1 is here"),
            (&["echo", "tool"], "1", "and no version is in what is here prints (`tool`)"),
            (&["no-such-program-here"], "1", "which cannot be run (not installed)"),
            (&["sh", "-c", "echo broken; exit 3"], "1", "which cannot be run (exit status: 3: broken)"),
        ] {
            assert_eq!(probe(&toolchain(command, least)).to_string(), expected, "{command:?}");
        }
    }
}
