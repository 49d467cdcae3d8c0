//! `bench compare`: several targets under one load, and what can be said of them for sure.

use crate::catalogue;
use crate::cli::CompareArgs;
use crate::commands::run::OTHER_FILES;
use crate::compare::announcement::{dry_run, introduction, question};
use crate::compare::conclusion::Conclusion;
use crate::compare::{self, Comparer, Contender};
use crate::failure::{Failure, interrupted, say};
use crate::live::{self, Live};
use crate::outputs::Outputs;
use crate::progress::Progress;
use crate::results::{self, ComparisonFolder, Stored, file_name};
use crate::signals::Signals;
use crate::thresholds;
use crate::{cpus, limits, machine, sources};
use anyhow::anyhow;
use bench_model::claim::Claim;
use bench_model::comparison::{ComparisonPlan, SCHEMA};
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use bench_model::plan::AD_HOC;
use bench_model::threshold::{Threshold, joined};
use std::fs::File;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The part of a comparison's id that names its targets is cut to this many characters.
const NAMES_LENGTH: usize = 60;

/// Blocks that are run unless it takes more of them for any verdict.
const BLOCKS: usize = 10;

/// A comparison as far as it was measured.
pub(crate) struct Carried {
    pub(crate) folder: ComparisonFolder,
    pub(crate) plan: ComparisonPlan,
    /// Where the result is to be written.
    outputs: Outputs,
    pub(crate) signals: Signals,
    /// Whoever watches, and waits for the report.
    progress: Progress,
    /// Why it could not go on, if it could not.
    pub(crate) done: Result<(), Failure>,
    /// Keeps others from going on with it meanwhile.
    _lock: File,
}

/// Runs or resumes, stores and prints.
pub(crate) fn main(args: &CompareArgs) -> Result<ExitCode, Failure> {
    let begun = match &args.resume {
        Some(id) => Some(open(args, id)?),
        None => None,
    };
    let contenders = match &begun {
        Some((_, plan)) => compare::resume(plan)?,
        None => compare::resolve(args)?,
    };
    let Some(carried) = carry_out(args, true, begun, contenders)? else { return Ok(ExitCode::SUCCESS) };
    let Carried { folder, plan, outputs, signals, progress, done, _lock } = carried;
    if let Some(signal) = signals.received().filter(|_| signals.aborted()) {
        say(&format!("aborted; finished blocks are kept, go on with: bench compare --resume {}", plan.id));
        return Ok(ExitCode::from(interrupted(signal)));
    }
    let concluded = conclude(args, &outputs, &folder, &plan, &signals);
    progress.report(folder.path());
    match (concluded?, done) {
        // It gave up: what was measured is invalid, whose code is found already.
        (code, Err(failure @ Failure::GaveUp(_))) => {
            say(&failure.to_string());
            Ok(code)
        }
        (code, done) => done.map(|()| code),
    }
}

/// Builds, checks, measures and stores. Nothing where only the plan was asked for, which is printed then. Whoever `resumes`
/// is told that a comparison can be gone on with.
pub(crate) fn carry_out(
    args: &CompareArgs,
    resumes: bool,
    begun: Option<(ComparisonFolder, ComparisonPlan)>,
    mut contenders: Vec<Contender>,
) -> Result<Option<Carried>, Failure> {
    let outputs = Outputs::of(args.format, &args.outputs)?;
    // Pinning changes what the system says of the CPUs that may be used.
    let machine = machine::fingerprint();
    let seed = args.seed.unwrap_or_else(drawn_seed);
    let (draft, missing) = match &begun {
        Some((folder, plan)) => {
            compare::require_same_machine(plan, &machine)?;
            (plan.clone(), missing(plan, folder)?)
        }
        None => {
            let plan = plan_of(args, &contenders, &machine, seed);
            thresholds::require_of_comparison(&plan)?;
            let blocks = plan.blocks;
            (plan, blocks)
        }
    };
    if args.dry_run {
        return dry_run(outputs.printed, &draft, missing).map(|()| None);
    }
    outputs.prepare()?;
    introduction(&draft, missing).iter().for_each(|line| say(line));
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let most =
        contenders.iter().map(|contender| contender.resolved.plan.load.connections()).max().unwrap_or(0);
    limits::require_open_files((most + OTHER_FILES + live::files(&args.live)) as u64)?;
    contenders.iter().try_for_each(|contender| sources::require(&contender.resolved))?;
    let progress = Progress::watched(Live::start(&args.live, &signals)?);
    // Builds may use every CPU: they come before this process is bound to its own.
    compare::build(&mut contenders, &signals, &progress)?;
    if !args.no_check && missing > 0 {
        let checked = compare::check(&mut contenders, &signals, &progress);
        progress.clear();
        checked?;
    }
    let (folder, plan) = match begun {
        Some((folder, plan)) => {
            compare::require_same(&plan, &contenders)?;
            (folder, plan)
        }
        None => ComparisonFolder::create(&args.results.folder, &name(&draft), |id, started_at| {
            ComparisonPlan { id, started_at, ..plan_of(args, &contenders, &machine, seed) }
        })?,
    };
    let lock = folder.lock()?;
    if missing > 0 && resumes {
        say(&format!("Ctrl-C stops it, and no finished block is lost: bench compare --resume {}", plan.id));
    }
    if let Some(first) = contenders.first() {
        cpus::pin_this_process(&first.resolved.plan.generator_cpus)?;
        progress.keep_off(&first.resolved.plan, &machine.cpus_allowed);
    }
    let done = Comparer {
        plan: &plan,
        contenders: &contenders,
        folder: &folder,
        signals: &signals,
        progress: &progress,
    }
    .run();
    progress.finish();
    Ok(Some(Carried { folder, plan, outputs, signals, progress, done, _lock: lock }))
}

