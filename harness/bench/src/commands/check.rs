//! `bench check`: does a target do what the contract of all targets asks?

use crate::address::Address;
use crate::build::{self, Surroundings};
use crate::catalogue::{self, Found};
use crate::commands::{style, write};
use crate::contract::{self, Attempt, Options, Origin, Report, Subject, Tree};
use crate::event::Event;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::contract::{CheckFormat, render};
use crate::server::{Place, Server};
use crate::signals::Signals;
use crate::{limits, resources};
use anyhow::{Context as _, anyhow};
use bench_model::quantity::parse_count;
use bench_model::suggest::nearest;
use bench_model::target::Manifest;
use std::net::TcpStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// The longest wait for a connection to a server that should be there.
const CONNECT: Duration = Duration::from_secs(5);
/// What `bench check` calls every target.
const ALL: &str = "all";

const EXAMPLES: &str = "Examples:
  bench check rust
  bench check all --format junit > check.xml
  bench check --url http://127.0.0.1:8080 --quick
  bench check rust --only keep-alive,pipelining
  bench check --cases";

/// `bench check`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// Target: a name from `bench list targets`, name:variant, name@CHECKOUT, a path, or `all`
    #[arg(value_name = "NAME|FILE|all", required_unless_present_any = ["url", "cases"], conflicts_with = "url")]
    target: Option<String>,
    /// A server that runs already, instead of a target; its process is not checked
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Process whose tree is looked at for memory, with --url
    #[arg(long, value_name = "N", requires = "url", conflicts_with = "target")]
    pid: Option<u32>,
    /// Leave out the cases that wait for timeouts, and send 10,000 requests
    #[arg(long)]
    quick: bool,
    /// Check these cases alone; see --cases
    #[arg(long, value_name = "CASE,...", value_delimiter = ',')]
    only: Vec<String>,
    /// Requests that must be verified under load [default: 100k, or 10k with --quick]
    #[arg(long, value_name = "N", value_parser = requests)]
    requests: Option<u64>,
    /// What to print on standard output
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    format: CheckFormat,
    /// List the cases, with the words of the contract that each checks, and stop
    #[arg(long)]
    cases: bool,
}

/// Checks and prints.
pub(crate) fn main(args: &CheckArgs) -> Result<ExitCode, Failure> {
    if args.cases {
        write(&listed())?;
        return Ok(ExitCode::SUCCESS);
    }
    let options = options(args)?;
    let targets = targets(args)?;
    let signals = Signals::listen()?;
    limits::raise_open_files()?;
    let progress = Progress::new();
    let check = Check { options: &options, signals: &signals, show: &|event| progress.show(event) };
    let several = args.target.as_deref() == Some(ALL);
    let of = targets.len();
    let checked: Result<Vec<Attempt>, Failure> = targets
        .into_iter()
        .enumerate()
        .map(|(at, target)| {
            progress.line(&format!("checking {} ({} of {of})", target.name(), at + 1));
            check.attempt(target, several)
        })
        .collect();
    progress.finish();
    let attempts = checked?;
    write(&render(args.format, &attempts, style()))?;
    Ok(exit_code(&attempts))
}

/// 4 if a case failed, or else 1 if a target could not be checked.
fn exit_code(attempts: &[Attempt]) -> ExitCode {
    let failed = |attempt: &Attempt| attempt.report.as_ref().is_ok_and(|report| !report.passed());
    match (attempts.iter().any(failed), attempts.iter().any(|attempt| attempt.report.is_err())) {
        (true, _) => ExitCode::from(4),
        (false, true) => ExitCode::from(1),
        (false, false) => ExitCode::SUCCESS,
    }
}

/// What to check.
enum Subjects {
    Url { url: String, pid: Option<u32> },
    Target { name: String, found: Box<Result<Found<Manifest>, Failure>> },
}

impl Subjects {
    fn name(&self) -> &str {
        match self {
            Self::Url { url, .. } => url,
            Self::Target { name, .. } => name,
        }
    }
}

fn targets(args: &CheckArgs) -> Result<Vec<Subjects>, Failure> {
    if let Some(url) = &args.url {
        if let Some(pid) = args.pid.filter(|pid| !resources::is_alive(*pid)) {
            return Err(Failure::usage(anyhow!("--pid {pid}: there is no such process")));
        }
        return Ok(vec![Subjects::Url { url: url.clone(), pid: args.pid }]);
    }
    let name = args.target.clone().unwrap_or_default();
    if name == ALL {
        let all = catalogue::targets();
        return Ok(all
            .into_iter()
            .map(|(name, found)| Subjects::Target { name, found: Box::new(found) })
            .collect());
    }
    // A single target that is not there is a mistake of the command line; one of many, a line of the summary.
    let found = catalogue::target(&name)?;
    Ok(vec![Subjects::Target { name: found.value.name.clone(), found: Box::new(Ok(found)) }])
}

