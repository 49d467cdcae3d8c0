//! Tries a case out: a run against a server that is hostile to half of the connections.

use crate::attendance::Attendance;
use crate::case::{Case, is_good};
use crate::judgement::faults;
use crate::load::{Sum, run_with};
use crate::server::{Client, Server};
use crate::watch::Watch;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

/// Cases run one at a time: they watch what the process takes, and what the machine has time for.
static ALONE: Mutex<()> = Mutex::new(());
static WARM: Once = Once::new();

/// How often a case is tried in which a good connection went without an answer.
const ATTEMPTS: usize = 3;

/// What came of a run.
pub(crate) struct Run {
    pub(crate) sum: Sum,
    /// Connections that the server took.
    pub(crate) connections: u64,
    /// Requests that it read, on good and on hostile connections.
    pub(crate) good_reads: u64,
    pub(crate) hostile_reads: u64,
    /// What it had read on hostile ones when each interval began.
    hostile_reads_at: Vec<u64>,
    /// Good connections that went without an answer, with the interval.
    pub(crate) missing: Vec<(usize, usize)>,
    pub(crate) growth_bytes: u64,
}

impl Run {
    /// Requests that were read on hostile connections from an interval's beginning on.
    pub(crate) fn hostile_reads_since(&self, interval: usize) -> u64 {
        self.hostile_reads - self.hostile_reads_at[interval]
    }
}

/// Tries out every case.
///
/// # Panics
/// With all that is wrong with any of them.
pub(crate) fn check(cases: &[Case]) {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    // The first run of a process takes memory that no other run does.
    WARM.call_once(|| drop(run(&Case::verified("nothing hostile", Client::echo))));
    let faults: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            let faults = attempts(case);
            faults.into_iter().map(|fault| format!("{}: {fault}", case.name))
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// What is wrong with a case. A machine that is busy with other things may have no time for a connection; a generator
/// that has none has none every time.
fn attempts(case: &Case) -> Vec<String> {
    for _ in 1..ATTEMPTS {
        match run(case) {
            Ok(run) if !run.missing.is_empty() => {}
            Ok(run) => return faults(case, &run),
            Err(hung) => return vec![hung],
        }
    }
    run(case).map_or_else(|hung| vec![hung], |run| faults(case, &run))
}

fn run(case: &Case) -> Result<Run, String> {
    let attendance = Arc::new(Attendance::default());
    let (at_server, script, uploads) = (Arc::clone(&attendance), case.script, case.uploads);
    let mut server =
        Server::start(
            move |client| {
                if is_good(client.number) { at_server.serve(client, uploads) } else { script(client) }
            },
        );
    let job = case.job(server.address);
    let watch = Watch::start();
    let (intervals, each_interval, here) = (case.intervals, case.each_interval, Arc::clone(&attendance));
    let ended = within(case.limit(), move || {
        let mut hostile_reads_at = Vec::new();
        let sum = run_with(job, intervals, |index| {
            if index == 0 {
                here.begin();
            }
            hostile_reads_at.push(server.requests().saturating_sub(here.reads()));
            each_interval(&mut server, index);
        });
        (sum, server, hostile_reads_at)
    });
    let seen = watch.stop();
    let (sum, mut server, hostile_reads_at) = ended?;
    // What was sent is read before the connections are closed, and counted.
    server.stop();
    let hiccups = seen.hiccups.iter().map(|&(from, to)| attendance.intervals(from, to));
    let disturbed = hiccups.fold(0, std::ops::BitOr::bitor);
    Ok(Run {
        sum,
        connections: server.connections(),
        good_reads: attendance.reads(),
        hostile_reads: server.requests() - attendance.reads(),
        hostile_reads_at,
        missing: attendance.missing(case.intervals, case.every, disturbed),
        growth_bytes: seen.growth_bytes,
    })
}

/// The result of `work`, or an error if it is not there in time: then its thread is left behind.
fn within<T: Send + 'static>(
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || sender.send(work()));
    match receiver.recv_timeout(limit) {
        Ok(result) => Ok(result),
        Err(RecvTimeoutError::Timeout) => Err(format!("did not end within {limit:?}")),
        Err(RecvTimeoutError::Disconnected) => {
            std::panic::resume_unwind(thread.join().expect_err("a thread that sends nothing has panicked"))
        }
    }
}
