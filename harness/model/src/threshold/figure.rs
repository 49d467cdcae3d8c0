//! The figures that a threshold can be about: their names, units and directions, and where a run's report holds them.

use super::ThresholdError;
use crate::counters::ErrorClass;
use crate::metric::{Counted, Metric};
use crate::plan::{Plan, TargetPlan};
use crate::report::RunReport;
use crate::slo::{Statistic, failed_percent};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A figure of a run. The names are those of SLOs and metrics, where these have it: one figure is one variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Figure {
    /// A metric of comparisons that is no latency.
    Metric(Metric),
    /// Verified responses per second: of batches, fewer than their items, which `tps` counts.
    Responses,
    /// A figure of the latencies, which under an open load run from the due time.
    Latency(Statistic),
    /// Under an open load, the same of the time from the send.
    Service(Statistic),
    /// Failed requests, as a part of all that were due.
    Errors,
    /// Failed requests of one class, counted.
    ErrorsOf(ErrorClass),
}

/// The unit of a figure's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unit {
    /// Per second.
    #[serde(rename = "1/s")]
    PerSecond,
    /// Microseconds.
    #[serde(rename = "us")]
    Microseconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
    /// Bytes.
    #[serde(rename = "bytes")]
    Bytes,
    /// Percent of the requests.
    #[serde(rename = "percent")]
    Percent,
    /// Requests.
    #[serde(rename = "requests")]
    Requests,
    /// The entrant's figure over the base's, of a relative threshold.
    #[serde(rename = "ratio")]
    Ratio,
}

const SERVICE: &str = "service.";
const ERRORS: &str = "errors";
const RESPONSES: &str = "rps";

impl Figure {
    /// Every figure, in the order in which reports show them.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let metrics = |metrics: &[Metric]| metrics.iter().copied().map(Self::Metric).collect::<Vec<_>>();
        let resources =
            Metric::ALL.into_iter().filter(|metric| matches!(Self::from(*metric), Self::Metric(_)));
        let resources: Vec<Metric> = resources.filter(|metric| *metric != Metric::Tps).collect();
        let mut all = metrics(&[Metric::Tps]);
        all.push(Self::Responses);
        all.extend(Statistic::ALL.map(Self::Latency));
        all.extend(Statistic::ALL.map(Self::Service));
        all.push(Self::Errors);
        all.extend(ErrorClass::ALL.map(Self::ErrorsOf));
        all.extend(metrics(&resources));
        all
    }

    /// The metric that comparisons compare it as, if it is one.
    #[must_use]
    pub fn metric(self) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| Self::from(*metric) == self)
    }

    /// The name for people: `P99 latency`, `CPU per request`, `Failed requests`.
    #[must_use]
    pub fn title(self) -> String {
        self.title_of(Counted::Requests)
    }

    /// The name for people, where so much is counted: `CPU per item`.
    #[must_use]
    pub fn title_of(self, counted: Counted) -> String {
        match self {
            Self::Metric(metric) => metric.title_of(counted).to_owned(),
            Self::Responses => "Responses per second".to_owned(),
            Self::Latency(statistic) => format!("{} latency", statistic.title()),
            Self::Service(statistic) => format!("{} service time", statistic.title()),
            Self::Errors => "Failed requests".to_owned(),
            Self::ErrorsOf(class) => format!("Failed requests, {}", class.name()),
        }
    }

    /// The unit of its number.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Responses | Self::Metric(Metric::Tps) => Unit::PerSecond,
            Self::Latency(_) | Self::Service(_) => Unit::Microseconds,
            Self::Metric(Metric::P50 | Metric::P99 | Metric::P999 | Metric::CpuPerRequest) => {
                Unit::Microseconds
            }
            Self::Metric(Metric::StartUp) => Unit::Milliseconds,
            Self::Metric(
                Metric::MemoryIdle | Metric::MemoryMedian | Metric::MemoryPeak | Metric::ArtefactSize,
            ) => Unit::Bytes,
            Self::Errors => Unit::Percent,
            Self::ErrorsOf(_) => Unit::Requests,
        }
    }

    /// Whether more is better: throughput only.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Responses | Self::Metric(Metric::Tps))
    }

    /// Why no run of a plan can have it, with the mend; nothing where one can.
    #[must_use]
    pub fn cannot_be_had(self, plan: &Plan) -> Option<String> {
        let is_url = matches!(plan.target, TargetPlan::Url { .. });
        match self {
            Self::Metric(Metric::StartUp | Metric::ArtefactSize) if is_url => Some(format!(
                "`{self}` is of a server that bench builds and starts: measure a target, or leave the threshold out"
            )),
            Self::Metric(metric) if !metric.is_measured_of(&plan.target) => Some(format!(
                "`{self}` is not measured of a server that bench did not start, unless its process is named (--pid of \
                 bench run)"
            )),
            Self::Service(statistic) if !plan.load.is_open() => Some(format!(
                "`{self}` is of an open load (--rate): under a closed one the latency is the service time, so write `{}`",
                statistic.name()
            )),
            _ => None,
        }
    }

    /// The figure of a run, in [`Self::unit`]; nothing where it was not measured. `artefact_bytes` is the size of what was
    /// built, which only comparisons know.
    #[must_use]
    pub fn of(self, report: &RunReport, artefact_bytes: Option<u64>) -> Option<f64> {
        let summary = &report.summary;
        let value = match self {
            Self::Metric(metric) => metric.measured(report, artefact_bytes),
            Self::Responses => Some(summary.tps),
            Self::Latency(statistic) => Some(statistic.of_us(&summary.latency_us)),
            Self::Service(statistic) => summary.service_time_us.as_ref().map(|time| statistic.of_us(time)),
            Self::Errors => Some(failed_percent(summary)),
            Self::ErrorsOf(class) => Some(summary.errors.of(class) as f64),
        };
        value.filter(|value| value.is_finite())
    }
}

impl From<Metric> for Figure {
    fn from(metric: Metric) -> Self {
        match metric {
            Metric::P50 => Self::Latency(Statistic::P50),
            Metric::P99 => Self::Latency(Statistic::P99),
            Metric::P999 => Self::Latency(Statistic::P999),
            other => Self::Metric(other),
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(metric) => f.write_str(metric.short_name()),
            Self::Responses => f.write_str(RESPONSES),
            Self::Latency(statistic) => f.write_str(statistic.name()),
            Self::Service(statistic) => write!(f, "{SERVICE}{}", statistic.name()),
            Self::Errors => f.write_str(ERRORS),
            Self::ErrorsOf(class) => write!(f, "{ERRORS}.{}", class.name()),
        }
    }
}

impl FromStr for Figure {
    type Err = ThresholdError;

    /// Reads a name in any case; a metric by each of its names.
    fn from_str(text: &str) -> Result<Self, ThresholdError> {
        let word = text.trim().to_ascii_lowercase();
        let found = Self::all().into_iter().find(|figure| figure.to_string() == word);
        let found = found.or_else(|| word.parse::<Metric>().ok().map(Self::from));
        found.ok_or_else(|| ThresholdError::Figure { word: text.trim().to_owned() })
    }
}

impl TryFrom<String> for Figure {
    type Error = ThresholdError;

    fn try_from(text: String) -> Result<Self, ThresholdError> {
        text.parse()
    }
}

impl From<Figure> for String {
    fn from(figure: Figure) -> Self {
        figure.to_string()
    }
}
