//! What happens in a run, for whoever displays it. The run itself is the same whether anyone looks or not.

use crate::report::amount;
use bench_model::interval::Interval;
use bench_model::plan::Plan;
use bench_model::record::Observations;

/// A step of a run.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A command of the target's build is running.
    Building { target: &'a str, command: &'a [String] },
    /// A run of this plan begins.
    Began(&'a Plan),
    /// The target is being started.
    Starting { target: &'a str },
    /// The target answers.
    Ready { startup_ms: f64 },
    /// The requests are tried once.
    Checking,
    /// A case of the contract is being checked: after `done` of `of`.
    Case { id: &'a str, done: usize, of: usize },
    /// So many of the requests that the contract asks for were verified.
    Loading { verified: u64, wanted: u64 },
    /// The connections are being opened.
    Opening { connections: usize },
    /// What was seen beside the intervals up to now, after there is more of it.
    Seen(&'a Observations),
    /// The load has begun and is not measured yet; at most, or exactly, so many seconds.
    WarmingUp { longest_s: f64 },
    /// The measured window has begun.
    Measuring { duration_s: f64 },
    /// An interval is complete.
    Measured(&'a Interval),
    /// What the target has stored is compared with what it has answered.
    Auditing,
    /// The answers in flight are awaited and the target is stopped.
    Stopping,
    /// Results and charts are written.
    Writing,
}

impl Event<'_> {
    /// What is going on, if the event is a step of unknown length.
    pub(crate) fn words(&self) -> Option<String> {
        Some(match self {
            Self::Building { target, command } => format!("building {target}: {}", command.join(" ")),
            Self::Starting { target } => format!("starting {target}"),
            Self::Ready { startup_ms } => format!("ready after {}", amount::time_us(startup_ms * 1e3)),
            Self::Checking => "checking the answers".to_owned(),
            Self::Case { id, done, of } => format!("{done} of {of} cases, {id}"),
            Self::Loading { verified, wanted } => format!("{verified} of {wanted} requests"),
            Self::Opening { connections } => format!("opening {connections} connections"),
            Self::Auditing => "auditing the ledger".to_owned(),
            Self::Stopping => "stopping".to_owned(),
            Self::Writing => "writing results".to_owned(),
            Self::Began(_)
            | Self::Seen(_)
            | Self::WarmingUp { .. }
            | Self::Measuring { .. }
            | Self::Measured(_) => return None,
        })
    }
}
