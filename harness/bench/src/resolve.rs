//! From what was typed and what the scenario says to the plan, with every number resolved.

use crate::address::Address;
use crate::build::{self, Surroundings};
use crate::catalogue;
use crate::cli::{CpuArgs, LoadArgs, RequestArgs, RunArgs};
use crate::cpus;
use crate::failure::Failure;
use crate::open_load;
use crate::requests::{self, Typed};
use crate::resources;
use anyhow::{Context as _, anyhow};
use bench_model::load::LoadModel;
use bench_model::plan::{AD_HOC, Overrides, Plan, TargetPlan};
use bench_model::scenario::{BodyExpectation, LoadDefaults, Scenario};
use bench_model::source::Built;
use bench_model::threshold::{Threshold, joined};
use std::net::SocketAddr;
use std::path::PathBuf;

/// A plan and what is needed to carry it out that the plan itself does not hold.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) plan: Plan,
    /// Where a server runs already; absent for a target that `bench` starts.
    pub(crate) address: Option<Address>,
    /// The folder of the target's manifest, which its command runs in.
    pub(crate) target_folder: Option<PathBuf>,
    /// What the target was built from, once it is.
    pub(crate) built: Option<Built>,
}

/// What is asked for, before it is known whether it can be had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) scenario: Option<&'a str>,
    pub(crate) target: WantedTarget<'a>,
    pub(crate) load: &'a LoadArgs,
    pub(crate) request: &'a RequestArgs,
    pub(crate) cpus: &'a CpuArgs,
    /// What must not be of a run, beside what the scenario says.
    pub(crate) fail_if: &'a [Threshold],
    /// Whether `bench` starts a target here, in this run or in another that it is compared with: if so the generator
    /// leaves CPUs to it.
    pub(crate) shares_machine: bool,
}

/// The target that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum WantedTarget<'a> {
    /// One from the catalogue.
    Named(&'a str),
    /// A server that runs already, and the process whose tree is sampled.
    Url { url: &'a str, pid: Option<u32> },
}

impl<'a> From<&'a RunArgs> for Wanted<'a> {
    fn from(args: &'a RunArgs) -> Self {
        let target = match &args.url {
            Some(url) => WantedTarget::Url { url, pid: args.pid },
            None => WantedTarget::Named(&args.target),
        };
        Self {
            scenario: args.scenario.as_deref(),
            target,
            load: &args.load,
            request: &args.request,
            cpus: &args.cpus,
            fail_if: &args.fail_if,
            shares_machine: args.url.is_none(),
        }
    }
}

/// Resolves a run.
pub(crate) fn resolve(wanted: Wanted<'_>) -> Result<Resolved, Failure> {
    let scenario = wanted.scenario.map(catalogue::scenario).transpose()?;
    let address = match wanted.target {
        WantedTarget::Url { url, .. } => Some(Address::parse(url).map_err(Failure::usage)?),
        WantedTarget::Named(_) => None,
    };
    let of_scenario = scenario.as_ref().map(|found| &found.value);
    let (target, target_folder) = target(wanted.target, of_scenario)?;
    let cpus = split_cpus(&wanted)?;
    let load = wanted.load;
    let defaults = scenario.as_ref().map_or_else(LoadDefaults::default, |found| found.value.load.clone());
    let connections = load.conns.unwrap_or(defaults.connections);
    let offer = open_load::resolve(load, &defaults, connections)?;
    let duration = match &offer {
        Some((_, window)) => *window,
        None => load.duration.unwrap_or(defaults.duration),
    };
    let typed = Typed { request: wanted.request, batch: load.batch };
    let (setup, requests) = match (&scenario, &address) {
        (Some(found), _) => requests::from_scenario(found, typed, address.as_ref())?,
        (None, Some(address)) => (Vec::new(), vec![requests::ad_hoc(wanted.request, address)?]),
        (None, None) => {
            return Err(Failure::Usage(anyhow!(
                "say what to run: --scenario NAME (see `bench list scenarios`) or --url URL"
            )));
        }
    };
    let plan = Plan {
        audit: of_scenario.and_then(|scenario| scenario.audit),
        fail_if: joined(of_scenario.map_or(&[], |scenario| scenario.fail_if.as_slice()), wanted.fail_if),
        setup,
        scenario: of_scenario.map_or(AD_HOC, |scenario| &scenario.name).to_owned(),
        target,
        load: offer.map_or(LoadModel::Closed { connections }, |(model, _)| model),
        duration_s: duration.as_secs_f64(),
        interval_s: Plan::interval_for(duration).as_secs_f64(),
        warmup: load.warmup.unwrap_or(defaults.warmup),
        timeout_s: load.timeout.unwrap_or(defaults.timeout).as_secs_f64(),
        connect_timeout_s: load.connect_timeout.unwrap_or(defaults.connect_timeout).as_secs_f64(),
        threads: load.threads.unwrap_or(cpus.generator.len()).min(connections),
        generator_cpus: cpus.generator,
        target_cpus: cpus.target,
        source_addresses: load.source_addresses.clone().unwrap_or_default(),
        requests,
        overrides: Overrides {
            headers: requests::headers(&wanted.request.headers)?,
            expect_status: wanted.request.expect_status.clone(),
            expect_body: wanted.request.expect_body.clone().map(BodyExpectation::from),
            batch: load.batch,
        },
    };
    Ok(Resolved { plan, address, target_folder, built: None })
}

