//! An open load: requests go out when they are due, and what the target's stalls cost is in the latencies.

use crate::load::{INTERVAL_NS, Sum, job, run};
use crate::server::Server;
use bench_generator::{Generator, Job};
use bench_model::load::{Arrivals, LoadModel};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An open load of `stages` on some connections of one thread.
fn open(address: SocketAddr, connections: usize, stages: &[&str]) -> Job {
    let load = LoadModel::Open {
        connections,
        stages: stages.iter().map(|stage| stage.parse().unwrap()).collect(),
        arrivals: Arrivals::Uniform,
        seed: 1,
        max_lag_s: None,
    };
    Job { load, ..job(address, connections, 1) }
}

/// Every request that was due was sent, was cut off or was given up: none is lost, none is there twice.
fn assert_all_accounted(sum: &Sum) {
    let counters = &sum.counters;
    let waiting = counters.due - counters.sent - counters.errors.unsent;
    let timeouts = counters.errors.timeout + counters.errors.unsent;
    let ended = counters.requests + counters.errors.total() - counters.errors.unsent;
    assert_eq!(counters.sent - ended + waiting, sum.censored.count() - timeouts, "{counters:?}");
    assert_eq!(sum.lag().count(), counters.sent);
    assert_eq!(sum.service().count(), counters.requests);
    assert_eq!(sum.latencies.count(), counters.requests);
}

#[test]
fn what_is_due_is_sent_and_nothing_else() {
    for (threads, arrivals) in [(1, Arrivals::Uniform), (3, Arrivals::Uniform), (2, Arrivals::Poisson)] {
        let server = Server::echo();
        let mut job = Job { threads, ..open(server.address, 6, &["400:1s"]) };
        if let LoadModel::Open { arrivals: wanted, .. } = &mut job.load {
            *wanted = arrivals;
        }
        let sum = run(job, 10);
        // Half a second at 400 a second; a Poisson count of 200 is within 60 of it but once in 20,000 times, and is
        // the same each time.
        let most = if arrivals == Arrivals::Uniform { 0 } else { 60 };
        assert!(sum.counters.due.abs_diff(200) <= most, "{}", sum.counters.due);
        assert_eq!(sum.counters.errors.total(), 0);
        assert_eq!(server.requests(), sum.counters.sent);
        assert_all_accounted(&sum);
    }
}

/// What is spent awake is known, and changes nothing else.
#[test]
fn a_generator_that_owns_its_cpus_stays_awake_shortly_before_a_request_is_due() {
    let server = Server::echo();
    let sum = run(Job { owns_cpus: true, ..open(server.address, 4, &["400:1s"]) }, 10);
    assert_eq!((sum.counters.due, sum.counters.errors.total()), (200, 0));
    assert!((1..10 * INTERVAL_NS).contains(&sum.counters.awake_ns), "{}", sum.counters.awake_ns);
    assert_eq!(server.requests(), sum.counters.sent);
    assert_all_accounted(&sum);
}

#[test]
fn the_rate_follows_the_stages() {
    let server = Server::echo();
    let job = open(server.address, 8, &["200:200ms", "200..1000:200ms", "100:100ms"]);
    let (mut generator, _) = Generator::open(job).unwrap();
    generator.begin();
    generator.begin_window(2);
    generator.stop_after(12);
    let mut due = Vec::new();
    while let Ok(Some(interval)) = generator.next_interval(Duration::from_secs(10)) {
        due.push(interval.counters.due);
    }
    // Intervals of 50 ms: two before the window, four of the first stage, four of the ramp, two of the last.
    assert_eq!(due, [10, 10, 10, 10, 10, 10, 15, 25, 35, 45, 5, 5]);
}

