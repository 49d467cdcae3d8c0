//! What is wrong with a run: what the good connections got done, what was counted, and what it took.

use crate::case::{CONNECTIONS, Case, Fate, Reads};
use crate::run::Run;
use bench_model::counters::{ErrorClass, Errors};

/// By how much the memory of the process may grow in a run, the server's part included, in bytes.
const GROWTH_LIMIT_BYTES: u64 = 16 << 20;
/// Hostile connections, each of which may carry a request when the load ends.
const HOSTILE: u64 = CONNECTIONS as u64 / 2;

/// Everything that is wrong with a run of a case, in words.
pub(crate) fn faults(case: &Case, run: &Run) -> Vec<String> {
    let mut faults = Vec::new();
    let mut fault = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    let missing = &run.missing;
    fault(missing.is_empty(), format!("good connections without an answer (number, interval): {missing:?}"));
    let growth_bytes = run.growth_bytes;
    fault(growth_bytes <= GROWTH_LIMIT_BYTES, format!("memory grew by {growth_bytes} bytes"));
    for (what, holds) in &case.also {
        fault(holds(run), format!("not so: {what}"));
    }
    faults.extend(wrong_counts(case, run));
    faults.extend(wrong_fates(case, run));
    faults.extend(wrong_reads(case, run));
    faults.extend(wrong_times(case, run));
    if !faults.is_empty() {
        faults.push(format!("{:?}", run.sum.counters));
    }
    faults
}

/// Every request is counted once: what was sent, or under an open load what was due, is what ended and what was cut off.
fn wrong_counts(case: &Case, run: &Run) -> Option<String> {
    let counters = &run.sum.counters;
    let offered = if case.is_open() { counters.due } else { counters.sent };
    let counted = counters.requests + counters.errors.total() + run.sum.cut_off();
    // A connection that cannot be made is an error, whether or not a request waited for it.
    let least = counted - counters.errors.connect;
    (!(least..=counted).contains(&offered))
        .then(|| format!("{offered} offered, {least} to {counted} counted"))
}

/// Every request is counted in the right class.
fn wrong_fates(case: &Case, run: &Run) -> Option<String> {
    let counters = &run.sum.counters;
    let total = counters.errors.total();
    // Good connections are read to the last request.
    let hostile_sent = counters.sent - run.good_reads;
    let least_failed = total - counters.errors.connect;
    match case.fate {
        _ if hostile_sent == 0 => Some("nothing was sent on hostile connections".into()),
        Fate::Verified => (total > 0).then(|| "errors where none should be".into()),
        Fate::Failed(classes) | Fate::Mixed(classes)
            if total == 0 || total != of(&counters.errors, classes) =>
        {
            Some(format!("errors are not of {classes:?}, or there are none"))
        }
        Fate::Failed(_) => (!(least_failed..=total + HOSTILE).contains(&hostile_sent))
            .then(|| format!("{hostile_sent} hostile requests were sent, and {total} failed")),
        Fate::Mixed(_) => (counters.requests <= run.good_reads || least_failed > hostile_sent)
            .then(|| format!("of {hostile_sent} hostile requests none was verified")),
    }
}

fn of(errors: &Errors, classes: &[ErrorClass]) -> u64 {
    let mut one_each = Errors::default();
    classes.iter().for_each(|&class| one_each.count(class));
    errors.named().iter().zip(one_each.named()).map(|((_, count), (_, wanted))| count * wanted).sum()
}

/// The server has read what was sent.
fn wrong_reads(case: &Case, run: &Run) -> Option<String> {
    let counters = &run.sum.counters;
    let hostile_sent = counters.sent - run.good_reads;
    let (least, most) = match case.reads {
        Reads::Once => (hostile_sent, hostile_sent),
        // Sent again, cut off before that, or failed both times.
        Reads::Crossing => {
            (hostile_sent.saturating_sub(counters.errors.total() + HOSTILE), hostile_sent + counters.resent)
        }
        Reads::Never => (0, 0),
    };
    let reads = run.hostile_reads;
    (!(least..=most).contains(&reads))
        .then(|| format!("{reads} hostile requests read, not {least} to {most}"))
}

/// What took too long took as long as it may, and is in the distribution of what was not seen to its end.
fn wrong_times(case: &Case, run: &Run) -> Option<String> {
    let (timeouts, censored) = (run.sum.counters.errors.timeout, &run.sum.censored);
    let timeout_ns = case.timeout().as_nanos() as u64;
    let is_wrong = timeouts > censored.count()
        || run.sum.counters.failed_ns < timeouts * timeout_ns
        || (timeouts > 0 && censored.histogram().max() < timeout_ns);
    is_wrong.then(|| format!("{timeouts} timeouts, and they did not take {timeout_ns} ns each"))
}
