//! Every request is counted once, and time adds up.

use crate::load::{INTERVAL_NS, Sum, job, run};
use crate::server::Server;
use bench_generator::{Generator, Job};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Little's law as an identity: the integral of requests in flight is the time that all requests took.
fn assert_time_adds_up(sum: &Sum) {
    let taken =
        |latencies: &bench_model::latency::Latencies| latencies.histogram().mean() * latencies.count() as f64;
    let of_requests = taken(&sum.latencies) + taken(&sum.censored) + sum.counters.failed_ns as f64;
    let in_flight = sum.counters.in_flight_ns as f64;
    assert!(
        (in_flight - of_requests).abs() <= 0.01 * in_flight,
        "{in_flight} ns in flight, {of_requests} ns of requests"
    );
}

#[test]
fn the_generator_and_the_server_count_the_same() {
    let server = Server::echo();
    let sum = run(job(server.address, 7, 3), 6);
    assert_eq!((sum.opened.open, sum.opened.fault.as_deref()), (7, None));
    assert_eq!(server.connections(), 7);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
    assert!(sum.counters.requests > 0);
    assert!(sum.cut_off() <= 7, "{} cut off", sum.cut_off());
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
    assert_eq!(sum.latencies.count(), sum.counters.requests);
    assert_eq!(sum.counters.status, [(200, sum.counters.requests)].into());
    assert_eq!((sum.counters.reconnects, sum.counters.resent), (0, 0));
}

/// wrk opens 48 of 50 connections on 16 threads, and 992 of 1000.
#[test]
fn all_connections_are_open_before_the_load_begins_however_threads_divide_them() {
    for (connections, threads) in [(50, 16), (7, 3), (10, 4), (3, 8), (1, 1)] {
        let server = Server::echo();
        let (mut generator, opened) = Generator::open(job(server.address, connections, threads)).unwrap();
        assert_eq!((opened.open, opened.fault), (connections, None));
        let deadline = Instant::now() + Duration::from_secs(10);
        while server.connections() < connections as u64 {
            assert!(Instant::now() < deadline, "{} of {connections} came", server.connections());
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(server.requests(), 0, "none is sent before the load begins");
        generator.begin();
        generator.stop_after(1);
        let only = generator.next_interval(Duration::from_secs(10)).unwrap().unwrap();
        generator.finish().unwrap();
        assert_eq!(server.connections(), connections as u64, "on {threads} threads");
        assert_eq!(server.requests(), only.counters.requests + only.censored.count());
    }
}

#[test]
fn intervals_follow_one_another_and_their_time_is_that_of_the_requests() {
    let server = Server::echo();
    let sum = run(job(server.address, 5, 2), 6);
    for (index, interval) in sum.intervals.iter().enumerate() {
        assert_eq!(interval.index, index);
        assert_eq!(interval.start_ns, index as u64 * INTERVAL_NS);
        assert_eq!(interval.duration_ns, INTERVAL_NS);
        assert!(interval.counters.in_flight_ns <= 5 * INTERVAL_NS);
    }
    assert_eq!(sum.duration_ns, 6 * INTERVAL_NS);
    assert_time_adds_up(&sum);
}

#[test]
fn a_server_that_takes_its_time_is_in_flight_all_the_while() {
    let server = Server::start(|client| {
        while let Some(body) = client.request() {
            std::thread::sleep(Duration::from_millis(5));
            client.answer(200, &body);
        }
    });
    let sum = run(job(server.address, 4, 1), 8);
    assert_eq!(sum.counters.errors.total(), 0);
    assert!(sum.latencies.histogram().min() >= 5_000_000, "shorter than the server's sleep");
    assert_time_adds_up(&sum);
    let in_flight_mean = sum.counters.in_flight_ns as f64 / sum.duration_ns as f64;
    assert!(in_flight_mean <= 4.0, "{in_flight_mean}");
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
}

#[test]
fn more_threads_than_connections_are_not_used() {
    let server = Server::echo();
    let sum = run(job(server.address, 2, 8), 2);
    assert_eq!((sum.opened.open, server.connections()), (2, 2));
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
}

#[test]
fn ipv6() {
    let server = Server::start_at("[::1]:0", crate::server::Client::echo);
    let sum = run(job(server.address, 3, 1), 2);
    assert_eq!(sum.counters.errors.total(), 0);
    assert!(sum.counters.requests > 0);
    assert_eq!(server.requests(), sum.counters.requests + sum.cut_off());
}

#[test]
fn stopping_now_ends_the_interval_and_counts_what_was_in_flight() {
    let server = Server::echo();
    let mut job = job(server.address, 5, 2);
    job.interval_ns = 3_600_000_000_000;
    let (mut generator, _) = Generator::open(job).unwrap();
    generator.begin();
    assert!(generator.next_interval(Duration::from_millis(100)).unwrap().is_none());
    let begun = Instant::now();
    generator.stop_now();
    let last = generator.next_interval(Duration::from_secs(10)).unwrap().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(last.duration_ns < 10_000_000_000, "{} ns", last.duration_ns);
    assert!(generator.next_interval(Duration::from_secs(10)).is_err());
    generator.finish().unwrap();
    assert_eq!(server.requests(), last.counters.requests + last.censored.count());
}

#[test]
fn a_generator_that_is_dropped_waits_for_no_answer() {
    let server = Server::start(crate::server::Client::wait_for_end);
    let mut job = job(server.address, 3, 1);
    job.timeout_ns = 600_000_000_000;
    let (generator, _) = Generator::open(job).unwrap();
    generator.begin();
    std::thread::sleep(Duration::from_millis(50));
    let begun = Instant::now();
    drop(generator);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[test]
fn what_is_in_flight_at_the_end_is_waited_for() {
    let left = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&left);
    let mut server = Server::start(move |client| {
        while let Some(body) = client.request() {
            // Four times the whole load.
            std::thread::sleep(Duration::from_nanos(4 * INTERVAL_NS));
            counted.fetch_add(u64::from(client.is_gone()), Ordering::SeqCst);
            client.answer(200, &body);
        }
    });
    let sum = run(Job { timeout_ns: 60_000_000_000, ..job(server.address, 3, 2) }, 1);
    server.stop();
    assert_eq!((sum.counters.requests, sum.cut_off(), server.requests()), (0, 3, 3));
    assert_eq!(left.load(Ordering::SeqCst), 0, "closed before the answer was written");
}
