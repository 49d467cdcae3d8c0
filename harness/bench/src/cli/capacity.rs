//! The flags of `bench capacity`.

use super::compare::percent;
use super::load::{at_least_one, rate};
use super::{CpuArgs, LiveArgs, LoadArgs, RequestArgs, ResultsArgs};
use crate::outputs::Output;
use crate::report::{Format, Kind};
use bench_model::capacity::FINEST;
use bench_model::slo::Slo;
use clap::Args;

pub(super) const EXAMPLES: &str = "Examples:
  bench capacity --target go --slo 'p99<20ms,errors<0.1%'
  bench capacity --target rust,go --scenario json-echo --slo 'p99<20ms' --conns 256
  bench capacity --target http://127.0.0.1:8080/path --slo 'p99.9<1s' --start 100 --max-rate 5k";

/// `bench capacity`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CapacityArgs {
    /// Scenario: a name from `bench list scenarios`, or the path of a file [default: json-echo, unless all are URLs]
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) scenario: Option<String>,
    /// One or more: names from `bench list targets`, name:variant, name@CHECKOUT, paths, or URLs
    #[arg(
        long = "target",
        visible_alias = "targets",
        value_name = "LIST",
        value_delimiter = ',',
        required = true
    )]
    pub(crate) targets: Vec<String>,
    /// What must hold of a rate: conditions on p50, p75, p90, p95, p99, p99.9, p99.99, max, mean and errors
    #[arg(long, value_name = "LIST", help_heading = "Capacity")]
    pub(crate) slo: Slo,

    /// Rate that is tried first
    #[arg(long, value_name = "RATE", default_value = "1k", value_parser = rate, help_heading = "Capacity")]
    pub(crate) start: f64,
    /// Highest rate that is tried
    #[arg(long, value_name = "RATE", default_value = "1M", value_parser = rate, help_heading = "Capacity")]
    pub(crate) max_rate: f64,
    /// How near the rates that hold and that do not are to come; at least 0.5%
    #[arg(long, value_name = "PERCENT", default_value = "2%", value_parser = precision, help_heading = "Capacity")]
    pub(crate) precision: f64,
    /// Runs beside the first that must hold for a rate to be the capacity
    #[arg(long, value_name = "N", default_value = "3", value_parser = confirmations, help_heading = "Capacity")]
    pub(crate) confirm: usize,
    /// Parts of its own capacity at which each of several targets is run beside the others
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "50%,80%", value_parser = fraction, help_heading = "Capacity")]
    pub(crate) fractions: Vec<f64>,
    /// Runs of each target at each of them; 0 leaves them out
    #[arg(long, value_name = "N", default_value = "3", help_heading = "Capacity")]
    pub(crate) fraction_runs: usize,
    /// What the order of these runs follows from [default: drawn]
    #[arg(long, value_name = "N", help_heading = "Capacity")]
    pub(crate) seed: Option<u64>,
    /// Not of a search: what must hold of its runs is the SLO
    #[arg(long, value_name = "THRESHOLD", hide = true, value_parser = refused)]
    pub(crate) fail_if: Option<String>,
    /// Process whose tree is sampled for CPU and memory, with one URL
    #[arg(long, value_name = "N")]
    pub(crate) pid: Option<u32>,

    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) cpus: CpuArgs,

    /// What to print on standard output at the end [default: text]
    #[arg(short, long, value_name = "FORMAT", value_parser = Kind::Capacity.parser(), help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Also write the result to a file, such as junit=out/bench.xml; may be repeated. `-` is standard output; folders are made.
    /// The formats are those of --format
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = |text: &str| Output::parse(Some(Kind::Capacity), text), help_heading = "Output")]
    pub(crate) outputs: Vec<Output>,
    /// Print what is to be done and how long it takes, and stop
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

fn confirmations(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 confirmation is needed: what held once may have been luck")
}

fn refused(_: &str) -> Result<String, String> {
    Err("a search says what must hold and not what must not be: write --slo 'p99<20ms,errors<0.1%'"
        .to_owned())
}

fn precision(text: &str) -> Result<f64, String> {
    let part = percent(text)?;
    if part < FINEST {
        return Err(format!("`{text}` is finer than runs can tell: choose 0.5% or more, such as 2%"));
    }
    Ok(part)
}

/// A part above 0 and at most 100%.
fn fraction(text: &str) -> Result<f64, String> {
    let whole = ["100%", "1"].contains(&text.trim());
    let part = if whole { 1.0 } else { percent(text)? };
    if part > 0.0 { Ok(part) } else { Err(format!("`{text}` is no load: write a part such as 50% or 0.8")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn parsed(typed: &str) -> Result<CapacityArgs, clap::Error> {
        let command = Cli::try_parse_from(typed.split(' '))?.command;
        let Command::Capacity(args) = command else { panic!("not a search") };
        Ok(*args)
    }

    #[test]
    fn defaults() {
        let args = parsed("bench capacity --target rust,go --slo p99<20ms,errors<0.1%").unwrap();
        assert_eq!(args.targets, ["rust", "go"]);
        assert_eq!((args.start, args.max_rate, args.precision, args.confirm), (1e3, 1e6, 0.02, 3));
        assert_eq!((args.fractions.as_slice(), args.fraction_runs), (&[0.5, 0.8][..], 3));
        assert_eq!(args.slo.to_string(), "p99<20ms,errors<0.1%");
        assert!(args.load.rate.is_none());
    }

    #[test]
    fn mistakes() {
        for (flags, part) in [
            ("--slo p99", "write a figure"),
            ("--slo p99<20ms --precision 0.1%", "0.5% or more"),
            ("--slo p99<20ms --confirm 0", "at least 1 confirmation"),
            ("--slo p99<20ms --fractions 0%", "no load"),
            ("--slo p99<20ms --fractions 120%", "below 100%"),
            ("--slo p99<20ms --start 0", "above zero"),
            ("--precision 2%", "--slo"),
            (
                "--slo p99<20ms --fail-if p99>20ms",
                "what must hold and not what must not be: write --slo 'p99<20ms",
            ),
        ] {
            let error = parsed(&format!("bench capacity --target go {flags}")).expect_err(flags).to_string();
            assert!(error.contains(part), "{flags}: {error}");
        }
    }
}
