//! One generator thread: an edge-triggered epoll loop over the connections that it owns.

use crate::clock::now_ns;
use crate::collect::Slice;
use crate::connection::{Connection, State};
use crate::control::Control;
use crate::generator::Job;
use crate::protocol::http1::{Progress, Response};
use crate::tally::Tally;
use crate::verify::Verifier;
use bench_model::backoff;
use bench_model::counters::{ErrorClass, Outcome};
use bench_model::random::Random;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// Grain of everything that is not an event: retries, timeouts, the ends of intervals on an idle worker.
const TICK_NS: u64 = 10_000_000;
/// Connections that one worker opens at the same time, so that a short accept queue does not overflow.
const OPENING_AT_ONCE: usize = 64;
/// Events taken from the kernel at once.
const EVENTS: usize = 256;
/// Receive buffer, in bytes.
const BUFFER_BYTES: usize = 64 * 1024;
/// Longest wait for the answers in flight after the window, in nanoseconds.
const LONGEST_DRAIN_NS: u64 = 5_000_000_000;
/// The event data of the tick's timer; no connection has it.
const TIMER: u64 = u64::MAX;

/// What a worker says of its connections before the load begins.
#[derive(Debug)]
pub(crate) struct WorkerOpened {
    pub(crate) open: usize,
    pub(crate) fault: Option<String>,
}

/// What a worker is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Running,
    Draining,
}

/// A worker and all that it owns.
pub(crate) struct Worker {
    index: usize,
    job: Arc<Job>,
    control: Arc<Control>,
    slices: Sender<Slice>,
    epoll: OwnedFd,
    timer: OwnedFd,
    connections: Vec<Connection>,
    buffer: Vec<u8>,
    verifier: Verifier,
    tally: Tally,
    random: Random,
    stage: Stage,
    next_request: usize,
    /// Connections that are being opened, and that wait to be.
    connecting: usize,
    waiting: usize,
    /// The running interval, and when the next look for timeouts is due.
    interval: usize,
    interval_start_ns: u64,
    interval_end_ns: u64,
    timeouts_due_ns: u64,
    last_fault: Option<Errno>,
}

