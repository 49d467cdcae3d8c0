//! Whether a target's memory climbs under load. Pure.

use crate::report::amount::bytes;

/// Growth that is no leak: a part of what is used, and this much more, in bytes.
const GROWTH_SHARE: f64 = 0.10;
const GROWTH_BYTES: f64 = 8.0 * 1024.0 * 1024.0;
/// Fewest readings of memory that say anything.
pub(super) const FEWEST: usize = 6;

/// The memory of the middle and of the last third of a load, in bytes. The first third is the target's to warm up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Thirds {
    middle: f64,
    last: f64,
}

impl Thirds {
    /// The medians; `None` for too few readings.
    pub(super) fn of(readings: &[u64]) -> Option<Self> {
        if readings.len() < FEWEST {
            return None;
        }
        let third = readings.len() / 3;
        let (early, last) = readings.split_at(readings.len() - third);
        Some(Self { middle: median(&early[early.len() - third..]), last: median(last) })
    }

    /// Whether the last third uses more than the middle one by over 10% and 8 MiB.
    pub(super) fn climb(self) -> bool {
        self.last > self.middle * (1.0 + GROWTH_SHARE) + GROWTH_BYTES
    }

    /// Both figures in words.
    pub(super) fn shown(self) -> String {
        format!("{} in the middle third, {} in the last", bytes(self.middle), bytes(self.last))
    }
}

fn median(readings: &[u64]) -> f64 {
    let mut sorted = readings.to_vec();
    sorted.sort_unstable();
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[half] as f64
    } else {
        (sorted[half - 1] as f64 + sorted[half] as f64) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn climbing() {
        for (readings_mib, climbs) in [
            (vec![10, 50, 90, 100, 100, 101, 100, 100, 102], false),
            (vec![10, 10, 10, 20, 30, 40, 50, 60, 70], true),
            (vec![100, 100, 100, 100, 100, 100, 117, 117, 117], false),
            (vec![100, 100, 100, 100, 100, 100, 119, 119, 119], true),
            (vec![5, 5, 5, 5, 5, 5, 13, 13, 13], false),
            // One high reading is a collector's work, not a leak.
            (vec![50, 50, 50, 50, 50, 50, 50, 400, 50], false),
        ] {
            let readings: Vec<u64> = readings_mib.iter().map(|mib| mib * MIB).collect();
            assert_eq!(Thirds::of(&readings).unwrap().climb(), climbs, "{readings_mib:?}");
        }
        assert_eq!(Thirds::of(&[1, 2, 3, 4, 5]), None);
    }

    #[test]
    fn figures() {
        let thirds = Thirds::of(&[MIB; 9]).unwrap();
        assert_eq!(thirds.shown(), "1.000 MiB in the middle third, 1.000 MiB in the last");
    }
}
