//! Searches for the tests of renderings and charts: made from the stored run, against targets that are a formula.

use super::CapacitySource;
use crate::report::command;
use crate::report::fixture::stored;
use bench_model::capacity::{
    Capacities, CapacityPlan, Finding, FractionRun, Judgement, SCHEMA, Search, SearchPlan, Step, Turn,
    at_rate, rounded, side_by_side,
};
use bench_model::comparison::Entrant;
use bench_model::load::{Arrivals, LoadModel, Stage};
use bench_model::plan::{Plan, TargetPlan};
use bench_model::report::RunReport;
use bench_model::summary::{LatencyFigures, Offered};
use bench_model::warning::{Verdict, WarningText};
use std::sync::OnceLock;

/// A target as a formula: a CPU that is busy for so long with each request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Formula {
    pub(crate) label: &'static str,
    /// CPU time of a request, in microseconds.
    pub(crate) cpu_us: f64,
}

pub(crate) const RUST: Formula = Formula { label: "rust", cpu_us: 22.4 };
pub(crate) const GO: Formula = Formula { label: "go", cpu_us: 73.2 };

/// What is done to a run of a fixture: the number of the run, from 0, and its report.
type Spoil = dyn Fn(usize, &mut RunReport);

/// A search with everything that a rendering borrows.
pub(crate) struct Sought {
    plan: CapacityPlan,
    found: Capacities,
    repeat: String,
    files: Vec<String>,
}

impl Sought {
    /// A search for the capacities of `targets` to its end.
    pub(crate) fn new(targets: &[Formula]) -> Self {
        Self::changed(targets, |_| (), &|_, _| (), usize::MAX)
    }

    /// The same with another plan and other runs, of which so many were made of each target.
    pub(crate) fn changed(
        targets: &[Formula],
        change: impl FnOnce(&mut CapacityPlan),
        spoil: &Spoil,
        most_runs: usize,
    ) -> Self {
        let mut plan = plan(targets);
        change(&mut plan);
        let findings: Vec<Finding> = targets
            .iter()
            .enumerate()
            .map(|(index, formula)| {
                Finding::of(&plan, index, &runs(&plan, index, *formula, spoil, most_runs), 0)
            })
            .collect();
        let fractions = side_by_side(&plan, &at_fractions(&plan, targets, &findings));
        let repeat = command::seeking(&plan);
        let files = vec![format!("results/{}/capacity.svg", plan.id)];
        Self { found: Capacities { targets: findings, fractions }, plan, repeat, files }
    }

    pub(crate) fn source(&self) -> CapacitySource<'_> {
        CapacitySource { plan: &self.plan, found: &self.found, repeat: &self.repeat, files: &self.files }
    }
}

/// Two targets, whose capacities are found.
pub(crate) fn two() -> Sought {
    Sought::new(&[RUST, GO])
}

/// What a search may look like, by the name of its snapshots.
pub(crate) fn cases() -> Vec<(&'static str, Sought)> {
    let as_it_is = |_: &mut CapacityPlan| ();
    let url = |plan: &mut CapacityPlan| {
        let target = &mut plan.targets[0];
        target.label = "http://127.0.0.1:8080/a/long/path".to_owned();
        target.plan.target = TargetPlan::Url { url: target.label.clone(), pid: None };
        plan.search.max_per_s = 3_000.0;
        plan.search.confirmations = 1;
    };
    vec![
        ("one", Sought::new(&[GO])),
        ("two", two()),
        ("url", Sought::changed(&[GO], url, &|_, run| run.target = None, usize::MAX)),
        ("unfinished", Sought::changed(&[RUST, GO], as_it_is, &|_, _| (), 7)),
        ("nothing-ran", Sought::changed(&[GO], as_it_is, &|_, _| (), 0)),
        ("nothing-holds", Sought::changed(&[GO], as_it_is, &|_, run| died(run), usize::MAX)),
        ("generator", Sought::changed(&[RUST], as_it_is, &saturated, usize::MAX)),
        ("disturbed", Sought::changed(&[GO], as_it_is, &disturbed, usize::MAX)),
        ("not-sharp", Sought::changed(&[GO], as_it_is, &unlucky, usize::MAX)),
    ]
}

fn warn(run: &mut RunReport, code: &str) {
    run.verdict = Verdict::Invalid;
    let message = format!("what {code} means, and what to do");
    run.warnings.push(WarningText { code: code.to_owned(), message, invalidates: true });
}

fn died(run: &mut RunReport) {
    warn(run, "target-died");
}

fn saturated(_: usize, run: &mut RunReport) {
    if run.summary.offered.is_some_and(|offered| offered.rate_per_s > 30_000.0) {
        run.generator.cpu_utilisation = 0.953;
        warn(run, "generator-saturated");
    }
}

fn disturbed(number: usize, run: &mut RunReport) {
    if number == 4 {
        warn(run, "machine-busy");
    }
}

/// The second run that confirms the first candidate is over the limit.
fn unlucky(number: usize, run: &mut RunReport) {
    if number == 13 {
        run.summary.latency_us.p99 = 27_300.0;
    }
}

