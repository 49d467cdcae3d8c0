//! `bench compare`: several targets under one load, and what can be said of them for sure.

use crate::cli::CompareArgs;
use crate::commands::run::OTHER_FILES;
use crate::commands::write;
use crate::compare::conclusion::Conclusion;
use crate::compare::{self, Comparer, Contender, Estimate};
use crate::failure::{Failure, interrupted, say};
use crate::progress::Progress;
use crate::results::{self, ComparisonFolder, Stored, file_name};
use crate::signals::Signals;
use crate::{cpus, limits, machine};
use anyhow::anyhow;
use bench_model::comparison::{ComparisonPlan, SCHEMA};
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

/// The part of a comparison's id that names its targets is cut to this many characters.
const NAMES_LENGTH: usize = 60;

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
    if let Some((_, plan)) = &begun {
        compare::require_same_machine(plan, &machine)?;
    }
    if args.dry_run {
        return match &begun {
            Some((folder, plan)) => dry_run(plan, missing(plan, folder)),
            None => {
                let plan = plan_of(args, &contenders, &machine, "dry-run".to_owned(), String::new());
                dry_run(&plan, plan.blocks)
            }
        };
    }
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let most =
        contenders.iter().map(|contender| contender.resolved.plan.load.connections()).max().unwrap_or(0);
    limits::require_open_files((most + OTHER_FILES) as u64)?;
    let progress = Progress::new();
    // Builds may use every CPU: they come before this process is bound to its own.
    compare::build(&mut contenders, &signals, &progress)?;
    if !args.no_check {
        let checked = compare::check(&contenders, &signals, &progress);
        progress.clear();
        checked?;
    }
    let (folder, plan) = match begun {
        Some((folder, plan)) => {
            compare::require_same(&plan, &contenders)?;
            (folder, plan)
        }
        None => ComparisonFolder::create(&args.results.folder, &name(&contenders), |id, started_at| {
            plan_of(args, &contenders, &machine, id, started_at)
        })?,
    };
    let _lock = folder.lock()?;
    announce(&plan, &folder);
    if let Some(first) = contenders.first() {
        cpus::pin_this_process(&first.resolved.plan.generator_cpus)?;
    }
    let comparer = Comparer {
        plan: &plan,
        contenders: &contenders,
        folder: &folder,
        signals: &signals,
        progress: &progress,
    };
    let done = comparer.run();
    progress.finish();
    let id = plan.id.clone();
    let conclusion = Conclusion::of(&folder, plan)?;
    let blocks = &conclusion.comparison.blocks;
    if blocks.complete > 0 {
        let files = conclusion.write(folder.path())?;
        write(&conclusion.render(args.format, &files))?;
    }
    done?;
    if let Some(signal) = signals.received() {
        say(&format!(
            "interrupted after {} of {} blocks; go on with: bench compare --resume {id}",
            blocks.complete, blocks.planned
        ));
        return Ok(ExitCode::from(interrupted(signal)));
    }
    Ok(if blocks.used == 0 { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn open(args: &CompareArgs, id: &str) -> Result<(ComparisonFolder, ComparisonPlan), Failure> {
    match results::find(&args.results.folder, id).map_err(Failure::Usage)? {
        Stored::Comparison(file) => Ok(ComparisonFolder::open(&file).map_err(Failure::Usage)?),
        Stored::Run(file) => Err(Failure::Usage(anyhow!(
            "{} is a run, not a comparison: there is nothing to go on with",
            file.display()
        ))),
    }
}

fn plan_of(
    args: &CompareArgs,
    contenders: &[Contender],
    machine: &Machine,
    id: String,
    started_at: String,
) -> ComparisonPlan {
    ComparisonPlan {
        schema: SCHEMA.to_owned(),
        id,
        started_at,
        question: question(contenders),
        seed: args.seed.unwrap_or_else(drawn_seed),
        blocks: args.blocks,
        margin: args.margin,
        confidence: 0.95,
        decisive: if args.metrics.is_empty() { Metric::DECISIVE.to_vec() } else { args.metrics.clone() },
        entrants: contenders.iter().map(Contender::entrant).collect(),
        control: !args.no_control,
        machine: machine.clone(),
    }
}

/// Any seed will do as long as it is recorded; a short one is easier to type again.
fn drawn_seed() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::from(since_epoch.subsec_nanos()) % 1_000_000
}

fn question(contenders: &[Contender]) -> String {
    let labels: Vec<&str> = contenders.iter().map(|contender| contender.label.as_str()).collect();
    let who = match labels.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => labels.concat(),
    };
    let (scenario, connections) = contenders.first().map_or(("", 0), |first| {
        (first.resolved.plan.scenario.as_str(), first.resolved.plan.load.connections())
    });
    format!("How do {who} compare at {scenario} with {connections} connections?")
}

/// The part of a comparison's id that says what it is.
fn name(contenders: &[Contender]) -> String {
    let labels: Vec<String> = contenders.iter().map(|contender| file_name(&contender.label)).collect();
    let names: String = labels.join("-").chars().take(NAMES_LENGTH).collect();
    let plan = contenders.first().map(|contender| &contender.resolved.plan);
    let scenario = plan.map_or_else(String::new, |plan| file_name(&plan.scenario));
    format!("{scenario}-{names}-c{}", plan.map_or(0, |plan| plan.load.connections()))
}

fn missing(plan: &ComparisonPlan, folder: &ComparisonFolder) -> usize {
    (0..plan.blocks).filter(|&block| !folder.is_complete(plan, block)).count()
}

/// Says before the first run what is to be done, how long it takes, and what it cannot show.
fn announce(plan: &ComparisonPlan, folder: &ComparisonFolder) {
    for line in introduction(plan, missing(plan, folder)) {
        say(&line);
    }
    say(&format!("Ctrl-C stops it, and no finished block is lost: bench compare --resume {}", plan.id));
}

fn introduction(plan: &ComparisonPlan, missing: usize) -> Vec<String> {
    let mut lines = vec![plan.question.clone()];
    let control = match (plan.control, plan.entrants.first()) {
        (true, Some(base)) => format!(" ({} twice, to see the machine's own noise)", base.label),
        _ => String::new(),
    };
    let blocks = if missing == plan.blocks {
        format!("{missing}")
    } else {
        format!("{missing} more of {}", plan.blocks)
    };
    lines.push(format!(
        "{blocks} blocks of {} runs{control}, in an order drawn from seed {}",
        plan.slots().len(),
        plan.seed
    ));
    lines.push(format!("it will take {}", Estimate::of(plan, missing).text()));
    lines.extend(plan.advice().iter().map(|advice| format!("note: {}", advice.message())));
    lines
}

fn dry_run(plan: &ComparisonPlan, missing: usize) -> Result<ExitCode, Failure> {
    for line in introduction(plan, missing) {
        say(&line);
    }
    write(&(serde_json::to_string_pretty(plan)? + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
