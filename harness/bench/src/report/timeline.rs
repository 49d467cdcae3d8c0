//! A run over time: the few figures of each interval that charts and tables show, and the window's merged latencies.
//!
//! Takes intervals one by one and keeps no histogram of theirs, so that a long run needs not all be in memory.

use bench_model::counters::Counters;
use bench_model::distribution::Distribution;
use bench_model::interval::{Interval, Phase};
use bench_model::latency::Latencies;
use bench_model::record::RunRecord;
use bench_model::resources::ResourceSample;
use bench_model::summary::{LatencyFigures, memory_of};
use std::collections::BTreeMap;

/// A run over time.
#[derive(Debug, Clone)]
pub(crate) struct Timeline {
    /// When the run began, as the record says it: RFC 3339, UTC.
    pub(crate) started_at: String,
    /// One for each interval, in order.
    pub(crate) points: Vec<Point>,
    /// The latencies of the verified responses in the measured window.
    pub(crate) latencies: Latencies,
    censored: Latencies,
    /// Requests of the window that were given up unsent.
    unsent: u64,
    /// Requests that were due and neither sent nor given up, by the last interval's end.
    waiting: u64,
    /// Under an open load, what the latencies are made of.
    pub(crate) service: Option<Latencies>,
    pub(crate) lag: Option<Latencies>,
    /// The target's CPU time at the last sample, and when that was, both in seconds.
    last_sample: Option<(f64, f64)>,
}

/// The figures of one interval.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Point {
    pub(crate) phase: Phase,
    /// Seconds after the load began.
    pub(crate) start_s: f64,
    pub(crate) duration_s: f64,
    pub(crate) counters: Counters,
    /// Absent where no request ended.
    pub(crate) latency_us: Option<LatencyFigures>,
    /// Requests that were cut off before their end was seen.
    pub(crate) censored: u64,
    /// The target at the end of the interval.
    pub(crate) target: Option<ResourceSample>,
    /// CPU seconds that the target used in each second since its last sample.
    pub(crate) target_cpus: Option<f64>,
    /// CPU seconds that `bench` itself used in each second.
    pub(crate) generator_cpus: f64,
    pub(crate) generator_rss_bytes: u64,
    pub(crate) steal_s: f64,
    /// By how much a sleeping thread on the generator's CPU was late, where it was measured.
    pub(crate) hiccup_us: Option<LatencyFigures>,
    /// Readings of the target's own metrics, by their keys.
    pub(crate) metrics: BTreeMap<String, f64>,
}

impl Timeline {
    /// An empty timeline of a run whose target looked like `idle` before any load.
    pub(crate) fn new(started_at: &str, idle: Option<ResourceSample>) -> Self {
        Self {
            started_at: started_at.to_owned(),
            points: Vec::new(),
            latencies: Latencies::new(),
            censored: Latencies::new(),
            unsent: 0,
            waiting: 0,
            service: None,
            lag: None,
            last_sample: idle.map(|sample| (sample.cpu_s(), 0.0)),
        }
    }

    /// The timeline of a stored run.
    pub(crate) fn of(record: &RunRecord) -> Self {
        let mut timeline = Self::new(&record.started_at, record.observations.idle);
        record.intervals.iter().for_each(|interval| timeline.add(interval));
        timeline
    }

    /// Adds the next interval.
    pub(crate) fn add(&mut self, interval: &Interval) {
        self.waiting = interval.counters.waiting_after(self.waiting);
        if interval.phase == Phase::Measure {
            self.unsent += interval.counters.errors.unsent;
            self.latencies.add(&interval.latency_hdr);
            self.censored.add(&interval.censored_hdr);
            let parts = [(&mut self.service, &interval.service_hdr), (&mut self.lag, &interval.lag_hdr)];
            for (all, one) in parts {
                if let Some(one) = one {
                    all.get_or_insert_with(Latencies::new).add(one);
                }
            }
        }
        let censored = interval.censored_hdr.count();
        let ended = interval.latency_hdr.count() + censored > 0;
        let target_cpus = self.target_cpus(interval);
        let distribution = || Distribution::new(interval.latency_hdr.clone(), interval.censored_hdr.clone());
        self.points.push(Point {
            phase: interval.phase,
            start_s: interval.start_s,
            duration_s: interval.duration_s,
            counters: interval.counters.clone(),
            latency_us: ended.then(|| LatencyFigures::of(&distribution())),
            censored,
            target: interval.target,
            target_cpus,
            generator_cpus: over(interval.generator_cpu_s, interval.duration_s),
            generator_rss_bytes: interval.generator_rss_bytes,
            steal_s: interval.steal_s,
            hiccup_us: interval
                .hiccup_hdr
                .as_ref()
                .map(|hiccups| LatencyFigures::of(&Distribution::new(hiccups.clone(), Latencies::new()))),
            metrics: interval.metrics.clone(),
        });
    }

