//! What a swept parameter does to each target: figures over its values, panel by panel.

use super::figures::{measure, unit};
use super::{footer, subject};
use crate::charts::axis::{Axis, Tick};
use crate::charts::chart::{Chart, Drawing, Tabled};
use crate::charts::look::{ENTRANTS, Mark, Stroke};
use crate::charts::measure::Measure;
use crate::charts::picture::{Line, Panel, Picture, Role, highest, lowest};
use crate::report::comparison::ComparisonSource;
use crate::report::comparison::quantity::figure;
use crate::report::comparison::words::list;
use bench_model::comparison::Estimate;
use bench_model::metric::{Counted, Metric};
use bench_model::sweep::{Setting, Sweep};

/// From top to bottom.
const METRICS: [Metric; 3] = [Metric::Tps, Metric::P99, Metric::CpuPerRequest];

/// Above this ratio of the largest to the smallest, equal distances are equal ratios.
const LOGARITHMIC_FROM: f64 = 10.0;

/// Logical pixels of a panel with its legend, and of what stands above and below all of them.
const PANEL: u32 = 200;
const AROUND: u32 = 126;

/// Half the width of a whisker's end, as a part of the axis.
const WHISKER: f64 = 0.005;
/// How far apart the targets stand at a value, so that no whisker hides another, and all of them together at most.
const APART: f64 = 2.4 * WHISKER;
const APART_IN_ALL: f64 = 0.06;

/// A target over the values at which the metric was measured, from left to right.
struct Course<'a> {
    target: &'a str,
    stroke: Stroke,
    /// How far beside its values it stands, as a part of the axis.
    shift: f64,
    points: Vec<(Setting, &'a Estimate)>,
}

/// A line for each target through the medians of its blocks; nothing without a sweep.
pub(super) fn chart(source: &ComparisonSource<'_>) -> Option<Chart> {
    let sweep = source.plan.sweep()?;
    let (x, counted) = (values(&sweep), source.plan.counted());
    let measured = METRICS.map(|metric| (metric, courses(source, metric)));
    let measured: Vec<_> = measured.into_iter().filter(|(_, courses)| !courses.is_empty()).collect();
    if measured.is_empty() {
        return None;
    }
    let titles: Vec<&str> = measured.iter().map(|(metric, _)| source.title(*metric)).collect();
    let words: Vec<String> =
        measured.iter().map(|(metric, courses)| described((*metric, counted), courses)).collect();
    let picture = |apart: f64| {
        let mut told: Vec<&str> = Vec::new();
        let panels = measured
            .iter()
            .map(|(metric, courses)| panel((*metric, counted), courses, &x, (apart, &mut told)));
        let panels: Vec<Panel> = panels.collect();
        Drawing::Picture(Picture {
            title: format!("Sweep of {}: {}", sweep.first().name(), list(&titles)),
            subject: subject(source),
            alarm: None,
            footer: format!(
                "Marks: medians of the blocks. Whiskers: their range. Targets stand apart. {}",
                footer(source)
            ),
            height: AROUND + PANEL * panels.len() as u32,
            x: x.clone(),
            shade: None,
            panels,
        })
    };
    Some(Chart {
        name: "comparison-sweep".to_owned(),
        caption: format!(
            "{} of each target at {sweep}: median of the blocks, and their range",
            list(&titles)
        ),
        description: words.join("; "),
        drawing: picture(1.0),
        // Whoever can ask for a value's figures needs no distance between targets, and wants all of them at once.
        live: Some(picture(0.0)),
        table: Tabled::Live,
    })
}

/// The values on an axis, with room beside the outermost, and a tick at each.
fn values(sweep: &Sweep) -> Axis {
    const ROOM: f64 = 0.04;
    let mut places: Vec<f64> = sweep.settings().iter().map(|setting| setting.value()).collect();
    places.sort_by(f64::total_cmp);
    let (first, last) = (places[0], places[places.len() - 1]);
    let logarithmic = last > first * LOGARITHMIC_FROM;
    let (low, high) = if logarithmic {
        let room = (last / first).powf(ROOM);
        (first / room, last * room)
    } else {
        let room = (last - first) * ROOM;
        (first - room, last + room)
    };
    let title = sweep.first().title();
    Axis {
        title: if logarithmic { format!("{title}, log scale") } else { title.to_owned() },
        low,
        high,
        logarithmic,
        ticks: places.into_iter().map(|at| Tick { at, label: at.to_string() }).collect(),
        measure: Measure::Number,
        choice: false,
    }
}

