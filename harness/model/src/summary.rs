//! A run's figures, recomputed from its intervals.

use crate::counters::{Counters, Errors};
use crate::distribution::Distribution;
use crate::interval::{Interval, Phase};
use crate::latency::Latencies;
pub use crate::latency_figures::LatencyFigures;
pub use crate::metric_figures::MetricFigures;
use crate::resources::ResourceSample;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The figures of the measured window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Length of the measured window, in seconds.
    pub duration_s: f64,
    /// Verified responses in it.
    pub requests: u64,
    /// Verified responses per second.
    pub tps: f64,
    /// Items of these responses, where requests are batches of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batched: Option<Batched>,
    /// Items that the target refused, as it may: neither transactions nor failures.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refused: u64,
    /// Bytes received.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Failed requests by class.
    pub errors: Errors,
    /// Complete responses by HTTP status.
    pub status: BTreeMap<u16, u64>,
    /// Mean number of requests in flight, integrated over the window and not derived from the latencies.
    pub in_flight_mean: f64,
    /// Latency to the complete answer: under an open load from the due time, under a closed one from the send.
    pub latency_us: LatencyFigures,
    /// Under an open load, from the send to the complete answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_time_us: Option<LatencyFigures>,
    /// Under an open load, from the due time to the send.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_lag_us: Option<LatencyFigures>,
    /// What an open load offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Offered>,
    /// By how much a sleeping thread on the generator's CPU was late: see [`crate::hiccups`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hiccup_us: Option<LatencyFigures>,
    /// The target's own metrics that its manifest chose, by their keys: see [`crate::target::TargetMetric`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, MetricFigures>,
}

impl Summary {
    /// Verified responses per second, or, of batches, their accepted items: what can be compared whatever the batch.
    #[must_use]
    pub fn items_per_s(&self) -> f64 {
        self.batched.map_or(self.tps, |batched| batched.items_per_s)
    }

    /// Accepted items of a verified response; 1 unless requests are batches.
    #[must_use]
    pub fn items_per_request(&self) -> f64 {
        self.batched.map_or(1.0, |batched| batched.items as f64 / self.requests.max(1) as f64)
    }
}

/// Items of batches.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Batched {
    /// Accepted ones in the window.
    pub items: u64,
    /// The same per second.
    pub items_per_s: f64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip by reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What an open load offered in the measured window, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Offered {
    /// Requests that were due.
    pub requests: u64,
    /// The same per second.
    pub rate_per_s: f64,
    /// Requests that were sent.
    pub sent: u64,
    /// Of these, those that waited since every connection was busy.
    pub queued: u64,
    /// Of these, those that the generator sent more than 1 ms late though a connection was free.
    pub late: u64,
    /// Requests that were due by the window's end and had not been sent.
    pub waiting_at_end: u64,
}

/// The intervals of a run added up, one after the other, in memory that does not grow with the run but for a few
/// numbers an interval.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    pub(crate) counters: Counters,
    pub(crate) observed: Latencies,
    pub(crate) censored: Latencies,
    /// Under an open load.
    pub(crate) service: Option<Latencies>,
    pub(crate) lag: Option<Latencies>,
    pub(crate) hiccups: Option<Latencies>,
    /// Requests that were due and neither sent nor given up, by the last interval's end.
    waiting: u64,
    pub(crate) duration_s: f64,
    pub(crate) generator_cpu_s: f64,
    pub(crate) steal_s: f64,
    pub(crate) machine_cpu_s: f64,
    /// The last sample before the window, and the last in it.
    pub(crate) target_before: Option<ResourceSample>,
    pub(crate) target_after: Option<ResourceSample>,
    /// Verified responses and length of every interval of the window.
    pub(crate) pace: Vec<(u64, f64)>,
    /// The memory of every sample in the window, and the largest of the run, in bytes.
    pub(crate) memory_bytes: Vec<u64>,
    pub(crate) memory_peak_bytes: u64,
    /// The readings of the target's own metrics in the window, by their keys.
    metrics: BTreeMap<String, Vec<f64>>,
}

impl Totals {
    /// Empty totals for a target that looked like `idle` before any load.
    #[must_use]
    pub fn new(idle: Option<ResourceSample>) -> Self {
        let mut totals = Self { target_before: idle, ..Self::default() };
        totals.memory_peak_bytes = idle.as_ref().map_or(0, memory_of);
        totals
    }

