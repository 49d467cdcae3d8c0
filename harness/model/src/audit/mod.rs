//! Whether published figures can be true together: Little's law and the definition of a percentile, nothing else. Owns
//! the arithmetic of an audit and its words; whose figures they are is for [`crate::claim`].
//!
//! **Little's law** (J. D. C. Little, "A Proof for the Queuing Formula: L = lambda W", Operations Research 9, 1961): over
//! a window that is long beside a request, the requests in flight are the rate times the mean latency. On `N` connections
//! with one request each no more than `N` are in flight, so mean latency <= N / TPS; in a closed loop whose connections
//! are always busy the two are equal. That holds for any server, network and distribution.
//!
//! **Percentiles** bound the mean from both sides, for any distribution as well. Half of the requests took P50 or longer
//! and one in a hundred P99 or longer, so mean >= 0.49 P50 + 0.01 P99. Half took P50 at most and the next 49 in a
//! hundred P99 at most, so, with S for the mean of the slowest hundredth, mean <= 0.5 P50 + 0.49 P99 + 0.01 S. Without a
//! P50 its place is taken by the P99 above and by zero below; without a P99 only 0.5 P50 is left below.

mod words;

#[cfg(test)]
mod tests;

use serde::Serialize;
use std::time::Duration;

/// By what part figures may miss the law, for rounding and for requests cut by the window's ends: as much as our own
/// runs may.
const TOLERANCE: f64 = 0.05;

/// How many times the P99 the slowest hundredth may take on average before it is not believed.
///
/// The limit is a judgement, and a lenient one, since the bound supposes that every other request took all the time that
/// its percentile allows. It is 1.2 times for exponential latencies, 2.6 for log-normal ones with sigma = 2; a Pareto
/// tail reaches ten, a / (a - 1), with a = 1.11, where it hardly has a mean. Five of the ten cover the tolerance: a mean
/// less by 5% moves the bound by five times the mean.
const LONGEST_TAIL: f64 = 10.0;

/// Figures of load and latency, as far as they were given. None is zero.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Connections, each with one request in flight.
    pub connections: Option<u64>,
    /// Requests per second.
    pub tps: Option<f64>,
    /// Median latency.
    pub p50: Option<Duration>,
    /// 99th percentile of the latency.
    pub p99: Option<Duration>,
    /// Mean latency.
    pub mean: Option<Duration>,
    /// What the generator leaves out of its latencies though not out of its rate: answers slower than this.
    pub recorded_up_to: Option<Duration>,
}

/// What an audit came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AuditVerdict {
    /// The figures were checked and can be true together, which does not make them true.
    Consistent,
    /// They cannot, or only with what nobody would believe untold.
    Contradictory,
    /// Too little was given to check anything.
    Unchecked,
}

/// The result of [`Figures::audit`]: the verdict, the reasons, and the arithmetic behind them as far as it could be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// Whether the figures can be true together.
    pub verdict: AuditVerdict,
    /// What was found; empty when nothing stands out.
    pub findings: Vec<Finding>,
    /// The mean latency by Little's law with every connection busy, connections / TPS, in microseconds.
    pub implied_mean_us: Option<f64>,
    /// The least that the slowest hundredth of the requests took on average, in microseconds; absent where the
    /// percentiles ask for no tail beyond the P99.
    pub slowest_us: Option<f64>,
    /// The most requests in flight, on average, if none took longer than the P99.
    pub in_flight_within_p99: Option<f64>,
}

/// Something that stands out.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The median lies above the 99th percentile.
    MedianAboveP99 {
        /// The median, in microseconds.
        p50_us: f64,
        /// The percentile, in microseconds.
        p99_us: f64,
    },
    /// The mean that was given is not that of busy connections.
    MeanOffTheLaw(Law),
    /// The percentiles need a larger mean than there can be.
    PercentilesAboveMean {
        /// The least mean that the percentiles allow, in microseconds.
        least_us: f64,
        /// The mean, in microseconds.
        mean: Mean,
    },
    /// The percentiles need a smaller mean, unless a few requests took very long.
    Tail(Tail),
}

/// A mean beside the law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Law {
    /// The mean that was given, in microseconds.
    pub given_us: f64,
    /// Connections / TPS, in microseconds.
    pub implied_us: f64,
    /// TPS x the mean that was given.
    pub in_flight: f64,
    /// Connections.
    pub connections: u64,
}

/// A mean latency, in microseconds, and where it is from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mean {
    /// It was published.
    Given(f64),
    /// It follows from TPS and connections.
    Implied {
        /// Connections / TPS, in microseconds.
        us: f64,
        /// Requests per second.
        tps: f64,
        /// Connections.
        connections: u64,
    },
}

/// A tail that has to make up for a mean above what the percentiles allow the rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// The mean latency.
    pub mean: Mean,
    /// The 99th percentile, in microseconds.
    pub p99_us: f64,
    /// The least mean of the slowest hundredth, in microseconds.
    pub slowest_us: f64,
    /// The most requests in flight if none took longer than the P99.
    pub in_flight_within_p99: Option<f64>,
    /// From where on the generator records no latency, in microseconds.
    pub recorded_up_to_us: Option<f64>,
}