fn courses<'a>(source: &ComparisonSource<'a>, metric: Metric) -> Vec<Course<'a>> {
    let targets = source.plan.targets();
    let last = (targets.len() - 1) as f64;
    let apart = APART.min(APART_IN_ALL / last.max(1.0));
    let of = |(index, (&target, stroke)): (usize, (&&'a str, Stroke))| {
        let its = source.plan.entrants.iter().filter(|entrant| entrant.target() == target);
        let mut points: Vec<(Setting, &Estimate)> = its
            .filter_map(|entrant| {
                Some((entrant.setting?, source.figures(&entrant.label)?.values.get(&metric)?))
            })
            .collect();
        points.sort_by(|(one, _), (other, _)| one.value().total_cmp(&other.value()));
        let shift = apart * (index as f64 - last / 2.0);
        (!points.is_empty()).then_some(Course { target, stroke, shift, points })
    };
    targets.iter().zip(ENTRANTS.into_iter().cycle()).enumerate().filter_map(of).collect()
}

/// A panel of lines and whiskers. A target has its name at the first line that it has in any panel: the legend is the same
/// for all. How far targets stand apart is a part of what they ask for.
fn panel<'a>(
    (metric, counted): (Metric, Counted),
    courses: &[Course<'a>],
    x: &Axis,
    (apart, told): (f64, &mut Vec<&'a str>),
) -> Panel {
    let most = courses.iter().flat_map(|course| &course.points).flat_map(|(_, estimate)| &estimate.values);
    let (unit, size) = unit((metric, counted), most.copied().fold(0.0, f64::max));
    let mut lines = Vec::new();
    for Course { target, stroke, shift, points } in courses {
        let is_new = !told.contains(target);
        told.extend(is_new.then_some(*target));
        let name = if is_new { (*target).to_owned() } else { String::new() };
        let places =
            || points.iter().map(|(setting, estimate)| (beside(x, setting.value(), shift * apart), estimate));
        let medians = places().map(|(at, estimate)| Some((at, estimate.median / size)));
        let line = Line::new(name, *stroke, medians.collect()).of(*target);
        let bare = Stroke { dash: None, mark: Mark::None, ..*stroke };
        let ranges = places().flat_map(|(at, estimate)| whisker(x, at, estimate, size));
        // The marks are painted over the whiskers.
        let ranges = Line::new("", bare, ranges.collect()).of(*target).playing(Role::Outline);
        lines.extend([ranges, line]);
    }
    let (low, high) = (lowest(&lines), highest(&lines));
    let title = if metric == Metric::Tps {
        metric.title_of(counted).to_owned()
    } else {
        format!("{} ({unit})", metric.title_of(counted))
    };
    let y = if high > low * LOGARITHMIC_FROM {
        Axis::logarithmic(title + ", log", low, high)
    } else {
        Axis::from_zero(title, high)
    };
    let y = y.of(measure(metric, size));
    let y = if matches!(metric, Metric::P50 | Metric::P99 | Metric::P999) { y.of_latencies() } else { y };
    Panel { y, lines, labels: Vec::new(), empty: "not measured" }
}

/// An upright line over the range of the blocks with a short one across either end, each broken off from the next.
fn whisker(x: &Axis, at: f64, estimate: &Estimate, size: f64) -> Vec<Option<(f64, f64)>> {
    let blocks = || estimate.values.iter().map(|value| value / size);
    let (low, high) = (blocks().fold(f64::INFINITY, f64::min), blocks().fold(0.0, f64::max));
    let (left, right) = (beside(x, at, -WHISKER), beside(x, at, WHISKER));
    let across = |y: f64| [Some((left, y)), Some((right, y)), None];
    let upright = [Some((at, low)), Some((at, high)), None];
    [across(low), upright, across(high)].concat()
}

/// The value that stands a part of the axis to the right of another.
fn beside(x: &Axis, at: f64, part: f64) -> f64 {
    match x.logarithmic {
        true => at * (x.high / x.low).powf(part),
        false => at + (x.high - x.low) * part,
    }
}

/// `TPS: rust conns=1 9.12k, conns=10 51.99k; go conns=1 2.45k, conns=10 16.30k`.
fn described((metric, counted): (Metric, Counted), courses: &[Course<'_>]) -> String {
    let course = |course: &Course<'_>| {
        let points = course.points.iter();
        let each = points.map(|(setting, estimate)| format!("{setting} {}", figure(metric, estimate.median)));
        format!("{} {}", course.target, each.collect::<Vec<_>>().join(", "))
    };
    let each: Vec<String> = courses.iter().map(course).collect();
    format!("{}: {}", metric.title_of(counted), each.join("; "))
}
