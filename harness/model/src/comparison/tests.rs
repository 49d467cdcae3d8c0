//! Comparisons of made-up runs: which blocks count, what is compared, and what is said of it.

use super::*;
use crate::load::LoadModel;
use crate::machine::Machine;
use crate::plan::{Plan, RequestPlan, TargetPlan};
use crate::record;
use crate::report::{GeneratorFigures, RunReport, TargetFigures};
use crate::resources::{MemoryBytes, MemoryKind};
use crate::steady::WarmUp;
use crate::summary::{LatencyFigures, Summary};
use crate::warning::{Verdict, WarningText};

fn run_plan(target: TargetPlan) -> Plan {
    let request = RequestPlan::default();
    Plan {
        scenario: "ad-hoc".into(),
        target,
        load: LoadModel::Closed { connections: 8 },
        duration_s: 10.0,
        interval_s: 1.0,
        warmup: WarmUp::default(),
        timeout_s: 10.0,
        connect_timeout_s: 5.0,
        threads: 1,
        generator_cpus: vec![1],
        target_cpus: vec![0],
        source_addresses: Default::default(),
        setup: vec![],
        requests: vec![request],
        audit: None,
        fail_if: vec![],
        overrides: Default::default(),
    }
}

pub(crate) fn entrant(name: &str) -> Entrant {
    let manifest = format!("name='{name}'\nlanguage='x'\nframework='y'\nstart=['z']\nready='/'");
    let plan = run_plan(toml::from_str(&format!("kind = 'managed'\n[manifest]\n{manifest}")).unwrap());
    Entrant { plan, artefact_bytes: Some(1_000), ..url(name) }
}

pub(super) fn url(label: &str) -> Entrant {
    let at = TargetPlan::Url { url: "http://127.0.0.1:1/".into(), pid: None };
    let (label, plan) = (label.into(), run_plan(at));
    Entrant { label, typed: None, setting: None, plan, artefact_bytes: None, source: None, contract: None }
}

pub(super) fn comparison_plan(entrants: Vec<Entrant>, blocks: usize) -> ComparisonPlan {
    ComparisonPlan {
        schema: SCHEMA.into(),
        id: "a-comparison".into(),
        started_at: "2026-01-01T00:00:00Z".into(),
        question: "Which?".into(),
        seed: 7,
        blocks,
        margin: 0.02,
        confidence: 0.95,
        decisive: Metric::DECISIVE.to_vec(),
        entrants,
        control: true,
        machine: Machine::default(),
        claims: vec![],
        fail_if: vec![],
    }
}

/// A run that did `tps` transactions a second; every other figure falls as that rises.
fn report(entrant: &Entrant, tps: f64) -> RunReport {
    let latency_us =
        LatencyFigures { p50: 2e6 / tps, p99: 4e6 / tps, p99_9: 8e6 / tps, ..Default::default() };
    let target = TargetFigures {
        name: entrant.label.clone(),
        startup_ms: Some(4e5 / tps),
        cpu_us_per_request: 1e5 / tps,
        memory_bytes: MemoryBytes { idle: 1_000_000, median: 2_000_000, peak: (1e11 / tps) as u64 },
        memory_kind: MemoryKind::Pss,
    };
    RunReport {
        audit: None,
        scrape_fault: None,
        thresholds: vec![],
        schema: record::SCHEMA.into(),
        id: "a-run".into(),
        verdict: Verdict::Valid,
        warnings: vec![],
        plan: entrant.plan.clone(),
        machine: Machine::default(),
        summary: Summary {
            duration_s: 10.0,
            requests: (tps * 10.0) as u64,
            tps,
            in_flight_mean: 8.0,
            latency_us,
            ..Summary::default()
        },
        target: matches!(entrant.plan.target, TargetPlan::Managed { .. }).then_some(target),
        generator: GeneratorFigures { cpu_us_per_request: 5.0, cpu_utilisation: 0.5, rss_peak_bytes: 1 },
    }
}

/// Blocks in which each entrant is `factors` times as fast as the base, the control as fast as `control`, with a
/// drift that all share and half a percent of noise.
pub(super) fn blocks(plan: &ComparisonPlan, factors: &[f64], control: f64) -> Vec<Block> {
    let one = |index: usize| {
        let drift = 1.0 + 0.1 * (index as f64).sin();
        let run = |slot: Slot| {
            let (who, factor) = match slot {
                Slot::Entrant(who) => (who, factors[who]),
                Slot::Control => (0, control),
            };
            let noise = 0.005 * ((index * 5 + who * 3) as f64 + control).sin();
            BlockRun { slot, report: report(&plan.entrants[who], 10_000.0 * factor * drift * (1.0 + noise)) }
        };
        Block { index, runs: plan.order(index).into_iter().map(run).collect() }
    };
    (0..plan.blocks).map(one).collect()
}

