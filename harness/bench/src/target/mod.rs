//! The life of a target that `bench` starts: launch, readiness, orderly stop, and certain death.
//!
//! A target is never a direct child of `bench`: a guardian stands between them (`guardian.rs`), which ends the
//! target and everything that it started as soon as `bench` is gone, however `bench` went. This folder measures
//! nothing and decides nothing about results.

mod become_target;
mod error;
mod guardian;
mod launch;
mod log;
mod messages;
mod orphans;
mod port;
mod ready;
mod stages;

pub(crate) use error::TargetError;
pub(crate) use launch::Launch;
pub(crate) use log::log_tail;
pub(crate) use messages::Ending;
pub(crate) use port::free_port;
pub(crate) use stages::{GuardArgs, guard};

use crate::resources::Sampler;
use messages::{Heard, Message, Messages};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin};
use std::time::{Duration, Instant};

/// How long the guardian may take for its own work: starting, and killing what will not stop.
const GUARDIAN_PATIENCE: Duration = Duration::from_secs(15);
/// How many lines of the log an error quotes.
const TAIL_LINES: usize = 12;

/// A running target. Dropping it kills the target and everything that it started, at once.
#[derive(Debug)]
pub(crate) struct Target {
    command: String,
    log: PathBuf,
    pid: u32,
    started: Instant,
    guardian: Child,
    /// Closed first of all: its end of file is what the guardian takes for the death of `bench`.
    orders: Option<ChildStdin>,
    messages: Messages,
    ending: Option<Ending>,
}

impl Target {
    /// Starts a target and returns once its program runs, which is before it is ready for requests.
    ///
    /// # Errors
    /// When the folder, the log, the CPUs or the command cannot be used.
    pub(crate) fn start(launch: &Launch) -> Result<Self, TargetError> {
        Self::start_under(Path::new(launch::THIS_PROGRAM), launch)
    }

    /// [`Target::start`] with another `bench` as guardian than this program, as tests need.
    ///
    /// # Errors
    /// As for [`Target::start`].
    pub(crate) fn start_under(bench: &Path, launch: &Launch) -> Result<Self, TargetError> {
        let mut guardian = launch.spawn_guardian(bench)?;
        let orders = guardian.stdin.take();
        let messages = guardian.stdout.take().map(Messages::new);
        let mut target = Self {
            command: launch.command.join(" "),
            log: launch.log.clone(),
            pid: 0,
            started: Instant::now(),
            guardian,
            orders,
            messages: messages.unwrap_or_default(),
            ending: None,
        };
        match target.messages.next(GUARDIAN_PATIENCE) {
            Heard::Message(Message::Started(pid)) => {
                target.pid = pid;
                target.started = Instant::now();
                Ok(target)
            }
            Heard::Message(Message::Failed { step, errno }) => Err(launch.failure(step, errno)),
            heard => Err(TargetError::Guardian {
                command: target.command.clone(),
                heard: format!("{heard:?}{}", target.quoted_log()),
            }),
        }
    }

    /// The process that the command became, and the root of the tree that is sampled.
    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// The process that adopts whatever the target leaves behind; no part of the target itself.
    pub(crate) fn guardian_pid(&self) -> u32 {
        self.guardian.id()
    }

    /// A sampler of the target and of everything that it starts, daemons included.
    pub(crate) fn sampler(&self) -> Sampler {
        Sampler::with_adopter(self.pid(), self.guardian_pid())
    }

    /// How the target ended, if it has. Does not wait.
    pub(crate) fn exited(&mut self) -> Option<Ending> {
        self.listen(Duration::ZERO);
        self.ending
    }

