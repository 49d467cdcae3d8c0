//! A baseline: runs of one target under one load, reduced to what a later comparison needs, so that they can be committed.
//!
//! It has no histograms and no seconds: a metric's value for each run is all that the statistics ask for.

use crate::load::{LoadModel, Stage};
use crate::machine::Machine;
use crate::metric::Metric;
use crate::plan::Plan;
use crate::source::Source;
use crate::warning::WarningText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The schema of a baseline's file.
pub const SCHEMA: &str = "bench-baseline/1";

/// No length of a plan is so long: a year.
const LONGEST_S: f64 = 366.0 * 86_400.0;

/// Stored runs under a name, which is that of the file.
///
/// The fields are written in this order and the metrics in theirs, so that the same runs always make the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// See [`SCHEMA`].
    pub schema: String,
    /// The ids of the runs, or of the comparison, that it was made from.
    pub from: Vec<String>,
    /// When the first of them began, in UTC, as RFC 3339.
    pub measured_at: String,
    /// The target as `--target` takes it, with its variant.
    pub target: String,
    /// What the target was built from, where that is known.
    pub source: Option<Source>,
    /// Where it was measured.
    pub machine: Machine,
    /// What each run did.
    pub plan: Plan,
    /// What the runs were warned of, each code once: they are valid all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<WarningText>,
    /// By metric one value a run, in [`Metric::unit`] and in the order in which the runs were made; at least 1. A metric
    /// that was not measured in every run, or is only a lower bound in one, is absent.
    pub values: BTreeMap<Metric, Vec<f64>>,
}

