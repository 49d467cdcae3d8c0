//! The server: reads requests, and sends each its answer when that is due. It knows no distribution.

use crate::delay::Delays;
use crate::request::request_length;
use bench_model::latency::Latencies;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags, SocketFlags, sockopt};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
};
use signal_hook::consts::{SIGTERM, SIGUSR1};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::Read as _;
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n\
    {\"message\":\"Hello, World!\"}";
/// The event data of the listener, the timer and the signals; no connection has them.
const LISTENER: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
const SIGNAL: u64 = u64::MAX - 2;
/// A sleep may end as late as this, in nanoseconds: the last of a wait is spent looking.
const AWAKE_NS: u64 = 100_000;
/// A wait that only looks.
const AT_ONCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// How the server works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Options {
    /// CPU time that each request costs, in nanoseconds.
    pub(crate) work_ns: u64,
    /// Whether it never sleeps.
    pub(crate) busy: bool,
}

/// A connection, and what came of a request that is not complete.
struct Connection {
    socket: OwnedFd,
    number: u64,
    unread: Vec<u8>,
}

/// An answer that waits to be sent, ordered by when that is due.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pending {
    due_ns: u64,
    read_ns: u64,
    index: usize,
    number: u64,
}

/// A server with all its connections.
pub(crate) struct Server {
    /// Requests that were read whole, answers that were sent, connections that were closed for what came on them, and
    /// all that were accepted.
    pub(crate) read: u64,
    pub(crate) answered: u64,
    pub(crate) refused: u64,
    pub(crate) accepted: u64,
    /// From the reading of each request to the sending of its answer.
    pub(crate) given: Latencies,
    options: Options,
    delays: Delays,
    listener: TcpListener,
    epoll: OwnedFd,
    timer: OwnedFd,
    armed_ns: u64,
    signals: UnixStream,
    ended: Arc<AtomicBool>,
    connections: Vec<Option<Connection>>,
    pending: BinaryHeap<Reverse<Pending>>,
    buffer: Vec<u8>,
}

