//! What is counted, for `GET /metrics`: requests, and what the process and its runtimes report of themselves.
//!
//! Counters are shared by all workers and are atomic; which counter a request belongs to is looked up once and kept by
//! each worker (`Recorder`). It must not decide what a request is.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hyper::StatusCode;
use prometheus::core::{Collector, Desc};
use prometheus::process_collector::ProcessCollector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Counter, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry,
    TextEncoder,
};
use tokio::runtime::{Handle, RuntimeMetrics};

use crate::routes::Label;

/// The upper ends of the histogram's buckets, in seconds.
const BUCKETS_S: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1.0, 3.0];

/// All metrics of the process.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    runtimes: Runtimes,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let requests = IntCounterVec::new(
            Opts::new("api_requests_total", "Requests that were answered."),
            &["method", "endpoint", "status"],
        );
        let durations = HistogramVec::new(
            HistogramOpts::new(
                "api_request_duration_seconds",
                "Time from the whole head of a request to its answer.",
            )
            .buckets(BUCKETS_S.to_vec()),
            &["method", "endpoint"],
        );
        let metrics = Self {
            registry: Registry::new(),
            requests: requests.expect("good names"),
            durations: durations.expect("good names"),
            runtimes: Runtimes::new(),
        };
        let collectors: [Box<dyn Collector>; 4] = [
            Box::new(metrics.requests.clone()),
            Box::new(metrics.durations.clone()),
            Box::new(metrics.runtimes.clone()),
            Box::new(ProcessCollector::for_self()),
        ];
        for collector in collectors {
            metrics.registry.register(collector).expect("no name twice");
        }
        metrics
    }

    /// Reports a worker's runtime too.
    pub(crate) fn watch(&self, runtime: Handle) {
        self.runtimes.handles().push(runtime);
    }

    /// Everything in the text format. Reads files of `/proc`, so the caller must not be a worker.
    pub(crate) fn text(&self) -> String {
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .expect("every metric that is shown has a value")
    }
}

/// One worker's way to the counters that its requests belong to.
pub(crate) struct Recorder {
    metrics: Arc<Metrics>,
    /// By the index of a label; filled as requests come, so that no label is shown before there is something to count.
    series: RefCell<Vec<Option<Series>>>,
}

/// The counters of one label.
struct Series {
    duration: Histogram,
    /// A handful at most, so that looking through them is the fastest.
    requests: Vec<(StatusCode, IntCounter)>,
}

impl Recorder {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        let series = RefCell::new((0..Label::COUNT).map(|_| None).collect());
        Self { metrics, series }
    }

    /// Counts a request that is answered now.
    pub(crate) fn record(&self, label: Label, status: StatusCode, took: Duration) {
        let mut series = self.series.borrow_mut();
        let Series { duration, requests } =
            series[label.index()].get_or_insert_with(|| Series::of(label, &self.metrics));
        duration.observe(took.as_secs_f64());
        if let Some((_, counter)) = requests.iter().find(|(counted, _)| *counted == status) {
            counter.inc();
            return;
        }
        let labels = [label.method(), label.endpoint(), status.as_str()];
        let counter = self.metrics.requests.with_label_values(&labels);
        counter.inc();
        requests.push((status, counter));
    }

    /// Everything in the text format, of all workers. The caller must not be a worker.
    pub(crate) fn metrics(&self) -> &Arc<Metrics> {
        &self.metrics
    }
}

impl Series {
    fn of(label: Label, metrics: &Metrics) -> Self {
        let duration = metrics.durations.with_label_values(&[label.method(), label.endpoint()]);
        Self { duration, requests: Vec::new() }
    }
}

/// What tokio's runtimes count by themselves; the library has a collector for the process, and none for these.
#[derive(Debug, Clone)]
struct Runtimes {
    handles: Arc<Mutex<Vec<Handle>>>,
    workers: IntGauge,
    alive_tasks: IntGauge,
    parks: IntCounter,
    busy_seconds: Counter,
}