impl Worker {
    /// Makes a worker with `count` connections, none of them open.
    pub(crate) fn new(
        index: usize,
        count: usize,
        job: Arc<Job>,
        control: Arc<Control>,
        slices: Sender<Slice>,
        tally: Tally,
    ) -> Result<Self, Errno> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let timer = tick_timer()?;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
        Ok(Self {
            index,
            control,
            slices,
            epoll,
            timer,
            connections: (0..count).map(|_| Connection::new()).collect(),
            buffer: vec![0; BUFFER_BYTES],
            verifier: Verifier::new(&job.requests),
            tally,
            random: Random::new(index as u64),
            stage: Stage::Opening,
            // Workers begin at different places of the pool.
            next_request: index * job.requests.len() / job.threads.max(1),
            connecting: 0,
            waiting: count,
            interval: 0,
            interval_start_ns: 0,
            interval_end_ns: u64::MAX,
            timeouts_due_ns: 0,
            last_fault: None,
            job,
        })
    }

    /// Opens the connections; says how many are open once all are, or time is up.
    pub(crate) fn open(&mut self) -> Result<WorkerOpened, Errno> {
        let deadline_ns = now_ns() + self.job.connect_timeout_ns;
        self.retry_waiting(now_ns());
        while self.connecting + self.waiting > 0
            && now_ns() < deadline_ns
            && self.control.stop_ns() == u64::MAX
        {
            self.turn()?;
        }
        let open = self
            .connections
            .iter()
            .filter(|connection| connection.state == State::Open)
            .count();
        Ok(WorkerOpened {
            open,
            fault: self.last_fault.map(|error| error.to_string()),
        })
    }

    /// Loads the target from the epoch on until told to stop, then waits for the answers in flight.
    pub(crate) fn run(&mut self) -> Result<(), Errno> {
        let epoch_ns = self.control.wait_for_epoch();
        if self.control.stop_ns() <= epoch_ns {
            return Ok(());
        }
        std::thread::sleep(Duration::from_nanos(epoch_ns.saturating_sub(now_ns())));
        self.stage = Stage::Running;
        self.interval_start_ns = epoch_ns;
        self.tally.begin(epoch_ns);
        self.bound_interval(epoch_ns);
        for index in 0..self.connections.len() {
            if self.connections[index].state == State::Open {
                self.start(index, now_ns());
            }
        }
        while self.stage == Stage::Running {
            self.turn()?;
        }
        let deadline_ns = now_ns() + self.job.timeout_ns.min(LONGEST_DRAIN_NS);
        while self.tally.in_flight() > 0 && now_ns() < deadline_ns {
            self.turn()?;
        }
        Ok(())
    }

    /// Waits for events and handles them.
    fn turn(&mut self) -> Result<(), Errno> {
        let mut events = [const { std::mem::MaybeUninit::<Event>::uninit() }; EVENTS];
        // No timeout: arming a timer for every wait costs more than a tick every 10 ms.
        let (ready, _) = match epoll::wait(&self.epoll, &mut events, None) {
            Err(Errno::INTR) => return Ok(()),
            ready => ready?,
        };
        for event in ready {
            let (data, flags) = (event.data.u64(), event.flags);
            if data == TIMER {
                self.tick()?;
                continue;
            }
            let index = (data & 0xffff_ffff) as usize;
            if self.connections[index].is_current(data) {
                self.handle(index, flags);
            }
        }
        Ok(())
    }

    fn handle(&mut self, index: usize, flags: EventFlags) {
        let ended = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        match self.connections[index].state {
            State::Waiting { .. } => {}
            State::Connecting { .. } => {
                self.connected(index);
                if ended && self.connections[index].state == State::InFlight {
                    self.readable(index, true);
                }
            }
            State::Open | State::InFlight => {
                if ended || flags.contains(EventFlags::IN) {
                    self.readable(index, ended);
                }
                let connection = &self.connections[index];
                let unsent = connection.sent < self.job.requests[connection.request].bytes.len();
                if connection.state == State::InFlight && unsent && flags.contains(EventFlags::OUT) {
                    self.send(index);
                }
            }
        }
    }

    /// Connecting ended: well, or badly.
    fn connected(&mut self, index: usize) {
        let now = self.look_at_clock();
        self.connecting -= 1;
        let connection = &mut self.connections[index];
        if let Err(error) = connection.connect_result() {
            return self.connect_failed(index, error, now);
        }
        connection.state = State::Open;
        let resending = connection.resending;
        match self.stage {
            Stage::Opening => self.retry_waiting(now),
            Stage::Running => self.start(index, now),
            Stage::Draining if resending => self.start(index, now),
            Stage::Draining => {}
        }
    }

    fn connect_failed(&mut self, index: usize, error: Errno, now: u64) {
        self.last_fault = Some(error);
        let connection = &mut self.connections[index];
        if self.stage == Stage::Running {
            let elapsed = if connection.resending {
                now - connection.started_ns
            } else {
                0
            };
            if connection.resending {
                self.tally.ended(now);
            }
            self.tally.failed(ErrorClass::Connect, elapsed);
        }
        self.connections[index].resending = false;
        self.back_off(index, now);
    }

    /// Sends a connection's next request, or the one whose socket closed before an answer.
    fn start(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        connection.resent = connection.resending;
        if !connection.resending {
            connection.request = self.next_request;
            connection.started_ns = now;
            self.next_request += 1;
            if self.next_request == self.job.requests.len() {
                self.next_request = 0;
            }
            self.tally.started(now);
        }
        connection.resending = false;
        connection.sent = 0;
        connection.state = State::InFlight;
        let to_head = self.job.requests[connection.request].to_head;
        connection
            .reader
            .expect(to_head, self.verifier.keep_bytes(connection.request));
        self.send(index);
    }

    fn send(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        match connection.send(&self.job.requests[connection.request].bytes) {
            Ok((_, sent)) => self.tally.counters.bytes_out += sent as u64,
            // The answer may be there all the same: a server that refuses a long body answers and closes.
            Err(_) => self.readable(index, true),
        }
    }

    /// Reads what is there. With `ended`, reads until the connection's end is seen.
    fn readable(&mut self, index: usize, ended: bool) {
        loop {
            let connection = &mut self.connections[index];
            let received = connection.receive(&mut self.buffer);
            let now = self.look_at_clock();
            let count = match received {
                Ok(Some(0)) => return self.end_of_stream(index, now),
                Ok(Some(count)) => count,
                Ok(None) if ended => return self.lost(index, now),
                Ok(None) => return,
                Err(_) => return self.lost(index, now),
            };
            self.tally.counters.bytes_in += count as u64;
            if self.connections[index].state != State::InFlight {
                // Bytes that nobody asked for: the connection is of no more use.
                return self.reopen(index, now);
            }
            // A short read means that the socket is empty; anything later is a new event.
            let emptied = count < self.buffer.len() && !ended;
            if !self.received(index, count, ended, now) || emptied {
                return;
            }
        }
    }

    /// Handles `count` bytes in the buffer; false when the connection is no longer the one that they came from.
    fn received(&mut self, index: usize, count: usize, ended: bool, now: u64) -> bool {
        let connection = &mut self.connections[index];
        let request = connection.request;
        let bytes = &self.buffer[..count];
        let all_sent = connection.sent == self.job.requests[request].bytes.len();
        let fresh = connection.reader.is_fresh();
        if fresh
            && all_sent
            && let Some(status) = self.verifier.recognise(request, bytes)
        {
            self.complete(index, status, Outcome::Verified, now);
            return self.go_on(index, !ended, now);
        }
        match connection.reader.advance(bytes) {
            Ok(Progress::Partial) => true,
            Ok(Progress::Complete { response, consumed }) if consumed == count => {
                let outcome = self.verifier.judge(request, response, connection.reader.body());
                let reusable = response.keep_alive && all_sent;
                if fresh && reusable && outcome == Outcome::Verified {
                    self.verifier.learn(request, response.status, bytes);
                }
                self.complete(index, response.status, outcome, now);
                // Verifying may have taken a while; it is not part of the next request's latency.
                let now = self.look_at_clock();
                self.go_on(index, reusable && !ended, now)
            }
            // Not HTTP, or more than one response to one request.
            Ok(Progress::Complete { .. }) | Err(_) => {
                self.fail(index, ErrorClass::Protocol, now);
                false
            }
        }
    }

    /// A complete response came at `now`.
    #[inline]
    fn complete(&mut self, index: usize, status: u16, outcome: Outcome, now: u64) {
        let connection = &mut self.connections[index];
        connection.state = State::Open;
        connection.used = true;
        connection.failures = 0;
        let latency_ns = now - connection.started_ns;
        self.tally.ended(now);
        self.tally.answered(status);
        match outcome {
            Outcome::Verified => self.tally.verified(latency_ns),
            Outcome::Failed(class) => self.tally.failed(class, latency_ns),
        }
    }

    /// After a complete response: the next request, on a new connection if this one is not `reusable`. False when
    /// the connection is no longer the same.
    #[inline]
    fn go_on(&mut self, index: usize, reusable: bool, now: u64) -> bool {
        if !reusable {
            self.reopen(index, now);
            return false;
        }
        if self.stage != Stage::Running {
            return true;
        }
        let generation = self.connections[index].generation();
        self.start(index, now);
        self.connections[index].generation() == generation
    }

    /// The server closed its side.
    fn end_of_stream(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        if connection.state != State::InFlight {
            return self.reopen(index, now);
        }
        let Ok(response) = connection.reader.end() else {
            return self.lost(index, now);
        };
        self.finish_at_end(index, response, now);
    }

    /// A response whose end was the connection's.
    fn finish_at_end(&mut self, index: usize, response: Response, now: u64) {
        let connection = &mut self.connections[index];
        let outcome = self
            .verifier
            .judge(connection.request, response, connection.reader.body());
        self.complete(index, response.status, outcome, now);
        self.reopen(index, now);
    }

    /// The connection is gone, without a complete answer to the request that it carried.
    fn lost(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        if connection.state != State::InFlight {
            return self.reopen(index, now);
        }
        // A server may close a used connection at any time (RFC 9112, 9.5), and its close crosses our request.
        if self.stage == Stage::Running
            && connection.used
            && !connection.resent
            && connection.reader.is_fresh()
        {
            connection.resending = true;
            self.tally.counters.resent += 1;
            return self.reopen(index, now);
        }
        self.fail(index, ErrorClass::Reset, now);
    }

    /// Ends the request in flight as failed, and its connection with it.
    fn fail(&mut self, index: usize, class: ErrorClass, now: u64) {
        let started_ns = self.connections[index].started_ns;
        self.tally.ended(now);
        self.tally.failed(class, now - started_ns);
        self.back_off(index, now);
    }

    fn back_off(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        connection.failures = connection.failures.saturating_add(1);
        connection.close(now + backoff::wait_ns(connection.failures, &mut self.random));
        self.waiting += 1;
    }

    /// Replaces a connection that ended as HTTP allows.
    fn reopen(&mut self, index: usize, now: u64) {
        self.connections[index].close(now);
        self.waiting += 1;
        if self.stage == Stage::Running {
            self.tally.counters.reconnects += 1;
            self.try_connect(index, now);
        }
    }

    fn try_connect(&mut self, index: usize, now: u64) {
        self.waiting -= 1;
        let epoll = self.epoll.as_fd();
        match self.connections[index].connect(&self.job.address, epoll, index, now) {
            Ok(()) => self.connecting += 1,
            Err(error) => self.connect_failed(index, error, now),
        }
    }

    /// Opens connections whose wait is over, but not too many at once.
    fn retry_waiting(&mut self, now: u64) {
        if self.waiting == 0 || self.stage == Stage::Draining {
            return;
        }
        for index in 0..self.connections.len() {
            if self.connecting >= OPENING_AT_ONCE {
                return;
            }
            if matches!(self.connections[index].state, State::Waiting { until_ns } if until_ns <= now) {
                self.try_connect(index, now);
            }
        }
    }

    fn tick(&mut self) -> Result<(), Errno> {
        let mut expirations = [0; 8];
        match rustix::io::read(&self.timer, &mut expirations) {
            Ok(_) | Err(Errno::AGAIN | Errno::INTR) => {}
            Err(error) => return Err(error),
        }
        let now = now_ns();
        if self.stage == Stage::Running {
            self.bound_interval(now);
        }
        let now = self.look_at_clock();
        self.retry_waiting(now);
        if now >= self.timeouts_due_ns {
            self.timeouts_due_ns = now + (self.job.timeout_ns / 20).clamp(TICK_NS, 10 * TICK_NS);
            self.expire(now);
        }
        Ok(())
    }

    /// Ends what has taken longer than it may.
    fn expire(&mut self, now: u64) {
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
    fn look_at_clock(&mut self) -> u64 {
        let now = now_ns();
        while now >= self.interval_end_ns {
            self.end_interval();
        }
        now
    }

    /// Sets the running interval's end: its own, or the load's if that comes first.
    fn bound_interval(&mut self, now: u64) {
        let own_end_ns = self.interval_start_ns + self.job.interval_ns;
        // A stop in the past ends the interval now: what was counted until now belongs to it.
        self.interval_end_ns = own_end_ns.min(self.control.stop_ns().max(now));
    }

    fn end_interval(&mut self) {
        let (start_ns, end_ns) = (self.interval_start_ns, self.interval_end_ns);
        let last = end_ns >= self.control.stop_ns();
        if last {
            for connection in self.connections.iter().filter(|connection| connection.is_busy()) {
                self.tally.cut_off(end_ns.saturating_sub(connection.started_ns));
            }
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

fn tick_timer() -> Result<OwnedFd, Errno> {
    let timer = rustix::time::timerfd_create(
        TimerfdClockId::Monotonic,
        TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
    )?;
    let tick = Timespec {
        tv_sec: 0,
        tv_nsec: TICK_NS as i64,
    };
    let every_tick = Itimerspec {
        it_interval: tick,
        it_value: tick,
    };
    rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &every_tick)?;
    Ok(timer)
}
