//! What may be doubted of a run so far: the rules of the report and its words, applied to what a live view knows.
//!
//! Decides nothing. What only the whole window can show (too few requests, drift, Little's law, hiccups, an audit) is left
//! to the report.

use super::moment::{Seen, Setting};
use super::window::Window;
use bench_model::resources::ResourceSample;
use bench_model::summary::Offered;
use bench_model::validity::{Facts, judge};
use bench_model::warning::{Warning, WarningText};

/// Warnings that every window begins with, and that the report gives if they last to its end.
const NOT_YET: [&str; 3] = ["no-transactions", "window-short", "few-requests"];

/// The warnings that hold so far, the gravest first. Of what was seen there may be nothing yet.
pub(crate) fn so_far(setting: &Setting, seen: Option<&Seen>, window: &Window) -> Vec<WarningText> {
    let warnings = judge(&facts(setting, seen, window));
    warnings.iter().filter(|warning| !NOT_YET.contains(&warning.code())).map(Warning::text).collect()
}

fn facts(setting: &Setting, seen: Option<&Seen>, window: &Window) -> Facts {
    let counters = &window.counters;
    let per_second = |sum: f64| if window.duration_s > 0.0 { sum / window.duration_s } else { 0.0 };
    let others_s = |target_s: f64| (window.machine_cpu_s - window.generator_cpu_s - target_s).max(0.0);
    let machine_cpus = setting.machine_cpus.max(1) as f64;
    let in_flight = per_second(counters.in_flight_ns as f64 / 1e9);
    let awake_s = counters.awake_ns as f64 / 1e9;
    let offered = Offered {
        requests: counters.due,
        rate_per_s: per_second(counters.due as f64),
        sent: counters.sent,
        queued: counters.queued,
        late: counters.late,
        waiting_at_end: window.waiting,
    };
    Facts {
        offered: setting.is_open.then_some(offered),
        // Whether it is a ramp matters for drift alone, which is not judged before the end.
        has_ramp: false,
        connections: setting.connections,
        closes_connections: setting.closes_connections,
        connections_open: seen.map_or(setting.connections, |seen| seen.connections_open),
        connect_fault: seen.and_then(|seen| seen.connect_fault.clone()),
        requests: counters.requests,
        errors: counters.errors.total(),
        mismatches: counters.errors.mismatch,
        refused: counters.refused,
        items: counters.items,
        in_flight_mean: in_flight,
        in_flight_expected: in_flight,
        resent: counters.resent,
        silence_s: window.silence_s,
        window_s: setting.window_s,
        generator_utilisation: per_second((window.generator_cpu_s - awake_s).max(0.0))
            / setting.generator_cpus.max(1) as f64,
        steal_share: per_second(window.steal_s) / machine_cpus,
        others_share: per_second(window.target_cpu_s().map_or(0.0, others_s)) / machine_cpus,
        steady: seen.and_then(|seen| seen.steady),
        shared_cpus: setting.shares_cpus,
        censored: counters.errors.timeout,
        timeouts: counters.errors.timeout,
        target_exit: seen.and_then(|seen| seen.target_exit.clone()),
        ended_processes: window.ended_processes(),
        interrupted_by: seen.and_then(|seen| seen.interrupted_by.clone()),
        memory_is_rss: window.last.as_ref().is_some_and(is_rss),
        ..Facts::default()
    }
}

fn is_rss(sample: &ResourceSample) -> bool {
    sample.pss_bytes.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::moment::{Frame, Moment};
    use crate::report::fixture;
    use bench_model::interval::{Interval, Phase};
    use bench_model::record::RunRecord;
    use bench_model::report::RunReport;

    fn setting(record: &RunRecord) -> Setting {
        let Moment::Began(setting) = Moment::of(&crate::event::Event::Began(&record.plan)) else {
            panic!("not a beginning")
        };
        Setting { machine_cpus: record.machine.cpus, ..*setting }
    }

    fn frame(interval: &Interval) -> Frame {
        let Moment::Interval(frame) = Moment::of(&crate::event::Event::Measured(interval)) else {
            panic!("no interval")
        };
        *frame
    }

    /// What is said of the whole of a stored run, as a live view would have it at its end.
    fn said(record: &RunRecord) -> Vec<WarningText> {
        let Moment::Seen(seen) = Moment::of(&crate::event::Event::Seen(&record.observations)) else {
            panic!("nothing seen")
        };
        let mut window = Window::default();
        window.rest(seen.idle);
        record.intervals.iter().for_each(|interval| window.add(&frame(interval)));
        so_far(&setting(record), Some(&seen), &window)
    }

    fn measured(record: &mut RunRecord) -> impl Iterator<Item = &mut Interval> {
        record.intervals.iter_mut().filter(|interval| interval.phase == Phase::Measure)
    }

    type Case = (&'static str, fn(&mut RunRecord));

    /// Every doubt that can be had before the end is that of the report, word for word.
    #[test]
    fn doubts_are_those_of_the_report() {
        let cases: &[Case] = &[
            ("", |_| {}),
            ("errors", |run| measured(run).for_each(|interval| interval.counters.errors.status = 3)),
            ("mismatches", |run| measured(run).for_each(|interval| interval.counters.errors.mismatch = 1)),
            ("connections-missing", |run| run.observations.connections_open = 990),
            ("generator-saturated", |run| measured(run).for_each(|interval| interval.generator_cpu_s = 0.97)),
            ("steal", |run| measured(run).for_each(|interval| interval.steal_s = 0.1)),
            ("machine-busy", |run| measured(run).for_each(|interval| interval.machine_cpu_s = 1.8)),
            ("not-steady", |run| run.observations.steady = Some(false)),
            ("interrupted", |run| run.observations.interrupted_by = Some("SIGTERM".to_owned())),
            ("shared-cpus", |run| run.plan.target_cpus = run.plan.generator_cpus.clone()),
            ("target-died", |run| *run = fixture::invalid()),
            ("memory-is-rss", |run| {
                measured(run).flat_map(|i| &mut i.target).for_each(|target| target.pss_bytes = None);
            }),
            ("target-restarted", |run| {
                measured(run).flat_map(|i| &mut i.target).for_each(|target| target.ended_processes = 2);
            }),
            ("connections-idle", |run| {
                measured(run).for_each(|interval| interval.counters.in_flight_ns /= 2);
            }),
        ];
        for (code, spoil) in cases {
            let mut record = fixture::stored();
            spoil(&mut record);
            let said = said(&record);
            let report = RunReport::of(&record).warnings;
            assert!(code.is_empty() || said.iter().any(|warning| warning.code == *code), "{code}: {said:#?}");
            for warning in &said {
                assert!(
                    report.contains(warning),
                    "{code}: the report does not say {warning:#?}, but {report:#?}"
                );
            }
        }
    }

    #[test]
    fn a_window_that_has_just_begun_is_not_blamed_for_it() {
        let record = fixture::stored();
        let none = Window::default();
        assert_eq!(so_far(&setting(&record), None, &none), []);
        let mut window = Window::default();
        let mut first = frame(&record.intervals[6]);
        first.counters.requests = 5;
        window.add(&first);
        let codes: Vec<String> =
            so_far(&setting(&record), None, &window).into_iter().map(|warning| warning.code).collect();
        assert!(!codes.iter().any(|code| NOT_YET.contains(&code.as_str())), "{codes:?}");
    }
}
