//! Comparisons for the tests of renderings and charts: made from the stored run by scaling, with seeded noise.

mod sweeps;

pub(crate) use sweeps::{batches, swept};

use super::{ClaimRow, ComparisonSource, Curve};
use crate::report::fixture::stored;
use bench_model::comparison::{
    Block, BlockRun, Comparison, ComparisonPlan, ContractResult, Entrant, SCHEMA, Slot,
};
use bench_model::distribution::Distribution;
use bench_model::latency::Latencies;
use bench_model::metric::Metric;
use bench_model::plan::TargetPlan;
use bench_model::random::Random;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::source::Source;
use bench_model::warning::{Verdict, WarningText};
use std::sync::OnceLock;

/// How an entrant of a fixture differs from the stored run: factors of its figures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sort {
    pub(crate) label: &'static str,
    language: &'static str,
    framework: &'static str,
    tps: f64,
    cpu: f64,
    memory: f64,
    start_up: f64,
    artefact_bytes: u64,
    /// Requests in flight, as a part of the stored run's.
    in_flight: f64,
}

const fn sort(
    label: &'static str,
    [language, framework]: [&'static str; 2],
    factors: [f64; 4],
    artefact_bytes: u64,
) -> Sort {
    let [tps, cpu, memory, start_up] = factors;
    Sort { label, language, framework, tps, cpu, memory, start_up, artefact_bytes, in_flight: 1.0 }
}

pub(crate) const RUST: Sort = sort("rust", ["Rust", "hyper 1, tokio"], [1.0, 1.0, 1.0, 1.0], 6_912_000);
/// The same with a tenth more CPU time a request.
pub(crate) const RUST_SLOWER: Sort =
    sort("rust#2", ["Rust", "hyper 1, tokio"], [0.91, 1.1, 1.0, 1.0], 6_912_000);
pub(crate) const RUST_AGAIN: Sort = Sort { label: "rust#2", ..RUST };
pub(crate) const GO: Sort = sort("go", ["Go", "net/http"], [0.312, 3.1, 1.62, 0.9], 8_120_000);
pub(crate) const GO_AGAIN: Sort = sort("go#2", ["Go", "net/http"], [0.312, 3.1, 1.62, 0.9], 8_120_000);
pub(crate) const JAVA: Sort =
    sort("java", ["Java", "Spring Boot 3, Tomcat"], [0.24, 4.2, 14.5, 210.0], 24_560_000);
pub(crate) const PYTHON: Sort =
    sort("python", ["Python", "Flask, Gunicorn"], [0.031, 31.0, 3.4, 38.0], 14_300_000);

/// A comparison with everything that a rendering borrows.
pub(crate) struct Compared {
    pub(crate) plan: ComparisonPlan,
    pub(crate) comparison: Comparison,
    blocks: Vec<Block>,
    curves: Vec<Curve>,
    pub(crate) claims: Vec<ClaimRow>,
    disturbed: usize,
    repeat: &'static str,
    files: Vec<String>,
}

impl Compared {
    /// A comparison of `sorts` with the first, of so many blocks, with the control.
    pub(crate) fn new(sorts: &[Sort], blocks: usize) -> Self {
        Self::changed(sorts, blocks, |_, _| ())
    }

    /// The same after its plan and its blocks were changed.
    pub(crate) fn changed(
        sorts: &[Sort],
        blocks: usize,
        change: impl FnOnce(&mut ComparisonPlan, &mut Vec<Block>),
    ) -> Self {
        let mut plan = plan(sorts, blocks);
        let mut stored: Vec<Block> = (0..blocks).map(|index| block(&plan, sorts, index)).collect();
        change(&mut plan, &mut stored);
        let comparison = Comparison::of(&plan, &stored);
        let entrants = plan.entrants.iter().zip(sorts);
        let curves = entrants.map(|(entrant, sort)| curve(&entrant.label, sort));
        let curves = if comparison.blocks.used == 0 { Vec::new() } else { curves.collect() };
        let files = ["report.html", "report.md"].map(|name| format!("results/{}/{name}", plan.id)).to_vec();
        let repeat =
            "bench compare --scenario json-echo --targets rust,go,java,python --conns 1000 --seed 42";
        Self { plan, comparison, blocks: stored, curves, claims: Vec::new(), disturbed: 0, repeat, files }
    }

    pub(crate) fn source(&self) -> ComparisonSource<'_> {
        ComparisonSource {
            plan: &self.plan,
            comparison: &self.comparison,
            blocks: &self.blocks,
            curves: &self.curves,
            claims: &self.claims,
            disturbed: self.disturbed,
            repeat: self.repeat,
            files: &self.files,
        }
    }
}

/// Four entrants, ten blocks; python's run in the fourth was invalid.
pub(crate) fn full() -> Compared {
    let mut compared = Compared::changed(&[RUST, GO, JAVA, PYTHON], 10, |_, blocks| {
        let run = blocks[3].runs.iter_mut().find(|run| run.slot == Slot::Entrant(3));
        let report = &mut run.expect("python ran").report;
        report.verdict = Verdict::Invalid;
        report.warnings =
            vec![warning("errors", "1.24% of the requests failed"), warning("silence", "1.2 s of silence")];
        for block in blocks {
            for run in block.runs.iter_mut().filter(|run| run.slot == Slot::Entrant(2)) {
                run.report.warnings.push(warning(
                    "not-steady",
                    "throughput was still changing by 2% or more when the warm-up reached its limit",
                ));
            }
        }
    });
    compared.disturbed = 2;
    compared.claims = [
        ("Go net/http", Some("go"), "18.43k TPS, P99 42.00 ms on 1000 connections, 89 MB"),
        ("Flask + Gunicorn", None, "3210 TPS, P99 156.0 ms on 1000 connections, 110 MB"),
    ]
    .map(|(label, entrant, claimed)| ClaimRow {
        source: "an often-quoted table (8-core Xeon, wrk)".to_owned(),
        label: label.to_owned(),
        entrant: entrant.map(str::to_owned),
        claimed: claimed.to_owned(),
        finding: "contradictory: the mean must be 54.25 ms, above the claimed P99".to_owned(),
    })
    .to_vec();
    compared
}