impl Baseline {
    /// How many runs there are.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.values.values().map(Vec::len).max().unwrap_or(0)
    }

    /// The commit that holds what was measured; None where it is not known, or where there were changes that no commit
    /// holds.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        self.source.as_ref().filter(|source| !source.dirty)?.revision.as_deref()
    }

    /// In what a plan differs from the one that was measured so that their figures are of different things, in words; None
    /// where it does not. What the target is does not count, since that is what is asked about.
    #[must_use]
    pub fn unlike(&self, plan: &Plan) -> Option<&'static str> {
        let then = &self.plan;
        let differs = [
            ("the scenario", then.scenario != plan.scenario),
            ("what is sent", (&then.setup, &then.requests) != (&plan.setup, &plan.requests)),
            ("the load (--conns, --rate)", then.load != plan.load),
            ("the length of the window (--duration)", then.duration_s != plan.duration_s),
            ("the warm-up (--warmup)", then.warmup != plan.warmup),
            // It cuts the tail that is compared.
            ("the timeout (--timeout)", then.timeout_s != plan.timeout_s),
            ("the number of generator threads (--threads)", then.threads != plan.threads),
            (
                "who has which CPUs",
                (&then.target_cpus, &then.generator_cpus) != (&plan.target_cpus, &plan.generator_cpus),
            ),
        ];
        differs.iter().find(|(_, differs)| *differs).map(|(what, _)| *what)
    }

    /// Whether its parts fit together: what a file that people can edit may get wrong. Gives the first fault in words.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let runs = self.runs();
        if runs == 0 {
            return Some("`values` has no run".to_owned());
        }
        let uneven = self.values.iter().find(|(_, values)| values.len() != runs);
        if let Some((metric, values)) = uneven {
            return Some(format!("`values` has {} of {metric} and {runs} of others", values.len()));
        }
        let bad = |value: &f64| !value.is_finite() || *value <= 0.0;
        if let Some((metric, _)) = self.values.iter().find(|(_, values)| values.iter().any(bad)) {
            return Some(format!("`values.{metric}` has one that is not above 0"));
        }
        self.fault_of_plan().or_else(|| self.fault_of_words())
    }

    /// What nobody can run: a gate takes its load from here.
    fn fault_of_plan(&self) -> Option<String> {
        let plan = &self.plan;
        let max_lag_s = match &plan.load {
            LoadModel::Open { max_lag_s, .. } => *max_lag_s,
            LoadModel::Closed { .. } => None,
        };
        let lengths = [
            ("duration_s", Some(plan.duration_s)),
            ("timeout_s", Some(plan.timeout_s)),
            ("connect_timeout_s", Some(plan.connect_timeout_s)),
            ("load.max_lag_s", max_lag_s),
        ];
        let is_length = |length: f64| length > 0.0 && length < LONGEST_S;
        if let Some((name, _)) =
            lengths.iter().find(|(_, length)| length.is_some_and(|length| !is_length(length)))
        {
            return Some(format!("`plan.{name}` is no length of time"));
        }
        if plan.threads == 0 || plan.load.connections() == 0 || plan.overrides.batch == Some(0) {
            return Some("`plan` has no thread, no connection or a batch of nothing".to_owned());
        }
        let is_rate = |rate: f64| rate > 0.0 && rate.is_finite();
        let runs = |stage: &Stage| {
            is_rate(stage.from_per_s) && is_rate(stage.to_per_s) && is_length(stage.duration_s)
        };
        let stages = plan.load.stages();
        let is_stuck = plan.load.is_open() && (stages.is_empty() || !stages.iter().all(runs));
        is_stuck.then(|| "`plan.load.stages` has none, or one without a rate or a length".to_owned())
    }

    /// What must not be printed as it is: names that would steer a terminal, or begin a line of a log.
    fn fault_of_words(&self) -> Option<String> {
        let machine = &self.machine;
        let source = self.source.iter();
        let source = source.flat_map(|source| source.revision.iter().chain(&source.versions));
        let mut words = [&self.target, &self.measured_at, &self.plan.scenario]
            .into_iter()
            .chain([&machine.os, &machine.kernel, &machine.architecture, &machine.cpu])
            .chain(&self.from)
            .chain(source)
            .chain(self.warnings.iter().flat_map(|warning| [&warning.code, &warning.message]));
        let word = words.find(|word| word.contains(char::is_control))?;
        Some(format!("a name in it has control characters: {}", word.escape_debug()))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::comparison::tests::entrant;

    pub(crate) fn baseline(values: &[(Metric, &[f64])]) -> Baseline {
        Baseline {
            schema: SCHEMA.into(),
            from: vec!["a-run".into()],
            measured_at: "2026-01-01T00:00:00Z".into(),
            target: "rust".into(),
            source: Some(Source { revision: Some("abc".into()), ..Source::default() }),
            machine: Machine::default(),
            plan: entrant("rust").plan,
            warnings: vec![],
            values: values.iter().map(|(metric, values)| (*metric, values.to_vec())).collect(),
        }
    }

    #[test]
    fn the_same_runs_make_the_same_bytes() {
        let stored = baseline(&[(Metric::P99, &[2.0, 3.5]), (Metric::Tps, &[1.0, 1.25])]);
        let text = serde_json::to_string(&stored).unwrap();
        assert_eq!(serde_json::from_str::<Baseline>(&text).unwrap(), stored);
        assert!(text.ends_with(r#""values":{"tps":[1.0,1.25],"p99":[2.0,3.5]}}"#), "{text}");
        assert!(
            text.starts_with(r#"{"schema":"bench-baseline/1","from":["a-run"],"measured_at":"#),
            "{text}"
        );
        assert_eq!(stored.runs(), 2);
    }

    #[test]
    fn only_a_commit_that_holds_everything_can_be_built_again() {
        let mut stored = baseline(&[]);
        assert_eq!(stored.revision(), Some("abc"));
        stored.source.as_mut().unwrap().dirty = true;
        assert_eq!(stored.revision(), None);
        stored.source = None;
        assert_eq!(stored.revision(), None);
    }

    #[test]
    fn other_plans() {
        let stored = baseline(&[]);
        let same = entrant("go").plan;
        assert_eq!(stored.unlike(&same), None, "another target is what is asked about");
        for (change, part) in [
            (Plan { scenario: "other".into(), ..same.clone() }, "scenario"),
            (Plan { requests: vec![], ..same.clone() }, "sent"),
            (Plan { load: LoadModel::Closed { connections: 9 }, ..same.clone() }, "--conns"),
            (Plan { duration_s: 1.0, ..same.clone() }, "--duration"),
            (Plan { timeout_s: 1.0, ..same.clone() }, "--timeout"),
            (Plan { threads: 2, ..same.clone() }, "--threads"),
            (Plan { target_cpus: vec![], ..same.clone() }, "CPUs"),
        ] {
            let found = stored.unlike(&change).unwrap_or_default();
            assert!(found.contains(part), "{part}: {found}");
        }
    }

    #[test]
    fn what_a_hand_may_break() {
        for (values, part) in [
            (&[][..], "no run"),
            (&[(Metric::Tps, &[][..])], "no run"),
            (&[(Metric::Tps, &[1.0, 2.0]), (Metric::P99, &[1.0])], "1 of p99 and 2 of others"),
            (&[(Metric::Tps, &[1.0, 0.0])], "values.tps"),
        ] {
            let found = baseline(values).fault().unwrap_or_default();
            assert!(found.contains(part), "{part}: {found}");
        }
        assert_eq!(baseline(&[(Metric::Tps, &[1.0])]).fault(), None);
    }

    #[test]
    fn what_would_break_whoever_reads_it() {
        type Change = fn(&mut Baseline);
        let cases: [(Change, &str); 14] = [
            (|stored| stored.plan.timeout_s = -1.0, "plan.timeout_s"),
            (|stored| stored.plan.duration_s = 1e300, "plan.duration_s"),
            (|stored| stored.plan.connect_timeout_s = 0.0, "plan.connect_timeout_s"),
            (|stored| stored.plan.threads = 0, "no thread"),
            (|stored| stored.plan.load = LoadModel::Closed { connections: 0 }, "no connection"),
            (|stored| stored.plan.overrides.batch = Some(0), "a batch of nothing"),
            (|stored| stored.plan.load = open(1.0, 1.0, Some(-1.0)), "plan.load.max_lag_s"),
            (|stored| stored.plan.load = open(-5.0, 1.0, None), "plan.load.stages"),
            (|stored| stored.plan.load = open(5.0, 0.0, None), "plan.load.stages"),
            (|stored| stored.target = "\u{1b}]0;x\u{7}".into(), "control characters: \\u{1b}]0;x"),
            (|stored| stored.measured_at = "x\n::error::y".into(), "control characters: x\\n::error"),
            (|stored| stored.from = vec!["a\rb".into()], "control characters"),
            (|stored| stored.machine.cpu = "\u{9b}2J".into(), "control characters"),
            (|stored| stored.source.as_mut().unwrap().revision = Some("\n".into()), "control characters"),
        ];
        for (change, part) in cases {
            let mut stored = baseline(&[(Metric::Tps, &[1.0])]);
            change(&mut stored);
            let found = stored.fault().unwrap_or_default();
            assert!(found.contains(part), "{part}: {found}");
        }
        let mut good = baseline(&[(Metric::Tps, &[1.0])]);
        good.plan.load = open(5.0, 1.0, Some(0.5));
        assert_eq!(good.fault(), None);
    }

    fn open(rate_per_s: f64, duration_s: f64, max_lag_s: Option<f64>) -> LoadModel {
        LoadModel::Open {
            connections: 8,
            stages: vec![Stage::constant(rate_per_s, duration_s)],
            arrivals: Default::default(),
            seed: 1,
            max_lag_s,
        }
    }
}
