//! `bench list`: what there is to run, and what has been run.

use crate::catalogue;
use crate::cli::{ListArgs, Listed};
use crate::commands::write;
use crate::failure::Failure;
use crate::report::amount;
use crate::results::{self, CapacityFolder, ComparisonFolder, Stored};
use bench_model::report::RunReport;
use bench_model::target::Manifest;
use bench_model::warning::Verdict;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

/// Prints a line for each thing listed.
pub(crate) fn main(args: &ListArgs) -> Result<ExitCode, Failure> {
    let text = match args.what {
        Listed::Runs => runs(&args.results.folder),
        Listed::Scenarios => {
            let scenarios = catalogue::scenarios();
            table(
                scenarios.into_iter().map(|(name, found)| (name, found.map(|found| found.value.description))),
            )
        }
        Listed::Targets => {
            let targets = catalogue::targets();
            table(targets.into_iter().flat_map(|(name, found)| match found {
                Ok(found) => with_variants(&found.value),
                Err(failure) => vec![(name, Err(failure))],
            }))
        }
    };
    write(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A line for the target and one for each of its variants.
fn with_variants(manifest: &Manifest) -> Vec<(String, Result<String, Failure>)> {
    let about = format!("{}, {}", manifest.language, manifest.framework);
    let variants = manifest
        .variant
        .iter()
        .map(|(name, variant)| (format!("{}:{name}", manifest.name), Ok(variant.about.clone())));
    std::iter::once((manifest.name.clone(), Ok(about))).chain(variants).collect()
}

fn table(rows: impl Iterator<Item = (String, Result<String, Failure>)>) -> String {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.into_iter().fold(String::new(), |mut text, (name, about)| {
        let about = about.unwrap_or_else(|failure| format!("cannot be used: {failure}"));
        let _ = writeln!(text, "{name:width$}  {about}");
        text
    })
}

fn runs(root: &Path) -> String {
    let ids = results::ids(root);
    if ids.is_empty() {
        return format!("no runs below {}\n", root.display());
    }
    let width = ids.iter().map(String::len).max().unwrap_or(0);
    ids.iter().fold(String::new(), |mut text, id| {
        let about = about(&root.join(id));
        let about = about.unwrap_or_else(|error| format!("cannot be read: {error:#}"));
        let _ = writeln!(text, "{id:width$}  {about}");
        text
    })
}

fn about(folder: &Path) -> anyhow::Result<String> {
    match results::find(folder, &folder.to_string_lossy())? {
        Stored::Run(file) => Ok(about_run(&RunReport::of(&results::read_run(&file)?))),
        Stored::Comparison(file) => {
            let (folder, plan) = ComparisonFolder::open(&file)?;
            let complete = (0..plan.attempts()).filter(|&block| folder.is_complete(&plan, block)).count();
            let complete = complete.min(plan.blocks);
            Ok(format!("comparison, {complete} of {} blocks", plan.blocks))
        }
        Stored::Capacity(file) => {
            let (folder, plan) = CapacityFolder::open(&file)?;
            let levels = (0..plan.targets.len()).map(|target| folder.level_count(&plan, target));
            let labels: Vec<&str> = plan.targets.iter().map(|target| target.label.as_str()).collect();
            let levels: usize = levels.sum();
            Ok(format!("capacity of {} under {}, {levels} levels", labels.join(", "), plan.slo))
        }
    }
}

fn about_run(report: &RunReport) -> String {
    let verdict = match report.verdict {
        Verdict::Valid => "",
        Verdict::Invalid => "  INVALID",
    };
    let tps = amount::number(report.summary.tps);
    let figures = &report.summary.latency_us;
    format!("{tps:>7} TPS  P99 {}{verdict}", amount::latency_us(figures, "P99", figures.p99))
}