fn options(args: &CheckArgs) -> Result<Options, Failure> {
    for id in &args.only {
        if contract::cases().any(|case| case.id == id) {
            continue;
        }
        let mend = match nearest(id, contract::cases().map(|case| case.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`bench check --cases` lists them".to_owned(),
        };
        return Err(Failure::usage(anyhow!("--only: there is no case `{id}`: {mend}")));
    }
    let usual = if args.quick { Options::quick() } else { Options::full() };
    Ok(Options { only: args.only.clone(), requests: args.requests.unwrap_or(usual.requests), ..usual })
}

fn listed() -> String {
    contract::cases()
        .map(|case| format!("{:<20} {:<11} {}\n", case.id, case.group.name(), case.contract))
        .collect()
}

fn requests(text: &str) -> Result<u64, String> {
    match parse_count(text).map_err(|error| error.to_string())? {
        0 => Err("at least 1 request is needed".to_owned()),
        count => Ok(count),
    }
}

/// What every target's check shares.
pub(crate) struct Check<'a> {
    pub(crate) options: &'a Options,
    pub(crate) signals: &'a Signals,
    pub(crate) show: &'a dyn Fn(&Event<'_>),
}

impl Check<'_> {
    /// Checks one target. Among several, one that cannot be checked does not end the others' turn; a signal does.
    fn attempt(&self, subject: Subjects, among_several: bool) -> Result<Attempt, Failure> {
        let (target, report) = match subject {
            Subjects::Url { url, pid } => (url.clone(), self.url(&url, pid)),
            Subjects::Target { name, found } => (name, found.and_then(|found| self.found(&found))),
        };
        let report = match report {
            Err(failure) if among_several && !matches!(failure, Failure::Interrupted(_)) => {
                Err(failure.to_string())
            }
            other => Ok(other?),
        };
        Ok(Attempt { target, report })
    }

    /// Checks a server that runs already.
    pub(crate) fn url(&self, url: &str, pid: Option<u32>) -> Result<Report, Failure> {
        let parsed = Address::parse(url).map_err(Failure::usage)?;
        if parsed.path != "/" {
            return Err(Failure::usage(anyhow!("--url {url}: leave the path out, the contract has its own")));
        }
        let address = parsed.resolve()?;
        TcpStream::connect_timeout(&address, CONNECT).with_context(|| {
            format!("cannot connect to {address}: start the server first, or mend the address")
        })?;
        self.run(&Subject {
            name: url,
            address,
            host: &parsed.host_header,
            signals: self.signals,
            waivers: &[],
            tree: pid.map(|root| Tree { root, adopter: None }),
            origin: None,
        })
    }

    fn found(&self, found: &Found<Manifest>) -> Result<Report, Failure> {
        let (manifest, folder) = (&found.value, found.folder());
        // A waiver that cannot be is the mistake of the manifest's author.
        let file =
            found.file.as_ref().map_or_else(|| manifest.name.clone(), |file| file.display().to_string());
        contract::allowed(&manifest.waive).map_err(|error| Failure::usage(anyhow!("{file}: {error}")))?;
        build::ensure(manifest, folder.as_deref(), &Surroundings { signals: self.signals, show: self.show })?;
        self.target(manifest, folder.as_deref())
    }

    /// Starts a built target and checks it.
    pub(crate) fn target(&self, manifest: &Manifest, folder: Option<&Path>) -> Result<Report, Failure> {
        let stateful = manifest.for_state();
        if stateful.build != manifest.build {
            build::ensure(&stateful, folder, &Surroundings { signals: self.signals, show: self.show })?;
        }
        (self.show)(&Event::Starting { target: &manifest.name });
        let logs = tempfile::tempdir().context("cannot make a folder for the target's logs")?;
        let log = logs.path().join("target.log");
        let place = Place { folder, cpus: &[], log: log.clone() };
        let server = Server::start(manifest, &place, self.signals)?;
        (self.show)(&Event::Ready { startup_ms: server.startup_ms });
        let report = self.run(&Subject {
            name: &manifest.name,
            address: server.address,
            host: &server.address.to_string(),
            signals: self.signals,
            waivers: &manifest.waive,
            tree: Some(Tree { root: server.pid(), adopter: Some(server.guardian_pid()) }),
            origin: Some(Origin { manifest, folder, log: &log }),
        });
        if self.signals.received().is_none() {
            // How it ends is the matter of the cases of the process.
            let _ = server.stop();
        }
        report
    }

    fn run(&self, subject: &Subject<'_>) -> Result<Report, Failure> {
        contract::run(subject, self.options, self.show).map_err(Failure::Interrupted)
    }
}