    /// Waits until `path` answers 200 and returns the time since the target's program began.
    ///
    /// `stop` is asked every few milliseconds whether to give up.
    ///
    /// # Errors
    /// When the target ends, the deadline (from now on) passes, or `stop` says so.
    pub(crate) fn wait_ready(
        &mut self,
        address: SocketAddr,
        path: &str,
        deadline: Duration,
        stop: &dyn Fn() -> bool,
    ) -> Result<Duration, TargetError> {
        let until = Instant::now() + deadline;
        let mut probe = ready::Probe::new(address, path);
        loop {
            let ready = probe.ask(until, &|| stop());
            if self.exited().is_some() {
                return Err(self.died());
            }
            if ready {
                return Ok(self.started.elapsed());
            }
            if stop() {
                return Err(TargetError::Interrupted);
            }
            if Instant::now() >= until {
                return Err(TargetError::NotReady {
                    command: self.command.clone(),
                    asked: format!("GET http://{address}{path}"),
                    deadline_s: deadline.as_secs_f64(),
                    last_answer: probe.last_answer(),
                    mend: probe.mend(),
                    log: self.quoted_log(),
                });
            }
            probe.pause(until);
        }
    }

    /// Ends the target in order: SIGTERM to its process group, SIGKILL to whatever is left after `patience`.
    ///
    /// # Errors
    /// When the target ended by itself and [`Target::exited`] has not told so yet, or when it had to be killed.
    /// Nothing is left running in either case, and what was measured before still stands.
    pub(crate) fn stop(mut self, patience: Duration) -> Result<(), TargetError> {
        let is_known_dead = self.ending.is_some();
        if self.exited().is_some() {
            return if is_known_dead { Ok(()) } else { Err(self.died()) };
        }
        // Should the guardian be gone, the messages tell.
        if let Some(orders) = &mut self.orders {
            let _ = writeln!(orders, "stop {}", patience.as_millis());
        }
        let until = Instant::now() + patience + GUARDIAN_PATIENCE;
        while self.listen(until.saturating_duration_since(Instant::now())) {}
        match self.ending {
            Some(Ending::Signal(signal)) if signal == Signal::KILL.as_raw() => Err(TargetError::Stubborn {
                command: self.command.clone(),
                patience_s: patience.as_secs_f64(),
            }),
            Some(Ending::GuardianLost) | None => Err(self.died()),
            Some(Ending::Code(_) | Ending::Signal(_)) => Ok(()),
        }
    }

    /// What to say of a target that ended when it should not have.
    pub(crate) fn died(&mut self) -> TargetError {
        let ending = self.exited().unwrap_or(Ending::GuardianLost);
        TargetError::Died { command: self.command.clone(), ending, log: self.quoted_log() }
    }

    /// Takes what the guardian says within `patience`; false once there is nothing more to come.
    fn listen(&mut self, patience: Duration) -> bool {
        match self.messages.next(patience) {
            Heard::Message(Message::Exited(ending)) => {
                self.ending = Some(ending);
                true
            }
            Heard::Message(_) => true,
            Heard::Silence => false,
            Heard::Closed => {
                self.ending.get_or_insert(Ending::GuardianLost);
                false
            }
        }
    }

    fn quoted_log(&self) -> String {
        let tail = log_tail(&self.log, TAIL_LINES);
        if tail.is_empty() {
            return "\nIt printed nothing.".to_owned();
        }
        let mut quoted = "\nThe last lines that it printed:".to_owned();
        for line in tail {
            let _ = write!(quoted, "\n  {line}");
        }
        quoted
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        drop(self.orders.take());
        let until = Instant::now() + GUARDIAN_PATIENCE;
        while self.listen(until.saturating_duration_since(Instant::now())) {}
        // A guardian that does not end is killed, and with it, by the kernel, the target.
        let _ = self.guardian.kill();
        let _ = self.guardian.wait();
        if self.ending == Some(Ending::GuardianLost) {
            // The target went with its guardian; what it started in its own group is still there to be killed.
            let group = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
            if let Some(group) = group {
                let _ = kill_process_group(group, Signal::KILL);
            }
        }
    }
}
