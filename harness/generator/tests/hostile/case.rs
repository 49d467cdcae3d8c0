//! A misbehaviour: what the hostile half of the connections do, and what must come of it.

use crate::load::{self, INTERVAL_NS, echo_of};
use crate::run::Run;
use crate::server::{Client, Server};
use bench_generator::Job;
use bench_generator::request::{ExpectedBody, PreparedRequest};
use bench_model::counters::ErrorClass;
use bench_model::load::{Arrivals, LoadModel, Stage};
use std::net::SocketAddr;
use std::time::Duration;

/// Connections of a run, half of them good.
pub(crate) const CONNECTIONS: usize = 8;

/// Whether a connection is good. What replaces a connection is always hostile, since a good one is never replaced.
pub(crate) fn is_good(number: u64) -> bool {
    number < CONNECTIONS as u64 && number.is_multiple_of(2)
}

/// What becomes of the requests on hostile connections.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fate {
    /// All of them are verified.
    Verified,
    /// None of them is verified, and all fail with one of these classes.
    Failed(&'static [ErrorClass]),
    /// Some are verified, and others fail with one of these classes.
    Mixed(&'static [ErrorClass]),
}

/// How often the server reads the requests on hostile connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Each of them once.
    Once,
    /// Some not at all, since they crossed a close, and others twice, since they were sent again.
    Crossing,
    /// None of them to its end.
    Never,
}

/// What must hold besides, in words and as code.
pub(crate) type Also = (&'static str, fn(&Run) -> bool);

/// A misbehaviour and how it is tried out.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) script: fn(&mut Client),
    pub(crate) fate: Fate,
    pub(crate) reads: Reads,
    pub(crate) intervals: usize,
    /// In each so many intervals every good connection must be answered.
    pub(crate) every: usize,
    /// Whether the requests are long, so that good connections need not send them back.
    pub(crate) uploads: bool,
    /// Called when an interval begins.
    pub(crate) each_interval: fn(&mut Server, usize),
    pub(crate) also: Vec<Also>,
    timeout_ms: u64,
    rate_per_s: Option<f64>,
}

impl Case {
    pub(crate) fn new(name: &'static str, fate: Fate, script: fn(&mut Client)) -> Self {
        Self {
            name,
            script,
            fate,
            reads: Reads::Once,
            intervals: 10,
            every: 1,
            uploads: false,
            each_interval: |_, _| {},
            also: Vec::new(),
            timeout_ms: 250,
            rate_per_s: None,
        }
    }

    pub(crate) fn verified(name: &'static str, script: fn(&mut Client)) -> Self {
        Self::new(name, Fate::Verified, script)
    }

    pub(crate) fn failed(
        classes: &'static [ErrorClass],
        name: &'static str,
        script: fn(&mut Client),
    ) -> Self {
        Self::new(name, Fate::Failed(classes), script)
    }

    pub(crate) fn mixed(classes: &'static [ErrorClass], name: &'static str, script: fn(&mut Client)) -> Self {
        Self::new(name, Fate::Mixed(classes), script)
    }

    pub(crate) fn reads(self, reads: Reads) -> Self {
        Self { reads, ..self }
    }

    pub(crate) fn lasting(self, intervals: usize, timeout_ms: u64) -> Self {
        Self { intervals, timeout_ms, ..self }
    }

    /// Sends long requests, which takes good connections so many intervals each.
    pub(crate) fn uploading(self, every: usize) -> Self {
        Self { uploads: true, every, ..self }
    }

    pub(crate) fn each_interval(self, each_interval: fn(&mut Server, usize)) -> Self {
        Self { each_interval, ..self }
    }

    pub(crate) fn also(mut self, what: &'static str, holds: fn(&Run) -> bool) -> Self {
        self.also.push((what, holds));
        self
    }

    /// The same under an open load.
    pub(crate) fn at_rate(self, rate_per_s: f64) -> Self {
        Self { rate_per_s: Some(rate_per_s), ..self }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.rate_per_s.is_some()
    }

    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    pub(crate) fn job(&self, address: SocketAddr) -> Job {
        let mut job = load::job(address, CONNECTIONS, 2);
        if let Some(rate_per_s) = self.rate_per_s {
            job.load = LoadModel::Open {
                connections: CONNECTIONS,
                stages: vec![Stage::constant(rate_per_s, 60.0)],
                arrivals: Arrivals::Uniform,
                seed: 1,
                max_lag_s: None,
            };
        }
        if self.uploads {
            job.requests = long_requests();
            job.order = vec![0];
        }
        job.timeout_ns = self.timeout_ms * 1_000_000;
        job.connect_timeout_ns = 250_000_000;
        job
    }

    /// How long a run may take: to open, its intervals, a timeout to drain, and two seconds for a busy machine.
    pub(crate) fn limit(&self) -> Duration {
        let intervals = Duration::from_nanos(INTERVAL_NS * self.intervals as u64);
        Duration::from_millis(500) + intervals + self.timeout() + Duration::from_secs(2)
    }
}

/// Requests of more bytes than fit between two programs unread, and that take any answer.
fn long_requests() -> Vec<PreparedRequest> {
    let mut requests = echo_of(r#"{"big":"{{word 8000000}}"}"#, 1);
    requests.iter_mut().for_each(|request| request.expectation.body = ExpectedBody::Any);
    requests
}
