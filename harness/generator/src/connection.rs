//! One connection: its socket and what it is doing. Decides nothing; the worker does.

use crate::fault::ConnectFault;
use crate::fresh::Serials;
use crate::protocol::http1::Reader;
use crate::tally::Elapsed;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::IpBindAddressNoPort;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{self, AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, sockopt};
use std::net::{IpAddr, SocketAddr};

/// What epoll tells of a connection: everything, once.
const INTEREST: EventFlags =
    EventFlags::IN.union(EventFlags::OUT).union(EventFlags::RDHUP).union(EventFlags::ET);

/// What a connection is to be between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ends {
    /// The address that it comes from; the system's choice if absent.
    pub(crate) source: Option<IpAddr>,
    pub(crate) target: SocketAddr,
}

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// It is not open, and tries again at this time.
    Waiting { until_ns: u64 },
    /// It is being opened since this time.
    Connecting { since_ns: u64 },
    /// It is open and carries no request.
    Open,
    /// It carries a request.
    InFlight,
}

/// A connection and the request that it carries.
#[derive(Debug)]
pub(crate) struct Connection {
    socket: Option<OwnedFd>,
    pub(crate) state: State,
    /// Changes with every socket, so that an event of an earlier one is known for what it is.
    generation: u32,
    /// The number of the request in flight, and how many of its bytes were sent.
    pub(crate) request: usize,
    pub(crate) sent: usize,
    /// The numbers of its items.
    pub(crate) serials: Serials,
    /// When the request in flight was first sent, and when it was due: the same under a closed load.
    pub(crate) started_ns: u64,
    pub(crate) due_ns: u64,
    /// Under an open load: whether it waits for a request, and whether the worker's list of those that do names it.
    pub(crate) free: bool,
    pub(crate) listed: bool,
    /// Whether a request waits for a new socket since its first one closed before an answer.
    pub(crate) resending: bool,
    /// Whether the request in flight was sent twice.
    pub(crate) resent: bool,
    /// Whether this socket has carried a complete response.
    pub(crate) used: bool,
    /// Failures since the last complete response.
    pub(crate) failures: u32,
    pub(crate) reader: Reader,
}

impl Connection {
    pub(crate) fn new() -> Self {
        Self {
            socket: None,
            state: State::Waiting { until_ns: 0 },
            generation: 0,
            request: 0,
            sent: 0,
            serials: Serials::default(),
            started_ns: 0,
            due_ns: 0,
            free: false,
            listed: false,
            resending: false,
            resent: false,
            used: false,
            failures: 0,
            reader: Reader::default(),
        }
    }

    /// Whether a request is under way, on its socket or waiting for another one.
    pub(crate) fn is_busy(&self) -> bool {
        self.state == State::InFlight || self.resending
    }

    /// How long the request that it carries has taken.
    pub(crate) fn elapsed(&self, now_ns: u64) -> Elapsed {
        Elapsed {
            since_due_ns: now_ns.saturating_sub(self.due_ns),
            since_send_ns: now_ns.saturating_sub(self.started_ns),
        }
    }

    /// Begins to connect. Success, too, is told by an event.
    pub(crate) fn connect(
        &mut self,
        ends: Ends,
        epoll: BorrowedFd<'_>,
        index: usize,
        now_ns: u64,
    ) -> Result<(), ConnectFault> {
        let family = if ends.target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = net::socket_with(family, SocketType::STREAM, flags, None)?;
        sockopt::set_tcp_nodelay(&socket, true)?;
        if let Some(source) = ends.source {
            come_from(&socket, source)?;
        }
        match net::connect(&socket, &ends.target) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(Errno::ADDRNOTAVAIL) => return Err(ConnectFault::Ports),
            Err(error) => return Err(error.into()),
        }
        epoll::add(epoll, &socket, self.event_data(index), INTEREST)?;
        self.socket = Some(socket);
        self.used = false;
        self.state = State::Connecting { since_ns: now_ns };
        Ok(())
    }

    /// Asks epoll to tell again of what is there to be read: edge-triggered, it would be silent until more comes.
    pub(crate) fn tell_again(&self, epoll: BorrowedFd<'_>, index: usize) -> Result<(), Errno> {
        epoll::modify(epoll, self.fd()?, self.event_data(index), INTEREST)
    }

    /// Whether an event's data speaks of the socket that is open now.
    pub(crate) fn is_current(&self, data: u64) -> bool {
        self.socket.is_some() && data >> 32 == u64::from(self.generation)
    }

    /// Changes whenever the socket is closed.
    pub(crate) fn generation(&self) -> u32 {
        self.generation
    }

    /// How connecting ended, if it did.
    pub(crate) fn connect_result(&self) -> Result<(), Errno> {
        sockopt::socket_error(self.fd()?).and_then(|result| result)
    }

    /// Closes the socket, and tries again at `until_ns`.
    pub(crate) fn close(&mut self, until_ns: u64) {
        self.socket = None;
        self.generation = self.generation.wrapping_add(1);
        self.state = State::Waiting { until_ns };
    }

    /// Sends what is left of `request`; true when all of it is out.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<(bool, usize), Errno> {
        let mut total = 0;
        while self.sent < request.len() {
            match net::send(self.fd()?, &request[self.sent..], SendFlags::NOSIGNAL) {
                Ok(count) => {
                    self.sent += count;
                    total += count;
                }
                Err(Errno::AGAIN) => return Ok((false, total)),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((true, total))
    }

    /// Receives into `buffer`; 0 at the connection's end, `None` when nothing is there.
    #[inline]
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Result<Option<usize>, Errno> {
        loop {
            match net::recv(self.fd()?, &mut *buffer, RecvFlags::empty()) {
                Ok((count, _)) => return Ok(Some(count)),
                Err(Errno::AGAIN) => return Ok(None),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn event_data(&self, index: usize) -> EventData {
        EventData::new_u64(u64::from(self.generation) << 32 | index as u64)
    }

    fn fd(&self) -> Result<BorrowedFd<'_>, Errno> {
        self.socket.as_ref().map(AsFd::as_fd).ok_or(Errno::NOTCONN)
    }
}

/// Gives a socket the address that it is to come from, and leaves the port to its connecting.
fn come_from(socket: &OwnedFd, source: IpAddr) -> Result<(), ConnectFault> {
    // Otherwise the system takes a port now, before it knows where to, and none that a connection which was closed in
    // the last minute still holds: after some large runs in a row nothing would be left. A kernel that has no such
    // option (before Linux 4.2) does just that.
    let _ = setsockopt(socket, IpBindAddressNoPort, &true);
    net::bind(socket, &SocketAddr::new(source, 0)).map_err(|error| match error {
        Errno::ADDRNOTAVAIL => ConnectFault::Source(source),
        Errno::ADDRINUSE => ConnectFault::Ports,
        error => error.into(),
    })
}
