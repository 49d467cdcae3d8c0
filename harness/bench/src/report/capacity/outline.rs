//! The outline of a search's page: which sections there are, in which order.

use super::CapacitySource;
use super::words::{self, part};
use crate::charts::Chart;
use crate::report::amount::{bytes, number, percent};
use crate::report::document::{Cell, ChartPart, Document, Part, Section, Table};
use bench_model::capacity::{AtFraction, Finding, Level, METRICS};
use bench_model::metric::Metric;
use bench_model::slo::Statistic;

pub(super) fn document(source: &CapacitySource<'_>, charts: &[Chart]) -> Document {
    let plan = source.plan;
    let labels: Vec<&str> = plan.targets.iter().map(|target| target.label.as_str()).collect();
    let mut sections = vec![Section::new("Capacity", capacity(source))];
    let charts: Vec<Part> = charts.iter().map(|chart| Part::Chart(ChartPart::of(chart))).collect();
    if !charts.is_empty() {
        sections.push(Section::new("Charts", charts));
    }
    let targets = source.found.targets.iter().enumerate();
    sections.extend(targets.map(|(index, finding)| {
        let title = format!("Levels of {}", finding.label);
        Section::new(title, levels(source, (index, finding)))
    }));
    if plan.compares() {
        sections.push(Section::new("At fractions of each one's own capacity", fractions(source)));
    }
    sections.push(Section::new("Method", vec![Part::Paragraph(machine(source))]));
    sections.push(Section::new("How to repeat it", vec![Part::Command(source.repeat.to_owned())]));
    Document {
        title: format!("Capacity of {} under {}", labels.join(", "), plan.slo),
        lead: vec![Part::Paragraph(format!("{}; begun {}.", words::load(plan), plan.started_at))],
        sections,
    }
}

/// One line a target: what is read if nothing else is, and how far it may be believed.
fn capacity(source: &CapacitySource<'_>) -> Vec<Part> {
    let findings = || source.found.targets.iter();
    let verdicts = findings()
        .map(|finding| Part::Verdict(format!("Capacity of {}: {}", finding.label, words::capacity(finding))));
    let row = |(index, finding): (usize, &Finding)| {
        let rate = |text: String, value: Option<f64>, field: &str| match value {
            Some(value) => Cell::number(text).valued(value).at(format!("/targets/{index}/{field}")),
            None => Cell::number(text),
        };
        let ceiling =
            finding.ceiling_per_s.map_or_else(|| "-".to_owned(), |rate| format!("{}/s", number(rate)));
        vec![
            Cell::text(&finding.label),
            rate(words::capacity(finding), finding.capacity_per_s, "capacity_per_s"),
            rate(ceiling, finding.ceiling_per_s, "ceiling_per_s"),
        ]
    };
    let table = Table {
        caption: format!("The highest rates that hold {}", source.plan.slo),
        heads: ["Target", "Capacity", "Does not hold"].map(str::to_owned).to_vec(),
        rows: findings().enumerate().map(row).collect(),
    };
    verdicts.chain([Part::Sortable(table)]).collect()
}

fn levels(source: &CapacitySource<'_>, (index, finding): (usize, &Finding)) -> Vec<Part> {
    let mut parts = vec![Part::Paragraph(words::sentences(source.plan, finding).join(" "))];
    let notes = finding.notes.iter().map(|note| format!("{}: {}", note.code(), note.message()));
    let notes: Vec<String> = notes.chain(words::repeated(finding)).collect();
    parts.extend((!notes.is_empty()).then_some(Part::List(notes)));
    if finding.levels.is_empty() {
        parts.push(Part::Paragraph("No level was measured.".to_owned()));
        return parts;
    }
    let statistic = words::statistic(&source.plan.slo);
    let heads = ["Level", "Rate/s", "TPS", "P50", statistic.title(), "Failed", "CPUs busy", "Verdict"]
        .map(str::to_owned);
    let at = |level: usize| format!("/targets/{index}/levels/{level}");
    let rows = finding.levels.iter().enumerate();
    parts.push(Part::Sortable(Table {
        caption: format!("The levels of {}, in the order in which they ran", finding.label),
        heads: heads.to_vec(),
        rows: rows.map(|(number, level)| row(level, statistic, &at(number))).collect(),
    }));
    parts
}

fn row(level: &Level, statistic: Statistic, at: &str) -> Vec<Cell> {
    let figures = &level.figures;
    let figure =
        |text: String, value: f64, field: &str| Cell::number(text).valued(value).at(format!("{at}/{field}"));
    let latency = |statistic: Statistic| {
        let text = words::latency(&figures.latency_us, statistic);
        Cell::number(text).valued(statistic.of_us(&figures.latency_us))
    };
    vec![
        Cell::text(level.number.to_string()).valued(level.number as f64),
        figure(number(level.rate_per_s), level.rate_per_s, "rate_per_s"),
        figure(number(figures.tps), figures.tps, "figures/tps"),
        latency(Statistic::P50),
        latency(statistic),
        figure(percent(figures.failed_percent / 100.0), figures.failed_percent, "figures/failed_percent"),
        match figures.target_cpus_busy {
            Some(busy) => figure(format!("{busy:.2}"), busy, "figures/target_cpus_busy"),
            None => Cell::number("-"),
        },
        Cell::text(words::verdict(level)),
    ]
}

fn fractions(source: &CapacitySource<'_>) -> Vec<Part> {
    let (plan, found) = (source.plan, &source.found.fractions);
    if found.is_empty() {
        return vec![Part::Paragraph(
            "The targets were not run at fractions of their capacities.".to_owned(),
        )];
    }
    let row = |at: &AtFraction| {
        let cells = METRICS.into_iter().map(|metric| {
            let value = at.values.get(&metric).map(|spread| spread.median);
            Cell { value, ..Cell::number(words::cell(at, metric)) }
        });
        let first = [
            Cell::text(&at.label),
            Cell::number(part(at.fraction)).valued(at.fraction),
            Cell::number(number(at.rate_per_s)).valued(at.rate_per_s),
        ];
        first.into_iter().chain(cells).collect()
    };
    let heads = ["Target", "At", "Rate/s"].into_iter().chain(METRICS.map(Metric::title));
    let table = Table {
        caption: format!("Median of {} runs, and their range", plan.fraction_runs),
        heads: heads.map(str::to_owned).collect(),
        rows: found.iter().map(row).collect(),
    };
    let doubts: Vec<String> = found.iter().filter_map(|at| words::doubts(plan.fraction_runs, at)).collect();
    let mut parts = vec![Part::Sortable(table)];
    parts.extend((!doubts.is_empty()).then_some(Part::List(doubts)));
    parts.push(Part::Paragraph(words::NO_VERDICT.to_owned()));
    parts
}

/// What someone needs who wants to repeat it.
pub(super) fn machine(source: &CapacitySource<'_>) -> String {
    let machine = &source.plan.machine;
    format!(
        "{}, {} CPUs, {}; {}, kernel {}; bench {}; search {}",
        machine.cpu,
        machine.cpus,
        bytes(machine.memory_bytes as f64),
        machine.os,
        machine.kernel,
        machine.bench_version,
        source.plan.id
    )
}