fn run(block: &mut Block, slot: Slot) -> &mut RunReport {
    &mut block.runs.iter_mut().find(|run| run.slot == slot).unwrap().report
}

fn warning(code: &str) -> WarningText {
    WarningText { code: code.into(), message: format!("{code}: mend it"), invalidates: code == "target-died" }
}

fn codes(advice: &[Advice]) -> Vec<&'static str> {
    advice.iter().map(Advice::code).collect()
}

#[test]
fn a_whole_comparison() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go"), entrant("java")], 10);
    let stored: Vec<Block> = blocks(&plan, &[1.0, 0.5, 1.001], 1.0).into_iter().rev().collect();
    let comparison = Comparison::of(&plan, &stored);
    assert_eq!(comparison.blocks, BlockCount { planned: 10, complete: 10, used: 10, lost: vec![] });
    assert_eq!(comparison.pairs.len(), 20, "two entrants, ten metrics");
    let find = |label: &str, metric| {
        comparison.pairs.iter().find(|pair| pair.label == label && pair.metric == metric).unwrap()
    };
    let tps = find("go", Metric::Tps);
    assert!((tps.ratio - 0.5).abs() < 0.005 && tps.verdict == Some(PairVerdict::Worse), "{tps:?}");
    assert_eq!(find("go", Metric::P99).verdict, Some(PairVerdict::Worse));
    assert_eq!(find("java", Metric::Tps).verdict, Some(PairVerdict::Equivalent));
    assert_eq!(find("java", Metric::P50).verdict, None);
    assert_eq!(find("java", Metric::ArtefactSize).ratio, 1.0);
    assert!(tps.noise.is_some() && tps.noise == comparison.control[0].detectable);
    assert!(comparison.control.iter().all(|pair| pair.label == "rust (control)" && pair.noise.is_none()));
    assert_eq!(comparison.figures.len(), 3);
    let rust = &comparison.figures[0].values[&Metric::Tps];
    assert!((rust.low.unwrap()..=rust.high.unwrap()).contains(&rust.median));
    assert_eq!(rust.values.len(), 10);
    assert_eq!(rust.values[0], stored[9].report(Slot::Entrant(0)).unwrap().summary.tps, "by block index");
    assert_eq!(comparison.advice, []);
}

#[test]
fn an_invalid_run_takes_its_block_with_it() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
    let mut stored = blocks(&plan, &[1.0, 1.5], 1.0);
    for index in [2, 5] {
        let lost = run(&mut stored[index], Slot::Entrant(1));
        lost.verdict = Verdict::Invalid;
        lost.warnings = vec![warning("target-died")];
    }
    let comparison = Comparison::of(&plan, &stored);
    assert_eq!((comparison.blocks.complete, comparison.blocks.used), (8, 6));
    assert_eq!(
        comparison.blocks.lost[1],
        LostBlock {
            block: 5,
            label: "go".into(),
            codes: vec!["target-died".into()],
            messages: vec![warning("target-died").message]
        }
    );
    assert!(comparison.figures.iter().all(|figures| figures.values[&Metric::Tps].values.len() == 6));
    // Lost blocks are replaced, so it is not over yet.
    assert_eq!(codes(&comparison.advice), ["unfinished", "lost-blocks"]);
    let message = comparison.advice[1].message();
    assert!(message.contains("an invalid run in blocks 3, 6, which are left out"), "{message}");
    assert!(message.ends_with("alone. target-died: target-died: mend it"), "{message}");
}

#[test]
fn what_has_not_run_is_not_used() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
    let mut stored = blocks(&plan, &[1.0, 1.5], 1.0);
    stored.truncate(7);
    stored[6].runs.pop();
    let comparison = Comparison::of(&plan, &stored);
    assert_eq!((comparison.blocks.complete, comparison.blocks.used), (6, 6));
    assert_eq!(codes(&comparison.advice), ["unfinished"]);
    let nothing = Comparison::of(&plan, &[]);
    assert_eq!((nothing.pairs.len(), nothing.figures.len(), nothing.figures[1].values.len()), (0, 2, 0));
    assert_eq!(codes(&nothing.advice), ["unfinished"]);
}

#[test]
fn what_was_not_measured_is_said() {
    let plan = comparison_plan(vec![url("old"), entrant("go")], 8);
    let mut stored = blocks(&plan, &[1.0, 1.5], 1.0);
    run(&mut stored[3], Slot::Entrant(1)).target.as_mut().unwrap().startup_ms = None;
    let comparison = Comparison::of(&plan, &stored);
    assert_eq!(plan.tests(), 2, "TPS and P99");
    let metrics: Vec<Metric> = comparison.pairs.iter().map(|pair| pair.metric).collect();
    assert_eq!(metrics, [Metric::Tps, Metric::P50, Metric::P99, Metric::P999]);
    assert_eq!(codes(&comparison.advice), ["url-not-fresh", "not-measured", "partly-measured"]);
    let told = serde_json::to_value(&comparison).unwrap();
    assert_eq!(told["advice"][1]["code"], "not-measured");
    assert_eq!(
        told["advice"][1]["message"],
        "not measured for old, and so not compared: CPU per request; Memory, idle; Memory, median; Memory, peak; \
         Start-up time; Artefact size"
    );
    assert_eq!(told["pairs"][0]["verdict"], "better");
    assert!(told["figures"][1]["values"]["memory-peak"]["median"].is_number());
}

