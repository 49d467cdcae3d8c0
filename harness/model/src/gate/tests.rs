//! Gates over made-up figures: what holds, what fails, what cannot be said, and how often equals fail.

use super::*;
use crate::random::Random;
use crate::threshold::Figure;

/// As [`State::name`] has them.
const HELD: &str = "held";
const FAILED: &str = "failed";
const INCONCLUSIVE: &str = "inconclusive";

fn rule(metric: Metric, by_percent: f64) -> Rule {
    Rule { metric, by_percent }
}

/// Values about `centre`, a step apart, in no order.
fn about(centre: f64, step: f64, n: usize) -> Vec<f64> {
    (0..n).map(|i| centre * (step * ((i * 7 % n) as f64 - (n - 1) as f64 / 2.0)).exp()).collect()
}

fn only(metric: Metric, by_percent: f64, base: Vec<f64>, candidate: Vec<f64>) -> Finding {
    of_stored(&[rule(metric, by_percent)], |_| {
        Some(Samples { base: base.clone(), candidate: candidate.clone() })
    })
    .remove(0)
}

#[test]
fn outcomes_against_stored_runs() {
    for (metric, base, candidate, expected) in [
        (Metric::CpuPerRequest, about(100.0, 0.002, 8), about(110.0, 0.002, 8), FAILED),
        (Metric::CpuPerRequest, about(100.0, 0.002, 8), about(100.0, 0.002, 8), HELD),
        (Metric::CpuPerRequest, about(100.0, 0.002, 8), about(90.0, 0.002, 12), HELD),
        (Metric::CpuPerRequest, about(100.0, 0.05, 8), about(105.0, 0.05, 8), INCONCLUSIVE),
        // Throughput goes the other way, and 3% less is 3% worse.
        (Metric::Tps, about(100.0, 0.002, 8), about(90.0, 0.002, 8), FAILED),
        (Metric::Tps, about(100.0, 0.002, 8), about(110.0, 0.002, 8), HELD),
        (Metric::Tps, about(100.0, 0.000_01, 8), about(96.9, 0.000_01, 8), FAILED),
        (Metric::Tps, about(100.0, 0.000_01, 8), about(97.1, 0.000_01, 8), HELD),
        // Of three and three runs the least p-value is 2/20.
        (Metric::CpuPerRequest, about(100.0, 0.002, 3), about(200.0, 0.002, 3), INCONCLUSIVE),
        // One stored run has no noise that is known.
        (Metric::CpuPerRequest, vec![100.0], about(200.0, 0.002, 12), INCONCLUSIVE),
    ] {
        let found = only(metric, 3.0, base.clone(), candidate.clone());
        assert_eq!(found.outcome.state.name(), expected, "{metric} {base:?} {candidate:?}: {found:?}");
    }
}

#[test]
fn a_lower_bound_fails_and_does_not_hold() {
    for (candidate, as_it_is, as_a_bound) in [(100.0, HELD, INCONCLUSIVE), (200.0, FAILED, FAILED)] {
        let (base, candidate) = (about(100.0, 0.002, 8), about(candidate, 0.002, 8));
        let mut found = [only(Metric::P99, 10.0, base, candidate)];
        bound(&mut found, |metric| metric == Metric::P999);
        assert_eq!(found[0].outcome.state.name(), as_it_is);
        bound(&mut found, |metric| metric == Metric::P99);
        assert_eq!(found[0].outcome.state.name(), as_a_bound);
        assert!(found[0].outcome.measured.as_ref().unwrap().at_least);
    }
}

