//! A server that is not there is not hammered, and is found again when it comes back.

use crate::load::{job, run, run_with};
use crate::server::{Client, Server};
use bench_generator::Generator;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

/// An address that refuses connections.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// Most tries of one connection in a second of failures: the wait doubles from 5 ms at least.
const TRIES_A_SECOND: u64 = 9;

#[test]
fn a_refusing_server_is_not_hammered() {
    let mut job = job(nobody(), 8, 2);
    job.connect_timeout_ns = 50_000_000;
    let sum = run(job, 20);
    assert_eq!(sum.opened.open, 0);
    assert!(sum.opened.fault.unwrap().contains("refused"));
    assert!(sum.counters.errors.connect > 0);
    assert_eq!(sum.counters.errors.connect, sum.counters.errors.total());
    assert!(sum.counters.errors.connect <= 8 * TRIES_A_SECOND, "{:?}", sum.counters);
    assert_eq!((sum.counters.requests, sum.counters.in_flight_ns), (0, 0));
}

#[test]
fn a_server_that_dies_is_found_again() {
    let mut first = Some(Server::echo());
    let address = first.as_ref().unwrap().address;
    let mut second = None;
    let sum = run_with(job(address, 6, 2), 24, |interval| match interval {
        4 => drop(first.take()),
        10 => second = Some(Server::start_at(&address.to_string(), Client::echo)),
        _ => {}
    });
    let requests: Vec<u64> = sum.intervals.iter().map(|interval| interval.counters.requests).collect();
    assert!(requests[..4].iter().sum::<u64>() > 0, "{requests:?}");
    assert_eq!(requests[8..10].iter().sum::<u64>(), 0, "{requests:?}");
    assert!(requests[14..].iter().sum::<u64>() > 0, "not found again: {requests:?}");
    assert!(sum.counters.errors.connect > 0);
    assert!(sum.counters.errors.connect <= 6 * TRIES_A_SECOND, "{:?}", sum.counters);
    assert_eq!(second.unwrap().connections(), 6);
    // Requests that were in flight at the death: sent again once or reset, and counted once either way.
    assert!(sum.counters.errors.reset <= 6, "{:?}", sum.counters);
}

#[test]
fn a_server_that_hangs_up_at_once_is_not_hammered() {
    let server = Server::start(|_| {});
    let mut job = job(server.address, 4, 1);
    job.connect_timeout_ns = 300_000_000;
    let sum = run(job, 14);
    assert_eq!(sum.counters.requests, 0);
    assert!(sum.counters.errors.reset > 0);
    assert!(server.connections() <= 4 * TRIES_A_SECOND, "{}", server.connections());
}

#[test]
fn connections_closed_before_the_load_are_no_errors() {
    let server = Server::start(|client| {
        if client.number < 4 {
            std::thread::sleep(Duration::from_millis(50));
        } else {
            client.echo();
        }
    });
    let (mut generator, opened) = Generator::open(job(server.address, 4, 2)).unwrap();
    assert_eq!(opened.open, 4);
    std::thread::sleep(Duration::from_millis(300));
    generator.begin();
    generator.stop_after(4);
    let mut requests = 0;
    while let Ok(Some(interval)) = generator.next_interval(Duration::from_secs(10)) {
        assert_eq!(interval.counters.errors.total(), 0, "{:?}", interval.counters);
        requests += interval.counters.requests;
    }
    assert!(requests > 0);
    assert_eq!(server.connections(), 8);
}

#[test]
fn nobody_answers_the_call() {
    // A listener whose queue is full: further connections are neither taken nor refused.
    let listener =
        rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    rustix::net::bind(&listener, &any).unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let listener = TcpListener::from(listener);
    let mut job = job(listener.local_addr().unwrap(), 4, 1);
    job.connect_timeout_ns = 100_000_000;
    job.timeout_ns = 100_000_000;
    let sum = run(job, 10);
    assert!(sum.opened.open < 4, "{:?}", sum.opened);
    assert!(sum.counters.errors.connect > 0, "{:?}", sum.counters);
    assert!(sum.counters.errors.timeout > 0, "{:?}", sum.counters);
    assert_eq!(sum.counters.requests, 0);
}
