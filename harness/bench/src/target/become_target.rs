//! The last stage before a target: ties itself to its guardian, goes to its CPUs, and becomes the target.
//!
//! It is a program of its own because the tie (`PR_SET_PDEATHSIG`) does not survive a fork: the process that is to
//! die with the guardian must ask for it itself.

use super::messages::{Message, Step};
use super::stages::GuardArgs;
use crate::cpus;
use rustix::process::{Pid, Signal, getppid, set_parent_process_death_signal};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};

/// Becomes the target, and so returns only if that fails.
///
/// Standard output is the guardian's pipe: it closes unwritten when the target's program begins, or carries the
/// reason why it does not. Standard error is the log.
pub(super) fn become_target(guardian: i32, args: &GuardArgs) -> ExitCode {
    let Ok(mut report) = io::stdout().as_fd().try_clone_to_owned().map(File::from) else {
        return ExitCode::FAILURE;
    };
    let tied = set_parent_process_death_signal(Some(Signal::KILL));
    // The guardian may have died before the tie was made.
    if tied.is_err() || getppid() != Pid::from_raw(guardian) {
        return ExitCode::FAILURE;
    }
    let failed = match launch(args) {
        Ok(never) => match never {},
        Err((step, error)) => Message::Failed { step, errno: error.raw_os_error().unwrap_or(0) },
    };
    // Nobody is left to tell if the guardian has gone.
    let _ = writeln!(report, "{failed}");
    ExitCode::FAILURE
}

fn launch(args: &GuardArgs) -> Result<std::convert::Infallible, (Step, io::Error)> {
    if let Some(list) = &args.cpus {
        let pin =
            cpus::parse_list(list).map_err(io::Error::other).and_then(|cpus| cpus::pin_this_thread(&cpus));
        pin.map_err(|error| (Step::Cpus, error))?;
    }
    let log: OwnedFd = io::stderr().as_fd().try_clone_to_owned().map_err(|error| (Step::Program, error))?;
    let [program, arguments @ ..] = &args.command[..] else {
        return Err((Step::Program, io::ErrorKind::NotFound.into()));
    };
    let error = Command::new(program).args(arguments).stdin(Stdio::null()).stdout(log).exec();
    Err((Step::Program, error))
}
