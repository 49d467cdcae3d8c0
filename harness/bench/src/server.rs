//! A target that `bench` starts, from its manifest to the moment at which it answers.

use crate::credentials;
use crate::failure::Failure;
use crate::resources::Sampler;
use crate::signals::Signals;
use crate::target::{self, Ending, Launch, Target, TargetError};
use anyhow::Context as _;
use bench_model::target::{Filling, Manifest};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where a target is to run.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    /// The target's folder; that of `bench` if absent.
    pub(crate) folder: Option<&'a Path>,
    /// The CPUs that it may use; all that `bench` may use if empty.
    pub(crate) cpus: &'a [usize],
    /// The file that takes whatever it prints.
    pub(crate) log: PathBuf,
}

/// A target that answers. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Server {
    target: Target,
    stop_within: Duration,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From the start of its program to its first answer, in milliseconds.
    pub(crate) startup_ms: f64,
}

impl Server {
    /// Starts a built target on a free port of the loopback address, and waits until it is ready.
    pub(crate) fn start(manifest: &Manifest, place: &Place<'_>, signals: &Signals) -> Result<Self, Failure> {
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let port = target::free_port(host).context("cannot find a free port for the target")?;
        let address = SocketAddr::new(host, port);
        let mut target = Target::start(&launch(manifest, place, address)?)?;
        let stop = || signals.received().is_some();
        let ready = target.wait_ready(address, &manifest.ready.path, manifest.ready.within, &stop);
        if let Some(signal) = signals.received() {
            return Err(Failure::Interrupted(signal));
        }
        let startup_ms = ready?.as_secs_f64() * 1e3;
        Ok(Self { target, stop_within: manifest.stop.within, address, startup_ms })
    }

    /// A sampler of everything that the target consists of.
    pub(crate) fn sampler(&self) -> Sampler {
        self.target.sampler()
    }

    /// The process that its command became.
    pub(crate) fn pid(&self) -> u32 {
        self.target.pid()
    }

    /// The process that adopts what it leaves behind.
    pub(crate) fn guardian_pid(&self) -> u32 {
        self.target.guardian_pid()
    }

    /// How it ended, if it has.
    pub(crate) fn exited(&mut self) -> Option<Ending> {
        self.target.exited()
    }

    /// Ends it in order, within the time that its manifest gives it.
    pub(crate) fn stop(self) -> Result<(), TargetError> {
        self.target.stop(self.stop_within)
    }
}

/// How the target of a manifest is launched to listen on `address`.
pub(crate) fn launch(manifest: &Manifest, place: &Place<'_>, address: SocketAddr) -> Result<Launch, Failure> {
    let bench = std::env::current_exe().context("cannot find the path of bench itself")?;
    let cpus = if place.cpus.is_empty() { crate::cpus::allowed().len() } else { place.cpus.len() };
    let (bench, host) = (bench.to_string_lossy(), address.ip().to_string());
    let filling = Filling { bench: &bench, host: &host, port: address.port(), cpus };
    // Later ones replace earlier ones, so that a manifest has the last word.
    let environment = credentials::environment().into_iter().chain(manifest.environment(&filling)).collect();
    Ok(Launch {
        command: manifest.command(&filling),
        directory: place.folder.map(Path::to_owned),
        environment,
        cpus: place.cpus.to_vec(),
        log: place.log.clone(),
    })
}
