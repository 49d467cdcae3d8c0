//! The decision report's outline: which sections there are, in which order.

use super::document::{Cell, ChartPart, Document, Part, Section, Table};
use super::quantity::{NONE, figure};
use super::words::{GLOSSARY, ITEM, SWEEP_THREAT, THREATS, counted, list, load_threat, warm_up_threat};
use super::{ClaimRow, ComparisonSource, constraints, figures, sureness, sweep, verdict};
use crate::charts::Chart;
use crate::report::thresholds;
use bench_model::metric::{Counted, Metric};

/// The section of the charts.
pub(super) const CHARTS: &str = "Charts";

pub(super) fn document(source: &ComparisonSource<'_>, charts: &[Chart]) -> Document {
    let title = match (source.questions().first(), source.plan.sweep()) {
        (_, Some(sweep)) => format!("Sweep: {} at {sweep}", list(&source.plan.targets())),
        (None, None) => format!("Comparison: {} alone", source.base()),
        (Some(question), None) => {
            let labels: Vec<&str> = question.asked.iter().map(|asked| asked.entrant.label.as_str()).collect();
            format!("Comparison: {} against {}", list(&labels), question.whom)
        }
    };
    let mut sections = vec![verdict_section(source)];
    let method = thresholds::method(source.plan.confidence);
    let outcomes = &source.comparison.thresholds;
    sections.extend(thresholds::section(outcomes, source.plan.counted(), Some(method)));
    sections.extend([
        figures_section(source),
        charts_section(charts),
        sureness::section(source),
        constraints::held_equal(source),
        constraints::environment(source),
        validity(source),
        threats(source),
    ]);
    if !source.claims.is_empty() {
        sections.push(claims(source));
    }
    sections.push(repeat(source));
    sections.push(glossary(source));
    Document { title, lead: lead(source), sections }
}

/// The question, and under which constraints it is answered.
fn lead(source: &ComparisonSource<'_>) -> Vec<Part> {
    let machine = &source.plan.machine;
    let question = &source.plan.question;
    let constraints = format!(
        "Scenario {}, on {} with {}. {}",
        constraints::load(source),
        machine.cpu,
        super::words::counted(machine.cpus, "CPU"),
        sureness::blocks(source)
    );
    let mut parts = Vec::new();
    if !question.is_empty() {
        parts.push(Part::Paragraph(format!("The question: {question}")));
    }
    parts.push(Part::Paragraph(constraints));
    parts
}

fn verdict_section(source: &ComparisonSource<'_>) -> Section {
    let mut parts: Vec<Part> = verdict::alarms(source).into_iter().map(Part::Alarm).collect();
    parts.push(Part::Verdict(verdict::headline(source)));
    let asked = source.questions().into_iter().flat_map(|question| question.asked);
    let each: Vec<String> =
        asked.map(|asked| verdict::sentences(source, asked)).filter(|text| !text.is_empty()).collect();
    if !each.is_empty() && source.comparison.blocks.used > 0 {
        parts.push(Part::List(each));
    }
    Section::new("Verdict", parts)
}

fn figures_section(source: &ComparisonSource<'_>) -> Section {
    let mut parts = vec![Part::Sortable(figures::overview(source))];
    // The rows of a sweep's tables are targets, those of the others metrics.
    let (ratios, all, part): (_, _, fn(Table) -> Part) = match source.plan.sweep() {
        Some(_) => (vec![sweep::ratios(source)], sweep::all(source), Part::Sortable),
        None => {
            let questions = source.questions();
            let ratios = questions.iter().map(|question| figures::ratios(source, question));
            (ratios.collect(), figures::all(source), Part::Table)
        }
    };
    parts.extend(ratios.into_iter().filter(|table| !table.rows.is_empty()).map(part));
    if !all.rows.is_empty() {
        parts.push(part(all));
        parts.push(Part::Paragraph(
            "The interval of a figure is that of the target alone, with all that drifted between blocks in it. Two \
             that overlap say nothing of the ratio, which is taken within each block."
                .to_owned(),
        ));
    }
    Section::new("Figures", parts)
}

