//! `bench baseline`: stored runs under a name, for gates.

use crate::baselines;
use crate::cli::{
    BaselineArgs, BaselineCommand, BaselinesArgs, CompareArgs, LiveArgs, MeasureArgs, RemoveArgs, SaveArgs,
    ShowArgs,
};
use crate::commands::compare::{Carried, carry_out};
use crate::commands::write;
use crate::compare;
use crate::compare::conclusion::Conclusion;
use crate::failure::{Failure, interrupted, say};
use crate::machine;
use crate::report::Format;
use crate::report::baseline;
use crate::thresholds::Inconclusive;
use anyhow::anyhow;
use bench_model::baseline::Baseline;
use bench_model::metric::Metric;
use std::path::Path;
use std::process::ExitCode;

/// Measures, saves, lists, shows or removes.
pub(crate) fn main(args: &BaselineArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        BaselineCommand::Measure(args) => return measure(args),
        BaselineCommand::Save(args) => save(args)?,
        BaselineCommand::List(args) => list(args)?,
        BaselineCommand::Show(args) => show(args)?,
        BaselineCommand::Rm(args) => remove(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the runs of a baseline as a comparison of nobody: blocks of one run.
fn measure(args: &MeasureArgs) -> Result<ExitCode, Failure> {
    baselines::make_room(&args.baselines.folder, &args.name, args.force)?;
    if compare::is_url(&args.target) {
        return Err(Failure::Usage(anyhow!(
            "--target {}: a baseline is of fresh processes, so name a target that bench starts (see `bench list targets`)",
            args.target
        )));
    }
    let comparing = CompareArgs {
        scenario: Some(args.scenario.clone()),
        targets: vec![args.target.clone()],
        base: None,
        sweep: None,
        blocks: Some(args.runs),
        margin: 0.02,
        metrics: Metric::DECISIVE.to_vec(),
        seed: None,
        no_control: true,
        no_check: args.no_check,
        resume: None,
        fail_if: Vec::new(),
        inconclusive: Inconclusive::Pass,
        load: args.load.clone(),
        request: args.request.clone(),
        cpus: args.cpus.clone(),
        format: Some(Format::Text),
        outputs: Vec::new(),
        live: LiveArgs::default(),
        dry_run: false,
        results: args.results.clone(),
    };
    let contender = compare::resolve_one(&comparing, &args.target)?;
    let Some(carried) = carry_out(&comparing, true, None, vec![contender])? else {
        return Ok(ExitCode::SUCCESS);
    };
    let Carried { folder, plan, signals, done, .. } = carried;
    if let Some(signal) = signals.received() {
        say(&format!(
            "interrupted, so that no baseline is saved; the finished runs are kept in {}",
            folder.path().display()
        ));
        return Ok(ExitCode::from(interrupted(signal)));
    }
    match done {
        Err(failure @ Failure::GaveUp(_)) => say(&failure.to_string()),
        done => done?,
    }
    let comparison = Conclusion::of(&folder, plan.clone())?.comparison;
    if comparison.blocks.used == 0 {
        say("not one run was valid, so that no baseline is saved");
        return Ok(ExitCode::from(3));
    }
    keep(&args.baselines.folder, &args.name, &baselines::of_entrant(&plan, &comparison, 0)?, args.force)?;
    Ok(ExitCode::SUCCESS)
}

fn save(args: &SaveArgs) -> Result<(), Failure> {
    let baseline = baselines::taken(&args.results.folder, &args.runs, args.of.as_deref())?;
    keep(&args.baselines.folder, &args.name, &baseline, args.force)
}

fn keep(folder: &Path, name: &str, baseline: &Baseline, force: bool) -> Result<(), Failure> {
    let path = baselines::save(folder, name, baseline, force)?;
    say(&format!("saved {} of {} as {}", baseline::runs(baseline), baseline.target, path.display()));
    if let Some(note) = baseline::weakness(baseline) {
        say(&format!("note: {note}"));
    }
    Ok(())
}

fn list(args: &BaselinesArgs) -> Result<(), Failure> {
    let names = baselines::names(&args.folder)?;
    let machine = machine::fingerprint();
    let found = names.iter().map(|name| (name.as_str(), baselines::read(&args.folder, name)));
    let rows: Vec<(&str, Result<Baseline, String>)> =
        found.map(|(name, read)| (name, read.map_err(|failure| failure.to_string()))).collect();
    write(&match rows.as_slice() {
        [] => format!("no baselines in {}\n", args.folder.display()),
        rows => baseline::list(rows, &machine),
    })
}

fn show(args: &ShowArgs) -> Result<(), Failure> {
    let found = baselines::read(&args.baselines.folder, &args.name)?;
    write(&baseline::render(args.format, &args.name, &found, &machine::fingerprint()))
}

fn remove(args: &RemoveArgs) -> Result<(), Failure> {
    args.names.iter().try_for_each(|name| baselines::remove(&args.baselines.folder, name))
}
