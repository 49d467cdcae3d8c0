//! The thresholds of a comparison: each entrant's medians against a bound, and its ratios to the base against a margin.

use super::known::{Known, judge_known};
use super::settling::Unsettled;
use super::{Block, BlockCount, ComparisonPlan, Pair, Slot};
use crate::metric::Metric;
use crate::stats::{blocks_needed, holm, median, median_interval, signed_rank};
use crate::threshold::{Absolute, Figure, Measured, Outcome, Reading, Relative, State, Subject, Threshold};

impl ComparisonPlan {
    /// Why no comparison of this plan can be held against a threshold, with the mend; nothing where one can.
    #[must_use]
    pub fn cannot_be_had(&self, threshold: &Threshold) -> Option<String> {
        let figures: Vec<Figure> = match threshold {
            Threshold::Absolute(absolute) => vec![absolute.figure],
            Threshold::Relative(_) if self.groups_of_targets().is_empty() => {
                return Some(format!(
                    "`{threshold}` takes two targets: a sweep of one has no base that had the same load"
                ));
            }
            Threshold::Relative(Relative { subject: Subject::Metric(metric), .. }) => vec![(*metric).into()],
            Threshold::Relative(Relative { subject: Subject::Any, .. }) => {
                let (base, other) = self.rivals().into_iter().find(|&pair| self.any(pair).is_empty())?;
                let [base, other] = [base, other].map(|index| &self.entrants[index].label);
                return Some(format!(
                    "`{threshold}`: none of the metrics that get a verdict (--metrics) is measured of both {base} and {other}"
                ));
            }
        };
        let entrants = || self.entrants.iter();
        figures.into_iter().find_map(|figure| {
            entrants().find_map(|entrant| {
                let why = figure.cannot_be_had(&entrant.plan)?;
                Some(format!("{why} (of {})", entrant.label))
            })
        })
    }

    /// How many tests decide on the relative thresholds: what Holm's correction goes over.
    #[must_use]
    pub fn threshold_tests(&self) -> usize {
        let is_tested = |asked: &&Asked| {
            !asked.metric.is_deterministic()
                && self.is_measured_of_both(asked.metric, (asked.base, asked.other))
        };
        self.relative().iter().filter(is_tested).count()
    }

    /// The blocks below which no relative threshold can fail; 0 without any.
    #[must_use]
    pub fn blocks_to_fail(&self) -> usize {
        let tests = self.threshold_tests();
        if tests == 0 { 0 } else { blocks_needed(tests, self.rules().alpha()) }
    }

    /// What the relative thresholds ask, in their order, then entrant by entrant.
    fn relative(&self) -> Vec<Asked> {
        let mut all = Vec::new();
        for relative in self.fail_if.iter().filter_map(Threshold::relative) {
            for (base, other) in self.rivals() {
                let metrics = match relative.subject {
                    Subject::Any => self.any((base, other)),
                    Subject::Metric(metric) => vec![metric],
                };
                all.extend(metrics.into_iter().map(|metric| Asked { relative, base, other, metric }));
            }
        }
        all
    }

    /// Each base with each of those that are held against it, by their indices.
    fn rivals(&self) -> Vec<(usize, usize)> {
        let groups = self.groups_of_targets().into_iter();
        groups.flat_map(|group| group.others.into_iter().map(move |other| (group.base, other))).collect()
    }

    /// What `any` means of two: each metric that gets a verdict and that both can have.
    fn any(&self, pair: (usize, usize)) -> Vec<Metric> {
        let decisive = Metric::ALL.into_iter().filter(|metric| self.decisive.contains(metric));
        decisive.filter(|&metric| self.is_measured_of_both(metric, pair)).collect()
    }

    fn is_measured_of_both(&self, metric: Metric, (base, other): (usize, usize)) -> bool {
        [base, other].iter().all(|&index| metric.is_measured_of(&self.entrants[index].plan.target))
    }
}

/// A question to one pair: is this entrant worse than that one on a metric, by so much?
#[derive(Debug, Clone, Copy)]
struct Asked {
    relative: Relative,
    /// Indices of [`ComparisonPlan::entrants`].
    base: usize,
    other: usize,
    metric: Metric,
}

impl Asked {
    /// What is known of the pair that it is a question to.
    fn known<'a>(&self, used: &[&Block], pair: &'a Pair) -> Known<'a> {
        let is_bound = |block: &Block, index: usize| {
            block.report(Slot::Entrant(index)).is_some_and(|report| self.metric.is_lower_bound(report))
        };
        let bounds = |index: usize| used.iter().map(|block| is_bound(block, index)).collect();
        let relative = self.relative;
        Known { relative, pair, at_least: bounds(self.other), at_most: bounds(self.base) }
    }
}