/// The server stalls once. A closed loop would see one slow request; the schedule saw all that came meanwhile.
#[test]
fn a_stall_is_felt_by_every_request_that_was_due_in_it() {
    let stalled = AtomicBool::new(false);
    let server = Server::start(move |client| {
        while let Some(body) = client.request() {
            if !stalled.swap(true, Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(400));
            }
            client.answer(200, &body);
        }
    });
    let sum = run(open(server.address, 1, &["100:10s"]), 20);
    assert_all_accounted(&sum);
    let slow = |latencies: &bench_model::latency::Latencies| {
        latencies.histogram().count_between(100_000_000, u64::MAX)
    };
    assert_eq!(slow(&sum.service()), 1, "one request was answered late");
    let felt = slow(&sum.latencies);
    assert!((25..=35).contains(&felt), "{felt} requests were due in the first 300 of 400 ms");
    assert!(sum.counters.queued >= felt - 1, "{}", sum.counters.queued);
    // Nobody is sent late without a reason: the first of those that waited left when the connection was free.
    assert!(sum.lag().histogram().max() >= 300_000_000);
}

#[test]
fn a_target_that_never_answers_costs_no_memory_and_hides_nothing() {
    let server = Server::start(crate::server::Client::wait_for_end);
    let sum = run(open(server.address, 2, &["1k:10s"]), 8);
    assert_eq!((sum.counters.due, sum.counters.sent, sum.counters.requests), (400, 2, 0));
    assert_eq!(sum.censored.count(), 400, "two in flight and 398 in the queue");
    assert!(sum.censored.histogram().max() >= 390_000_000, "the first was due at once");
    assert_all_accounted(&sum);
}

#[test]
fn a_request_that_waits_too_long_is_given_up_and_counted() {
    let server = Server::start(|client| {
        while let Some(body) = client.request() {
            std::thread::sleep(Duration::from_millis(50));
            client.answer(200, &body);
        }
    });
    let mut job = open(server.address, 1, &["200:10s"]);
    if let LoadModel::Open { max_lag_s, .. } = &mut job.load {
        *max_lag_s = Some(0.1);
    }
    let sum = run(job, 10);
    // 100 are due in half a second, and about ten can be answered.
    assert_eq!(sum.counters.due, 100);
    assert!(sum.counters.errors.unsent >= 50, "{:?}", sum.counters);
    let lag_max_ns = sum.lag().histogram().max();
    assert!(lag_max_ns <= 101_000_000, "{lag_max_ns}");
    assert_all_accounted(&sum);
}

#[test]
fn a_server_that_closes_its_connections_is_still_sent_all() {
    let server = Server::start(|client| {
        let Some(body) = client.request() else { return };
        client.send(crate::server::response(200, "Connection: close\r\n", &body));
    });
    let sum = run(open(server.address, 4, &["200:10s"]), 10);
    assert_eq!(sum.counters.errors.total(), 0, "{:?}", sum.counters);
    assert_eq!(server.requests(), sum.counters.sent);
    assert!(sum.counters.reconnects >= 90, "{}", sum.counters.reconnects);
    assert_all_accounted(&sum);
}

/// While nothing is in flight the server closes every connection; the requests that come after go out on new ones.
#[test]
fn connections_that_are_closed_while_they_are_free_are_replaced() {
    let server = Server::start(|client| {
        let Some(body) = client.request() else { return };
        client.answer(200, &body);
        // Longer than an answer takes, and shorter than the time to the connection's next request.
        std::thread::sleep(Duration::from_millis(5));
    });
    let sum = run(open(server.address, 2, &["40:10s"]), 20);
    assert_eq!(sum.counters.due, 40);
    assert!(sum.counters.requests >= 30, "{:?}", sum.counters);
    assert_all_accounted(&sum);
}

#[test]
fn in_flight_is_from_the_send() {
    let server = Server::start(|client| {
        while let Some(body) = client.request() {
            std::thread::sleep(Duration::from_millis(20));
            client.answer(200, &body);
        }
    });
    let sum = run(open(server.address, 1, &["100:10s"]), 10);
    assert!(sum.counters.in_flight_ns <= 10 * INTERVAL_NS, "one connection carries one request");
    let service_ns = sum.service().histogram().mean() * sum.service().count() as f64;
    let all_ns = service_ns + (sum.counters.failed_ns + sum.counters.cut_off_ns) as f64;
    let in_flight_ns = sum.counters.in_flight_ns as f64;
    assert!((in_flight_ns - all_ns).abs() <= 0.01 * in_flight_ns, "{in_flight_ns} and {all_ns}");
    assert_all_accounted(&sum);
}
