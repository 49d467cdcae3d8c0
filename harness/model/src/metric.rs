//! The metrics that a comparison compares: their names, units and directions, and where a run's report holds them.

use crate::plan::TargetPlan;
use crate::report::RunReport;
use crate::suggest::nearest;
use crate::threshold::Reading;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What throughput counts, and CPU time is divided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Verified requests.
    Requests,
    /// The accepted items of requests that carry several.
    Items,
}

impl Counted {
    /// What is counted, in the plural.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Items => "items",
        }
    }
}

/// One figure of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Verified responses per second; of batches, their accepted items.
    Tps,
    /// Median latency.
    P50,
    /// 99th percentile of latency.
    P99,
    /// 99.9th percentile of latency.
    P999,
    /// CPU time of the target's process tree for each verified response; of batches, for each accepted item.
    CpuPerRequest,
    /// Memory of the target before any load.
    MemoryIdle,
    /// Median memory of the target in the measured window.
    MemoryMedian,
    /// Largest memory of the target in the whole run.
    MemoryPeak,
    /// From the target's start until it answered.
    StartUp,
    /// Size of what was built and is shipped.
    ArtefactSize,
}

impl Metric {
    /// Every metric, in the order in which reports show them.
    pub const ALL: [Self; 10] = [
        Self::Tps,
        Self::P50,
        Self::P99,
        Self::P999,
        Self::CpuPerRequest,
        Self::MemoryIdle,
        Self::MemoryMedian,
        Self::MemoryPeak,
        Self::StartUp,
        Self::ArtefactSize,
    ];

    /// The metrics that get verdicts unless others are asked for. The rest are descriptive: an estimate and an
    /// interval that is not adjusted for how many are looked at.
    ///
    /// Why not all: Holm's correction multiplies the least p-value by the number of tests. Of ten blocks the least
    /// that a signed-rank test can give is 2/1024, and four targets against a base on nine metrics are 36 tests:
    /// 0.070 at best, so that nothing could ever reach 0.05. On these four metrics they are 16 tests, and 0.031.
    pub const DECISIVE: [Self; 4] = [Self::Tps, Self::P99, Self::CpuPerRequest, Self::MemoryPeak];