fn plan(targets: &[Formula]) -> CapacityPlan {
    let record = stored();
    let entrant = |formula: &Formula| {
        let mut plan = record.plan.clone();
        plan.load = LoadModel::Open {
            connections: 256,
            stages: vec![Stage::constant(1000.0, plan.duration_s)],
            arrivals: Arrivals::Uniform,
            seed: 1,
            max_lag_s: None,
        };
        if let TargetPlan::Managed { manifest } = &mut plan.target {
            formula.label.clone_into(&mut manifest.name);
        }
        let label = formula.label.to_owned();
        Entrant {
            label,
            typed: None,
            setting: None,
            plan,
            artefact_bytes: None,
            source: None,
            contract: None,
        }
    };
    CapacityPlan {
        schema: SCHEMA.to_owned(),
        id: "20260314-101500-json-echo-capacity".to_owned(),
        started_at: "2026-03-14T10:15:00Z".to_owned(),
        slo: "p99<20ms,errors<0.1%".parse().expect("an SLO"),
        search: SearchPlan { start_per_s: 1e3, max_per_s: 1e6, precision: 0.02, confirmations: 3 },
        fractions: vec![0.5, 0.8],
        fraction_runs: 3,
        seed: 42,
        targets: targets.iter().map(entrant).collect(),
        machine: record.machine,
    }
}

/// The runs that a search makes.
fn runs(plan: &CapacityPlan, target: usize, formula: Formula, spoil: &Spoil, most: usize) -> Vec<RunReport> {
    let mut search = Search::new(plan.search);
    let mut runs: Vec<RunReport> = Vec::new();
    while let Step::Try { rate_per_s, .. } = search.next() {
        if runs.len() >= most {
            break;
        }
        let mut run =
            report(&at_rate(&plan.targets[target].plan, rate_per_s), rate_per_s, formula, runs.len());
        spoil(runs.len(), &mut run);
        search.record(Judgement::of(&plan.slo, &run).answer);
        runs.push(run);
    }
    runs
}

fn at_fractions(plan: &CapacityPlan, targets: &[Formula], findings: &[Finding]) -> Vec<FractionRun> {
    let mut runs = Vec::new();
    if findings.iter().filter(|finding| finding.capacity_per_s.is_some()).count() < 2 {
        return runs;
    }
    for block in 0..plan.fraction_runs {
        for turn in plan.turns(block) {
            let Turn { target, fraction } = turn;
            let Some(capacity_per_s) = findings[target].capacity_per_s else { continue };
            let rate_per_s = rounded(capacity_per_s * plan.fractions[fraction]);
            let plan = at_rate(&plan.targets[target].plan, rate_per_s);
            let mut report = report(&plan, rate_per_s, targets[target], block);
            if (block, target, fraction) == (2, 1, 1) {
                warn(&mut report, "machine-busy");
            }
            if (target, fraction) == (0, 1) {
                let (code, message) = ("queued".to_owned(), String::new());
                report.warnings.push(WarningText { code, message, invalidates: false });
            }
            runs.push(FractionRun { turn, report });
        }
    }
    runs
}

/// A run at a rate: the M/M/1 queue's latencies up to the capacity of one CPU, and beyond it a backlog that grows
/// through the window. Runs with other numbers differ by a little.
fn report(plan: &Plan, rate_per_s: f64, formula: Formula, number: usize) -> RunReport {
    static STORED: OnceLock<RunReport> = OnceLock::new();
    let mut report = STORED.get_or_init(|| RunReport::of(&stored())).clone();
    let window_s = plan.duration_s;
    let most_per_s = 1e6 / formula.cpu_us;
    let due = (rate_per_s * window_s) as u64;
    let served = (rate_per_s.min(most_per_s) * window_s) as u64;
    let jitter = 1.0 + 0.01 * ((number % 5) as f64 - 2.0);
    // Its 99th percentile is ln(100) times the mean. Batches of a hundred make it as slow as real servers are.
    let mean_us = match rate_per_s < most_per_s {
        true => 100.0 * formula.cpu_us / (1.0 - rate_per_s / most_per_s) * 0.05 * jitter,
        false => (1.0 - most_per_s / rate_per_s) * window_s * 1e6 / 2.0 + 1e5,
    };
    report.id = format!("level-{:02}-{rate_per_s}", number + 1);
    report.plan = plan.clone();
    report.warnings.clear();
    report.verdict = Verdict::Valid;
    let summary = &mut report.summary;
    summary.requests = served;
    summary.tps = served as f64 / window_s;
    summary.latency_us = LatencyFigures {
        min: formula.cpu_us,
        mean: mean_us,
        stdev: mean_us,
        p50: mean_us * 0.693,
        p75: mean_us * 1.386,
        p90: mean_us * 2.303,
        p95: mean_us * 2.996,
        p99: mean_us * 4.605,
        p99_9: mean_us * 6.908,
        p99_99: mean_us * 9.21,
        max: mean_us * 12.0,
        bounded_from: None,
    };
    summary.offered = Some(Offered {
        requests: due,
        rate_per_s,
        sent: served,
        queued: if served < due { served / 2 } else { 0 },
        late: 0,
        waiting_at_end: due - served,
    });
    let target = report.target.as_mut().expect("the stored run has a target");
    formula.label.clone_into(&mut target.name);
    target.cpu_us_per_request = formula.cpu_us * jitter.min(1.0);
    report.generator.cpu_utilisation = (rate_per_s * 14e-6).min(0.8);
    if (served as f64) < 0.99 * due as f64 {
        warn(&mut report, "overload");
    }
    report
}
