//! What a guardian tells `bench`, one line a message, and the pipe that it comes through.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::WaitStatus;
use std::fmt;
use std::io::Read;
use std::process::ChildStdout;
use std::time::{Duration, Instant};

/// How a target ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It exited with this status.
    Code(i32),
    /// This signal killed it.
    Signal(i32),
    /// Its guardian was killed, and the target with it.
    GuardianLost,
}

impl Ending {
    pub(super) fn from_wait(status: WaitStatus) -> Self {
        match (status.exit_status(), status.terminating_signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => Self::Code(status.as_raw()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit status {code}"),
            Self::Signal(signal) => match signal_hook::low_level::signal_name(*signal) {
                Some(name) => write!(f, "killed by {name}"),
                None => write!(f, "killed by signal {signal}"),
            },
            Self::GuardianLost => f.write_str("killed together with the guardian process of bench"),
        }
    }
}

/// The step of a launch that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Choosing the CPUs.
    Cpus,
    /// Running the program.
    Program,
}

/// One line from the guardian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Message {
    /// The target's program runs under this process id.
    Started(u32),
    /// It does not run: the step, and the system's error number.
    Failed { step: Step, errno: i32 },
    /// It has ended.
    Exited(Ending),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started(pid) => write!(f, "started {pid}"),
            Self::Failed { step, errno } => match step {
                Step::Cpus => write!(f, "failed cpus {errno}"),
                Step::Program => write!(f, "failed program {errno}"),
            },
            Self::Exited(Ending::Code(code)) => write!(f, "exited code {code}"),
            Self::Exited(Ending::Signal(signal)) => write!(f, "exited signal {signal}"),
            Self::Exited(Ending::GuardianLost) => f.write_str("exited lost 0"),
        }
    }
}

impl Message {
    /// Reads one line; `None` for anything that no guardian says.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = |word: &str| word.parse().ok();
        match words[..] {
            ["started", pid] => Some(Self::Started(pid.parse().ok()?)),
            ["failed", step, errno] => Some(Self::Failed {
                step: match step {
                    "cpus" => Step::Cpus,
                    "program" => Step::Program,
                    _ => return None,
                },
                errno: number(errno)?,
            }),
            ["exited", "code", code] => Some(Self::Exited(Ending::Code(number(code)?))),
            ["exited", "signal", signal] => Some(Self::Exited(Ending::Signal(number(signal)?))),
            ["exited", "lost", _] => Some(Self::Exited(Ending::GuardianLost)),
            _ => None,
        }
    }
}

/// What listening for a while brought.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// A message.
    Message(Message),
    /// Nothing in the time given.
    Silence,
    /// The guardian has gone.
    Closed,
}

/// The guardian's standard output, read without a thread of its own.
#[derive(Debug, Default)]
pub(super) struct Messages {
    pipe: Option<ChildStdout>,
    unread: Vec<u8>,
}

impl Messages {
    pub(super) fn new(pipe: ChildStdout) -> Self {
        Self { pipe: Some(pipe), unread: Vec::new() }
    }

    /// The next message, waiting for it no longer than `patience`.
    pub(super) fn next(&mut self, patience: Duration) -> Heard {
        let until = Instant::now() + patience;
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                if let Some(message) = Message::parse(&String::from_utf8_lossy(&line)) {
                    return Heard::Message(message);
                }
                continue;
            }
            let Some(pipe) = &mut self.pipe else {
                return Heard::Closed;
            };
            let left = until.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).ok();
            let mut polled = [PollFd::new(pipe, PollFlags::IN)];
            // An interrupted wait reads as "nothing yet".
            let ready = poll(&mut polled, timeout.as_ref()).unwrap_or(0);
            if ready == 0 {
                if left.is_zero() {
                    return Heard::Silence;
                }
                continue;
            }
            let mut chunk = [0; 256];
            match pipe.read(&mut chunk) {
                Ok(0) | Err(_) => self.pipe = None,
                Ok(read) => self.unread.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_pipe() {
        for message in [
            Message::Started(42),
            Message::Failed { step: Step::Cpus, errno: 22 },
            Message::Failed { step: Step::Program, errno: 2 },
            Message::Exited(Ending::Code(3)),
            Message::Exited(Ending::Signal(9)),
            Message::Exited(Ending::GuardianLost),
        ] {
            assert_eq!(Message::parse(&message.to_string()), Some(message));
        }
        for wrong in ["", "started", "started x", "failed luck 1", "exited 1", "hello world"] {
            assert_eq!(Message::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn endings_in_words() {
        assert_eq!(Ending::Code(3).to_string(), "exit status 3");
        assert_eq!(Ending::Signal(9).to_string(), "killed by SIGKILL");
        assert_eq!(Ending::Signal(63).to_string(), "killed by signal 63");
    }
}
