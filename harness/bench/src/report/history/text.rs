//! What the terminal shows of a history: of each group the changes first, then every run in a line, the changes marked where
//! they are, in at most 80 columns.

use super::{HistorySource, words};
use crate::report::paragraph::{hanging, joined, shortened};
use crate::report::{Style, painted};
use bench_model::history::{Change, Direction, Group, Point};
use bench_model::metric::Metric;
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const BETTER: Paint = AnsiColor::Green.on_default();
const WORSE: Paint = AnsiColor::Red.on_default();
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();

/// Columns of what stands before the figures, and of a figure.
const COMMIT: usize = 9;
const FIGURE: usize = 12;

pub(super) fn render(source: &HistorySource<'_>, style: Style) -> String {
    let page = Page { colour: style.colour, width: style.width.clamp(40, 80) };
    let mut parts = Vec::new();
    let (several, alone): (Vec<&Group>, Vec<&Group>) =
        source.history.groups.iter().partition(|group| group.points.len() > 1);
    for group in several {
        parts.push(page.head(group));
        parts.push(page.table(group, &source.history.metrics));
        parts.push(page.left_out(group));
    }
    parts.push(page.alone(&alone));
    parts.push(page.foot(source));
    joined(parts)
}

struct Page {
    colour: bool,
    width: usize,
}

impl Page {
    fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.colour, paint, text)
    }

    fn all(&self, paint: Paint, lines: &[String]) -> Vec<String> {
        lines.iter().map(|line| self.paint(paint, line)).collect()
    }

    fn head(&self, group: &Group) -> Vec<String> {
        let mut lines = self.all(BOLD, &hanging("", &words::load(&group.setting), self.width));
        lines.extend(self.all(DIM, &hanging("", &words::place(group), self.width)));
        if let Some(nothing) = words::nothing(group) {
            lines.extend(hanging("", &nothing, self.width));
        }
        lines
    }

    fn table(&self, group: &Group, metrics: &[Metric]) -> Vec<String> {
        let cells = |cell: &dyn Fn(Metric) -> String| -> String {
            metrics
                .iter()
                .map(|&metric| format!("{:>FIGURE$}", shortened(&cell(metric), FIGURE - 1)))
                .collect()
        };
        let head = format!("{:<16}  {:<COMMIT$}{}", "started (UTC)", "commit", cells(&|metric| head(metric)));
        let mut lines = vec![self.paint(DIM, head.trim_end())];
        for (at, point) in group.points.iter().enumerate() {
            for (metric, change) in group.changes_at(at) {
                lines.extend(self.change(group, metric, change));
            }
            let figures = cells(&|metric| words::value(point, metric));
            let line = format!(
                "{:<16}  {:<COMMIT$}{figures}{}",
                words::started(&point.started_at),
                words::revision(point),
                blocks(point)
            );
            lines.push(line.trim_end().to_owned());
            if let Some(warned) = words::warned(point) {
                lines.extend(self.all(DOUBTFUL, &hanging("   ! ", &warned, self.width)));
            }
        }
        lines
    }

    /// The mark that stands before the first run after a change.
    fn change(&self, group: &Group, metric: Metric, change: &Change) -> Vec<String> {
        let paint = match change.direction {
            Direction::Better => BETTER,
            Direction::Worse => WORSE,
            Direction::Spread => DOUBTFUL,
        };
        let mut text = format!(
            "{}: {}, {}, {} ({})",
            metric.title_of(group.setting.plan.counted()),
            words::from_to(metric, change),
            words::by(change),
            words::direction(change),
            words::p(change)
        );
        if let Some(meanwhile) = words::meanwhile(group, change) {
            text += &format!("; {meanwhile}");
        }
        self.all(paint, &hanging("=> ", &text, self.width))
    }

    fn left_out(&self, group: &Group) -> Vec<String> {
        if group.left_out.is_empty() {
            return Vec::new();
        }
        let mut lines = vec!["Left out, and in no figure here:".to_owned()];
        for left in &group.left_out {
            lines.extend(self.all(DOUBTFUL, &hanging("! ", &words::left_out(left), self.width)));
        }
        lines
    }

    /// Groups that there is nothing to compare in.
    fn alone(&self, groups: &[&Group]) -> Vec<String> {
        let mut lines = Vec::new();
        for group in groups {
            let left = match group.left_out.len() {
                0 => String::new(),
                left => format!(", {left} left out"),
            };
            let text = format!("{}: {}{left}", words::load(&group.setting), words::place(group));
            lines.extend(hanging("- ", &text, self.width));
        }
        if !lines.is_empty() {
            let head = "Nothing to compare with, under the same plan on the same machine:";
            lines.splice(0..0, hanging("", head, self.width));
        }
        lines
    }

    fn foot(&self, source: &HistorySource<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(unreadable) = words::unreadable(source.unreadable) {
            lines.extend(self.all(DOUBTFUL, &hanging("! ", &unreadable, self.width)));
        }
        lines.extend(self.all(DIM, &hanging("", &words::method(), self.width)));
        lines
    }
}

/// What the figures of a comparison are medians of.
fn blocks(point: &Point) -> String {
    point.blocks.map_or_else(String::new, |blocks| format!(" x{blocks}"))
}

/// A head that fits over its column.
fn head(metric: Metric) -> String {
    match metric {
        Metric::CpuPerRequest => "CPU/request".to_owned(),
        Metric::MemoryIdle => "idle memory".to_owned(),
        Metric::MemoryMedian => "memory".to_owned(),
        Metric::MemoryPeak => "peak memory".to_owned(),
        Metric::StartUp => "start-up".to_owned(),
        Metric::ArtefactSize => "artefact".to_owned(),
        Metric::P50 => "P50".to_owned(),
        Metric::P99 => "P99".to_owned(),
        Metric::P999 => "P99.9".to_owned(),
        Metric::Tps => "TPS".to_owned(),
    }
}