pub(in crate::report) fn charts_section(charts: &[Chart]) -> Section {
    let part = |chart: &Chart| Part::Chart(ChartPart::of(chart));
    let parts = if charts.is_empty() {
        vec![Part::Paragraph("There is nothing to draw.".to_owned())]
    } else {
        charts.iter().map(part).collect()
    };
    Section::new(CHARTS, parts)
}

fn validity(source: &ComparisonSource<'_>) -> Section {
    let advice = [verdict::alarms(source), verdict::cautions(source)].concat();
    let part = if advice.is_empty() {
        Part::Paragraph(
            "No run carries a warning, and nothing speaks against the comparison itself.".to_owned(),
        )
    } else {
        Part::List(advice)
    };
    Section::new("Validity", vec![part])
}

fn threats(source: &ComparisonSource<'_>) -> Section {
    let plan = source.plan.entrants.first().map(|entrant| &entrant.plan);
    let load = plan.map(|plan| load_threat(&plan.load).to_owned());
    let warm_up = plan.map(|plan| warm_up_threat(plan.warmup));
    let swept = source.plan.sweep().map(|_| SWEEP_THREAT.to_owned());
    let items = THREATS.iter().map(|&threat| threat.to_owned()).chain(load).chain(swept).chain(warm_up);
    Section::new("What this does not show", vec![Part::List(items.collect())])
}

fn claims(source: &ComparisonSource<'_>) -> Section {
    let measured = |claim: &ClaimRow| {
        let figures = source.figures(claim.entrant.as_deref()?)?;
        let shown = [(Metric::Tps, " TPS"), (Metric::P99, " P99"), (Metric::MemoryPeak, " peak memory")];
        let each = shown
            .iter()
            .filter_map(|&(metric, name)| Some(figure(metric, figures.values.get(&metric)?.median) + name));
        let each = each.collect::<Vec<_>>().join(", ");
        // A claim stands beside what was measured under this comparison's load, whatever its own was.
        let plan = source.plan.entrants.iter().find(|entrant| Some(&entrant.label) == claim.entrant.as_ref());
        let load = plan.map(|entrant| {
            let (connections, cpus) = (entrant.plan.load.connections(), entrant.plan.target_cpus.len());
            format!(" at {} on {}", counted(connections, "connection"), counted(cpus, "CPU"))
        });
        Some(each + &load.unwrap_or_default()).filter(|_| !figures.values.is_empty())
    };
    let row = |claim: &ClaimRow| {
        vec![
            Cell::text(&claim.label),
            Cell::text(&claim.claimed),
            Cell::text(measured(claim).unwrap_or_else(|| NONE.to_owned())),
            Cell::text(&claim.finding),
            Cell::text(&claim.source),
        ]
    };
    let table = Table {
        caption: "Figures published elsewhere, beside those measured here".to_owned(),
        heads: ["Claimed of", "Claim", "Measured here", "Audit", "Source"].map(str::to_owned).to_vec(),
        rows: source.claims.iter().map(row).collect(),
    };
    let note = "Other machines give other figures; what can be checked without them is whether a claim agrees with \
        itself (Little's law: TPS x mean latency = requests in flight).";
    Section::new("Claims", vec![Part::Table(table), Part::Paragraph(note.to_owned())])
}

fn repeat(source: &ComparisonSource<'_>) -> Section {
    let words = format!(
        "This command runs it again, in the same order (seed {}); the figures will differ by as much as the \
         intervals say.",
        source.plan.seed
    );
    Section::new("How to repeat it", vec![Part::Paragraph(words), Part::Command(source.repeat.to_owned())])
}

pub(in crate::report) fn glossary(source: &ComparisonSource<'_>) -> Section {
    let item = (source.plan.counted() == Counted::Items).then_some(&ITEM);
    let terms =
        item.into_iter().chain(GLOSSARY).map(|&(term, meaning)| (term.to_owned(), meaning.to_owned()));
    Section::new("Glossary", vec![Part::Terms(terms.collect())])
}
