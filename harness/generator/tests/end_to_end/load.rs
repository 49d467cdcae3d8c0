//! A load for tests: how it is set up, and what came of it.

#![allow(dead_code, reason = "two test binaries share this file, and each uses its part")]

use bench_generator::request::{PreparedRequest, Surroundings, prepare};
use bench_generator::{Book, Generator, Job, Measured, OpenLatencies, Opened};
use bench_model::body::Body;
use bench_model::counters::Counters;
use bench_model::latency::Latencies;
use bench_model::load::LoadModel;
use bench_model::plan::RequestPlan;
use bench_model::scenario::BodyExpectation;
use std::net::SocketAddr;
use std::time::Duration;

/// Length of an interval in these tests, in nanoseconds.
pub(crate) const INTERVAL_NS: u64 = 50_000_000;

/// Everything that intervals say, added up.
#[derive(Debug)]
pub(crate) struct Sum {
    pub(crate) opened: Opened,
    pub(crate) counters: Counters,
    pub(crate) latencies: Latencies,
    pub(crate) censored: Latencies,
    pub(crate) duration_ns: u64,
    pub(crate) intervals: Vec<Counted>,
    /// What the workers say of their items in the end.
    pub(crate) books: Vec<Book>,
    /// What an open load is measured by besides.
    open: OpenLatencies,
}

/// An interval without its histograms, which take a quarter of a megabyte each.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) index: usize,
    pub(crate) start_ns: u64,
    pub(crate) duration_ns: u64,
    pub(crate) counters: Counters,
}

impl Sum {
    fn new(opened: Opened) -> Self {
        Self {
            opened,
            counters: Counters::default(),
            latencies: Latencies::new(),
            censored: Latencies::new(),
            duration_ns: 0,
            intervals: Vec::new(),
            books: Vec::new(),
            open: OpenLatencies::default(),
        }
    }

    fn add(&mut self, interval: Measured) {
        self.counters.add(&interval.counters);
        self.latencies.add(&interval.latencies);
        self.censored.add(&interval.censored);
        self.duration_ns += interval.duration_ns;
        if let Some(open) = interval.open {
            self.open.service.add(&open.service);
            self.open.lag.add(&open.lag);
        }
        self.intervals.push(Counted {
            index: interval.index,
            start_ns: interval.start_ns,
            duration_ns: interval.duration_ns,
            counters: interval.counters,
        });
    }

    /// The time of verified requests from their send, under an open load.
    pub(crate) fn service(&self) -> Latencies {
        self.open.service.clone()
    }

    /// The time of all sent requests from their due time to their send, under an open load.
    pub(crate) fn lag(&self) -> Latencies {
        self.open.lag.clone()
    }

    /// Requests that were still in flight when the load ended.
    pub(crate) fn cut_off(&self) -> u64 {
        self.censored.count() - self.counters.errors.timeout
    }
}

/// `connections` on `threads` that send a pool of JSON bodies to be echoed.
pub(crate) fn job(address: SocketAddr, connections: usize, threads: usize) -> Job {
    let template = r#"{"id":"{{hex 8}}","n":{{index}},"name":"{{word 12}}"}"#;
    Job {
        address,
        source_addresses: vec![],
        requests: echo_of(template, 16),
        order: (0..16).collect(),
        first_serial: 0,
        load: LoadModel::Closed { connections },
        threads,
        cpus: vec![],
        interval_ns: INTERVAL_NS,
        timeout_ns: 2_000_000_000,
        connect_timeout_ns: 2_000_000_000,
        owns_cpus: false,
    }
}

/// `count` POST requests whose bodies, made from a template, must come back as the same JSON.
pub(crate) fn echo_of(template: &str, count: usize) -> Vec<PreparedRequest> {
    let plan = RequestPlan {
        method: "POST".into(),
        path: "/echo".into(),
        headers: [("Content-Type".into(), "application/json".into())].into(),
        body: Body::Template { template: template.into(), count, seed: 7 },
        expect_body: BodyExpectation::SameJson,
        ..RequestPlan::default()
    };
    prepared(&plan)
}

/// A request made ready, once for each body of its pool.
pub(crate) fn prepared(plan: &RequestPlan) -> Vec<PreparedRequest> {
    prepare(plan, 0, Surroundings { host: "localhost", run: "test" }, None).unwrap()
}

/// Runs a load for so many intervals and drains it.
pub(crate) fn run(job: Job, intervals: usize) -> Sum {
    run_with(job, intervals, |_| {})
}

/// The same; `before_each` is told the interval that begins.
pub(crate) fn run_with(job: Job, intervals: usize, mut before_each: impl FnMut(usize)) -> Sum {
    let (mut generator, opened) = Generator::open(job).unwrap();
    let mut sum = Sum::new(opened);
    generator.begin();
    generator.stop_after(intervals);
    for index in 0..intervals {
        before_each(index);
        let interval = generator.next_interval(Duration::from_secs(10)).unwrap();
        sum.add(interval.expect("an interval of 50 ms is there within 10 s"));
    }
    assert!(generator.next_interval(Duration::from_secs(10)).is_err(), "one interval more than asked for");
    sum.books = generator.finish().unwrap();
    sum
}
