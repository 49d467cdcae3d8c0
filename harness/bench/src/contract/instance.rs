//! Instances of the target beside the one that is checked: for cases that wait, that end a process, that need one state, or
//! that must be refused a start.

use super::case::{Case, Check};
use super::done::{Came, Done};
use super::fault::Fault;
use super::wire::Wire;
use crate::server::{Place, Server, launch};
use crate::target::{Ending, Target, free_port, log_tail};
use bench_model::target::Manifest;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that a target may take to see that it cannot start; some try several times.
pub(super) const REFUSAL_PATIENCE: Duration = Duration::from_secs(30);
/// Lines of a log in which an error's words are looked for.
const LOG_LINES: usize = 1000;

/// How `bench` starts the target, again and again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    pub(crate) manifest: &'a Manifest,
    /// The target's folder.
    pub(crate) folder: Option<&'a Path>,
    /// The log of the instance that is checked. Those of others are made beside it.
    pub(crate) log: &'a Path,
}

impl Origin<'_> {
    /// Starts another instance on a port of its own and waits until it is ready. `name` is that of its log.
    pub(super) fn another(&self, wire: &Wire, name: &str) -> Result<(Server, Wire), Fault> {
        let started = Server::start(self.manifest, &self.place(name), &wire.signals);
        wire.go_on()?;
        let server = started.map_err(|failure| {
            Fault::new("the start command on another port", "a second instance", failure.to_string())
        })?;
        let address = server.address;
        Ok((server, Wire { address, host: address.to_string(), signals: wire.signals.clone() }))
    }

    /// As [`Self::another`], with more variables in its environment.
    pub(super) fn another_with(
        &self,
        wire: &Wire,
        name: &str,
        variables: &[(&str, &str)],
    ) -> Result<(Server, Wire), Fault> {
        let mut manifest = self.manifest.clone();
        manifest.start.env.extend(variables.iter().map(|(key, value)| ((*key).into(), (*value).into())));
        Origin { manifest: &manifest, ..*self }.another(wire, name)
    }

    pub(super) fn place(&self, name: &str) -> Place<'_> {
        Place { folder: self.folder, cpus: &[], log: self.log.with_file_name(format!("{name}.log")) }
    }

    /// Begins a start that must be refused: with a variable of this value, or without the variable.
    pub(super) fn forbidden(
        &self,
        wire: &Wire,
        variable: &'static str,
        value: Option<&str>,
    ) -> Result<Forbidden, Fault> {
        let sent = match value {
            Some(value) => format!("the start command with {variable}={value}"),
            None => format!("the start command without {variable}"),
        };
        let unable = |error: String| Fault::new(&sent, "an error and an exit", error);
        let port = free_port(wire.address.ip()).map_err(|error| unable(error.to_string()))?;
        let place = self.place(&format!("{variable}-{port}"));
        let address = SocketAddr::new(wire.address.ip(), port);
        let mut launch =
            launch(self.manifest, &place, address).map_err(|failure| unable(failure.to_string()))?;
        launch.environment.retain(|(name, _)| name != variable);
        match value {
            Some(value) => launch.environment.push((variable.to_owned(), value.to_owned())),
            // What `bench` itself was given would be inherited.
            None => {
                let without = ["env", "-u", variable].map(str::to_owned);
                launch.command.splice(0..0, without);
            }
        }
        let target = Target::start(&launch).map_err(|error| unable(error.to_string()))?;
        Ok(Forbidden { sent, target, log: launch.log })
    }
}

/// A start that must be refused. Dropping it ends what should not have started.
pub(super) struct Forbidden {
    sent: String,
    target: Target,
    log: PathBuf,
}

impl Forbidden {
    /// Waits for the exit, whose code must not be 0, and for an error that has this word.
    pub(super) fn ends(mut self, wire: &Wire, word: &str) -> Result<(), Fault> {
        let expected = match word {
            "" => "an error, and an exit code other than 0".to_owned(),
            word => format!("an error that names {word}, and an exit code other than 0"),
        };
        let came = match ending(wire, &mut || self.target.exited(), REFUSAL_PATIENCE)? {
            Some(Ending::Code(0)) => "exit status 0".to_owned(),
            Some(Ending::Code(code)) => {
                let words = log_tail(&self.log, LOG_LINES);
                if words.iter().any(|line| line.contains(word)) {
                    return Ok(());
                }
                let last = words.last().map_or("(nothing)", String::as_str);
                format!("exit status {code} and the last line: {last}")
            }
            Some(other) => other.to_string(),
            None => format!("a process that still runs after {REFUSAL_PATIENCE:?}"),
        };
        Err(Fault::new(self.sent, expected, came))
    }
}

