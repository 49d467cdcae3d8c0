//! What is stored of a run: everything that its figures can be recomputed from.

use crate::clock::ClockCheck;
use crate::interval::Interval;
use crate::ledger::LedgerAudit;
use crate::machine::Machine;
use crate::plan::Plan;
use crate::resources::ResourceSample;
use crate::source::Built;
use serde::{Deserialize, Serialize};

/// The schema of `run.json` and of `bench run --format json`.
pub const SCHEMA: &str = "bench-run/1";

/// A stored run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// See [`SCHEMA`].
    pub schema: String,
    /// The run's id: the name of its folder in `results`.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// What was to be done.
    pub plan: Plan,
    /// Where it was done.
    pub machine: Machine,
    /// What was seen beside the intervals.
    pub observations: Observations,
    /// What was measured, in order: the warm-up's intervals, then the measured ones.
    pub intervals: Vec<Interval>,
}

/// What was seen of a run beside its intervals.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Observations {
    /// What the target was built from; absent for a server that runs already, and in runs made before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<Built>,
    /// From the target's start until it answered, in milliseconds.
    pub startup_ms: Option<f64>,
    /// The target before any load.
    pub idle: Option<ResourceSample>,
    /// Connections that were open when the load began.
    pub connections_open: usize,
    /// Why the last of those that could not be opened was not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_fault: Option<String>,
    /// Whether the warm-up became steady; absent where it had a fixed length.
    pub steady: Option<bool>,
    /// The most memory that `bench` itself used up to the end of the load, in bytes.
    pub generator_rss_peak_bytes: u64,
    /// How the target ended, if it did so during the run.
    pub target_exit: Option<TargetExit>,
    /// The name of the signal that ended the run early.
    pub interrupted_by: Option<String>,
    /// What the audit found, where the plan has one and the run was not cut short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<LedgerAudit>,
    /// The clock during the load; absent in runs made before it was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockCheck>,
    /// What was wrong with the last reading of the target's own metrics that failed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_fault: Option<String>,
}

/// The end of a target that should have lived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetExit {
    /// Its exit status in words.
    pub status: String,
    /// The last lines of its output.
    pub log_tail: Vec<String>,
}
