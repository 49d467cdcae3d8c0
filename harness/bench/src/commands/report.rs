//! `bench report`: a stored run, comparison or search again, in any format, without any load.

use crate::capacity;
use crate::cli::ReportArgs;
use crate::commands::{draw, history, write_run};
use crate::compare::conclusion::Conclusion;
use crate::failure::Failure;
use crate::outputs::Outputs;
use crate::report::timeline::Timeline;
use crate::report::{Format, Kind, RunSource, ndjson};
use crate::results::{self, CapacityFolder, ComparisonFolder, Stored};
use anyhow::{Context as _, anyhow};
use bench_model::report::RunReport;
use std::path::Path;
use std::process::ExitCode;

/// Renders what is stored. Its figures are recomputed from its intervals.
pub(crate) fn main(args: &ReportArgs) -> Result<ExitCode, Failure> {
    if args.history.history {
        return history::main(args);
    }
    if args.history.chooses() {
        return Err(Failure::Usage(anyhow!(
            "--scenario, --target and --metric choose what --history shows: add it in place of a run, or leave them out"
        )));
    }
    let Some(named) = args.run.as_deref() else {
        return Err(Failure::Usage(anyhow!(
            "say what to show: an id from `bench list runs`, `latest`, or --history for all runs over time"
        )));
    };
    let outputs = Outputs::of(args.format, &args.outputs)?;
    match results::find(&args.results.folder, named).map_err(Failure::Usage)? {
        Stored::Run(file) => run(args, &outputs, &file)?,
        Stored::Comparison(file) => comparison(args, &outputs, &file)?,
        Stored::Capacity(file) => search(args, &outputs, &file)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run(args: &ReportArgs, outputs: &Outputs, file: &Path) -> Result<(), Failure> {
    require(Kind::Run, outputs, file)?;
    let record = results::read_run(file).map_err(Failure::Usage)?;
    outputs.prepare()?;
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    if let Some(folder) = &args.charts {
        make(folder)?;
        draw(&report, &timeline, folder)?;
    }
    let wanted = outputs.formats().any(|format| format == Format::Ndjson);
    let lines = if wanted { ndjson::lines(&report, record.intervals.iter()) } else { String::new() };
    let source = RunSource { report: &report, timeline: &timeline, lines: &lines };
    write_run(outputs, &source, args.latency)
}

fn comparison(args: &ReportArgs, outputs: &Outputs, file: &Path) -> Result<(), Failure> {
    require(Kind::Comparison, outputs, file)?;
    let (folder, plan) = ComparisonFolder::open(file).map_err(Failure::Usage)?;
    outputs.prepare()?;
    let conclusion = Conclusion::of(&folder, plan)?;
    if let Some(folder) = &args.charts {
        make(folder)?;
        conclusion.write(folder)?;
    }
    conclusion.write_to(outputs, &[])
}

fn search(args: &ReportArgs, outputs: &Outputs, file: &Path) -> Result<(), Failure> {
    require(Kind::Capacity, outputs, file)?;
    let (folder, plan) = CapacityFolder::open(file).map_err(Failure::Usage)?;
    outputs.prepare()?;
    let conclusion = capacity::conclusion::Conclusion::of(&folder, plan)?;
    if let Some(folder) = &args.charts {
        make(folder)?;
        conclusion.write(folder)?;
    }
    conclusion.write_to(outputs, &[])
}

/// That what is stored has the formats that are asked for. Those of runs there are of the runs in it.
fn require(kind: Kind, outputs: &Outputs, file: &Path) -> Result<(), Failure> {
    for format in outputs.formats() {
        let inside = match kind {
            Kind::Comparison => "block-01/...",
            Kind::Capacity => "1-.../level-01-...",
            Kind::Run | Kind::Gate => "",
        };
        kind.require(format).map_err(|error| {
            let of_runs = kind != Kind::Run && Kind::Run.require(format).is_ok();
            let folder = file.parent().unwrap_or(file).display();
            let mend = if of_runs {
                format!("; each of its runs has it: bench report {folder}/{inside}")
            } else {
                String::new()
            };
            Failure::Usage(anyhow!("{error}{mend}"))
        })?;
    }
    Ok(())
}

fn make(folder: &Path) -> Result<(), Failure> {
    Ok(std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?)
}
