//! The children of this process, adopted ones included: reaping them, and killing all of them.
//!
//! Only for a process whose every child may die: the guardian.

use super::messages::Ending;
use procfs::process::all_processes;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, wait};
use std::time::{Duration, Instant};

/// What there was to reap.
pub(super) enum Reaped {
    /// This child has ended.
    Child(Pid, Ending),
    /// No child has ended, but some are alive.
    NoneYet,
    /// There are no children, and so no descendants: whatever loses its parent becomes a child.
    NoChildren,
}

/// Reaps one child that has ended. Does not wait.
pub(super) fn reap() -> Reaped {
    loop {
        return match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => Reaped::Child(pid, Ending::from_wait(status)),
            Ok(None) => Reaped::NoneYet,
            Err(Errno::INTR) => continue,
            Err(_) => Reaped::NoChildren,
        };
    }
}

/// Kills every child, then every grandchild that is orphaned by it, until none is left or `patience` is over.
///
/// Killing only direct children needs no care about reused process ids: a child's id stays taken until this
/// process reaps it. It also ends a supervisor before its workers, so that it cannot replace them.
pub(super) fn kill_all(patience: Duration, mut on_reaped: impl FnMut(Pid, Ending)) -> bool {
    let until = Instant::now() + patience;
    while Instant::now() < until {
        match reap() {
            Reaped::Child(pid, ending) => on_reaped(pid, ending),
            Reaped::NoChildren => return true,
            Reaped::NoneYet => {
                for child in children() {
                    let _ = kill_process(child, Signal::KILL);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
    false
}

fn children() -> Vec<Pid> {
    let me = getpid().as_raw_nonzero().get();
    let Ok(processes) = all_processes() else {
        return Vec::new();
    };
    processes
        .filter_map(|process| process.ok()?.stat().ok())
        .filter(|stat| stat.ppid == me)
        .filter_map(|stat| Pid::from_raw(stat.pid))
        .collect()
}
