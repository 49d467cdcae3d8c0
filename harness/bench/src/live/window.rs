//! The measured window so far, in sums: what the figures "so far" and the doubts about them rest on.

use super::moment::Frame;
use bench_model::counters::Counters;
use bench_model::interval::Phase;
use bench_model::resources::ResourceSample;

/// Sums over the intervals of the window, and what lasts beyond it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Window {
    pub(crate) counters: Counters,
    pub(crate) duration_s: f64,
    pub(crate) generator_cpu_s: f64,
    pub(crate) steal_s: f64,
    pub(crate) machine_cpu_s: f64,
    /// The longest time without a verified response, and the one that lasts, in seconds.
    pub(crate) silence_s: f64,
    silent_s: f64,
    /// The largest memory of the whole run, in bytes.
    pub(crate) memory_peak_bytes: Option<f64>,
    /// Requests that were due and neither sent nor given up, in the whole run.
    pub(crate) waiting: u64,
    /// The last sample before the window, and the last one of all.
    before: Option<ResourceSample>,
    pub(crate) last: Option<ResourceSample>,
}

impl Window {
    /// The target before any load.
    pub(crate) fn rest(&mut self, idle: Option<ResourceSample>) {
        if self.last.is_none() {
            (self.before, self.last) = (idle, idle);
        }
    }

    /// Adds an interval. Those of the warm-up give only the state before the window and the memory's peak.
    pub(crate) fn add(&mut self, frame: &Frame) {
        self.waiting = frame.counters.waiting_after(self.waiting);
        let peak = self.memory_peak_bytes.into_iter().chain(frame.memory_bytes());
        self.memory_peak_bytes = peak.reduce(f64::max);
        self.last = frame.target.or(self.last);
        if frame.phase == Phase::WarmUp {
            self.before = self.last;
            return;
        }
        self.counters.add(&frame.counters);
        self.duration_s += frame.duration_s;
        self.generator_cpu_s += frame.generator_cpu_s;
        self.steal_s += frame.steal_s;
        self.machine_cpu_s += frame.machine_cpu_s;
        self.silent_s = if frame.counters.requests == 0 { self.silent_s + frame.duration_s } else { 0.0 };
        self.silence_s = self.silence_s.max(self.silent_s);
    }

    /// Verified responses a second.
    pub(crate) fn tps(&self) -> Option<f64> {
        (self.duration_s > 0.0).then(|| self.counters.requests as f64 / self.duration_s)
    }

    /// The target's CPU time, in seconds, where it was sampled before the window and in it.
    pub(crate) fn target_cpu_s(&self) -> Option<f64> {
        Some((self.last?.cpu_s() - self.before?.cpu_s()).max(0.0))
    }

    /// Processes of the target that ended in the window.
    pub(crate) fn ended_processes(&self) -> u64 {
        let of = |sample: Option<ResourceSample>| sample.map_or(0, |sample| sample.ended_processes);
        of(self.last).saturating_sub(of(self.before))
    }

    /// CPU time of the target for each verified response, in microseconds.
    pub(crate) fn cpu_us_per_request(&self) -> Option<f64> {
        let requests = self.counters.requests;
        self.target_cpu_s().filter(|_| requests > 0).map(|cpu_s| cpu_s * 1e6 / requests as f64)
    }
}
