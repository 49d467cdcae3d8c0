//! The flags of `bench baseline`.

use super::load::at_least_one;
use super::{CpuArgs, LoadArgs, RequestArgs, ResultsArgs};
use crate::report::baseline::BaselineFormat;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "Examples:
  bench baseline measure main --scenario json-echo --target rust
  bench baseline save main latest
  bench baseline list
  bench baseline show main --format json";

/// `bench baseline`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

/// What to do with baselines.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Make runs of a target, one after the other in fresh processes, and keep them under a name
    Measure(Box<MeasureArgs>),
    /// Keep stored runs, or an entrant of a stored comparison, under a name
    Save(SaveArgs),
    /// List the baselines that there are
    List(BaselinesArgs),
    /// Show what a baseline holds
    Show(ShowArgs),
    /// Remove baselines
    Rm(RemoveArgs),
}

/// Where baselines are.
#[derive(Debug, Clone, Args)]
pub(crate) struct BaselinesArgs {
    /// Folder that holds one file a baseline
    #[arg(
        id = "baselines",
        long = "baselines",
        value_name = "FOLDER",
        env = "BENCH_BASELINES",
        default_value = "baselines",
        help_heading = "Output"
    )]
    pub(crate) folder: PathBuf,
}

/// `bench baseline measure`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MeasureArgs {
    /// Name of the baseline: letters, digits, `-`, `_` and `.`
    pub(crate) name: String,
    /// Scenario: a name from `bench list scenarios`, or the path of a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) scenario: String,
    /// Target: a name from `bench list targets`, name:variant or name@CHECKOUT
    #[arg(long, value_name = "NAME", default_value = "rust")]
    pub(crate) target: String,
    /// Runs to make
    #[arg(short = 'n', long, value_name = "N", default_value = "16", value_parser = runs)]
    pub(crate) runs: usize,
    /// Do not check the target against the contract first
    #[arg(long)]
    pub(crate) no_check: bool,
    /// Write over a baseline of that name
    #[arg(long)]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) cpus: CpuArgs,
    #[command(flatten)]
    pub(crate) baselines: BaselinesArgs,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// `bench baseline save`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SaveArgs {
    /// Name of the baseline: letters, digits, `-`, `_` and `.`
    pub(crate) name: String,
    /// Stored runs of one target under one load, or one comparison: ids from `bench list runs`, `latest`, or paths
    #[arg(required = true, value_name = "RUN")]
    pub(crate) runs: Vec<String>,
    /// Whose runs of a comparison [default: its base's]
    #[arg(long, value_name = "LABEL")]
    pub(crate) of: Option<String>,
    /// Write over a baseline of that name
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) baselines: BaselinesArgs,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// `bench baseline show`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// A name from `bench baseline list`
    pub(crate) name: String,
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: BaselineFormat,
    #[command(flatten)]
    pub(crate) baselines: BaselinesArgs,
}

/// `bench baseline rm`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RemoveArgs {
    /// Names from `bench baseline list`
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) baselines: BaselinesArgs,
}

fn runs(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 run is needed")
}
