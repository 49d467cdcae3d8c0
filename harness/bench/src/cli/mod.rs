//! The command line: what was typed. What it comes to is a [`bench_model::plan::Plan`].

use crate::report::Format;
use bench_model::quantity::{parse_count, parse_duration};
use bench_model::status::StatusSet;
use bench_model::steady::WarmUp;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::time::Duration;

/// Measures servers so that a sceptic can check every number.
#[derive(Debug, Parser)]
#[command(name = "bench", version, about, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes:
  0  done and valid
  1  could not run
  2  bad usage or configuration
  3  ran, but the result is invalid
  4  done, but a check failed
  129, 130, 143  interrupted; what was measured is written";

const RUN_EXAMPLES: &str = "Examples:
  bench run --scenario json-echo --conns 1000
  bench run --url http://127.0.0.1:8080/path -c 64 -d 10s
  bench run --url http://127.0.0.1:8080/echo -m POST -b '{\"n\":1}' \\
            -H 'Content-Type: application/json' --expect-body same-json
  bench run --scenario json-echo --dry-run";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load one target and report throughput, latency, CPU and memory
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// Check that a target does what the contract of all targets asks
    Check(crate::commands::check::CheckArgs),
    /// Render a stored run again, without any load
    Report(ReportArgs),
    /// Check whether published figures can be true together, by Little's law
    #[command(after_help = crate::commands::audit::EXAMPLES)]
    Audit(crate::commands::audit::AuditArgs),
    /// List stored runs, scenarios or targets
    List(ListArgs),
    /// Serve the reference target in the foreground
    Serve(ServeArgs),
    /// Start a target and end it with the process that asked for it
    #[command(hide = true)]
    Guard(crate::target::GuardArgs),
}

/// `bench run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// Scenario: a name from `bench list scenarios`, or the path of a file
    #[arg(short, long, value_name = "NAME|FILE")]
    pub(crate) scenario: Option<String>,
    /// Target to start: a name from `bench list targets`, or the path of a target.toml
    #[arg(long, value_name = "NAME|FILE", default_value = "rust", conflicts_with = "url")]
    pub(crate) target: String,
    /// A server that runs already, instead of a target
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,

    /// Connections held open, each with one request in flight [default: the scenario's, or 64]
    #[arg(short = 'c', long, visible_alias = "connections", value_name = "N", value_parser = connections, help_heading = "Load")]
    pub(crate) conns: Option<usize>,
    /// Length of the measured window [default: the scenario's, or 10s]
    #[arg(short, long, visible_short_alias = 'z', value_name = "TIME", value_parser = length, help_heading = "Load")]
    pub(crate) duration: Option<Duration>,
    /// Warm-up before it: `auto` until throughput is steady (two 5 s windows within 2%, at most 30 s), or a time
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

    #[command(flatten)]
    pub(crate) request: RequestArgs,

    /// CPUs for the target, such as 0-3,6 [default: the first half of those allowed]
    #[arg(long, value_name = "LIST", conflicts_with = "url", help_heading = "CPUs")]
    pub(crate) target_cpus: Option<String>,
    /// CPUs for the generator [default: the other half, or all with --url]
    #[arg(long, value_name = "LIST", help_heading = "CPUs")]
    pub(crate) generator_cpus: Option<String>,
    /// Process whose tree is sampled for CPU and memory, with --url
    #[arg(long, value_name = "N", requires = "url")]
    pub(crate) pid: Option<u32>,

    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    pub(crate) format: Format,
    /// Print the whole percentile distribution after the summary
    #[arg(long, help_heading = "Output")]
    pub(crate) latency: bool,
    /// Print the resolved plan and stop
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// The request of an ad-hoc run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RequestArgs {
    /// HTTP method, with --url [default: GET, or POST with a body]
    #[arg(short, long, value_name = "METHOD", conflicts_with = "scenario", help_heading = "Request")]
    pub(crate) method: Option<String>,
    /// Body, with --url; @FILE for a file's content
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

/// Where results are.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResultsArgs {
    /// Folder that holds one folder a run
    #[arg(
        long = "results",
        value_name = "FOLDER",
        env = "BENCH_RESULTS",
        default_value = "results",
        help_heading = "Output"
    )]
    pub(crate) folder: PathBuf,
}

/// `bench report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Run: an id from `bench list runs`, `latest`, or the path of a run's folder or run.json
    pub(crate) run: String,
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Print the whole percentile distribution after the summary
    #[arg(long)]
    pub(crate) latency: bool,
    /// Draw the charts again, into this folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) charts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// `bench list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// What to list
    pub(crate) what: Listed,
    #[command(flatten)]
    pub(crate) results: ResultsArgs,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Listed {
    /// Stored runs, the newest first
    Runs,
    /// Scenarios that `--scenario` takes by name
    Scenarios,
    /// Targets that `--target` takes by name
    Targets,
}

/// `bench serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    pub(crate) host: std::net::IpAddr,
    /// Port to listen on; 0 for any free one
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,
    /// Threads [default: one for each CPU that the process may use]
    #[arg(long, value_parser = threads)]
    pub(crate) threads: Option<usize>,
}

fn connections(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 connection is needed")
}

fn threads(text: &str) -> Result<usize, String> {
    at_least_one(text, "at least 1 thread is needed")
}

fn at_least_one(text: &str, zero: &str) -> Result<usize, String> {
    match parse_count(text).map_err(|error| error.to_string())? {
        0 => Err(zero.to_owned()),
        count => usize::try_from(count).map_err(|error| error.to_string()),
    }
}

fn length(text: &str) -> Result<Duration, String> {
    let length = parse_duration(text).map_err(|error| error.to_string())?;
    if length < Duration::from_millis(1) { Err("it must be at least 1ms".to_owned()) } else { Ok(length) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn no_flag_twice_and_every_flag_documented() {
        let command = Cli::command();
        command.clone().debug_assert();
        for subcommand in command.get_subcommands() {
            for argument in subcommand.get_arguments().filter(|argument| argument.get_id() != "help") {
                let documented = argument.get_help().is_some() || subcommand.is_hide_set();
                assert!(documented, "{} {}", subcommand.get_name(), argument.get_id());
            }
        }
    }

    #[test]
    fn wrk_flags_keep_their_meaning() {
        let typed = "bench run --url http://h/ -c 1k -d 2m -t 4 -H a:b -H c:d -m PUT -b {} --latency";
        let Command::Run(run) = Cli::parse_from(typed.split(' ')).command else { panic!("not a run") };
        assert_eq!(
            (run.conns, run.duration, run.threads),
            (Some(1000), Some(Duration::from_secs(120)), Some(4))
        );
        assert_eq!(run.request.headers, ["a:b", "c:d"]);
        let Command::Run(run) = Cli::parse_from("bench run --url u -z 5 --connections 7".split(' ')).command
        else {
            panic!("not a run")
        };
        assert_eq!((run.conns, run.duration), (Some(7), Some(Duration::from_secs(5))));
    }
}