    /// Adds the next interval. Those of the warm-up give only the state before the window and the memory's peak.
    pub fn add(&mut self, interval: &Interval) {
        if let Some(sample) = &interval.target {
            self.memory_peak_bytes = self.memory_peak_bytes.max(memory_of(sample));
        }
        self.waiting = interval.counters.waiting_after(self.waiting);
        if interval.phase == Phase::WarmUp {
            self.target_before = interval.target.or(self.target_before);
            return;
        }
        self.counters.add(&interval.counters);
        self.observed.add(&interval.latency_hdr);
        self.censored.add(&interval.censored_hdr);
        for (all, one) in [
            (&mut self.service, &interval.service_hdr),
            (&mut self.lag, &interval.lag_hdr),
            (&mut self.hiccups, &interval.hiccup_hdr),
        ] {
            if let Some(one) = one {
                all.get_or_insert_with(Latencies::new).add(one);
            }
        }
        self.duration_s += interval.duration_s;
        self.pace.push((interval.counters.requests, interval.duration_s));
        self.generator_cpu_s += interval.generator_cpu_s;
        self.steal_s += interval.steal_s;
        self.machine_cpu_s += interval.machine_cpu_s;
        if let Some(sample) = interval.target {
            self.memory_bytes.push(memory_of(&sample));
            self.target_after = Some(sample);
        }
        for (key, &reading) in &interval.metrics {
            self.metrics.entry(key.clone()).or_default().push(reading);
        }
    }

    /// The latency distribution of the window.
    #[must_use]
    pub fn distribution(&self) -> Distribution {
        let unsent = self.counters.errors.unsent + self.waiting;
        Distribution::new(self.observed.clone(), self.censored.clone()).with_unsent(unsent)
    }

    /// The figures so far.
    #[must_use]
    pub fn summary(&self) -> Summary {
        let counters = self.counters.clone();
        let per_second = |value: f64| {
            if self.duration_s > 0.0 { value / self.duration_s } else { 0.0 }
        };
        let figures = |latencies: &Latencies| {
            LatencyFigures::of(&Distribution::new(latencies.clone(), Latencies::new()))
        };
        let offered = Offered {
            requests: counters.due,
            rate_per_s: per_second(counters.due as f64),
            sent: counters.sent,
            queued: counters.queued,
            late: counters.late,
            waiting_at_end: self.waiting,
        };
        Summary {
            duration_s: self.duration_s,
            requests: counters.requests,
            tps: per_second(counters.requests as f64),
            batched: (counters.items > counters.requests)
                .then(|| Batched { items: counters.items, items_per_s: per_second(counters.items as f64) }),
            refused: counters.refused,
            bytes_in: counters.bytes_in,
            bytes_out: counters.bytes_out,
            errors: counters.errors,
            status: counters.status,
            in_flight_mean: per_second(counters.in_flight_ns as f64 / 1e9),
            latency_us: LatencyFigures::of(&self.distribution()),
            service_time_us: self.service.as_ref().map(figures),
            schedule_lag_us: self.lag.as_ref().map(figures),
            offered: self.lag.is_some().then_some(offered),
            hiccup_us: self.hiccups.as_ref().map(figures),
            metrics: self.metric_figures(),
        }
    }

    fn metric_figures(&self) -> BTreeMap<String, MetricFigures> {
        let figures =
            |(key, readings): (&String, &Vec<f64>)| Some((key.clone(), MetricFigures::of(readings)?));
        self.metrics.iter().filter_map(figures).collect()
    }

    /// The longest time without a verified response, in seconds, as far as whole intervals show it.
    #[must_use]
    pub fn silence_s(&self) -> f64 {
        let mut longest = 0.0_f64;
        let mut silent = 0.0;
        for &(requests, duration_s) in &self.pace {
            silent = if requests == 0 { silent + duration_s } else { 0.0 };
            longest = longest.max(silent);
        }
        longest
    }

    /// By how much the throughput of the window's second half differs from that of its first, over the first; 0 where
    /// the window has fewer than four intervals.
    #[must_use]
    pub fn drift(&self) -> f64 {
        if self.pace.len() < 4 {
            return 0.0;
        }
        let half = self.pace.len() / 2;
        let tps = |part: &[(u64, f64)]| {
            let (requests, duration_s) =
                part.iter().fold((0.0, 0.0), |(r, d), &(requests, s)| (r + requests as f64, d + s));
            requests / duration_s
        };
        let (first, second) = (tps(&self.pace[..half]), tps(&self.pace[self.pace.len() - half..]));
        if first > 0.0 { (second - first) / first } else { 0.0 }
    }

    /// CPU time in the window of processes that are neither the target nor `bench`, in seconds; known only where the
    /// target is sampled.
    #[must_use]
    pub fn others_cpu_s(&self) -> Option<f64> {
        Some((self.machine_cpu_s - self.generator_cpu_s - self.target_cpu_s()?).max(0.0))
    }

    /// The target's CPU time in the window, in seconds, where it was sampled before and in it.
    #[must_use]
    pub fn target_cpu_s(&self) -> Option<f64> {
        Some((self.target_after?.cpu_s() - self.target_before?.cpu_s()).max(0.0))
    }
}

