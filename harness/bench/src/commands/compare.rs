//! `bench compare`: several targets under one load, and what can be said of them for sure.

use crate::catalogue;
use crate::cli::CompareArgs;
use crate::commands::run::OTHER_FILES;
use crate::commands::write;
use crate::compare::conclusion::Conclusion;
use crate::compare::{self, Comparer, Contender, Estimate};
use crate::failure::{Failure, interrupted, say};
use crate::progress::Progress;
use crate::report::comparison::{ComparisonFormat, words};
use crate::results::{self, ComparisonFolder, Stored, file_name};
use crate::signals::Signals;
use crate::{cpus, limits, machine, sources};
use anyhow::anyhow;
use bench_model::claim::Claim;
use bench_model::comparison::{ComparisonPlan, SCHEMA};
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use bench_model::plan::AD_HOC;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The part of a comparison's id that names its targets is cut to this many characters.
const NAMES_LENGTH: usize = 60;

/// Blocks that are run unless it takes more of them for any verdict.
const BLOCKS: usize = 10;

/// Runs or resumes, stores and prints.
pub(crate) fn main(args: &CompareArgs) -> Result<ExitCode, Failure> {
    let begun = match &args.resume {
        Some(id) => Some(open(args, id)?),
        None => None,
    };
    let mut contenders = match &begun {
        Some((_, plan)) => compare::resume(plan)?,
        None => compare::resolve(args)?,
    };
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
            let blocks = plan.blocks;
            (plan, blocks)
        }
    };
    if args.dry_run {
        return dry_run(args.format, &draft, missing);
    }
    introduction(&draft, missing).iter().for_each(|line| say(line));
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let most =
        contenders.iter().map(|contender| contender.resolved.plan.load.connections()).max().unwrap_or(0);
    limits::require_open_files((most + OTHER_FILES) as u64)?;
    contenders.iter().try_for_each(|contender| sources::require(&contender.resolved))?;
    let progress = Progress::new();
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
    let _lock = folder.lock()?;
    if missing > 0 {
        say(&format!("Ctrl-C stops it, and no finished block is lost: bench compare --resume {}", plan.id));
    }
    if let Some(first) = contenders.first() {
        cpus::pin_this_process(&first.resolved.plan.generator_cpus)?;
    }
    let (plan, contenders, folder, signals) = (&plan, &contenders, &folder, &signals);
    let done = Comparer { plan, contenders, folder, signals, progress: &progress }.run();
    progress.finish();
    conclude(args.format, folder, plan, signals).and_then(|code| done.map(|()| code))
}

/// Computes, writes and prints what the stored runs say.
fn conclude(
    format: ComparisonFormat,
    folder: &ComparisonFolder,
    plan: &ComparisonPlan,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let conclusion = Conclusion::of(folder, plan.clone())?;
    let blocks = &conclusion.comparison.blocks;
    let id = &plan.id;
    let mut code = if blocks.used == 0 { ExitCode::from(3) } else { ExitCode::SUCCESS };
    if blocks.complete > 0 {
        // What was measured is shown, whatever becomes of the files: they can be made again from what is stored.
        let written = conclusion.write(folder.path());
        write(&conclusion.render(format, written.as_deref().unwrap_or_default()))?;
        if let Err(failure) = written {
            say(&format!(
                "{failure}; the runs are kept in {}: free some space, then write the report with `bench report {id} \
                 --charts FOLDER`",
                folder.path().display()
            ));
            code = ExitCode::FAILURE;
        }
    }
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
    };
    plan.question = question(&plan);
    if args.blocks.is_none() {
        plan.blocks = plan.blocks.max(plan.blocks_needed());
    }
    plan
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

fn question(plan: &ComparisonPlan) -> String {
    let Some(first) = plan.entrants.first() else { return String::new() };
    let scenario = &first.plan.scenario;
    match (plan.targets().as_slice(), plan.sweep()) {
        ([alone], Some(_)) => format!("How does {alone} do at {scenario} with {}?", words::offered(plan)),
        (targets, Some(_)) => {
            format!("How do {} compare at {scenario} with {}?", words::list(targets), words::offered(plan))
        }
        (targets, None) => format!(
            "How do {} compare at {scenario} with {} connections?",
            words::list(targets),
            first.plan.load.connections()
        ),
    }
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

/// What is said before anything is built: what is to be done, how long it takes, and what it cannot show.
fn introduction(plan: &ComparisonPlan, missing: usize) -> Vec<String> {
    if missing == 0 {
        return vec![format!("{} all {} blocks are there already", plan.question, plan.blocks)];
    }
    let control = match (plan.control, plan.entrants.first()) {
        (true, Some(base)) => format!(" ({} twice, to see the machine's own noise)", base.label),
        _ => String::new(),
    };
    let blocks = match missing {
        1 if plan.blocks == 1 => "1 block".to_owned(),
        all if all == plan.blocks => format!("{all} blocks"),
        more => format!("{more} more of {} blocks", plan.blocks),
    };
    let mut lines = vec![
        plan.question.clone(),
        format!(
            "{blocks} of {} runs each{control}, in an order drawn from seed {}",
            plan.slots().len(),
            plan.seed
        ),
        format!(
            "it will take {}, beside builds, checks and the replacement of invalid blocks",
            Estimate::of(plan, missing).text()
        ),
    ];
    lines.extend(plan.advice().iter().map(|advice| format!("note: {}", advice.message())));
    lines
}

/// Prints the plan: for people with the order of each block, for programs whole.
fn dry_run(format: ComparisonFormat, plan: &ComparisonPlan, missing: usize) -> Result<ExitCode, Failure> {
    if format == ComparisonFormat::Json {
        write(&(serde_json::to_string_pretty(plan)? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = introduction(plan, missing);
    for block in 0..plan.blocks {
        let order: Vec<String> = plan.order(block).into_iter().map(|slot| plan.label(slot)).collect();
        lines.push(format!("block {}: {}", block + 1, order.join(", ")));
    }
    write(&(lines.join("\n") + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
