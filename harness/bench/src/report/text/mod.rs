//! The final summary: one screen for a person at a terminal, at most 44 lines of at most 80 columns.
//!
//! An invalid run says so before its first figure and after its last one. Warnings that do not fit are named.

mod latency;

use super::amount::{bytes, count, number, percent, seconds, time_us};
use super::paragraph::{hanging, shortened};
use super::{Style, audited, hiccups, offered_rate, painted, thresholds};
use bench_model::report::RunReport;
use bench_model::resources::MemoryKind;
use bench_model::slo::failed_percent;
use bench_model::warning::{Verdict, WarningText};
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

/// Lines of the whole summary.
const SCREEN_LINES: usize = 44;
/// Thresholds that are shown one by one; the rest is counted.
const THRESHOLDS: usize = 4;
/// Lines of one warning; the rest stands in the other formats.
const WARNING_LINES: usize = 3;
/// Columns of the longest bar.
const BAR_COLUMNS: f64 = 40.0;

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const GOOD: Paint = AnsiColor::Green.on_default().effects(Effects::BOLD);
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD.insert(Effects::INVERT));
const BAR: Paint = AnsiColor::Cyan.on_default();

pub(super) fn render(report: &RunReport, style: Style) -> String {
    let page = Page { report, colour: style.colour, width: style.width.clamp(60, 80) };
    let invalid = report.verdict == Verdict::Invalid;
    let head = page.head();
    let mut figures = page.figures();
    if invalid {
        figures.push(String::new());
        figures.push(page.paint(BAD, " INVALID: do not use these figures. The reasons stand above them. "));
    }
    let room = SCREEN_LINES.saturating_sub(head.len() + figures.len() + 2);
    let warnings = page.warnings(room);
    let mut lines = head;
    // What makes a run invalid is read before its figures; what asks for care, after them.
    let parts = if invalid { [warnings, figures] } else { [figures, warnings] };
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        lines.push(String::new());
        lines.extend(part);
    }
    lines.join("\n") + "\n"
}

struct Page<'a> {
    report: &'a RunReport,
    colour: bool,
    width: usize,
}

