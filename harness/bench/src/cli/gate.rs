//! The flags of `bench gate`, and the rules that they come to.

use super::load::at_least_one;
use super::{BaselinesArgs, CpuArgs, LoadArgs, RequestArgs, ResultsArgs};
use crate::outputs::Output;
use crate::report::{Format, Kind};
use crate::thresholds::Inconclusive;
use bench_model::gate::Rule;
use bench_model::metric::Metric;
use bench_model::quantity::parse_percent;
use clap::{ArgGroup, Args};
use std::str::FromStr;
use std::time::Duration;

pub(super) const EXAMPLES: &str = "Examples:
  bench gate --scenario json-echo --target rust --base-rev origin/main
  bench gate --scenario json-echo --target rust --base-rev HEAD~1 --warmup 1s
  bench gate --base main
  bench gate --base main --stored --margin 10%,cpu=5%
  bench gate --base main --output github=out/summary.md --output junit=out/gate.xml";

/// What `--duration` says here: many short blocks show more than few long ones.
pub(super) const DURATION: &str =
    "Length of the measured window of each run [default: the baseline's, or 3s]";

/// The window of a run, unless a baseline or a flag has another.
pub(crate) const WINDOW: Duration = Duration::from_secs(3);

/// `bench gate`. Of the two sorts of base one is needed: as a group, so that either is named where there is none.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("kind_of_base").args(["base_rev", "base"]).required(true))]
pub(crate) struct GateArgs {
    /// Scenario: a name from `bench list scenarios`, or the path of a file [default: the baseline's]
    #[arg(short, long, value_name = "NAME|FILE", required_unless_present = "base")]
    pub(crate) scenario: Option<String>,
    /// The candidate: a name from `bench list targets`, name:variant or name@CHECKOUT [default: the baseline's, or rust]
    #[arg(long, value_name = "NAME")]
    pub(crate) target: Option<String>,

    /// Git revision whose code is the base: it is checked out, built, and run in turns with the candidate
    #[arg(long, value_name = "REV", help_heading = "Gate")]
    pub(crate) base_rev: Option<String>,
    /// Baseline (see `bench baseline list`): its commit is built and run in turns, if it is known here; else its stored
    /// figures are the base
    #[arg(long, value_name = "NAME", help_heading = "Gate")]
    pub(crate) base: Option<String>,
    /// Compare with the stored figures of --base although its commit could be built: half the time, and much weaker
    #[arg(long, requires = "base", conflicts_with = "base_rev", help_heading = "Gate")]
    pub(crate) stored: bool,
    /// Take stored figures of another machine for the base; otherwise they leave the gate inconclusive
    #[arg(long, requires = "base", conflicts_with = "base_rev", help_heading = "Gate")]
    pub(crate) allow_other_machine: bool,

    /// What is judged
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "tps,p99,cpu,memory",
        help_heading = "Gate"
    )]
    pub(crate) metrics: Vec<Metric>,
    /// How much worse each may become: 5% for all, cpu=3% for one, or both [default: cpu=3%, latencies and start-up 10%, all
    /// else 5%]
    #[arg(long, value_name = "LIST", value_delimiter = ',', help_heading = "Gate")]
    pub(crate) margin: Vec<Margin>,
    /// What it comes to if a metric can be told neither way by so many blocks: exit code 0 or 4
    #[arg(long, value_name = "HOW", default_value = "pass", help_heading = "Gate")]
    pub(crate) inconclusive: Inconclusive,
    /// Blocks to run, each with one run of the base and one of the candidate; with --stored, runs of the candidate
    #[arg(short = 'n', long, value_name = "N", default_value = "16", value_parser = blocks, help_heading = "Gate")]
    pub(crate) blocks: usize,
    /// What the order of the runs follows from [default: drawn]
    #[arg(long, value_name = "N", help_heading = "Gate")]
    pub(crate) seed: Option<u64>,
    /// Do not check base and candidate against the contract first
    #[arg(long, help_heading = "Gate")]
    pub(crate) no_check: bool,

    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) cpus: CpuArgs,

    /// What to print on standard output at the end [default: text]
    #[arg(short, long, value_name = "FORMAT", value_parser = Kind::Gate.parser(), help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Also write the result to a file, such as junit=out/gate.xml; may be repeated. `-` is standard output; folders are made.
    /// The formats are those of --format
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = |text: &str| Output::parse(Some(Kind::Gate), text), help_heading = "Output")]
    pub(crate) outputs: Vec<Output>,
    /// Print what is to be run and how long it takes, and stop
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) baselines: BaselinesArgs,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// How much worse one metric may become, or each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Margin {
    metric: Option<Metric>,
    percent: f64,
}

