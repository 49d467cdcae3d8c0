//! All that a live view shows, made from moments alone: no clock, no terminal, no socket. Both displays have one of their
//! own.

use super::doubts;
use super::moment::{Frame, Moment, Position, Seen, Setting};
use super::series::{Point, Series};
use super::window::Window;
use bench_model::interval::Phase;
use bench_model::resources::ResourceSample;
use bench_model::warning::WarningText;
use std::collections::VecDeque;

/// Lines that are remembered; the terminal has them all in the end.
const LINES: usize = 100;

/// What is going on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Something of unknown length, in words.
    Doing(String),
    /// The load, so far and at most (exactly, in the window), in seconds.
    Loading { phase: Phase, done_s: f64, length_s: f64 },
}

/// What a live view shows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// Runs that have begun.
    pub(crate) run: u64,
    pub(crate) setting: Setting,
    pub(crate) position: Option<Position>,
    pub(crate) step: Step,
    /// The last interval.
    pub(crate) now: Option<Point>,
    pub(crate) series: Series,
    pub(crate) window: Window,
    /// When the window began, in seconds after the load did.
    pub(crate) window_from_s: Option<f64>,
    pub(crate) warnings: Vec<WarningText>,
    /// What was said, the oldest first.
    pub(crate) lines: VecDeque<String>,
    seen: Option<Seen>,
    /// The target's last sample.
    sample: Option<ResourceSample>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            run: 0,
            setting: Setting::default(),
            position: None,
            step: Step::Doing("getting ready".to_owned()),
            now: None,
            series: Series::default(),
            window: Window::default(),
            window_from_s: None,
            warnings: Vec::new(),
            lines: VecDeque::new(),
            seen: None,
            sample: None,
        }
    }
}

impl State {
    /// Goes on by one moment.
    pub(crate) fn apply(&mut self, moment: Moment) {
        match moment {
            Moment::Began(setting) => self.begin(*setting),
            Moment::Position(position) => self.position = Some(position),
            Moment::Doing(words) => self.step = Step::Doing(words),
            Moment::Loading { phase, length_s } => {
                self.step = Step::Loading { phase, done_s: 0.0, length_s };
            }
            Moment::Interval(frame) => self.interval(&frame),
            Moment::Seen(seen) => self.see(seen),
            Moment::Line(line) => {
                self.lines.push_back(line);
                if self.lines.len() > LINES {
                    self.lines.pop_front();
                }
            }
        }
    }

    /// A new run: what is known of the last one goes, what was said stays.
    fn begin(&mut self, setting: Setting) {
        let before = std::mem::take(self);
        let (run, position, lines) = (before.run + 1, before.position, before.lines);
        *self = Self { run, position, lines, setting, ..Self::default() };
        self.judge();
    }

    fn see(&mut self, seen: Seen) {
        self.window.rest(seen.idle);
        self.sample = self.sample.or(seen.idle);
        self.seen = Some(seen);
        self.judge();
    }

    fn interval(&mut self, frame: &Frame) {
        let point = self.point(frame);
        self.sample = frame.target.or(self.sample);
        self.now = Some(point);
        self.series.push(point);
        self.window.add(frame);
        if frame.phase == Phase::Measure {
            self.window_from_s.get_or_insert(frame.start_s);
        }
        if let Step::Loading { done_s, .. } = &mut self.step {
            *done_s += frame.duration_s;
        }
        self.judge();
    }

    fn point(&self, frame: &Frame) -> Point {
        let duration_s = frame.duration_s.max(f64::MIN_POSITIVE);
        let busy = |later: ResourceSample, before: ResourceSample| {
            ((later.cpu_s() - before.cpu_s()) / duration_s).max(0.0)
        };
        let awake_s = frame.counters.awake_ns as f64 / 1e9;
        Point {
            start_s: frame.start_s,
            duration_s: frame.duration_s,
            tps: frame.counters.requests as f64 / duration_s,
            errors_per_s: frame.counters.errors.total() as f64 / duration_s,
            latency_us: frame.latency_us,
            memory_bytes: frame.memory_bytes(),
            target_cpus: frame.target.zip(self.sample).map(|(later, before)| busy(later, before)),
            generator_cpus: (frame.generator_cpu_s - awake_s).max(0.0) / duration_s,
        }
    }