    /// The stable name for files, programs and `--metrics`; the same as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tps => "tps",
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::P999 => "p999",
            Self::CpuPerRequest => "cpu-per-request",
            Self::MemoryIdle => "memory-idle",
            Self::MemoryMedian => "memory-median",
            Self::MemoryPeak => "memory-peak",
            Self::StartUp => "start-up",
            Self::ArtefactSize => "artefact-size",
        }
    }

    /// The name that people type: of a threshold, and read by [`Self::from_str`] beside [`Self::name`].
    #[must_use]
    pub fn short_name(self) -> &'static str {
        match self {
            Self::P999 => "p99.9",
            Self::CpuPerRequest => "cpu",
            Self::MemoryIdle => "memory.idle",
            Self::MemoryMedian => "memory.median",
            Self::MemoryPeak => "memory.peak",
            Self::StartUp => "startup",
            Self::ArtefactSize => "size",
            Self::Tps | Self::P50 | Self::P99 => self.name(),
        }
    }

    /// The name for people.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Tps => "TPS",
            Self::P50 => "P50 latency",
            Self::P99 => "P99 latency",
            Self::P999 => "P99.9 latency",
            Self::CpuPerRequest => "CPU per request",
            Self::MemoryIdle => "Memory, idle",
            Self::MemoryMedian => "Memory, median",
            Self::MemoryPeak => "Memory, peak",
            Self::StartUp => "Start-up time",
            Self::ArtefactSize => "Artefact size",
        }
    }

    /// The name for people, where so much is counted.
    #[must_use]
    pub fn title_of(self, counted: Counted) -> &'static str {
        match (self, counted) {
            (Self::Tps, Counted::Items) => "TPS (items)",
            (Self::CpuPerRequest, Counted::Items) => "CPU per item",
            _ => self.title(),
        }
    }

    /// The unit of the stored number.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tps => "1/s",
            Self::P50 | Self::P99 | Self::P999 | Self::CpuPerRequest => "us",
            Self::MemoryIdle | Self::MemoryMedian | Self::MemoryPeak | Self::ArtefactSize => "bytes",
            Self::StartUp => "ms",
        }
    }

    /// Whether more is better: throughput only.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        self == Self::Tps
    }

    /// Whether the number is the same in every block, so that there is nothing to test.
    #[must_use]
    pub fn is_deterministic(self) -> bool {
        self == Self::ArtefactSize
    }

    /// Whether it is larger after more requests where a target keeps what it was sent.
    #[must_use]
    pub fn grows_with_state(self) -> bool {
        matches!(self, Self::MemoryMedian | Self::MemoryPeak)
    }

    /// Whether a run of this target can have the figure. `bench` sees nothing but answers of a server that it did not
    /// start, unless its process is named.
    #[must_use]
    pub fn is_measured_of(self, target: &TargetPlan) -> bool {
        match (self, target) {
            (_, TargetPlan::Managed { .. })
            | (Self::Tps | Self::P50 | Self::P99 | Self::P999 | Self::ArtefactSize, TargetPlan::Url { .. }) => {
                true
            }
            (Self::StartUp, TargetPlan::Url { .. }) => false,
            (_, TargetPlan::Url { pid, .. }) => pid.is_some(),
        }
    }

    /// The figure of a run, in [`Self::unit`]; above 0 and finite, since comparisons take its logarithm.
    ///
    /// None where it was not measured, see [`Self::measured`], and where it is 0 or no number.
    #[must_use]
    pub fn of(self, report: &RunReport, artefact_bytes: Option<u64>) -> Option<f64> {
        self.measured(report, artefact_bytes).filter(|value| value.is_finite() && *value > 0.0)
    }

    /// The same where it may stand beside those of other times: no latency that is only a lower bound.
    #[must_use]
    pub fn comparable(self, report: &RunReport, artefact_bytes: Option<u64>) -> Option<f64> {
        self.of(report, artefact_bytes).filter(|_| !self.is_lower_bound(report))
    }

    /// Whether a run's figure is only a lower bound, since it lies among requests that were cut off or never sent.
    #[must_use]
    pub fn is_lower_bound(self, report: &RunReport) -> bool {
        Reading::of(self.into(), report, None).is_some_and(|reading| reading.at_least)
    }

    /// The figure of a run, in [`Self::unit`], whatever it is.
    ///
    /// None where it was not measured: a URL has no memory unless its process is named, and no start-up time.
    #[must_use]
    pub fn measured(self, report: &RunReport, artefact_bytes: Option<u64>) -> Option<f64> {
        let latency = &report.summary.latency_us;
        let target = report.target.as_ref();
        let memory = target.map(|target| target.memory_bytes);
        match self {
            Self::Tps => Some(report.summary.items_per_s()),
            Self::P50 => Some(latency.p50),
            Self::P99 => Some(latency.p99),
            Self::P999 => Some(latency.p99_9),
            Self::CpuPerRequest => {
                target.map(|target| target.cpu_us_per_request / report.summary.items_per_request())
            }
            Self::MemoryIdle => memory.map(|memory| memory.idle as f64),
            Self::MemoryMedian => memory.map(|memory| memory.median as f64),
            Self::MemoryPeak => memory.map(|memory| memory.peak as f64),
            Self::StartUp => target.and_then(|target| target.startup_ms),
            Self::ArtefactSize => artefact_bytes.map(|bytes| bytes as f64),
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that names no metric. The message names it and the ones there are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no metric{}: choose from {}", hint(.word), Metric::ALL.map(Metric::name).join(", "))]
pub struct UnknownMetric {
    /// What was written.
    pub word: String,
}

fn hint(word: &str) -> String {
    nearest(word, Metric::ALL.map(Metric::name))
        .map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    /// Reads a name or a short name in any case, and `memory` for its peak.
    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        let word = text.trim().to_ascii_lowercase();
        let name = match word.as_str() {
            "memory" => "memory-peak",
            "p99-9" => "p999",
            "artifact-size" => "artefact-size",
            other => other,
        };
        let found = Self::ALL.into_iter().find(|metric| metric.name() == name || metric.short_name() == name);
        found.ok_or_else(|| UnknownMetric { word: text.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json() {
        for metric in Metric::ALL {
            assert_eq!(serde_json::to_value(metric).unwrap(), metric.name());
            assert_eq!(metric.name().parse(), Ok(metric));
            assert_eq!(metric.name().to_uppercase().parse(), Ok(metric));
            assert_eq!(metric.short_name().parse(), Ok(metric));
        }
    }

    #[test]
    fn short_names_and_mistakes() {
        for (text, metric) in [
            ("cpu", Metric::CpuPerRequest),
            (" memory", Metric::MemoryPeak),
            ("P99.9", Metric::P999),
            ("startup", Metric::StartUp),
        ] {
            assert_eq!(text.parse(), Ok(metric), "{text}");
        }
        let error = "memory-peek".parse::<Metric>().unwrap_err().to_string();
        assert!(
            error.starts_with(
                "`memory-peek` is no metric (did you mean `memory-peak`?): choose from tps, p50"
            )
        );
        assert!("".parse::<Metric>().is_err());
    }
}