/// Waits for a process to end; `None` if it does not.
pub(super) fn ending(
    wire: &Wire,
    exited: &mut dyn FnMut() -> Option<Ending>,
    patience: Duration,
) -> Result<Option<Ending>, Fault> {
    let until = Instant::now() + patience;
    loop {
        let ending = exited();
        if ending.is_some() || Instant::now() >= until {
            return Ok(ending);
        }
        wire.sleep(Duration::from_millis(20))?;
    }
}

/// The instance that has one state, started when the first case needs it: by the manifest's `[stateful]`, or, where `bench`
/// did not start the server, the server itself if it has one.
pub(super) struct Stateful<'a> {
    origin: Option<Origin<'a>>,
    wire: Wire,
    running: Option<(Server, Wire)>,
    /// How many were started, for the names of their logs.
    started: usize,
    /// What `GET /ledger` of a server that `bench` did not start was answered with.
    status: Option<u16>,
}

impl<'a> Stateful<'a> {
    pub(super) fn new(origin: Option<Origin<'a>>, wire: Wire) -> Self {
        Self { origin, wire, running: None, started: 0, status: None }
    }

    /// Runs a case.
    pub(super) fn run(&mut self, case: &'static Case) -> Result<Done, Fault> {
        let began = Instant::now();
        let Some(origin) = self.origin else { return self.run_at_url(case) };
        let wire = match self.instance(origin, case) {
            Ok(wire) => wire,
            Err(fault) => {
                let duration_s = began.elapsed().as_secs_f64();
                return Ok(Done { case, came: Came::try_from(Err(fault))?, duration_s });
            }
        };
        let mut done = Done::timed(case, || case.check.talk(&wire).map(|()| String::new()))?;
        if let Some(ending) = self.running.as_mut().and_then(|(server, _)| server.exited()) {
            // The next case gets another one.
            self.running = None;
            let words = match &done.came {
                Came::Wrong(words) => format!("{words}; and the target has ended: {ending}"),
                _ => format!("the target has ended: {ending}"),
            };
            done.came = Came::Wrong(words);
        }
        if matches!(case.check, Check::Fresh(variables, _) if !variables.is_empty()) {
            // An instance with variables of its own is no use to other cases.
            self.running = None;
        }
        Ok(done)
    }

    fn instance(&mut self, origin: Origin<'_>, case: &Case) -> Result<Wire, Fault> {
        let variables: Option<&[(&str, &str)]> = match case.check {
            Check::Fresh(variables, _) => Some(variables),
            _ => None,
        };
        if variables.is_some() {
            self.running = None;
        }
        if let Some((_, wire)) = &self.running {
            return Ok(wire.clone());
        }
        let manifest = origin.manifest.for_state();
        let origin = Origin { manifest: &manifest, ..origin };
        self.started += 1;
        let name = format!("state-{}", self.started);
        let instance = origin.another_with(&self.wire, &name, variables.unwrap_or_default())?;
        Ok(self.running.insert(instance).1.clone())
    }

    fn run_at_url(&mut self, case: &'static Case) -> Result<Done, Fault> {
        let left_out = |why| Ok(Done { case, came: Came::Nothing(why), duration_s: 0.0 });
        if matches!(case.check, Check::Fresh(..)) {
            return left_out("bench did not start this server");
        }
        if self.status.is_none() {
            let asked = self.wire.ask(&self.wire.request("GET", "/ledger", &[], None));
            self.wire.go_on()?;
            self.status = Some(asked.map_or(0, |answer| answer.status));
        }
        if self.status == Some(503) {
            return left_out("GET /ledger is 503: this server has no one ledger");
        }
        Done::timed(case, || case.check.talk(&self.wire).map(|()| String::new()))
    }
}
