//! The contract of all targets (targets/CONTRACT.md) as cases that are run against a server.
//!
//! Owns what is sent, what must come, and what became of it. Starts no target of its own accord and prints nothing.

mod answer;
mod bodies;
mod case;
mod compression;
mod connection;
mod done;
mod errors;
mod fault;
mod framing;
mod http;
mod instance;
mod ledger;
mod load;
mod memory;
mod metrics;
mod outcome;
mod parallel;
mod process;
mod sign_in;
mod sizes;
mod suite;
mod timeouts;
mod values;
mod waiver;
mod wire;

pub(crate) use case::cases;
pub(crate) use instance::Origin;
pub(crate) use outcome::{Attempt, Checked, Outcome, Report};
pub(crate) use suite::{Options, Subject, Tree, run};
pub(crate) use waiver::allowed;

use bench_model::plan::{AD_HOC, Plan};

/// Whether a plan sends nothing but what the contract is about, so that whoever fails the contract fails the plan. What
/// is typed for a URL may be about any service.
pub(crate) fn covers(plan: &Plan) -> bool {
    plan.scenario != AD_HOC && plan.requests.iter().all(|request| is_endpoint(&request.path))
}

fn is_endpoint(path: &str) -> bool {
    const PATHS: [&str; 9] =
        ["/echo", "/healthz", "/tx", "/tx/batch", "/ledger", "/blocks", "/login", "/session", "/metrics"];
    let path = path.split('?').next().unwrap_or(path);
    PATHS.contains(&path) || path.starts_with("/accounts/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_contract_is_about() {
        for (path, known) in [
            ("/echo", true),
            ("/blocks?from=1", true),
            ("/accounts/acct-0000", true),
            ("/accounts", false),
            ("/echo/", false),
            ("/", false),
        ] {
            assert_eq!(is_endpoint(path), known, "{path}");
        }
    }
}