    fn judge(&mut self) {
        self.warnings = doubts::so_far(&self.setting, self.seen.as_ref(), &self.window);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::event::Event;
    use crate::report::fixture;
    use bench_model::record::RunRecord;
    use bench_model::report::RunReport;

    /// The moments of a stored run up to `intervals` of it, as a session tells of them.
    pub(crate) fn moments(record: &RunRecord, intervals: usize) -> Vec<Moment> {
        let mut told = vec![
            Moment::of(&Event::Began(&record.plan)),
            Moment::of(&Event::Starting { target: "rust" }),
            Moment::of(&Event::Seen(&record.observations)),
            Moment::of(&Event::WarmingUp { longest_s: 30.0 }),
        ];
        let mut phase = Phase::WarmUp;
        for interval in &record.intervals[..intervals.min(record.intervals.len())] {
            if interval.phase != phase {
                phase = interval.phase;
                told.push(Moment::of(&Event::Measuring { duration_s: record.plan.duration_s }));
            }
            told.push(Moment::of(&Event::Measured(interval)));
        }
        // The machine of the stored run, not the one that the test is on.
        for moment in &mut told {
            if let Moment::Began(setting) = moment {
                setting.machine_cpus = record.machine.cpus;
            }
        }
        told
    }

    pub(crate) fn after(moments: impl IntoIterator<Item = Moment>) -> State {
        let mut state = State::default();
        moments.into_iter().for_each(|moment| state.apply(moment));
        state
    }

    #[test]
    fn steps_follow_one_another() {
        let record = fixture::stored();
        let loading = |phase, done_s, length_s| Step::Loading { phase, done_s, length_s };
        for (intervals, step, points, window_from_s) in [
            (0, loading(Phase::WarmUp, 0.0, 30.0), 0, None),
            (3, loading(Phase::WarmUp, 3.0, 30.0), 3, None),
            (5, loading(Phase::Measure, 1.0, 8.0), 5, Some(4.0)),
            (12, loading(Phase::Measure, 8.0, 8.0), 12, Some(4.0)),
        ] {
            let state = after(moments(&record, intervals));
            assert_eq!((&state.step, state.series.points().len()), (&step, points), "{intervals}");
            let from_s = state.window_from_s.map(f64::round);
            assert_eq!(from_s, window_from_s, "{intervals}");
        }
        let mut state = after(moments(&record, 12));
        state.apply(Moment::of(&Event::Stopping));
        assert_eq!(state.step, Step::Doing("stopping".to_owned()));
    }

    /// What is shown at the end of a run is what its report says.
    #[test]
    fn sums_are_those_of_the_report() {
        let record = fixture::stored();
        let state = after(moments(&record, 12));
        let report = RunReport::of(&record);
        let target = report.target.expect("it was sampled");
        let near = |one: f64, other: f64| (one / other - 1.0).abs() < 1e-9;
        assert_eq!(state.window.counters.requests, report.summary.requests);
        assert!(near(state.window.tps().unwrap(), report.summary.tps));
        assert!(near(state.window.cpu_us_per_request().unwrap(), target.cpu_us_per_request));
        assert!(near(state.window.memory_peak_bytes.unwrap(), target.memory_bytes.peak as f64));
        assert_eq!(state.warnings, report.warnings);
        let generator_s: f64 =
            state.series.points()[4..].iter().map(|point| point.generator_cpus * point.duration_s).sum();
        assert!(near(
            generator_s * 1e6 / report.summary.requests as f64,
            report.generator.cpu_us_per_request
        ));
    }

    #[test]
    fn the_next_run_begins_anew_and_what_was_said_stays() {
        let record = fixture::stored();
        let position =
            Position { label: "go".to_owned(), place: "block 1 of 2, run 1 of 3".to_owned(), left: None };
        let mut state = after(moments(&record, 12));
        state.apply(Moment::Line("block 1/2  go".to_owned()));
        state.apply(Moment::Position(position.clone()));
        state.apply(Moment::of(&Event::Began(&record.plan)));
        assert_eq!((state.run, state.position.as_ref(), state.lines.len()), (2, Some(&position), 1));
        assert_eq!((state.series.points().len(), state.now), (0, None));
        assert_eq!(state.window, Window::default());
    }

    #[test]
    fn warnings_come_and_go_with_their_reasons() {
        let mut record = fixture::stored();
        record.intervals[4].counters.errors.reset = 7;
        record.observations.connections_open = 1000;
        let codes = |intervals| -> Vec<String> {
            after(moments(&record, intervals)).warnings.into_iter().map(|warning| warning.code).collect()
        };
        assert_eq!((codes(4), codes(5)), (vec![], vec!["errors".to_owned()]));
        let mut died = fixture::invalid();
        died.observations.steady = None;
        assert_eq!(after(moments(&died, 9)).warnings[0].code, "target-died");
    }

    #[test]
    fn what_is_said_takes_bounded_room() {
        let said = (0..5 * LINES).map(|number| Moment::Line(number.to_string()));
        let state = after(said);
        assert_eq!((state.lines.len(), state.lines.back().unwrap().as_str()), (LINES, "499"));
    }
}
