//! Looks at the process while a run goes on: how much memory it takes, and whether the machine itself stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it looks.
const PERIOD: Duration = Duration::from_millis(4);
/// A look that comes so late means that the machine had no time, be it for a neighbour or for its host.
const HICCUP: Duration = Duration::from_millis(20);

/// What was seen.
pub(crate) struct Seen {
    /// By how much the resident memory grew at most, in bytes.
    pub(crate) growth_bytes: u64,
    /// When the machine stood still.
    pub(crate) hiccups: Vec<(Instant, Instant)>,
}

/// A thread that looks until it is asked what it saw.
pub(crate) struct Watch {
    done: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

impl Watch {
    pub(crate) fn start() -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&done);
        let before_bytes = resident_bytes();
        let thread = std::thread::spawn(move || look(before_bytes, &told));
        Self { done, thread }
    }

    pub(crate) fn stop(self) -> Seen {
        self.done.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn look(before_bytes: u64, done: &AtomicBool) -> Seen {
    let mut seen = Seen { growth_bytes: 0, hiccups: Vec::new() };
    let mut last = Instant::now();
    while !done.load(Ordering::SeqCst) {
        std::thread::sleep(PERIOD);
        let now = Instant::now();
        if now - last > PERIOD + HICCUP {
            seen.hiccups.push((last, now));
        }
        last = now;
        seen.growth_bytes = seen.growth_bytes.max(resident_bytes().saturating_sub(before_bytes));
    }
    seen
}

fn resident_bytes() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let resident: u64 = pages.split_whitespace().nth(1).unwrap().parse().unwrap();
    resident * rustix::param::page_size() as u64
}
