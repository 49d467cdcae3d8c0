//! What the terminal shows of a gate, in at most 80 columns: the verdict, the table, and how sure it is.

use super::cautions::cautions;
use super::words::{HEADS, cells, headline, measured, side, sureness, verdict};
use super::{GateSource, Style};
use crate::report::paragraph::{hanging, joined, shortened};
use crate::report::{painted, thresholds};
use bench_model::gate::Verdict;
use bench_model::threshold::State;
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const GOOD: Paint = AnsiColor::Green.on_default().effects(Effects::BOLD);
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();

/// Columns of the table, but for the last.
const WIDTHS: [usize; 6] = [15, 9, 9, 6, 16, 6];

pub(super) fn render(source: &GateSource<'_>, style: Style) -> String {
    let page = Page { source, colour: style.colour, width: style.width.clamp(60, 80) };
    let others = thresholds::lines(
        &source.judged.others,
        source.compared.plan.counted(),
        usize::MAX,
        Style { width: page.width, ..style },
    );
    joined([page.verdict(), page.head(), page.table(), others, page.sureness(), page.foot()])
}

struct Page<'a> {
    source: &'a GateSource<'a>,
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

    /// One sentence, and what forbids believing it as far as one would like to.
    fn verdict(&self) -> Vec<String> {
        let found = self.source.judged.verdict;
        let paint = match found {
            Verdict::Passed => GOOD,
            Verdict::Failed | Verdict::Invalid => BAD,
            Verdict::Inconclusive => DOUBTFUL,
        };
        let sentence = format!("{}: {}", verdict(found), headline(self.source));
        let mut lines = self.painted(paint, &hanging("", &sentence, self.width));
        for alarm in &self.source.judged.alarms {
            lines.extend(self.painted(BAD, &hanging("! ", alarm, self.width)));
        }
        lines
    }

    fn head(&self) -> Vec<String> {
        let mut lines = vec![shortened(&measured(self.source), self.width)];
        lines.extend(hanging("base       ", &side(&self.source.judged.base), self.width));
        lines.extend(hanging("candidate  ", &side(&self.source.judged.candidate), self.width));
        // Whoever copies the id needs all of it, however long the line is.
        lines.push(self.paint(DIM, &format!("comparison {}", self.source.compared.plan.id)));
        lines
    }

    fn table(&self) -> Vec<String> {
        let mut lines = vec![self.paint(DIM, &row(&HEADS.map(str::to_owned)))];
        for finding in &self.source.judged.findings {
            let cells = cells(self.source, finding);
            let paint = match finding.outcome.state {
                State::Held => GOOD,
                State::Failed | State::NotEvaluated { .. } => BAD,
                State::Inconclusive { .. } => DOUBTFUL,
            };
            let line = row(&cells);
            let outcome = &cells[cells.len() - 1];
            let before = line.strip_suffix(outcome.as_str()).unwrap_or(&line);
            lines.push(format!("{before}{}", self.paint(paint, outcome)));
        }
        lines
    }

    fn sureness(&self) -> Vec<String> {
        let mut lines = hanging("", &sureness(self.source).join(" "), self.width);
        for caution in cautions(self.source) {
            lines.extend(self.painted(DOUBTFUL, &hanging("! ", &caution, self.width)));
        }
        lines
    }

    fn foot(&self) -> Vec<String> {
        self.source.files.iter().map(|file| format!("Report: {file}")).collect()
    }
}

/// The first cell to the left, numbers to the right, the outcome after them. A cell that is too long takes its room from the next.
fn row(cells: &[String; 7]) -> String {
    let mut line = format!("{:<1$}", cells[0], WIDTHS[0]);
    let mut end = WIDTHS[0];
    for (cell, width) in cells[1..6].iter().zip(&WIDTHS[1..]) {
        end += 1 + width;
        let room = end.saturating_sub(line.chars().count() + 1);
        line += &format!(" {cell:>room$}");
    }
    line + " " + &cells[6]
}
