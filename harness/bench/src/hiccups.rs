//! The hiccup meter: a thread that sleeps a moment, again and again, and records by how much it overslept. Owns the
//! thread and ends it; what the hiccups explain is the model's to say (`bench_model::hiccups`).
//!
//! The thread has no privilege over the generator whose CPU it shares. Whatever keeps it waiting, be it the hypervisor, the
//! kernel, another process or the generator's own work, keeps an answer waiting that arrives at that moment as well.

use crate::clock::ns;
use crate::cpus;
use bench_model::latency::Latencies;
use rustix::thread::{clock_nanosleep_absolute, set_current_timer_slack};
use rustix::time::{ClockId, Timespec};
use std::io;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// The shortest and the longest sleep, in nanoseconds.
const SLEEP_NS: (u64, u64) = (1_000_000, 10_000_000);
/// So many times what it costs to sleep and wake is slept: the meter takes 0.4% of its CPU at most, but for a machine where
/// that costs over 40 us. It is 2 to 5 us on most, and 20 us and more in some virtual machines.
const SLEEP_COSTS: u64 = 250;
/// Sleeps after which the cost is looked at anew.
const SLEEPS_A_LOOK: u64 = 64;
/// The kernel ends ordinary sleeps up to 50 us late, to end several at once. That is not to be measured.
const TIMER_SLACK_NS: NonZeroU64 = NonZeroU64::MIN;

/// A running meter. Dropping it ends its thread.
#[derive(Debug)]
pub(crate) struct HiccupMeter {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What a meter has seen since it was asked last.
#[derive(Debug, Default)]
pub(crate) struct Hiccups {
    /// By how much each sleep was too long.
    pub(crate) overslept: Latencies,
    /// How often the clock showed less than before, on this CPU or when another asked.
    pub(crate) backwards: u64,
}

#[derive(Debug)]
struct Shared {
    stopping: AtomicBool,
    /// The thread holds the lock for less than a microsecond a millisecond, and whoever asks for a swap of pointers.
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    hiccups: Hiccups,
    last_ns: u64,
}

impl HiccupMeter {
    /// Starts to measure on a CPU; wherever the system likes, if that one is not to be had or none is named.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub(crate) fn start(cpu: Option<usize>) -> io::Result<Self> {
        let seen = Mutex::new(Seen { hiccups: Hiccups::default(), last_ns: now_ns() });
        let shared = Arc::new(Shared { stopping: AtomicBool::new(false), seen });
        let thread = {
            let shared = Arc::clone(&shared);
            let body = move || {
                // Without these it measures a little more, or elsewhere; a run is worth having all the same.
                let _ = cpu.map(|cpu| cpus::pin_this_thread(&[cpu]));
                let _ = set_current_timer_slack(Some(TIMER_SLACK_NS));
                measure(&shared);
            };
            std::thread::Builder::new().name("hiccups".to_owned()).spawn(body)?
        };
        Ok(Self { shared, thread: Some(thread) })
    }

    /// What was seen since the last time. What comes is recorded in `empty`.
    pub(crate) fn take(&self, empty: Latencies) -> Hiccups {
        let empty = Hiccups { overslept: empty, backwards: 0 };
        let mut seen = self.shared.seen();
        // Read under the lock, so that the thread's reading was surely the earlier one.
        seen.look(now_ns());
        std::mem::replace(&mut seen.hiccups, empty)
    }
}

impl Drop for HiccupMeter {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends within a sleep; if it panicked, what it saw before still stands.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn look(&mut self, now: u64) {
        self.hiccups.backwards += u64::from(now < self.last_ns);
        self.last_ns = now;
    }
}

