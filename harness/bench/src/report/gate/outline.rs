//! The outline of a gate's report: which sections there are, in which order.

use super::GateSource;
use super::cautions::cautions;
use super::words::{HEADS, cells, headline, measured, side, sureness, verdict};
use crate::charts::Chart;
use crate::report::comparison::{constraints, outline, sureness as blocks};
use crate::report::document::{Cell, Document, Part, Section, Table};
use crate::report::thresholds;
use bench_model::gate::{Finding, Verdict};

pub(super) fn document(source: &GateSource<'_>, charts: &[Chart]) -> Document {
    let mut sections = vec![Section::new("Verdict", verdict_parts(source))];
    sections.push(Section::new("Figures", vec![Part::Table(figures(source))]));
    let counted = source.compared.plan.counted();
    sections.extend(thresholds::section(&source.judged.others, counted, None));
    sections.extend([
        Section::new("How sure it is", sure(source)),
        outline::charts_section(charts),
        constraints::held_equal(&source.compared),
        constraints::environment(&source.compared),
        repeat(source),
        outline::glossary(&source.compared),
    ]);
    Document { title: source.title(), lead: lead(source), sections }
}

/// What was run, and of what.
fn lead(source: &GateSource<'_>) -> Vec<Part> {
    let judged = source.judged;
    let sides = [("Base", &judged.base), ("Candidate", &judged.candidate)];
    let sides = sides.map(|(name, of)| (name.to_owned(), side(of)));
    vec![Part::Paragraph(format!("{}.", measured(source))), Part::Terms(sides.to_vec())]
}

fn verdict_parts(source: &GateSource<'_>) -> Vec<Part> {
    let judged = source.judged;
    let sentence = format!("{}: {}.", verdict(judged.verdict), headline(source));
    let verdict = match judged.verdict {
        Verdict::Invalid => Part::Invalid(sentence),
        Verdict::Passed | Verdict::Failed | Verdict::Inconclusive => Part::Verdict(sentence),
    };
    judged.alarms.iter().cloned().map(Part::Alarm).chain([verdict]).collect()
}

fn figures(source: &GateSource<'_>) -> Table {
    let row = |(index, finding): (usize, &Finding)| {
        let [metric, base, candidate, rest @ .., outcome] = cells(source, finding);
        let median = |text: String, value: Option<f64>, side: &str| match value {
            Some(value) => Cell::number(text).valued(value).at(format!("/thresholds/{index}/{side}_median")),
            None => Cell::number(text),
        };
        let mut row = vec![
            Cell::text(metric),
            median(base, finding.base_median, "base"),
            median(candidate, finding.candidate_median, "candidate"),
        ];
        row.extend(rest.map(Cell::number));
        row.push(Cell::text(outcome));
        row
    };
    Table {
        caption: "Medians over the blocks; the change is estimated from the blocks' own ratios".to_owned(),
        heads: HEADS.map(str::to_owned).to_vec(),
        rows: source.judged.findings.iter().enumerate().map(row).collect(),
    }
}

fn sure(source: &GateSource<'_>) -> Vec<Part> {
    let mut parts = vec![Part::Paragraph(blocks::blocks(&source.compared))];
    parts.push(Part::Paragraph(sureness(source).join(" ")));
    let cautions = cautions(source);
    if !cautions.is_empty() {
        parts.push(Part::List(cautions));
    }
    parts
}

fn repeat(source: &GateSource<'_>) -> Section {
    let seed = source.compared.plan.seed;
    let words = format!(
        "In a checkout of the candidate's code this gates it again, in the same order (seed {seed}); the figures will differ by as \
         much as the intervals say."
    );
    Section::new("How to repeat it", vec![Part::Paragraph(words), Part::Command(source.repeat.to_owned())])
}
