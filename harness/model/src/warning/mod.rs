//! Why a number may not be trusted: a rule, a message and a remedy each.

mod words;

use crate::clock::ClockTrouble;
use crate::hiccups::TailHiccups;
use crate::ledger::Finding;
use serde::{Deserialize, Serialize};
use words::{
    audit_message, died_message, errors_message, late_message, littles_law_message, not_audited_message,
    overload_message, percent, queued_message, refusals_message, resent_message, window_short_message,
};

/// The code of a run that a signal ended, which is no verdict on anything.
pub(crate) const INTERRUPTED: &str = "interrupted";

/// Whether a run's figures may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// They may, with the warnings read.
    Valid,
    /// They may not.
    Invalid,
}

/// A reason to distrust a run's figures.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "each variant's message says what it means, and its fields are named in it")]
pub enum Warning {
    Interrupted { signal: String },
    TargetDied { status: String, log_tail: Vec<String> },
    TargetRestarted { ended: u64 },
    NoTransactions,
    Audit { findings: Vec<Finding> },
    NotAudited { findings: Vec<Finding> },
    Mismatches { count: u64 },
    Refusals { refused: u64, items: u64 },
    Errors { errors: u64, total: u64 },
    Resent { resent: u64, total: u64 },
    Silence { silence_s: f64, window_s: f64 },
    Drift { drift: f64 },
    ConnectionsMissing { open: usize, wanted: usize, fault: Option<String> },
    ConnectionsIdle { in_flight: f64, connections: usize },
    LittlesLaw { measured: f64, expected: f64 },
    WindowShort { requests_per_connection: f64 },
    Overload { due: u64, sent: u64, waiting: u64 },
    Late { late: u64, sent: u64 },
    Queued { queued: u64, sent: u64, connections: usize },
    GeneratorSaturated { utilisation: f64 },
    Steal { share: f64 },
    MachineBusy { share: f64 },
    Hiccups(TailHiccups),
    Clock(ClockTrouble),
    NotSteady,
    SharedCpus,
    Censored { count: u64, bounded_from: Option<&'static str> },
    FewRequests { requests: u64, percentile: &'static str },
    MemoryIsRss,
}

/// A warning as the JSON output shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningText {
    /// A stable name.
    pub code: String,
    /// What is wrong and what to do, in words.
    pub message: String,
    /// Whether it makes the run invalid; written only where it does.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invalidates: bool,
}

const MISMATCHES: &str = "responses had a wrong body: mend the target, or the scenario's expectation, first";
const SILENCE: &str = "the target stalled or was away; under a closed load, nobody asked meanwhile, and the percentiles \
    hide it; see the charts";
const CONNECTIONS_MISSING: &str =
    "raise the server's limits, lower --conns, or allow more time (--connect-timeout)";
const DRIFT: &str = "between the window's halves, so that the mean stands for neither: warm up longer, measure longer, \
    or look for what changed";
const RESTARTED: &str = "during the window, so that a part of it measured one that was away or had just begun: see its log \
    (target.log) for why, and turn off whatever restarts processes by itself";
const NOT_STEADY: &str = "the target was still changing (throughput by 2% or more or, at a fixed rate, its CPU per \
    request by 10%) when the warm-up reached its limit: warm up longer (--warmup auto:2m), or look for what disturbs \
    the machine";
const SHARED_CPUS: &str = "target and generator shared their CPUs, so each slows the other: use --target-cpus and \
    --generator-cpus on a machine with more";
const MEMORY_IS_RSS: &str = "memory is the resident set, which counts shared pages once for each process: run bench as \
    the target's user to read the proportional set";

/// Errors above this part of all requests make a run invalid.
const ERROR_LIMIT: f64 = 0.01;
/// Fewer requests in flight than this part of the connections make a run invalid: it was not the load asked for.
const IDLE_LIMIT: f64 = 0.8;
/// Fewer requests a connection than this make a run invalid: most of what it measured was cut by the window's ends.
const REQUESTS_LEAST: f64 = 3.0;
/// Silence for more than this part of the window makes a run invalid: most of it measured a server that was away.
const SILENCE_SHARE: f64 = 0.25;
/// A larger part of the due requests unsent makes a run invalid: it was not the load asked for.
const SHORTFALL_LIMIT: f64 = 0.05;
/// A larger part of the requests sent late makes a run invalid: its tail is the generator's.
const LATE_LIMIT: f64 = 0.01;
/// Others, on the machine or beside it, using more than this part of it make a run invalid.
const OTHERS_LIMIT: f64 = 0.2;

impl Warning {
    /// A stable name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Interrupted { .. } => INTERRUPTED,
            Self::TargetDied { .. } => "target-died",
            Self::TargetRestarted { .. } => "target-restarted",
            Self::NoTransactions => "no-transactions",
            Self::Audit { .. } => "audit",
            Self::NotAudited { .. } => "not-audited",
            Self::Mismatches { .. } => "mismatches",
            Self::Refusals { .. } => "refusals",
            Self::Errors { .. } => "errors",
            Self::Resent { .. } => "resent",
            Self::Silence { .. } => "silence",
            Self::Drift { .. } => "drift",
            Self::ConnectionsMissing { .. } => "connections-missing",
            Self::ConnectionsIdle { .. } => "connections-idle",
            Self::LittlesLaw { .. } => "littles-law",
            Self::WindowShort { .. } => "window-short",
            Self::Overload { .. } => "overload",
            Self::Late { .. } => "late",
            Self::Queued { .. } => "queued",
            Self::GeneratorSaturated { .. } => "generator-saturated",
            Self::Steal { .. } => "steal",
            Self::MachineBusy { .. } => "machine-busy",
            Self::Hiccups(_) => "hiccups",
            Self::Clock(_) => "clock",
            Self::NotSteady => "not-steady",
            Self::SharedCpus => "shared-cpus",
            Self::Censored { .. } => "censored",
            Self::FewRequests { .. } => "few-requests",
            Self::MemoryIsRss => "memory-is-rss",
        }
    }

    /// Whether it makes the run invalid.
    #[must_use]
    pub fn invalidates(&self) -> bool {
        match self {
            Self::Interrupted { .. }
            | Self::TargetDied { .. }
            | Self::TargetRestarted { .. }
            | Self::NoTransactions
            | Self::Audit { .. }
            | Self::NotAudited { .. }
            | Self::Mismatches { .. }
            | Self::ConnectionsMissing { .. }
            | Self::LittlesLaw { .. }
            | Self::GeneratorSaturated { .. } => true,
            Self::Errors { errors, total } => *errors as f64 > ERROR_LIMIT * *total as f64,
            Self::Resent { resent, total } => *resent as f64 > ERROR_LIMIT * *total as f64,
            Self::MachineBusy { share } | Self::Steal { share } => *share > OTHERS_LIMIT,
            Self::ConnectionsIdle { in_flight, connections } => *in_flight < IDLE_LIMIT * *connections as f64,
            Self::WindowShort { requests_per_connection } => *requests_per_connection < REQUESTS_LEAST,
            Self::Silence { silence_s, window_s } => *silence_s > SILENCE_SHARE * *window_s,
            Self::Overload { due, sent, .. } => (*sent as f64) < (1.0 - SHORTFALL_LIMIT) * *due as f64,
            Self::Late { late, sent } => *late as f64 > LATE_LIMIT * *sent as f64,
            Self::Clock(trouble) => trouble.invalidates(),
            Self::Drift { .. }
            | Self::Refusals { .. }
            | Self::Queued { .. }
            | Self::Hiccups(_)
            | Self::NotSteady
            | Self::SharedCpus
            | Self::Censored { .. }
            | Self::FewRequests { .. }
            | Self::MemoryIsRss => false,
        }
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Interrupted { signal } => {
                format!(
                    "ended early by {signal}: the figures hold what was measured until then; run it again to the end"
                )
            }
            Self::TargetDied { status, log_tail } => died_message(status, log_tail),
            Self::TargetRestarted { ended } => format!("{ended} of the target's processes ended {RESTARTED}"),
            Self::NoTransactions => {
                "not one verified response in the measured window: see the errors, or measure longer"
                    .to_owned()
            }
            Self::Mismatches { count } => format!("{count} {MISMATCHES}"),
            Self::Audit { findings } => audit_message(findings),
            Self::NotAudited { findings } => not_audited_message(findings),
            Self::Refusals { refused, items } => refusals_message(*refused, *items),
            Self::Errors { errors, total } => errors_message(*errors, *total),
            Self::Resent { resent, total } => resent_message(*resent, *total),
            Self::Silence { silence_s: s, .. } => format!("no verified response for {s:.1} s: {SILENCE}"),
            Self::Drift { drift } => format!("throughput changed by {:+.0}% {DRIFT}", percent(*drift)),
            Self::ConnectionsMissing { open, wanted, fault } => {
                let since =
                    fault.as_ref().map_or_else(String::new, |fault| format!(" (the last fault: {fault})"));
                format!("only {open} of {wanted} connections could be opened{since}: {CONNECTIONS_MISSING}")
            }
            Self::ConnectionsIdle { in_flight, connections } => format!(
                "on average {in_flight:.1} requests were in flight on {connections} connections: \
                 the rest were reconnecting or waiting after an error"
            ),
            Self::LittlesLaw { measured, expected } => littles_law_message(*measured, *expected),
            Self::WindowShort { requests_per_connection } => window_short_message(*requests_per_connection),
            Self::Overload { due, sent, waiting } => overload_message(*due, *sent, *waiting),
            Self::Late { late, sent } => late_message(*late, *sent),
            Self::Queued { queued, sent, connections } => queued_message(*queued, *sent, *connections),
            Self::GeneratorSaturated { utilisation } => format!(
                "the generator used {:.0}% of its CPUs, so the figures may be its own limit and not the target's: give \
                 it more (--generator-cpus, --threads)",
                percent(*utilisation)
            ),
            Self::Steal { share } => format!(
                "the hypervisor took {:.1}% of the machine's CPU time: measure on a machine of your own, or repeat",
                percent(*share)
            ),
            Self::MachineBusy { share } => format!(
                "other processes used {:.0}% of the machine's CPU time, which target or generator may have missed: \
                 stop them, and run again",
                percent(*share)
            ),
            Self::Hiccups(hiccups) => hiccups.message(),
            Self::Clock(trouble) => trouble.message(),
            Self::NotSteady => NOT_STEADY.to_owned(),
            Self::SharedCpus => SHARED_CPUS.to_owned(),
            Self::MemoryIsRss => MEMORY_IS_RSS.to_owned(),
            Self::Censored { count, bounded_from } => {
                let bounds = bounded_from.map_or_else(String::new, |percentile| {
                    format!("; from {percentile} on the figures are lower bounds")
                });
                format!(
                    "{count} requests had no answer by their timeout or by the end, and count as at least that long{bounds}"
                )
            }
            Self::FewRequests { requests, percentile } => format!(
                "{requests} requests are too few for {percentile} and beyond: fewer than ten lie past it; measure longer"
            ),
        }
    }

    /// The warning as the JSON output shows it.
    #[must_use]
    pub fn text(&self) -> WarningText {
        WarningText { code: self.code().to_owned(), message: self.message(), invalidates: self.invalidates() }
    }
}
