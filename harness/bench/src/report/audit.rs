//! An audit of published figures, for people and for programs. Renders only: the verdict is the model's.

use super::amount::{number, seconds, time_us};
use super::paragraph::{hanging, shortened};
use bench_model::audit::{Audit, AuditVerdict, Figures};
use bench_model::claim::Claim;
use serde::Serialize;
use std::time::Duration;

/// Columns of the text.
const WIDTH: usize = 80;
/// What the JSON says that it is.
const SCHEMA: &str = "bench-audit/1";

/// Figures and what their audit came to.
pub(crate) struct Audited {
    /// Whose figures they are; absent for those of the command line.
    pub(crate) claim: Option<Claim>,
    pub(crate) figures: Figures,
    pub(crate) audit: Audit,
}

impl Audited {
    pub(crate) fn of_claim(claim: Claim) -> Self {
        Self { figures: claim.figures(), audit: claim.audit(), claim: Some(claim) }
    }

    pub(crate) fn of_figures(figures: Figures) -> Self {
        Self { claim: None, audit: figures.audit(), figures }
    }

    fn label(&self) -> &str {
        self.claim.as_ref().map_or("These figures", |claim| &claim.label)
    }
}

/// The verdict on all: contradictory if one is, and unchecked only if all are.
pub(crate) fn verdict_on(all: &[Audited]) -> AuditVerdict {
    let is = |verdict| all.iter().any(|one| one.audit.verdict == verdict);
    [AuditVerdict::Contradictory, AuditVerdict::Consistent]
        .into_iter()
        .find(|&verdict| is(verdict))
        .unwrap_or(AuditVerdict::Unchecked)
}

/// The audit in words, then its arithmetic, in lines of at most 80 columns.
pub(crate) fn text(all: &[Audited]) -> String {
    let mut lines = Vec::new();
    for one in all {
        lines.extend(words(one));
        lines.push(String::new());
    }
    match all {
        [one] => lines.extend(arithmetic(one)),
        _ => lines.extend(table(all)),
    }
    lines.join("\n") + "\n"
}

fn words(one: &Audited) -> Vec<String> {
    let label = one.label();
    let verdict = match one.audit.verdict {
        AuditVerdict::Contradictory => "CONTRADICTORY: they do not fit together",
        AuditVerdict::Consistent => "CONSISTENT: they fit together, which does not make them true",
        AuditVerdict::Unchecked => {
            "UNCHECKED: too little is given; it takes a rate, connections, and a P50, a P99 or a mean"
        }
    };
    let mut lines = hanging("", &format!("{label}: {verdict}"), WIDTH);
    for finding in &one.audit.findings {
        lines.extend(hanging("  ! ", &finding.message(), WIDTH));
    }
    let origin = one.claim.iter().flat_map(|claim| {
        [Some(&claim.source), claim.machine.as_ref(), claim.generator.as_ref()].into_iter().flatten()
    });
    let origin: Vec<&str> = origin.map(String::as_str).collect();
    if !origin.is_empty() {
        lines.extend(hanging("  ", &format!("Source: {}", origin.join("; ")), WIDTH));
    }
    lines
}

/// Each figure with its formula, so that it can be done again by hand.
fn arithmetic(one: &Audited) -> Vec<String> {
    let Audited { figures, audit, .. } = one;
    let of_p50 = |with: &'static str, without: &'static str| {
        if figures.p50.is_some() { with } else { without }
    };
    let rows = [
        ("mean, all connections busy", "connections / TPS", audit.implied_mean_us.map(us)),
        ("mean, as given", "", figures.mean.map(length)),
        ("P50, as given", "", figures.p50.map(length)),
        ("P99, as given", "", figures.p99.map(length)),
        (
            "slowest 1%, mean at least",
            of_p50("(mean - 0.5 P50 - 0.49 P99) / 0.01", "(mean - 0.99 P99) / 0.01"),
            audit.slowest_us.map(us),
        ),
        (
            "in flight within the P99",
            of_p50("TPS x (P50 + P99) / 2", "TPS x P99"),
            in_flight(one).map(number),
        ),
    ];
    let rows = rows.into_iter().filter_map(|(name, formula, value)| Some((name, formula, value?)));
    let mut lines = vec!["Little's law: requests in flight = TPS x mean latency".to_owned()];
    lines.extend(rows.map(|(name, formula, value)| format!("  {name:<28}{formula:<35}{value:>10}")));
    lines
}

/// The most in flight within the P99, where it says anything: not all connections.
fn in_flight(one: &Audited) -> Option<f64> {
    let connections = one.figures.connections? as f64;
    one.audit.in_flight_within_p99.filter(|&in_flight| in_flight < connections)
}

