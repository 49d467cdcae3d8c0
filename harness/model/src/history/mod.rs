//! A history: all stored runs of one plan on one machine over time, and where their figures changed.
//!
//! Always recomputed from what is stored. Runs under another load, of another target or on another machine are another group;
//! invalid and interrupted runs are named and left out of the computation. How change points are found, and what they do not say:
//! `docs/history.md`.

mod group;
mod setting;

pub use group::{Change, Direction, Group, Series};
pub use setting::Setting;

use crate::machine::Machine;
use crate::metric::Metric;
use crate::plan::Plan;
use crate::source::Source;
use crate::stats::{ChangeRules, fewest_values};
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema of `bench report --history --format json`.
pub const SCHEMA: &str = "bench-history/1";

/// By which method, in the words of every output.
pub const METHOD: &str = "E-divisive means with a permutation test";

/// Where the method is from.
pub const SOURCE: &str = "Matteson and James, JASA 109 (2014)";

/// How change points are sought in a history.
///
/// One percent: of the four usual metrics of a group without any change, fewer than one history in 25 then shows one. At least
/// three runs on either side: what two runs in a row show may have been one bad hour.
pub const RULES: ChangeRules = ChangeRules { level: 0.01, permutations: 999, least: 3, seed: 1 };

/// What is stored of one run or of one entrant of a comparison, as far as a history needs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The id of the run, or of the comparison.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// What was done.
    pub plan: Plan,
    /// Where.
    pub machine: Machine,
    /// What the target was built from, where that is known.
    pub source: Option<Source>,
    /// Of an entrant of a comparison, the blocks that its figures are the medians of.
    pub blocks: Option<usize>,
    /// The codes of the warnings that do not make it unusable, each once.
    pub warnings: Vec<String>,
    /// Its figures, or why it has none that can be used. No lower bound is among them.
    pub outcome: Result<BTreeMap<Metric, f64>, Unusable>,
}

/// Why a run is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Unusable {
    /// A signal ended it early.
    Interrupted {
        /// The signal's name.
        signal: String,
    },
    /// Its warnings make it invalid.
    Invalid {
        /// Their codes.
        codes: Vec<String>,
    },
    /// A comparison none of whose blocks can be used.
    NoBlocks,
}

/// A run, or the medians of a comparison's blocks, at its place in time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The id of the run, or of the comparison.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// What the target was built from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The blocks that its figures are the medians of; absent for a run of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<usize>,
    /// The kernel, which may have been another one than before without the machine being another.
    pub kernel: String,
    /// The version of `bench`.
    pub bench_version: String,
    /// The codes of the warnings that it was made under, each once: it stands here all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Its figures, in [`Metric::unit`]; what was not measured is absent.
    pub values: BTreeMap<Metric, f64>,
}

/// A run that no figure rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Its id.
    pub id: String,
    /// When it began, in UTC, as RFC 3339.
    pub started_at: String,
    /// Why.
    #[serde(flatten)]
    pub unusable: Unusable,
}

/// All groups, the one with the newest run first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// The metrics that are looked at.
    pub metrics: Vec<Metric>,
    /// The groups.
    pub groups: Vec<Group>,
}

impl History {
    /// The groups of these entries, which may come in any order, each with its newest `last` points.
    #[must_use]
    pub fn of(mut entries: Vec<Entry>, metrics: &[Metric], last: usize) -> Self {
        // Ids begin with the time: they decide between those of one second.
        entries.sort_by(|a, b| (&b.started_at, &b.id).cmp(&(&a.started_at, &a.id)));
        let mut groups: Vec<(Setting, Vec<Entry>)> = Vec::new();
        for entry in entries {
            match groups.iter_mut().find(|(setting, _)| setting.holds(&entry.plan, &entry.machine)) {
                Some((_, members)) => members.push(entry),
                None => groups.push((Setting::of(&entry.plan, &entry.machine), vec![entry])),
            }
        }
        let groups = groups.into_iter().map(|(setting, members)| Group::of(setting, members, metrics, last));
        Self { metrics: metrics.to_vec(), groups: groups.collect() }
    }
}

