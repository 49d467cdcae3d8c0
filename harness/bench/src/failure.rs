//! Why `bench` ends without a result, and the exit code that says so.

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
        eprintln!("bench: {self}");
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

/// The exit code of a process that a signal ended, as shells show it.
pub(crate) fn interrupted(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(error) | Self::CouldNotRun(error) => write!(formatter, "{error:#}"),
            Self::Interrupted(_) => {
                formatter.write_str("interrupted before anything was measured; nothing was written")
            }
        }
    }
}
