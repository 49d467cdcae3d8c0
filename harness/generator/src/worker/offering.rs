//! How a worker offers an open load: what is due goes out as soon as a connection is free for it.
//!
//! The queue of requests that wait is never stored: it is what lies between the next request to be sent and the next
//! that is due, so that an overloaded target costs no memory.

use super::{DUE, Stage, Worker};
use crate::clock::now_ns;
use crate::connection::{Connection, State};
use crate::generator::Job;
use crate::tally::Elapsed;
use bench_model::counters::ErrorClass;
use bench_model::load::{LoadModel, Pacer};
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use std::collections::VecDeque;

/// A request that is sent later than this although a connection was free is late, in nanoseconds.
const LATE_NS: u64 = 1_000_000;

/// A sleep may end as late as this, in nanoseconds, even where none has: if the next request is due sooner, the worker
/// stays awake.
const LEAST_AWAKE_NS: u64 = 100_000;
/// For sleeps that end later still, the worker stays awake no longer than this, in nanoseconds: it is then as likely that
/// its CPU was taken away, which no staying awake prevents.
const LONGEST_AWAKE_NS: u64 = 2_000_000;
/// How many requests it takes to forget two thirds of a sleep that ended late: enough that sleeps of which one in a
/// hundred does are not trusted in between.
const AWAKE_MEMORY: u64 = 512;

/// What a worker has to send, and on which connections it can.
pub(super) struct Offer {
    epoch_ns: u64,
    /// The next request to be sent, and, ahead of it, the next that is not due yet.
    next: Pacer,
    coming: Pacer,
    max_lag_ns: u64,
    /// Free connections in the order in which they became free. One that was closed since is not taken out.
    free: VecDeque<usize>,
    /// How many of them can be used.
    usable: usize,
    timer: OwnedFd,
    armed_ns: u64,
    /// How long before a request is due the worker sleeps no more, in nanoseconds.
    awake_ns: u64,
}

impl Offer {
    /// The offer of worker `index`; none under a closed load.
    pub(super) fn new(job: &Job, index: usize, epoll: BorrowedFd<'_>) -> Result<Option<Self>, Errno> {
        let Some(pacer) = job.load.pacer(index, job.threads) else { return Ok(None) };
        let max_lag_ns = match job.load {
            LoadModel::Open { max_lag_s: Some(max_lag_s), .. } => (max_lag_s * 1e9) as u64,
            _ => u64::MAX,
        };
        let timer = rustix::time::timerfd_create(
            TimerfdClockId::Monotonic,
            TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
        )?;
        // Edge-triggered, an expiration need not be read: setting the timer again clears it.
        epoll::add(epoll, &timer, EventData::new_u64(DUE), EventFlags::IN | EventFlags::ET)?;
        Ok(Some(Self {
            epoch_ns: u64::MAX,
            coming: pacer.clone(),
            next: pacer,
            max_lag_ns,
            free: VecDeque::new(),
            usable: 0,
            timer,
            armed_ns: 0,
            awake_ns: if job.owns_cpus { LEAST_AWAKE_NS } else { 0 },
        }))
    }

    /// When the next request to be sent is due; it may be long past.
    fn next_ns(&self) -> u64 {
        self.epoch_ns.saturating_add(self.next.due_ns())
    }

    /// Whether something should have been sent by `now`, and can be.
    #[inline]
    pub(super) fn can_send(&self, now: u64) -> bool {
        self.usable > 0 && self.next_ns() <= now
    }

    /// The timer has ended a sleep: if late, the next ones end so much earlier.
    fn woken(&mut self, now: u64) {
        if self.awake_ns > 0 {
            let late_ns = now.saturating_sub(self.armed_ns);
            self.awake_ns = self.awake_ns.max(late_ns.min(LONGEST_AWAKE_NS));
        }
    }

    /// A request was sent: late sleeps are a little longer ago.
    #[inline]
    fn forget(&mut self) {
        self.awake_ns -= self.awake_ns.saturating_sub(LEAST_AWAKE_NS) / AWAKE_MEMORY;
    }

    fn list(&mut self, connection: &mut Connection, index: usize) {
        connection.free = true;
        self.usable += 1;
        if !std::mem::replace(&mut connection.listed, true) {
            self.free.push_back(index);
        }
    }

