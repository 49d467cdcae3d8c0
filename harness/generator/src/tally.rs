//! One worker's counters and histograms of the interval that is going on.

use crate::collect::{OpenLatencies, Slice};
use bench_model::counters::{Counters, ErrorClass};
use bench_model::latency::Latencies;
use std::sync::mpsc::Receiver;

/// How long a request took. Both are the same under a closed load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Elapsed {
    pub(crate) since_due_ns: u64,
    /// Zero for a request that was never sent.
    pub(crate) since_send_ns: u64,
}

/// Counts what happens on one worker's connections. Owned by the worker: no lock, no allocation for a request.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) counters: Counters,
    /// Responses by status: seldom more than one or two, so a list is faster than a map.
    status: Vec<(u16, u64)>,
    latencies: Latencies,
    censored: Option<Latencies>,
    /// Kept under an open load.
    open: Option<OpenLatencies>,
    /// Requests in flight now, and since when they are so many.
    in_flight: u64,
    since_ns: u64,
    /// Histograms that the collector has emptied for us.
    spares: Receiver<Latencies>,
}

impl Tally {
    /// An empty tally, for an open load or a closed one.
    pub(crate) fn new(is_open: bool, spares: Receiver<Latencies>) -> Self {
        Self {
            counters: Counters::default(),
            status: Vec::with_capacity(8),
            latencies: Latencies::new(),
            censored: None,
            open: is_open.then(OpenLatencies::default),
            in_flight: 0,
            since_ns: 0,
            spares,
        }
    }

    /// Requests in flight now.
    pub(crate) fn in_flight(&self) -> u64 {
        self.in_flight
    }

    /// A request that was due at `due_ns` is sent for the first time.
    #[inline]
    pub(crate) fn started(&mut self, due_ns: u64, now_ns: u64) {
        self.integrate(now_ns);
        self.in_flight += 1;
        self.counters.sent += 1;
        if let Some(open) = &mut self.open {
            open.lag.record(now_ns - due_ns);
        }
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

    /// A response was verified, with so many items, of which some were refused.
    #[inline]
    pub(crate) fn verified(&mut self, elapsed: Elapsed, items: usize, refused: usize) {
        self.counters.requests += 1;
        self.counters.items += (items - refused) as u64;
        self.counters.refused += refused as u64;
        self.latencies.record(elapsed.since_due_ns);
        if let Some(open) = &mut self.open {
            open.service.record(elapsed.since_send_ns);
        }
    }

    /// A request with so many items was refused.
    pub(crate) fn refused(&mut self, elapsed: Elapsed, items: usize) {
        self.counters.refused += items as u64;
        self.counters.failed_ns += elapsed.since_send_ns;
    }

    /// A request failed.
    pub(crate) fn failed(&mut self, class: ErrorClass, elapsed: Elapsed) {
        self.counters.errors.count(class);
        self.counters.failed_ns += elapsed.since_send_ns;
        if matches!(class, ErrorClass::Timeout | ErrorClass::Unsent) {
            self.censored.get_or_insert_with(Latencies::new).record(elapsed.since_due_ns);
        }
    }

    /// The end of a request will not be seen: the load ends before.
    pub(crate) fn cut_off(&mut self, elapsed: Elapsed) {
        self.counters.cut_off_ns += elapsed.since_send_ns;
        self.censored.get_or_insert_with(Latencies::new).record(elapsed.since_due_ns);
    }

    /// Forgets what was counted so far and begins to count at `now_ns`.
    pub(crate) fn begin(&mut self, now_ns: u64) {
        self.since_ns = now_ns;
        self.counters = Counters::default();
        self.status.clear();
        self.latencies.clear();
        self.censored = None;
        if let Some(open) = &mut self.open {
            open.service.clear();
            open.lag.clear();
        }
    }

    /// Ends the interval at `end_ns` and begins the next.
    pub(crate) fn take(&mut self, worker: usize, index: usize, start_ns: u64, end_ns: u64) -> Slice {
        self.integrate(end_ns);
        let mut counters = std::mem::take(&mut self.counters);
        counters.status = self.status.drain(..).collect();
        let next = || self.spares.try_recv().unwrap_or_default();
        let open = self.open.as_mut().map(|open| OpenLatencies {
            service: std::mem::replace(&mut open.service, next()),
            lag: std::mem::replace(&mut open.lag, next()),
        });
        Slice {
            worker,
            index,
            start_ns,
            duration_ns: end_ns.saturating_sub(start_ns),
            counters,
            latencies: std::mem::replace(&mut self.latencies, next()),
            censored: self.censored.take(),
            open,
        }
    }

    #[inline]
    fn integrate(&mut self, now_ns: u64) {
        self.counters.in_flight_ns += self.in_flight * now_ns.saturating_sub(self.since_ns);
        self.since_ns = self.since_ns.max(now_ns);
    }
}
