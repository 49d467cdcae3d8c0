//! `bench report`: a stored run, comparison or search again, in any format, without any load.

use crate::capacity;
use crate::cli::ReportArgs;
use crate::commands::{draw, print, write};
use crate::compare::conclusion::Conclusion;
use crate::failure::Failure;
use crate::report::timeline::Timeline;
use crate::results::{self, CapacityFolder, ComparisonFolder, Stored};
use anyhow::{Context as _, anyhow};
use bench_model::report::RunReport;
use std::path::Path;
use std::process::ExitCode;

/// Renders what is stored. Its figures are recomputed from its intervals.
pub(crate) fn main(args: &ReportArgs) -> Result<ExitCode, Failure> {
    match results::find(&args.results.folder, &args.run).map_err(Failure::Usage)? {
        Stored::Run(file) => run(args, &file)?,
        Stored::Comparison(file) => comparison(args, &file)?,
        Stored::Capacity(file) => search(args, &file)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run(args: &ReportArgs, file: &Path) -> Result<(), Failure> {
    let Some(format) = args.format.of_run() else {
        return Err(Failure::Usage(anyhow!("a run has no HTML report: choose text, markdown, json or csv")));
    };
    let record = results::read_run(file).map_err(Failure::Usage)?;
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    if let Some(folder) = &args.charts {
        make(folder)?;
        draw(&report, &timeline, folder)?;
    }
    print(format, &report, &timeline, args.latency)
}

fn comparison(args: &ReportArgs, file: &Path) -> Result<(), Failure> {
    let Some(format) = args.format.of_comparison() else {
        return Err(Failure::Usage(anyhow!(
            "a comparison has no CSV report: choose text, markdown, html or json; each of its runs has one (bench report \
             {}/block-01/...)",
            file.parent().unwrap_or(file).display()
        )));
    };
    let (folder, plan) = ComparisonFolder::open(file).map_err(Failure::Usage)?;
    let conclusion = Conclusion::of(&folder, plan)?;
    if let Some(folder) = &args.charts {
        make(folder)?;
        conclusion.write(folder)?;
    }
    write(&conclusion.render(format, &[]))
}

fn search(args: &ReportArgs, file: &Path) -> Result<(), Failure> {
    let Some(format) = args.format.of_capacity() else {
        return Err(Failure::Usage(anyhow!(
            "a search has no such report: choose text, markdown or json; each of its levels is a run (bench report \
             {}/1-.../level-01-...)",
            file.parent().unwrap_or(file).display()
        )));
    };
    let (folder, plan) = CapacityFolder::open(file).map_err(Failure::Usage)?;
    let conclusion = capacity::conclusion::Conclusion::of(&folder, plan)?;
    if let Some(folder) = &args.charts {
        make(folder)?;
        conclusion.write(folder)?;
    }
    write(&conclusion.render(format, &[]))
}

fn make(folder: &Path) -> Result<(), Failure> {
    Ok(std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?)
}
