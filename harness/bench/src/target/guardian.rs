//! The process between `bench` and a target. It outlives `bench` by the moment that it takes to kill the target and
//! everything that the target started, daemons included, and then ends.
//!
//! It is quiet: it sleeps until a child ends, an order comes, or `bench` is gone, and takes no CPU from a run.

use super::launch::THIS_PROGRAM;
use super::messages::{Ending, Message};
use super::orphans::{self, Reaped};
use super::stages::{GUARD, GuardArgs};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, Signal, getpid, kill_process_group, set_child_subreaper, test_kill_process_group,
};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// How long killing may take; only a process stuck in the kernel needs more than an instant.
const KILL_PATIENCE: Duration = Duration::from_secs(8);
/// How often the target's group is looked at while it stops: members that are not our children end unheard.
const STOP_GLANCE: Duration = Duration::from_millis(10);

/// Starts the target, guards it, and returns once nothing of it is left.
pub(super) fn guard(args: &GuardArgs) -> ExitCode {
    match Guardian::start(args) {
        Ok(Some(mut guardian)) => {
            guardian.watch();
            guardian.finish()
        }
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            // Standard error is the target's log.
            eprintln!("bench guard: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Guardian {
    target: Pid,
    ending: Option<Ending>,
    /// When the patience of an orderly stop is over.
    stop_until: Option<Instant>,
    orders: Vec<u8>,
    /// Readable after a child has ended.
    child_ended: UnixStream,
    /// Readable once somebody wants this process to end.
    told_to_end: UnixStream,
}

impl Guardian {
    /// `None` if the target's program did not begin, which has been said.
    fn start(args: &GuardArgs) -> io::Result<Option<Self>> {
        use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
        set_child_subreaper(Some(getpid()))?;
        let child_ended = readable_on(&[SIGCHLD])?;
        let told_to_end = readable_on(&[SIGHUP, SIGINT, SIGTERM])?;
        let mut command = Command::new(THIS_PROGRAM);
        command.arg0("bench").arg(GUARD);
        command.arg(format!("--become-target-of={}", std::process::id()));
        if let Some(cpus) = &args.cpus {
            command.arg("--cpus").arg(cpus);
        }
        let mut child = command
            .arg("--")
            .args(&args.command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let mut report = String::new();
        if let Some(mut pipe) = child.stdout.take() {
            pipe.read_to_string(&mut report)?;
        }
        if let Some(failed) = Message::parse(&report) {
            child.wait()?;
            say(failed);
            return Ok(None);
        }
        say(Message::Started(child.id()));
        Ok(Some(Self {
            target: Pid::from_child(&child),
            ending: None,
            stop_until: None,
            orders: Vec::new(),
            child_ended,
            told_to_end,
        }))
    }

    /// Returns when the target must go or has gone.
    fn watch(&mut self) {
        loop {
            loop {
                match orphans::reap() {
                    Reaped::Child(pid, ending) => self.note(pid, ending),
                    Reaped::NoneYet => break,
                    Reaped::NoChildren => return,
                }
            }
            let overdue = self.stop_until.is_some_and(|until| Instant::now() >= until);
            if overdue || (self.ending.is_some() && !self.group_is_stopping()) {
                return;
            }
            if !self.wait_for_events() {
                return;
            }
        }
    }

    /// Kills whatever is left.
    fn finish(&mut self) -> ExitCode {
        let all_gone = orphans::kill_all(KILL_PATIENCE, |pid, ending| self.note(pid, ending));
        if all_gone {
            return ExitCode::SUCCESS;
        }
        eprintln!(
            "bench guard: some processes of the target are stuck in the kernel and could not be killed"
        );
        ExitCode::FAILURE
    }

    fn note(&mut self, pid: Pid, ending: Ending) {
        // The id is free for others to take once it has been reaped.
        if pid == self.target && self.ending.is_none() {
            self.ending = Some(ending);
            say(Message::Exited(ending));
        }
    }

    /// Whether workers of an ended target are still using the time that they were given to end in order.
    fn group_is_stopping(&self) -> bool {
        self.stop_until.is_some() && test_kill_process_group(self.target).is_ok()
    }

    /// Waits for something to happen and takes orders; false if everything must go at once.
    fn wait_for_events(&mut self) -> bool {
        let stdin = io::stdin();
        let mut polled = [
            PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN),
            PollFd::new(&self.child_ended, PollFlags::IN),
            PollFd::new(&self.told_to_end, PollFlags::IN),
        ];
        let glance = self.stop_until.and_then(|_| Timespec::try_from(STOP_GLANCE).ok());
        if poll(&mut polled, glance.as_ref()).is_err() {
            // Interrupted by a signal, whose stream says the rest.
            return true;
        }
        let [orders, child_ended, told_to_end] = polled.map(|polled| !polled.revents().is_empty());
        if child_ended {
            let _ = (&self.child_ended).read(&mut [0; 64]);
        }
        !told_to_end && (!orders || self.take_orders())
    }

    /// Reads what `bench` wants; false once `bench` is gone.
    fn take_orders(&mut self) -> bool {
        let mut chunk = [0; 64];
        // Unbuffered: a line left in a buffer would never be polled for.
        match rustix::io::read(rustix::stdio::stdin(), &mut chunk) {
            Ok(0) => return false,
            Ok(read) => self.orders.extend_from_slice(&chunk[..read]),
            Err(rustix::io::Errno::INTR) => return true,
            Err(_) => return false,
        }
        while let Some(end) = self.orders.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.orders.drain(..=end).collect();
            if let Some(patience) = parse_stop(&String::from_utf8_lossy(&line)) {
                self.stop_until = Some(Instant::now() + patience);
                // The group exists as long as its leader has not been reaped.
                if self.ending.is_none() {
                    let _ = kill_process_group(self.target, Signal::TERM);
                }
            }
        }
        true
    }
}

/// The patience of an order such as `stop 5000`, in milliseconds there.
fn parse_stop(line: &str) -> Option<Duration> {
    let patience_ms = line.trim().strip_prefix("stop ")?.parse().ok()?;
    Some(Duration::from_millis(patience_ms))
}

/// A stream that becomes readable when one of these signals arrives.
fn readable_on(signals: &[i32]) -> io::Result<UnixStream> {
    let (readable, written) = UnixStream::pair()?;
    readable.set_nonblocking(true)?;
    for &signal in signals {
        signal_hook::low_level::pipe::register(signal, written.try_clone()?)?;
    }
    Ok(readable)
}

/// Tells `bench`, which may no longer be there to hear it.
fn say(message: Message) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{message}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders() {
        for (line, expected) in [
            ("stop 5000\n", Some(Duration::from_secs(5))),
            ("stop 0", Some(Duration::ZERO)),
            ("stop", None),
            ("stop soon", None),
            ("", None),
        ] {
            assert_eq!(parse_stop(line), expected, "{line}");
        }
    }
}