    /// The latency distribution of the measured window, the same as the summary's.
    pub(crate) fn distribution(&self) -> Distribution {
        let unsent = self.unsent + self.waiting;
        Distribution::new(self.latencies.clone(), self.censored.clone()).with_unsent(unsent)
    }

    /// The target's CPU seconds a second since its last sample; a process that left the tree takes none back.
    fn target_cpus(&mut self, interval: &Interval) -> Option<f64> {
        let now = (interval.target?.cpu_s(), interval.start_s + interval.duration_s);
        let before = self.last_sample.replace(now)?;
        let elapsed_s = now.1 - before.1;
        (elapsed_s > 0.0).then(|| ((now.0 - before.0) / elapsed_s).max(0.0))
    }
}

impl Point {
    /// Neighbours as one: counts added, CPU averaged over time, memory, latencies and the target's metrics the largest. `None`
    /// of none.
    pub(crate) fn merged(points: &[Self]) -> Option<Self> {
        let (first, rest) = points.split_first()?;
        let mut whole = first.clone();
        for point in rest {
            let length_s = whole.duration_s + point.duration_s;
            let mean =
                |before: f64, now: f64| over(before * whole.duration_s + now * point.duration_s, length_s);
            whole.generator_cpus = mean(whole.generator_cpus, point.generator_cpus);
            whole.target_cpus = match (whole.target_cpus, point.target_cpus) {
                (Some(before), Some(now)) => Some(mean(before, now)),
                (before, now) => before.or(now),
            };
            whole.duration_s = length_s;
            whole.counters.add(&point.counters);
            whole.latency_us = worse_of(whole.latency_us, point.latency_us);
            whole.hiccup_us = worse_of(whole.hiccup_us, point.hiccup_us);
            whole.censored += point.censored;
            whole.target = [whole.target, point.target].into_iter().flatten().max_by_key(memory_of);
            whole.generator_rss_bytes = whole.generator_rss_bytes.max(point.generator_rss_bytes);
            whole.steal_s += point.steal_s;
            for (key, &reading) in &point.metrics {
                let largest = whole.metrics.entry(key.clone()).or_insert(reading);
                *largest = largest.max(reading);
            }
        }
        Some(whole)
    }

    /// When the interval ended, in seconds after the load began.
    pub(crate) fn end_s(&self) -> f64 {
        self.start_s + self.duration_s
    }

    /// The middle of the interval, in seconds after the load began.
    pub(crate) fn middle_s(&self) -> f64 {
        self.start_s + self.duration_s / 2.0
    }

    /// Verified responses per second.
    pub(crate) fn tps(&self) -> f64 {
        over(self.counters.requests as f64, self.duration_s)
    }

    /// Failed requests per second.
    pub(crate) fn errors_per_s(&self) -> f64 {
        over(self.counters.errors.total() as f64, self.duration_s)
    }

    /// Mean number of requests in flight.
    pub(crate) fn in_flight_mean(&self) -> f64 {
        over(self.counters.in_flight_ns as f64 / 1e9, self.duration_s)
    }
}

fn worse_of(a: Option<LatencyFigures>, b: Option<LatencyFigures>) -> Option<LatencyFigures> {
    match (a, b) {
        (Some(a), Some(b)) => Some(worse(&a, &b)),
        (a, b) => a.or(b),
    }
}

