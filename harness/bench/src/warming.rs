//! The warm-up of a run so far: what each of its intervals says of whether the target is warm. When it is, `model/steady`
//! decides.

use bench_model::interval::Interval;
use bench_model::plan::Plan;
use bench_model::resources::ResourceSample;
use bench_model::steady::{self, Warming, Warmth};
use std::time::Duration;

/// The intervals of a warm-up.
#[derive(Debug)]
pub(crate) struct WarmUpSoFar {
    intervals: Vec<Warming>,
    /// At a fixed rate throughput is the schedule's: whether the target is warm shows in what a request costs it.
    by_work: bool,
    /// CPU time of the target at the last look, in seconds.
    cpu_s: Option<f64>,
}

impl WarmUpSoFar {
    /// None so far, of a target that was sampled as `idle` before the load.
    pub(crate) fn new(plan: &Plan, idle: Option<&ResourceSample>) -> Self {
        Self { intervals: Vec::new(), by_work: plan.load.is_open(), cpu_s: idle.map(ResourceSample::cpu_s) }
    }

    /// One more.
    pub(crate) fn add(&mut self, interval: &Interval) {
        let now_s = interval.target.as_ref().map(ResourceSample::cpu_s);
        let before_s = std::mem::replace(&mut self.cpu_s, now_s);
        let work_s = now_s.zip(before_s).map(|(now_s, before_s)| now_s - before_s);
        self.intervals.push(Warming {
            transactions: interval.counters.requests,
            work_s: work_s.filter(|_| self.by_work),
        });
    }

    /// How many there were.
    pub(crate) fn len(&self) -> usize {
        self.intervals.len()
    }

    /// Whether the window may begin.
    pub(crate) fn judge(&self, plan: &Plan) -> Warmth {
        steady::judge(plan.warmup, Duration::from_secs_f64(plan.interval_s), &self.intervals)
    }
}
