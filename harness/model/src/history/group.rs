//! One group of a history: its runs in order, and the change points of each metric.

use super::{Entry, LeftOut, Point, RULES, Setting, fewest_runs};
use crate::metric::Metric;
use crate::stats::{change_points, median, shift};
use serde::Serialize;

/// All runs of one setting.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// What they have in common.
    pub setting: Setting,
    /// The runs that can be used, the oldest first.
    pub points: Vec<Point>,
    /// The others, the oldest first; not those that began before the first point that is looked at.
    pub left_out: Vec<LeftOut>,
    /// How many older runs were not looked at.
    pub older: usize,
    /// Of each metric that was asked for, in that order, what changed.
    pub series: Vec<Series>,
}

/// One metric over a group's runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The metric.
    pub metric: Metric,
    /// How many of the runs have it.
    pub runs: usize,
    /// Whether those are enough for a change point to be shown at all.
    pub is_enough: bool,
    /// Its change points, in order.
    pub changes: Vec<Change>,
}

/// A place where a metric changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The index of the first run after it, in the group's points.
    pub at: usize,
    /// That run's id.
    pub id: String,
    /// The last run before it that has the metric.
    pub after: String,
    /// The median since the change point before, or the beginning.
    pub from: f64,
    /// The median up to the next one, or the end.
    pub to: f64,
    /// `to / from - 1`: 0.05 is 5% more.
    pub part: f64,
    /// Which way it went.
    pub direction: Direction,
    /// The part of the permutations that divide as well; see [`crate::stats::ChangePoint`].
    pub p_value: f64,
}

/// Which way a metric changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Its level moved, for the better.
    Better,
    /// Its level moved, for the worse.
    Worse,
    /// No move of the level is shown: the runs scatter otherwise about it than before.
    Spread,
}

impl Direction {
    /// Of the values before and after a change. The level moved where the interval of the shift between both sides, at the level
    /// of the change points, leaves out 0; where there are too few values for one, where all of the one side lie beyond all of
    /// the other.
    fn of(before: &[f64], after: &[f64], metric: Metric) -> Self {
        let ends = shift(before, after, 1.0 - RULES.level).and_then(|found| found.interval).map_or_else(
            || {
                let [low, high] = [f64::min, f64::max];
                let end = |values: &[f64], of: fn(f64, f64) -> f64| values.iter().copied().reduce(of);
                let least = end(after, low).zip(end(before, high)).map(|(after, before)| after - before);
                let most = end(after, high).zip(end(before, low)).map(|(after, before)| after - before);
                (least.unwrap_or(0.0), most.unwrap_or(0.0))
            },
            |interval| (interval.low, interval.high),
        );
        match (ends.0 > 0.0, ends.1 < 0.0, metric.higher_is_better()) {
            (true, _, true) | (_, true, false) => Self::Better,
            (true, _, false) | (_, true, true) => Self::Worse,
            (false, false, _) => Self::Spread,
        }
    }
}

impl Group {
    /// The group of these entries, the newest first.
    pub(super) fn of(setting: Setting, entries: Vec<Entry>, metrics: &[Metric], last: usize) -> Self {
        let (mut points, mut left_out, mut older) = (Vec::new(), Vec::new(), 0);
        for entry in entries {
            if points.len() == last {
                older += 1;
                continue;
            }
            match entry.outcome {
                Ok(values) => points.push(Point {
                    id: entry.id,
                    started_at: entry.started_at,
                    source: entry.source,
                    blocks: entry.blocks,
                    kernel: entry.machine.kernel,
                    bench_version: entry.machine.bench_version,
                    warnings: entry.warnings,
                    values,
                }),
                Err(unusable) => {
                    left_out.push(LeftOut { id: entry.id, started_at: entry.started_at, unusable });
                }
            }
        }
        points.reverse();
        left_out.reverse();
        let series = metrics.iter().map(|&metric| Series::of(metric, &points)).collect();
        Self { setting, points, left_out, older, series }
    }