#[test]
fn figures_of_a_finding() {
    let found = only(Metric::Tps, 5.0, about(100.0, 0.005, 9), about(80.0, 0.005, 9));
    let measured = found.outcome.measured.clone().unwrap();
    let (low, high) = (measured.low.unwrap(), measured.high.unwrap());
    assert!((measured.value - 0.8).abs() < 1e-9 && measured.limit == 0.95, "{found:?}");
    assert!(low < 0.8 && 0.8 < high && high < 0.95, "{found:?}");
    let near = |median: Option<f64>, value: f64| (median.unwrap() / value - 1.0).abs() < 1e-9;
    assert!(near(found.base_median, 100.0) && near(found.candidate_median, 80.0), "{found:?}");
    // Nine steps of 0.005 deviate by 0.013693: -ln 0.95 + 2.8016 * 0.013693 sqrt(2 / 9) = 0.06938, which is 6.70% less.
    assert!((found.catches.unwrap() - 0.067_03).abs() < 1e-4, "{found:?}");
    let few = only(Metric::P99, 5.0, about(1.0, 0.1, 3), about(9.0, 0.1, 3));
    assert_eq!(few.catches, None, "so few can fail nothing");
}

#[test]
fn a_finding_is_a_threshold_with_more() {
    let found = only(Metric::CpuPerRequest, 3.0, about(100.0, 0.002, 8), about(110.0, 0.002, 8));
    assert_eq!(found.outcome.threshold.to_string(), "cpu worse than base by 3%");
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(
        (&json["threshold"], &json["outcome"], &json["metric"]),
        (&"cpu worse than base by 3%".into(), &"failed".into(), &"cpu-per-request".into())
    );
    assert_eq!((&json["measured"]["unit"], &json["measured"]["limit"]), (&"ratio".into(), &1.03.into()));
    assert_eq!(serde_json::from_value::<Outcome>(json).unwrap(), found.outcome);
}

#[test]
fn blocks_are_judged_by_the_comparison() {
    let outcome = |text: &str, figure: Option<Metric>, state: State| {
        let outcome = Outcome::new(text.parse().unwrap(), state);
        Outcome { figure: figure.map(Figure::from), ..outcome }
    };
    let outcomes = [
        outcome("p99>20ms", Some(Metric::P99), State::Failed),
        outcome("cpu worse than base by 3%", Some(Metric::CpuPerRequest), State::Held),
        outcome("any worse than base by 5%", Some(Metric::Tps), State::Failed),
        outcome("any worse than base by 5%", None, State::NotEvaluated { why: "x".into() }),
    ];
    let samples = |_| Some(Samples { base: about(100.0, 0.01, 10), candidate: vec![103.0; 10] });
    let found = of_blocks(&outcomes, samples);
    let names: Vec<(Metric, &str)> =
        found.iter().map(|found| (found.metric, found.outcome.state.name())).collect();
    assert_eq!(names, [(Metric::CpuPerRequest, HELD), (Metric::Tps, FAILED)], "others are no rules");
    assert_eq!(found[0].candidate_median, Some(103.0));
}

#[test]
fn what_blocks_catch() {
    let measured = |metric: Metric| {
        let json = format!(
            "{{\"threshold\":\"{} worse than base by 5%\",\"outcome\":\"held\",\"measured\":{{\"unit\":\"ratio\",\"value\":1,\"limit\":1.05}}}}",
            metric.short_name()
        );
        serde_json::from_str::<Outcome>(&json).unwrap()
    };
    let of = |n: usize, metrics: &[Metric]| {
        let outcomes: Vec<Outcome> = metrics.iter().map(|&metric| measured(metric)).collect();
        let samples = |_| Some(Samples { base: vec![100.0; n], candidate: about(100.0, 0.005, n) });
        of_blocks(&outcomes, samples).remove(0).catches
    };
    // Ten steps of 0.005 deviate by 0.01514: -ln 0.95 + 2.8016 * 0.01514 / sqrt(10) = 0.0647, which is 6.27% less.
    assert!((of(10, &[Metric::Tps]).unwrap() - 0.062_66).abs() < 1e-4);
    // Four at once need 2.4977 + 0.8416 deviations.
    assert!((of(10, &Metric::DECISIVE).unwrap() - 0.065_07).abs() < 1e-4);
    assert_eq!(of(7, &Metric::DECISIVE), None, "seven blocks can fail none of four");
    assert!(of(8, &Metric::DECISIVE).is_some());
}