impl Runtimes {
    fn new() -> Self {
        let gauge = |name, help| IntGauge::new(name, help).expect("a good name");
        Self {
            handles: Arc::default(),
            workers: gauge("tokio_workers", "Threads that run an event loop."),
            alive_tasks: gauge("tokio_alive_tasks", "Tasks of all event loops, most of them connections."),
            parks: IntCounter::new("tokio_worker_parks_total", "Times that an event loop had nothing to do.")
                .expect("a good name"),
            busy_seconds: Counter::new(
                "tokio_worker_busy_seconds_total",
                "Time that event loops were not parked.",
            )
            .expect("a good name"),
        }
    }

    fn handles(&self) -> std::sync::MutexGuard<'_, Vec<Handle>> {
        self.handles.lock().expect("nothing panics while it is held")
    }

    fn parts(&self) -> [&dyn Collector; 4] {
        [&self.workers, &self.alive_tasks, &self.parks, &self.busy_seconds]
    }
}

impl Collector for Runtimes {
    fn desc(&self) -> Vec<&Desc> {
        self.parts().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        // Held to the end, so that two who ask at once do not disturb each other.
        let handles = self.handles();
        self.workers.set(handles.len().try_into().expect("few"));
        let metrics: Vec<_> = handles.iter().map(Handle::metrics).collect();
        let tasks: usize = metrics.iter().map(RuntimeMetrics::num_alive_tasks).sum();
        self.alive_tasks.set(tasks.try_into().expect("less than memory has bytes"));
        // Each of these runtimes has the one worker 0.
        self.parks.reset();
        self.parks.inc_by(metrics.iter().map(|runtime| runtime.worker_park_count(0)).sum());
        let busy: Duration = metrics.iter().map(|runtime| runtime.worker_total_busy_duration(0)).sum();
        self.busy_seconds.reset();
        self.busy_seconds.inc_by(busy.as_secs_f64());
        self.parts().into_iter().flat_map(Collector::collect).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Route;

    fn label(method: &str, path: &str) -> Label {
        let request = hyper::Request::builder().method(method).uri(path).body(()).expect("a request");
        Route::of(&request.into_parts().0).label
    }

    #[test]
    fn workers_count_into_one_place() {
        let metrics = Arc::new(Metrics::new());
        let workers = [Recorder::new(Arc::clone(&metrics)), Recorder::new(Arc::clone(&metrics))];
        for worker in &workers {
            let took = Duration::from_millis(2);
            worker.record(label("POST", "/echo"), StatusCode::OK, took);
            worker.record(label("POST", "/echo"), StatusCode::BAD_REQUEST, took);
            worker.record(label("POST", "/echo"), StatusCode::OK, took);
        }
        let text = metrics.text();
        for line in [
            r#"api_requests_total{endpoint="/echo",method="POST",status="200"} 4"#,
            r#"api_requests_total{endpoint="/echo",method="POST",status="400"} 2"#,
            r#"api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="0.001"} 0"#,
            r#"api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="0.0025"} 6"#,
            r#"api_request_duration_seconds_count{endpoint="/echo",method="POST"} 6"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("/healthz"), "nothing is shown that was never asked for");
    }

    #[test]
    fn a_time_on_the_edge_of_a_bucket_belongs_to_it() {
        let metrics = Arc::new(Metrics::new());
        let recorder = Recorder::new(Arc::clone(&metrics));
        recorder.record(label("GET", "/ledger"), StatusCode::OK, Duration::from_micros(500));
        recorder.record(label("GET", "/ledger"), StatusCode::OK, Duration::from_secs(4));
        let text = metrics.text();
        assert!(text.contains(r#"method="GET",le="0.0005"} 1"#), "{text}");
        assert!(text.contains(r#"method="GET",le="3"} 1"#), "{text}");
        assert!(text.contains(r#"method="GET",le="+Inf"} 2"#), "{text}");
    }
}