#[test]
fn a_machine_that_favours_nobody_twice_is_told_of() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
    let comparison = Comparison::of(&plan, &blocks(&plan, &[1.0, 1.5], 0.9));
    assert_eq!(codes(&comparison.advice), ["control-differs"; 4]);
    let message = comparison.advice[0].message();
    assert!(message.starts_with("the base differs from itself in TPS: 0.9"), "{message}");
}

#[test]
fn warnings_of_runs_are_summed_up() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
    let mut stored = blocks(&plan, &[1.0, 1.5], 1.0);
    for block in &mut stored {
        run(block, Slot::Entrant(0)).warnings = vec![warning("shared-cpus")];
        run(block, Slot::Control).warnings = vec![warning("shared-cpus")];
    }
    run(&mut stored[4], Slot::Entrant(1)).warnings = vec![warning("steal")];
    let comparison = Comparison::of(&plan, &stored);
    let messages: Vec<String> = comparison.advice.iter().map(Advice::message).collect();
    assert_eq!(messages, ["rust, 16 of 16 runs: shared-cpus: mend it", "go, 1 of 8 runs: steal: mend it"]);
}

#[test]
fn too_few_blocks_are_told_beforehand() {
    let targets = ["rust", "go", "go-gin", "java", "python"].map(entrant).to_vec();
    let plan = comparison_plan(targets.clone(), 9);
    assert_eq!((plan.tests(), plan.blocks_needed()), (16, 10));
    assert_eq!(plan.advice(), [Advice::TooFewBlocks { planned: 9, needed: 10, tests: 16 }]);
    assert_eq!(comparison_plan(targets, 10).advice(), []);
    assert_eq!(comparison_plan(vec![entrant("rust")], 1).advice(), [], "nothing is tested");
    let twice =
        ComparisonPlan { decisive: vec![Metric::Tps; 2], ..comparison_plan(vec![url("a"), url("b")], 6) };
    assert_eq!((twice.tests(), codes(&twice.advice())), (1, vec!["url-not-fresh"; 2]));
}

#[test]
fn orders_follow_from_the_seed_and_are_fair() {
    let plan = comparison_plan(vec![entrant("rust"), entrant("go")], 10);
    assert_eq!(plan.slots(), [Slot::Entrant(0), Slot::Entrant(1), Slot::Control]);
    let mut seen: BTreeMap<Vec<Slot>, usize> = BTreeMap::new();
    for block in 0..6_000 {
        *seen.entry(plan.order(block)).or_default() += 1;
    }
    assert_eq!(seen.len(), 6, "every order comes");
    // 1000 each; five standard deviations are 144.
    assert!(seen.values().all(|&count| (856..=1144).contains(&count)), "{seen:?}");
    let next = ComparisonPlan { seed: 8, ..plan.clone() };
    for ahead in [0, 1] {
        assert!((0..10).any(|block| plan.order(block + ahead) != next.order(block)));
    }
    // What is stored must be run again in the same order by every later version.
    let firsts: Vec<Slot> = (0..6).map(|block| plan.order(block)[0]).collect();
    assert_eq!(firsts, [0, 1, 1, 0, 1, 1].map(Slot::Entrant));
}

#[test]
fn figures_are_above_zero_and_finite() {
    let mut report = report(&entrant("rust"), 10_000.0);
    assert_eq!(
        (Metric::Tps.of(&report, None), Metric::P999.of(&report, None)),
        (Some(10_000.0), Some(800.0))
    );
    (report.summary.tps, report.summary.latency_us.p99) = (0.0, f64::NAN);
    assert_eq!((Metric::Tps.of(&report, None), Metric::P99.of(&report, None)), (None, None));
    let artefact_size = |bytes| Metric::ArtefactSize.of(&report, bytes);
    assert_eq!((artefact_size(Some(9)), artefact_size(None)), (Some(9.0), None));
}

#[test]
fn plans_and_blocks_are_stored() {
    let plan = comparison_plan(vec![entrant("rust"), url("old")], 1);
    let stored = blocks(&plan, &[1.0, 1.5], 1.0);
    let again: ComparisonPlan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert_eq!(again, plan);
    let read: Vec<Block> = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
    assert_eq!(read, stored);
    assert_eq!(serde_json::to_string(&plan.slots()).unwrap(), r#"[{"entrant":0},{"entrant":1},"control"]"#);
}
