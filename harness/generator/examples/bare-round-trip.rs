//! The least that a client on epoll can cost: one connection, one request in flight, nothing but the sending of a fixed
//! request and the receiving of an answer whose length is known.
//!
//! `bare-round-trip ADDRESS SECONDS` prints one line of JSON: requests, and the P50, P99 and P99.9 of the time from
//! before a send to after the receive that completes its answer, in microseconds. `scripts/bare-latency` sets `bench` with
//! one connection beside it. The caller pins it to a CPU with `taskset`.

use bench_model::latency::Latencies;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{self, RecvFlags, SendFlags};
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::io::{Read as _, Write as _};
use std::mem::MaybeUninit;
use std::net::TcpStream;
use std::time::Duration;

const USAGE: &str = "usage: bare-round-trip ADDRESS SECONDS, such as 127.0.0.1:8080 5";
/// Round trips before those that count: the first few find everything cold.
const WARM_UP_NS: u64 = 500_000_000;
/// So long after the first bytes of an answer all of it is there.
const WHOLE_ANSWER: Duration = Duration::from_millis(100);

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, seconds] = arguments.as_slice() else { return Err(USAGE.into()) };
    let length_ns = seconds.parse::<u64>().map_err(|_| USAGE)?.max(1) * 1_000_000_000;
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let mut stream =
        TcpStream::connect(address).map_err(|error| format!("cannot connect to {address}: {error}"))?;
    stream.set_nodelay(true)?;
    let answer_bytes = answer_length(&mut stream, request.as_bytes())?;
    stream.set_nonblocking(true)?;
    let client = Client::new(stream.into(), request.into_bytes(), answer_bytes)?;
    client.load(WARM_UP_NS)?;
    let latencies = client.load(length_ns)?;
    let at_us = |quantile| latencies.quantile_ns(quantile) as f64 / 1e3;
    writeln!(
        std::io::stdout(),
        r#"{{"requests": {}, "p50_us": {}, "p99_us": {}, "p99_9_us": {}}}"#,
        latencies.count(),
        at_us(0.5),
        at_us(0.99),
        at_us(0.999)
    )?;
    Ok(())
}

/// The length of the answer to `request`, in bytes.
fn answer_length(stream: &mut TcpStream, request: &[u8]) -> Result<usize, Box<dyn Error>> {
    let mut buffer = vec![0; 64 * 1024];
    stream.write_all(request)?;
    std::thread::sleep(WHOLE_ANSWER);
    match stream.read(&mut buffer)? {
        0 => Err("the server closed the connection instead of answering".into()),
        count if count == buffer.len() => Err("the answer is longer than 64 kB".into()),
        count => Ok(count),
    }
}

/// A connection and what goes back and forth on it.
struct Client {
    socket: OwnedFd,
    epoll: OwnedFd,
    request: Vec<u8>,
    answer_bytes: usize,
}

impl Client {
    fn new(socket: OwnedFd, request: Vec<u8>, answer_bytes: usize) -> Result<Self, Errno> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let interest = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(&epoll, &socket, EventData::new_u64(0), interest)?;
        Ok(Self { socket, epoll, request, answer_bytes })
    }

    /// Sends one request after the other for so long; gives how long each took.
    fn load(&self, length_ns: u64) -> Result<Latencies, Box<dyn Error>> {
        let mut latencies = Latencies::new();
        let mut buffer = vec![0; 64 * 1024];
        let mut now = now_ns();
        let end_ns = now + length_ns;
        while now < end_ns {
            let sent_ns = now;
            if net::send(&self.socket, &self.request, SendFlags::NOSIGNAL)? != self.request.len() {
                return Err("the request does not fit into the socket's buffer".into());
            }
            let mut received = 0;
            while received < self.answer_bytes {
                received += self.receive(&mut buffer)?;
            }
            if received > self.answer_bytes {
                return Err("the server's answers are not all of the same length".into());
            }
            now = now_ns();
            latencies.record(now - sent_ns);
        }
        Ok(latencies)
    }

    /// Waits for bytes and receives them; 0 if the wait ended for another reason.
    fn receive(&self, buffer: &mut [u8]) -> Result<usize, Box<dyn Error>> {
        let mut events = [const { MaybeUninit::<Event>::uninit() }; 1];
        match epoll::wait(&self.epoll, &mut events, None) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        match net::recv(&self.socket, buffer, RecvFlags::empty()) {
            Ok((0, _)) => Err("the server closed the connection".into()),
            Ok((count, _)) => Ok(count),
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// The clock of `bench`'s own latencies.
fn now_ns() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
