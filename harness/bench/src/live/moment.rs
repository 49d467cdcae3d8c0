//! What a live view is told: small, owned and made once. The few figures of an interval are derived here, so that no
//! histogram travels; nothing is remembered, and nothing is shown.

use crate::event::Event;
use crate::machine;
use crate::report::amount::seconds;
use crate::report::{latency_title, offered_rate};
use bench_model::counters::Counters;
use bench_model::interval::{Interval, Phase};
use bench_model::latency::Latencies;
use bench_model::plan::{Plan, RequestPlan};
use bench_model::record::Observations;
use bench_model::resources::ResourceSample;
use bench_model::summary::memory_of;
use std::collections::BTreeMap;

/// A step of a run, as a live view is told of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Moment {
    /// A run begins.
    Began(Box<Setting>),
    /// Which of several runs follows.
    Position(Position),
    /// A step of unknown length, in words.
    Doing(String),
    /// The load goes on for so long, at most if it is a warm-up.
    Loading { phase: Phase, length_s: f64 },
    /// An interval is complete.
    Interval(Box<Frame>),
    /// What was seen beside the intervals.
    Seen(Seen),
    /// Something was said to whoever watches.
    Line(String),
}

impl Moment {
    /// What an event comes to.
    pub(crate) fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Began(plan) => Self::Began(Box::new(Setting::of(plan))),
            Event::Seen(observations) => Self::Seen(Seen::of(observations)),
            Event::WarmingUp { longest_s } => Self::Loading { phase: Phase::WarmUp, length_s: *longest_s },
            Event::Measuring { duration_s } => Self::Loading { phase: Phase::Measure, length_s: *duration_s },
            Event::Measured(interval) => Self::Interval(Box::new(Frame::of(interval))),
            _ => Self::Doing(event.words().unwrap_or_default()),
        }
    }
}

/// Which of several runs it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Who is measured.
    pub(crate) label: String,
    /// Where in the whole, in words: `block 3 of 10, run 2 of 6`.
    pub(crate) place: String,
    /// How long the rest takes, in words, where that is known.
    pub(crate) left: Option<String>,
}

/// What is known of a run before it begins.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Setting {
    /// What is done: `json-echo on rust, 1000 connections, 10 s`.
    pub(crate) title: String,
    /// From when to when a latency runs, in words.
    pub(crate) latency: &'static str,
    pub(crate) connections: usize,
    /// Whether requests ask for their connections to be closed.
    pub(crate) closes_connections: bool,
    /// Whether the load is an open one.
    pub(crate) is_open: bool,
    /// CPUs that the generator can fill.
    pub(crate) generator_cpus: usize,
    /// CPUs that the target has to itself; 0 where `bench` does not decide that.
    pub(crate) target_cpus: usize,
    /// CPUs of the machine.
    pub(crate) machine_cpus: usize,
    /// Whether target and generator share CPUs.
    pub(crate) shares_cpus: bool,
    /// Length of the measured window, in seconds.
    pub(crate) window_s: f64,
}

impl Setting {
    fn of(plan: &Plan) -> Self {
        let rate = offered_rate(&plan.load).map_or_else(String::new, |rate| format!(", {rate}"));
        let connections = plan.load.connections();
        Self {
            title: format!(
                "{} on {}, {connections} connections{rate}, {}",
                plan.scenario,
                plan.target.name(),
                seconds(plan.duration_s)
            ),
            latency: latency_title(&plan.load),
            connections,
            closes_connections: plan.requests.iter().any(RequestPlan::closes_connection),
            is_open: plan.load.is_open(),
            generator_cpus: plan.generator_cpus.len().min(plan.threads).max(1),
            target_cpus: plan.target_cpus.len(),
            machine_cpus: machine::online_cpus().max(1),
            shares_cpus: plan.target_cpus.iter().any(|cpu| plan.generator_cpus.contains(cpu)),
            window_s: plan.duration_s,
        }
    }
}

/// The figures of one interval.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Frame {
    pub(crate) phase: Phase,
    pub(crate) start_s: f64,
    pub(crate) duration_s: f64,
    /// Without the statuses.
    pub(crate) counters: Counters,
    /// Absent where nothing was verified.
    pub(crate) latency_us: Option<Percentiles>,
    /// The target at the end of the interval, where it is sampled.
    pub(crate) target: Option<ResourceSample>,
    pub(crate) generator_cpu_s: f64,
    pub(crate) steal_s: f64,
    pub(crate) machine_cpu_s: f64,
}

impl Frame {
    /// The figures of an interval: four walks through a histogram, some 50 us, once a second.
    fn of(interval: &Interval) -> Self {
        Self {
            phase: interval.phase,
            start_s: interval.start_s,
            duration_s: interval.duration_s,
            counters: Counters { status: BTreeMap::new(), ..interval.counters.clone() },
            latency_us: Percentiles::of(&interval.latency_hdr),
            target: interval.target,
            generator_cpu_s: interval.generator_cpu_s,
            steal_s: interval.steal_s,
            machine_cpu_s: interval.machine_cpu_s,
        }
    }

