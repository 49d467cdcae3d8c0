//! What a chart shows, as a value: titles, panels, lines and notes. No pixel and no drawing.

use super::Source;
use super::axis::Axis;
use super::look::{SIZE, Stroke};
use crate::report::offered_rate;
use crate::report::timeline::Point;
use bench_model::interval::Phase;
use bench_model::warning::Verdict;

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    pub(super) title: String,
    /// Which run, in one line.
    pub(super) subject: String,
    /// Why the run is invalid, if it is.
    pub(super) alarm: Option<String>,
    /// In the small print: where the figures are from, and the warnings.
    pub(super) footer: String,
    /// In logical pixels.
    pub(super) height: u32,
    /// The axis at the bottom, the same for every panel.
    pub(super) x: Axis,
    /// What is shaded because it does not count: its name and its ends on the x axis.
    pub(super) shade: Option<(String, f64, f64)>,
    /// From top to bottom.
    pub(super) panels: Vec<Panel>,
}

/// A plotting area with its own y axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel {
    pub(super) y: Axis,
    pub(super) lines: Vec<Line>,
    /// Texts above points.
    pub(super) labels: Vec<Label>,
    /// What stands in the middle of a panel that has no line.
    pub(super) empty: &'static str,
}

/// Where a line goes. A point that is absent breaks it.
pub(super) type Points = Vec<Option<(f64, f64)>>;

/// A line with its name in the legend; without one it is not in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) name: String,
    /// Whose it is: on a page, one switch shows and hides all lines of the same.
    pub(super) of: String,
    pub(super) role: Role,
    pub(super) stroke: Stroke,
    pub(super) points: Points,
}

/// What a line is: all are painted alike, and a page that is asked for values asks the first two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Values over the axis at the bottom.
    Course,
    /// One value from its first point to its last: a mean, a limit.
    Level,
    /// A place on the axis at the bottom, as high as the panel.
    Upright,
    /// Whiskers and the like, which only accompany the values of another.
    Outline,
}

impl Line {
    /// A line that belongs to nobody but itself.
    pub(super) fn new(name: impl Into<String>, stroke: Stroke, points: Points) -> Self {
        let name = name.into();
        Self { of: name.clone(), name, role: Role::Course, stroke, points }
    }

    /// The same in another role.
    pub(super) fn playing(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// The same as one of several lines of somebody.
    pub(super) fn of(self, whose: impl Into<String>) -> Self {
        Self { of: whose.into(), ..self }
    }
}

/// A text at a point.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub(super) at: (f64, f64),
    pub(super) text: String,
}

impl Picture {
    /// A chart of a run without anything in it yet.
    pub(super) fn of(source: &Source<'_>, title: &str, x: Axis) -> Self {
        let report = source.report;
        let plan = &report.plan;
        let codes: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
        let codes = codes.join(", ");
        let invalid = report.verdict == Verdict::Invalid;
        let warnings =
            if codes.is_empty() || invalid { String::new() } else { format!("    Warnings: {codes}") };
        Self {
            title: title.to_owned(),
            subject: format!(
                "{} on {}, {} connections{}, {}",
                plan.scenario,
                plan.target.name(),
                plan.load.connections(),
                offered_rate(&plan.load).map_or_else(String::new, |rate| format!(", {rate}")),
                date(&source.timeline.started_at)
            ),
            alarm: invalid.then(|| format!("INVALID RUN: do not use these figures ({codes})")),
            footer: format!("bench {}, run {}{warnings}", report.machine.bench_version, report.id),
            height: SIZE.1,
            x,
            shade: None,
            panels: Vec::new(),
        }
    }

    /// A chart over the time of `moments`, with the warm-up shaded, and the divisor from seconds to its x axis.
    pub(super) fn over_time(source: &Source<'_>, title: &str, moments: &Moments) -> (Self, f64) {
        let points = &moments.points;
        let first_s = points.first().map_or(0.0, |point| point.start_s);
        let last_s = points.last().map_or(1.0, Point::end_s);
        let (mut x, divisor) = Axis::time("Time since the load began", first_s, last_s);
        if moments.merged > 1 {
            x.title += &format!("; each point is {} intervals, latencies the worst of them", moments.merged);
        }
        let mut picture = Self::of(source, title, x);
        let warm_up = |point: &&Point| point.phase == Phase::WarmUp;
        let ends_s = points.iter().take_while(warm_up).last().map(Point::end_s);
        picture.shade =
            ends_s.map(|end_s| ("warm-up, not counted".to_owned(), first_s / divisor, end_s / divisor));
        (picture, divisor)
    }
}

