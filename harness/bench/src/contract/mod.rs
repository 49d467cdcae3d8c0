//! The contract of all targets (targets/CONTRACT.md) as cases that are run against a server.
//!
//! Owns what is sent, what must come, and what became of it. Starts no target of its own accord and prints nothing.

mod answer;
mod bodies;
mod case;
mod connection;
mod done;
mod errors;
mod fault;
mod framing;
mod http;
mod load;
mod memory;
mod outcome;
mod parallel;
mod process;
mod sizes;
mod suite;
mod timeouts;
mod values;
mod waiver;
mod wire;

pub(crate) use case::cases;
pub(crate) use outcome::{Attempt, Checked, Outcome, Report};
pub(crate) use process::Origin;
pub(crate) use suite::{Options, Subject, Tree, run};
pub(crate) use waiver::allowed;

use bench_model::plan::{AD_HOC, Plan};

/// Whether a plan sends nothing but what the contract is about, so that whoever fails the contract fails the plan. What
/// is typed for a URL may be about any service.
pub(crate) fn covers(plan: &Plan) -> bool {
    plan.scenario != AD_HOC
        && plan.requests.iter().all(|request| ["/echo", "/healthz"].contains(&request.path.as_str()))
}
