//! Whether the clock that every latency is measured with can be trusted.

use serde::{Deserialize, Serialize};

/// What was seen of the clock while a run was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ClockCheck {
    /// By how much the monotonic clock ran faster than the hardware's, over the hardware's: 0.001 is 0.1%. The kernel
    /// lets time services bend the one and never the other.
    pub drift: f64,
    /// How often a later reading was lower than an earlier one.
    pub backwards: u64,
}

/// What is wrong with a clock.
#[derive(Debug, Clone, PartialEq)]
pub enum ClockTrouble {
    /// It went back so many times.
    Backwards(u64),
    /// It ran at another pace than the hardware's, by this part.
    Drift(f64),
    /// The kernel keeps time by this source, which is slow to read or coarse.
    Source(String),
}

/// Clock sources that the kernel falls back to when it distrusts the CPU's own counter. Reading `hpet` and `acpi_pm` takes a
/// microsecond or more, and the others count timer interrupts.
const POOR_SOURCES: [&str; 5] = ["hpet", "acpi_pm", "pit", "jiffies", "refined-jiffies"];

/// Time services bend the clock by 0.05% at most (RFC 5905, and the kernel's own limit); twice as much is trouble.
const DRIFT_LIMIT: f64 = 0.001;
/// Half of the margin that comparisons take for no difference: figures that are off by more are of no use.
const DRIFT_INVALID: f64 = 0.01;

/// Whether a clock source is one that measurements suffer from.
#[must_use]
pub fn is_poor(source: &str) -> bool {
    POOR_SOURCES.contains(&source)
}

/// Everything that is wrong with the clock, the gravest first.
#[must_use]
pub fn troubles(check: Option<ClockCheck>, source: Option<&str>) -> Vec<ClockTrouble> {
    let check = check.unwrap_or_default();
    let backwards = (check.backwards > 0).then_some(ClockTrouble::Backwards(check.backwards));
    let drift = (check.drift.abs() > DRIFT_LIMIT).then_some(ClockTrouble::Drift(check.drift));
    let source =
        source.filter(|source| is_poor(source)).map(|source| ClockTrouble::Source(source.to_owned()));
    [backwards, drift, source].into_iter().flatten().collect()
}

impl ClockTrouble {
    /// Whether no figure of such a clock can be used.
    #[must_use]
    pub fn invalidates(&self) -> bool {
        match self {
            Self::Backwards(_) => true,
            Self::Drift(drift) => drift.abs() > DRIFT_INVALID,
            Self::Source(_) => false,
        }
    }

    /// What was seen and what to do.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Backwards(times) => format!(
                "the clock went backwards {times} times, so that no latency can be trusted: the CPUs' counters disagree; \
                 choose another clock source (see `bench doctor`), or measure on another machine"
            ),
            Self::Drift(drift) => format!(
                "the clock ran {:+.2}% off the hardware's, and rates and latencies are off by as much: let the time service \
                 settle, or stop it while you measure",
                drift * 100.0
            ),
            Self::Source(name) => format!(
                "the kernel keeps time by `{name}`, which is slow to read or coarse, and every latency holds it: boot with \
                 clocksource=tsc, or measure on a machine whose own counter the kernel trusts"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks() {
        let drifting = |drift| Some(ClockCheck { drift, backwards: 0 });
        for (check, source, expected) in [
            (None, None, vec![]),
            (drifting(0.0005), Some("tsc"), vec![]),
            (drifting(-0.0005), Some("kvm-clock"), vec![]),
            (drifting(0.002), Some("tsc"), vec![(ClockTrouble::Drift(0.002), false)]),
            (drifting(-0.02), None, vec![(ClockTrouble::Drift(-0.02), true)]),
            (None, Some("hpet"), vec![(ClockTrouble::Source("hpet".into()), false)]),
            (
                Some(ClockCheck { drift: 0.1, backwards: 3 }),
                Some("jiffies"),
                vec![
                    (ClockTrouble::Backwards(3), true),
                    (ClockTrouble::Drift(0.1), true),
                    (ClockTrouble::Source("jiffies".into()), false),
                ],
            ),
        ] {
            let found: Vec<_> = troubles(check, source)
                .into_iter()
                .map(|trouble| {
                    let invalidates = trouble.invalidates();
                    (trouble, invalidates)
                })
                .collect();
            assert_eq!(found, expected, "{check:?} by {source:?}");
        }
    }
}
