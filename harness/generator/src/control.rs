//! What the owner of a generator tells its workers while they run.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// When the load begins and ends, and its window begins, in nanoseconds of the monotonic clock. Workers look at it every tick, not for
/// every request.
#[derive(Debug)]
pub(crate) struct Control {
    epoch_ns: OnceLock<u64>,
    stop_ns: AtomicU64,
    window_ns: OnceLock<u64>,
}

impl Control {
    pub(crate) fn new() -> Self {
        Self { epoch_ns: OnceLock::new(), stop_ns: AtomicU64::new(u64::MAX), window_ns: OnceLock::new() }
    }

    /// Lets the load begin at `epoch_ns`. Only the first call counts.
    pub(crate) fn begin(&self, epoch_ns: u64) {
        // A second call finds the load running, which is what it asked for.
        let _ = self.epoch_ns.set(epoch_ns);
    }

    /// Waits for the load to begin.
    pub(crate) fn wait_for_epoch(&self) -> u64 {
        *self.epoch_ns.wait()
    }

    pub(crate) fn epoch_ns(&self) -> Option<u64> {
        self.epoch_ns.get().copied()
    }

    /// Lets the stages of an open load begin at `window_ns`, which may be a little in the past. Only the first call
    /// counts.
    pub(crate) fn begin_window(&self, window_ns: u64) {
        // A second window is none.
        let _ = self.window_ns.set(window_ns);
    }

    pub(crate) fn window_ns(&self) -> Option<u64> {
        self.window_ns.get().copied()
    }

    /// Ends the load at `stop_ns`, or at an earlier time that was set before.
    pub(crate) fn stop_at(&self, stop_ns: u64) {
        self.stop_ns.fetch_min(stop_ns, Ordering::Relaxed);
    }

    /// Ends the load, and does not wait for the answers in flight.
    pub(crate) fn give_up(&self) {
        self.stop_at(0);
    }

    /// Whether nobody wants the answers in flight, nor the figures.
    pub(crate) fn is_given_up(&self) -> bool {
        self.stop_ns() == 0
    }

    pub(crate) fn stop_ns(&self) -> u64 {
        self.stop_ns.load(Ordering::Relaxed)
    }
}
