//! The command line: what was typed. What it comes to is a [`bench_model::plan::Plan`].

mod capacity;
mod compare;
mod load;

pub(crate) use capacity::CapacityArgs;
pub(crate) use compare::CompareArgs;
pub(crate) use load::{CpuArgs, LoadArgs, RequestArgs};

use crate::report::{Format, StoredFormat};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

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
  3  ran, but the result is invalid, or no block of a comparison can be used
  4  done, but a check failed, or no rate holds the SLO
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
    /// Compare targets: blocks of runs in random order, and what they say for sure
    #[command(after_help = compare::EXAMPLES)]
    Compare(Box<CompareArgs>),
    /// Find the highest rate at which targets hold a service level objective
    #[command(after_help = capacity::EXAMPLES)]
    #[command(mut_arg("rate", |rate| rate.hide(true)), mut_arg("stages", |stages| stages.hide(true)))]
    Capacity(Box<CapacityArgs>),
    /// Check that a target does what the contract of all targets asks
    Check(crate::commands::check::CheckArgs),
    /// Render a stored run, comparison or search for a capacity again, without any load
    Report(ReportArgs),
    /// Check whether published figures can be true together, by Little's law
    #[command(after_help = crate::commands::audit::EXAMPLES)]
    Audit(crate::commands::audit::AuditArgs),
    /// List stored runs, scenarios or targets
    List(ListArgs),
    /// Look at this machine as a place to measure on, and for the targets' toolchains
    Doctor(DoctorArgs),
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
    /// Target to start: a name from `bench list targets`, name:variant, name@CHECKOUT, or a path
    #[arg(long, value_name = "NAME|FILE", default_value = "rust", conflicts_with = "url")]
    pub(crate) target: String,
    /// A server that runs already, instead of a target
    #[arg(long, value_name = "URL", conflicts_with = "target_cpus")]
    pub(crate) url: Option<String>,

    #[command(flatten)]
    pub(crate) load: LoadArgs,
    #[command(flatten)]
    pub(crate) request: RequestArgs,

    #[command(flatten)]
    pub(crate) cpus: CpuArgs,
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

/// Where results are.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResultsArgs {
    /// Folder that holds one folder a run, comparison or search
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
    /// Run, comparison or search: an id from `bench list runs`, `latest`, or the path of its folder or file
    pub(crate) run: String,
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: StoredFormat,
    /// Print the whole percentile distribution after the summary
    #[arg(long)]
    pub(crate) latency: bool,
    /// Draw the charts again, into this folder; for a comparison, also write its report there; for a search, its chart
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
    /// Stored runs, comparisons and searches, the newest first
    Runs,
    /// Scenarios that `--scenario` takes by name
    Scenarios,
    /// Targets that `--target` takes by name
    Targets,
}

/// `bench doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DoctorFormat,
    /// Also measure how quiet the machine is, which takes under a minute: what it does to a thread that only sleeps, and to
    /// a server that is compared with itself
    #[arg(long)]
    pub(crate) noise: bool,
    /// Pairs of runs of that server
    #[arg(long, value_name = "N", default_value = "6", requires = "noise", value_parser = pairs)]
    pub(crate) pairs: usize,
}

fn pairs(text: &str) -> Result<usize, String> {
    let few = "at least 2 pairs are needed to see how they differ";
    load::at_least_one(text, few).and_then(|pairs| if pairs < 2 { Err(few.to_owned()) } else { Ok(pairs) })
}

/// How the doctor's findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DoctorFormat {
    /// For people.
    Text,
    /// One object for programs.
    Json,
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
    #[arg(long, value_parser = load::threads)]
    pub(crate) threads: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;
    use std::time::Duration;

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
            (run.load.conns, run.load.duration, run.load.threads),
            (Some(1000), Some(Duration::from_secs(120)), Some(4))
        );
        assert_eq!(run.request.headers, ["a:b", "c:d"]);
        let Command::Run(run) = Cli::parse_from("bench run --url u -z 5 --connections 7".split(' ')).command
        else {
            panic!("not a run")
        };
        assert_eq!((run.load.conns, run.load.duration), (Some(7), Some(Duration::from_secs(5))));
    }
}
