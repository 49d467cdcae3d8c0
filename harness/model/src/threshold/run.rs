//! The thresholds of a run.

use super::{Figure, Measured, Outcome, Reading, State, Threshold};
use crate::metric::Metric;
use crate::plan::Plan;
use crate::report::RunReport;
use crate::warning::{INTERRUPTED, Verdict};

impl Threshold {
    /// Why no run of a plan can be held against it, with the mend; nothing where one can.
    #[must_use]
    pub fn cannot_be_had_of_a_run(&self, plan: &Plan) -> Option<String> {
        match self {
            Self::Relative(_) => {
                Some(format!("`{self}` takes something to compare with: bench compare --fail-if '{self}'"))
            }
            Self::Absolute(absolute) if absolute.figure == Figure::Metric(Metric::ArtefactSize) => {
                Some(format!(
                    "`{}` is known of what a comparison builds: bench compare --fail-if '{self}'",
                    absolute.figure
                ))
            }
            Self::Absolute(absolute) => absolute.figure.cannot_be_had(plan),
        }
    }
}

/// What comes of the thresholds of a run's plan. None is looked at where the run was interrupted or is invalid: its figures
/// are neither good nor bad.
#[must_use]
pub fn outcomes(report: &RunReport) -> Vec<Outcome> {
    let why = if report.warnings.iter().any(|warning| warning.code == INTERRUPTED) {
        Some("the run was interrupted")
    } else if report.verdict == Verdict::Invalid {
        Some("the run is invalid")
    } else {
        None
    };
    let of = |threshold: &Threshold| match why {
        Some(why) => Outcome::not_evaluated(*threshold, why),
        None => outcome(*threshold, report),
    };
    report.plan.fail_if.iter().map(of).collect()
}

