//! One run, from the target's start to its last interval: start, ready, check, open, warm up, measure, drain, stop.

use crate::check::Asker;
use crate::cpus::may_be_kept_busy;
use crate::event::Event;
use crate::failure::Failure;
use crate::ledger_audit::{Auditor, Before, Sent};
use crate::machine;
use crate::ready::{self, Ready};
use crate::rehearsal;
use crate::resolve::Resolved;
use crate::resources::{self, Sampler};
use crate::results::RunFolder;
use crate::server::{Place, Server};
use crate::signals::{self, Signals};
use crate::target::log_tail;
use crate::warming::WarmUpSoFar;
use crate::watch::Watch;
use anyhow::anyhow;
use bench_generator::request::Surroundings;
use bench_generator::{Book, Generator, Job};
use bench_model::interval::Phase;
use bench_model::ledger::{Finding, LedgerAudit};
use bench_model::plan::{Plan, TargetPlan};
use bench_model::record::{Observations, TargetExit};
use bench_model::resources::ResourceSample;
use bench_model::scenario::AuditKind;
use bench_model::steady::{WarmUp, Warmth};
use std::net::SocketAddr;
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// The log of a target that `bench` starts.
const LOG_FILE: &str = "target.log";
/// How long a target rests after its start before its idle memory is read.
const SETTLE: Duration = Duration::from_millis(200);
/// How often the run looks for signals and for the target's death.
const LOOK: Duration = Duration::from_millis(50);
/// Lines of a dead target's log that are kept.
const LOG_LINES: usize = 10;

/// A run that is going on.
pub(crate) struct Session<'a> {
    plan: &'a Plan,
    folder: &'a mut RunFolder,
    signals: &'a Signals,
    show: &'a dyn Fn(&Event<'_>),
    observations: Observations,
}

/// What a run loads: a server of its own, or one that is there.
struct Loaded {
    server: Option<Server>,
    address: SocketAddr,
    sampler: Option<Sampler>,
}