impl Server {
    /// A server on a listener that does not block.
    pub(crate) fn new(listener: TcpListener, delays: Delays, options: Options) -> std::io::Result<Self> {
        let (signals, told) = UnixStream::pair()?;
        signals.set_nonblocking(true)?;
        let ended = Arc::new(AtomicBool::new(false));
        // The flag first: whoever reads the byte finds it set.
        signal_hook::flag::register(SIGTERM, Arc::clone(&ended))?;
        signal_hook::low_level::pipe::register(SIGTERM, told.try_clone()?)?;
        signal_hook::low_level::pipe::register(SIGUSR1, told)?;
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = rustix::time::timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let interest = EventFlags::IN | EventFlags::ET;
        epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), interest)?;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), interest)?;
        epoll::add(&epoll, &signals, EventData::new_u64(SIGNAL), interest)?;
        Ok(Self {
            read: 0,
            answered: 0,
            refused: 0,
            accepted: 0,
            given: Latencies::new(),
            options,
            delays,
            listener,
            epoll,
            timer,
            armed_ns: 0,
            signals,
            ended,
            connections: Vec::new(),
            pending: BinaryHeap::new(),
            buffer: vec![0; 64 * 1024],
        })
    }

    /// Serves until a signal asks for the counters; true when it is the one that ends the server.
    pub(crate) fn serve(&mut self) -> Result<bool, Errno> {
        let mut events = [const { MaybeUninit::<Event>::uninit() }; 256];
        loop {
            let wait = self.wait()?;
            let (ready, _) = match epoll::wait(&self.epoll, &mut events, wait) {
                Err(Errno::INTR) => continue,
                ready => ready?,
            };
            let mut told = false;
            for event in ready.iter() {
                match event.data.u64() {
                    LISTENER => self.accept_all()?,
                    TIMER => {}
                    SIGNAL => told = true,
                    index => self.readable(index as usize, event.flags),
                }
                // However many requests came at once, none of them holds up an answer.
                self.answer_due();
            }
            self.answer_due();
            if told {
                while matches!(self.signals.read(&mut [0; 64]), Ok(count) if count > 0) {}
                return Ok(self.ended.load(Ordering::SeqCst));
            }
        }
    }

    /// How long to wait for events: until the timer ends it, or not at all shortly before an answer is due.
    fn wait(&mut self) -> Result<Option<&'static Timespec>, Errno> {
        if self.options.busy {
            return Ok(Some(&AT_ONCE));
        }
        let Some(Reverse(next)) = self.pending.peek() else { return Ok(None) };
        let wake_ns = next.due_ns.saturating_sub(AWAKE_NS);
        if now_ns() >= wake_ns {
            return Ok(Some(&AT_ONCE));
        }
        if wake_ns != self.armed_ns {
            self.armed_ns = wake_ns;
            let at = Timespec {
                tv_sec: (wake_ns / 1_000_000_000) as i64,
                tv_nsec: (wake_ns % 1_000_000_000) as i64,
            };
            let once = Itimerspec { it_interval: AT_ONCE, it_value: at };
            rustix::time::timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &once)?;
        }
        Ok(None)
    }

    fn accept_all(&mut self) -> Result<(), Errno> {
        loop {
            let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
            let socket = match net::accept_with(&self.listener, flags) {
                Ok(socket) => socket,
                Err(Errno::AGAIN) => return Ok(()),
                Err(Errno::INTR | Errno::CONNABORTED) => continue,
                Err(error) => return Err(error),
            };
            sockopt::set_tcp_nodelay(&socket, true)?;
            let free = self.connections.iter().position(Option::is_none);
            let index = free.unwrap_or(self.connections.len());
            if index == self.connections.len() {
                self.connections.push(None);
            }
            let interest = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
            epoll::add(&self.epoll, &socket, EventData::new_u64(index as u64), interest)?;
            self.accepted += 1;
            self.connections[index] = Some(Connection { socket, number: self.accepted, unread: Vec::new() });
        }
    }

    /// Reads what is there, and closes the connection at its end.
    fn readable(&mut self, index: usize, flags: EventFlags) {
        let ended = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        loop {
            let Some(connection) = &mut self.connections[index] else { return };
            let count = match net::recv(&connection.socket, &mut *self.buffer, RecvFlags::empty()) {
                Ok((count, _)) if count > 0 => count,
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) if !ended => return,
                _ => break,
            };
            let read_ns = now_ns();
            connection.unread.extend_from_slice(&self.buffer[..count]);
            let (number, mut at) = (connection.number, 0);
            let mut requests = 0;
            loop {
                match request_length(&connection.unread[at..]) {
                    Some(Some(length)) if at + length <= connection.unread.len() => at += length,
                    Some(_) => break,
                    None => {
                        self.refused += 1;
                        self.connections[index] = None;
                        return;
                    }
                }
                requests += 1;
            }
            connection.unread.drain(..at);
            (0..requests).for_each(|_| self.take(index, number, read_ns));
            // A short read means that the socket is empty.
            if count < self.buffer.len() && !ended {
                return;
            }
        }
        self.connections[index] = None;
    }

    /// A request was read whole at `read_ns`.
    fn take(&mut self, index: usize, number: u64, read_ns: u64) {
        self.read += 1;
        if self.options.work_ns > 0 {
            let until_ns = now_ns() + self.options.work_ns;
            while now_ns() < until_ns {}
        }
        let due_ns = read_ns + self.delays.next_ns();
        let pending = Pending { due_ns, read_ns, index, number };
        // What is due already need not go through the heap.
        if due_ns <= read_ns { self.answer(&pending) } else { self.pending.push(Reverse(pending)) }
    }

    fn answer_due(&mut self) {
        while let Some(Reverse(next)) = self.pending.peek()
            && next.due_ns <= now_ns()
            && let Some(Reverse(next)) = self.pending.pop()
        {
            self.answer(&next);
        }
    }

    /// Sends an answer, unless the connection that it was for is gone.
    fn answer(&mut self, pending: &Pending) {
        let slot = &mut self.connections[pending.index];
        let Some(connection) = slot.as_ref().filter(|connection| connection.number == pending.number) else {
            return;
        };
        let sent_ns = now_ns();
        match net::send(&connection.socket, ANSWER, SendFlags::NOSIGNAL) {
            Ok(count) if count == ANSWER.len() => {
                self.answered += 1;
                self.given.record(sent_ns - pending.read_ns);
            }
            // Somebody who lets answers pile up until none fits in is nobody to measure.
            _ => *slot = None,
        }
    }
}

fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
