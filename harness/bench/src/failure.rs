//! Why `bench` ends without a result, and the exit code that says so.

use bench_model::plan::Plan;
use std::io::Write as _;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

/// An end without a result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something typed or configured is wrong: exit code 2.
    Usage(anyhow::Error),
    /// The run could not be made: exit code 1.
    CouldNotRun(anyhow::Error),
    /// What was measured is invalid, again and again: exit code 3.
    GaveUp(anyhow::Error),
    /// A signal came before anything was measured: exit code 128 plus its number.
    Interrupted(i32),
}

impl Failure {
    /// Wraps a mistake of the user's.
    pub(crate) fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self::Usage(error.into())
    }

    /// Of the request of this number, from 0, in a plan's list: where there are several, which one is said.
    pub(crate) fn of_request(self, list: &str, number: usize, plan: &Plan) -> Self {
        match self {
            Self::Usage(error) if plan.requests.len() + plan.setup.len() > 1 => {
                let which = format!("the scenario {}, [[{list}]] {}", plan.scenario, number + 1);
                Self::Usage(error.context(which))
            }
            other => other,
        }
    }

    /// Of requests that were right before answers to the set-up were filled into them: not the user's mistake.
    pub(crate) fn of_set_up(self) -> Self {
        match self {
            Self::Usage(error) => {
                Self::CouldNotRun(error.context("with what the set-up kept of the answers"))
            }
            other => other,
        }
    }

    /// Says on standard error what happened, in one sentence, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        say(&self.to_string());
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::CouldNotRun(_) => ExitCode::from(1),
            Self::GaveUp(_) => ExitCode::from(3),
            Self::Interrupted(signal) => ExitCode::from(interrupted(*signal)),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::CouldNotRun(error.into())
    }
}

/// Hears what is said before it is printed, and says whether it takes it on itself.
pub(crate) type Listener = Box<dyn Fn(&str) -> bool + Send>;

/// Lines on standard error would spoil a picture that is shown there, so whoever shows one listens here.
static LISTENER: Mutex<Option<Listener>> = Mutex::new(None);

/// From now on `listener` hears what is said; nobody, if there is none.
pub(crate) fn listen(listener: Option<Listener>) {
    *LISTENER.lock().unwrap_or_else(PoisonError::into_inner) = listener;
}

/// Says something on standard error. If even that is closed there is nobody left to tell, and the run goes on.
pub(crate) fn say(text: &str) {
    let listener = LISTENER.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    let text = lines.join("\n");
    let is_taken = listener.as_ref().is_some_and(|hears| hears(&text));
    drop(listener);
    if !is_taken {
        let _ = writeln!(std::io::stderr(), "bench: {text}");
    }
}

/// A text of somebody else, such as a server's answer, with its control characters escaped: printed as it is it could clear a
/// terminal or rename its window.
pub(crate) fn printable(text: &str) -> String {
    let one = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
    text.chars().map(one).collect()
}

/// The exit code of a process that a signal ended, as shells show it.
pub(crate) fn interrupted(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(1)
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(error) | Self::CouldNotRun(error) | Self::GaveUp(error) => {
                write!(formatter, "{error:#}")
            }
            Self::Interrupted(_) => {
                formatter.write_str("interrupted before there was a result; nothing was written")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_escaped() {
        assert_eq!(
            printable("\u{1b}[2J\u{1b}]0;title\u{7}a\r\n\u{9b}é"),
            "\\u{1b}[2J\\u{1b}]0;title\\u{7}a\\r\\n\\u{9b}é"
        );
    }
}