/// The memory of a sample by the better measure that it has, in bytes.
#[must_use]
pub fn memory_of(sample: &ResourceSample) -> u64 {
    sample.pss_bytes.unwrap_or(sample.rss_bytes)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn interval(phase: Phase, start_s: f64, requests: u64, latency_ns: u64) -> Interval {
        let mut latency_hdr = Latencies::new();
        (0..requests).for_each(|_| latency_hdr.record(latency_ns));
        let counters = Counters {
            requests,
            in_flight_ns: requests * latency_ns,
            status: [(200, requests)].into(),
            ..Counters::default()
        };
        let sample = ResourceSample {
            cpu_user_s: start_s + 1.0,
            rss_bytes: 900,
            pss_bytes: Some(100 + start_s as u64),
            ..ResourceSample::default()
        };
        Interval {
            phase,
            start_s,
            duration_s: 1.0,
            counters,
            latency_hdr,
            service_hdr: None,
            lag_hdr: None,
            censored_hdr: Latencies::new(),
            target: Some(sample),
            generator_cpu_s: 0.5,
            generator_rss_bytes: 1,
            steal_s: 0.0,
            machine_cpu_s: 1.5,
            hiccup_hdr: None,
            metrics: BTreeMap::new(),
        }
    }

    #[test]
    fn only_the_window_counts() {
        let mut totals = Totals::new(None);
        for (phase, start_s, requests) in [
            (Phase::WarmUp, 0.0, 9000),
            (Phase::WarmUp, 1.0, 9000),
            (Phase::Measure, 2.0, 1000),
            (Phase::Measure, 3.0, 3000),
        ] {
            totals.add(&interval(phase, start_s, requests, 1_000_000));
        }
        let summary = totals.summary();
        assert_eq!((summary.requests, summary.duration_s, summary.tps), (4000, 2.0, 2000.0));
        assert_eq!(summary.status, [(200, 4000)].into());
        assert!((summary.in_flight_mean - 2.0).abs() < 1e-9);
        assert!((summary.latency_us.p99 - 1000.0).abs() < 1.0, "{:?}", summary.latency_us);
        assert_eq!(totals.target_cpu_s(), Some(2.0));
        assert_eq!(summary.hiccup_us, None);
        assert_eq!((totals.memory_bytes.clone(), totals.memory_peak_bytes), (vec![102, 103], 103));
    }

    #[test]
    fn metrics_are_of_the_window_and_gaps_are_no_zeros() {
        let mut totals = Totals::default();
        for (phase, heap) in [
            (Phase::WarmUp, Some(900.0)),
            (Phase::Measure, Some(10.0)),
            (Phase::Measure, None),
            (Phase::Measure, Some(30.0)),
        ] {
            let metrics = heap.map(|heap| ("heap_bytes".to_owned(), heap)).into_iter().collect();
            totals.add(&Interval { metrics, ..interval(phase, 0.0, 1, 1_000) });
        }
        let expected = MetricFigures { median: 20.0, max: 30.0, readings: 2 };
        assert_eq!(totals.summary().metrics, [("heap_bytes".to_owned(), expected)].into());
        assert!(Totals::default().summary().metrics.is_empty());
    }

    #[test]
    fn silence_and_drift() {
        for (requests, silence_s, drift) in [
            (vec![100, 100, 100, 100], 0.0, 0.0),
            (vec![100, 0, 0, 100, 0, 100], 2.0, 0.0),
            (vec![100, 100, 50, 50, 80, 80], 0.0, -0.16),
            (vec![100, 0, 0], 2.0, 0.0),
            (vec![], 0.0, 0.0),
        ] {
            let mut totals = Totals::default();
            for (second, &count) in requests.iter().enumerate() {
                totals.add(&interval(Phase::Measure, second as f64, count, 1000));
            }
            assert_eq!(totals.silence_s(), silence_s, "{requests:?}");
            let expected = if requests == [100, 0, 0, 100, 0, 100] { 1.0 } else { drift };
            assert!((totals.drift() - expected).abs() < 1e-9, "{requests:?}: {}", totals.drift());
        }
    }

    #[test]
    fn figures_among_the_cut_off_are_lower_bounds() {
        // 1000 answers in 1 ms, and so many requests that were cut off after a time.
        for (cut_off, after_ns, first) in [
            (0, 0, None),
            (1000, 1_000, None),
            (1, 2_000_000, Some("P99.99")),
            (5, 2_000_000, Some("P99.9")),
            (20, 2_000_000, Some("P99")),
            (2000, 2_000_000, Some("P50")),
        ] {
            let mut interval = interval(Phase::Measure, 0.0, 1000, 1_000_000);
            (0..cut_off).for_each(|_| interval.censored_hdr.record(after_ns));
            let mut totals = Totals::default();
            totals.add(&interval);
            let figures = totals.summary().latency_us;
            assert_eq!(figures.bounded_from, first);
            let bounds = figures.named().map(|(name, _)| name).into_iter();
            let bounds: Vec<_> = bounds.filter(|name| figures.is_lower_bound(name)).collect();
            assert_eq!((bounds.first(), bounds.last()), (first.as_ref(), first.and(Some(&"Max"))));
        }
    }

    #[test]
    fn nothing_is_all_zero() {
        let summary = Totals::default().summary();
        assert_eq!(
            (summary.tps, summary.in_flight_mean, summary.latency_us),
            (0.0, 0.0, LatencyFigures::default())
        );
    }
}
