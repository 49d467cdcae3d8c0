//! In which intervals each good connection was answered.

use crate::case::CONNECTIONS;
use crate::load::INTERVAL_NS;
use crate::server::Client;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long after its beginning was asked for a load begins.
const LEAD: Duration = Duration::from_millis(20);

/// The good connections of a run.
#[derive(Default)]
pub(crate) struct Attendance {
    epoch: OnceLock<Instant>,
    /// A bit for each interval, of each connection.
    answered: [AtomicU64; CONNECTIONS],
    reads: AtomicU64,
}

impl Attendance {
    /// The load was asked to begin.
    pub(crate) fn begin(&self) {
        self.epoch.set(Instant::now() + LEAD).expect("a load begins once");
    }

    /// Serves a good connection. Long requests are not sent back.
    pub(crate) fn serve(&self, client: &mut Client, uploads: bool) {
        loop {
            let body = if uploads { client.upload().map(|_| b"{}".to_vec()) } else { client.request() };
            let Some(body) = body else { return };
            self.reads.fetch_add(1, Ordering::SeqCst);
            if client.answer(200, &body) {
                let bits = self.intervals(Instant::now(), Instant::now());
                self.answered[client.number as usize].fetch_or(bits, Ordering::SeqCst);
            }
        }
    }

    /// Requests that good connections read.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }

    /// The intervals that a time touches, a bit each.
    pub(crate) fn intervals(&self, from: Instant, to: Instant) -> u64 {
        let Some(epoch) = self.epoch.get() else { return 0 };
        let Some(to) = to.checked_duration_since(*epoch) else { return 0 };
        let from = from.saturating_duration_since(*epoch);
        let index = |time: Duration| (time.as_nanos() as u64 / INTERVAL_NS).min(63);
        (index(from)..=index(to)).fold(0, |bits, index| bits | 1 << index)
    }

    /// The good connections that got no answer for `every` intervals in a row, of `intervals`, with the first of these. What
    /// fell into the intervals `disturbed` says nothing, nor do the first interval and the last: these are not whole.
    pub(crate) fn missing(&self, intervals: usize, every: usize, disturbed: u64) -> Vec<(usize, usize)> {
        let mut missing = Vec::new();
        for start in (1..intervals - every).step_by(every) {
            let bits = (start..start + every).fold(0, |bits, index| bits | 1 << index);
            for number in (0..CONNECTIONS).step_by(2) {
                if (self.answered[number].load(Ordering::SeqCst) | disturbed) & bits == 0 {
                    missing.push((number, start));
                }
            }
        }
        missing
    }
}
