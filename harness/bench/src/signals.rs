//! Ctrl-C, SIGTERM and SIGHUP: the first ends the run in order, the second at once.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What has come so far.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    received: Arc<AtomicUsize>,
    /// Whether what was measured is not wanted either.
    aborted: Arc<AtomicBool>,
}

impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let received = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            let again = Arc::new(AtomicBool::new(false));
            // The order matters: the second signal finds the flag that the first one left. Ending at once is safe,
            // since the guardian ends the target when this process is gone.
            signal_hook::flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))?;
            signal_hook::flag::register(signal, again)?;
            signal_hook::flag::register_usize(signal, Arc::clone(&received), signal as usize)?;
        }
        Ok(Self { received, aborted: Arc::default() })
    }

    /// Ends the run in order, as Ctrl-C does, unless something has ended it already.
    pub(crate) fn interrupt(&self) {
        let _ = self.received.compare_exchange(0, SIGINT as usize, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Ends the run at once, and nothing of it is kept.
    pub(crate) fn abort(&self) {
        self.aborted.store(true, Ordering::Relaxed);
        self.interrupt();
    }

    /// Whether nothing of the run is to be kept.
    pub(crate) fn aborted(&self) -> bool {
        self.aborted.load(Ordering::Relaxed)
    }

    /// The signal that came, if one did.
    pub(crate) fn received(&self) -> Option<i32> {
        match self.received.load(Ordering::Relaxed) {
            0 => None,
            signal => Some(signal as i32),
        }
    }
}

/// A signal's name.
pub(crate) fn name(signal: i32) -> &'static str {
    match signal {
        SIGINT => "SIGINT (Ctrl-C)",
        SIGTERM => "SIGTERM",
        SIGHUP => "SIGHUP (the terminal is gone)",
        _ => "a signal",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_end_a_run_as_signals_do() {
        let signals = Signals { received: Arc::default(), aborted: Arc::default() };
        assert_eq!((signals.received(), signals.aborted()), (None, false));
        signals.interrupt();
        assert_eq!((signals.received(), signals.aborted()), (Some(SIGINT), false));
        signals.received.store(SIGTERM as usize, Ordering::Relaxed);
        signals.abort();
        assert_eq!((signals.received(), signals.aborted()), (Some(SIGTERM), true), "the first one stands");
    }
}