fn measure(shared: &Shared) {
    let (mut sleeps, mut sleep_ns) = (0, SLEEP_NS.0);
    while !shared.stopping.load(Ordering::Relaxed) {
        let due_ns = now_ns() + sleep_ns;
        sleep_until(due_ns);
        let now = now_ns();
        sleeps += 1;
        if sleeps % SLEEPS_A_LOOK == 0 {
            sleep_ns = sleep_for(ns(ClockId::ThreadCPUTime) / sleeps);
        }
        let mut seen = shared.seen();
        seen.look(now);
        seen.hiccups.overslept.record(overslept(due_ns, now));
    }
}

/// By how much a sleep that was to end at `due_ns` and ended at `now_ns` was too long, in nanoseconds. The sleep itself is
/// no hiccup.
fn overslept(due_ns: u64, now_ns: u64) -> u64 {
    now_ns.saturating_sub(due_ns)
}

/// How long to sleep where it costs so much CPU time to sleep once, both in nanoseconds.
fn sleep_for(cost_ns: u64) -> u64 {
    (cost_ns * SLEEP_COSTS).clamp(SLEEP_NS.0, SLEEP_NS.1)
}

/// Sleeps until the monotonic clock shows this, and on if a signal wakes the thread.
fn sleep_until(due_ns: u64) {
    let due = Timespec { tv_sec: (due_ns / 1_000_000_000) as i64, tv_nsec: (due_ns % 1_000_000_000) as i64 };
    while clock_nanosleep_absolute(ClockId::Monotonic, &due) == Err(rustix::io::Errno::INTR) {}
}

/// The clock that latencies are measured with.
fn now_ns() -> u64 {
    ns(ClockId::Monotonic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn every_sleep_is_a_sample_and_is_taken_once() {
        let meter = HiccupMeter::start(cpus::allowed().first().copied()).unwrap();
        let begun = Instant::now();
        let mut taken = 0;
        while taken < 20 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{taken} sleeps of a millisecond in 20 s");
            std::thread::sleep(Duration::from_millis(10));
            let hiccups = meter.take(Latencies::new());
            assert_eq!(hiccups.backwards, 0);
            taken += hiccups.overslept.count();
        }
        // A sleep takes a millisecond at least, so that there cannot be more of them.
        assert!(u128::from(taken) <= begun.elapsed().as_millis() + 1, "{taken} in {:?}", begun.elapsed());
    }

    #[test]
    fn a_hiccup_is_what_a_sleep_was_too_long_by() {
        for (due_ns, now_ns, hiccup_ns) in
            [(1_000_000, 1_000_000, 0), (1_000_000, 1_000_700, 700), (1_000_000, 999_999, 0)]
        {
            assert_eq!(overslept(due_ns, now_ns), hiccup_ns, "due at {due_ns}, over at {now_ns}");
        }
        // No sleep is shorter than a millisecond, so that none which counted itself would be below.
        let meter = HiccupMeter::start(None).unwrap();
        let begun = Instant::now();
        while meter.take(Latencies::new()).overslept.histogram().count_between(0, SLEEP_NS.0 / 2) == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20), "no sleep in 20 s ended when it should");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    #[test]
    fn dear_sleeps_are_longer() {
        for (cost_us, sleep_ms) in [(0, 1.0), (3, 1.0), (4, 1.0), (20, 5.0), (40, 10.0), (1000, 10.0)] {
            assert_eq!(sleep_for(cost_us * 1000) as f64 / 1e6, sleep_ms, "{cost_us} us");
        }
    }

    #[test]
    fn its_thread_ends_with_it() {
        let meter = HiccupMeter::start(None).unwrap();
        let shared = Arc::downgrade(&meter.shared);
        drop(meter);
        assert!(shared.upgrade().is_none(), "the thread has let go of what it shared");
    }

    #[test]
    fn a_clock_that_goes_back_is_seen() {
        let mut seen = Seen { last_ns: 5, ..Seen::default() };
        for (now, backwards) in [(5, 0), (7, 0), (6, 1), (6, 1), (5, 2), (9, 2)] {
            seen.look(now);
            assert_eq!(seen.hiccups.backwards, backwards, "at {now}");
        }
    }
}
