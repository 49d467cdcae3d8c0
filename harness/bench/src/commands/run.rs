//! `bench run`: one target under one load.

use crate::cli::RunArgs;
use crate::commands::{draw, print, write};
use crate::event::Event;
use crate::failure::{Failure, interrupted};
use crate::progress::Progress;
use crate::report::hgrm;
use crate::report::timeline::Timeline;
use crate::resolve::{self, Resolved};
use crate::results::RunFolder;
use crate::session::Session;
use crate::signals::Signals;
use crate::{cpus, limits, machine};
use bench_model::plan::{Plan, TargetPlan};
use bench_model::record::Observations;
use bench_model::report::{RunContext, RunReport};
use bench_model::warning::Verdict;
use std::path::Path;
use std::process::ExitCode;

/// Open files that a run needs beside its connections.
const OTHER_FILES: usize = 64;

/// Runs, stores and prints.
pub(crate) fn main(args: &RunArgs) -> Result<ExitCode, Failure> {
    let resolved = resolve::resolve(args)?;
    // Whatever is wrong with the requests is the user's to mend before anything is started.
    resolve::prepare_all(&resolved.plan, "localhost")?;
    if args.dry_run {
        write(&(serde_json::to_string_pretty(&resolved.plan)? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    limits::require_open_files((resolved.plan.load.connections() + OTHER_FILES) as u64)?;
    cpus::pin_this_process(&resolved.plan.generator_cpus)?;
    let progress = Progress::new();
    let done = measure(args, &resolved, &signals, &progress);
    progress.finish();
    let (report, timeline, path) = done?;
    print(args.format, &report, &timeline, args.latency)?;
    eprintln!("results in {}", path.display());
    Ok(match (signals.received(), report.verdict) {
        (Some(signal), _) => ExitCode::from(interrupted(signal)),
        (None, Verdict::Valid) => ExitCode::SUCCESS,
        (None, Verdict::Invalid) => ExitCode::from(3),
    })
}

fn measure(
    args: &RunArgs,
    resolved: &Resolved,
    signals: &Signals,
    progress: &Progress,
) -> Result<(RunReport, Timeline, std::path::PathBuf), Failure> {
    let plan = &resolved.plan;
    let mut folder = RunFolder::create(&args.results.folder, &run_name(plan))?;
    let show = |event: &Event<'_>| progress.show(event);
    let observations = Session::new(plan, &mut folder, signals, &show).run(resolved)?;
    show(&Event::Writing);
    let (report, timeline) = summarise(plan, &folder, &observations)?;
    folder.write_run(&report, &observations)?;
    folder.write("latency.hgrm", hgrm::render(&timeline.latencies).as_bytes())?;
    draw(&report, &timeline, folder.path())?;
    let path = folder.keep()?;
    Ok((report, timeline, path))
}

/// Computes the figures from the stored intervals, as any later report will.
fn summarise(
    plan: &Plan,
    folder: &RunFolder,
    observations: &Observations,
) -> Result<(RunReport, Timeline), Failure> {
    let machine = machine::fingerprint();
    let context = RunContext { id: &folder.id, plan, machine: &machine, observations };
    let mut timeline = Timeline::new(&folder.started_at, observations.idle);
    let mut broken = None;
    let intervals =
        folder.intervals()?.map_while(|interval| interval.map_err(|error| broken = Some(error)).ok());
    let report = RunReport::from_intervals(context, intervals.inspect(|interval| timeline.add(interval)));
    broken.map_or(Ok((report, timeline)), |error| Err(error.into()))
}

/// The part of a run's id that says what it is.
fn run_name(plan: &Plan) -> String {
    let target = match &plan.target {
        TargetPlan::Managed { manifest } => format!("-{}", manifest.name),
        TargetPlan::Url { .. } => String::new(),
    };
    let scenario = Path::new(&plan.scenario).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = format!("{scenario}{target}-c{}", plan.load.connections());
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}
