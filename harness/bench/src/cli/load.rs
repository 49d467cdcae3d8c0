//! The flags of a load, which every command that makes one takes.

use bench_model::addresses::AddressList;
use bench_model::load::{Arrivals, Stage};
use bench_model::quantity::{parse_count, parse_duration, parse_rate};
use bench_model::status::StatusSet;
use bench_model::steady::WarmUp;
use clap::Args;
use std::time::Duration;

/// How hard, how long, how patiently.
#[derive(Debug, Clone, Args)]
pub(crate) struct LoadArgs {
    /// Connections held open, each with at most one request in flight [default: the scenario's, or 64]
    #[arg(short = 'c', long, visible_alias = "connections", value_name = "N", value_parser = connections, help_heading = "Load")]
    pub(crate) conns: Option<usize>,
    /// Requests per second, due whether or not the target keeps up; latency runs from the due time. Without a rate each
    /// connection sends as soon as it has its answer
    #[arg(short = 'R', long, visible_short_alias = 'q', value_name = "RATE", value_parser = rate, allow_hyphen_values = true, conflicts_with_all = ["stages"], help_heading = "Load")]
    pub(crate) rate: Option<f64>,
    /// Rates one after the other, such as 1k:10s,5k:30s, or 1k..5k:30s for a ramp; their times are the window
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with_all = ["duration"], help_heading = "Load")]
    pub(crate) stages: Vec<Stage>,
    /// How requests are spread around the rate: uniform or poisson [default: the scenario's, or uniform]
    #[arg(long, value_name = "HOW", help_heading = "Load")]
    pub(crate) arrivals: Option<Arrivals>,
    /// What poisson arrivals follow from [default: the scenario's, or 1]
    #[arg(long, value_name = "N", help_heading = "Load")]
    pub(crate) arrival_seed: Option<u64>,
    /// Longest that a due request waits for a free connection; one that would wait longer is not sent, and counts as
    /// failed [default: the scenario's, or no limit]
    #[arg(long, value_name = "TIME", value_parser = length, allow_hyphen_values = true, help_heading = "Load")]
    pub(crate) max_lag: Option<Duration>,
    /// Items of one request, in scenarios that send batches [default: the scenario's]
    #[arg(long, value_name = "N", value_parser = batch, help_heading = "Load")]
    pub(crate) batch: Option<usize>,
    /// Length of the measured window [default: the scenario's, or 10s]
    #[arg(short, long, visible_short_alias = 'z', value_name = "TIME", value_parser = length, help_heading = "Load")]
    pub(crate) duration: Option<Duration>,
    /// Warm-up before it: `auto` until throughput is steady (two 5 s windows within 2%, at most 30 s; `auto:90s` for
    /// another limit), or a time
    #[arg(long, value_name = "auto|TIME", help_heading = "Load")]
    pub(crate) warmup: Option<WarmUp>,
    /// Generator threads [default: one for each generator CPU]
    #[arg(short, long, value_name = "N", value_parser = threads, help_heading = "Load")]
    pub(crate) threads: Option<usize>,
    /// Longest wait for a complete answer [default: the scenario's, or 10s]
    #[arg(long, value_name = "TIME", value_parser = length, help_heading = "Load")]
    pub(crate) timeout: Option<Duration>,
    /// Longest wait for a connection [default: the scenario's, or 5s]
    #[arg(long, value_name = "TIME", value_parser = length, help_heading = "Load")]
    pub(crate) connect_timeout: Option<Duration>,
    /// Addresses of this machine that connections come from, in turn, such as 127.0.0.2-127.0.0.9: each has some 28,000
    /// ports for them [default: the system's choice]
    #[arg(long, value_name = "LIST", help_heading = "Load")]
    pub(crate) source_addresses: Option<AddressList>,
}

/// Who runs where.
#[derive(Debug, Clone, Args)]
pub(crate) struct CpuArgs {
    /// CPUs for the target, such as 0-3,6 [default: the first half of those allowed]
    #[arg(long, value_name = "LIST", help_heading = "CPUs")]
    pub(crate) target_cpus: Option<String>,
    /// CPUs for the generator [default: the other half, or all for URLs]
    #[arg(long, value_name = "LIST", help_heading = "CPUs")]
    pub(crate) generator_cpus: Option<String>,
}

/// The request of an ad-hoc run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RequestArgs {
    /// HTTP method, without a scenario [default: GET, or POST with a body]
    #[arg(short, long, value_name = "METHOD", conflicts_with = "scenario", help_heading = "Request")]
    pub(crate) method: Option<String>,
    /// Body, without a scenario; @FILE for a file's content
    #[arg(
        short,
        long,
        value_name = "TEXT|@FILE",
        conflicts_with = "scenario",
        allow_hyphen_values = true,
        help_heading = "Request"
    )]
    pub(crate) body: Option<String>,
    /// Header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", help_heading = "Request")]
    pub(crate) headers: Vec<String>,
    /// Accepted statuses, such as 200 or 2xx,404 [default: the scenario's, or 2xx]
    #[arg(long, value_name = "LIST", value_parser = |text: &str| StatusSet::try_from(text.to_owned()), help_heading = "Request")]
    pub(crate) expect_status: Option<StatusSet>,
    /// What the body must be: any, same-json (as sent), or a file's content [default: the scenario's, or any]
    #[arg(long, value_name = "any|same-json|FILE", help_heading = "Request")]
    pub(crate) expect_body: Option<String>,
}

fn connections(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 connection is needed")
}

fn batch(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 item is needed")
}

pub(super) fn threads(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 thread is needed")
}

pub(super) fn at_least_one(text: &str, zero: &str) -> Result<usize, String> {
    match parse_count(text).map_err(|error| error.to_string())? {
        0 => Err(zero.to_owned()),
        count => usize::try_from(count).map_err(|error| error.to_string()),
    }
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    parse_rate(text).map_err(|error| error.to_string())
}

fn length(text: &str) -> Result<Duration, String> {
    let length = parse_duration(text).map_err(|error| error.to_string())?;
    if length < Duration::from_millis(1) { Err("it must be at least 1ms".to_owned()) } else { Ok(length) }
}