impl Figures {
    /// Checks the figures against each other; see the top of this file for the bounds.
    ///
    /// It supposes a closed loop, latencies from the send to the complete answer, and a rate and percentiles of the same
    /// requests.
    #[must_use]
    pub fn audit(&self) -> Audit {
        let [p50, p99] = [self.p50, self.p99].map(|given| given.map(microseconds));
        let implied = self.implied_mean();
        let mean = self.mean.map(|mean| Mean::Given(microseconds(mean))).or(implied);
        let slowest_us = mean.zip(p99).map(|(mean, p99)| slowest_us(mean.us(), p50, p99));
        let within_p99_us = p99.map(|p99| p50.map_or(p99, |p50| 0.5 * p50 + 0.5 * p99));
        let in_flight_within_p99 = self.tps.zip(within_p99_us).map(|(tps, us)| tps * us / 1e6);
        let tail = mean.zip(p99).zip(slowest_us).map(|((mean, p99_us), slowest_us)| Tail {
            mean,
            p99_us,
            slowest_us,
            in_flight_within_p99,
            recorded_up_to_us: self.recorded_up_to.map(microseconds),
        });
        let checks = [
            p50.zip(p99).map(|(p50_us, p99_us)| {
                (p50_us > p99_us).then_some(Finding::MedianAboveP99 { p50_us, p99_us })
            }),
            self.law().map(|law| law.is_broken().then_some(Finding::MeanOffTheLaw(law))),
            mean.zip(least_mean_us(p50, p99)).map(|(mean, least_us)| {
                let above = least_us > mean.us() * (1.0 + TOLERANCE);
                above.then_some(Finding::PercentilesAboveMean { least_us, mean })
            }),
            tail.map(|tail| (tail.times() > 1.0).then_some(Finding::Tail(tail))),
        ];
        let checked = checks.iter().any(Option::is_some);
        let findings: Vec<Finding> = checks.into_iter().flatten().flatten().collect();
        let verdict = match (checked, findings.iter().any(Finding::contradicts)) {
            (_, true) => AuditVerdict::Contradictory,
            (true, false) => AuditVerdict::Consistent,
            (false, false) => AuditVerdict::Unchecked,
        };
        Audit {
            verdict,
            findings,
            implied_mean_us: implied.map(Mean::us),
            slowest_us: slowest_us.filter(|&slowest| p99.is_some_and(|p99| slowest > p99)),
            in_flight_within_p99,
        }
    }

    fn implied_mean(&self) -> Option<Mean> {
        let (tps, connections) = self.tps.zip(self.connections)?;
        Some(Mean::Implied { us: connections as f64 / tps * 1e6, tps, connections })
    }

    fn law(&self) -> Option<Law> {
        let (given_us, (tps, connections)) = (microseconds(self.mean?), self.tps.zip(self.connections)?);
        let implied_us = connections as f64 / tps * 1e6;
        Some(Law { given_us, implied_us, in_flight: tps * given_us / 1e6, connections })
    }
}

/// The least mean of the slowest hundredth that brings the mean of all to `mean_us`; all in microseconds.
fn slowest_us(mean_us: f64, p50: Option<f64>, p99: f64) -> f64 {
    let others = p50.map_or(0.99 * p99, |p50| 0.5 * p50 + 0.49 * p99);
    (mean_us - others) / 0.01
}

/// The least mean that the percentiles allow; all in microseconds.
fn least_mean_us(p50: Option<f64>, p99: Option<f64>) -> Option<f64> {
    match (p50, p99) {
        (Some(p50), Some(p99)) => Some(0.49 * p50 + 0.01 * p99),
        (Some(p50), None) => Some(0.5 * p50),
        (None, Some(p99)) => Some(0.01 * p99),
        (None, None) => None,
    }
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

impl Mean {
    /// The mean, in microseconds.
    #[must_use]
    pub fn us(self) -> f64 {
        match self {
            Self::Given(us) | Self::Implied { us, .. } => us,
        }
    }
}

impl Law {
    fn is_broken(&self) -> bool {
        (self.in_flight / self.connections as f64 - 1.0).abs() > TOLERANCE
    }
}

impl Tail {
    /// The least mean of the slowest hundredth in P99s.
    #[must_use]
    pub fn times(&self) -> f64 {
        self.slowest_us / self.p99_us
    }
}

impl Finding {
    /// Whether the figures cannot be true together with it.
    #[must_use]
    pub fn contradicts(&self) -> bool {
        match self {
            Self::MedianAboveP99 { .. } | Self::MeanOffTheLaw(_) | Self::PercentilesAboveMean { .. } => true,
            Self::Tail(tail) => tail.times() > LONGEST_TAIL,
        }
    }

    /// A stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::MedianAboveP99 { .. } => "median-above-p99",
            Self::MeanOffTheLaw(_) => "mean-off-the-law",
            Self::PercentilesAboveMean { .. } => "percentiles-above-mean",
            Self::Tail(_) => "tail",
        }
    }
}
