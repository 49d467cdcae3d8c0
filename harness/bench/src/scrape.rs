//! The scraper: a thread that reads the target's own metrics once an interval while the target is loaded, on a connection of
//! its own. Owns the thread and ends it; which metrics there are is the manifest's to say, and the generator knows of none.
//!
//! It runs where the rest of `bench` does, on the generator's CPUs, asleep but for the time that a text takes to be read.

mod connection;
mod values;

use bench_model::target::TargetMetric;
use connection::{Connection, Fault};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, park_timeout};
use std::time::{Duration, Instant};
use values::Values;

/// A running scraper. Dropping it ends its thread, within a quarter of a second whatever the target does.
#[derive(Debug)]
pub(crate) struct Scraper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopping: AtomicBool,
    /// Held for a swap of pointers by either side, so that the session never waits for the target.
    latest: Mutex<Latest>,
}

/// What the session has not taken yet.
#[derive(Debug, Default)]
struct Latest {
    readings: BTreeMap<String, f64>,
    /// What went wrong the last time that anything did.
    fault: Option<String>,
}

impl Scraper {
    /// Starts to read these metrics at the address; nothing is started where there are none.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(
        address: SocketAddr,
        metrics: &[TargetMetric],
        interval: Duration,
    ) -> io::Result<Option<Self>> {
        if metrics.is_empty() {
            return Ok(None);
        }
        let shared = Arc::<Shared>::default();
        let thread = {
            let shared = Arc::clone(&shared);
            let (connection, values) = (Connection::new(address), Values::new(metrics));
            let body = move || scrape(&shared, connection, values, interval);
            std::thread::Builder::new().name("scraper".to_owned()).spawn(body)?
        };
        Ok(Some(Self { shared, thread: Some(thread) }))
    }

    /// The readings that came since the last time, by the metrics' keys: the later one where two came, and none of a metric
    /// that could not be read.
    pub(crate) fn take(&self) -> BTreeMap<String, f64> {
        std::mem::take(&mut self.shared.latest().readings)
    }

    /// What was wrong with the last reading that failed, if one did.
    pub(crate) fn fault(&self) -> Option<String> {
        self.shared.latest().fault.clone()
    }
}

impl Drop for Scraper {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // If it panicked, what it read before still stands.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

fn scrape(shared: &Shared, mut connection: Connection, mut values: Values, interval: Duration) {
    let began = Instant::now();
    let mut number = 0;
    while !shared.is_stopping() {
        let until = began + due_after(interval, number + 1);
        match connection.get(until, &|| shared.is_stopping()) {
            Ok(exposition) => {
                let (readings, fault) = values.read(&exposition, Instant::now());
                let mut latest = shared.latest();
                latest.readings.extend(readings);
                latest.fault = fault.or_else(|| latest.fault.take());
            }
            // It was broken off and says nothing of the target.
            Err(Fault::Stopped) => {}
            Err(fault) => shared.latest().fault = Some(fault.to_string()),
        }
        number = next_number(interval, number, began.elapsed());
        sleep_until(began + due_after(interval, number), shared);
    }
}

/// When the reading of this number is due: the first at once, so that counters have a beginning, then one in the middle of each
/// interval, so that an answer may take half of one and still belong to it.
fn due_after(interval: Duration, number: u32) -> Duration {
    if number == 0 { Duration::ZERO } else { interval / 2 + interval * (number - 1) }
}

/// The number of the reading after the one of `number`, at this time: those that are past are left out.
fn next_number(interval: Duration, number: u32, elapsed: Duration) -> u32 {
    let passed = elapsed.saturating_sub(interval / 2).as_nanos() / interval.as_nanos().max(1);
    u32::try_from(passed + 1).unwrap_or(u32::MAX).max(number + 1)
}

fn sleep_until(due: Instant, shared: &Shared) {
    while !shared.is_stopping() {
        match due.checked_duration_since(Instant::now()) {
            Some(left) if !left.is_zero() => park_timeout(left),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::target::{MetricKind, Unit};
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};

    /// A server that answers a request on any of its connections as `answer` does, which gets the request's number.
    fn serve(answer: impl Fn(u64, &mut TcpStream) -> io::Result<()> + Send + Sync + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new((answer, std::sync::atomic::AtomicU64::new(0)));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    let mut buffer = [0; 4096];
                    while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
                        let number = shared.1.fetch_add(1, Ordering::Relaxed);
                        if shared.0(number, &mut stream).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        address
    }

    fn send(stream: &mut TcpStream, status: u16, body: &str) -> io::Result<()> {
        let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())
    }

    fn metric(name: &str, series: &str, kind: MetricKind) -> TargetMetric {
        TargetMetric { name: name.to_owned(), series: series.parse().unwrap(), unit: Unit::Count, kind }
    }

    fn scraper(address: SocketAddr) -> Scraper {
        let metrics =
            [metric("level", "level", MetricKind::Gauge), metric("turns", "turns", MetricKind::Counter)];
        Scraper::start(address, &metrics, Duration::from_millis(60)).unwrap().unwrap()
    }

    /// Waits for something that the scraper says in the end.
    fn wait<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let begun = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not come in 20 s");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn readings_come_again_and_again_and_are_taken_once() {
        let address =
            serve(|number, stream| send(stream, 200, &format!("level {number}\nturns {}\n", 6 * number)));
        let scraper = scraper(address);
        let first = wait("a level", || scraper.take().remove("level"));
        let (level, growth) = wait("a growth", || {
            let readings = scraper.take();
            Some((*readings.get("level")?, *readings.get("turns_per_s")?))
        });
        assert!(level > first, "{level} is later than {first}");
        // Six in some 60 ms.
        assert!((1.0..=400.0).contains(&growth), "{growth} a second");
        assert_eq!(scraper.fault(), None);
    }

