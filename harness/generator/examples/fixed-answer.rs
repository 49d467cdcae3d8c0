//! A server that gives the same small answer to every request: the peer that generators are measured against.
//!
//! One thread, edge-triggered epoll, nothing but the reading of requests: what a load generator sees of it is the
//! least that a server can cost. `fixed-answer [PORT]` listens on 127.0.0.1; without a port it takes a free one; it
//! prints which. The caller pins it to a CPU with `taskset`.

#[path = "known-latency/request.rs"]
mod request;

use request::request_length;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags, SocketFlags, sockopt};
use std::io::Write as _;
use std::mem::MaybeUninit;
use std::net::TcpListener;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n\
    {\"message\":\"Hello, World!\"}";
/// The event data of the listener; no connection has it.
const LISTENER: u64 = u64::MAX;

/// A connection: what came of a request that is not complete, and what could not be sent yet.
struct Connection {
    socket: OwnedFd,
    unread: Vec<u8>,
    unsent: Vec<u8>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port: u16 = match std::env::args().nth(1) {
        Some(port) => {
            port.parse().map_err(|_| format!("usage: fixed-answer [PORT], and `{port}` is no port"))?
        }
        None => 0,
    };
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    // The queue that std asks for overflows when a thousand connections are opened at once.
    net::listen(&listener, 4096)?;
    listener.set_nonblocking(true)?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    serve(&listener)?;
    Ok(())
}

fn serve(listener: &TcpListener) -> Result<(), Errno> {
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    let on_listener = EventData::new_u64(LISTENER);
    epoll::add(&epoll, listener, on_listener, EventFlags::IN | EventFlags::ET)?;
    let mut connections: Vec<Option<Connection>> = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut events = [const { MaybeUninit::<Event>::uninit() }; 256];
    loop {
        let (ready, _) = match epoll::wait(&epoll, &mut events, None) {
            Err(Errno::INTR) => continue,
            ready => ready?,
        };
        for event in ready.iter() {
            let (data, flags) = (event.data.u64(), event.flags);
            if data == LISTENER {
                accept_all(listener, &epoll, &mut connections)?;
            } else if let Some(connection) = &mut connections[data as usize]
                && !connection.serve(flags, &mut buffer)
            {
                connections[data as usize] = None;
            }
        }
    }
}

fn accept_all(
    listener: &TcpListener,
    epoll: &OwnedFd,
    connections: &mut Vec<Option<Connection>>,
) -> Result<(), Errno> {
    loop {
        let socket = match net::accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
            Ok(socket) => socket,
            Err(Errno::AGAIN) => return Ok(()),
            Err(Errno::INTR | Errno::CONNABORTED) => continue,
            Err(error) => return Err(error),
        };
        sockopt::set_tcp_nodelay(&socket, true)?;
        let index = connections.iter().position(Option::is_none).unwrap_or(connections.len());
        if index == connections.len() {
            connections.push(None);
        }
        let interest = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(epoll, &socket, EventData::new_u64(index as u64), interest)?;
        connections[index] = Some(Connection { socket, unread: Vec::new(), unsent: Vec::new() });
    }
}

impl Connection {
    /// Does what an event asks for; false when the connection is at its end.
    fn serve(&mut self, flags: EventFlags, buffer: &mut [u8]) -> bool {
        let ended = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
        if flags.contains(EventFlags::OUT) && !self.flush() {
            return false;
        }
        while flags.contains(EventFlags::IN) {
            let count = match net::recv(&self.socket, &mut *buffer, RecvFlags::empty()) {
                Ok((0, _)) => return false,
                Ok((count, _)) => count,
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => continue,
                Err(_) => return false,
            };
            if !self.answer(&buffer[..count]) {
                return false;
            }
            // A short read means that the socket is empty.
            if count < buffer.len() && !ended {
                break;
            }
        }
        !ended
    }

    /// Answers the requests in `input`, together with what was left of the input before.
    fn answer(&mut self, input: &[u8]) -> bool {
        let joined;
        let mut rest = if self.unread.is_empty() {
            input
        } else {
            self.unread.extend_from_slice(input);
            joined = std::mem::take(&mut self.unread);
            &joined
        };
        let mut answers = 0;
        while !rest.is_empty() {
            match request_length(rest) {
                Some(Some(length)) if length <= rest.len() => rest = &rest[length..],
                Some(_) => break,
                None => return false,
            }
            answers += 1;
        }
        self.unread.extend_from_slice(rest);
        if answers == 1 && self.unsent.is_empty() {
            return self.send(ANSWER);
        }
        (0..answers).for_each(|_| self.unsent.extend_from_slice(ANSWER));
        self.flush()
    }

    fn flush(&mut self) -> bool {
        let unsent = std::mem::take(&mut self.unsent);
        self.send(&unsent)
    }

    /// Sends what can be sent and keeps the rest.
    fn send(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            match net::send(&self.socket, bytes, SendFlags::NOSIGNAL) {
                Ok(count) => bytes = &bytes[count..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.unsent.extend_from_slice(bytes);
                    return true;
                }
                Err(_) => return false,
            }
        }
        true
    }
}