/// The larger of each figure.
fn worse(a: &LatencyFigures, b: &LatencyFigures) -> LatencyFigures {
    let bounded = |name: &&str| a.is_lower_bound(name) || b.is_lower_bound(name);
    LatencyFigures {
        min: a.min.max(b.min),
        mean: a.mean.max(b.mean),
        stdev: a.stdev.max(b.stdev),
        p50: a.p50.max(b.p50),
        p75: a.p75.max(b.p75),
        p90: a.p90.max(b.p90),
        p95: a.p95.max(b.p95),
        p99: a.p99.max(b.p99),
        p99_9: a.p99_9.max(b.p99_9),
        p99_99: a.p99_99.max(b.p99_99),
        max: a.max.max(b.max),
        bounded_from: a.named().map(|(name, _)| name).into_iter().find(bounded),
    }
}

fn over(value: f64, duration_s: f64) -> f64 {
    if duration_s > 0.0 { value / duration_s } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use bench_model::report::RunReport;

    #[test]
    fn target_cpu_is_the_difference_of_samples() {
        let sample = |cpu_user_s| ResourceSample { cpu_user_s, ..ResourceSample::default() };
        let mut timeline = Timeline::new("", Some(sample(1.0)));
        for (start_s, target) in
            [(0.0, Some(sample(1.5))), (1.0, None), (2.0, Some(sample(3.5))), (3.0, Some(sample(2.0)))]
        {
            timeline.add(&Interval { target, ..fixture::interval(Phase::Measure, start_s) });
        }
        let cpus: Vec<_> = timeline.points.iter().map(|point| point.target_cpus).collect();
        assert_eq!(cpus, [Some(0.5), None, Some(1.0), Some(0.0)]);
    }

    #[test]
    fn without_an_idle_sample_the_first_difference_is_unknown() {
        let mut timeline = Timeline::new("", None);
        timeline.add(&Interval {
            target: Some(ResourceSample::default()),
            ..fixture::interval(Phase::Measure, 0.0)
        });
        assert_eq!(timeline.points[0].target_cpus, None);
    }

    #[test]
    fn of_merged_points_the_largest_reading_stays_and_a_gap_is_none() {
        let mut timeline = Timeline::new("", None);
        for heap in [None, Some(-3.0), Some(-5.0), None] {
            let metrics = heap.map(|heap| ("heap_bytes".to_owned(), heap)).into_iter().collect();
            timeline.add(&Interval { metrics, ..fixture::interval(Phase::Measure, 0.0) });
        }
        let whole = Point::merged(&timeline.points).expect("there are four");
        assert_eq!(whole.metrics, [("heap_bytes".to_owned(), -3.0)].into());
        assert!(timeline.points[3].metrics.is_empty());
    }

    #[test]
    fn only_the_window_is_merged() {
        let timeline = Timeline::of(&fixture::stored());
        let measured = timeline.points.iter().filter(|point| point.phase == Phase::Measure);
        let requests: u64 = measured.map(|point| point.counters.requests).sum();
        assert_eq!(timeline.latencies.count(), requests);
    }

    /// The percentiles of a report are by their names lower bounds or not, those of a chart by their distribution.
    #[test]
    fn what_is_a_lower_bound_of_the_summary_is_one_of_the_distribution() {
        for (record, is_bounded) in
            [(fixture::stored(), false), (fixture::stalled(), true), (fixture::overloaded(), true)]
        {
            let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
            let summary = report.summary.latency_us;
            assert_eq!(summary.bounded_from.is_some(), is_bounded);
            assert_eq!(LatencyFigures::of(&timeline.distribution()), summary);
        }
        // Those of the last are bounds for the requests that were never sent alone.
        let record = fixture::overloaded();
        let distribution = Timeline::of(&record).distribution();
        assert!(!distribution.with_unsent(0).quantile(0.99).at_least);
    }

    #[test]
    fn an_interval_without_length_divides_by_nothing() {
        let mut timeline = Timeline::new("", None);
        timeline.add(&Interval { duration_s: 0.0, ..fixture::interval(Phase::Measure, 0.0) });
        let point = &timeline.points[0];
        assert_eq!(
            (point.tps(), point.errors_per_s(), point.in_flight_mean(), point.latency_us),
            (0.0, 0.0, 0.0, None)
        );
    }
}