/// What the used blocks say to the plan's thresholds; nothing is looked at before all blocks have run.
pub(super) fn outcomes(
    plan: &ComparisonPlan,
    used: &[&Block],
    count: &BlockCount,
    pairs: &[Pair],
) -> Vec<Outcome> {
    let why = if count.is_unfinished(plan) {
        Some(format!("the comparison is unfinished: {} of {} blocks", count.used, count.planned))
    } else if used.is_empty() {
        Some("no block can be used".to_owned())
    } else {
        None
    };
    if let Some(why) = why {
        return plan.fail_if.iter().map(|threshold| Outcome::not_evaluated(*threshold, &why)).collect();
    }
    let relative = relative_outcomes(plan, used, pairs);
    let of = |threshold: &Threshold| match threshold {
        Threshold::Absolute(absolute) => {
            let entrants = 0..plan.entrants.len();
            entrants.map(|entrant| of_median(plan, used, *absolute, entrant)).collect::<Vec<_>>()
        }
        Threshold::Relative(_) => {
            relative.iter().filter(|outcome| outcome.threshold == *threshold).cloned().collect()
        }
    };
    plan.fail_if.iter().flat_map(of).collect()
}

/// An entrant's median over the used blocks against a bound. It fails by the median, whatever the interval: a bound asks for
/// no proof, and how sure it is stands beside it.
fn of_median(plan: &ComparisonPlan, used: &[&Block], absolute: Absolute, index: usize) -> Outcome {
    let entrant = &plan.entrants[index];
    let threshold = Threshold::Absolute(absolute);
    let named = |outcome: Outcome| Outcome { target: Some(entrant.label.clone()), ..outcome };
    let read = |block: &&Block| {
        Reading::of(absolute.figure, block.report(Slot::Entrant(index))?, entrant.artefact_bytes)
    };
    let readings: Vec<Reading> = used.iter().filter_map(read).collect();
    let judged: Vec<f64> = readings.iter().map(Reading::judged).collect();
    let missing = used.len() - readings.len();
    let Some(centre) = median(&judged).filter(|_| missing == 0) else {
        let why = format!("it was not measured in {missing} of {} blocks", used.len());
        return named(Outcome::not_evaluated(threshold, &why));
    };
    let state = if absolute.fails(centre) { State::Failed } else { State::Held };
    let interval = median_interval(&judged, plan.confidence);
    let sure = interval.map(|ends| [ends.low, ends.high].map(|end| absolute.fails(end)));
    // A lower bound beyond the middle would be beyond it whatever it stands for.
    let mut sorted = judged.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = sorted[sorted.len() / 2];
    let values: Vec<f64> = readings.iter().map(|reading| reading.value).collect();
    let measured = Measured {
        unit: absolute.figure.unit(),
        value: if centre.is_finite() { centre } else { median(&values).unwrap_or(0.0) },
        limit: absolute.bound,
        low: interval.map(|ends| ends.low).filter(|end| end.is_finite()),
        high: interval.map(|ends| ends.high).filter(|end| end.is_finite()),
        at_least: readings.iter().any(|reading| reading.at_least && reading.judged() <= upper),
        at_most: false,
        sure: sure.map(|ends| ends == [state == State::Failed; 2]),
    };
    named(Outcome { measured: Some(measured), ..Outcome::new(threshold, state) })
}

fn relative_outcomes(plan: &ComparisonPlan, used: &[&Block], pairs: &[Pair]) -> Vec<Outcome> {
    let asked = plan.relative();
    let label = |index: usize| plan.entrants[index].label.as_str();
    let find = |asked: &Asked| {
        pairs.iter().find(|pair| {
            pair.metric == asked.metric && pair.label == label(asked.other) && pair.base == label(asked.base)
        })
    };
    let asked: Vec<(Asked, Option<&Pair>)> = asked.into_iter().map(|asked| (asked, find(&asked))).collect();
    let found: Vec<Known<'_>> =
        asked.iter().filter_map(|(asked, pair)| Some(asked.known(used, (*pair)?))).collect();
    let mut states = judge_known(plan, &found).into_iter().zip(&found);
    let outcome = |(asked, pair): &(Asked, Option<&Pair>)| {
        let threshold = Threshold::Relative(asked.relative);
        let outcome = match pair.and_then(|_| states.next()) {
            Some((state, known)) => {
                Outcome { measured: Some(known.measured()), ..Outcome::new(threshold, state) }
            }
            None => Outcome::not_evaluated(threshold, "it was not measured of both in every block"),
        };
        let (target, base) = (label(asked.other).to_owned(), label(asked.base).to_owned());
        Outcome { figure: Some(asked.metric.into()), target: Some(target), base: Some(base), ..outcome }
    };
    asked.iter().map(outcome).collect()
}

