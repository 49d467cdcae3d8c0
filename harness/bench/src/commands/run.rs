//! `bench run`: one target under one load.

use crate::build::Surroundings;
use crate::cli::RunArgs;
use crate::commands::{draw, print, write};
use crate::event::Event;
use crate::failure::{Failure, interrupted};
use crate::progress::Progress;
use crate::ready;
use crate::report::hgrm;
use crate::report::timeline::Timeline;
use crate::resolve::{self, Resolved, Wanted};
use crate::results::RunFolder;
use crate::session::Session;
use crate::signals::Signals;
use crate::{cpus, limits, machine, sources};
use anyhow::anyhow;
use bench_model::machine::Machine;
use bench_model::plan::{Plan, TargetPlan};
use bench_model::record::Observations;
use bench_model::report::{RunContext, RunReport};
use bench_model::warning::Verdict;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Open files that a run needs beside its connections.
pub(crate) const OTHER_FILES: usize = 64;

/// Runs, stores and prints.
pub(crate) fn main(args: &RunArgs) -> Result<ExitCode, Failure> {
    let mut resolved = resolve::resolve(Wanted::from(args))?;
    // Whatever is wrong with the requests is the user's to mend before anything is started.
    ready::try_all(&resolved.plan)?;
    if args.dry_run {
        write(&(serde_json::to_string_pretty(&resolved.plan)? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    limits::require_open_files((resolved.plan.load.connections() + OTHER_FILES) as u64)?;
    sources::require(&resolved)?;
    let progress = Progress::new();
    // A build may use every CPU: it comes before this process is bound to its own.
    let built = resolved.build(&Surroundings { signals: &signals, show: &|event| progress.show(event) });
    progress.clear();
    built?;
    // Pinning changes what the system says of the CPUs that may be used.
    let machine = machine::fingerprint();
    cpus::pin_this_process(&resolved.plan.generator_cpus)?;
    let done = measure(args, &resolved, &machine, &signals, &progress);
    progress.finish();
    let done = done?;
    print(args.format, &done.report, &done.timeline, args.latency)?;
    let _ = writeln!(std::io::stderr(), "results in {}", done.stored?.display());
    Ok(ExitCode::from(exit_code(signals.received(), done.report.verdict)))
}

/// What a run that was measured exits with.
fn exit_code(signal: Option<i32>, verdict: Verdict) -> u8 {
    match (signal, verdict) {
        (Some(signal), _) => interrupted(signal),
        (None, Verdict::Valid) => 0,
        (None, Verdict::Invalid) => 3,
    }
}

/// A run that was measured. Whether it could be stored is another matter: its figures are printed either way.
struct Done {
    report: RunReport,
    timeline: Timeline,
    stored: Result<PathBuf, Failure>,
}

fn measure(
    args: &RunArgs,
    resolved: &Resolved,
    machine: &Machine,
    signals: &Signals,
    progress: &Progress,
) -> Result<Done, Failure> {
    let plan = &resolved.plan;
    let mut folder = RunFolder::create(&args.results.folder, &run_name(plan))?;
    let show = |event: &Event<'_>| progress.show(event);
    let observations = Session::new(plan, &mut folder, signals, &show).run(resolved)?;
    show(&Event::Writing);
    let (report, timeline) = summarise(plan, machine, &folder, &observations)?;
    let stored = store(folder, &report, &timeline, &observations);
    Ok(Done { report, timeline, stored })
}

/// Stores a run. Charts can be drawn again from the rest, so the rest is kept without them if need be.
fn store(
    folder: RunFolder,
    report: &RunReport,
    timeline: &Timeline,
    observations: &Observations,
) -> Result<PathBuf, Failure> {
    folder.write_run(report, observations)?;
    folder.write("latency.hgrm", hgrm::render(&timeline.distribution().merged()).as_bytes())?;
    let drawn = draw(report, timeline, folder.path());
    if drawn.is_err() {
        folder.remove(&["png", "svg"]);
    }
    let path = folder.keep()?;
    if let Err(failure) = drawn {
        return Err(anyhow!(
            "{failure}; all else is kept in {0}: free some space, then draw them with `bench report {0} --charts FOLDER`",
            path.display()
        )
        .into());
    }
    Ok(path)
}

/// Computes the figures from the stored intervals, as any later report will.
pub(crate) fn summarise(
    plan: &Plan,
    machine: &Machine,
    folder: &RunFolder,
    observations: &Observations,
) -> Result<(RunReport, Timeline), Failure> {
    let context = RunContext { id: &folder.id, plan, machine, observations };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        for (signal, verdict, code) in [
            (None, Verdict::Valid, 0),
            (None, Verdict::Invalid, 3),
            (Some(2), Verdict::Invalid, 130),
            (Some(15), Verdict::Valid, 143),
        ] {
            assert_eq!(exit_code(signal, verdict), code, "{signal:?} {verdict:?}");
        }
    }
}
