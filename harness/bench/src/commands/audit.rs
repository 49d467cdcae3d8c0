//! `bench audit`: whether published figures can be true together. Starts nothing and measures nothing.

use crate::catalogue;
use crate::commands::write;
use crate::failure::Failure;
use crate::report::audit::{Audited, json, text, verdict_on};
use anyhow::anyhow;
use bench_model::audit::{AuditVerdict, Figures};
use bench_model::quantity::{parse_count, parse_duration};
use clap::{ArgGroup, Args, ValueEnum};
use std::process::ExitCode;
use std::time::Duration;

pub(crate) const EXAMPLES: &str = "Examples:
  bench audit --tps 18432 --conns 1000 --p99 42ms
  bench audit --scenario json-echo";

/// `bench audit`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("audited").args(["scenario", "tps"]).required(true))]
pub(crate) struct AuditArgs {
    /// Scenario whose claims are audited: a name from `bench list scenarios`, or the path of a file
    #[arg(
        short,
        long,
        value_name = "NAME|FILE",
        conflicts_with_all = ["conns", "p50", "p99", "mean"]
    )]
    scenario: Option<String>,
    /// Requests per second
    #[arg(long, value_name = "N", value_parser = rate, requires = "conns")]
    tps: Option<f64>,
    /// Connections, each with one request in flight
    #[arg(
        short = 'c',
        long,
        visible_alias = "connections",
        value_name = "N",
        value_parser = connections,
        requires = "tps"
    )]
    conns: Option<u64>,
    /// Median latency, such as 12ms
    #[arg(long, value_name = "TIME", value_parser = latency, requires = "tps")]
    p50: Option<Duration>,
    /// 99th percentile of the latency
    #[arg(long, value_name = "TIME", value_parser = latency, requires = "tps")]
    p99: Option<Duration>,
    /// Mean latency
    #[arg(long, value_name = "TIME", value_parser = latency, requires = "tps")]
    mean: Option<Duration>,
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    format: AuditFormat,
}

/// How an audit is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    /// Words, then the arithmetic.
    Text,
    /// One object for programs.
    Json,
}

/// Audits and prints. The exit code is 4 if anything contradicts.
pub(crate) fn main(args: &AuditArgs) -> Result<ExitCode, Failure> {
    let (scenario, all) = match &args.scenario {
        Some(name) => {
            let scenario = catalogue::scenario(name)?.value;
            if scenario.claim.is_empty() {
                return Err(Failure::Usage(anyhow!(
                    "the scenario `{}` has no [[claim]] to audit: add one, or give --tps, --conns and --p99",
                    scenario.name
                )));
            }
            (Some(scenario.name), scenario.claim.into_iter().map(Audited::of_claim).collect())
        }
        None => (None, vec![Audited::of_figures(figures(args))]),
    };
    write(&match args.format {
        AuditFormat::Text => text(&all),
        AuditFormat::Json => json(scenario.as_deref(), &all),
    })?;
    Ok(match verdict_on(&all) {
        AuditVerdict::Contradictory => ExitCode::from(4),
        AuditVerdict::Consistent | AuditVerdict::Unchecked => ExitCode::SUCCESS,
    })
}

fn figures(args: &AuditArgs) -> Figures {
    Figures {
        connections: args.conns,
        tps: args.tps,
        p50: args.p50,
        p99: args.p99,
        mean: args.mean,
        recorded_up_to: None,
    }
}

fn connections(text: &str) -> Result<u64, String> {
    match parse_count(text).map_err(|error| error.to_string())? {
        0 => Err("at least 1 connection is needed".to_owned()),
        count => Ok(count),
    }
}

/// A rate, which need not be whole unless it has a suffix: `18432`, `0.5`, `1.5k`.
fn rate(text: &str) -> Result<f64, String> {
    let whole = || parse_count(text).map(|count| count as f64).map_err(|error| error.to_string());
    let rate = text.parse::<f64>().or_else(|_| whole())?;
    if rate.is_finite() && rate > 0.0 { Ok(rate) } else { Err("it must be above 0".to_owned()) }
}

fn latency(text: &str) -> Result<Duration, String> {
    // Elsewhere a bare number is in seconds, as in wrk; here it would mostly be meant in milliseconds.
    if !text.ends_with(|last: char| last.is_ascii_alphabetic()) {
        return Err(format!("`{text}` has no unit: write it like {text}ms"));
    }
    let latency = parse_duration(text).map_err(|error| error.to_string())?;
    if latency.is_zero() { Err("it must be above 0".to_owned()) } else { Ok(latency) }
}
