//! One worker's counters and histograms of the interval that is going on.

use crate::collect::Slice;
use bench_model::counters::{Counters, ErrorClass};
use bench_model::latency::Latencies;
use std::sync::mpsc::Receiver;

/// Counts what happens on one worker's connections. Owned by the worker: no lock, no allocation for a request.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) counters: Counters,
    /// Responses by status: seldom more than one or two, so a list is faster than a map.
    status: Vec<(u16, u64)>,
    latencies: Latencies,
    censored: Option<Latencies>,
    /// Requests in flight now, and since when they are so many.
    in_flight: u64,
    since_ns: u64,
    /// Histograms that the collector has emptied for us.
    spares: Receiver<Latencies>,
}

impl Tally {
    pub(crate) fn new(spares: Receiver<Latencies>) -> Self {
        Self {
            counters: Counters::default(),
            status: Vec::with_capacity(8),
            latencies: Latencies::new(),
            censored: None,
            in_flight: 0,
            since_ns: 0,
            spares,
        }
    }

    /// Requests in flight now.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// A request was sent for the first time.
    #[inline]
    pub(crate) fn started(&mut self, now_ns: u64) {
        self.integrate(now_ns);
        self.in_flight += 1;
    }

    /// A request ended, well or badly.
    #[inline]
    pub(crate) fn ended(&mut self, now_ns: u64) {
        self.integrate(now_ns);
        self.in_flight -= 1;
    }

    /// A complete response came.
    #[inline]
    pub(crate) fn answered(&mut self, status: u16) {
        match self.status.iter_mut().find(|(known, _)| *known == status) {
            Some((_, count)) => *count += 1,
            None => self.status.push((status, 1)),
        }
    }

    /// A response was verified after `latency_ns`.
    #[inline]
    pub(crate) fn verified(&mut self, latency_ns: u64) {
        self.counters.requests += 1;
        self.latencies.record(latency_ns);
    }

    /// A request failed after `elapsed_ns`.
    pub(crate) fn failed(&mut self, class: ErrorClass, elapsed_ns: u64) {
        self.counters.errors.count(class);
        self.counters.failed_ns += elapsed_ns;
        if class == ErrorClass::Timeout {
            self.cut_off(elapsed_ns);
        }
    }

    /// The end of a request will not be seen; it took `elapsed_ns` at least.
    pub(crate) fn cut_off(&mut self, elapsed_ns: u64) {
        self.censored.get_or_insert_with(Latencies::new).record(elapsed_ns);
    }

    /// Forgets what was counted so far and begins to count at `now_ns`.
    pub(crate) fn begin(&mut self, now_ns: u64) {
        self.since_ns = now_ns;
        self.counters = Counters::default();
        self.status.clear();
        self.latencies.clear();
        self.censored = None;
    }

    /// Ends the interval at `end_ns` and begins the next.
    pub(crate) fn take(&mut self, worker: usize, index: usize, start_ns: u64, end_ns: u64) -> Slice {
        self.integrate(end_ns);
        let mut counters = std::mem::take(&mut self.counters);
        counters.status = self.status.drain(..).collect();
        let next = self.spares.try_recv().unwrap_or_default();
        Slice {
            worker,
            index,
            start_ns,
            duration_ns: end_ns.saturating_sub(start_ns),
            counters,
            latencies: std::mem::replace(&mut self.latencies, next),
            censored: self.censored.take(),
        }
    }

    #[inline]
    fn integrate(&mut self, now_ns: u64) {
        self.counters.in_flight_ns += self.in_flight * now_ns.saturating_sub(self.since_ns);
        self.since_ns = self.since_ns.max(now_ns);
    }
}