/// The points that a chart over time draws: a run's own, or groups of them where it has more than can be seen.
pub(super) struct Moments {
    pub(super) points: Vec<Point>,
    /// How many intervals a point stands for.
    pub(super) merged: usize,
}

impl Moments {
    /// Points that one chart has room for.
    const MOST: usize = 400;
    /// Points from which on a line goes up and down within its dashes, which then say nothing and take a megabyte.
    const MOST_DASHED: usize = 120;

    /// The run's points, or groups of neighbours. A group never holds warm-up and window.
    pub(super) fn of(points: &[Point]) -> Self {
        Self::at_most(points, Self::MOST)
    }

    /// The same in at most so many points, give or take the one that the warm-up ends in.
    pub(super) fn at_most(points: &[Point], most: usize) -> Self {
        let merged = points.len().div_ceil(most).max(1);
        let phases = points.chunk_by(|before, after| before.phase == after.phase);
        let groups = phases.flat_map(|phase| phase.chunks(merged));
        Self { points: groups.filter_map(Point::merged).collect(), merged }
    }

    /// A line through the middles of the points.
    pub(super) fn line(
        &self,
        name: impl Into<String>,
        stroke: Stroke,
        divisor: f64,
        value: impl Fn(&Point) -> Option<f64>,
    ) -> Line {
        let place = |point: &Point| value(point).map(|value| (point.middle_s() / divisor, value));
        let dash = stroke.dash.filter(|_| self.points.len() <= Self::MOST_DASHED);
        let stroke = Stroke { dash, ..stroke };
        Line::new(name, stroke, self.points.iter().map(place).collect())
    }
}

/// The largest y of lines, 0 where there is none.
pub(super) fn highest(lines: &[Line]) -> f64 {
    let values = lines.iter().flat_map(|line| line.points.iter().flatten());
    values.map(|&(_, y)| y).filter(|y| y.is_finite()).fold(0.0, f64::max)
}

/// The smallest y above zero, infinite where there is none.
pub(super) fn lowest(lines: &[Line]) -> f64 {
    let values = lines.iter().flat_map(|line| line.points.iter().flatten());
    values.map(|&(_, y)| y).filter(|&y| y > 0.0).fold(f64::INFINITY, f64::min)
}

/// `2026-03-14T09:26:53Z` as `2026-03-14 09:26 UTC`; anything else as it is.
pub(super) fn date(started_at: &str) -> String {
    match (started_at.get(..10), started_at.get(11..16), started_at.ends_with('Z')) {
        (Some(day), Some(time), true) => format!("{day} {time} UTC"),
        _ => started_at.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::timeline::Timeline;

    #[test]
    fn dates() {
        for (stored, shown) in
            [("2026-03-14T09:26:53Z", "2026-03-14 09:26 UTC"), ("", ""), ("yesterday", "yesterday")]
        {
            assert_eq!(date(stored), shown);
        }
    }

    #[test]
    fn a_long_run_is_thinned_without_losing_a_request() {
        let twelve = Timeline::of(&fixture::stored()).points;
        let thousand: Vec<Point> = (0..1000)
            .map(|index| Point {
                phase: if index < 7 { Phase::WarmUp } else { Phase::Measure },
                start_s: index as f64,
                ..twelve[index % 12].clone()
            })
            .collect();
        let moments = Moments::of(&thousand);
        assert_eq!((moments.merged, moments.points.len()), (3, 334));
        let requests = |points: &[Point]| points.iter().map(|point| point.counters.requests).sum::<u64>();
        assert_eq!(requests(&moments.points), requests(&thousand));
        assert_eq!(moments.points[2].phase, Phase::WarmUp, "the seventh stands alone");
        assert_eq!(moments.points[2].duration_s, 1.0);
        let worst = |points: &[Point]| {
            let longest = points.iter().filter_map(|point| point.latency_us).map(|figures| figures.max);
            longest.fold(0.0, f64::max)
        };
        assert_eq!(worst(&moments.points), worst(&thousand));
    }
}
