//! What all runs of a group have in common: what was done, of which target, and where.

use crate::machine::Machine;
use crate::plan::{Plan, TargetPlan};
use serde::Serialize;

/// A machine whose memory differs by more than this part is another one. A new kernel keeps some more or less for itself.
const MEMORY_TOLERANCE: f64 = 0.05;

/// A plan and a machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// The target's name, with its variant, or its URL.
    pub target: String,
    /// The plan of the newest run.
    pub plan: Plan,
    /// The machine of the newest run.
    pub machine: Machine,
}

impl Setting {
    /// That of a run.
    #[must_use]
    pub fn of(plan: &Plan, machine: &Machine) -> Self {
        Self { target: plan.target.name().to_owned(), plan: plan.clone(), machine: machine.clone() }
    }

    /// Whether a run belongs to it.
    #[must_use]
    pub fn holds(&self, plan: &Plan, machine: &Machine) -> bool {
        is_same_plan(&self.plan, plan) && is_same_machine(&self.machine, machine)
    }
}

/// Whether the same was asked of the same target. How its manifest starts it is part of what a history follows, like its code;
/// under which process id a server ran is not.
fn is_same_plan(one: &Plan, other: &Plan) -> bool {
    let same_target = match (&one.target, &other.target) {
        (TargetPlan::Managed { manifest: one }, TargetPlan::Managed { manifest: other }) => {
            one.name == other.name
        }
        (TargetPlan::Url { url: one, pid }, TargetPlan::Url { url: other, pid: other_pid }) => {
            one == other && pid.is_some() == other_pid.is_some()
        }
        _ => false,
    };
    // What was typed for the requests is in them already, and what figures are held against changes none of them.
    let (fail_if, overrides) = (one.fail_if.clone(), one.overrides.clone());
    same_target && *one == Plan { target: one.target.clone(), fail_if, overrides, ..other.clone() }
}

/// Whether figures of the one may stand in one line with those of the other. The operating system, its kernel and the version
/// of `bench` may be newer: what an update does is what a history is to show.
fn is_same_machine(one: &Machine, other: &Machine) -> bool {
    let (most, least) =
        (one.memory_bytes.max(other.memory_bytes) as f64, one.memory_bytes.min(other.memory_bytes) as f64);
    (&one.architecture, &one.cpu, one.cpus, &one.cpus_allowed)
        == (&other.architecture, &other.cpu, other.cpus, &other.cpus_allowed)
        && (&one.governor, &one.clock_source) == (&other.governor, &other.clock_source)
        && most - least <= most * MEMORY_TOLERANCE
}
