//! What others have published of the entrants, as the comparison keeps it, for the report to set beside what was
//! measured.

use crate::report::amount;
use crate::report::comparison::ClaimRow;
use bench_model::claim::Claim;
use bench_model::comparison::{ComparisonPlan, Entrant};
use bench_model::plan::TargetPlan;
use std::time::Duration;

/// The comparison's claims, each with what its audit finds.
pub(super) fn of(plan: &ComparisonPlan) -> Vec<ClaimRow> {
    plan.claims.iter().map(|claim| row(claim, plan)).collect()
}

fn row(claim: &Claim, plan: &ComparisonPlan) -> ClaimRow {
    let is_about = |target: &TargetPlan| match target {
        // A claim is of the target as its community runs it; a variant is asked for by name.
        TargetPlan::Managed { manifest } => manifest.name == claim.target,
        TargetPlan::Url { .. } => false,
    };
    let about = || plan.entrants.iter().filter(|entrant| is_about(&entrant.plan.target));
    // Of a sweep the value that the claim was made at, if it is there.
    let alike = |entrant: &&Entrant| Some(entrant.plan.load.connections() as u64) == claim.connections;
    let entrant = about().find(alike).or_else(|| about().next());
    let findings: Vec<String> =
        claim.audit().findings.iter().map(bench_model::audit::Finding::message).collect();
    ClaimRow {
        source: claim.source.clone(),
        label: claim.label.clone(),
        entrant: entrant.map(|entrant| entrant.label.clone()),
        claimed: claimed(claim),
        finding: match findings.is_empty() {
            true => "nothing in its figures contradicts the rest of them".to_owned(),
            false => findings.join(" "),
        },
    }
}

/// The claim's figures in a phrase, such as `18.4k TPS, P99 42.00 ms at 1000 connections (8 cores)`.
fn claimed(claim: &Claim) -> String {
    let time = |name: &str, value: Option<Duration>| {
        value.map(|value| format!("{name} {}", amount::time_us(value.as_secs_f64() * 1e6)))
    };
    let figures = [
        claim.tps.map(|tps| format!("{} TPS", amount::count(tps.round() as u64))),
        time("mean", claim.mean),
        time("P50", claim.p50),
        time("P99", claim.p99),
        claim.memory_bytes.map(|size| format!("{} MB", amount::count((size as f64 / 1e6).round() as u64))),
    ];
    let mut words = figures.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if let Some(connections) = claim.connections {
        words += &format!(" at {connections} connections");
    }
    let around: Vec<&str> =
        [&claim.machine, &claim.generator].into_iter().flatten().map(String::as_str).collect();
    if !around.is_empty() {
        words += &format!(" ({})", around.join("; "));
    }
    words
}
