//! The picture: a state as rows of a terminal, of whatever size. Reads nothing but what it is given.
//!
//! From 70 columns and 20 rows on there are charts in frames, below that a row for each figure.

use super::keys::Asked;
use crate::live::moment::Percentiles;
use crate::live::state::State;
use crate::live::words::{self, Gauge};
use crate::report::paragraph::{hanging, shortened};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph, Sparkline};

/// The least size of a terminal that has room for charts, in columns and rows.
const ROOMY: (u16, u16) = (70, 20);
/// A sparkline's full height, in its own unit.
const FULL: f64 = 1000.0;

/// As wide as the narrowest terminals have room for.
const HELP: [&str; 9] = [
    "q  stop, report what was measured",
    "   (Ctrl-C too; twice: end at once)",
    "a  abort: keep nothing of this run",
    "?  this help, and away with it",
    "",
    "Figures are those of the last",
    "interval; \"so far\": of the window.",
    "Warnings may go again: the report",
    "has the last word.",
];

/// How it looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) colour: bool,
}

impl Look {
    fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    fn in_colour(self, colour: Color) -> Style {
        if self.colour { Style::new().fg(colour) } else { Style::new() }
    }
}

/// Draws the whole.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, asked: Asked, look: Look) {
    let area = frame.area();
    let width = usize::from(area.width);
    let mut head = vec![Line::styled(shortened(&title(state), width), look.bold())];
    head.extend(words::position(state).map(|position| Line::raw(shortened(&position, width))));
    head.push(Line::styled(step(state, asked, width), look.in_colour(Color::Cyan)));
    let [top, body, foot] =
        Layout::vertical([Constraint::Length(head.len() as u16), Constraint::Fill(1), Constraint::Length(1)])
            .areas(area);
    frame.render_widget(Paragraph::new(head), top);
    if area.width >= ROOMY.0 && area.height >= ROOMY.1 {
        roomy(frame, body, state, look);
    } else {
        narrow(frame, body, state, look);
    }
    frame.render_widget(Line::styled(footer(asked, width), look.dim()), foot);
    if asked.help {
        help(frame, area);
    }
}

fn title(state: &State) -> String {
    if state.setting.title.is_empty() { "bench".to_owned() } else { state.setting.title.clone() }
}

/// What is going on, with a bar where its length is known.
fn step(state: &State, asked: Asked, width: usize) -> String {
    let words = words::step(state);
    let words = if asked.stop { format!("ending: {words}") } else { words };
    let room = width.saturating_sub(words.chars().count() + 3).min(40);
    match words::part_done(state) {
        Some(part) if room >= 8 => {
            let done = (part * room as f64).round() as usize;
            format!("{words} [{}{}]", "=".repeat(done), " ".repeat(room - done))
        }
        _ => shortened(&words, width),
    }
}

fn footer(asked: Asked, width: usize) -> String {
    let (long, short) = match asked {
        Asked { whether: true, .. } => {
            ("Keep nothing of this run?  a: yes, abort   any other key: no", "Keep nothing? a: yes")
        }
        Asked { stop: true, .. } => {
            ("ending in order   a: keep nothing   Ctrl-C: end at once", "ending   Ctrl-C: at once")
        }
        _ => ("q stop and report   a abort   ? help", "q stop  a abort  ? help"),
    };
    shortened(if long.len() <= width { long } else { short }, width)
}

fn help(frame: &mut Frame<'_>, area: Rect) {
    let width = HELP.iter().map(|line| line.len()).max().unwrap_or(0) as u16 + 4;
    let (width, height) = (width.min(area.width), (HELP.len() as u16 + 2).min(area.height));
    let place =
        Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height };
    let lines: Vec<Line<'_>> = HELP.iter().map(|line| Line::raw(format!(" {line}"))).collect();
    frame.render_widget(Clear, place);
    frame.render_widget(Paragraph::new(lines).block(Block::bordered().title(" Keys ")), place);
}

/// Charts in frames.
fn roomy(frame: &mut Frame<'_>, area: Rect, state: &State, look: Look) {
    let [above, below, rest] =
        Layout::vertical([Constraint::Fill(3), Constraint::Length(4), Constraint::Fill(2)]).areas(area);
    let [left, right] = Layout::horizontal([Constraint::Fill(1); 2]).areas(above);
    let [tps, target_cpu, memory, generator_cpu, errors] = words::gauges(state);
    chart(frame, left, state, &tps, look);
    latencies(frame, right, state, look);
    let places: [Rect; 4] = Layout::horizontal([Constraint::Fill(1); 4]).areas(below);
    for (place, gauge) in places.into_iter().zip([target_cpu, memory, generator_cpu, errors]) {
        chart(frame, place, state, &gauge, look);
    }
    notes(frame, rest, state, look);
}

