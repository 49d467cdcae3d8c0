//! Histories for the tests of renderings and charts, made from figures that are written here: no run is behind them.

use crate::report::fixture::stored;
use bench_model::history::{Entry, History, Unusable};
use bench_model::metric::Metric;
use bench_model::plan::{Plan, TargetPlan};
use bench_model::random::Random;
use bench_model::source::Source;

/// Every fixture, by its name in the files of the snapshots.
pub(crate) fn cases() -> Vec<(&'static str, History)> {
    vec![
        ("stepped", stepped()),
        ("few", of(runs(6, usize::MAX))),
        ("flat", of(runs(14, usize::MAX))),
        ("apart", apart()),
        ("unusable", unusable()),
    ]
}

/// Twenty-six runs; from the seventeenth on P99 is 15% and the CPU time 8% higher. Two are left out, one is a comparison.
pub(crate) fn stepped() -> History {
    let mut entries = runs(26, 16);
    entries[5].outcome = Err(Unusable::Invalid { codes: vec!["generator-cpu".into(), "littles-law".into()] });
    entries[11].outcome = Err(Unusable::Interrupted { signal: "SIGINT".into() });
    entries[20].blocks = Some(10);
    entries[20].id = "20260120T101500Z-json-echo-rust-go-c1000".into();
    of(entries)
}

/// The same target under two loads, another machine, and a name that Markdown and terminals must not obey.
fn apart() -> History {
    let mut entries = runs(8, usize::MAX);
    for entry in &mut entries[..3] {
        entry.plan.load = bench_model::load::LoadModel::Closed { connections: 64 };
    }
    entries[3].machine.cpu = "Another CPU".into();
    entries[4].plan.target = TargetPlan::Url { url: "http://h/<b>|\u{1b}[31m*x*".into(), pid: None };
    of(entries)
}

/// A plan none of whose runs can be used.
fn unusable() -> History {
    let mut entries = runs(2, usize::MAX);
    entries[0].outcome = Err(Unusable::NoBlocks);
    entries[1].outcome = Err(Unusable::Invalid { codes: vec!["steal".into()] });
    of(entries)
}

fn of(entries: Vec<Entry>) -> History {
    History::of(entries, &Metric::DECISIVE, 500)
}

/// A run a day, whose figures scatter by a percent or two; from `step` on some are higher.
fn runs(length: usize, step: usize) -> Vec<Entry> {
    let record = stored();
    let plan: Plan = record.plan;
    let mut random = Random::new(4);
    let mut scattered = |middle: f64, spread: f64| middle * (1.0 + spread * (random.unit() - 0.5));
    let entry = |day: usize| {
        let is_after = day >= step;
        let of = |factor: f64| if is_after { factor } else { 1.0 };
        Entry {
            id: format!("202601{:02}T101500Z-json-echo-rust-c1000", day + 1),
            started_at: format!("2026-01-{:02}T10:15:00Z", day + 1),
            plan: plan.clone(),
            machine: record.machine.clone(),
            source: Some(Source {
                revision: Some(format!("{:08x}aaaaaaaa", 0x5eed_0000 + day / 4)),
                dirty: day == 7,
                inputs_sha256: None,
                versions: vec![format!("cargo 1.{}.0", if is_after { 89 } else { 88 })],
            }),
            blocks: None,
            warnings: if day == 9 { vec!["drift".into(), "steal".into()] } else { Vec::new() },
            outcome: Ok([
                (Metric::Tps, scattered(42_000.0, 0.03)),
                (Metric::P99, scattered(34_700.0 * of(1.15), 0.04)),
                (Metric::CpuPerRequest, scattered(23.6 * of(1.08), 0.015)),
                (Metric::MemoryPeak, scattered(13.7e6, 0.01)),
            ]
            .into()),
        }
    };
    (0..length).map(entry).collect()
}
