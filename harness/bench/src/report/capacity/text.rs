//! What the terminal shows at the end of a search: the capacity with its uncertainty first, then the levels that bear it
//! out, in at most 80 columns.

use super::CapacitySource;
use super::words::{self, part};
use crate::report::amount::{number, percent};
use crate::report::paragraph::{hanging, joined, shortened};
use crate::report::{Style, painted};
use bench_model::capacity::{Answer, AtFraction, Ending, Finding, Level, METRICS};
use bench_model::slo::Statistic;
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const GOOD: Paint = AnsiColor::Green.on_default().effects(Effects::BOLD);
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();

/// Fractions that stand side by side.
const ABREAST: usize = 2;
/// Columns of a label; a longer one is cut.
const LABEL_COLUMNS: usize = 14;

pub(super) fn render(source: &CapacitySource<'_>, style: Style) -> String {
    let page = Page { source, colour: style.colour, width: style.width.clamp(60, 80) };
    let mut parts = vec![page.head()];
    for finding in &source.found.targets {
        parts.push(page.capacity(finding));
        parts.push(page.levels(finding));
    }
    parts.push(page.fractions());
    parts.push(page.foot());
    joined(parts)
}

struct Page<'a> {
    source: &'a CapacitySource<'a>,
    colour: bool,
    width: usize,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.colour, paint, text)
    }

    fn painted(&self, paint: Paint, lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| self.paint(paint, line)).collect()
    }

    fn head(&self) -> Vec<String> {
        let plan = self.source.plan;
        // Whoever copies the id needs all of it, however long the line is.
        vec![
            self.paint(BOLD, &shortened(&words::load(plan), self.width)),
            self.paint(DIM, &format!("capacity {}", plan.id)),
        ]
    }

    /// What is read if nothing else is, and how far it may be believed.
    fn capacity(&self, finding: &Finding) -> Vec<String> {
        let slo = &self.source.plan.slo;
        let found = words::is_found(finding);
        let title = format!("Capacity of {} under {slo}: ", shortened(&finding.label, 30));
        let shown = words::capacity(finding);
        let paint = if found { GOOD } else { BAD };
        let mut lines = match title.chars().count() + shown.chars().count() <= self.width {
            true => vec![self.paint(BOLD, &title) + &self.paint(paint, &shown)],
            false => {
                let mut lines = self.painted(BOLD, &hanging("", &title, self.width));
                lines.push(format!("  {}", self.paint(paint, &shown)));
                lines
            }
        };
        let text = words::sentences(self.source.plan, finding).join(" ");
        lines.extend(hanging("", &text, self.width));
        if let Some(repeated) = words::repeated(finding) {
            lines.extend(hanging("", &repeated, self.width));
        }
        for note in &finding.notes {
            lines.extend(self.painted(DOUBTFUL, &hanging("! ", &note.message(), self.width)));
        }
        lines
    }

    fn levels(&self, finding: &Finding) -> Vec<String> {
        if finding.levels.is_empty() {
            return Vec::new();
        }
        let statistic = words::statistic(&self.source.plan.slo);
        let row = |cells: [&str; 6], verdict: &str| {
            let widths = [8, 9, 10, 11, 8, 6];
            let cells: String =
                cells.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
            format!("{cells}  {verdict}")
        };
        let heads = ["rate/s", "TPS", "P50", statistic.title(), "failed", "CPUs"];
        let mut lines = vec![self.paint(DIM, &row(heads, "verdict"))];
        for level in &finding.levels {
            let figures = &level.figures;
            let cells = [
                number(level.rate_per_s),
                number(figures.tps),
                words::latency(&figures.latency_us, Statistic::P50),
                words::latency(&figures.latency_us, statistic),
                percent(figures.failed_percent / 100.0),
                figures.target_cpus_busy.map_or_else(|| "-".to_owned(), |busy| format!("{busy:.2}")),
            ];
            let plain = row(cells.each_ref().map(String::as_str), "");
            let room = self.width.saturating_sub(plain.chars().count());
            let verdict = shortened(&words::short_verdict(level), room);
            lines.push(plain + &self.verdict(finding, level, &verdict));
        }
        lines
    }

    fn verdict(&self, finding: &Finding, level: &Level, text: &str) -> String {
        let paint = match level.judgement.answer {
            Answer::Holds if finding.capacity_per_s == Some(level.rate_per_s) => GOOD,
            Answer::Holds => return text.to_owned(),
            Answer::Breaks => BAD,
            Answer::GeneratorLimit | Answer::NoVerdict => DOUBTFUL,
        };
        self.paint(paint, text)
    }

    /// The targets side by side, two fractions abreast.
    fn fractions(&self) -> Vec<String> {
        let (plan, found) = (self.source.plan, &self.source.found.fractions);
        if !plan.compares() {
            return Vec::new();
        }
        if found.is_empty() {
            return hanging("", "The targets were not run at fractions of their capacities.", self.width);
        }
        let runs = plan.fraction_runs;
        let title = format!("At fractions of each one's own capacity: median of {runs} runs [their range]");
        let mut lines = vec![self.paint(BOLD, &title)];
        for fractions in plan.fractions.chunks(ABREAST) {
            lines.extend(self.abreast(fractions));
        }
        for doubts in found.iter().filter_map(|at| words::doubts(runs, at)) {
            lines.extend(self.painted(DOUBTFUL, &hanging("! ", &doubts, self.width)));
        }
        lines.extend(hanging("", words::NO_VERDICT, self.width));
        lines
    }

    fn abreast(&self, fractions: &[f64]) -> Vec<String> {
        let columns = (self.width - LABEL_COLUMNS - 2) / ABREAST;
        let row = |head: &str, cells: Vec<String>| {
            // A blank stays between two cells, however long they are.
            let cells = cells.iter().map(|cell| format!("{:<columns$}", shortened(cell, columns - 1)));
            let cells: String = cells.collect();
            let line = format!("{:<1$}{cells}", shortened(head, LABEL_COLUMNS + 1), LABEL_COLUMNS + 2);
            line.trim_end().to_owned()
        };
        let heads = fractions.iter().map(|fraction| format!("at {}", part(*fraction)));
        let mut lines = vec![self.paint(DIM, &row("", heads.collect()))];
        let over_targets = |title: &str, cell: &dyn Fn(&AtFraction) -> String| {
            let mut rows = vec![title.to_owned()];
            for target in &self.source.plan.targets {
                let of_target = |fraction: &f64| {
                    let mut found = self.source.found.fractions.iter();
                    found.find(|at| at.label == target.label && at.fraction == *fraction)
                };
                let cells =
                    fractions.iter().map(|fraction| of_target(fraction).map_or_else(|| "-".to_owned(), cell));
                rows.push(row(&format!("  {}", target.label), cells.collect()));
            }
            rows
        };
        lines.extend(over_targets("Rate", &|at| format!("{}/s", number(at.rate_per_s))));
        for metric in METRICS {
            lines.extend(over_targets(metric.title(), &|at| words::cell(at, metric)));
        }
        lines
    }

    fn foot(&self) -> Vec<String> {
        let named = |file: &String| {
            let what = if file.ends_with(".html") { "Report" } else { "Chart" };
            format!("{what}: {file}")
        };
        let mut lines: Vec<String> = self.source.files.iter().map(named).collect();
        let unfinished = self.source.found.targets.iter().any(|found| found.ending == Ending::Unfinished);
        let again = if unfinished { "To make it anew" } else { "To repeat it" };
        lines.push(format!("{again}: {}", self.source.repeat));
        lines
    }
}
