//! A worker's sense of time: what has taken too long, and where one interval ends and the next begins.

use super::{Stage, Worker};
use crate::clock::now_ns;
use crate::connection::State;
use bench_model::counters::ErrorClass;
use rustix::io::Errno;

impl Worker {
    /// Ends what has taken longer than it may.
    pub(super) fn expire(&mut self, now: u64) {
        for index in 0..self.connections.len() {
            let connection = &self.connections[index];
            match connection.state {
                State::InFlight if now >= connection.started_ns + self.job.timeout_ns => {
                    self.fail(index, ErrorClass::Timeout, now);
                }
                State::Connecting { since_ns } if now >= since_ns + self.job.connect_timeout_ns => {
                    self.connecting -= 1;
                    self.connect_failed(index, Errno::TIMEDOUT, now);
                }
                _ => {}
            }
        }
    }

    /// Reads the clock, and ends the interval if its time has come.
    #[inline]
    pub(super) fn look_at_clock(&mut self) -> u64 {
        let now = now_ns();
        while now >= self.interval_end_ns {
            self.end_interval();
        }
        self.looked_ns = now;
        now
    }

    /// Sets the running interval's end: its own, or the load's if that comes first.
    pub(super) fn bound_interval(&mut self, now: u64) {
        let own_end_ns = self.interval_start_ns + self.job.interval_ns;
        // A stop in the past ends the interval now: what was counted until now belongs to it.
        self.interval_end_ns = own_end_ns.min(self.control.stop_ns().max(now));
    }

    fn end_interval(&mut self) {
        let (start_ns, end_ns) = (self.interval_start_ns, self.interval_end_ns);
        let last = end_ns >= self.control.stop_ns();
        self.count_due(end_ns);
        if last {
            for connection in self.connections.iter().filter(|connection| connection.is_busy()) {
                self.tally.cut_off(connection.elapsed(end_ns));
            }
            self.cut_off_waiting(end_ns);
        }
        let epoch_ns = self.control.epoch_ns().unwrap_or(start_ns);
        let mut slice = self.tally.take(self.index, self.interval, start_ns, end_ns);
        slice.start_ns -= epoch_ns;
        // The receiver is gone only when the run was given up, and then nobody wants the figures.
        let _ = self.slices.send(slice);
        self.interval += 1;
        self.interval_start_ns = end_ns;
        if last {
            self.stage = Stage::Draining;
            self.interval_end_ns = u64::MAX;
        } else {
            self.bound_interval(end_ns);
        }
    }
}
