//! A comparison as a sheet: the medians of each entrant, and its ratios to its base.

use super::ComparisonSource;
use super::quantity::{self, ratio_interval};
use super::words::{settled_by, verdict};
use crate::report::format::Kind;
use crate::report::sheet::{Check, Fault, Figure, Note, OfTarget, Ratio, Sheet, is_bound};
use bench_model::comparison::{ComparisonPlan, Entrant, Pair, PairVerdict, Slot};
use bench_model::metric::Metric;

pub(super) fn of(source: &ComparisonSource<'_>) -> Sheet {
    let plan = source.plan;
    let scenario = plan.entrants.first().map(|entrant| entrant.plan.scenario.clone());
    let fault = fault(source);
    let targets = plan.entrants.iter().map(|entrant| of_entrant(source, entrant, fault.as_ref()));
    let targets = targets.chain(of_all(source).filter(|_| fault.is_none()));
    let advice = source.comparison.advice.iter();
    Sheet {
        kind: Kind::Comparison,
        id: plan.id.clone(),
        scenario: scenario.unwrap_or_default(),
        started_at: plan.started_at.clone(),
        is_finished: source.comparison.is_finished(),
        notes: advice
            .map(|advice| Note { code: advice.code().to_owned(), message: advice.message() })
            .collect(),
        targets: targets.collect(),
    }
}

/// Without a block that can be used there is no figure.
fn fault(source: &ComparisonSource<'_>) -> Option<Fault> {
    let blocks = &source.comparison.blocks;
    let lost = blocks
        .lost
        .iter()
        .map(|lost| format!("{} in block {} ({})", lost.label, lost.block + 1, lost.codes.join(", ")));
    let lost: Vec<String> = lost.collect();
    let why = if lost.is_empty() { String::new() } else { format!(": the run of {}", lost.join(", of ")) };
    (blocks.used == 0).then(|| Fault {
        is_of_target: false,
        codes: vec!["no-block".to_owned()],
        message: format!("none of {} complete blocks can be used{why}", blocks.complete),
    })
}

fn of_entrant(source: &ComparisonSource<'_>, entrant: &Entrant, fault: Option<&Fault>) -> OfTarget {
    let known = source.figures(&entrant.label);
    let figures = Metric::ALL.into_iter().filter_map(|metric| {
        let estimate = known?.values.get(&metric)?;
        let figure = Figure::new(metric, estimate.median).counting(metric, source.plan.counted());
        let figure = figure.at_least(is_bound_of_any(source, &entrant.label, metric));
        let mut figure = Figure { low: estimate.low, high: estimate.high, ..figure };
        if let Some(interval) = quantity::figure_interval(metric, estimate) {
            figure.shown += &format!(" {interval}");
        }
        let pairs = source.comparison.pairs.iter();
        figure.ratios =
            pairs.filter(|pair| pair.metric == metric && pair.label == entrant.label).map(ratio).collect();
        Some(figure)
    });
    OfTarget {
        name: entrant.label.clone(),
        duration_s: entrant.plan.duration_s * source.comparison.blocks.used as f64,
        fault: fault.cloned(),
        figures: figures.collect(),
        checks: checks(source, Some(&entrant.label)),
    }
}

/// Whether an entrant's figure is only a lower bound in any of its used runs: so is the median then, or an end of its interval.
fn is_bound_of_any(source: &ComparisonSource<'_>, label: &str, metric: Metric) -> bool {
    let used = source.blocks.iter().filter(|block| source.plan.counts(block));
    let mut its = used.flat_map(|block| &block.runs).filter(|run| is_its(source.plan, run.slot, label));
    its.any(|run| is_bound(metric, &run.report))
}

fn is_its(plan: &ComparisonPlan, slot: Slot, label: &str) -> bool {
    matches!(slot, Slot::Entrant(index) if plan.entrants.get(index).is_some_and(|entrant| entrant.label == label))
}

/// What was not looked at of anyone, such as the thresholds of a comparison that has not ended.
fn of_all(source: &ComparisonSource<'_>) -> Option<OfTarget> {
    let checks = checks(source, None);
    let name = "all targets".to_owned();
    (!checks.is_empty()).then(|| OfTarget { name, duration_s: 0.0, fault: None, figures: Vec::new(), checks })
}

/// What came of the thresholds on a target's figures.
fn checks(source: &ComparisonSource<'_>, target: Option<&str>) -> Vec<Check> {
    let outcomes = source.comparison.thresholds.iter();
    outcomes.filter(|outcome| outcome.target.as_deref() == target).map(Check::of).collect()
}

fn ratio(pair: &Pair) -> Ratio {
    let interval = ratio_interval(pair).map_or_else(String::new, |interval| format!(" {interval}"));
    let inconclusive = pair.verdict == Some(PairVerdict::Inconclusive);
    let found = match pair.verdict {
        None => String::new(),
        Some(_) if inconclusive => format!(": inconclusive, {}", settled_by(pair)),
        Some(found) => format!(": {}", verdict(found)),
    };
    Ratio {
        base: pair.base.clone(),
        value: pair.ratio,
        low: pair.low,
        high: pair.high,
        shown: format!("{} times that of {}{interval}{found}", quantity::ratio(pair.ratio), pair.base),
        is_inconclusive: inconclusive,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{Compared, GO, RUST, batches, full};
    use super::*;

    #[test]
    fn a_median_of_lower_bounds_is_one() {
        let compared = Compared::changed(&[RUST, GO], 6, |_, blocks| {
            let run = blocks[1].runs.iter_mut().find(|run| run.slot == Slot::Entrant(1));
            run.expect("go ran").report.summary.latency_us.bounded_from = Some("P99.9");
        });
        let sheet = of(&compared.source());
        let bounds = sheet.targets.iter().flat_map(|target| {
            let bounds = target.figures.iter().filter(|figure| figure.at_least);
            bounds.map(|figure| (target.name.as_str(), figure.name, figure.shown.starts_with(">= ")))
        });
        assert_eq!(bounds.collect::<Vec<_>>(), [("go", "p999", true)]);
    }

    #[test]
    fn advice_has_its_own_code() {
        let sheet = of(&full().source());
        let mut codes: Vec<&str> = sheet.notes.iter().map(|note| note.code.as_str()).collect();
        codes.dedup();
        assert_eq!(codes, ["unfinished", "lost-blocks", "run-warnings"]);
        assert!(!sheet.is_finished, "a block is lost, and another can be made for it");
    }

    #[test]
    fn of_batches_it_is_said_that_items_are_counted() {
        let sheet = of(&batches(&[RUST, GO], 6).source());
        assert!(
            sheet.targets[0].figures[0].shown.contains(" TPS (items) ["),
            "{:?}",
            sheet.targets[0].figures[0]
        );
    }
}
