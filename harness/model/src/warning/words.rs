//! The longer messages of warnings.

use super::ERROR_LIMIT;
use crate::ledger::Finding;

pub(super) fn died_message(status: &str, log_tail: &[String]) -> String {
    let tail = if log_tail.is_empty() { "(nothing)".to_owned() } else { log_tail.join(" | ") };
    format!("the target died during the run ({status}); its log ends: {tail}")
}

/// What to do comes first: a long list of findings is cut where there is little room.
pub(super) fn audit_message(findings: &[Finding]) -> String {
    let beginning = if Finding::may_be_of_others(findings) {
        "keep all others away from the target and run it again, or mend it: it holds more than this run has sent"
    } else {
        "mend the target first: what it stored is not what it answered"
    };
    format!("{beginning}: {}", listed(findings))
}

pub(super) fn not_audited_message(findings: &[Finding]) -> String {
    format!(
        "the target could not be audited, so that nobody knows whether it stored what it answered: {}",
        listed(findings)
    )
}

fn listed(findings: &[Finding]) -> String {
    findings.iter().map(Finding::message).collect::<Vec<_>>().join("; ")
}

pub(super) fn window_short_message(requests_per_connection: f64) -> String {
    format!(
        "only {requests_per_connection:.1} requests a connection: those cut by the window's ends weigh on the figures; \
         measure longer (-d)"
    )
}

pub(super) fn littles_law_message(measured: f64, expected: f64) -> String {
    format!(
        "throughput times mean latency gives {expected:.1} requests in flight, {measured:.1} were: the figures contradict \
         each other; measure longer, on a quieter machine"
    )
}

pub(super) fn overload_message(due: u64, sent: u64, waiting: u64) -> String {
    format!(
        "only {sent} of {due} requests that were due could be sent, and {waiting} waited at the end: the target did not \
         keep up, and such latencies grow with the length of the run; lower --rate, or raise --conns if it could answer \
         more at a time"
    )
}

pub(super) fn late_message(late: u64, sent: u64) -> String {
    format!(
        "the generator sent {late} of {sent} requests over 1 ms late though a connection was free ({:.2}%): its own \
         delay is in the latencies; give it more CPUs, or a quieter machine",
        percent(late as f64 / sent.max(1) as f64)
    )
}

pub(super) fn queued_message(queued: u64, sent: u64, connections: usize) -> String {
    format!(
        "{queued} of {sent} requests waited since all {connections} connections were busy, and their latencies hold \
         that wait: raise --conns unless your clients have no more either"
    )
}

pub(super) fn errors_message(errors: u64, total: u64) -> String {
    format!(
        "{errors} of {total} requests failed ({:.2}%): find out why before comparing; above {:.0}% a run is invalid",
        percent(errors as f64 / total.max(1) as f64),
        percent(ERROR_LIMIT)
    )
}

pub(super) fn resent_message(resent: u64, total: u64) -> String {
    format!(
        "{resent} of {total} requests were sent twice ({:.2}%), since the server closed a used connection without a word \
         before it answered: make it send `Connection: close`, or find out whether it drops requests",
        percent(resent as f64 / total.max(1) as f64)
    )
}

pub(super) fn percent(part: f64) -> f64 {
    part * 100.0
}

pub(super) fn refusals_message(refused: u64, items: u64) -> String {
    format!(
        "{refused} of {items} items were refused, which is work that is in the CPU time and the data and in no throughput: see \
         the answers by status, and the scenario"
    )
}
