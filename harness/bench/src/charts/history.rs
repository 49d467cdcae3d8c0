//! The picture of a history: a panel for each metric, a dot for each run, the median between change points as a line, and an
//! upright line at each change point.

use super::axis::{Axis, Tick};
use super::comparison::unit;
use super::look::{BLUE, Mark, ORANGE, Stroke, VERMILION, stroke};
use super::measure::Measure;
use super::picture::{Line, Panel, Picture, Role, date, highest, lowest};
use super::{ChartError, file};
use crate::report::history::words;
use bench_model::history::{Group, RULES, Series};
use bench_model::metric::Metric;
use std::path::{Path, PathBuf};

/// The name of the files.
const NAME: &str = "history";

/// Logical pixels of a panel with its legend, and of what stands above and below all of them.
const PANEL: u32 = 170;
const AROUND: u32 = 126;

/// Dates below the runs, at most.
const MOST_DATES: usize = 8;

const RUNS: Stroke = stroke(BLUE, None, Mark::Circle);
const LEVEL: Stroke = stroke(ORANGE, None, Mark::None);
const CHANGE: Stroke = stroke(VERMILION, Some((5.0, 3.0)), Mark::None);

/// Draws the chart of a group into `folder`, which must exist, and gives the files' paths.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn draw(group: &Group, folder: &Path) -> Result<[PathBuf; 2], ChartError> {
    file::write(folder, NAME, &picture(group))
}

fn picture(group: &Group) -> Picture {
    let setting = &group.setting;
    let measured = group.series.iter().filter(|series| series.runs > 0);
    let mut panels: Vec<Panel> = measured.map(|series| panel(group, series)).collect();
    // The legend is the same for all panels, and stands where each of its lines is there for the first time.
    let mut told: Vec<String> = Vec::new();
    for line in panels.iter_mut().flat_map(|panel| &mut panel.lines) {
        if told.contains(&line.name) {
            line.name.clear();
        } else {
            told.push(line.name.clone());
        }
    }
    let panels_or_none = panels.len().max(1) as u32;
    let ends = [group.points.first(), group.points.last()]
        .map(|point| point.map_or_else(String::new, |point| date(&point.started_at)));
    Picture {
        title: format!("History of {} on {}", setting.plan.scenario, setting.target),
        subject: format!("{} connections, {} to {}", setting.plan.load.connections(), ends[0], ends[1]),
        alarm: None,
        footer: format!(
            "No axis begins at zero. Change points: E-divisive means, level {} each. {}",
            RULES.level, setting.machine.cpu
        ),
        height: AROUND + PANEL * panels_or_none,
        x: runs(group),
        shade: None,
        panels,
    }
}

/// The runs in their order, one beside the other, with the dates of some.
fn runs(group: &Group) -> Axis {
    let every = group.points.len().div_ceil(MOST_DATES).max(1);
    let dated = group.points.iter().enumerate().step_by(every);
    let day = |started_at: &str| started_at.get(..10).unwrap_or(started_at).to_owned();
    Axis {
        title: "Runs, the oldest first".to_owned(),
        low: -0.5,
        high: group.points.len() as f64 - 0.5,
        logarithmic: false,
        ticks: dated.map(|(at, point)| Tick { at: at as f64, label: day(&point.started_at) }).collect(),
        measure: Measure::Number,
        choice: false,
    }
}

fn panel(group: &Group, series: &Series) -> Panel {
    let metric = series.metric;
    let values: Vec<(usize, f64)> = group
        .points
        .iter()
        .enumerate()
        .filter_map(|(at, point)| Some((at, *point.values.get(&metric)?)))
        .collect();
    let counted = group.setting.plan.counted();
    let (unit, size) = unit((metric, counted), values.iter().map(|(_, value)| *value).fold(0.0, f64::max));
    // A gap on either side leaves a dot alone, without a line to its neighbours.
    let dots = values.iter().flat_map(|&(at, value)| [Some((at as f64, value / size)), None]);
    let mut lines = vec![Line::new("run", RUNS, dots.collect())];
    let title = match metric {
        Metric::Tps => metric.title_of(counted).to_owned(),
        _ => format!("{} ({unit})", metric.title_of(counted)),
    };
    let y = Axis::around(title, lowest(&lines), highest(&lines));
    lines.insert(0, levels(group, series, size));
    let upright = series.changes.iter().flat_map(|change| {
        let at = change.at as f64 - 0.5;
        [Some((at, y.low)), Some((at, y.high)), None]
    });
    let upright: Vec<_> = upright.collect();
    if !upright.is_empty() {
        lines.insert(0, Line::new("change point", CHANGE, upright).playing(Role::Upright));
    }
    Panel { y, lines, labels: Vec::new(), empty: "no run has it" }
}

/// The medians between change points, each reaching half a run beyond its first and its last.
fn levels(group: &Group, series: &Series, size: f64) -> Line {
    let levels = series.levels(&group.points);
    let mut points = Vec::new();
    for level in levels.chunk_by(|(before, _), (after, _)| {
        !series.changes.iter().any(|change| (before + 1..=*after).contains(&change.at))
    }) {
        if let (Some((first, value)), Some((last, _))) = (level.first(), level.last()) {
            let ends = [*first as f64 - 0.4, *last as f64 + 0.4];
            points.extend(ends.map(|at| Some((at, value / size))));
            points.push(None);
        }
    }
    Line::new(words::LEVEL, LEVEL, points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::canvas;
    use crate::charts::file::{bitmap_of, svg_of};
    use crate::report::history::fixture;

    #[test]
    fn it_names_what_it_shows() {
        let history = fixture::stepped();
        let svg = svg_of(&picture(&history.groups[0])).expect("the chart is drawn");
        for word in [
            "History of json-echo on rust",
            "1000 connections",
            "TPS",
            "P99 latency (ms)",
            "change point",
            "run",
        ] {
            assert!(svg.contains(word), "{word}");
        }
        assert_eq!(svg.matches(words::LEVEL).count(), 1, "the legend stands once");
    }

    #[test]
    fn all_are_drawn_without_panic() {
        for (name, history) in fixture::cases() {
            for group in &history.groups {
                let svg = svg_of(&picture(group)).expect("the chart is drawn");
                assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{name}");
                let small = canvas::Medium { scale: 1, ..canvas::BITMAP };
                assert!(bitmap_of(&picture(group), small).is_ok(), "{name}");
            }
        }
    }

    #[test]
    #[ignore = "writes the charts of every fixture into the folder that CHARTS names, for people to look at"]
    fn look() {
        let folder = std::env::var_os("CHARTS").expect("CHARTS names a folder");
        for (name, history) in fixture::cases() {
            let folder = Path::new(&folder).join(format!("history-{name}"));
            std::fs::create_dir_all(&folder).expect("a folder");
            history.groups.iter().for_each(|group| _ = draw(group, &folder).expect("the chart is drawn"));
        }
    }
}