/// One figure in a frame.
fn chart(frame: &mut Frame<'_>, area: Rect, state: &State, gauge: &Gauge, look: Look) {
    let room = usize::from(area.width.saturating_sub(4));
    let both = format!("{} {}", gauge.title, gauge.value);
    // In a narrow frame the value takes the place of what stands beside it.
    let (title, below) = if both.chars().count() <= room {
        (both.as_str(), gauge.beside.as_str())
    } else {
        (gauge.title, gauge.value.as_str())
    };
    let mut block = Block::bordered().title(format!(" {} ", shortened(title, room)));
    if !below.is_empty() {
        block = block.title_bottom(Line::raw(format!(" {} ", shortened(below, room))).right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let colour = if gauge.key == "errors_per_s" { Color::Red } else { Color::Cyan };
    spark(frame, inner, state.series.points().iter().map(gauge.of), look.in_colour(colour));
}

/// A row for each percentile: its name, its value and how it moved.
fn latencies(frame: &mut Frame<'_>, area: Rect, state: &State, look: Look) {
    let room = usize::from(area.width.saturating_sub(4));
    let block = Block::bordered().title(format!(" {} ", shortened(state.setting.latency, room)));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = (inner.height / Percentiles::NAMES.len() as u16).max(1);
    for (index, (name, value)) in words::percentiles(state).into_iter().enumerate() {
        let y = inner.y + height * index as u16;
        if y + height > inner.bottom() {
            return;
        }
        let row = Rect { y, height, ..inner };
        let of = move |point: &crate::live::series::Point| point.latency_us.map(|us| us.values()[index]);
        figure(frame, row, (name, &value), look);
        let trace = Rect { x: row.x + FIGURE.min(row.width), width: row.width.saturating_sub(FIGURE), ..row };
        spark(frame, trace, state.series.points().iter().map(of), look.in_colour(Color::Cyan));
    }
}

/// Columns of a name and a value, with what is between them and the trace.
const FIGURE: u16 = 18;

/// A name and its value, at the foot of its rows.
fn figure(frame: &mut Frame<'_>, area: Rect, (name, value): (&str, &str), look: Look) {
    let row = Rect { y: area.bottom().saturating_sub(1), height: 1, ..area };
    let line =
        Line::from(vec![Span::styled(format!("{name:<7}"), look.dim()), Span::raw(format!("{value:>10}"))]);
    frame.render_widget(line, row);
}

/// A row for each figure, and what is doubtful below.
fn narrow(frame: &mut Frame<'_>, area: Rect, state: &State, look: Look) {
    let [tps, target_cpu, memory, generator_cpu, errors] = words::gauges(state);
    let [p50, _, p99, p99_9, _] = words::percentiles(state);
    let value = |gauge: &Gauge| gauge.value.clone();
    type Of = fn(&crate::live::series::Point) -> Option<f64>;
    let rows: [(&str, String, Of); 8] = [
        ("TPS", value(&tps).trim_end_matches(" TPS").to_owned(), tps.of),
        ("P50", p50.1, |point| Some(point.latency_us?.p50)),
        ("P99", p99.1, |point| Some(point.latency_us?.p99)),
        ("P99.9", p99_9.1, |point| Some(point.latency_us?.p99_9)),
        ("Errors", value(&errors), errors.of),
        ("CPU", value(&target_cpu), target_cpu.of),
        ("Memory", value(&memory), memory.of),
        ("Client", value(&generator_cpu), generator_cpu.of),
    ];
    // What is doubtful is worth more than the last rows.
    let kept = usize::from(area.height).saturating_sub(if state.warnings.is_empty() { 0 } else { 4 });
    let shown = rows.len().min(kept.max(1));
    for (index, (name, value, of)) in rows.into_iter().take(shown).enumerate() {
        let row = Rect { y: area.y + index as u16, height: 1, ..area };
        if row.y >= area.bottom() {
            return;
        }
        figure(frame, row, (name, &value), look);
        let trace = Rect { x: row.x + FIGURE.min(row.width), width: row.width.saturating_sub(FIGURE), ..row };
        spark(frame, trace, state.series.points().iter().map(of), look.in_colour(Color::Cyan));
    }
    let used = (shown as u16).min(area.height);
    notes(frame, Rect { y: area.y + used, height: area.height - used, ..area }, state, look);
}

/// The newest points that fit, the last one at the right edge; the highest fills the height.
fn spark(frame: &mut Frame<'_>, area: Rect, values: impl Iterator<Item = Option<f64>>, style: Style) {
    let all: Vec<Option<f64>> = values.collect();
    let fit = usize::from(area.width);
    let newest = &all[all.len().saturating_sub(fit)..];
    let most = newest.iter().flatten().copied().fold(f64::MIN_POSITIVE, f64::max);
    let bars: Vec<u64> =
        newest.iter().map(|value| (value.unwrap_or(0.0) / most * FULL).round() as u64).collect();
    let used = (bars.len() as u16).min(area.width);
    let place = Rect { x: area.right() - used, width: used, ..area };
    frame.render_widget(Sparkline::default().data(bars).max(FULL as u64).style(style), place);
}

/// What is doubtful, and below it the newest of what was said.
fn notes(frame: &mut Frame<'_>, area: Rect, state: &State, look: Look) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let mut lines: Vec<Line<'_>> = Vec::new();
    let room = if state.lines.is_empty() { height } else { height.div_ceil(2) };
    let mut is_cut = false;
    for warning in &state.warnings {
        let colour = if warning.invalidates { Color::Red } else { Color::Yellow };
        let mark = if warning.invalidates { "invalid: " } else { "warning: " };
        let wrapped = hanging(mark, &warning.message, width);
        if lines.len() + wrapped.len().min(2) > room {
            is_cut = true;
            break;
        }
        let left = room - lines.len();
        lines.extend(wrapped.into_iter().take(left).map(|line| Line::styled(line, look.in_colour(colour))));
    }
    if is_cut && room > 0 {
        lines.truncate(room - 1);
        lines.push(Line::raw("and more warnings"));
    }
    let left = height - lines.len();
    let newest = state.lines.iter().skip(state.lines.len().saturating_sub(left));
    lines.extend(newest.map(|line| Line::styled(shortened(line, width), look.dim())));
    frame.render_widget(Paragraph::new(lines), area);
}
