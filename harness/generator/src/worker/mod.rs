//! One generator thread: an edge-triggered epoll loop over the connections that it owns.
//!
//! `opening` makes connections, `exchange` sends and receives on them, `offering` decides when under an open load,
//! `intervals` keeps the time.

mod exchange;
mod intervals;
mod offering;
mod opening;

use crate::book::Book;
use crate::clock::now_ns;
use crate::collect::Slice;
use crate::connection::{Connection, State};
use crate::control::Control;
use crate::fault::ConnectFault;
use crate::fresh::Filled;
use crate::generator::Job;
use crate::tally::Tally;
use crate::verify::Verifier;
use bench_model::counters::{ErrorClass, Outcome};
use bench_model::random::Random;
use offering::Offer;
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
/// Longest time that is read from one connection before the others have their turn: an answer may have no end, and
/// chunks of one byte take a hundred times as long to read as the same bytes in one. In nanoseconds.
const LONGEST_TURN_NS: u64 = 200_000;
/// Longest wait for the answers in flight after the window, in nanoseconds.
const LONGEST_DRAIN_NS: u64 = 5_000_000_000;
/// The event data of the tick's timer, and of an open load's; no connection has them.
const TICK: u64 = u64::MAX;
const DUE: u64 = u64::MAX - 1;
/// A look for events that took longer than this, in nanoseconds, was interrupted: what is beyond it was not ours.
const LONGEST_LOOK_NS: u64 = 10_000;
/// A wait that only looks.
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

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
    /// What is due under an open load.
    offer: Option<Offer>,
    random: Random,
    stage: Stage,
    /// The place of the next request in the job's order.
    next_turn: usize,
    /// The last request that was made of each fresh one, and what became of their items.
    filled: Vec<Filled>,
    book: Book,
    /// Connections that are being opened, and that wait to be; the next to look at, whether its wait is over.
    connecting: usize,
    waiting: usize,
    next_retry: usize,
    /// The running interval, and when the next look for timeouts is due.
    interval: usize,
    interval_start_ns: u64,
    interval_end_ns: u64,
    timeouts_due_ns: u64,
    /// What the clock showed when it was last looked at.
    looked_ns: u64,
    last_fault: Option<ConnectFault>,
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
        epoll::add(&epoll, &timer, EventData::new_u64(TICK), EventFlags::IN)?;
        let offer = Offer::new(&job, index, epoll.as_fd())?;
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
            offer,
            random: Random::new(index as u64),
            stage: Stage::Opening,
            // Workers begin at different places of the order.
            next_turn: index * job.order.len() / job.threads.max(1),
            filled: vec![Filled::default(); job.requests.len()],
            book: Book::new(job.first_serial + index as u64, job.threads as u64, job.numbers()),
            connecting: 0,
            waiting: count,
            next_retry: 0,
            interval: 0,
            interval_start_ns: 0,
            interval_end_ns: u64::MAX,
            timeouts_due_ns: 0,
            looked_ns: 0,
            last_fault: None,
            job,
        })
    }

    /// Opens the connections; says how many are open once all are, or none was in the time that one may take.
    pub(crate) fn open(&mut self) -> Result<WorkerOpened, Errno> {
        let mut deadline_ns = now_ns() + self.job.connect_timeout_ns;
        let mut missing = self.connections.len();
        self.retry_waiting(now_ns());
        while self.connecting + self.waiting > 0
            && now_ns() < deadline_ns
            && self.control.stop_ns() == u64::MAX
        {
            self.turn(None)?;
            self.retry_waiting(now_ns());
            if self.connecting + self.waiting < missing {
                missing = self.connecting + self.waiting;
                deadline_ns = now_ns() + self.job.connect_timeout_ns;
            }
        }
        let open = self.connections.iter().filter(|connection| connection.state == State::Open).count();
        Ok(WorkerOpened { open, fault: self.last_fault.map(|fault| fault.to_string()) })
    }

    /// Loads the target from the epoch on until told to stop, then waits for the answers in flight.
    pub(crate) fn run(mut self) -> Result<Book, Errno> {
        let epoch_ns = self.control.wait_for_epoch();
        if self.control.stop_ns() <= epoch_ns {
            return Ok(self.book);
        }
        std::thread::sleep(Duration::from_nanos(epoch_ns.saturating_sub(now_ns())));
        // The server may have closed connections that lay idle until now.
        while self.turn(Some(&AT_ONCE))? == EVENTS {}
        self.stage = Stage::Running;
        self.interval_start_ns = epoch_ns;
        self.tally.begin(epoch_ns);
        self.bound_interval(epoch_ns);
        self.begin_offer(epoch_ns);
        self.give_all_work();
        while self.stage == Stage::Running {
            self.turn(None)?;
        }
        let deadline_ns = now_ns() + self.job.timeout_ns.min(LONGEST_DRAIN_NS);
        while self.tally.in_flight() > 0 && now_ns() < deadline_ns && !self.control.is_given_up() {
            self.turn(None)?;
        }
        for index in 0..self.connections.len() {
            if self.connections[index].is_busy() {
                self.note(index, Outcome::Failed(ErrorClass::Timeout));
            }
        }
        Ok(self.book)
    }

    /// Waits for events and handles them; says how many there were. No `wait` is as long as it takes: there is a
    /// tick every 10 ms, and arming a timer for every wait would cost more.
    fn turn(&mut self, wait: Option<&Timespec>) -> Result<usize, Errno> {
        let (may_sleep, before_ns) = (self.may_sleep()?, self.looked_ns);
        let wait = if may_sleep { wait } else { Some(&AT_ONCE) };
        let mut events = [const { std::mem::MaybeUninit::<Event>::uninit() }; EVENTS];
        let (ready, _) = match epoll::wait(&self.epoll, &mut events, wait) {
            Err(Errno::INTR) => return Ok(0),
            ready => ready?,
        };
        for event in ready.iter() {
            let (data, flags) = (event.data.u64(), event.flags);
            if data == TICK {
                self.tick()?;
                continue;
            }
            if data == DUE {
                self.timer_ran_out();
                continue;
            }
            let index = (data & 0xffff_ffff) as usize;
            if self.connections[index].is_current(data) {
                self.handle(index, data, flags);
            }
            if self.offer.as_ref().is_some_and(|offer| offer.can_send(self.looked_ns)) {
                self.offer_due(self.looked_ns, false);
            }
        }
        if self.offer.is_some() {
            let now = self.look_at_clock();
            if !may_sleep && ready.is_empty() {
                self.tally.counters.awake_ns += (now - before_ns).min(LONGEST_LOOK_NS);
            }
            self.offer_due(now, false);
        }
        Ok(ready.len())
    }

    fn handle(&mut self, index: usize, data: u64, flags: EventFlags) {
        let ended = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        if matches!(self.connections[index].state, State::Connecting { .. }) {
            self.connected(index);
            // The first request may have found out that the socket is of no use.
            if !self.connections[index].is_current(data) {
                return;
            }
        }
        if ended || flags.contains(EventFlags::IN) {
            self.readable(index, ended);
        }
        let connection = &self.connections[index];
        let unsent = connection.sent < self.job.requests[connection.request].bytes.len();
        if connection.state == State::InFlight && unsent && flags.contains(EventFlags::OUT) {
            self.send(index);
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
            self.hear_of_window();
        }
        let now = self.look_at_clock();
        self.retry_waiting(now);
        if now >= self.timeouts_due_ns {
            self.timeouts_due_ns = now + (self.job.timeout_ns / 20).clamp(TICK_NS, 10 * TICK_NS);
            self.expire(now);
        }
        Ok(())
    }
}

fn tick_timer() -> Result<OwnedFd, Errno> {
    let timer = rustix::time::timerfd_create(
        TimerfdClockId::Monotonic,
        TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
    )?;
    let tick = Timespec { tv_sec: 0, tv_nsec: TICK_NS as i64 };
    let every_tick = Itimerspec { it_interval: tick, it_value: tick };
    rustix::time::timerfd_settime(&timer, TimerfdTimerFlags::empty(), &every_tick)?;
    Ok(timer)
}
