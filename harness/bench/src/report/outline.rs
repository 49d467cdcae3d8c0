//! The outline of a run's page: which sections there are, in which order.

use super::amount::seconds;
use super::comparison::words::GLOSSARY;
use super::document::{Cell, ChartPart, Document, Part, Section, Table};
use super::timeline::Timeline;
use super::{command, latency_title, offered_rate, own_metrics, rows, thresholds};
use crate::charts::Chart;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;

/// The words of a run's page that not everyone knows.
const TERMS: [&str; 5] = ["TPS", "P99", "CPU per request", "PSS", "Start-up"];

pub(super) fn document(report: &RunReport, timeline: &Timeline, charts: &[Chart]) -> Document {
    let plan = &report.plan;
    let rate = offered_rate(&plan.load).map_or_else(String::new, |rate| format!(", {rate}"));
    let lead = format!(
        "{} connections{rate}, {} measured, on {} with {} CPUs; begun {}.",
        plan.load.connections(),
        seconds(report.summary.duration_s),
        report.machine.cpu,
        report.machine.cpus,
        timeline.started_at
    );
    let mut sections = vec![Section::new("Verdict", verdict(report))];
    sections.extend(thresholds::section(&report.thresholds, plan.counted(), None));
    sections.extend([
        Section::new("Figures", vec![values("The measured window", "Figure", rows::figures(report))]),
        Section::new("Latency", latency(report)),
        Section::new("Resources", vec![resources(report)]),
    ]);
    sections.extend(own_metrics(report, timeline));
    sections
        .push(Section::new("Charts", charts.iter().map(|chart| Part::Chart(ChartPart::of(chart))).collect()));
    sections.push(Section::new("Method", vec![method(report, timeline)]));
    sections.push(Section::new("How to repeat it", vec![Part::Command(command::repeating(plan))]));
    let terms = GLOSSARY.iter().filter(|(term, _)| TERMS.contains(term));
    let terms = terms.map(|&(term, meaning)| (term.to_owned(), meaning.to_owned())).collect();
    sections.push(Section::new("Glossary", vec![Part::Terms(terms)]));
    let title = format!("{} on {}", plan.scenario, plan.target.name());
    Document { title, lead: vec![Part::Paragraph(lead)], sections }
}

fn verdict(report: &RunReport) -> Vec<Part> {
    let verdict = match (report.verdict, report.warnings.len()) {
        (Verdict::Valid, 0) => Part::Verdict("Valid, without a warning.".to_owned()),
        (Verdict::Valid, _) => Part::Verdict("Valid, with care:".to_owned()),
        (Verdict::Invalid, _) => {
            Part::Invalid("Do not use the figures below. What is wrong, and what to do:".to_owned())
        }
    };
    let warning =
        |warning: &bench_model::warning::WarningText| format!("{}: {}", warning.code, warning.message);
    let warnings: Vec<String> = report.warnings.iter().map(warning).collect();
    let list = (!warnings.is_empty()).then_some(Part::List(warnings));
    std::iter::once(verdict).chain(list).collect()
}

fn latency(report: &RunReport) -> Vec<Part> {
    let title = latency_title(&report.plan.load);
    let rows = rows::latency(&report.summary);
    if rows.is_empty() {
        return vec![Part::Paragraph(format!(
            "{title}: none, since no request was verified in the measured window."
        ))];
    }
    let parts = std::iter::once((title, rows)).chain(rows::parts_of_latency(&report.summary));
    parts.map(|(title, rows)| values(title, "Percentile", rows)).collect()
}

/// A table of names and values.
fn values(caption: &str, head: &str, rows: Vec<rows::Row>) -> Part {
    Part::Table(Table {
        caption: caption.to_owned(),
        heads: [head, "Value"].map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(|(name, cell)| vec![Cell::text(name), cell]).collect(),
    })
}

fn resources(report: &RunReport) -> Part {
    let row = |(name, [target, generator]): (&str, [Cell; 2])| vec![Cell::text(name), target, generator];
    Part::Table(Table {
        caption: "What the target and the generator used".to_owned(),
        heads: ["Used", "Target", "Generator"].map(str::to_owned).to_vec(),
        rows: rows::resources(report).into_iter().map(row).collect(),
    })
}

fn own_metrics(report: &RunReport, timeline: &Timeline) -> Option<Section> {
    let rows = own_metrics::rows(report);
    if rows.is_empty() {
        return None;
    }
    let row = |(name, [median, max]): (&str, [Cell; 2])| vec![Cell::text(name), median, max];
    let table = Table {
        caption: "What the target says of itself, over the measured window".to_owned(),
        heads: ["Metric", "Median", "Max"].map(str::to_owned).to_vec(),
        rows: rows.into_iter().map(row).collect(),
    };
    let note = own_metrics::few_readings(report, timeline).map(Part::Paragraph);
    Some(Section::new("The target's own metrics", std::iter::once(Part::Table(table)).chain(note).collect()))
}

fn method(report: &RunReport, timeline: &Timeline) -> Part {
    let rows = rows::method(report, timeline).into_iter();
    Part::Table(Table {
        caption: "How and where it was measured".to_owned(),
        heads: ["Method", "Value"].map(str::to_owned).to_vec(),
        rows: rows.map(|(name, text)| vec![Cell::text(name), Cell::text(text)]).collect(),
    })
}
