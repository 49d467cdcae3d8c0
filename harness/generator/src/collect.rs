//! Merges the workers' intervals into the run's.

use bench_model::counters::Counters;
use bench_model::latency::Latencies;
use std::collections::VecDeque;
use std::sync::mpsc::Sender;

/// What is measured under an open load besides the response times: what these are made of.
#[derive(Debug, Default)]
pub struct OpenLatencies {
    /// From the send to the complete answer, of the verified responses: what a closed load would call latency.
    pub service: Latencies,
    /// From the due time to the send, of every request that was sent.
    pub lag: Latencies,
}

/// One worker's part of an interval.
#[derive(Debug)]
pub(crate) struct Slice {
    pub(crate) worker: usize,
    pub(crate) index: usize,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) counters: Counters,
    pub(crate) latencies: Latencies,
    pub(crate) censored: Option<Latencies>,
    pub(crate) open: Option<OpenLatencies>,
}

/// An interval, all workers together.
#[derive(Debug)]
pub struct Measured {
    /// Its place in the run, from 0.
    pub index: usize,
    /// When it began, in nanoseconds after the load began.
    pub start_ns: u64,
    /// Its length in nanoseconds.
    pub duration_ns: u64,
    /// What became of the requests that ended in it.
    pub counters: Counters,
    /// Latencies of the verified responses.
    pub latencies: Latencies,
    /// Lower bounds of the latencies of requests whose end was not seen.
    pub censored: Latencies,
    /// What an open load is measured by besides.
    pub open: Option<OpenLatencies>,
}

/// Puts slices together and gives their histograms back to the workers, so that none is made while they measure: 270 kB of
/// fresh memory are page faults on a CPU that a worker needs.
#[derive(Debug)]
pub(crate) struct Collector {
    spares: Vec<Sender<Latencies>>,
    /// Empty histograms that no worker has.
    pool: Vec<Latencies>,
    /// Intervals that some worker's slice is still missing of, the oldest first, with how many slices came.
    pending: VecDeque<(Measured, usize)>,
    next_index: usize,
}

impl Collector {
    /// A collector for the workers that have the other ends, each of which gets a spare for every histogram that it has.
    pub(crate) fn new(spares: Vec<Sender<Latencies>>, is_open: bool) -> Self {
        let histograms = if is_open { 3 } else { 1 };
        for spare in &spares {
            // Nobody has ended yet.
            (0..histograms).for_each(|_| drop(spare.send(Latencies::new())));
        }
        // One interval's own, with what is censored.
        let pool = (0..=histograms).map(|_| Latencies::new()).collect();
        Self { spares, pool, pending: VecDeque::new(), next_index: 0 }
    }

    /// Adds a slice; gives the oldest interval if this completed it. Workers send their slices in order.
    pub(crate) fn add(&mut self, slice: Slice) -> Option<Measured> {
        let at = slice.index - self.next_index;
        while self.pending.len() <= at {
            let empty = Measured {
                index: self.next_index + self.pending.len(),
                start_ns: slice.start_ns,
                duration_ns: slice.duration_ns,
                counters: Counters::default(),
                latencies: self.empty(),
                censored: self.empty(),
                open: slice.open.as_ref().map(|_| OpenLatencies { service: self.empty(), lag: self.empty() }),
            };
            self.pending.push_back((empty, 0));
        }
        let (measured, came) = &mut self.pending[at];
        (measured.start_ns, measured.duration_ns) = (slice.start_ns, slice.duration_ns);
        measured.counters.add(&slice.counters);
        if let Some(censored) = &slice.censored {
            measured.censored.add(censored);
        }
        let spare = &self.spares[slice.worker];
        let merge = |all: &mut Latencies, mut part: Latencies| {
            if *came == 0 {
                std::mem::swap(all, &mut part);
            } else {
                all.add(&part);
                part.clear();
            }
            // A worker that has ended needs no histogram.
            let _ = spare.send(part);
        };
        merge(&mut measured.latencies, slice.latencies);
        if let (Some(all), Some(open)) = (&mut measured.open, slice.open) {
            merge(&mut all.service, open.service);
            merge(&mut all.lag, open.lag);
        }
        *came += 1;
        if self.pending.front().is_some_and(|(_, came)| *came == self.spares.len()) {
            return self.rest();
        }
        None
    }

    /// Takes histograms back that are needed no more.
    pub(crate) fn recycle(&mut self, spent: impl Iterator<Item = Latencies>) {
        self.pool.extend(spent.map(Latencies::emptied));
    }

    fn empty(&mut self) -> Latencies {
        self.pool.pop().unwrap_or_default()
    }

    /// The oldest interval that is there, complete or not.
    pub(crate) fn rest(&mut self) -> Option<Measured> {
        let (measured, _) = self.pending.pop_front()?;
        self.next_index += 1;
        Some(measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    fn slice(worker: usize, index: usize, requests: u64) -> Slice {
        let mut latencies = Latencies::new();
        (0..requests).for_each(|_| latencies.record(1000));
        let counters = Counters { requests, ..Counters::default() };
        Slice {
            worker,
            index,
            start_ns: index as u64 * 10,
            duration_ns: 10,
            counters,
            latencies,
            censored: None,
            open: None,
        }
    }

    #[test]
    fn an_interval_waits_for_every_worker() {
        let (spares, returned): (Vec<_>, Vec<_>) = (0..2).map(|_| mpsc::channel()).unzip();
        let mut collector = Collector::new(spares, false);
        assert!(collector.add(slice(0, 0, 1)).is_none());
        assert!(collector.add(slice(0, 1, 2)).is_none());
        let first = collector.add(slice(1, 0, 4)).unwrap();
        assert_eq!((first.index, first.counters.requests, first.latencies.count()), (0, 5, 5));
        let second = collector.add(slice(1, 1, 8)).unwrap();
        assert_eq!((second.index, second.start_ns, second.counters.requests), (1, 10, 10));
        assert!(returned.iter().all(|worker| worker.try_iter().all(|spare| spare.count() == 0)));
    }
}