fn outcome(threshold: Threshold, report: &RunReport) -> Outcome {
    let Some(absolute) = threshold.absolute() else {
        return Outcome::not_evaluated(threshold, "a run by itself has no base");
    };
    let Some(reading) = Reading::of(absolute.figure, report, None) else {
        return Outcome::not_evaluated(threshold, "it was not measured");
    };
    let state = if absolute.fails(reading.judged()) { State::Failed } else { State::Held };
    let measured = Measured {
        unit: absolute.figure.unit(),
        value: reading.value,
        limit: absolute.bound,
        low: None,
        high: None,
        at_least: reading.at_least,
        at_most: false,
        sure: None,
    };
    Outcome { measured: Some(measured), ..Outcome::new(threshold, state) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::tests::report;
    use crate::plan::TargetPlan;
    use crate::warning::WarningText;

    /// A run at 1000 requests/s with a P99 of 18 ms and these thresholds.
    fn run(thresholds: &[&str]) -> RunReport {
        let mut report = report(1000.0, 18_000.0);
        report.plan.fail_if = thresholds.iter().map(|text| text.parse().unwrap()).collect();
        report
    }

    fn state(report: &RunReport) -> &'static str {
        outcomes(report)[0].state.name()
    }

    #[test]
    fn states() {
        for (threshold, expected) in [
            ("p99>20ms", "held"),
            ("p99>18ms", "held"),
            ("p99>=18ms", "failed"),
            ("p99>17ms", "failed"),
            ("tps<1k", "held"),
            ("tps<1001", "failed"),
            ("rps<=1k", "failed"),
            ("errors>0%", "held"),
            ("errors.timeout>0", "held"),
            ("memory.peak>3MiB", "held"),
            ("memory.peak>3MB", "failed"),
            ("memory.idle>1MiB", "held"),
            ("cpu>99us", "failed"),
            ("startup>5ms", "held"),
            ("startup>4ms", "failed"),
            ("service.p99>1ms", "not evaluated"),
            ("tps worse than base by 5%", "not evaluated"),
        ] {
            let outcomes = outcomes(&run(&[threshold]));
            assert_eq!(outcomes.len(), 1);
            assert_eq!(outcomes[0].state.name(), expected, "{threshold}");
            assert_eq!(outcomes[0].fails(), expected != "held", "what nobody looked at is no pass");
        }
    }

    #[test]
    fn what_was_measured_stands_beside_it() {
        let measured = outcomes(&run(&["p99>17ms"])).remove(0).measured.unwrap();
        assert_eq!(
            (measured.value, measured.limit, measured.unit),
            (18_000.0, 17_000.0, Figure::Latency(crate::slo::Statistic::P99).unit())
        );
        assert_eq!(
            (measured.low, measured.high, measured.sure, measured.at_least),
            (None, None, None, false)
        );
    }

    #[test]
    fn failures_are_a_part_of_what_was_due() {
        let mut failing = run(&["errors>0.1%", "errors.reset>7", "errors>=0.1%"]);
        failing.summary.errors.reset = 8;
        let found: Vec<&str> = outcomes(&failing).iter().map(|outcome| outcome.state.name()).collect();
        assert_eq!(found, ["held", "failed", "failed"]);
    }

    #[test]
    fn neither_an_invalid_run_nor_an_interrupted_one_is_looked_at() {
        let mut invalid = run(&["p99>17ms", "tps<1"]);
        invalid.verdict = Verdict::Invalid;
        let warning =
            |code: &str| WarningText { code: code.into(), message: String::new(), invalidates: true };
        for (code, why) in [("errors", "the run is invalid"), ("interrupted", "the run was interrupted")] {
            invalid.warnings = vec![warning(code)];
            for outcome in outcomes(&invalid) {
                assert_eq!(outcome.state, State::NotEvaluated { why: why.to_owned() });
                assert_eq!(outcome.measured, None);
            }
        }
    }

    #[test]
    fn what_is_not_known_does_not_hold() {
        // 90 of 8000 were never sent: P99 lies among them, and P95 does not.
        let mut overloaded = run(&["p99>20ms"]);
        overloaded.summary.offered.as_mut().unwrap().waiting_at_end = 90;
        assert_eq!(state(&overloaded), "failed");
        assert!(outcomes(&overloaded)[0].measured.as_ref().unwrap().at_least);
        overloaded.plan.fail_if = vec!["p95>20ms".parse().unwrap()];
        assert_eq!(state(&overloaded), "held");
        // A lower bound is taken as it is.
        let mut cut = run(&["p99>20ms"]);
        cut.summary.latency_us.bounded_from = Some("P99");
        assert_eq!(state(&cut), "held");
        assert!(outcomes(&cut)[0].measured.as_ref().unwrap().at_least);
    }

    #[test]
    fn what_is_0_is_measured() {
        let mut idle = run(&["cpu>50us"]);
        idle.target.as_mut().unwrap().cpu_us_per_request = 0.0;
        assert_eq!(state(&idle), "held");
        idle.target = None;
        assert_eq!(state(&idle), "not evaluated");
    }

    #[test]
    fn what_cannot_be_had_is_known_beforehand() {
        let managed = run(&[]).plan;
        let mut url = managed.clone();
        url.target = TargetPlan::Url { url: "http://127.0.0.1:1/".into(), pid: None };
        let mut closed = managed.clone();
        closed.load = crate::load::LoadModel::Closed { connections: 8 };
        let mut sampled = url.clone();
        sampled.target = TargetPlan::Url { url: "http://127.0.0.1:1/".into(), pid: Some(1) };
        for (plan, text, part) in [
            (&managed, "memory.peak>1MiB", None),
            (&managed, "service.p99>1ms", None),
            (&managed, "size>1MB", Some("`size` is known of what a comparison builds")),
            (
                &managed,
                "any worse than base by 5%",
                Some("bench compare --fail-if 'any worse than base by 5%'"),
            ),
            (&closed, "service.p99.9>1ms", Some("so write `p99.9`")),
            (&url, "p99>1ms", None),
            (&url, "errors>1%", None),
            (&url, "cpu>1ms", Some("--pid")),
            (&sampled, "cpu>1ms", None),
            (&sampled, "startup>1s", Some("builds and starts")),
        ] {
            let why = text.parse::<Threshold>().unwrap().cannot_be_had_of_a_run(plan);
            match part {
                Some(part) => assert!(why.as_ref().is_some_and(|why| why.contains(part)), "{text}: {why:?}"),
                None => assert_eq!(why, None, "{text}"),
            }
        }
    }
}