/// Computes, writes and prints what the stored runs say.
fn conclude(
    args: &CompareArgs,
    outputs: &Outputs,
    folder: &ComparisonFolder,
    plan: &ComparisonPlan,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let conclusion = Conclusion::of(folder, plan.clone())?;
    let blocks = &conclusion.comparison.blocks;
    let id = &plan.id;
    let outcomes = &conclusion.comparison.thresholds;
    let mut code = match blocks.used {
        0 => ExitCode::from(3),
        _ if thresholds::fail(outcomes, args.inconclusive) => ExitCode::from(thresholds::FAILED),
        _ => ExitCode::SUCCESS,
    };
    if blocks.complete > 0 {
        // What was measured is shown, whatever becomes of the files: they can be made again from what is stored.
        let written = conclusion.write(folder.path());
        let shown = conclusion.write_to(outputs, written.as_deref().unwrap_or_default());
        if let Err(failure) = written {
            say(&format!(
                "{failure}; the runs are kept in {}: free some space, then write the report with `bench report {id} \
                 --charts FOLDER`",
                folder.path().display()
            ));
            code = ExitCode::FAILURE;
        }
        if let Err(failure) = shown {
            say(&failure.to_string());
            code = ExitCode::FAILURE;
        }
    }
    thresholds::tell(outcomes, plan.counted());
    if let Some(signal) = signals.received() {
        say(&format!(
            "interrupted with {} of {} blocks that can be used; go on with: bench compare --resume {id}",
            blocks.used, blocks.planned
        ));
        code = ExitCode::from(interrupted(signal));
    }
    Ok(code)
}

fn open(args: &CompareArgs, id: &str) -> Result<(ComparisonFolder, ComparisonPlan), Failure> {
    match results::find(&args.results.folder, id).map_err(Failure::Usage)? {
        Stored::Comparison(file) => Ok(ComparisonFolder::open(&file).map_err(Failure::Usage)?),
        Stored::Run(file) | Stored::Capacity(file) => Err(Failure::Usage(anyhow!(
            "{} is no comparison: there is nothing to go on with",
            file.display()
        ))),
    }
}

/// The plan, without the id and the date that its folder gives it.
fn plan_of(args: &CompareArgs, contenders: &[Contender], machine: &Machine, seed: u64) -> ComparisonPlan {
    let mut plan = ComparisonPlan {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        started_at: String::new(),
        question: String::new(),
        seed,
        blocks: args.blocks.unwrap_or(BLOCKS),
        margin: args.margin,
        confidence: 0.95,
        decisive: if args.metrics.is_empty() { Metric::DECISIVE.to_vec() } else { args.metrics.clone() },
        entrants: contenders.iter().map(Contender::entrant).collect(),
        control: !args.no_control,
        machine: machine.clone(),
        claims: claims(contenders),
        fail_if: thresholds_of(args, contenders),
    };
    plan.question = question(&plan);
    if args.blocks.is_none() {
        plan.blocks = plan.blocks.max(plan.blocks_needed()).max(plan.blocks_to_fail());
    }
    plan
}

/// Those of the scenario, and those that were typed.
fn thresholds_of(args: &CompareArgs, contenders: &[Contender]) -> Vec<Threshold> {
    let plan = contenders.first().map(|contender| &contender.resolved.plan);
    joined(plan.map_or(&[], |plan| plan.fail_if.as_slice()), &args.fail_if)
}

/// What the scenario quotes of figures published elsewhere, kept with the comparison: the file may change.
fn claims(contenders: &[Contender]) -> Vec<Claim> {
    let plan = contenders.first().map(|contender| &contender.resolved.plan);
    let scenario = plan.filter(|plan| plan.scenario != AD_HOC).map(|plan| plan.scenario.as_str());
    // Whoever resolved the plan has read it.
    let found = scenario.and_then(|name| catalogue::scenario(name).ok());
    found.map(|found| found.value.claim).unwrap_or_default()
}

/// Any seed will do as long as it is recorded; a short one is easier to type again.
pub(crate) fn drawn_seed() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since_epoch.subsec_nanos()) % 1_000_000
}

/// The part of a comparison's id that says what it is.
fn name(plan: &ComparisonPlan) -> String {
    let targets: Vec<String> = plan.targets().into_iter().map(file_name).collect();
    let names: String = targets.join("-").chars().take(NAMES_LENGTH).collect();
    let first = plan.entrants.first().map(|entrant| &entrant.plan);
    let scenario = first.map_or_else(String::new, |plan| file_name(&plan.scenario));
    match plan.sweep() {
        Some(sweep) => format!("{scenario}-{names}-sweep-{}", sweep.first().name()),
        None => format!("{scenario}-{names}-c{}", first.map_or(0, |plan| plan.load.connections())),
    }
}

fn missing(plan: &ComparisonPlan, folder: &ComparisonFolder) -> Result<usize, Failure> {
    Ok(plan.blocks.saturating_sub(folder.usable(plan)?))
}