impl<'a> Session<'a> {
    /// Makes a session whose intervals go to `folder` and whose steps go to `show`.
    pub(crate) fn new(
        plan: &'a Plan,
        folder: &'a mut RunFolder,
        signals: &'a Signals,
        show: &'a dyn Fn(&Event<'_>),
    ) -> Self {
        Self { plan, folder, signals, show, observations: Observations::default() }
    }

    /// Does the run. What it measured is in the folder then, and what it saw beside that is the result.
    pub(crate) fn run(mut self, resolved: &Resolved) -> Result<Observations, Failure> {
        self.observations.built.clone_from(&resolved.built);
        (self.show)(&Event::Began(self.plan));
        let mut loaded = self.start(resolved)?;
        let host = resolved.host(loaded.address);
        let around = Surroundings { host: &host, run: &ready::run_mark() };
        let asker = Asker::of(self.plan, loaded.address, self.signals);
        (self.show)(&Event::Checking);
        let kept = rehearsal::set_up(self.plan, &asker, around)?;
        let ready = ready::all(self.plan, around, &kept).map_err(Failure::of_set_up)?;
        let auditor = Auditor { asker: &asker.for_audit(), host: &host };
        let look = self.plan.audit.map(|AuditKind::Ledger| auditor.look()).transpose();
        let before = asker.unless_interrupted(look)?;
        let checked = rehearsal::ask_each(&ready, &asker)?;
        self.observations.idle = self.rest_and_sample(loaded.sampler.as_mut());
        let generator = self.open(&loaded, &ready, checked.next_free())?;
        (self.show)(&Event::Seen(&self.observations));
        let mut books = self.load(generator, &mut loaded)?;
        books.push(checked);
        self.audit(before, auditor, &Sent { plan: self.plan, ready: &ready, books: &books }, &mut loaded);
        (self.show)(&Event::Stopping);
        if self.signals.aborted() {
            // Dropping a server kills it, which is quicker than asking.
            return Ok(self.observations);
        }
        // What was measured stands, however the target ends.
        if let Some(Err(error)) = loaded.server.map(Server::stop) {
            crate::failure::say(&format!("note: {error}"));
        }
        Ok(self.observations)
    }

    fn start(&mut self, resolved: &Resolved) -> Result<Loaded, Failure> {
        let manifest = match &self.plan.target {
            TargetPlan::Managed { manifest } => manifest,
            TargetPlan::Url { pid, .. } => {
                let address =
                    resolved.address.as_ref().ok_or_else(|| anyhow!("the plan has a URL and no address"))?;
                let sampler = pid.map(Sampler::new);
                return Ok(Loaded { server: None, address: address.resolve()?, sampler });
            }
        };
        (self.show)(&Event::Starting { target: &manifest.name });
        let place = Place {
            folder: resolved.target_folder.as_deref(),
            cpus: &self.plan.target_cpus,
            log: self.folder.file(LOG_FILE),
        };
        let server = Server::start(manifest, &place, self.signals)?;
        self.observations.startup_ms = Some(server.startup_ms);
        (self.show)(&Event::Ready { startup_ms: server.startup_ms });
        let (address, sampler) = (server.address, Some(server.sampler()));
        Ok(Loaded { server: Some(server), address, sampler })
    }

    /// Compares what the target has stored with what it has answered, unless either was cut short.
    fn audit(&mut self, before: Option<Before>, auditor: Auditor<'_>, sent: &Sent<'_>, loaded: &mut Loaded) {
        let Observations { target_exit, interrupted_by, .. } = &self.observations;
        let is_whole = target_exit.is_none() && interrupted_by.is_none();
        let Some(before) = before.filter(|_| is_whole) else { return };
        (self.show)(&Event::Auditing);
        self.observations.audit = auditor.audit(before, sent);
        let is_complete = |audit: &LedgerAudit| audit.findings.iter().all(Finding::contradicts);
        if !self.observations.audit.as_ref().is_some_and(is_complete) {
            // A signal ends the audit, and so does a target's death, of which its guardian tells in a moment.
            let until = Instant::now() + LOOK;
            while !self.must_end(loaded) && Instant::now() < until {
                std::thread::sleep(LOOK / 10);
            }
        }
    }

    fn rest_and_sample(&self, sampler: Option<&mut Sampler>) -> Option<ResourceSample> {
        let sampler = sampler?;
        std::thread::sleep(SETTLE);
        sampler.sample()
    }

    fn open(&mut self, loaded: &Loaded, ready: &Ready, first_serial: u64) -> Result<Generator, Failure> {
        let connections = self.plan.load.connections();
        (self.show)(&Event::Opening { connections });
        let (cpus, online) = (&self.plan.generator_cpus, machine::online_cpus());
        let owns_cpus = may_be_kept_busy(cpus, &self.plan.target_cpus, self.plan.threads, online);
        let job = Job {
            owns_cpus,
            address: loaded.address,
            source_addresses: self.plan.source_addresses.addresses().to_vec(),
            requests: ready.requests.clone(),
            order: ready.order.clone(),
            first_serial,
            load: self.plan.load.clone(),
            threads: self.plan.threads,
            cpus: self.plan.generator_cpus.clone(),
            interval_ns: seconds(self.plan.interval_s).as_nanos() as u64,
            timeout_ns: seconds(self.plan.timeout_s).as_nanos() as u64,
            connect_timeout_ns: seconds(self.plan.connect_timeout_s).as_nanos() as u64,
        };
        let (generator, opened) = Generator::open(job)?;
        if let Some(signal) = self.signals.received() {
            return Err(Failure::Interrupted(signal));
        }
        self.observations.connections_open = opened.open;
        self.observations.connect_fault = opened.fault.clone().filter(|_| opened.open < connections);
        if opened.open == 0 {
            let why = opened.fault.unwrap_or_else(|| "no answer".to_owned());
            return Err(anyhow!(
                "none of {connections} connections to {} could be opened: {why}",
                loaded.address
            )
            .into());
        }
        Ok(generator)
    }

    /// Loads the target: warm-up, window, drain.
    fn load(&mut self, mut generator: Generator, loaded: &mut Loaded) -> Result<Vec<Book>, Failure> {
        let wanted = self.plan.measured_intervals();
        let mut warm_up = WarmUpSoFar::new(self.plan, self.observations.idle.as_ref());
        let mut measured = 0;
        let mut watch = Watch::start(self.plan, loaded.address)?;
        generator.begin();
        let mut phase = self.phase_after(&generator, &warm_up);
        let mut ending = false;
        while measured < wanted {
            match generator.next_interval(LOOK) {
                Ok(Some(interval)) => {
                    // On the CPU of a worker, which has its turn between these.
                    let interval = watch.complete(phase, interval, loaded.sampler.as_mut());
                    yield_now();
                    self.folder.add(&interval)?;
                    yield_now();
                    (self.show)(&Event::Measured(&interval));
                    match phase {
                        Phase::Measure => measured += 1,
                        Phase::WarmUp => {
                            warm_up.add(&interval);
                            phase = self.phase_after(&generator, &warm_up);
                        }
                    }
                    watch.recycle(interval, &mut generator);
                }
                Ok(None) => {}
                // Workers that were told to end have ended, with the last interval; `finish` knows if one failed.
                Err(_) => break,
            }
            if !ending && self.must_end(loaded) {
                ending = true;
                generator.stop_now();
                (self.show)(&Event::Seen(&self.observations));
            }
        }
        watch.end(&mut self.observations);
        let books = generator.finish()?;
        match self.signals.received() {
            Some(signal) if measured == 0 => Err(Failure::Interrupted(signal)),
            _ => Ok(books),
        }
    }

    /// The phase of the next interval; the measured window's end is set as soon as its beginning is known.
    fn phase_after(&mut self, generator: &Generator, warm_up: &WarmUpSoFar) -> Phase {
        let warmth = warm_up.judge(self.plan);
        if warmth == Warmth::Cold {
            if warm_up.len() == 0 {
                let longest = match self.plan.warmup {
                    WarmUp::Auto(length) | WarmUp::Fixed(length) => length,
                };
                (self.show)(&Event::WarmingUp { longest_s: longest.as_secs_f64() });
            }
            return Phase::WarmUp;
        }
        self.observations.steady =
            matches!(self.plan.warmup, WarmUp::Auto(_)).then_some(warmth == Warmth::Warm);
        generator.begin_window(warm_up.len());
        generator.stop_after(warm_up.len() + self.plan.measured_intervals());
        (self.show)(&Event::Seen(&self.observations));
        (self.show)(&Event::Measuring { duration_s: self.plan.duration_s });
        Phase::Measure
    }

    /// Whether the load has to end before its time: a signal came, or the target is gone.
    fn must_end(&mut self, loaded: &mut Loaded) -> bool {
        if let Some(signal) = self.signals.received() {
            self.observations.interrupted_by = Some(signals::name(signal).to_owned());
            return true;
        }
        if let Some(server) = &mut loaded.server {
            if let Some(status) = server.exited() {
                let log_tail = log_tail(&self.folder.file(LOG_FILE), LOG_LINES);
                self.observations.target_exit = Some(TargetExit { status: status.to_string(), log_tail });
            }
        } else if let Some(pid) = self.lost_process(loaded) {
            let status = format!("process {pid} is gone");
            self.observations.target_exit = Some(TargetExit { status, log_tail: Vec::new() });
        }
        self.observations.target_exit.is_some()
    }

    fn lost_process(&self, loaded: &Loaded) -> Option<u32> {
        let TargetPlan::Url { pid: Some(pid), .. } = self.plan.target else {
            return None;
        };
        let gone = loaded.sampler.is_some() && !resources::is_alive(pid);
        gone.then_some(pid)
    }
}

fn seconds(length_s: f64) -> Duration {
    Duration::from_secs_f64(length_s)
}
