//! Baselines from what is stored: of a comparison one entrant's runs, or runs that were made one by one.

use crate::compare::conclusion::Conclusion;
use crate::failure::Failure;
use crate::results::{self, ComparisonFolder, Stored};
use anyhow::anyhow;
use bench_model::baseline::{Baseline, SCHEMA};
use bench_model::comparison::{Advice, Comparison, ComparisonPlan, Figures};
use bench_model::metric::Metric;
use bench_model::plan::TargetPlan;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::source::Source;
use bench_model::warning::{Verdict, WarningText};
use std::collections::BTreeMap;
use std::path::Path;

/// The baseline that stored runs, or a stored comparison, make. Of the latter it takes the entrant called `of`, or the base.
pub(crate) fn taken(results: &Path, named: &[String], of: Option<&str>) -> Result<Baseline, Failure> {
    let mut records = Vec::new();
    for name in named {
        match results::find(results, name).map_err(Failure::Usage)? {
            Stored::Run(file) if of.is_none() => {
                records.push((name.as_str(), results::read_run(&file).map_err(Failure::Usage)?));
            }
            Stored::Run(_) => {
                return Err(Failure::Usage(anyhow!(
                    "--of is for comparisons, and {name} is a run: leave it out"
                )));
            }
            Stored::Comparison(file) if named.len() == 1 => return of_comparison(&file, of),
            Stored::Comparison(_) => {
                return Err(Failure::Usage(anyhow!(
                    "{name} is a comparison, whose runs make a baseline by themselves: name it alone"
                )));
            }
            Stored::Capacity(_) => {
                return Err(Failure::Usage(anyhow!(
                    "{name} is a search for a capacity, whose runs are each at another rate: name runs, or a comparison"
                )));
            }
        }
    }
    of_runs(records)
}

fn of_comparison(file: &Path, of: Option<&str>) -> Result<Baseline, Failure> {
    let (folder, plan) = ComparisonFolder::open(file).map_err(Failure::Usage)?;
    let index = match of {
        None => 0,
        Some(label) => plan.entrants.iter().position(|entrant| entrant.label == label).ok_or_else(|| {
            let labels: Vec<&str> = plan.entrants.iter().map(|entrant| entrant.label.as_str()).collect();
            Failure::Usage(anyhow!("--of {label}: {} compares {}", plan.id, labels.join(", ")))
        })?,
    };
    let comparison = Conclusion::of(&folder, plan.clone())?.comparison;
    let is_unfinished = comparison.advice.iter().any(|advice| matches!(advice, Advice::Unfinished { .. }));
    if is_unfinished && comparison.blocks.used > 0 {
        return Err(Failure::Usage(anyhow!(
            "{0} makes no baseline: it is unfinished, and where it stopped may depend on how it went. Finish it (bench \
             compare --resume {0}), or measure anew (bench baseline measure)",
            plan.id
        )));
    }
    of_entrant(&plan, &comparison, index)
}

/// The baseline of an entrant's runs in the blocks that can be used.
pub(crate) fn of_entrant(
    plan: &ComparisonPlan,
    comparison: &Comparison,
    index: usize,
) -> Result<Baseline, Failure> {
    let refused = |why: &str| Failure::Usage(anyhow!("{} makes no baseline: {why}", plan.id));
    let entrant = plan.entrants.get(index).ok_or_else(|| refused("it compares nobody"))?;
    if comparison.blocks.used == 0 {
        return Err(refused("not one of its blocks can be used"));
    }
    let figures = comparison.figures.get(index).into_iter().flat_map(Figures::comparable);
    // With the words of the advice, which say of how many runs it is true.
    let warning = |advice: &Advice| match advice {
        Advice::RunWarnings { label, code, .. } if *label == entrant.label => {
            Some(WarningText { code: code.clone(), ..advice.text() })
        }
        _ => None,
    };
    let baseline = Baseline {
        schema: SCHEMA.to_owned(),
        from: vec![plan.id.clone()],
        measured_at: plan.started_at.clone(),
        target: started(&entrant.plan.target).ok_or_else(|| refused(NOT_STARTED))?,
        source: entrant.source.clone(),
        machine: plan.machine.clone(),
        plan: entrant.plan.clone(),
        warnings: comparison.advice.iter().filter_map(warning).collect(),
        values: figures.map(|(metric, estimate)| (metric, estimate.values.clone())).collect(),
    };
    baseline.fault().map_or(Ok(baseline), |fault| Err(refused(&fault)))
}