/// Judges pairs by relative thresholds, as one family: Holm's correction goes over all of them that vary. `alpha` is the
/// level of the tests, and one less the confidence of the pairs' intervals.
#[must_use]
pub fn judge_relative(asked: &[(Relative, &Pair)], alpha: f64) -> Vec<State> {
    let tests: Vec<Test<'_>> = asked.iter().map(|(relative, pair)| Test::of(*relative, pair)).collect();
    let raw: Vec<f64> = tests.iter().filter_map(|test| test.p).collect();
    let mut adjusted = holm(&raw).into_iter();
    let state = |test: &Test<'_>| {
        let p = test.p.and_then(|_| adjusted.next());
        test.state(p, raw.len(), alpha)
    };
    tests.iter().map(state).collect()
}

/// That a pair is worse than a relative threshold allows.
struct Test<'a> {
    pair: &'a Pair,
    /// The ratio beyond which it is worse by more than the margin.
    limit: f64,
    /// The exact two-sided p-value of the signed-rank test against that ratio; absent of what does not vary.
    p: Option<f64>,
}

impl<'a> Test<'a> {
    fn of(relative: Relative, pair: &'a Pair) -> Self {
        let limit = relative.limit(pair.metric);
        let beyond: Vec<f64> = pair.ratios.iter().map(|ratio| (ratio / limit).ln()).collect();
        let p = (!pair.metric.is_deterministic()).then(|| signed_rank(&beyond).p_two_sided);
        Self { pair, limit, p }
    }

    fn is_worse(&self, ratio: f64) -> bool {
        if self.pair.metric.higher_is_better() { ratio < self.limit } else { ratio > self.limit }
    }

    /// Failed where the whole interval is worse and Holm's p-value small enough; held where none of it is worse.
    fn state(&self, p_adjusted: Option<f64>, tests: usize, alpha: f64) -> State {
        if self.p.is_none() {
            return if self.is_worse(self.pair.ratio) { State::Failed } else { State::Held };
        }
        let ends = self.pair.low.zip(self.pair.high);
        let worse = ends.map(|(low, high)| (self.is_worse(low), self.is_worse(high)));
        match worse {
            Some((true, true)) if p_adjusted.is_some_and(|p| p <= alpha) => State::Failed,
            Some((false, false)) => State::Held,
            _ => State::Inconclusive { settle_blocks: self.settle_blocks(tests, alpha) },
        }
    }

    fn settle_blocks(&self, tests: usize, alpha: f64) -> Option<usize> {
        let logs: Vec<f64> = self.pair.ratios.iter().map(|ratio| ratio.ln()).collect();
        let to_limit = (self.pair.ratio / self.limit).ln();
        let to_reject = self.is_worse(self.pair.ratio).then_some(to_limit);
        Unsettled { logs: &logs, to_limit, to_reject, tests }.blocks(alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::Comparison;
    use crate::comparison::tests::{blocks, comparison_plan, entrant, url};
    use crate::threshold::Unit;

    /// Ten blocks of a base at 10,000 TPS and another that is `factor` times as fast, and what their thresholds come to.
    fn judged(factor: f64, count: usize, thresholds: &[&str]) -> Vec<Outcome> {
        let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], count);
        plan.fail_if = thresholds.iter().map(|text| text.parse().unwrap()).collect();
        Comparison::of(&plan, &blocks(&plan, &[1.0, factor], 1.0)).thresholds
    }

