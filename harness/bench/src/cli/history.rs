//! The flags of `bench report --history`.

use super::load::at_least_one;
use bench_model::metric::Metric;
use clap::Args;

pub(super) const EXAMPLES: &str = "Examples:
  bench report latest
  bench report 20260102T030405Z-json-echo-go-c64 --format markdown
  bench report results/20260102T030405Z-json-echo-rust-go-c1000 --charts again
  bench report --history --scenario json-echo --target rust --metric tps,p99,cpu
  bench report --history --charts history";

/// What a history is of.
#[derive(Debug, Clone, Args)]
pub(crate) struct HistoryArgs {
    /// Instead of one result, all stored runs over time, with the points at which their figures changed
    #[arg(long, conflicts_with_all = ["run", "latency"], help_heading = "History")]
    pub(crate) history: bool,
    /// Runs of this scenario alone
    #[arg(short, long, value_name = "NAME", help_heading = "History")]
    pub(crate) scenario: Option<String>,
    /// Runs of this target alone: its name, with its variant, or its URL
    #[arg(long, value_name = "NAME|URL", help_heading = "History")]
    pub(crate) target: Option<String>,
    /// What is looked at [default: tps,p99,cpu-per-request,memory-peak]
    #[arg(
        long = "metric",
        visible_alias = "metrics",
        value_name = "LIST",
        value_delimiter = ',',
        help_heading = "History"
    )]
    pub(crate) metrics: Vec<Metric>,
    /// Newest runs of each plan that are looked at
    #[arg(long, value_name = "N", default_value = "500", value_parser = runs, help_heading = "History")]
    pub(crate) last: usize,
}

impl HistoryArgs {
    /// Whether anything is chosen that only a history has.
    pub(crate) fn chooses(&self) -> bool {
        self.scenario.is_some() || self.target.is_some() || !self.metrics.is_empty()
    }
}

/// What permutations of more would take is minutes.
const MOST: usize = 2000;

fn runs(text: &str) -> Result<usize, String> {
    match at_least_one(text, "at least 1 run is needed")? {
        runs if runs > MOST => Err(format!("at most {MOST} runs can be looked at")),
        runs => Ok(runs),
    }
}
