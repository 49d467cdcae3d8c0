//! Gathers what a history is made of: every stored run, and of each comparison the medians of its blocks. Computes nothing of it.

use crate::compare::conclusion::Conclusion;
use crate::results::{self, ComparisonFolder, Stored};
use anyhow::Result;
use bench_model::comparison::{Advice, Comparison, ComparisonPlan, Entrant, Figures};
use bench_model::history::{Entry, Unusable};
use bench_model::metric::Metric;
use bench_model::plan::Plan;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::collections::BTreeMap;
use std::path::Path;

/// What is stored below a folder.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) entries: Vec<Entry>,
    /// Results that cannot be read: the id, and why not.
    pub(crate) unreadable: Vec<(String, String)>,
}

/// Reads everything below `root` whose plan is `wanted`. One result is in memory at a time.
pub(crate) fn gather(root: &Path, wanted: &dyn Fn(&Plan) -> bool) -> Gathered {
    let mut gathered = Gathered::default();
    for id in results::ids(root) {
        match entries(&root.join(&id), wanted) {
            Ok(found) => gathered.entries.extend(found),
            Err(error) => gathered.unreadable.push((id, format!("{error:#}"))),
        }
    }
    gathered
}

fn entries(folder: &Path, wanted: &dyn Fn(&Plan) -> bool) -> Result<Vec<Entry>> {
    match results::find(folder, &folder.to_string_lossy())? {
        Stored::Run(file) => {
            let record = results::read_run(&file)?;
            Ok(if wanted(&record.plan) { vec![of_run(record)] } else { Vec::new() })
        }
        Stored::Comparison(file) => {
            let (folder, plan) = ComparisonFolder::open(&file)?;
            if plan.entrants.iter().any(|entrant| is_of_here(entrant) && wanted(&entrant.plan)) {
                of_comparison(&folder, plan, wanted)
            } else {
                Ok(Vec::new())
            }
        }
        // Its levels are at rates that the search chose, and no two searches choose the same.
        Stored::Capacity(_) => Ok(Vec::new()),
    }
}

fn of_run(record: RunRecord) -> Entry {
    let report = RunReport::of(&record);
    let artefact_bytes = record.observations.built.as_ref().and_then(|built| built.artefact_bytes);
    let outcome = match record.observations.interrupted_by {
        Some(signal) => Err(Unusable::Interrupted { signal }),
        None if report.verdict == Verdict::Invalid => Err(Unusable::Invalid {
            codes: report.invalidating().map(|warning| warning.code.clone()).collect(),
        }),
        None => Ok(figures(|metric| metric.comparable(&report, artefact_bytes))),
    };
    let mut warnings: Vec<String> = report.warnings.iter().map(|warning| warning.code.clone()).collect();
    warnings.sort_unstable();
    warnings.dedup();
    Entry {
        id: record.id,
        started_at: record.started_at,
        plan: record.plan,
        machine: record.machine,
        source: record.observations.built.map(|built| built.source),
        blocks: None,
        warnings,
        outcome,
    }
}

/// A point for each entrant: the medians of the blocks that can be used.
fn of_comparison(
    folder: &ComparisonFolder,
    plan: ComparisonPlan,
    wanted: &dyn Fn(&Plan) -> bool,
) -> Result<Vec<Entry>> {
    let comparison = Conclusion::of(folder, plan.clone())?.comparison;
    let used = comparison.blocks.used;
    let entries = plan.entrants.iter().zip(&comparison.figures);
    let entries = entries.filter(|(entrant, _)| is_of_here(entrant) && wanted(&entrant.plan));
    let entry = |(entrant, of_entrant): (&Entrant, &Figures)| Entry {
        id: plan.id.clone(),
        started_at: plan.started_at.clone(),
        plan: entrant.plan.clone(),
        machine: plan.machine.clone(),
        source: entrant.source.clone(),
        blocks: Some(used),
        warnings: warned_of(&comparison, &entrant.label),
        outcome: match used {
            0 => Err(Unusable::NoBlocks),
            _ => Ok(of_entrant.comparable().map(|(metric, estimate)| (metric, estimate.median)).collect()),
        },
    };
    Ok(entries.map(entry).collect())
}

/// What an entrant's runs in the used blocks were warned of.
fn warned_of(comparison: &Comparison, whose: &str) -> Vec<String> {
    let code = |advice: &Advice| match advice {
        Advice::RunWarnings { label, code, .. } if label == whose => Some(code.clone()),
        _ => None,
    };
    comparison.advice.iter().filter_map(code).collect()
}

/// Whether an entrant is the target as it was here at that time: not that of another checkout, which is older or newer code, and not
/// the same one a second time.
fn is_of_here(entrant: &Entrant) -> bool {
    !entrant.target().contains('@') && entrant.named() == entrant.target()
}

fn figures(of: impl Fn(Metric) -> Option<f64>) -> BTreeMap<Metric, f64> {
    Metric::ALL.into_iter().filter_map(|metric| Some((metric, of(metric)?))).collect()
}