    fn states(outcomes: &[Outcome]) -> Vec<&'static str> {
        outcomes.iter().map(|outcome| outcome.state.name()).collect()
    }

    #[test]
    fn relative_ones_fail_only_where_the_whole_interval_is_worse() {
        for (factor, threshold, state) in [
            (0.80, "tps worse than base by 5%", "failed"),
            (0.99, "tps worse than base by 5%", "held"),
            (1.20, "tps worse than base by 5%", "held"),
            (0.95, "tps worse than base by 5%", "inconclusive"),
            // Slower by a fifth: latencies and CPU time are 1.25 times as much.
            (0.80, "p99 worse than base by 20%", "failed"),
            (0.80, "p99 worse than base by 30%", "held"),
            (1.20, "cpu worse than base by 1%", "held"),
            (0.80, "p50 worse than base by 5%", "failed"),
            (0.80, "size worse than base by 5%", "held"),
        ] {
            let outcomes = judged(factor, 10, &[threshold]);
            assert_eq!(states(&outcomes), [state], "{factor} {threshold}: {outcomes:?}");
            let outcome = &outcomes[0];
            assert_eq!((outcome.target.as_deref(), outcome.base.as_deref()), (Some("go"), Some("rust")));
        }
    }

    #[test]
    fn any_is_every_metric_that_gets_a_verdict() {
        let outcomes = judged(0.8, 10, &["any worse than base by 5%"]);
        let figures: Vec<String> =
            outcomes.iter().filter_map(|outcome| outcome.figure).map(|figure| figure.to_string()).collect();
        assert_eq!(figures, ["tps", "p99", "cpu", "memory.peak"]);
        assert_eq!(states(&outcomes), ["failed"; 4]);
        let measured = outcomes[0].measured.as_ref().unwrap();
        assert_eq!((measured.unit, measured.limit), (Unit::Ratio, 0.95));
        assert!(measured.low.unwrap() < measured.value && measured.value < measured.high.unwrap());
    }

    /// Six blocks are enough for one test (2/64) and not for four, however much worse it is; eight are for four (8/256).
    #[test]
    fn how_many_are_asked_decides_how_many_blocks_it_takes() {
        for (count, threshold, state, needed) in [
            (5, "tps worse than base by 5%", "inconclusive", 6),
            (6, "tps worse than base by 5%", "failed", 6),
            (6, "any worse than base by 5%", "inconclusive", 8),
            (8, "any worse than base by 5%", "failed", 8),
        ] {
            let outcomes = judged(0.5, count, &[threshold]);
            assert!(
                outcomes.iter().all(|outcome| outcome.state.name() == state),
                "{count} {threshold}: {outcomes:?}"
            );
            let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], count);
            plan.fail_if = vec![threshold.parse().unwrap()];
            assert_eq!(plan.blocks_to_fail(), needed);
            let codes: Vec<_> = plan.advice().iter().map(super::super::Advice::code).collect();
            assert_eq!(codes.contains(&"too-few-to-fail"), count < needed, "{codes:?}");
            if state == "inconclusive" {
                assert_eq!(outcomes[0].state, State::Inconclusive { settle_blocks: Some(needed) });
            }
        }
    }

    #[test]
    fn absolute_ones_are_of_each_entrants_median() {
        let outcomes = judged(0.5, 10, &["tps<8k", "p99>300us", "errors>0%", "service.p99>1s", "size>1kB"]);
        let found: Vec<(&str, &str)> = outcomes
            .iter()
            .map(|outcome| (outcome.target.as_deref().unwrap(), outcome.state.name()))
            .collect();
        assert_eq!(
            found,
            [
                ("rust", "held"),
                ("go", "failed"),
                ("rust", "failed"),
                ("go", "failed"),
                ("rust", "held"),
                ("go", "held"),
                ("rust", "not evaluated"),
                ("go", "not evaluated"),
                ("rust", "held"),
                ("go", "held"),
            ]
        );
        let go = outcomes[1].measured.as_ref().unwrap();
        assert!((go.value / 5_000.0 - 1.0).abs() < 0.1 && go.sure == Some(true), "{go:?}");
        assert!(go.low.unwrap() <= go.value && go.value <= go.high.unwrap());
    }

    #[test]
    fn a_median_near_its_bound_says_that_it_is_not_sure() {
        // The blocks drift by a tenth about 10,000.
        let outcomes = judged(1.0, 10, &["tps<9.9k", "tps<12k", "tps<8k"]);
        let sure: Vec<_> = outcomes.iter().map(|outcome| outcome.measured.as_ref().unwrap().sure).collect();
        assert_eq!(sure, [false, false, true, true, true, true].map(Some));
        assert_eq!(judged(1.0, 5, &["tps<8k"])[0].measured.as_ref().unwrap().sure, None);
    }

    #[test]
    fn nothing_is_looked_at_before_all_blocks_have_run() {
        let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
        plan.fail_if = ["tps<1", "any worse than base by 5%"].map(|text| text.parse().unwrap()).to_vec();
        let mut stored = blocks(&plan, &[1.0, 0.5], 1.0);
        stored.truncate(7);
        let outcomes = Comparison::of(&plan, &stored).thresholds;
        assert_eq!(states(&outcomes), ["not evaluated"; 2]);
        let State::NotEvaluated { why } = &outcomes[0].state else { panic!("{outcomes:?}") };
        assert_eq!(why, "the comparison is unfinished: 7 of 8 blocks");
        assert!(outcomes.iter().all(Outcome::fails));
    }

    #[test]
    fn a_block_that_was_lost_is_replaced_and_does_not_count() {
        let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], 8);
        plan.fail_if = vec!["tps<9k".parse().unwrap(), "tps worse than base by 5%".parse().unwrap()];
        let wider = ComparisonPlan { blocks: 9, ..plan.clone() };
        let mut stored = blocks(&wider, &[1.0, 1.0], 1.0);
        for run in &mut stored[3].runs {
            run.report.summary.tps = 1.0;
            run.report.verdict = crate::warning::Verdict::Invalid;
        }
        assert_eq!(states(&Comparison::of(&plan, &stored).thresholds), ["held"; 3]);
        assert_eq!(states(&Comparison::of(&plan, &stored[..8]).thresholds), ["not evaluated"; 2]);
    }

    /// The run of a block whose P99 was cut off.
    fn cut(block: &mut Block, who: usize) {
        let run = block.runs.iter_mut().find(|run| run.slot == Slot::Entrant(who)).unwrap();
        run.report.summary.latency_us.bounded_from = Some("P99");
    }

    #[test]
    fn a_lower_bound_may_be_any_worse() {
        let every: Vec<usize> = (0..16).collect();
        for (factor, base, other, state, [at_least, at_most]) in [
            (1.0, &[][..], &[][..], "held", [false, false]),
            // Both at the timeout are 1 to 1, whatever lies behind it.
            (1.0, &every[..], &every[..], "inconclusive", [true, true]),
            (1.0, &[], &every[..], "inconclusive", [true, false]),
            (1.0, &every[..], &[], "held", [false, true]),
            (0.5, &[], &[], "failed", [false, false]),
            // Twice as much at least, and half again at most.
            (0.5, &[], &every[..], "failed", [true, false]),
            (0.5, &every[..], &[], "inconclusive", [false, true]),
            // Of 16 blocks one decides nothing, however bad it was; two do.
            (1.0, &[], &every[..1], "held", [true, false]),
            (1.0, &[], &every[..2], "inconclusive", [true, false]),
            (0.5, &every[..1], &[], "failed", [false, true]),
        ] {
            let mut plan = comparison_plan(vec![entrant("rust"), entrant("go")], 16);
            plan.fail_if = ["p99 worse than base by 5%", "cpu worse than base by 500%"]
                .map(|text| text.parse().unwrap())
                .to_vec();
            let mut stored = blocks(&plan, &[1.0, factor], 1.0);
            base.iter().for_each(|&block| cut(&mut stored[block], 0));
            other.iter().for_each(|&block| cut(&mut stored[block], 1));
            let outcomes = Comparison::of(&plan, &stored).thresholds;
            let measured = outcomes[0].measured.as_ref().unwrap();
            let found = (outcomes[0].state.name(), [measured.at_least, measured.at_most]);
            assert_eq!(found, (state, [at_least, at_most]), "{factor} {base:?} {other:?}: {outcomes:?}");
            assert_eq!(outcomes[1].state, State::Held, "no latency, and no bound");
        }
    }

    #[test]
    fn what_cannot_be_had_is_known_beforehand() {
        let both = comparison_plan(vec![entrant("rust"), url("old")], 8);
        let alone = comparison_plan(vec![entrant("rust")], 8);
        for (plan, text, part) in [
            (&both, "p99>20ms", None),
            (&both, "any worse than base by 5%", None),
            (&both, "memory.peak>1MiB", Some("unless its process is named (--pid of bench run) (of old)")),
            (&both, "cpu worse than base by 5%", Some("(of old)")),
            (&both, "startup>1s", Some("builds and starts")),
            (&both, "service.p99>1s", Some("so write `p99` (of rust)")),
            (&alone, "tps worse than base by 5%", Some("takes two targets")),
        ] {
            let why = plan.cannot_be_had(&text.parse().unwrap());
            match part {
                Some(part) => assert!(why.as_ref().is_some_and(|why| why.contains(part)), "{text}: {why:?}"),
                None => assert_eq!(why, None, "{text}"),
            }
        }
        // Of any, only what both have is tested.
        let mut both = both;
        both.fail_if = vec!["any worse than base by 5%".parse().unwrap()];
        assert_eq!((both.threshold_tests(), both.blocks_to_fail()), (2, 7));
        let outcomes = Comparison::of(&both, &blocks(&both, &[1.0, 0.5], 1.0)).thresholds;
        assert_eq!(states(&outcomes), ["failed"; 2]);
        both.decisive = vec![Metric::CpuPerRequest];
        let why = both.cannot_be_had(&both.fail_if[0]);
        assert!(why.as_ref().is_some_and(|why| why.ends_with("is measured of both rust and old")), "{why:?}");
    }
}
