//! `bench capacity`: the highest rate at which targets hold a service level objective.

use crate::capacity::conclusion::Conclusion;
use crate::capacity::{Seeker, resolve};
use crate::cli::CapacityArgs;
use crate::commands::compare::drawn_seed;
use crate::commands::run::OTHER_FILES;
use crate::commands::write;
use crate::compare::{self, Contender, Estimate};
use crate::failure::{Failure, interrupted, say};
use crate::live::{self, Live};
use crate::outputs::Outputs;
use crate::progress::Progress;
use crate::report::Format;
use crate::report::capacity::words;
use crate::results::{CapacityFolder, file_name};
use crate::signals::Signals;
use crate::{cpus, limits, machine, sources};
use bench_model::capacity::{CapacityPlan, Ending, SCHEMA, SearchPlan};
use bench_model::machine::Machine;
use bench_model::plan::TargetPlan;
use std::process::ExitCode;

/// The part of a search's id that names its targets is cut to this many characters.
const NAMES_LENGTH: usize = 60;

/// Searches, stores and prints.
pub(crate) fn main(args: &CapacityArgs) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(args.format, &args.outputs)?;
    let mut contenders = resolve(args)?;
    // Pinning changes what the system says of the CPUs that may be used.
    let machine = machine::fingerprint();
    let seed = args.seed.unwrap_or_else(drawn_seed);
    let draft = plan_of(args, &contenders, &machine, seed);
    if args.dry_run {
        return dry_run(outputs.printed, &draft);
    }
    outputs.prepare()?;
    introduction(&draft).iter().for_each(|line| say(line));
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let most = contenders.iter().map(|contender| contender.resolved.plan.load.connections()).max();
    limits::require_open_files((most.unwrap_or(0) + OTHER_FILES + live::files(&args.live)) as u64)?;
    contenders.iter().try_for_each(|contender| sources::require(&contender.resolved))?;
    let progress = Progress::watched(Live::start(&args.live, &signals)?);
    // Builds may use every CPU: they come before this process is bound to its own.
    compare::build(&mut contenders, &signals, &progress)?;
    let (folder, plan) =
        CapacityFolder::create(&args.results.folder, &name(&contenders), |id, started_at| CapacityPlan {
            id,
            started_at,
            ..plan_of(args, &contenders, &machine, seed)
        })?;
    let _lock = folder.lock()?;
    if let Some(first) = contenders.first() {
        cpus::pin_this_process(&first.resolved.plan.generator_cpus)?;
        progress.keep_off(&first.resolved.plan, &machine.cpus_allowed);
    }
    let (plan, contenders, folder, signals) = (&plan, &contenders, &folder, &signals);
    let done = Seeker { plan, contenders, folder, signals, progress: &progress }.run();
    progress.finish();
    if let Some(signal) = signals.received().filter(|_| signals.aborted()) {
        say(&format!("aborted; the levels that were finished are kept in {}", folder.path().display()));
        return Ok(ExitCode::from(interrupted(signal)));
    }
    let concluded = conclude(&outputs, folder, plan, signals);
    progress.report(folder.path());
    concluded.and_then(|code| done.map(|()| code))
}

/// Computes, writes and prints what the stored runs say.
fn conclude(
    outputs: &Outputs,
    folder: &CapacityFolder,
    plan: &CapacityPlan,
    signals: &Signals,
) -> Result<ExitCode, Failure> {
    let conclusion = Conclusion::of(folder, plan.clone())?;
    let mut code = ExitCode::from(code(conclusion.found.targets.iter().map(|finding| finding.ending)));
    if !conclusion.is_empty() {
        // What was measured is shown, whatever becomes of the files: they can be made again from what is stored.
        let written = conclusion.write(folder.path());
        let shown = conclusion.write_to(outputs, written.as_deref().unwrap_or_default());
        if let Err(failure) = written {
            say(&format!(
                "{failure}; the runs are kept in {}: free some space, then draw the chart with `bench report {} \
                 --charts FOLDER`",
                folder.path().display(),
                plan.id
            ));
            code = ExitCode::FAILURE;
        }
        if let Err(failure) = shown {
            say(&failure.to_string());
            code = ExitCode::FAILURE;
        }
    }
    if let Some(signal) = signals.received() {
        say(&format!("interrupted; what was measured is kept in {}", folder.path().display()));
        code = ExitCode::from(interrupted(signal));
    }
    Ok(code)
}

