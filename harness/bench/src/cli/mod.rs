//! The command line: what was typed. What it comes to is a [`bench_model::plan::Plan`].

mod baseline;
mod capacity;
mod compare;
mod gate;
mod history;
mod live;
mod load;
mod mistake;

#[cfg(test)]
mod tree;

pub(crate) use baseline::{
    BaselineArgs, BaselineCommand, BaselinesArgs, MeasureArgs, RemoveArgs, SaveArgs, ShowArgs,
};
pub(crate) use capacity::CapacityArgs;
pub(crate) use compare::CompareArgs;
pub(crate) use gate::{GateArgs, WINDOW};
pub(crate) use history::HistoryArgs;
pub(crate) use live::LiveArgs;
pub(crate) use load::{CpuArgs, LoadArgs, RequestArgs};

use crate::outputs::Output;
use crate::report::{Format, Kind};
use bench_model::threshold::Threshold;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Measures servers so that a sceptic can check every number.
#[derive(Debug, Parser)]
#[command(name = "bench", version, about, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Reads the command line of this process. Does not return if it is one that cannot be read, or asks for help.
pub(crate) fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|error| mistake::explained(error).exit())
}

const EXIT_CODES: &str = "Exit codes:
  0  done and valid
  1  could not run
  2  bad usage or configuration
  3  ran, but the result is invalid, or no block of a comparison can be used
  4  done, but a check or a threshold failed, or no rate holds the SLO
  129, 130, 143  interrupted; what was measured is written";

const RUN_EXAMPLES: &str = "Examples:
  bench run --scenario json-echo --conns 1000
  bench run --url http://127.0.0.1:8080/path -c 64 -d 10s
  bench run --url http://127.0.0.1:8080/echo -m POST -b '{\"n\":1}' \\
            -H 'Content-Type: application/json' --expect-body same-json
  bench run --scenario json-echo --fail-if 'p99>20ms' --fail-if 'tps<10k'
  bench run --scenario json-echo --output junit=out/bench.xml --output json=-
  bench run --scenario json-echo --dry-run";

const LIST_EXAMPLES: &str = "Examples:
  bench list scenarios
  bench list runs --results elsewhere";

const DOCTOR_EXAMPLES: &str = "Examples:
  bench doctor
  bench doctor --noise --pairs 10
  bench doctor --format json";

const SERVE_EXAMPLES: &str = "Examples:
  NODE_SECRET=$(openssl rand -hex 32) bench serve
  NODE_SECRET=$(openssl rand -hex 32) bench serve --port 0 --threads 1";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Load one target and report throughput, latency, CPU and memory
    #[command(after_help = RUN_EXAMPLES)]
    Run(Box<RunArgs>),
    /// Compare targets: blocks of runs in random order, and what they say for sure
    #[command(after_help = compare::EXAMPLES)]
    Compare(Box<CompareArgs>),
    /// Say whether a target is worse than its base by more than is allowed, for CI
    #[command(after_help = gate::EXAMPLES)]
    #[command(mut_arg("duration", |duration| duration.help(gate::DURATION)))]
    Gate(Box<GateArgs>),
    /// Keep stored runs under a name, as files that can be committed or cached
    #[command(after_help = baseline::EXAMPLES)]
    Baseline(BaselineArgs),
    /// Find the highest rate at which targets hold a service level objective
    #[command(after_help = capacity::EXAMPLES)]
    #[command(mut_arg("rate", |rate| rate.hide(true)), mut_arg("stages", |stages| stages.hide(true)))]
    Capacity(Box<CapacityArgs>),
    /// Check that a target does what the contract of all targets asks
    Check(crate::commands::check::CheckArgs),
    /// Render a stored run, comparison or search for a capacity again, or all of them over time, without any load
    #[command(after_help = history::EXAMPLES)]
    Report(ReportArgs),
    /// Check whether published figures can be true together, by Little's law
    #[command(after_help = crate::commands::audit::EXAMPLES)]
    Audit(crate::commands::audit::AuditArgs),
    /// List stored runs, scenarios or targets
    #[command(after_help = LIST_EXAMPLES)]
    List(ListArgs),
    /// Look at this machine as a place to measure on, and for the targets' toolchains
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
    /// Serve the reference target in the foreground
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Write a scenario and a target to start from, which work as they are
    #[command(after_help = crate::commands::init::EXAMPLES)]
    Init(crate::commands::init::InitArgs),
    /// Print what a shell needs to complete command lines of bench
    #[command(after_help = crate::commands::completions::EXAMPLES)]
    Completions(crate::commands::completions::CompletionsArgs),
    /// Print a manual page, or write all of them
    #[command(after_help = crate::commands::man::EXAMPLES)]
    Man(crate::commands::man::ManArgs),
    /// Start a target and end it with the process that asked for it
    #[command(hide = true)]
    Guard(crate::target::GuardArgs),
    /// Remember how the terminal is, and restore it should the process end that asked for it
    #[command(name = crate::live::KEEP, hide = true)]
    KeepTerminal,
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
    /// Exit with 4 if this is so of the run, such as 'p99>20ms', 'tps<10k' or 'memory.peak>100MiB'; may be given several times,
    /// and adds to the scenario's
    #[arg(long, value_name = "THRESHOLD", help_heading = "Thresholds")]
    pub(crate) fail_if: Vec<Threshold>,

    /// What to print on standard output [default: text]
    #[arg(short, long, value_name = "FORMAT", value_parser = Kind::Run.parser(), help_heading = "Output")]
    pub(crate) format: Option<Format>,
    /// Also write the result to a file, such as junit=out/bench.xml; may be repeated. `-` is standard output; folders are made.
    /// The formats are those of --format
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = |text: &str| Output::parse(Some(Kind::Run), text), help_heading = "Output")]
    pub(crate) outputs: Vec<Output>,
    /// Print the whole percentile distribution after the summary
    #[arg(long, help_heading = "Output")]
    pub(crate) latency: bool,
    /// Print the resolved plan and stop
    #[arg(long, help_heading = "Output")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) live: LiveArgs,
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
    pub(crate) run: Option<String>,
    /// What to print on standard output [default: text]; which formats there are depends on what is stored
    #[arg(short, long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Also write it to a file, such as junit=out/bench.xml; may be repeated. `-` is standard output; folders are made
    #[arg(short, long = "output", value_name = "FORMAT=PATH", value_parser = |text: &str| Output::parse(None, text))]
    pub(crate) outputs: Vec<Output>,
    /// Print the whole percentile distribution after the summary
    #[arg(long)]
    pub(crate) latency: bool,
    /// Draw the charts again, into this folder; for a comparison, also write its report there; for a search, its chart
    #[arg(long, value_name = "FOLDER")]
    pub(crate) charts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) history: HistoryArgs,
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
    use std::time::Duration;

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