#[test]
fn a_gate_is_what_its_outcomes_are() {
    let open = || State::Inconclusive { settle_blocks: None };
    let blind = || State::NotEvaluated { why: "x".into() };
    let of = |state: State| Outcome::new("tps worse than base by 5%".parse().unwrap(), state);
    for (states, expected) in [
        (vec![State::Held, State::Held], Verdict::Passed),
        (vec![State::Held, State::Failed, open(), blind()], Verdict::Failed),
        (vec![State::Held, open()], Verdict::Inconclusive),
        // A gate that could not look is not green.
        (vec![State::Held, open(), blind()], Verdict::Invalid),
        (vec![], Verdict::Invalid),
    ] {
        let outcomes: Vec<Outcome> = states.into_iter().map(of).collect();
        assert_eq!(verdict(&outcomes), expected, "{outcomes:?}");
    }
    let missing = of_stored(&[rule(Metric::Tps, 5.0)], |_| None);
    assert_eq!(missing[0].outcome.state.name(), "not evaluated");
    let empty = only(Metric::Tps, 5.0, vec![], vec![1.0]);
    assert_eq!(empty.outcome.state.name(), "not evaluated");
    let mut doubtful = [only(Metric::Tps, 5.0, about(1.0, 0.01, 9), about(0.5, 0.01, 9)), empty];
    assert_eq!(doubtful[0].outcome.state, State::Failed);
    doubt(&mut doubtful);
    assert_eq!(doubtful[0].outcome.state, open());
    assert_eq!(doubtful[1].outcome.state.name(), "not evaluated", "nobody has looked, whatever the doubt");
}

/// Four and four runs have a least p-value of 2/70: enough for one metric and not for two.
#[test]
fn the_family_decides() {
    let samples = |metric: Metric| {
        let worse = if metric == Metric::Tps { 0.5 } else { 2.0 };
        Some(Samples { base: about(1.0, 0.001, 4), candidate: about(worse, 0.001, 4) })
    };
    let rules = [Metric::Tps, Metric::P99].map(|metric| rule(metric, 5.0));
    assert_eq!(of_stored(&rules[..1], samples)[0].outcome.state, State::Failed);
    for found in of_stored(&rules, samples) {
        assert!(found.outcome.is_inconclusive(), "{found:?}");
    }
}

/// The promise: where nothing is worse than its margin, at most one gate in forty fails, over all metrics. Here all four are
/// worse by exactly their margins, which is as bad as may be. (Blocks are held to it by the comparison's own simulations.)
#[test]
fn how_often_a_gate_against_stored_runs_fails_without_cause() {
    const GATES: usize = 2000;
    let rules = Metric::DECISIVE.map(|metric| rule(metric, 5.0));
    let mut random = Random::new(20_261_123);
    let mut normal = || (0..12).map(|_| random.unit()).sum::<f64>() - 6.0;
    let mut failed = 0;
    for _ in 0..GATES {
        let mut draw = |centre: f64| (0..8).map(|_| centre * (0.05 * normal()).exp()).collect::<Vec<f64>>();
        let drawn: Vec<Samples> =
            rules.iter().map(|rule| Samples { base: draw(1.0), candidate: draw(rule.limit()) }).collect();
        let of = |metric| rules.iter().position(|rule| rule.metric == metric).map(|at| drawn[at].clone());
        let findings = of_stored(&rules, of);
        let outcomes = findings.iter().map(|finding| &finding.outcome);
        failed += usize::from(verdict(outcomes) == Verdict::Failed);
    }
    // 2.5% of 2000 are 50, and three standard errors more 71.
    assert!(failed <= 71, "{failed} of {GATES} failed");
    assert!(failed > 0, "a gate that never fails is no gate");
}
