//! The flags of `bench compare`.

use super::load::at_least_one;
use super::{CpuArgs, LiveArgs, LoadArgs, RequestArgs, ResultsArgs};
use crate::outputs::Output;
use crate::report::{Format, Kind};
use crate::thresholds::Inconclusive;
use bench_model::metric::Metric;
use bench_model::sweep::Sweep;
use bench_model::threshold::Threshold;
use clap::Args;

pub(super) const EXAMPLES: &str = "Examples:
  bench compare --scenario json-echo --targets rust,go,java,python --conns 1000
  bench compare --scenario json-echo --targets go,go:gogc-400
  bench compare --scenario json-echo --targets go,go@../other-checkout
  bench compare --scenario json-echo --targets rust,go --sweep conns=1,10,100,1000
  bench compare --base 20260102T030405Z-json-echo-go-c64
  bench compare --scenario json-echo --targets go@../before,go --fail-if 'any worse than base by 5%'
  bench compare --scenario json-echo --targets http://127.0.0.1:8080,http://127.0.0.1:8081
  bench compare --resume 20260102T030405Z-json-echo-rust-go-c1000";

/// What a comparison was begun with stays as it was: half a comparison under one load says nothing of another.
const DECIDED: [&str; 29] = [
    "scenario",
    "targets",
    "base",
    "sweep",
    "blocks",
    "margin",
    "metrics",
    "seed",
    "fail_if",
    "no_control",
    "conns",
    "rate",
    "stages",
    "arrivals",
    "arrival_seed",
    "max_lag",
    "duration",
    "warmup",
    "threads",
    "timeout",
    "connect_timeout",
    "source_addresses",
    "method",
    "body",
    "headers",
    "expect_status",
    "expect_body",
    "target_cpus",
    "generator_cpus",
];

/// `bench compare`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CompareArgs {
    /// Scenario: a name from `bench list scenarios`, or the path of a file
    #[arg(short, long, value_name = "NAME|FILE", required_unless_present_any = ["resume", "targets", "base"])]
    pub(crate) scenario: Option<String>,
    /// Two or more, the base first: names from `bench list targets`, name:variant, name@CHECKOUT, paths, or URLs
    #[arg(long, value_name = "LIST", value_delimiter = ',', required_unless_present_any = ["resume", "base"])]
    pub(crate) targets: Vec<String>,
    /// Stored run or comparison whose code is the base: its commit is checked out, built and run in the same blocks
    #[arg(long, value_name = "RUN", help_heading = "Comparison")]
    pub(crate) base: Option<String>,

    /// One parameter of the load at several values, such as conns=1,10,100, rate=1k,5k or batch=1,10: every target runs at each. One
    /// target will do then
    #[arg(long, value_name = "NAME=LIST", help_heading = "Comparison")]
    pub(crate) sweep: Option<Sweep>,

    /// Blocks to run, each with one run of every target [default: 10, or as many as it takes for any verdict]
    #[arg(short = 'n', long, value_name = "N", value_parser = blocks, help_heading = "Comparison")]
    pub(crate) blocks: Option<usize>,
    /// Difference that counts as none
    #[arg(long, value_name = "PERCENT", default_value = "2%", value_parser = percent, help_heading = "Comparison")]
    pub(crate) margin: f64,
    /// What gets a verdict [default: tps,p99,cpu-per-request,memory-peak]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Comparison")]
    pub(crate) metrics: Vec<Metric>,
    /// What the order of the runs follows from [default: drawn]
    #[arg(long, value_name = "N", help_heading = "Comparison")]
    pub(crate) seed: Option<u64>,
    /// Do not run the base twice a block: quicker, but nothing then shows the machine's own noise
    #[arg(long, help_heading = "Comparison")]
    pub(crate) no_control: bool,
    /// Do not check the targets against the contract first
    #[arg(long, help_heading = "Comparison")]
    pub(crate) no_check: bool,
    /// Go on with a comparison that was interrupted
    #[arg(long, value_name = "ID", conflicts_with_all = DECIDED, help_heading = "Comparison")]
    pub(crate) resume: Option<String>,

    /// Exit with 4 if this is so of any target, such as 'p99>20ms' of its median, or against the base 'tps worse than base by
    /// 5%', or 'any worse than base by 5%' of each metric that gets a verdict; may be given several times, and adds to the
    /// scenario's
    #[arg(long, value_name = "THRESHOLD", help_heading = "Thresholds")]
    pub(crate) fail_if: Vec<Threshold>,
    /// What it comes to if a threshold against the base can be told neither way by so many blocks
    #[arg(long, value_name = "HOW", default_value = "pass", help_heading = "Thresholds")]
    pub(crate) inconclusive: Inconclusive,

    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) cpus: CpuArgs,

    /// What to print on standard output at the end [default: text]
    #[arg(short, long, value_name = "FORMAT", value_parser = Kind::Comparison.parser(), help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Also write the result to a file, such as junit=out/bench.xml; may be repeated. `-` is standard output; folders are made.
    /// The formats are those of --format
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = |text: &str| Output::parse(Some(Kind::Comparison), text), help_heading = "Output")]
    pub(crate) outputs: Vec<Output>,
    /// Print the plan, how long it takes, and what it can show, and stop
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

fn blocks(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 block is needed")
}

/// A part such as `2%` or `0.02`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let (digits, scale) = text.strip_suffix('%').map_or((text, 1.0), |digits| (digits, 100.0));
    match digits.trim().parse::<f64>() {
        Ok(value) if (0.0..1.0).contains(&(value / scale)) => Ok(value / scale),
        _ => Err(format!("`{text}` is not a part below 100%: write it like 2% or 0.02")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (text, expected) in [
            ("2%", Some(0.02)),
            ("0.05", Some(0.05)),
            ("0", Some(0.0)),
            ("100%", None),
            ("x", None),
            ("-1%", None),
        ] {
            assert_eq!(percent(text).ok(), expected, "{text}");
        }
    }
}
