//! From what was typed and what the scenario says to the plan, with every number resolved.

use crate::address::Address;
use crate::build::{self, Surroundings};
use crate::catalogue::{self, Found};
use crate::cli::{CpuArgs, LoadArgs, RequestArgs, RunArgs};
use crate::cpus;
use crate::failure::Failure;
use crate::open_load;
use crate::resources;
use anyhow::{Context as _, anyhow};
use bench_generator::request::{PreparedRequest, prepare};
use bench_model::body::Body;
use bench_model::load::LoadModel;
use bench_model::plan::{AD_HOC, Overrides, Plan, RequestPlan, TargetPlan};
use bench_model::scenario::{BodyExpectation, LoadDefaults, RequestSpec, Scenario};
use bench_model::source::Built;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    let (target, target_folder) = target(wanted.target)?;
    let cpus = split_cpus(&wanted)?;
    let load = wanted.load;
    let defaults = scenario.as_ref().map_or_else(LoadDefaults::default, |found| found.value.load.clone());
    let connections = load.conns.unwrap_or(defaults.connections);
    let offer = open_load::resolve(load, &defaults, connections)?;
    let duration = match &offer {
        Some((_, window)) => *window,
        None => load.duration.unwrap_or(defaults.duration),
    };
    let requests = match (&scenario, &address) {
        (Some(found), _) => from_scenario(found, wanted.request, address.as_ref())?,
        (None, Some(address)) => vec![ad_hoc(wanted.request, address)?],
        (None, None) => {
            return Err(Failure::Usage(anyhow!(
                "say what to run: --scenario NAME (see `bench list scenarios`) or --url URL"
            )));
        }
    };
    let plan = Plan {
        scenario: scenario.map_or_else(|| AD_HOC.to_owned(), |found| found.value.name),
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
            headers: headers(&wanted.request.headers)?,
            expect_status: wanted.request.expect_status.clone(),
            expect_body: wanted.request.expect_body.clone().map(BodyExpectation::from),
        },
    };
    Ok(Resolved { plan, address, target_folder, built: None })
}

impl Resolved {
    /// Builds the target if it is one that `bench` starts.
    pub(crate) fn build(&mut self, around: &Surroundings<'_>) -> Result<(), Failure> {
        if let TargetPlan::Managed { manifest } = &self.plan.target {
            self.built = Some(build::ensure(manifest, self.target_folder.as_deref(), around)?);
        }
        Ok(())
    }
}

/// Makes the plan's requests ready to be sent to `host`, in the order in which they are sent: each request of the plan
/// in turn, with the next body of its pool. The first round has each request once.
pub(crate) fn prepare_all(plan: &Plan, host: &str) -> Result<Vec<PreparedRequest>, Failure> {
    let mut pools = Vec::new();
    for request in &plan.requests {
        let exact = match &request.expect_body {
            BodyExpectation::File(path) => {
                Some(Arc::<[u8]>::from(read(Path::new(path), "the expected body")?))
            }
            _ => None,
        };
        pools.push(prepare(request, host, exact.as_ref()).map_err(Failure::usage)?);
    }
    let longest = pools.iter().map(Vec::len).max().unwrap_or(0);
    Ok((0..longest).flat_map(|turn| pools.iter().map(move |pool| pool[turn % pool.len()].clone())).collect())
}

fn target(wanted: WantedTarget<'_>) -> Result<(TargetPlan, Option<PathBuf>), Failure> {
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
            Ok((TargetPlan::Managed { manifest: Box::new(found.value) }, folder))
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

fn from_scenario(
    found: &Found<Scenario>,
    flags: &RequestArgs,
    address: Option<&Address>,
) -> Result<Vec<RequestPlan>, Failure> {
    if address.is_some_and(|address| address.path != "/") {
        return Err(Failure::Usage(anyhow!(
            "--url takes no path beside --scenario: the scenario has the paths"
        )));
    }
    let folder = found.file.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
    let headers = headers(&flags.headers)?;
    let one = |spec: &RequestSpec| -> Result<RequestPlan, Failure> {
        let body = match &spec.body.file {
            Some(file) => text(&folder.join(file), "the scenario's body file")?,
            None => spec.body.recipe(),
        };
        let own = match &spec.expect.body {
            BodyExpectation::File(file) => BodyExpectation::File(folder.join(file).display().to_string()),
            other => other.clone(),
        };
        let is_replaced = |name: &String| headers.keys().any(|typed| typed.eq_ignore_ascii_case(name));
        let mut merged: BTreeMap<_, _> =
            spec.headers.clone().into_iter().filter(|(name, _)| !is_replaced(name)).collect();
        merged.extend(headers.clone());
        Ok(RequestPlan {
            method: spec.method.clone(),
            path: spec.path.clone(),
            headers: merged,
            body,
            expect_status: flags.expect_status.clone().unwrap_or_else(|| spec.expect.status.clone()),
            expect_body: flags.expect_body.clone().map_or(own, BodyExpectation::from),
        })
    };
    found.value.request.iter().map(one).collect()
}

fn ad_hoc(flags: &RequestArgs, address: &Address) -> Result<RequestPlan, Failure> {
    let body = match flags.body.as_deref().map(|body| (body, body.strip_prefix('@'))) {
        None => Body::None,
        Some((_, Some(file))) => text(Path::new(file), "the body file of --body")?,
        Some((body, None)) => Body::Text { text: body.to_owned() },
    };
    let expect_body = flags.expect_body.clone().map_or(BodyExpectation::Any, BodyExpectation::from);
    if expect_body == BodyExpectation::SameJson && body == Body::None {
        return Err(Failure::Usage(anyhow!("--expect-body same-json needs a --body to compare with")));
    }
    let method = if body == Body::None { "GET" } else { "POST" };
    Ok(RequestPlan {
        method: flags.method.clone().unwrap_or_else(|| method.to_owned()),
        path: address.path.clone(),
        headers: headers(&flags.headers)?,
        body,
        expect_status: flags.expect_status.clone().unwrap_or_default(),
        expect_body,
    })
}

fn headers(typed: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for header in typed {
        let (name, value) = header.split_once(':').ok_or_else(|| {
            Failure::Usage(anyhow!(
                "--header `{header}` has no colon: write it like 'Content-Type: application/json'"
            ))
        })?;
        let (name, value) = (name.trim(), value.trim());
        // RFC 9110, 5.3: a field given several times means the same as its values in one list.
        match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, values)) => values.extend([", ", value]),
            None => _ = headers.insert(name.to_owned(), value.to_owned()),
        }
    }
    Ok(headers)
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .with_context(|| format!("cannot read {what}, {}", path.display()))
        .map_err(Failure::Usage)
}

fn text(path: &Path, what: &str) -> Result<Body, Failure> {
    let text = String::from_utf8(read(path, what)?).map_err(|_| {
        Failure::Usage(anyhow!("{what}, {}, is not UTF-8 text, as bodies must be so far", path.display()))
    })?;
    Ok(Body::Text { text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

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
        let prepared = prepare_all(&plan, "h").unwrap();
        assert_eq!(prepared.len(), 128);
        for (at, request) in prepared.iter().enumerate() {
            assert_eq!(request.bytes.starts_with(b"POST /other "), at % 2 == 1, "{at}");
        }
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