/// The exit code of searches that ended so. That nobody knows a capacity weighs more than that a target has none.
fn code(endings: impl Iterator<Item = Ending>) -> u8 {
    let of = |ending| match ending {
        Ending::Found | Ending::MaxRate => 0,
        Ending::NothingHolds => 1,
        Ending::GeneratorLimit | Ending::NothingMeasured | Ending::NoVerdict | Ending::Unfinished => 2,
    };
    match endings.map(of).max() {
        None | Some(0) => 0,
        Some(1) => 4,
        Some(_) => 3,
    }
}

/// The plan, without the id and the date that its folder gives it.
fn plan_of(args: &CapacityArgs, contenders: &[Contender], machine: &Machine, seed: u64) -> CapacityPlan {
    CapacityPlan {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        started_at: String::new(),
        slo: args.slo.clone(),
        search: SearchPlan {
            start_per_s: args.start,
            max_per_s: args.max_rate,
            precision: args.precision,
            confirmations: args.confirm,
        },
        fractions: args.fractions.clone(),
        fraction_runs: args.fraction_runs,
        seed,
        targets: contenders.iter().map(Contender::entrant).collect(),
        machine: machine.clone(),
    }
}

/// The part of a search's id that says what it is.
fn name(contenders: &[Contender]) -> String {
    let labels: Vec<String> = contenders.iter().map(|contender| file_name(&contender.label)).collect();
    let names: String = labels.join("-").chars().take(NAMES_LENGTH).collect();
    let scenario = contenders.first().map(|contender| file_name(&contender.resolved.plan.scenario));
    format!("{}-{names}-capacity", scenario.unwrap_or_default())
}

/// What is said before anything is built: what is sought, and how long it takes.
fn introduction(plan: &CapacityPlan) -> Vec<String> {
    let labels: Vec<&str> = plan.targets.iter().map(|target| target.label.as_str()).collect();
    let (least, most) = plan.levels();
    let run = |target: usize| Estimate::of_run(&plan.targets[target].plan);
    let all = (0..plan.targets.len()).map(run).fold(Estimate::NOTHING, Estimate::and);
    let mut time = all.times((least as f64, most as f64));
    let mut lines = vec![
        format!("the highest rate at which {} holds {}: {}", labels.join(", "), plan.slo, words::load(plan)),
        format!(
            "usually {least} to {most} levels{}, each a whole run",
            match labels.len() {
                1 => "",
                _ => " a target",
            }
        ),
    ];
    if plan.compares() {
        let fractions: Vec<String> = plan.fractions.iter().map(|fraction| words::part(*fraction)).collect();
        lines.push(format!(
            "then {} runs of each at {} of its own capacity, in an order drawn from seed {}",
            plan.fraction_runs,
            fractions.join(" and "),
            plan.seed
        ));
        let runs = (plan.fractions.len() * plan.fraction_runs) as f64;
        time = time.and(all.times((runs, runs)));
    }
    lines.push(format!("it will take {}, beside builds; Ctrl-C keeps what was measured", time.text()));
    let urls = plan.targets.iter().filter(|target| matches!(target.plan.target, TargetPlan::Url { .. }));
    lines.extend(urls.map(|target| {
        format!(
            "note: bench does not start {}: what an overload leaves behind meets the next level",
            target.label
        )
    }));
    lines
}

/// Prints what is to be done: for people in sentences, for programs as the plan.
fn dry_run(format: Format, plan: &CapacityPlan) -> Result<ExitCode, Failure> {
    let text = match format {
        Format::Json => serde_json::to_string_pretty(plan)?,
        _ => introduction(plan).join("\n"),
    };
    write(&(text + "\n"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        for (endings, expected) in [
            (&[Ending::Found, Ending::MaxRate][..], 0),
            (&[Ending::Found, Ending::NothingHolds], 4),
            (&[Ending::NothingHolds, Ending::NoVerdict], 3),
            (&[Ending::GeneratorLimit], 3),
            (&[Ending::Unfinished], 3),
        ] {
            assert_eq!(code(endings.iter().copied()), expected, "{endings:?}");
        }
    }
}
