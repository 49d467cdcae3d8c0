//! Reading the system's clocks.

use rustix::time::{ClockId, clock_gettime};

/// What a clock shows, in nanoseconds.
pub(crate) fn ns(clock: ClockId) -> u64 {
    let time = clock_gettime(clock);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
