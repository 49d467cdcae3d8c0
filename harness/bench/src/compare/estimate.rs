//! How long a comparison takes, before anything of it has run.

use bench_model::comparison::ComparisonPlan;
use bench_model::plan::Plan;
use bench_model::steady::{WINDOW, WarmUp};

/// What a run takes beside its load: a quick and a slow start, the look at its answers, opening, draining, stopping.
const AROUND_S: (f64, f64) = (1.0, 8.0);

/// Bounds, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) least_s: f64,
    pub(crate) most_s: f64,
}

impl Estimate {
    /// Of `blocks` blocks of the plan.
    pub(crate) fn of(plan: &ComparisonPlan, blocks: usize) -> Self {
        let entrants = plan.entrants.iter();
        let runs = entrants.chain(plan.entrants.first().filter(|_| plan.control));
        let block = runs.map(|entrant| Self::of_run(&entrant.plan)).fold(Self::NOTHING, Self::and);
        block.times((blocks as f64, blocks as f64))
    }

    /// Of one run.
    pub(crate) fn of_run(plan: &Plan) -> Self {
        let (quickest_s, slowest_s) = match plan.warmup {
            // Two windows are the least that can agree.
            WarmUp::Auto(length) => (2.0 * WINDOW.as_secs_f64(), length.as_secs_f64()),
            WarmUp::Fixed(length) => (length.as_secs_f64(), length.as_secs_f64()),
        };
        Self {
            least_s: quickest_s + plan.duration_s + AROUND_S.0,
            most_s: slowest_s + plan.duration_s + AROUND_S.1,
        }
    }

    /// No time at all.
    pub(crate) const NOTHING: Self = Self { least_s: 0.0, most_s: 0.0 };

    /// This and another, one after the other.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { least_s: self.least_s + other.least_s, most_s: self.most_s + other.most_s }
    }

    /// This at least and at most so many times.
    pub(crate) fn times(self, (least, most): (f64, f64)) -> Self {
        Self { least_s: self.least_s * least, most_s: self.most_s * most }
    }

    /// Such as `18 to 40 min`.
    pub(crate) fn text(self) -> String {
        let (least, most) = (length(self.least_s), length(self.most_s));
        match (least.rsplit_once(' '), most.rsplit_once(' ')) {
            (Some((number, unit)), Some((_, other))) if unit == other => format!("{number} to {most}"),
            _ => format!("{least} to {most}"),
        }
    }
}

/// A length of time for people: seconds up to two minutes, minutes up to two hours, then hours.
pub(super) fn length(length_s: f64) -> String {
    match length_s {
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (least_s, most_s, expected) in [
            (60.0, 100.0, "60 to 100 s"),
            (60.0, 600.0, "60 s to 10 min"),
            (1100.0, 2400.0, "18 to 40 min"),
            (3600.0, 9000.0, "60 min to 2.5 h"),
        ] {
            assert_eq!(Estimate { least_s, most_s }.text(), expected);
        }
    }
}
