//! Runs for the tests of renderings and charts: one stored, and what can go wrong with it.

use bench_model::body::Body;
use bench_model::counters::Counters;
use bench_model::interval::{Interval, Phase};
use bench_model::latency::Latencies;
use bench_model::load::{Arrivals, LoadModel, Stage};
use bench_model::plan::TargetPlan;
use bench_model::record::{RunRecord, TargetExit};
use bench_model::target::{MetricKind, TargetMetric, Unit};

/// The stored run that every snapshot shows: 4 s of warm-up and 8 s measured, 1000 connections.
pub(crate) fn stored() -> RunRecord {
    let stored = include_str!("../../tests/fixtures/run.json");
    let mut record: RunRecord = serde_json::from_str(stored).expect("the fixture is a stored run");
    record.intervals.iter_mut().for_each(|interval| interval.hiccup_hdr = Some(hiccups()));
    record
}

/// What a quiet machine does to a thread in a second.
fn hiccups() -> Latencies {
    let mut overslept = Latencies::new();
    [(54_000, 930), (92_000, 12), (410_000, 2)]
        .into_iter()
        .for_each(|(overslept_ns, times)| overslept.record_many(overslept_ns, times));
    overslept
}

/// The same run with a target that died after 5 s of the window, and requests that failed before it did.
pub(crate) fn invalid() -> RunRecord {
    let mut record = stored();
    record.intervals.truncate(9);
    let last = record.intervals.last_mut().expect("nine are left");
    last.counters.requests /= 4;
    last.counters.in_flight_ns /= 4;
    last.counters.errors.reset = 4_812;
    last.counters.errors.connect = 1_376;
    last.counters.errors.mismatch = 3;
    last.counters.status.insert(503, 71);
    last.counters.errors.status = 71;
    record.observations.steady = Some(false);
    record.observations.target_exit = Some(TargetExit {
        status: "signal 9 (SIGKILL)".to_owned(),
        log_tail: vec![
            "listening on http://127.0.0.1:41873".to_owned(),
            "thread 'worker' panicked: out of memory".to_owned(),
        ],
    });
    record
}

/// The same run with one more request in 50, which timed out after 10 s: from P99 on nobody knows.
pub(crate) fn stalled() -> RunRecord {
    let mut record = stored();
    let requests: u64 = record.intervals[4..].iter().map(|interval| interval.counters.requests).sum();
    let last = record.intervals.last_mut().expect("there are eight");
    last.counters.errors.timeout = requests / 50;
    (0..requests / 50).for_each(|_| last.censored_hdr.record(10_000_000_000));
    record
}

/// The same run of a target whose manifest chooses metrics of its own: one scrape in the window failed, and one metric is
/// not there before the end.
pub(crate) fn scraped() -> RunRecord {
    let mut record = stored();
    let TargetPlan::Managed { manifest } = &mut record.plan.target else { panic!("bench started it") };
    let metric = |name: &str, unit, kind| TargetMetric {
        name: name.to_owned(),
        series: "of_no_matter".parse().expect("a series"),
        unit,
        kind,
    };
    manifest.metric = vec![
        metric("heap", Unit::Bytes, MetricKind::Gauge),
        metric("GC pauses", Unit::Seconds, MetricKind::Counter),
        metric("tasks", Unit::Count, MetricKind::Gauge),
        metric("stack", Unit::Bytes, MetricKind::Gauge),
    ];
    for (second, interval) in record.intervals.iter_mut().enumerate().filter(|(second, _)| *second != 6) {
        let wave = (second % 4) as f64;
        let readings = [
            ("heap_bytes", 12e6 + 3e6 * wave),
            ("gc_pauses_s_per_s", 2.5e-4 * (1.0 + wave)),
            ("tasks", 1000.0 + second as f64),
        ];
        interval.metrics = readings.map(|(key, reading)| (key.to_owned(), reading)).into();
        if second > 9 {
            interval.metrics.insert("stack_bytes".to_owned(), 2_097_152.0);
        }
    }
    record.observations.scrape_fault = Some("the answer has no series `stack_bytes`".to_owned());
    record
}

/// The same run under an open load: all that was due was sent, soon after it was due.
pub(crate) fn open() -> RunRecord {
    let mut record = stored();
    record.plan.load = LoadModel::Open {
        connections: record.plan.load.connections(),
        stages: vec![Stage::constant(52_000.0, record.plan.duration_s)],
        arrivals: Arrivals::Uniform,
        seed: 1,
        max_lag_s: None,
    };
    for interval in &mut record.intervals {
        let mut lag = Latencies::new();
        lag.record_many(21_000, interval.latency_hdr.count());
        (interval.service_hdr, interval.lag_hdr) = (Some(interval.latency_hdr.clone()), Some(lag));
        let counters = &mut interval.counters;
        (counters.due, counters.sent) = (counters.requests, counters.requests);
    }
    record
}

/// The same under an open load that was too much: at the end one request in 50 was still not sent, and one in 200 had been
/// given up.
pub(crate) fn overloaded() -> RunRecord {
    let mut record = open();
    let requests: u64 = record.intervals[4..].iter().map(|interval| interval.counters.requests).sum();
    let last = record.intervals.last_mut().expect("there are eight");
    let (waiting, given_up) = (requests / 50, requests / 200);
    last.counters.errors.unsent = given_up;
    last.counters.due += waiting + given_up;
    last.censored_hdr.record_many(12_000_000, waiting + given_up);
    record
}

/// The same run with a hundred items in each request.
pub(crate) fn batched() -> RunRecord {
    let mut record = stored();
    let template = r#"{"id":"{{run}}-{{serial}}"}"#.to_owned();
    record.plan.requests[0].body = Body::Fresh { template, batch: Some(100), seed: 1 };
    for counters in record.intervals.iter_mut().map(|interval| &mut interval.counters) {
        counters.items = counters.requests * 100;
    }
    record
}

/// An interval of one second in which nothing happened.
pub(crate) fn interval(phase: Phase, start_s: f64) -> Interval {
    Interval {
        phase,
        start_s,
        duration_s: 1.0,
        counters: Counters::default(),
        service_hdr: None,
        lag_hdr: None,
        latency_hdr: Latencies::new(),
        censored_hdr: Latencies::new(),
        target: None,
        generator_cpu_s: 0.0,
        generator_rss_bytes: 0,
        steal_s: 0.0,
        machine_cpu_s: 0.0,
        hiccup_hdr: None,
        metrics: std::collections::BTreeMap::new(),
    }
}