fn table(all: &[Audited]) -> Vec<String> {
    let row = |cells: [&str; 8]| {
        let [label, cells @ ..] = cells;
        let aligned =
            cells.iter().zip([6, 7, 9, 9, 9, 10, 14]).map(|(cell, width)| format!("{cell:>width$}"));
        let label = shortened(&label.replace(char::is_control, " "), 16);
        format!("{label:<16}{}", aligned.collect::<String>())
    };
    let some = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    let mut lines = vec![row(["", "conns", "TPS", "P99", "mean", "worst 1%", "in flight", "verdict"])];
    for one in all {
        let Audited { figures, audit, .. } = one;
        lines.push(row([
            one.label(),
            &some(figures.connections.map(|connections| connections.to_string())),
            &some(figures.tps.map(|tps| if tps < 1e6 { format!("{tps:.0}") } else { number(tps) })),
            &some(figures.p99.map(length)),
            &some(audit.implied_mean_us.map(us)),
            &some(audit.slowest_us.map(us)),
            &some(in_flight(one).map(number)),
            name(audit.verdict),
        ]));
    }
    let key = "mean = connections / TPS (Little's law); worst 1% = (mean - 0.99 P99) / 0.01, the least that the slowest \
        hundredth took on average; in flight = TPS x P99, the most if none took longer than the P99. A P50 sharpens the \
        last two.";
    lines.push(String::new());
    lines.extend(hanging("", key, WIDTH));
    lines
}

fn name(verdict: AuditVerdict) -> &'static str {
    match verdict {
        AuditVerdict::Contradictory => "contradictory",
        AuditVerdict::Consistent => "consistent",
        AuditVerdict::Unchecked => "unchecked",
    }
}

fn us(value: f64) -> String {
    time_us(value).to_string()
}

fn length(duration: Duration) -> String {
    seconds(duration.as_secs_f64()).to_string()
}

/// The JSON's top.
#[derive(Serialize)]
struct Page<'a> {
    schema: &'static str,
    verdict: AuditVerdict,
    scenario: Option<&'a str>,
    audits: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    label: Option<&'a str>,
    target: Option<&'a str>,
    source: Option<&'a str>,
    machine: Option<&'a str>,
    generator: Option<&'a str>,
    connections: Option<u64>,
    tps: Option<f64>,
    latency_us: Latency,
    memory_bytes: Option<u64>,
    verdict: AuditVerdict,
    implied_mean_us: Option<f64>,
    slowest_hundredth_us: Option<f64>,
    in_flight_within_p99: Option<f64>,
    findings: Vec<FindingText>,
}

#[derive(Serialize)]
struct Latency {
    mean: Option<f64>,
    p50: Option<f64>,
    p99: Option<f64>,
}

#[derive(Serialize)]
struct FindingText {
    code: &'static str,
    contradicts: bool,
    message: String,
}

/// The audit as one JSON object; what was not given or could not be computed is null.
pub(crate) fn json(scenario: Option<&str>, all: &[Audited]) -> String {
    let audits = all.iter().map(json_row).collect();
    let page = Page { schema: SCHEMA, verdict: verdict_on(all), scenario, audits };
    serde_json::to_string_pretty(&page).expect("an audit has only string keys") + "\n"
}

fn json_row(one: &Audited) -> Row<'_> {
    let Audited { claim, figures, audit } = one;
    let claim = claim.as_ref();
    // To the nanosecond, as a duration holds it.
    let us = |given: Option<Duration>| given.map(|duration| duration.as_nanos() as f64 / 1e3);
    Row {
        label: claim.map(|claim| claim.label.as_str()),
        target: claim.map(|claim| claim.target.as_str()),
        source: claim.map(|claim| claim.source.as_str()),
        machine: claim.and_then(|claim| claim.machine.as_deref()),
        generator: claim.and_then(|claim| claim.generator.as_deref()),
        connections: figures.connections,
        tps: figures.tps,
        latency_us: Latency { mean: us(figures.mean), p50: us(figures.p50), p99: us(figures.p99) },
        memory_bytes: claim.and_then(|claim| claim.memory_bytes),
        verdict: audit.verdict,
        implied_mean_us: audit.implied_mean_us,
        slowest_hundredth_us: audit.slowest_us,
        in_flight_within_p99: audit.in_flight_within_p99,
        findings: audit
            .findings
            .iter()
            .map(|finding| FindingText {
                code: finding.code(),
                contradicts: finding.contradicts(),
                message: finding.message(),
            })
            .collect(),
    }
}
