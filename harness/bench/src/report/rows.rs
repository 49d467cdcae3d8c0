//! The rows of a run's tables in words, the same for every document; each cell with the number that it rounds.

use super::amount::{bytes, count, latency_us, number, percent, seconds, time_us};
use super::document::Cell;
use super::timeline::Timeline;
use super::{audited, command, hiccups, offered_rate};
use bench_model::interval::Phase;
use bench_model::report::{RunReport, TargetFigures};
use bench_model::resources::MemoryKind;
use bench_model::slo::failed_percent;
use bench_model::summary::{LatencyFigures, Summary};

/// What a row is about, and its value.
pub(super) type Row = (&'static str, Cell);

/// The figures of the measured window.
pub(super) fn figures(report: &RunReport) -> Vec<Row> {
    let summary = &report.summary;
    let window = seconds(summary.duration_s);
    let offered = summary.offered.as_ref().map(|offered| {
        format!(
            "{}; {} due, {} sent, {} of them after a wait for a free connection",
            offered_rate(&report.plan.load).unwrap_or_default(),
            count(offered.requests),
            count(offered.sent),
            count(offered.queued)
        )
    });
    let law = match &summary.service_time_us {
        Some(service) => ("TPS x mean service time (Little's law)", service.mean),
        None => ("TPS x mean latency (Little's law)", summary.latency_us.mean),
    };
    let verified = format!("{} in {window}", count(summary.requests));
    let in_flight =
        format!("{} on {} connections", number(summary.in_flight_mean), report.plan.load.connections());
    let mut rows = vec![
        (
            "Throughput",
            Cell::number(format!("{} TPS", number(summary.tps))).valued(summary.tps).at("/summary/tps"),
        ),
        ("Verified requests", Cell::number(verified).valued(summary.requests as f64).at("/summary/requests")),
        ("Failed requests", Cell::number(failed(report))),
        (
            "Refused items",
            Cell::number(count(summary.refused)).valued(summary.refused as f64).at("/summary/refused"),
        ),
        (
            "Answers by status",
            Cell::number(listed(summary.status.iter().map(|(status, &times)| (status, times)))),
        ),
        (
            "Requests in flight, mean",
            Cell::number(in_flight).valued(summary.in_flight_mean).at("/summary/in_flight_mean"),
        ),
        (law.0, Cell::number(format!("{} requests in flight", number(summary.tps * law.1 / 1e6)))),
        (
            "Received, sent",
            Cell::number(format!("{}, {}", bytes(summary.bytes_in as f64), bytes(summary.bytes_out as f64))),
        ),
    ];
    rows.extend(audited(report).map(|audit| ("Audit", Cell::number(audit))));
    rows.extend(hiccups(summary).map(|words| ("Hiccups of the generator's CPU", Cell::number(words))));
    rows.retain(|(name, _)| *name != "Refused items" || summary.refused > 0);
    let batched = summary.batched.as_ref().map(|batched| {
        let items = format!("{} a second, {}", number(batched.items_per_s), count(batched.items));
        (
            "Items of these requests",
            Cell::number(items).valued(batched.items_per_s).at("/summary/batched/items_per_s"),
        )
    });
    rows.splice(1..1, offered.map(|offered| ("Offered", Cell::number(offered))));
    rows.splice(1..1, batched);
    rows
}

fn failed(report: &RunReport) -> String {
    let errors = &report.summary.errors;
    let total = errors.total();
    if total == 0 {
        return "none".to_owned();
    }
    let part = percent(failed_percent(&report.summary) / 100.0);
    format!("{} ({part}): {}", count(total), listed(errors.named().into_iter()))
}

fn listed<N: std::fmt::Display>(counts: impl Iterator<Item = (N, u64)>) -> String {
    let shown = counts.filter(|&(_, times)| times > 0);
    let shown: Vec<String> = shown.map(|(name, times)| format!("{name}: {}", count(times))).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// The latencies from the shortest to the longest, and what they are on average; none where no request was verified.
pub(super) fn latency(summary: &Summary) -> Vec<Row> {
    let figures = &summary.latency_us;
    if figures.max <= 0.0 {
        return Vec::new();
    }
    let one = |name: &'static str, field: &str, value_us: f64| {
        (name, time(value_us).at(format!("/summary/latency_us/{field}")))
    };
    let mut rows = vec![one("Min", "min", figures.min)];
    rows.extend(percentiles(figures, "/summary/latency_us", |name, value_us| {
        latency_us(figures, name, value_us).to_string()
    }));
    rows.push(one("Mean", "mean", figures.mean));
    rows.push(one("Standard deviation", "stdev", figures.stdev));
    rows
}

/// What latencies under an open load are made of: each part by its name, with its percentiles.
pub(super) fn parts_of_latency(summary: &Summary) -> Vec<(&'static str, Vec<Row>)> {
    let parts = [
        ("Service time, from send to complete answer", &summary.service_time_us, "/summary/service_time_us"),
        ("Schedule lag, from due time to send", &summary.schedule_lag_us, "/summary/schedule_lag_us"),
    ];
    let rows = |(title, figures, at): (&'static str, &Option<LatencyFigures>, &str)| {
        Some((title, percentiles(figures.as_ref()?, at, |_, value_us| time_us(value_us).to_string())))
    };
    parts.into_iter().filter_map(rows).collect()
}

fn percentiles(figures: &LatencyFigures, at: &str, words: impl Fn(&str, f64) -> String) -> Vec<Row> {
    let row = |(name, value_us): (&'static str, f64)| {
        let field = name.to_lowercase().replace('.', "_");
        (name, Cell::number(words(name, value_us)).valued(value_us).at(format!("{at}/{field}")))
    };
    figures.named().into_iter().map(row).collect()
}

fn time(value_us: f64) -> Cell {
    Cell::number(time_us(value_us).to_string()).valued(value_us)
}

fn size(value_bytes: u64, kind: &str) -> Cell {
    Cell::number(format!("{} {kind}", bytes(value_bytes as f64))).valued(value_bytes as f64)
}

/// What the target and the generator used.
pub(super) fn resources(report: &RunReport) -> Vec<(&'static str, [Cell; 2])> {
    let generator = &report.generator;
    let target = report.target.as_ref();
    let of =
        |figure: &dyn Fn(&TargetFigures) -> Cell| target.map_or_else(|| Cell::number("not sampled"), figure);
    let cpus = |us_per_request: f64| number(us_per_request * report.summary.tps / 1e6);
    let kind = match target.map(|target| target.memory_kind) {
        Some(MemoryKind::Rss) => "RSS",
        _ => "PSS",
    };
    let busy = format!(
        "{} ({} of those it had)",
        cpus(generator.cpu_us_per_request),
        percent(generator.cpu_utilisation)
    );
    let started = |target: &TargetFigures| match target.startup_ms {
        None => Cell::number("not started by bench"),
        Some(ms) => Cell::number(time_us(ms * 1e3).to_string()).valued(ms).at("/target/startup_ms"),
    };
    let nothing = || Cell::number("");
    vec![
        (
            "CPU per request",
            [
                of(&|target| time(target.cpu_us_per_request).at("/target/cpu_us_per_request")),
                time(generator.cpu_us_per_request).at("/generator/cpu_us_per_request"),
            ],
        ),
        ("CPUs busy", [of(&|target| Cell::number(cpus(target.cpu_us_per_request))), Cell::number(busy)]),
        (
            "Memory, peak",
            [
                of(&|target| size(target.memory_bytes.peak, kind).at("/target/memory_bytes/peak")),
                size(generator.rss_peak_bytes, "RSS").at("/generator/rss_peak_bytes"),
            ],
        ),
        (
            "Memory, median under load",
            [
                of(&|target| size(target.memory_bytes.median, kind).at("/target/memory_bytes/median")),
                nothing(),
            ],
        ),
        (
            "Memory, idle",
            [of(&|target| size(target.memory_bytes.idle, kind).at("/target/memory_bytes/idle")), nothing()],
        ),
        ("Start-up", [of(&started), nothing()]),
    ]
}

/// What someone needs who wants to repeat the run.
pub(super) fn method(report: &RunReport, timeline: &Timeline) -> Vec<(&'static str, String)> {
    let machine = &report.machine;
    let warm_up = timeline
        .points
        .iter()
        .filter(|point| point.phase == Phase::WarmUp)
        .map(|point| point.duration_s)
        .sum::<f64>();
    let cpus = |cpus: &[usize]| {
        if cpus.is_empty() { "not set by bench".to_owned() } else { command::list(cpus) }
    };
    let unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    vec![
        ("Run", report.id.clone()),
        ("Began", timeline.started_at.clone()),
        (
            "Target started as",
            report.plan.target.started_as().unwrap_or_else(|| "not started by bench".to_owned()),
        ),
        ("Warm-up, not counted", seconds(warm_up).to_string()),
        ("CPUs of the target", cpus(&report.plan.target_cpus)),
        ("CPUs of the generator", cpus(&report.plan.generator_cpus)),
        ("CPU", format!("{}, {} online", machine.cpu, machine.cpus)),
        ("Memory", bytes(machine.memory_bytes as f64).to_string()),
        ("System", format!("{}, kernel {}, {}", machine.os, machine.kernel, machine.architecture)),
        (
            "Governor, clock source",
            format!("{}, {}", unknown(&machine.governor), unknown(&machine.clock_source)),
        ),
        ("bench", machine.bench_version.clone()),
    ]
}
