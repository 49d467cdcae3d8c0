//! What can go wrong with a target, in words that name the mend.

use super::messages::Ending;
use std::io;
use std::path::PathBuf;

/// Why a target could not be started, did not become ready, or did not end as it should.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    /// The launch has no command.
    #[error("there is no command to start: give the target's `start` at least the name of a program")]
    NoCommand,
    /// The folder to run in is not there.
    #[error("cannot run the target in {}: it is not a folder", path.display())]
    Directory {
        /// The folder as given.
        path: PathBuf,
    },
    /// The log cannot be written.
    #[error("cannot write the target's log to {}: {source}: make its folder, or choose another one", path.display())]
    Log {
        /// The log file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The target may not run on its CPUs.
    #[error("cannot run the target on CPUs {cpus}: {source}: choose among those that `bench doctor` lists")]
    Cpus {
        /// The CPUs as a list such as `0-3,6`.
        cpus: String,
        /// What the system says.
        source: io::Error,
    },
    /// The program cannot be run.
    #[error("cannot start `{program}`: {source}: {mend}")]
    Program {
        /// The first word of the command.
        program: String,
        /// What the system says.
        source: io::Error,
        /// What would help.
        mend: &'static str,
    },
    /// The process between `bench` and the target failed.
    #[error("the guardian of `{command}` did not start it: {heard}")]
    Guardian {
        /// The target's command.
        command: String,
        /// What it said instead.
        heard: String,
    },
    /// The target ended by itself.
    #[error("`{command}` ended: {ending}. A target must stay in the foreground until it is stopped.{log}")]
    Died {
        /// The target's command.
        command: String,
        /// How it ended.
        ending: Ending,
        /// The last lines of its log, each after a line break.
        log: String,
    },
    /// The target runs but did not answer 200 in time.
    #[error("`{command}` was not ready after {deadline_s} s: {asked}: {last_answer}; {mend}.{log}")]
    NotReady {
        /// The target's command.
        command: String,
        /// The request that was repeated.
        asked: String,
        /// How long it was repeated, in seconds.
        deadline_s: f64,
        /// What came of the last one.
        last_answer: String,
        /// What would help.
        mend: &'static str,
        /// The last lines of its log, each after a line break.
        log: String,
    },
    /// The user gave up waiting.
    #[error("interrupted while the target was starting")]
    Interrupted,
    /// The target did not heed SIGTERM.
    #[error("`{command}` did not end within {patience_s} s of SIGTERM and was killed: let it heed SIGTERM")]
    Stubborn {
        /// The target's command.
        command: String,
        /// How long it was given, in seconds.
        patience_s: f64,
    },
}