/// The runs below which no change point can be shown.
#[must_use]
pub fn fewest_runs() -> usize {
    fewest_values(&RULES).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::LoadModel;
    use crate::plan::{RequestPlan, TargetPlan};
    use crate::random::Random;
    use crate::steady::WarmUp;

    fn plan() -> Plan {
        Plan {
            scenario: "orders".into(),
            target: TargetPlan::Url { url: "http://127.0.0.1:8080/".into(), pid: Some(7) },
            load: LoadModel::Closed { connections: 8 },
            duration_s: 10.0,
            interval_s: 1.0,
            warmup: WarmUp::default(),
            timeout_s: 10.0,
            connect_timeout_s: 5.0,
            threads: 1,
            generator_cpus: vec![1],
            target_cpus: vec![],
            source_addresses: Default::default(),
            setup: vec![],
            requests: vec![RequestPlan::default()],
            audit: None,
            fail_if: vec![],
            overrides: Default::default(),
        }
    }

    fn entry(number: usize, tps: f64) -> Entry {
        Entry {
            id: format!("run-{number:03}"),
            started_at: format!("2026-01-01T{:02}:{:02}:00Z", number / 60, number % 60),
            plan: plan(),
            machine: Machine { cpus: 2, memory_bytes: 8 << 30, ..Machine::default() },
            source: None,
            blocks: None,
            warnings: vec![],
            outcome: Ok([(Metric::Tps, tps)].into()),
        }
    }

    /// Runs around 1000 TPS that differ by a percent or two, from `from` on `factor` times as fast.
    fn runs(length: usize, from: usize, factor: f64) -> Vec<Entry> {
        let mut random = Random::new(9);
        let tps = |number: usize, luck: f64| (990.0 + 20.0 * luck) * if number < from { 1.0 } else { factor };
        (0..length).map(|number| entry(number, tps(number, random.unit()))).collect()
    }

    #[test]
    fn a_planted_step_is_found_and_what_is_left_out_moves_nothing() {
        let mut entries = runs(30, 18, 0.93);
        let codes = vec!["littles-law".to_owned()];
        entries[4].outcome = Err(Unusable::Invalid { codes: codes.clone() });
        entries[9].outcome = Err(Unusable::Interrupted { signal: "SIGINT".into() });
        entries.reverse();
        let history = History::of(entries, &[Metric::Tps, Metric::P99], 500);
        let [group] = &history.groups[..] else { panic!("{} groups", history.groups.len()) };
        assert_eq!((group.points.len(), group.left_out.len()), (28, 2));
        assert_eq!(group.left_out[0].unusable, Unusable::Invalid { codes });
        let [tps, p99] = &group.series[..] else { panic!("two series") };
        let [change] = &tps.changes[..] else { panic!("{:?}", tps.changes) };
        assert_eq!((change.id.as_str(), change.direction), ("run-018", Direction::Worse));
        assert!((change.part + 0.07).abs() < 0.01 && change.p_value <= RULES.level, "{change:?}");
        assert_eq!((tps.runs, p99.runs, p99.changes.len()), (28, 0, 0), "no latency was stored");
        assert_eq!((tps.is_enough, p99.is_enough), (true, false));
    }

    /// Runs around 1000 whose logarithms scatter evenly by so much, from the middle on about `factor` times as much and by another
    /// spread.
    fn spread(before: f64, after: f64, factor: f64) -> Vec<Entry> {
        let mut random = Random::new(3);
        let value = |number: usize, luck: f64| match number {
            0..20 => 1000.0 * (before * (luck - 0.5)).exp(),
            _ => 1000.0 * factor * (after * (luck - 0.5)).exp(),
        };
        (0..40).map(|number| entry(number, value(number, random.unit()))).collect()
    }

    #[test]
    fn another_spread_is_neither_better_nor_worse_and_a_small_step_is_no_spread() {
        for (entries, direction) in [
            (spread(0.01, 0.30, 1.0), Direction::Spread),
            (spread(0.0, 0.0, 1.0005), Direction::Better),
            (spread(0.0, 0.0, 0.9995), Direction::Worse),
            (spread(0.02, 0.02, 1.05), Direction::Better),
        ] {
            let history = History::of(entries, &[Metric::Tps], 500);
            let [change] = &history.groups[0].series[0].changes[..] else { panic!("{history:?}") };
            assert_eq!(change.direction, direction, "{change:?}");
        }
    }

    #[test]
    fn a_constant_noisy_series_and_a_short_one_have_none() {
        for (length, enough) in [(9, false), (10, true), (60, true)] {
            let history = History::of(runs(length, usize::MAX, 1.0), &[Metric::Tps], 500);
            let tps = &history.groups[0].series[0];
            assert_eq!((tps.changes.len(), tps.is_enough), (0, enough), "{length} runs");
        }
        let history = History::of(runs(9, 5, 0.5), &[Metric::Tps], 500);
        assert_eq!(history.groups[0].series[0].changes, [], "nine are too few even for a half");
    }

    #[test]
    fn what_differs_is_never_mixed() {
        let mut entries = runs(8, usize::MAX, 1.0);
        entries[0].plan.load = LoadModel::Closed { connections: 9 };
        entries[1].plan.duration_s = 5.0;
        entries[2].machine.cpu = "another".into();
        entries[3].machine.cpus_allowed = vec![0];
        entries[4].plan.requests[0].path = "/other".into();
        entries[5].plan.target = TargetPlan::Url { url: "http://127.0.0.1:8080/".into(), pid: None };
        entries[6].machine.memory_bytes = 16 << 30;
        let history = History::of(entries, &[Metric::Tps], 500);
        assert_eq!(history.groups.len(), 8);
        assert_eq!(history.groups[0].points[0].id, "run-007", "the newest first");
    }

    #[test]
    fn what_a_machine_and_a_process_may_change_is_not_another() {
        let mut entries = runs(4, usize::MAX, 1.0);
        entries[0].machine.kernel = "6.1".into();
        entries[1].machine.bench_version = "0.2.0".into();
        entries[2].machine.memory_bytes += 40 << 20;
        entries[3].plan.target = TargetPlan::Url { url: "http://127.0.0.1:8080/".into(), pid: Some(99) };
        entries[1].plan.fail_if = vec!["p99>1ms".parse().unwrap()];
        entries[2].plan.overrides.batch = Some(1);
        let history = History::of(entries, &[Metric::Tps], 500);
        assert_eq!(history.groups.len(), 1);
        assert_eq!(history.groups[0].points[0].kernel, "6.1");
    }

    #[test]
    fn only_the_newest_are_looked_at() {
        let history = History::of(runs(30, 10, 2.0), &[Metric::Tps], 20);
        let group = &history.groups[0];
        assert_eq!((group.points.len(), group.older, group.points[0].id.as_str()), (20, 10, "run-010"));
        assert_eq!(group.series[0].changes, [], "the step is not among them");
    }
}