impl FromStr for Margin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (metric, margin) = match text.split_once('=') {
            Some((name, margin)) => {
                (Some(name.parse::<Metric>().map_err(|error| error.to_string())?), margin)
            }
            None => (None, text),
        };
        let percent = parse_percent(margin).map_err(|error| error.to_string())?;
        let can_be_more = metric.is_some_and(|metric| !metric.higher_is_better());
        if percent == 0.0 || (percent >= 100.0 && !can_be_more) {
            return Err(format!("`{text}`: the margin must be above 0% and under 100%, such as 5%"));
        }
        Ok(Self { metric, percent })
    }
}

impl GateArgs {
    /// What is judged, and by which margins: the one typed for the metric, the one typed for all, or the metric's own.
    pub(crate) fn rules(&self) -> Result<Vec<Rule>, String> {
        for margin in &self.margin {
            if let Some(metric) = margin.metric.filter(|metric| !self.metrics.contains(metric)) {
                let name = metric.short_name();
                return Err(format!(
                    "--margin {name}={}%: {name} is not judged: add it to --metrics",
                    margin.percent
                ));
            }
        }
        let mut metrics: Vec<Metric> = Vec::new();
        for &metric in &self.metrics {
            if metrics.contains(&metric) {
                return Err(format!("--metrics: {} is there twice", metric.short_name()));
            }
            metrics.push(metric);
        }
        Ok(metrics.into_iter().map(|metric| Rule { metric, by_percent: self.percent_of(metric) }).collect())
    }

    fn percent_of(&self, metric: Metric) -> f64 {
        let typed = |wanted| self.margin.iter().rev().find(|margin| margin.metric == wanted);
        let typed = typed(Some(metric)).or_else(|| typed(None));
        typed.map_or_else(|| usual_percent(metric), |margin| margin.percent)
    }
}

/// The margin that noise leaves sense in: CPU per request is the steadiest figure, the end of a tail the least steady.
fn usual_percent(metric: Metric) -> f64 {
    match metric {
        Metric::CpuPerRequest => 3.0,
        Metric::P50 | Metric::P99 | Metric::P999 | Metric::StartUp => 10.0,
        _ => 5.0,
    }
}

fn blocks(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 block is needed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn args(flags: &str) -> GateArgs {
        let typed = format!("bench gate --base main {flags}");
        let Command::Gate(args) = Cli::parse_from(typed.split_whitespace()).command else {
            panic!("not a gate")
        };
        *args
    }

    #[test]
    fn margins() {
        for (flags, expected) in [
            ("", [5.0, 10.0, 3.0, 5.0]),
            ("--margin 7%", [7.0; 4]),
            ("--margin 7%,cpu=2.5%", [7.0, 7.0, 2.5, 7.0]),
            ("--margin p99=150% --margin tps=1%", [1.0, 150.0, 3.0, 5.0]),
        ] {
            let rules = args(flags).rules().unwrap();
            let found: Vec<f64> = rules.iter().map(|rule| rule.by_percent).collect();
            assert_eq!(found, expected, "{flags}");
            let metrics: Vec<Metric> = rules.iter().map(|rule| rule.metric).collect();
            assert_eq!(metrics, Metric::DECISIVE);
        }
    }

    #[test]
    fn mistakes() {
        for (text, part) in [
            ("5", "not a percentage"),
            ("0%", "above 0%"),
            ("100%", "under 100%"),
            ("tps=100%", "under 100%"),
            ("memory-peek=5%", "did you mean `memory-peak`?"),
            ("cpu=", "not a percentage"),
        ] {
            let error = text.parse::<Margin>().unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
        for (flags, part) in [
            ("--margin p50=5%", "--margin p50=5%: p50 is not judged: add it to --metrics"),
            ("--metrics tps,tps", "tps is there twice"),
        ] {
            let error = args(flags).rules().unwrap_err();
            assert!(error.contains(part), "{flags}: {error}");
        }
    }
}
