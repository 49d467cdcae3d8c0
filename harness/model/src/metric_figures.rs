//! One of a target's own metrics over the measured window.

use crate::stats::median;
use serde::{Deserialize, Serialize};

/// What the readings of a metric came to, in its own unit: see [`crate::target::TargetMetric`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MetricFigures {
    /// The median of the readings.
    pub median: f64,
    /// The largest reading.
    pub max: f64,
    /// Intervals of the window that have a reading; at least 1.
    pub readings: u64,
}

impl MetricFigures {
    /// The figures of these readings; nothing where there are none.
    #[must_use]
    pub fn of(readings: &[f64]) -> Option<Self> {
        let max = readings.iter().copied().max_by(f64::total_cmp)?;
        Some(Self { median: median(readings)?, max, readings: readings.len() as u64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readings() {
        for (readings, figures) in [
            (&[][..], None),
            (&[3.0], Some((3.0, 3.0))),
            (&[-5.0, -1.0], Some((-3.0, -1.0))),
            (&[9.0, 1.0, 2.0], Some((2.0, 9.0))),
        ] {
            let of = MetricFigures::of(readings);
            assert_eq!(of.map(|of| (of.median, of.max)), figures, "{readings:?}");
            assert_eq!(of.map_or(0, |of| of.readings), readings.len() as u64);
        }
    }
}
