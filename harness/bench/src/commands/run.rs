//! `bench run`: one target under one load.

use crate::build::Surroundings;
use crate::cli::RunArgs;
use crate::commands::{draw, write, write_run};
use crate::event::Event;
use crate::failure::{Failure, interrupted, say};
use crate::live::{self, Live};
use crate::outputs::Outputs;
use crate::progress::Progress;
use crate::ready;
use crate::report::timeline::Timeline;
use crate::report::{Format, RunSource, hgrm, ndjson};
use crate::resolve::{self, Resolved, Wanted};
use crate::results::RunFolder;
use crate::session::Session;
use crate::signals::Signals;
use crate::thresholds::{self, Inconclusive};
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
    thresholds::require_of_run(&resolved.plan)?;
    let outputs = Outputs::of(args.format, &args.outputs)?;
    // Whatever is wrong with the requests is the user's to mend before anything is started.
    ready::try_all(&resolved.plan)?;
    if args.dry_run {
        write(&(serde_json::to_string_pretty(&resolved.plan)? + "\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    outputs.prepare()?;
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let files = resolved.plan.load.connections() + OTHER_FILES + live::files(&args.live);
    limits::require_open_files(files as u64)?;
    sources::require(&resolved)?;
    let progress = Progress::watched(Live::start(&args.live, &signals)?);
    // A build may use every CPU: it comes before this process is bound to its own.
    let built = resolved.build(&Surroundings { signals: &signals, show: &|event| progress.show(event) });
    progress.clear();
    built?;
    // Pinning changes what the system says of the CPUs that may be used.
    let machine = machine::fingerprint();
    cpus::pin_this_process(&resolved.plan.generator_cpus)?;
    progress.keep_off(&resolved.plan, &machine.cpus_allowed);
    let done = measure(args, &outputs, &resolved, &machine, &signals, &progress);
    progress.finish();
    let done = done?;
    let source = RunSource { report: &done.report, timeline: &done.timeline, lines: &done.lines };
    let written = write_run(&outputs, &source, args.latency);
    thresholds::tell(&done.report.thresholds, done.report.plan.counted());
    let stored = done.stored.map(|path| {
        let _ = writeln!(std::io::stderr(), "results in {}", path.display());
        progress.report(&path);
    });
    if let (Err(failure), Err(_)) = (&written, &stored) {
        say(&failure.to_string());
    }
    stored.and(written)?;
    let failed = thresholds::fail(&done.report.thresholds, Inconclusive::Pass);
    Ok(ExitCode::from(exit_code(signals.received(), done.report.verdict, failed)))
}

/// What a run that was measured exits with; `failed` is whether a threshold did.
fn exit_code(signal: Option<i32>, verdict: Verdict, failed: bool) -> u8 {
    match (signal, verdict) {
        (Some(signal), _) => interrupted(signal),
        (None, Verdict::Valid) if failed => thresholds::FAILED,
        (None, Verdict::Valid) => 0,
        (None, Verdict::Invalid) => 3,
    }
}

/// A run that was measured. Whether it could be stored is another matter: its figures are printed either way.
struct Done {
    report: RunReport,
    timeline: Timeline,
    /// The intervals as NDJSON, where that was asked for.
    lines: String,
    stored: Result<PathBuf, Failure>,
}

fn measure(
    args: &RunArgs,
    outputs: &Outputs,
    resolved: &Resolved,
    machine: &Machine,
    signals: &Signals,
    progress: &Progress,
) -> Result<Done, Failure> {
    let plan = &resolved.plan;
    let mut folder = RunFolder::create(&args.results.folder, &run_name(plan))?;
    let show = |event: &Event<'_>| progress.show(event);
    let observations = Session::new(plan, &mut folder, signals, &show).run(resolved)?;
    if let Some(signal) = signals.received().filter(|_| signals.aborted()) {
        return Err(Failure::Interrupted(signal));
    }
    show(&Event::Writing);
    let (report, timeline) = summarise(plan, machine, &folder, &observations)?;
    // They are in memory one by one, but for their text, and that only where it is asked for.
    let wanted = outputs.formats().any(|format| format == Format::Ndjson);
    let lines = if wanted { lines(&report, &folder)? } else { String::new() };
    let stored = store(folder, &report, &timeline, &observations);
    Ok(Done { report, timeline, lines, stored })
}

/// The stored intervals as NDJSON.
fn lines(report: &RunReport, folder: &RunFolder) -> Result<String, Failure> {
    let mut broken = None;
    let intervals =
        folder.intervals()?.map_while(|interval| interval.map_err(|error| broken = Some(error)).ok());
    let lines = ndjson::lines(report, intervals);
    broken.map_or(Ok(lines), |error| Err(error.into()))
}

/// Stores a run. Charts and page can be made again from the rest, so the rest is kept without them if need be.
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
        folder.remove(&["png", "svg", "html"]);
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
        for (signal, verdict, failed, code) in [
            (None, Verdict::Valid, false, 0),
            (None, Verdict::Valid, true, 4),
            (None, Verdict::Invalid, true, 3),
            (Some(2), Verdict::Invalid, true, 130),
            (Some(15), Verdict::Valid, false, 143),
        ] {
            assert_eq!(exit_code(signal, verdict, failed), code, "{signal:?} {verdict:?}");
        }
    }
}
