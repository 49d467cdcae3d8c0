//! `bench report`: a stored run again, in any format, without any load.

use crate::cli::ReportArgs;
use crate::commands::{draw, print};
use crate::failure::Failure;
use crate::report::timeline::Timeline;
use crate::results;
use anyhow::Context as _;
use bench_model::report::RunReport;
use std::process::ExitCode;

/// Renders a stored run. Its figures are recomputed from its intervals.
pub(crate) fn main(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let record = results::read(&args.results.folder, &args.run).map_err(Failure::Usage)?;
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    if let Some(folder) = &args.charts {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        draw(&report, &timeline, folder)?;
    }
    print(args.format, &report, &timeline, args.latency)?;
    Ok(ExitCode::SUCCESS)
}