    /// Takes the connection that has been free for the longest.
    fn take(&mut self, connections: &mut [Connection]) -> Option<usize> {
        while let Some(index) = self.free.pop_front() {
            let connection = &mut connections[index];
            connection.listed = false;
            if std::mem::take(&mut connection.free) {
                self.usable -= 1;
                return Some(index);
            }
        }
        None
    }
}

impl Worker {
    /// The schedule begins.
    pub(super) fn begin_offer(&mut self, epoch_ns: u64) {
        if let Some(offer) = &mut self.offer {
            offer.epoch_ns = epoch_ns;
        }
    }

    /// The timer of what is due has run out; that itself is sent with the rest of the turn.
    pub(super) fn timer_ran_out(&mut self) {
        if let Some(offer) = &mut self.offer {
            offer.woken(now_ns());
        }
    }

    /// The load begins: every connection that is open gets its first request, at once or when one is due.
    pub(super) fn give_all_work(&mut self) {
        for index in 0..self.connections.len() {
            if self.connections[index].state != State::Open {
                continue;
            }
            match &mut self.offer {
                // Nothing has waited for a connection yet: all of them are there first.
                Some(offer) => offer.list(&mut self.connections[index], index),
                None => self.give_work(index, now_ns()),
            }
        }
        self.offer_due(now_ns(), false);
    }

    /// The connection carries nothing: it gets the next request, at once or when that is due.
    pub(super) fn give_work(&mut self, index: usize, now: u64) {
        let Some(offer) = &mut self.offer else {
            return self.start(index, now, now);
        };
        let was_missing = offer.usable == 0;
        offer.list(&mut self.connections[index], index);
        self.offer_due(now, was_missing);
    }

    /// The connection is about to be closed, and is free no more.
    pub(super) fn take_back(&mut self, index: usize) {
        if let Some(offer) = &mut self.offer
            && std::mem::take(&mut self.connections[index].free)
        {
            offer.usable -= 1;
        }
    }

    /// Sends what is due by `now`, as far as connections are free. The first request `has_waited` if there was no
    /// free connection for it until now.
    pub(super) fn offer_due(&mut self, mut now: u64, mut has_waited: bool) {
        if self.stage == Stage::Running {
            self.count_due(now);
        }
        while self.stage == Stage::Running
            && let Some(offer) = &mut self.offer
            && offer.can_send(now)
        {
            let due_ns = offer.next_ns();
            offer.next.advance();
            if now - due_ns > offer.max_lag_ns {
                self.tally
                    .failed(ErrorClass::Unsent, Elapsed { since_due_ns: now - due_ns, since_send_ns: 0 });
                continue;
            }
            let Some(index) = offer.take(&mut self.connections) else { return };
            if has_waited {
                self.tally.counters.queued += 1;
            } else if now - due_ns > LATE_NS {
                self.tally.counters.late += 1;
            }
            has_waited = false;
            offer.forget();
            self.start(index, due_ns, now);
            now = self.look_at_clock();
        }
    }

    /// Counts the requests that have become due by `now`.
    pub(super) fn count_due(&mut self, now: u64) {
        if let Some(offer) = &mut self.offer {
            while offer.epoch_ns.saturating_add(offer.coming.due_ns()) < now {
                offer.coming.advance();
                self.tally.counters.due += 1;
            }
        }
    }

    /// The load is over at `end_ns`: what is due and was not sent will not be.
    pub(super) fn cut_off_waiting(&mut self, end_ns: u64) {
        if let Some(offer) = &mut self.offer {
            while offer.next_ns() < end_ns {
                let since_due_ns = end_ns - offer.next_ns();
                self.tally.cut_off(Elapsed { since_due_ns, since_send_ns: 0 });
                offer.next.advance();
            }
        }
    }

    /// Looks whether the window has begun.
    pub(super) fn hear_of_window(&mut self) {
        if let (Some(offer), Some(window_ns)) = (&mut self.offer, self.control.window_ns()) {
            let after_ns = window_ns.saturating_sub(offer.epoch_ns);
            offer.next.begin_window(after_ns);
            offer.coming.begin_window(after_ns);
        }
    }