    #[test]
    fn what_fails_leaves_a_gap_and_says_why() {
        for (what, part, answer) in [
            (
                "another status",
                "status 503",
                (|_, stream| send(stream, 503, "")) as fn(u64, &mut TcpStream) -> io::Result<()>,
            ),
            ("nonsense", "line 1", |_, stream| send(stream, 200, "<html>\n")),
            ("no HTTP", "not HTTP/1", |_, stream| stream.write_all(b"level 1\n\n")),
            ("silence", "not complete in time", |_, _| Ok(())),
            ("the end", "closed before an answer", |_, _| Err(io::ErrorKind::Other.into())),
            ("no such series", "no series `level`: did you mean `levle`?", |_, stream| {
                send(stream, 200, "levle 1\nturns 1\n")
            }),
            ("too much", "longer than 1 MiB", |_, stream| {
                stream.write_all(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                loop {
                    stream.write_all(&[b"400\r\n", "#".repeat(1024).as_bytes(), b"\r\n"].concat())?;
                }
            }),
            ("no end", "not complete in time", |_, stream| {
                stream.write_all(b"HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                loop {
                    stream.write_all(b"1\r\n#\r\n")?;
                    std::thread::sleep(Duration::from_millis(5));
                }
            }),
        ] {
            let scraper = scraper(serve(answer));
            let fault = wait(what, || scraper.fault());
            assert!(fault.contains(part), "{what}: {fault}");
            assert_eq!(scraper.take().get("level"), None, "{what}");
            let asked_to_end = Instant::now();
            drop(scraper);
            assert!(asked_to_end.elapsed() < Duration::from_secs(5), "{what} keeps the run from its end");
        }
    }

    #[test]
    fn it_goes_on_after_a_failure() {
        let answer = |number, stream: &mut TcpStream| match number {
            0..3 => send(stream, 500, ""),
            3 => Err(io::ErrorKind::Other.into()),
            _ => send(stream, 200, "level 7\n"),
        };
        let scraper = scraper(serve(answer));
        assert_eq!(wait("a level", || scraper.take().remove("level")), 7.0);
        assert!(scraper.fault().is_some(), "what went wrong is still known");
    }

    #[test]
    fn a_connection_that_the_server_closes_in_between_is_no_failure() {
        let answer = |_, stream: &mut TcpStream| {
            send(stream, 200, "level 7\n")?;
            // Without a word, as a server does whose wait for the next request is over.
            Err(io::ErrorKind::Other.into())
        };
        let metrics = [metric("level", "level", MetricKind::Gauge)];
        let scraper = Scraper::start(serve(answer), &metrics, Duration::from_millis(60)).unwrap().unwrap();
        for _ in 0..4 {
            assert_eq!(wait("a level", || scraper.take().remove("level")), 7.0);
        }
        assert_eq!(scraper.fault(), None);
    }

    #[test]
    fn without_metrics_there_is_no_thread() {
        let nowhere = "127.0.0.1:1".parse().unwrap();
        assert!(Scraper::start(nowhere, &[], Duration::from_secs(1)).unwrap().is_none());
    }

    #[test]
    fn its_thread_ends_with_it() {
        let scraper = scraper("127.0.0.1:1".parse().unwrap());
        let shared = Arc::downgrade(&scraper.shared);
        drop(scraper);
        assert!(shared.upgrade().is_none(), "the thread has let go of what it shared");
    }

    #[test]
    fn readings_are_due_in_the_middle_of_intervals() {
        let second = Duration::from_secs(1);
        for (number, due_ms) in [(0, 0), (1, 500), (2, 1500), (11, 10_500)] {
            assert_eq!(due_after(second, number).as_millis(), due_ms);
        }
        for (number, elapsed_ms, next) in
            [(0, 3, 1), (1, 510, 2), (1, 1500, 2), (1, 2499, 2), (1, 2500, 3), (1, 9000, 9)]
        {
            let elapsed = Duration::from_millis(elapsed_ms);
            assert_eq!(next_number(second, number, elapsed), next, "after {number}, at {elapsed_ms} ms");
        }
    }
}
