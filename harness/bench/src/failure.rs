//! Why `bench` ends without a result, and the exit code that says so.

use std::io::Write as _;
use std::process::ExitCode;

/// An end without a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something typed or configured is wrong: exit code 2.
    Usage(anyhow::Error),
    /// The run could not be made: exit code 1.
    CouldNotRun(anyhow::Error),
    /// A signal came before anything was measured: exit code 128 plus its number.
    Interrupted(i32),
}

impl Failure {
    /// Wraps a mistake of the user's.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    /// Says on standard error what happened, in one sentence, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        say(&self.to_string());
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::CouldNotRun(_) => ExitCode::from(1),
            Self::Interrupted(signal) => ExitCode::from(interrupted(*signal)),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::CouldNotRun(error.into())
    }
}

/// Says something on standard error. If even that is closed there is nobody left to tell, and the run goes on.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}

/// The exit code of a process that a signal ended, as shells show it.
pub(crate) fn interrupted(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(error) | Self::CouldNotRun(error) => write!(formatter, "{error:#}"),
            Self::Interrupted(_) => {
                formatter.write_str("interrupted before there was a result; nothing was written")
            }
        }
    }
}