    /// Whether the worker may sleep until something happens. If so, the timer wakes it before the next request is due.
    /// Without a free connection the timer is left: a complete answer comes first.
    pub(super) fn may_sleep(&mut self) -> Result<bool, Errno> {
        let Some(offer) = &mut self.offer else { return Ok(true) };
        if self.stage != Stage::Running || offer.usable == 0 {
            return Ok(true);
        }
        let wake_ns = offer.next_ns().saturating_sub(offer.awake_ns);
        if wake_ns <= self.looked_ns || wake_ns == offer.armed_ns {
            return Ok(wake_ns > self.looked_ns);
        }
        offer.armed_ns = wake_ns;
        let at =
            Timespec { tv_sec: (wake_ns / 1_000_000_000) as i64, tv_nsec: (wake_ns % 1_000_000_000) as i64 };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: at };
        rustix::time::timerfd_settime(&offer.timer, TimerfdTimerFlags::ABSTIME, &once)?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Control;
    use crate::request::{Expectation, ExpectedBody, PreparedRequest};
    use crate::tally::Tally;
    use bench_model::load::Arrivals;
    use rustix::time::timerfd_gettime;
    use std::sync::{Arc, mpsc};

    /// A worker that runs, with one free connection and a request a third of a second after every other.
    fn worker(owns_cpus: bool) -> Worker {
        let load = LoadModel::Open {
            connections: 1,
            stages: vec!["3:10s".parse().unwrap()],
            arrivals: Arrivals::Uniform,
            seed: 1,
            max_lag_s: None,
        };
        let expectation = Expectation::of(Default::default(), ExpectedBody::Any);
        let job = Job {
            address: "127.0.0.1:1".parse().unwrap(),
            source_addresses: vec![],
            requests: vec![PreparedRequest::fixed(vec![], expectation)],
            order: vec![0],
            first_serial: 0,
            load,
            threads: 1,
            cpus: vec![],
            owns_cpus,
            interval_ns: 1_000_000_000,
            timeout_ns: 1_000_000_000,
            connect_timeout_ns: 1_000_000_000,
        };
        let tally = Tally::new(true, mpsc::channel().1);
        let control = Arc::new(Control::new());
        let mut worker = Worker::new(0, 1, Arc::new(job), control, mpsc::channel().0, tally).unwrap();
        worker.stage = Stage::Running;
        worker.looked_ns = now_ns();
        worker
    }

    /// Looks often when the timer will run out: what it says is between two looks at the clock, however long they are apart.
    fn assert_timer_ends_at(offer: &Offer, wake_ns: u64) {
        for _ in 0..100 {
            let before_ns = now_ns();
            let left = timerfd_gettime(&offer.timer).unwrap().it_value;
            let after_ns = now_ns();
            let left_ns = left.tv_sec as u64 * 1_000_000_000 + left.tv_nsec as u64;
            let ends_ns = before_ns + left_ns..=after_ns + left_ns;
            assert!(ends_ns.contains(&wake_ns), "{wake_ns} is not in {ends_ns:?}");
        }
    }

    /// wrk2 rounds waits up to whole milliseconds.
    #[test]
    fn a_sleep_ends_to_the_nanosecond() {
        for (owns_cpus, awake_ns) in [(false, 0), (true, LEAST_AWAKE_NS)] {
            let mut worker = worker(owns_cpus);
            let epoch_ns = worker.looked_ns + 3_600_123_456_789;
            worker.begin_offer(epoch_ns);
            worker.offer.as_mut().unwrap().usable = 1;
            assert_eq!(worker.may_sleep(), Ok(true));
            assert_timer_ends_at(worker.offer.as_ref().unwrap(), epoch_ns - awake_ns);
            // The next request is due a third of a second later.
            worker.offer.as_mut().unwrap().next.advance();
            assert_eq!(worker.may_sleep(), Ok(true));
            assert_timer_ends_at(worker.offer.as_ref().unwrap(), epoch_ns + 333_333_333 - awake_ns);
        }
    }

    #[test]
    fn after_a_late_sleep_the_next_ends_so_much_earlier() {
        for (late_ns, awake_ns) in [
            (0, LEAST_AWAKE_NS),
            (99_999, LEAST_AWAKE_NS),
            (1_234_567, 1_234_567),
            (1_000_000_000, LONGEST_AWAKE_NS),
        ] {
            let mut worker = worker(true);
            let epoch_ns = worker.looked_ns + 3_600_123_456_789;
            worker.begin_offer(epoch_ns);
            let offer = worker.offer.as_mut().unwrap();
            (offer.usable, offer.armed_ns) = (1, 77);
            offer.woken(77 + late_ns);
            assert_eq!(worker.may_sleep(), Ok(true));
            assert_timer_ends_at(worker.offer.as_ref().unwrap(), epoch_ns - awake_ns);
        }
    }
}
