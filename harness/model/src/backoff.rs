//! How long a connection that keeps failing waits before it tries again, so that a dead server is not hammered.

use crate::random::Random;

/// The wait after the first failure, in nanoseconds.
pub const FIRST_WAIT_NS: u64 = 10_000_000;
/// The longest wait, in nanoseconds.
pub const LONGEST_WAIT_NS: u64 = 1_000_000_000;

/// The wait before the next try after `failures` failures in a row, in nanoseconds: doubling from 10 ms to 1 s,
/// then shortened at random by up to a half so that connections which failed together do not return together.
#[must_use]
pub fn wait_ns(failures: u32, random: &mut Random) -> u64 {
    if failures == 0 {
        return 0;
    }
    let doubled = FIRST_WAIT_NS.saturating_mul(1 << (failures - 1).min(10)).min(LONGEST_WAIT_NS);
    doubled - (random.unit() * 0.5 * doubled as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_a_ceiling() {
        let mut random = Random::new(1);
        assert_eq!(wait_ns(0, &mut random), 0);
        for (failures, ceiling_ms) in
            [(1, 10), (2, 20), (3, 40), (7, 640), (8, 1000), (50, 1000), (u32::MAX, 1000)]
        {
            for _ in 0..100 {
                let wait = wait_ns(failures, &mut random);
                let ceiling = ceiling_ms * 1_000_000;
                assert!((ceiling / 2..=ceiling).contains(&wait), "{failures}: {wait}");
            }
        }
    }
}