/// A run's warning.
pub(crate) fn warning(code: &str, message: &str) -> WarningText {
    WarningText {
        code: code.to_owned(),
        message: message.to_owned(),
        invalidates: ["errors", "machine-busy"].contains(&code),
    }
}

fn plan(sorts: &[Sort], blocks: usize) -> ComparisonPlan {
    let run = &base().0;
    let labels: Vec<&str> = sorts.iter().map(|sort| sort.label).collect();
    ComparisonPlan {
        schema: SCHEMA.to_owned(),
        id: "20260314-101500-json-echo".to_owned(),
        started_at: "2026-03-14T10:15:00Z".to_owned(),
        question: format!("Which of {} should serve json-echo?", super::words::list(&labels)),
        seed: 42,
        blocks,
        margin: 0.02,
        confidence: 0.95,
        decisive: Metric::DECISIVE.to_vec(),
        entrants: sorts.iter().map(|sort| entrant(run, *sort)).collect(),
        control: true,
        machine: run.machine.clone(),
        claims: Vec::new(),
        fail_if: Vec::new(),
    }
}

fn entrant(run: &RunRecord, sort: Sort) -> Entrant {
    let mut plan = run.plan.clone();
    if let TargetPlan::Managed { manifest } = &mut plan.target {
        manifest.name = sort.label.to_owned();
        manifest.language = sort.language.to_owned();
        manifest.framework = sort.framework.to_owned();
    }
    Entrant {
        label: sort.label.to_owned(),
        typed: None,
        setting: None,
        plan,
        artefact_bytes: Some(sort.artefact_bytes),
        source: Some(Source {
            revision: Some("7acc99f4d1c0b2a3948576e1f0a9b8c7d6e5f403".to_owned()),
            dirty: sort.label == "java",
            inputs_sha256: Some(
                "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            ),
            versions: vec![format!("{} 1.2.3", sort.language)],
        }),
        contract: Some(ContractResult {
            passed: 71,
            waived: if sort.label == "python" { vec!["null-byte-in-path".to_owned()] } else { Vec::new() },
            not_checked: ["idle-timeout", "slow-body"].map(str::to_owned).to_vec(),
        }),
    }
}

/// Everyone's run of a block, in the plan's order of runs.
fn block(plan: &ComparisonPlan, sorts: &[Sort], index: usize) -> Block {
    let mut drift = Noise::new(1000 + index as u64);
    let drift = drift.factor(0.03);
    let runs = plan.order(index).into_iter().map(|slot| {
        let entrant = if let Slot::Entrant(entrant) = slot { entrant } else { 0 };
        let turn = if slot == Slot::Control { 99 } else { entrant as u64 };
        let mut noise = Noise::new(index as u64 * 100 + turn);
        BlockRun { slot, report: report(sorts[entrant], drift, &mut noise) }
    });
    Block { index, runs: runs.collect() }
}

/// The stored run, read once: its histograms take time to unpack.
fn base() -> &'static (RunRecord, RunReport) {
    static BASE: OnceLock<(RunRecord, RunReport)> = OnceLock::new();
    BASE.get_or_init(|| {
        let record = stored();
        let report = RunReport::of(&record);
        (record, report)
    })
}

fn report(sort: Sort, drift: f64, noise: &mut Noise) -> RunReport {
    let mut report = base().1.clone();
    let tps = sort.tps * drift * noise.factor(0.008);
    report.summary.tps *= tps;
    let latency = &mut report.summary.latency_us;
    let (usual, tail) = (noise.factor(0.01), noise.factor(0.03));
    // Little's law: latency is requests in flight over throughput.
    let longer = sort.in_flight / tps;
    latency.p50 *= usual * longer;
    latency.p99 *= tail * longer;
    latency.p99_9 *= tail * noise.factor(0.08) * longer;
    let target = report.target.as_mut().expect("the stored run has a target");
    target.name = sort.label.to_owned();
    target.startup_ms = target.startup_ms.map(|ms| ms * sort.start_up * noise.factor(0.04));
    target.cpu_us_per_request *= sort.cpu * noise.factor(0.006) / drift.sqrt();
    let grown = sort.memory * noise.factor(0.004);
    for bytes in
        [&mut target.memory_bytes.idle, &mut target.memory_bytes.median, &mut target.memory_bytes.peak]
    {
        *bytes = (*bytes as f64 * grown) as u64;
    }
    report
}

fn curve(label: &str, sort: &Sort) -> Curve {
    let mut scaled = Latencies::new();
    for interval in &base().0.intervals {
        for value in interval.latency_hdr.histogram().iter_recorded() {
            let value_ns = (value.value_iterated_to() as f64 * sort.in_flight / sort.tps) as u64;
            scaled.record_many(value_ns, value.count_since_last_iteration());
        }
    }
    Curve { label: label.to_owned(), distribution: Distribution::new(scaled, Latencies::new()) }
}

/// Seeded noise.
struct Noise(Random);

impl Noise {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self(Random::new(random.next_u64()))
    }

    /// A log-normal factor around 1: twelve uniform numbers added up are near enough to a normal one.
    fn factor(&mut self, spread: f64) -> f64 {
        let normal: f64 = (0..12).map(|_| self.0.unit()).sum::<f64>() - 6.0;
        (normal * spread).exp()
    }
}
