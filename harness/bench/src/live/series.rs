//! A run over time, in memory that does not grow with its length: when there are too many points, two become one.

use super::moment::Percentiles;

/// Points at most. A run of ten minutes has one a second; one of a day has one in about four minutes.
pub(crate) const MOST: usize = 600;

/// What a display draws of one interval, or of several together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    /// When it began, in seconds after the load began.
    pub(crate) start_s: f64,
    pub(crate) duration_s: f64,
    pub(crate) tps: f64,
    pub(crate) errors_per_s: f64,
    pub(crate) latency_us: Option<Percentiles>,
    pub(crate) memory_bytes: Option<f64>,
    /// CPUs that the target kept busy.
    pub(crate) target_cpus: Option<f64>,
    /// CPUs that `bench` kept busy, this display included.
    pub(crate) generator_cpus: f64,
}

impl Point {
    /// Both as one: rates are those of the whole time, sizes and percentiles the larger ones. A percentile of both cannot be
    /// had from those of each, and the larger one hides nothing.
    fn and(self, later: Self) -> Self {
        let duration_s = self.duration_s + later.duration_s;
        let mean = |one: f64, other: f64| {
            (one * self.duration_s + other * later.duration_s) / duration_s.max(f64::MIN_POSITIVE)
        };
        Self {
            start_s: self.start_s,
            duration_s,
            tps: mean(self.tps, later.tps),
            errors_per_s: mean(self.errors_per_s, later.errors_per_s),
            latency_us: either(self.latency_us, later.latency_us, Percentiles::larger),
            memory_bytes: either(self.memory_bytes, later.memory_bytes, f64::max),
            target_cpus: either(self.target_cpus, later.target_cpus, mean),
            generator_cpus: mean(self.generator_cpus, later.generator_cpus),
        }
    }
}

fn either<T>(one: Option<T>, other: Option<T>, both: impl Fn(T, T) -> T) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(both(one, other)),
        (one, other) => one.or(other),
    }
}

/// The points of a run so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    points: Vec<Point>,
    /// Intervals that a point stands for.
    stride: usize,
    /// The point that is not full yet, and its intervals.
    growing: Option<(Point, usize)>,
}

impl Default for Series {
    fn default() -> Self {
        Self { points: Vec::new(), stride: 1, growing: None }
    }
}

impl Series {
    /// Adds an interval.
    pub(crate) fn push(&mut self, point: Point) {
        let (point, count) = match self.growing.take() {
            Some((growing, count)) => (growing.and(point), count + 1),
            None => (point, 1),
        };
        if count < self.stride {
            self.growing = Some((point, count));
            return;
        }
        self.points.push(point);
        if self.points.len() >= MOST {
            self.points =
                self.points.chunks(2).map(|pair| pair[1..].iter().fold(pair[0], |a, &b| a.and(b))).collect();
            self.stride *= 2;
        }
    }

    /// The points, the oldest first. Those that are there stay as they are while [`Self::stride`] does.
    pub(crate) fn points(&self) -> &[Point] {
        &self.points
    }

    /// Intervals that a point stands for.
    pub(crate) fn stride(&self) -> usize {
        self.stride
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A second in which nothing is known but throughput.
    pub(crate) fn second(start_s: f64, tps: f64) -> Point {
        Point {
            start_s,
            duration_s: 1.0,
            tps,
            errors_per_s: 0.0,
            latency_us: None,
            memory_bytes: None,
            target_cpus: None,
            generator_cpus: 0.0,
        }
    }

    fn took(us: f64) -> Option<Percentiles> {
        Some(Percentiles { p50: us, p90: us, p99: us, p99_9: us, max: us })
    }

    #[test]
    fn two_points_become_one() {
        let quick = Point {
            latency_us: took(1.0),
            memory_bytes: Some(9.0),
            target_cpus: Some(1.0),
            ..second(0.0, 10.0)
        };
        let slow =
            Point { latency_us: took(5.0), memory_bytes: Some(4.0), duration_s: 3.0, ..second(1.0, 2.0) };
        let both = quick.and(slow);
        assert_eq!((both.start_s, both.duration_s, both.tps), (0.0, 4.0, 4.0));
        assert_eq!((both.latency_us, both.memory_bytes, both.target_cpus), (took(5.0), Some(9.0), Some(1.0)));
        let silent = Point { target_cpus: Some(0.0), duration_s: 1.0, ..second(1.0, 0.0) };
        assert_eq!((quick.and(silent).target_cpus, quick.and(silent).latency_us), (Some(0.5), took(1.0)));
    }

    #[test]
    fn a_day_takes_no_more_room_than_ten_minutes() {
        let mut series = Series::default();
        let mut longest = 0;
        let seconds: u32 = 86_400;
        for at in 0..seconds {
            series.push(second(f64::from(at), f64::from(at % 2) * 100.0));
            longest = longest.max(series.points().len());
        }
        assert!(longest < MOST, "{longest}");
        let points = series.points();
        assert!(points.len() >= MOST / 2 - 1, "{}", points.len());
        assert_eq!(points[0].duration_s, series.stride() as f64);
        for pair in points.windows(2) {
            assert_eq!(pair[0].start_s + pair[0].duration_s, pair[1].start_s, "no gap and no overlap");
            assert!((pair[0].tps - 50.0).abs() < 1e-9, "{pair:?}");
        }
    }

    #[test]
    fn short_runs_are_kept_as_they_are() {
        let mut series = Series::default();
        (0..MOST - 1).for_each(|at| series.push(second(at as f64, at as f64)));
        assert_eq!((series.points().len(), series.stride()), (MOST - 1, 1));
        series.push(second((MOST - 1) as f64, 0.0));
        assert_eq!((series.points().len(), series.stride()), (MOST / 2, 2));
        assert_eq!(series.points()[1].tps, 2.5);
        series.push(second(MOST as f64, 4.0));
        assert_eq!(series.points().len(), MOST / 2, "half a point is none yet");
        series.push(second(MOST as f64 + 1.0, 8.0));
        assert_eq!(series.points()[MOST / 2].tps, 6.0);
    }
}
