//! What happens in a run, for whoever displays it. The run itself is the same whether anyone looks or not.

use bench_model::interval::Interval;

/// A step of a run.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A command of the target's build is running.
    Building { target: &'a str, command: &'a [String] },
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
