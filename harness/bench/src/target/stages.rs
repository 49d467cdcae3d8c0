//! The hidden command under which `bench` runs itself, twice, to start a target. No user types it.

use super::{become_target, guardian};
use clap::Args;
use std::process::ExitCode;

/// The hidden command's name.
pub(super) const GUARD: &str = "guard";

/// What to start, and in which of the two stages this process is.
#[derive(Debug, Clone, Args)]
pub(crate) struct GuardArgs {
    /// CPUs that the target may use, such as 0-3,6; all if absent
    #[arg(long)]
    pub(super) cpus: Option<String>,
    /// Process id of the guardian that this process becomes the target of; without it, this is the guardian
    #[arg(long, value_name = "PID")]
    pub(super) become_target_of: Option<i32>,
    /// The target's command
    #[arg(last = true, required = true)]
    pub(super) command: Vec<String>,
}

/// Plays guardian, or becomes the target.
///
/// To be called from the main thread, before there is any other: the kernel ties a target to the very thread that
/// started it.
pub(crate) fn guard(args: &GuardArgs) -> ExitCode {
    match args.become_target_of {
        Some(guardian) => become_target::become_target(guardian, args),
        None => guardian::guard(args),
    }
}
