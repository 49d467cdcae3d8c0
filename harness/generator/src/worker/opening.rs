//! How a worker opens its connections, and opens them again after they failed or were closed.

use super::{OPENING_AT_ONCE, Stage, Worker};
use crate::connection::{Ends, State};
use crate::fault::ConnectFault;
use crate::tally::Elapsed;
use bench_model::backoff;
use bench_model::counters::{ErrorClass, Outcome};
use rustix::fd::AsFd;

impl Worker {
    /// Connecting ended: well, or badly.
    pub(super) fn connected(&mut self, index: usize) {
        let now = self.look_at_clock();
        self.connecting -= 1;
        let connection = &mut self.connections[index];
        if let Err(error) = connection.connect_result() {
            return self.connect_failed(index, error, now);
        }
        connection.state = State::Open;
        let resending = connection.resending;
        match self.stage {
            Stage::Running | Stage::Draining if resending => self.start(index, now, now),
            Stage::Running => self.give_work(index, now),
            Stage::Opening | Stage::Draining => {}
        }
    }

    /// No connection could be made, not even for the request that waited to be sent again, if one did.
    pub(super) fn connect_failed(&mut self, index: usize, fault: impl Into<ConnectFault>, now: u64) {
        self.last_fault = Some(fault.into());
        let connection = &mut self.connections[index];
        let mut elapsed = Elapsed { since_due_ns: 0, since_send_ns: 0 };
        if std::mem::take(&mut connection.resending) {
            elapsed = connection.elapsed(now);
            self.tally.ended(now);
            self.note(index, Outcome::Failed(ErrorClass::Connect));
        }
        // What fails before the load is told by `Opened`, and what fails after it belongs to no interval.
        self.tally.failed(ErrorClass::Connect, elapsed);
        self.back_off(index, now);
    }

    /// Closes a connection that was of no use, and waits the longer the more often that happened.
    pub(super) fn back_off(&mut self, index: usize, now: u64) {
        self.take_back(index);
        let connection = &mut self.connections[index];
        connection.failures = connection.failures.saturating_add(1);
        connection.close(now + backoff::wait_ns(connection.failures, &mut self.random));
        self.waiting += 1;
    }

    /// Replaces a connection that ended as HTTP allows.
    pub(super) fn reopen(&mut self, index: usize, now: u64) {
        self.connections[index].close(now);
        self.waiting += 1;
        if self.stage == Stage::Running {
            self.tally.counters.reconnects += 1;
            self.try_connect(index, now);
        }
    }

    fn try_connect(&mut self, index: usize, now: u64) {
        self.waiting -= 1;
        let (ends, epoll) = (self.ends(index), self.epoll.as_fd());
        match self.connections[index].connect(ends, epoll, index, now) {
            Ok(()) => self.connecting += 1,
            Err(fault) => self.connect_failed(index, fault, now),
        }
    }

    /// What a connection is between. Over all workers, the source addresses have as many connections each, but for one,
    /// and a connection that is opened again keeps its own.
    fn ends(&self, index: usize) -> Ends {
        let sources = &self.job.source_addresses;
        let number = index * self.job.threads + self.index;
        Ends { source: sources.get(number % sources.len().max(1)).copied(), target: self.job.address }
    }

    /// Opens connections whose wait is over, but not too many at once.
    pub(super) fn retry_waiting(&mut self, now: u64) {
        if self.waiting == 0 || self.stage == Stage::Draining {
            return;
        }
        // Goes on where it stopped the last time: to begin anew for each of ten thousand connections that are opened
        // would be fifty million looks.
        for _ in 0..self.connections.len() {
            if self.connecting >= OPENING_AT_ONCE {
                return;
            }
            let index = self.next_retry;
            self.next_retry = (index + 1) % self.connections.len();
            if matches!(self.connections[index].state, State::Waiting { until_ns } if until_ns <= now) {
                self.try_connect(index, now);
            }
        }
    }
}