impl Page<'_> {
    fn paint(&self, paint: Paint, text: &str) -> String {
        painted(self.colour, paint, text)
    }

    fn head(&self) -> Vec<String> {
        let plan = &self.report.plan;
        let rate = offered_rate(&plan.load).map_or_else(String::new, |rate| format!(", {rate}"));
        let load = format!(
            ", {} connections{rate}, {}",
            plan.load.connections(),
            seconds(self.report.summary.duration_s)
        );
        let subject = format!("{} on {}", plan.scenario, plan.target.name());
        let mut lines: Vec<String> = if subject.chars().count() + load.chars().count() <= self.width {
            vec![self.paint(BOLD, &(subject + &load))]
        } else {
            // Which server it was is worth a line.
            let load = load.trim_start_matches(", ");
            [shortened(&subject, self.width), shortened(load, self.width)]
                .map(|line| self.paint(BOLD, &line))
                .to_vec()
        };
        lines.push(self.paint(DIM, &shortened(&format!("run {}", self.report.id), self.width)));
        lines.push(String::new());
        lines.extend(self.verdict());
        let style = Style { colour: self.colour, width: self.width };
        lines.extend(thresholds::lines(
            &self.report.thresholds,
            self.report.plan.counted(),
            THRESHOLDS,
            style,
        ));
        lines
    }

    fn verdict(&self) -> Vec<String> {
        let warnings = match self.report.warnings.len() {
            0 => String::new(),
            1 => "1 warning".to_owned(),
            several => format!("{several} warnings"),
        };
        match self.report.verdict {
            Verdict::Valid if warnings.is_empty() => vec![self.paint(GOOD, "VALID")],
            Verdict::Valid => vec![
                self.paint(GOOD, "VALID")
                    + &self.paint(DOUBTFUL, &format!(", with {warnings} below the figures")),
            ],
            Verdict::Invalid => {
                let edge = "!".repeat(self.width);
                let words = format!("!!  INVALID: do not use these figures ({warnings})");
                let room = self.width.saturating_sub(2);
                let middle = format!("{words:<room$}!!");
                [edge.clone(), middle, edge].map(|line| self.paint(BAD, &line)).to_vec()
            }
        }
    }

    fn figures(&self) -> Vec<String> {
        let mut lines = self.throughput();
        lines.push(String::new());
        lines.extend(self.resources());
        lines.push(String::new());
        lines.extend(self.latency());
        lines.push(String::new());
        lines.extend(hanging("Little's law: ", &self.littles_law(), self.width));
        if let Some(audit) = audited(self.report) {
            lines.extend(hanging("Audit: ", &audit, self.width));
        }
        lines.extend(
            hiccups(&self.report.summary).map(|words| format!("Hiccups of the generator's CPU: {words}")),
        );
        lines
    }

    fn throughput(&self) -> Vec<String> {
        let summary = &self.report.summary;
        let per_second =
            |size: u64| format!("{}/s", bytes(size as f64 / summary.duration_s.max(f64::MIN_POSITIVE)));
        let tps = self.paint(BOLD, &format!("{:>10} TPS", number(summary.tps)));
        let verified = count(summary.requests);
        let mut lines = vec![
            format!("Throughput {tps}   {verified} verified requests"),
            format!(
                "Data       {:>14}   received, {} sent",
                per_second(summary.bytes_in),
                per_second(summary.bytes_out)
            ),
        ];
        if let Some(batched) = &summary.batched {
            let rate = format!("Items      {:>10} a second", number(batched.items_per_s));
            lines.push(format!("{rate}   {} in these requests", count(batched.items)));
        }
        if let Some(offered) = &summary.offered {
            let rate = format!("Offered    {:>10} a second", number(offered.rate_per_s));
            let text = format!("{} due, {} sent", count(offered.requests), count(offered.sent));
            lines.push(format!("{rate}   {text}"));
        }
        let failed = summary.errors.total();
        if failed > 0 {
            let part = percent(failed_percent(summary) / 100.0);
            let classes = listed(summary.errors.named().into_iter());
            let number = format!("Failed     {:>10} ", count(failed));
            let failed = hanging(&number, &format!("requests ({part}): {classes}"), self.width);
            lines.extend(failed.iter().map(|line| self.paint(DOUBTFUL, line)));
        }
        if summary.refused > 0 {
            lines.push(format!(
                "Refused    {:>10} items: in CPU and data, not in throughput",
                count(summary.refused)
            ));
        }
        if summary.status.len() > 1 || failed > 0 && !summary.status.is_empty() {
            let answers = listed(summary.status.iter().map(|(status, &answers)| (status, answers)));
            lines.extend(hanging("Answers by status: ", &answers, self.width));
        }
        lines
    }

    /// Target and generator side by side.
    fn resources(&self) -> Vec<String> {
        let RunReport { summary, target, generator, .. } = self.report;
        let cpus = |us_per_request: f64| number(us_per_request * summary.tps / 1e6);
        let cpu = |us_per_request: f64| {
            if summary.requests > 0 { time_us(us_per_request).to_string() } else { "-".to_owned() }
        };
        let row = |cells: [&str; 7]| {
            let [name, cells @ ..] = cells;
            let widths = [11, 11, 13, 12, 11, 11];
            let aligned = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:>width$}"));
            let cells: String = aligned.collect();
            format!("{name:<9}{cells}").trim_end().to_owned()
        };
        let size = |value: u64| bytes(value as f64).to_string();
        let kind = target.as_ref().map(|target| match target.memory_kind {
            MemoryKind::Pss => "PSS",
            MemoryKind::Rss => "RSS",
        });
        let heads = match target {
            Some(_) => ["", "CPU/request", "CPUs busy", "peak memory", "median", "idle", "start-up"],
            None => ["", "CPU/request", "CPUs busy", "peak memory", "", "", ""],
        };
        let mut lines = vec![self.paint(DIM, &row(heads))];
        if let Some(target) = target {
            let memory = &target.memory_bytes;
            lines.push(row([
                "target",
                &cpu(target.cpu_us_per_request),
                &cpus(target.cpu_us_per_request),
                &size(memory.peak),
                &size(memory.median),
                &size(memory.idle),
                &target.startup_ms.map_or_else(String::new, |ms| time_us(ms * 1e3).to_string()),
            ]));
        }
        lines.push(row([
            "generator",
            &cpu(generator.cpu_us_per_request),
            &cpus(generator.cpu_us_per_request),
            &size(generator.rss_peak_bytes),
            "",
            "",
            "",
        ]));
        let used = percent(generator.cpu_utilisation);
        let memory = kind
            .map_or_else(String::new, |kind| format!(" Memory: {kind} of the target, RSS of the generator."));
        lines.push(self.paint(DIM, &format!("Generator: {used} of its CPUs.{memory}")));
        if let Some(command) = self.report.plan.target.started_as() {
            lines.push(self.paint(DIM, &shortened(&format!("Target: {command}"), self.width)));
        }
        lines
    }

    /// The warnings in at most `room` lines.
    fn warnings(&self, room: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, warning) in self.report.warnings.iter().enumerate() {
            let mut next = hanging("! ", &warning.message, self.width);
            if next.len() > WARNING_LINES {
                next.truncate(WARNING_LINES);
                next[WARNING_LINES - 1] = cut(&next[WARNING_LINES - 1], self.width);
            }
            let left = &self.report.warnings[index..];
            // Room is kept for the names of those that come after, unless there are none.
            let kept = if left.len() > 1 { self.named(left).len() } else { 0 };
            if lines.len() + next.len() + kept > room {
                lines.extend(self.named(left));
                break;
            }
            lines.extend(next);
        }
        lines.iter().map(|line| self.paint(DOUBTFUL, line)).collect()
    }

    fn named(&self, warnings: &[WarningText]) -> Vec<String> {
        let codes: Vec<&str> = warnings.iter().map(|warning| warning.code.as_str()).collect();
        let text = format!("and {} more (see --format markdown): {}", codes.len(), codes.join(", "));
        hanging("! ", &text, self.width)
    }
}

/// The last line of those that are shown, with word of where the rest is.
fn cut(line: &str, width: usize) -> String {
    const REST: &str = " ... (--format markdown)";
    let kept: String = line.chars().take(width - REST.len()).collect();
    let whole = kept.len() == line.len();
    // A word is shown whole or not at all, unless it fills the line.
    let words = match kept.rsplit_once(' ') {
        Some((words, _)) if !whole && !words.trim().is_empty() => words,
        _ => kept.as_str(),
    };
    format!("{}{REST}", words.trim_end())
}

/// The counts that are not zero, with their names.
fn listed<N: std::fmt::Display>(counts: impl Iterator<Item = (N, u64)>) -> String {
    let shown = counts.filter(|&(_, times)| times > 0);
    let shown: Vec<String> = shown.map(|(name, times)| format!("{name} {}", count(times))).collect();
    shown.join(", ")
}
