//! How long a comparison takes, before anything of it has run.

use bench_model::comparison::ComparisonPlan;
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
        let sum = |of: &dyn Fn(WarmUp) -> f64, around_s: f64| -> f64 {
            let run = |at: usize| {
                plan.entrants.get(at).map_or(0.0, |e| of(e.plan.warmup) + e.plan.duration_s + around_s)
            };
            let control = if plan.control { run(0) } else { 0.0 };
            blocks as f64 * ((0..plan.entrants.len()).map(run).sum::<f64>() + control)
        };
        let quickest = |warmup| match warmup {
            // Two windows are the least that can agree.
            WarmUp::Auto(_) => 2.0 * WINDOW.as_secs_f64(),
            WarmUp::Fixed(length) => length.as_secs_f64(),
        };
        let slowest = |warmup| match warmup {
            WarmUp::Auto(length) | WarmUp::Fixed(length) => length.as_secs_f64(),
        };
        Self { least_s: sum(&quickest, AROUND_S.0), most_s: sum(&slowest, AROUND_S.1) }
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
