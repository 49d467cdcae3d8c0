//! Lines as data: their values at the places that they have in common.

use super::{colour, rounded, titled};
use crate::charts::axis::Axis;
use crate::charts::look::Mark;
use crate::charts::measure::Measure;
use crate::charts::picture::{self, Line, Role};
use serde::Serialize;

/// Lines over one axis. Their values stand at common places, in order.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct LinesPanel {
    pub(in crate::charts) title: String,
    /// Whether the axis of the values is to be logarithmic at first.
    log: bool,
    /// Whether it may be either.
    switch: bool,
    /// What is said where there is no line.
    empty: &'static str,
    pub(in crate::charts) x: Vec<f64>,
    /// The places in words.
    pub(in crate::charts) at: Vec<String>,
    pub(in crate::charts) lines: Vec<LineData>,
    levels: Vec<LevelData>,
    uprights: Vec<UprightData>,
    outlines: Vec<OutlineData>,
}

/// How a line looks, and whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct Look {
    pub(in crate::charts) name: String,
    of: String,
    colour: String,
    dash: Option<[f32; 2]>,
    mark: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(in crate::charts) struct LineData {
    #[serde(flatten)]
    pub(in crate::charts) look: Look,
    /// One for each place of the panel.
    pub(in crate::charts) y: Vec<Option<f64>>,
    pub(in crate::charts) words: Vec<Option<String>>,
    /// The indices of places at which the line is broken. Where it has no value otherwise, it goes on.
    gaps: Vec<usize>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct LevelData {
    #[serde(flatten)]
    look: Look,
    from: f64,
    to: f64,
    y: f64,
    words: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct UprightData {
    #[serde(flatten)]
    look: Look,
    x: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OutlineData {
    #[serde(flatten)]
    look: Look,
    pieces: Vec<Vec<(f64, f64)>>,
}

pub(super) fn of(x_axis: &Axis, panel: &picture::Panel) -> LinesPanel {
    let of = |role: Role| panel.lines.iter().filter(move |line| line.role == role);
    let courses: Vec<Course> = of(Role::Course).map(|line| Course::of(line, panel.y.measure)).collect();
    let mut x: Vec<f64> = courses.iter().flat_map(Course::places).collect();
    x.sort_by(f64::total_cmp);
    x.dedup();
    let ends = |line: &Line| Some((*line.points.first()?.as_ref()?, *line.points.last()?.as_ref()?));
    let level = |line: &Line| {
        let ((from, y), (to, _)) = ends(line)?;
        let words = panel.y.measure.words(y);
        Some(LevelData { look: look(line), from: rounded(from), to: rounded(to), y: rounded(y), words })
    };
    let upright = |line: &Line| Some(UprightData { look: look(line), x: rounded(ends(line)?.0.0) });
    let outline = |line: &Line| {
        let pieces = line.points.split(Option::is_none).filter(|piece| piece.len() > 1);
        let place = |point: &Option<(f64, f64)>| point.map(|(x, y)| (rounded(x), rounded(y)));
        let pieces = pieces.map(|piece| piece.iter().filter_map(place).collect()).collect();
        OutlineData { look: look(line), pieces }
    };
    let measure = x_axis.measure;
    LinesPanel {
        title: titled(&panel.y.title),
        log: panel.y.logarithmic,
        switch: panel.y.choice && !courses.is_empty(),
        empty: panel.empty,
        at: x.iter().map(|&at| measure.words(at)).collect(),
        lines: courses.iter().map(|course| course.at(&x)).collect(),
        levels: of(Role::Level).filter_map(level).collect(),
        uprights: of(Role::Upright).filter_map(upright).collect(),
        outlines: of(Role::Outline).map(outline).collect(),
        x,
    }
}

/// The values of a line by their places, which rise.
struct Course {
    look: Look,
    points: Vec<(f64, f64, String)>,
    /// Places between two points at which the line is broken.
    gaps: Vec<f64>,
}

impl Course {
    fn of(line: &Line, measure: Measure) -> Self {
        let mut course = Self { look: look(line), points: Vec::new(), gaps: Vec::new() };
        let mut is_broken = false;
        for point in &line.points {
            let Some((x, y)) = point.map(|(x, y)| (rounded(x), y)).filter(|(x, y)| (x + y).is_finite())
            else {
                is_broken = true;
                continue;
            };
            let last = course.points.last().map(|(last, ..)| *last);
            // A clock that stood still or went back gives no second value at a place.
            if last.is_some_and(|last| x <= last) {
                continue;
            }
            course.gaps.extend(last.filter(|_| is_broken).map(|last| rounded(f64::midpoint(last, x))));
            course.points.push((x, rounded(y), measure.words(y)));
            is_broken = false;
        }
        course
    }

    fn places(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(x, ..)| *x).chain(self.gaps.iter().copied())
    }

    /// The line at the places of its panel.
    fn at(&self, x: &[f64]) -> LineData {
        let (mut y, mut words) = (vec![None; x.len()], vec![None; x.len()]);
        let index = |place: f64| x.binary_search_by(|known| known.total_cmp(&place)).ok();
        for (place, value, text) in &self.points {
            if let Some(index) = index(*place) {
                (y[index], words[index]) = (Some(*value), Some(text.clone()));
            }
        }
        let gaps = self.gaps.iter().filter_map(|&gap| index(gap)).collect();
        LineData { look: self.look.clone(), y, words, gaps }
    }
}

fn look(line: &Line) -> Look {
    Look {
        name: if line.name.is_empty() { line.of.clone() } else { line.name.clone() },
        of: line.of.clone(),
        colour: colour(line.stroke),
        dash: line.stroke.dash.map(|(dash, gap)| [dash, gap]),
        mark: match line.stroke.mark {
            Mark::None => "none",
            Mark::Circle => "circle",
            Mark::Square => "square",
            Mark::Triangle => "triangle",
            Mark::Diamond => "diamond",
            Mark::Cross => "cross",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::charts::look::{BLUE, stroke};
    use crate::charts::picture::Points;

    fn panel(lines: Vec<Line>) -> LinesPanel {
        let x = Axis::from_zero("Time", 4.0);
        let y = Axis::from_zero("Time to answer (ms)", 10.0).of(Measure::TimeUs(1e3)).of_latencies();
        of(&x, &picture::Panel { y, lines, labels: Vec::new(), empty: "" })
    }

    fn line(name: &str, points: Points) -> Line {
        Line::new(name, stroke(BLUE, None, Mark::None), points)
    }

    #[test]
    fn lines_share_their_places() {
        let panel = panel(vec![
            line("whole", vec![Some((1.0, 5.0)), Some((2.0, 6.0)), Some((3.0, 7.0))]),
            line("part", vec![Some((2.0, 1.5)), Some((4.0, 2.5))]),
        ]);
        assert_eq!(panel.x, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(panel.at, ["1.000", "2.000", "3.000", "4.000"]);
        let part = &panel.lines[1];
        assert_eq!(part.y, [None, Some(1.5), None, Some(2.5)]);
        assert_eq!(part.words[3].as_deref(), Some("2.500 ms"));
        assert!(panel.switch && !panel.log, "latencies, whatever they are called");
        // It has nothing at 3 and goes on over it.
        assert!(part.gaps.is_empty());
    }

    #[test]
    fn a_line_is_broken_where_a_point_is_missing_between_others() {
        let broken = vec![None, Some((1.0, 5.0)), None, None, Some((4.0, 6.0)), None];
        let panel = panel(vec![line("broken", broken), line("other", vec![Some((2.0, 1.0))])]);
        assert_eq!(panel.x, [1.0, 2.0, 2.5, 4.0]);
        assert_eq!(panel.lines[0].gaps, [2]);
        assert_eq!(panel.lines[0].y, [Some(5.0), None, None, Some(6.0)]);
    }

    #[test]
    fn what_is_no_number_or_goes_back_has_no_place() {
        let odd = vec![Some((1.0, 5.0)), Some((f64::NAN, 1.0)), Some((0.5, 1.0)), Some((2.0, f64::INFINITY))];
        let panel = panel(vec![line("odd", odd)]);
        assert_eq!((panel.x, panel.lines[0].y.as_slice()), (vec![1.0], &[Some(5.0)][..]));
    }

    #[test]
    fn only_courses_have_places() {
        let ends = |(x, y): (f64, f64), (to_x, to_y)| vec![Some((x, y)), Some((to_x, to_y))];
        let panel = panel(vec![
            line("limit", ends((0.0, 20.0), (4.0, 20.0))).playing(Role::Level),
            line("capacity", ends((2.0, 0.0), (2.0, 9.0))).playing(Role::Upright),
            line("", [ends((1.0, 1.0), (1.0, 2.0)), vec![None], ends((2.0, 1.0), (2.0, 2.0))].concat())
                .of("rust")
                .playing(Role::Outline),
        ]);
        assert!(panel.x.is_empty() && panel.lines.is_empty() && !panel.switch);
        assert_eq!((panel.levels[0].y, panel.levels[0].words.as_str()), (20.0, "20.00 ms"));
        assert_eq!((panel.uprights[0].x, panel.outlines[0].pieces.len()), (2.0, 2));
        assert_eq!(panel.outlines[0].look.of, "rust");
    }
}