impl Resolved {
    /// What the `Host` header says of a target that listens at `address`.
    pub(crate) fn host(&self, address: SocketAddr) -> String {
        self.address.as_ref().map_or_else(|| address.to_string(), |known| known.host_header.clone())
    }

    /// Builds the target if it is one that `bench` starts.
    pub(crate) fn build(&mut self, around: &Surroundings<'_>) -> Result<(), Failure> {
        if let TargetPlan::Managed { manifest } = &self.plan.target {
            self.built = Some(build::ensure(manifest, self.target_folder.as_deref(), around)?);
        }
        Ok(())
    }
}

fn target(
    wanted: WantedTarget<'_>,
    scenario: Option<&Scenario>,
) -> Result<(TargetPlan, Option<PathBuf>), Failure> {
    match wanted {
        WantedTarget::Url { url, pid } => {
            if let Some(pid) = pid.filter(|&pid| !resources::is_alive(pid)) {
                return Err(Failure::Usage(anyhow!("--pid {pid}: there is no such process")));
            }
            Ok((TargetPlan::Url { url: url.to_owned(), pid }, None))
        }
        WantedTarget::Named(name) => {
            let found = catalogue::target(name)?;
            let folder = found.folder();
            let is_stateful = scenario.is_some_and(|scenario| scenario.stateful);
            let mut manifest = if is_stateful { found.value.for_state() } else { found.value };
            manifest.start.env.extend(scenario.map(|scenario| scenario.env.clone()).unwrap_or_default());
            Ok((TargetPlan::Managed { manifest: Box::new(manifest) }, folder))
        }
    }
}

fn split_cpus(wanted: &Wanted<'_>) -> Result<cpus::CpuSplit, Failure> {
    let list = |flag: &str, text: &Option<String>| {
        let parsed = text.as_deref().map(cpus::parse_list).transpose();
        parsed.with_context(|| flag.to_owned()).map_err(Failure::Usage)
    };
    let generator = list("--generator-cpus", &wanted.cpus.generator_cpus)?;
    let target = list("--target-cpus", &wanted.cpus.target_cpus)?;
    let allowed = cpus::allowed();
    let split = if wanted.shares_machine {
        cpus::split(&allowed, target, generator)
    } else {
        // Where the server runs is its owner's business; the generator may have everything.
        cpus::split(&allowed, Some(allowed.clone()), generator.or_else(|| Some(allowed.clone())))
    };
    let split = split.map_err(Failure::usage)?;
    match wanted.target {
        WantedTarget::Named(_) => Ok(split),
        WantedTarget::Url { .. } => Ok(cpus::CpuSplit { target: Vec::new(), ..split }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::ready::{self, Kept};
    use bench_generator::request::Surroundings;
    use bench_model::body::Body;
    use bench_model::plan::RequestPlan;
    use clap::Parser as _;
    use std::collections::BTreeSet;

    fn resolved(typed: &str) -> Resolved {
        let Command::Run(args) = Cli::parse_from(typed.split(' ')).command else { panic!("not a run") };
        resolve(Wanted::from(&*args)).unwrap()
    }

    #[test]
    fn requests_take_turns_whatever_the_size_of_their_pools() {
        let mut plan = resolved("bench run --scenario json-echo -c 3 -t 64").plan;
        assert_eq!(plan.threads, 3, "a thread without a connection is none");
        let other = RequestPlan { path: "/other".into(), body: Body::None, ..plan.requests[0].clone() };
        plan.requests.push(RequestPlan { expect_body: BodyExpectation::Any, ..other });
        let ready = ready::all(&plan, Surroundings { host: "h", run: "" }, &Kept::new()).unwrap();
        assert_eq!((ready.requests.len(), ready.order.len()), (65, 128));
        for (at, &index) in ready.order.iter().enumerate() {
            let request = &ready.requests[index];
            assert_eq!(request.number, at % 2);
            assert_eq!(request.bytes.starts_with(b"POST /other "), at % 2 == 1, "{at}");
        }
        let sent: BTreeSet<usize> = ready.order.iter().copied().collect();
        assert_eq!(sent.len(), 65, "each body of each pool is sent");
        assert_eq!(ready.first_of_each().count(), 2);
    }

    #[test]
    fn open_loads() {
        let model = |flags: &str| {
            let plan = resolved(&format!("bench run --scenario json-echo {flags}")).plan;
            (plan.load.constant_rate_per_s(), plan.load.stages().len(), plan.duration_s)
        };
        assert_eq!(model("-R 5k -d 4s"), (Some(5000.0), 1, 4.0));
        assert_eq!(model("-q 0.5"), (Some(0.5), 1, 10.0));
        assert_eq!(model("--stages 1k:10s,1k..5k:30s --arrivals poisson"), (None, 2, 40.0));
        assert_eq!(model("-c 8"), (None, 0, 10.0));
        let Command::Run(args) =
            Cli::parse_from("bench run --scenario json-echo --max-lag 1s".split(' ')).command
        else {
            panic!("not a run")
        };
        let Err(Failure::Usage(error)) = resolve(Wanted::from(&*args)) else {
            panic!("a lag without a rate")
        };
        assert!(error.to_string().contains("--rate"), "{error}");
    }

    #[test]
    fn headers_of_one_name_become_one() {
        let plan =
            resolved("bench run --scenario json-echo -H content-type:text/plain -H X-A:1 -H x-a:2").plan;
        let headers: Vec<(&str, &str)> =
            plan.requests[0].headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(headers, [("X-A", "1, 2"), ("content-type", "text/plain")]);
    }
}
