//! What the small server counts, and how it says so. By hand: the parser must not be tested by a library's idea of the format.

use super::{Answer, Fault};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// The bounds of the histogram, as text and in seconds.
const BOUNDS: [(&str, f64); 13] = [
    ("0.0005", 0.0005),
    ("0.001", 0.001),
    ("0.0025", 0.0025),
    ("0.005", 0.005),
    ("0.01", 0.01),
    ("0.025", 0.025),
    ("0.05", 0.05),
    ("0.1", 0.1),
    ("0.3", 0.3),
    ("0.5", 0.5),
    ("1", 1.0),
    ("3", 3.0),
    ("+Inf", f64::INFINITY),
];

/// Every endpoint, with the methods that it allows.
pub(super) const ENDPOINTS: [(&str, &[&str]); 10] = [
    ("/echo", &["POST"]),
    ("/tx", &["POST"]),
    ("/tx/batch", &["POST"]),
    ("/login", &["POST"]),
    ("/healthz", &["GET", "HEAD"]),
    ("/ledger", &["GET", "HEAD"]),
    ("/blocks", &["GET", "HEAD"]),
    ("/accounts/{id}", &["GET", "HEAD"]),
    ("/session", &["GET", "HEAD"]),
    ("/metrics", &["GET", "HEAD"]),
];

/// The endpoint of a path, if it has one.
pub(super) fn endpoint(path: &str) -> Option<(&'static str, &'static [&'static str])> {
    let is_account = path.strip_prefix("/accounts/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
    let path = if is_account { "/accounts/{id}" } else { path };
    ENDPOINTS.into_iter().find(|(known, _)| *known == path)
}

/// How many requests are in each bucket and those below it, and the sum of their times in seconds.
type Times = ([u64; 13], f64);

#[derive(Debug)]
pub(super) struct Metrics {
    began: SystemTime,
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    times: Mutex<BTreeMap<(String, String), Times>>,
}

impl Metrics {
    pub(super) fn new() -> Self {
        Self { began: SystemTime::now(), requests: Mutex::default(), times: Mutex::default() }
    }

    pub(super) fn count(&self, (method, path): (&str, &str), status: u16, took: Duration, fault: Fault) {
        let (endpoint, method) = match endpoint(path) {
            _ if fault == Fault::ManyLabels => (path, method),
            Some((endpoint, methods)) if methods.contains(&method) => (endpoint, method),
            Some((endpoint, _)) => (endpoint, "other"),
            None => ("other", "other"),
        };
        if fault == Fault::CountsWrongly && status == 400 {
            return;
        }
        let labels = (method.to_owned(), endpoint.to_owned());
        let mut requests = self.requests.lock().expect("a lock");
        let count = requests.entry((labels.0.clone(), labels.1.clone(), status)).or_default();
        let counts_twice = fault == Fault::CountsTwiceOnce && *count == 50;
        *count += if counts_twice { 2 } else { 1 };
        drop(requests);
        let mut times = self.times.lock().expect("a lock");
        let (buckets, sum) = times.entry(labels).or_default();
        for (bucket, (_, bound)) in buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(took.as_secs_f64() <= bound);
        }
        *sum += took.as_secs_f64();
    }

    pub(super) fn answer(&self) -> Answer {
        let mut text = self.of_the_process();
        text += "# HELP api_requests_total Requests that were answered.\n# TYPE api_requests_total counter\n";
        for ((method, endpoint, status), count) in &*self.requests.lock().expect("a lock") {
            let _ = writeln!(
                text,
                "api_requests_total{{method=\"{method}\",endpoint=\"{endpoint}\",status=\"{status}\"}} {count}"
            );
        }
        let name = "api_request_duration_seconds";
        let _ = writeln!(text, "# HELP {name} From the head to the answer.\n# TYPE {name} histogram");
        for ((method, endpoint), (buckets, sum)) in &*self.times.lock().expect("a lock") {
            let labels = format!("method=\"{method}\",endpoint=\"{endpoint}\"");
            for (count, (bound, _)) in buckets.iter().zip(BOUNDS) {
                let _ = writeln!(text, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}");
            }
            let _ = writeln!(text, "{name}_sum{{{labels}}} {sum}\n{name}_count{{{labels}}} {}", buckets[12]);
        }
        Answer { kind: "text/plain; version=0.0.4; charset=utf-8", ..Answer::ok(text.into_bytes()) }
    }

    fn of_the_process(&self) -> String {
        let cpu = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        let cpu_s = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: u64 = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
        let began = self.began.duration_since(SystemTime::UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        format!(
            "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total {cpu_s}\n\
             # TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes {}\n\
             # TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {began}\n",
            pages * 4096
        )
    }
}