    /// The target's memory, in bytes.
    pub(crate) fn memory_bytes(&self) -> Option<f64> {
        self.target.as_ref().map(|sample| memory_of(sample) as f64)
    }
}

/// How long the verified responses of an interval took, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Percentiles {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p99_9: f64,
    pub(crate) max: f64,
}

impl Percentiles {
    /// Their names, in the order of [`Self::values`].
    pub(crate) const NAMES: [&'static str; 5] = ["P50", "P90", "P99", "P99.9", "Max"];

    fn of(latencies: &Latencies) -> Option<Self> {
        let us = |quantile| latencies.quantile_ns(quantile) as f64 / 1e3;
        let max_us = latencies.histogram().max() as f64 / 1e3;
        let figures = || Self { p50: us(0.5), p90: us(0.9), p99: us(0.99), p99_9: us(0.999), max: max_us };
        (latencies.count() > 0).then(figures)
    }

    /// The figures, the shortest first.
    pub(crate) fn values(&self) -> [f64; 5] {
        [self.p50, self.p90, self.p99, self.p99_9, self.max]
    }

    /// The larger of each.
    pub(crate) fn larger(self, other: Self) -> Self {
        Self {
            p50: self.p50.max(other.p50),
            p90: self.p90.max(other.p90),
            p99: self.p99.max(other.p99),
            p99_9: self.p99_9.max(other.p99_9),
            max: self.max.max(other.max),
        }
    }
}

/// What was seen beside the intervals, as far as it can make a figure doubtful.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Seen {
    pub(crate) connections_open: usize,
    pub(crate) connect_fault: Option<String>,
    /// The target before any load.
    pub(crate) idle: Option<ResourceSample>,
    /// Whether the warm-up became steady, once that is known.
    pub(crate) steady: Option<bool>,
    /// How the target ended, and the last lines of its log.
    pub(crate) target_exit: Option<(String, Vec<String>)>,
    pub(crate) interrupted_by: Option<String>,
}

impl Seen {
    fn of(observations: &Observations) -> Self {
        let exit = observations.target_exit.as_ref();
        Self {
            connections_open: observations.connections_open,
            connect_fault: observations.connect_fault.clone(),
            idle: observations.idle,
            steady: observations.steady,
            target_exit: exit.map(|exit| (exit.status.clone(), exit.log_tail.clone())),
            interrupted_by: observations.interrupted_by.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn events_become_moments() {
        let record = fixture::stored();
        let words = |event: &Event<'_>| match Moment::of(event) {
            Moment::Doing(words) => words,
            other => panic!("{other:?}"),
        };
        assert_eq!(words(&Event::Starting { target: "go" }), "starting go");
        assert_eq!(words(&Event::Case { id: "a-case", done: 3, of: 160 }), "3 of 160 cases, a-case");
        let Moment::Began(setting) = Moment::of(&Event::Began(&record.plan)) else {
            panic!("not a beginning")
        };
        assert_eq!(setting.title, "json-echo on rust, 1000 connections, 8 s");
        assert_eq!((setting.connections, setting.window_s, setting.is_open), (1000, 8.0, false));
        let Moment::Loading { phase, length_s } = Moment::of(&Event::Measuring { duration_s: 8.0 }) else {
            panic!("no load")
        };
        assert_eq!((phase, length_s), (Phase::Measure, 8.0));
        let mut observations = record.observations;
        observations.connections_open = 7;
        let Moment::Seen(seen) = Moment::of(&Event::Seen(&observations)) else { panic!("nothing seen") };
        assert_eq!((seen.connections_open, seen.idle), (7, observations.idle));
    }

    #[test]
    fn a_frame_has_the_intervals_own_figures() {
        let interval = &fixture::stored().intervals[6];
        let Moment::Interval(frame) = Moment::of(&Event::Measured(interval)) else { panic!("no interval") };
        assert_eq!(frame.counters.requests, interval.counters.requests);
        assert!(frame.counters.status.is_empty());
        let latency_us = frame.latency_us.expect("there were requests");
        let p99_us = interval.latency_hdr.quantile_ns(0.99) as f64 / 1e3;
        assert_eq!(latency_us.p99, p99_us);
        assert!(latency_us.values().is_sorted(), "{latency_us:?}");
        assert_eq!(frame.memory_bytes(), interval.target.as_ref().map(|sample| memory_of(sample) as f64));
        let empty = fixture::interval(Phase::WarmUp, 0.0);
        let Moment::Interval(frame) = Moment::of(&Event::Measured(&empty)) else { panic!("no interval") };
        assert_eq!(frame.latency_us, None);
    }
}