const NOT_STARTED: &str = "bench did not start that server, which keeps its state from run to run";

fn started(target: &TargetPlan) -> Option<String> {
    matches!(target, TargetPlan::Managed { .. }).then(|| target.name().to_owned())
}

fn of_runs(mut records: Vec<(&str, RunRecord)>) -> Result<Baseline, Failure> {
    records.sort_by(|(_, a), (_, b)| (&a.started_at, &a.id).cmp(&(&b.started_at, &b.id)));
    let Some((name, first)) = records.first() else { return Err(Failure::Usage(anyhow!("name a run"))) };
    let target = started(&first.plan.target)
        .ok_or_else(|| Failure::Usage(anyhow!("{name} makes no baseline: {NOT_STARTED}")))?;
    let reports: Vec<RunReport> = records.iter().map(|(_, record)| RunReport::of(record)).collect();
    let mut each = records.iter().zip(&reports);
    if let Some(((name, _), report)) = each.find(|(_, report)| report.verdict == Verdict::Invalid) {
        let codes: Vec<&str> = report.invalidating().map(|warning| warning.code.as_str()).collect();
        return Err(Failure::Usage(anyhow!(
            "{name} is invalid ({}), and what cannot be used is no baseline: name a valid run",
            codes.join(", ")
        )));
    }
    let baseline = Baseline {
        schema: SCHEMA.to_owned(),
        from: records.iter().map(|(_, record)| record.id.clone()).collect(),
        measured_at: first.started_at.clone(),
        target,
        source: source(first).cloned(),
        machine: first.machine.clone(),
        plan: first.plan.clone(),
        warnings: warnings(&reports),
        values: values(&records, &reports),
    };
    for (other, record) in &records[1..] {
        if let Some(what) = differs(&baseline, first, record) {
            return Err(Failure::Usage(anyhow!(
                "{other} is no repetition of {name}: {what} is another. A baseline is of runs of one build under one load"
            )));
        }
    }
    Ok(baseline)
}

fn source(record: &RunRecord) -> Option<&Source> {
    record.observations.built.as_ref().map(|built| &built.source)
}

fn differs(baseline: &Baseline, first: &RunRecord, other: &RunRecord) -> Option<&'static str> {
    if first.plan.target != other.plan.target {
        return Some("the target");
    }
    if source(first) != source(other) {
        return Some("what the target was built from");
    }
    let is_elsewhere = !first.machine.differences(&other.machine).is_empty();
    baseline.unlike(&other.plan).or_else(|| is_elsewhere.then_some("the machine"))
}

/// What the runs were warned of, each code once in the words of the first that has it.
fn warnings(reports: &[RunReport]) -> Vec<WarningText> {
    let mut found: Vec<WarningText> = Vec::new();
    for warning in reports.iter().flat_map(|report| &report.warnings) {
        if found.iter().all(|other| other.code != warning.code) {
            found.push(warning.clone());
        }
    }
    found
}

/// Every metric that each of the runs has, and none as a lower bound.
fn values(records: &[(&str, RunRecord)], reports: &[RunReport]) -> BTreeMap<Metric, Vec<f64>> {
    let of = |metric: Metric| {
        let each = records.iter().zip(reports).map(|((_, record), report)| {
            let built = record.observations.built.as_ref();
            metric.comparable(report, built.and_then(|built| built.artefact_bytes))
        });
        each.collect::<Option<Vec<f64>>>().map(|values| (metric, values))
    };
    Metric::ALL.into_iter().filter_map(of).collect()
}