    /// The changes of all metrics at a point, in the order of the metrics.
    pub fn changes_at(&self, at: usize) -> impl Iterator<Item = (Metric, &Change)> {
        self.series.iter().filter_map(move |series| {
            Some((series.metric, series.changes.iter().find(|change| change.at == at)?))
        })
    }

    /// How many change points there are, of all metrics.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.series.iter().map(|series| series.changes.len()).sum()
    }
}

impl Series {
    fn of(metric: Metric, points: &[Point]) -> Self {
        let have = |(at, point): (usize, &Point)| Some((at, *point.values.get(&metric)?));
        let (places, values): (Vec<usize>, Vec<f64>) = points.iter().enumerate().filter_map(have).unzip();
        // Ratios count, as in comparisons: a percent is a percent at any level.
        let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
        let found = change_points(&logarithms, &RULES);
        let ends = || found.iter().map(|change| change.at).chain([values.len()]);
        let starts = std::iter::once(0).chain(ends());
        let segments: Vec<&[f64]> = starts.zip(ends()).map(|(start, end)| &values[start..end]).collect();
        let change = |(change, pair): (&crate::stats::ChangePoint, &[&[f64]])| {
            let (from, to) = (median(pair[0])?, median(pair[1])?);
            Some(Change {
                at: places[change.at],
                id: points[places[change.at]].id.clone(),
                after: points[places[change.at - 1]].id.clone(),
                from,
                to,
                part: to / from - 1.0,
                direction: Direction::of(pair[0], pair[1], metric),
                p_value: change.p_value,
            })
        };
        let changes = found.iter().zip(segments.windows(2)).filter_map(change).collect();
        Self { metric, runs: values.len(), is_enough: values.len() >= fewest_runs(), changes }
    }

    /// The median between change points, for each run that has the metric: its index in the points, and that.
    #[must_use]
    pub fn levels(&self, points: &[Point]) -> Vec<(usize, f64)> {
        let mut levels = Vec::new();
        let starts = std::iter::once(0).chain(self.changes.iter().map(|change| change.at));
        let ends = self.changes.iter().map(|change| change.at).chain([points.len()]);
        for (start, end) in starts.zip(ends) {
            let of = |at: usize| Some((at, *points[at].values.get(&self.metric)?));
            let segment: Vec<(usize, f64)> = (start..end).filter_map(of).collect();
            let values: Vec<f64> = segment.iter().map(|(_, value)| *value).collect();
            if let Some(level) = median(&values) {
                levels.extend(segment.into_iter().map(|(at, _)| (at, level)));
            }
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions() {
        let wide = [90.0, 120.0, 80.0, 115.0, 85.0, 112.0, 95.0];
        let narrow = [100.0, 101.0, 99.0, 100.5, 99.5, 100.2, 99.8];
        let higher = narrow.map(|value| value + 30.0);
        for (before, after, of_tps, of_latency) in [
            (&wide[..], &narrow[..], Direction::Spread, Direction::Spread),
            (&narrow, &wide, Direction::Spread, Direction::Spread),
            (&narrow, &higher, Direction::Better, Direction::Worse),
            (&higher, &narrow, Direction::Worse, Direction::Better),
            // Too few for an interval of 99%: all of the one beyond all of the other.
            (&narrow[..3], &higher[..3], Direction::Better, Direction::Worse),
            (&higher[..3], &narrow[..3], Direction::Worse, Direction::Better),
            (&narrow[..3], &wide[..3], Direction::Spread, Direction::Spread),
            (&[100.0; 3], &[100.0; 4], Direction::Spread, Direction::Spread),
        ] {
            let found = [Metric::Tps, Metric::P99].map(|metric| Direction::of(before, after, metric));
            assert_eq!(found, [of_tps, of_latency], "{before:?} {after:?}");
        }
    }
}
