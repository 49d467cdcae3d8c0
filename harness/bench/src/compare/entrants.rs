//! Who is compared: from what was typed, or from what is stored, to plans that can be run.

use super::{base, sweep};
use crate::catalogue;
use crate::cli::{CompareArgs, LoadArgs};
use crate::failure::Failure;
use crate::ready;
use crate::resolve::{self, Resolved, Wanted, WantedTarget};
use anyhow::anyhow;
use bench_model::comparison::{ComparisonPlan, ContractResult, Entrant, unnumbered};
use bench_model::load::LoadModel;
use bench_model::machine::Machine;
use bench_model::plan::{Plan, TargetPlan};
use bench_model::sweep::Setting;
use std::time::Duration;

/// One that is compared: its name in the comparison, and what each of its runs does.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) label: String,
    /// How its target was named, where that is not its label.
    pub(crate) typed: Option<String>,
    /// The value of the swept parameter, in a sweep; it is in the plan already.
    pub(crate) setting: Option<Setting>,
    pub(crate) resolved: Resolved,
    /// How it did in the contract's cases, once they were run.
    pub(crate) contract: Option<ContractResult>,
}

impl Contender {
    /// As it is stored, once it is built.
    pub(crate) fn entrant(&self) -> Entrant {
        let built = self.resolved.built.clone().unwrap_or_default();
        Entrant {
            label: self.label.clone(),
            typed: self.typed.clone(),
            setting: self.setting,
            plan: self.resolved.plan.clone(),
            artefact_bytes: built.artefact_bytes,
            source: self.resolved.built.is_some().then_some(built.source),
            contract: self.contract.clone(),
        }
    }

    /// Whether both are one target, of which there is one build.
    pub(super) fn is_same_target(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.resolved, &other.resolved);
        ours.plan.target == theirs.plan.target && ours.target_folder == theirs.target_folder
    }
}

/// The contenders that were typed, the base first; in a sweep target by target, each at every value.
pub(crate) fn resolve(args: &CompareArgs) -> Result<Vec<Contender>, Failure> {
    let typed = args.targets.iter().map(|named| named.trim()).filter(|named| !named.is_empty());
    let mut named: Vec<String> = typed.map(str::to_owned).collect();
    let mut scenario = args.scenario.clone();
    let mut load = args.load.clone();
    if let Some(swept) = &args.sweep {
        sweep::refuse(swept, &load)?;
    }
    if let Some(run) = &args.base {
        let base = base::bring_back(&args.results.folder, run)?;
        if named.is_empty() {
            named.push(base.target);
        }
        named.insert(0, base.named);
        scenario.get_or_insert_with(|| base.plan.scenario.clone());
        take_load(&mut load, &base.plan);
    }
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let least = if args.sweep.is_some() { 1 } else { 2 };
    if named.len() < least {
        return Err(Failure::Usage(anyhow!(
            "a comparison takes two targets at least: --targets rust,go (see `bench list targets`); one alone needs a \
             --sweep, or `bench run`"
        )));
    }
    let shares_machine = named.iter().any(|named| !is_url(named));
    if scenario.is_none() && shares_machine {
        return Err(Failure::Usage(anyhow!(
            "say what to send: --scenario NAME (see `bench list scenarios`); only URLs are compared without one"
        )));
    }
    let loads = sweep::loads(args.sweep.as_ref(), &load);
    let mut contenders: Vec<Contender> = Vec::new();
    let mut targets: Vec<String> = Vec::new();
    for name in named {
        let target =
            if is_url(name) { WantedTarget::Url { url: name, pid: None } } else { WantedTarget::Named(name) };
        targets.push(distinct(name, &targets));
        for (setting, load) in &loads {
            let resolved = resolve::resolve(Wanted {
                scenario: scenario.as_deref(),
                target,
                load,
                request: &args.request,
                cpus: &args.cpus,
                // Those of the comparison are its own: a run by itself has no base.
                fail_if: &[],
                shares_machine,
            })?;
            ready::try_all(&resolved.plan)?;
            let value = setting.map_or_else(String::new, |setting| format!(" {setting}"));
            let label = format!("{}{value}", targets[targets.len() - 1]);
            contenders.push(Contender { label, typed: None, setting: *setting, resolved, contract: None });
        }
    }
    Ok(contenders)
}

/// One target under the load that was typed, whose runs are held against stored ones.
pub(crate) fn resolve_one(args: &CompareArgs, name: &str) -> Result<Contender, Failure> {
    let resolved = resolve::resolve(Wanted {
        scenario: args.scenario.as_deref(),
        target: WantedTarget::Named(name),
        load: &args.load,
        request: &args.request,
        cpus: &args.cpus,
        shares_machine: true,
        fail_if: &[],
    })?;
    ready::try_all(&resolved.plan)?;
    Ok(Contender { label: name.to_owned(), typed: None, setting: None, resolved, contract: None })
}

/// Takes from a plan what was not typed of its load.
pub(crate) fn take_load(load: &mut LoadArgs, plan: &Plan) {
    load.warmup.get_or_insert(plan.warmup);
    load.timeout.get_or_insert(Duration::from_secs_f64(plan.timeout_s));
    load.connect_timeout.get_or_insert(Duration::from_secs_f64(plan.connect_timeout_s));
    load.threads.get_or_insert(plan.threads);
    load.batch = load.batch.or(plan.overrides.batch);
    load.conns.get_or_insert(plan.load.connections());
    if load.rate.is_none() && load.stages.is_empty() {
        match plan.load.constant_rate_per_s() {
            None => load.stages = plan.load.stages().to_vec(),
            rate_per_s => load.rate = rate_per_s,
        }
    }
    if load.stages.is_empty() {
        load.duration.get_or_insert(Duration::from_secs_f64(plan.duration_s));
    }
    load.source_addresses.get_or_insert_with(|| plan.source_addresses.clone());
    if let LoadModel::Open { arrivals, seed, max_lag_s, .. } = &plan.load {
        load.arrivals.get_or_insert(*arrivals);
        load.arrival_seed.get_or_insert(*seed);
        load.max_lag = load.max_lag.or(max_lag_s.map(Duration::from_secs_f64));
    }
}

/// The contenders of a stored comparison. Their plans are those stored; their folders are looked up again.
pub(crate) fn resume(plan: &ComparisonPlan) -> Result<Vec<Contender>, Failure> {
    plan.entrants.iter().map(|entrant| resume_one(plan, entrant)).collect()
}

fn resume_one(plan: &ComparisonPlan, entrant: &Entrant) -> Result<Contender, Failure> {
    let label = entrant.label.clone();
    let (address, target_folder) = match &entrant.plan.target {
        TargetPlan::Url { url, .. } => {
            (Some(crate::address::Address::parse(url).map_err(Failure::usage)?), None)
        }
        TargetPlan::Managed { manifest } => {
            let found = catalogue::target(entrant.named())?;
            if found.value != **manifest {
                return Err(changed(plan, &label, "its target.toml is another one now"));
            }
            (None, found.folder())
        }
    };
    Ok(Contender {
        label,
        typed: entrant.typed.clone(),
        setting: entrant.setting,
        resolved: Resolved { plan: entrant.plan.clone(), address, target_folder, built: None },
        contract: None,
    })
}

/// Refuses to go on with what is not what was begun with.
pub(crate) fn require_same(plan: &ComparisonPlan, contenders: &[Contender]) -> Result<(), Failure> {
    for (entrant, contender) in plan.entrants.iter().zip(contenders) {
        let now = contender.entrant();
        let inputs =
            |entrant: &Entrant| entrant.source.as_ref().and_then(|source| source.inputs_sha256.clone());
        if inputs(entrant) != inputs(&now) {
            return Err(changed(plan, &entrant.label, "its code or its toolchain is another one now"));
        }
    }
    Ok(())
}

/// Refuses to go on with it on another machine: half a comparison there and half here compares machines.
pub(crate) fn require_same_machine(plan: &ComparisonPlan, now: &Machine) -> Result<(), Failure> {
    let then = &plan.machine;
    let differs = [
        ("CPU", then.cpu != now.cpu || then.architecture != now.architecture),
        ("number of CPUs", (then.cpus, &then.cpus_allowed) != (now.cpus, &now.cpus_allowed)),
        ("memory", then.memory_bytes != now.memory_bytes),
        ("kernel", then.kernel != now.kernel),
    ];
    match differs.iter().find(|(_, differs)| *differs) {
        Some((what, _)) => Err(Failure::Usage(anyhow!(
            "cannot go on with {}: the finished blocks ran on another machine, whose {what} was another. Go on there, or \
             compare anew",
            plan.id
        ))),
        None => Ok(()),
    }
}

fn changed(plan: &ComparisonPlan, label: &str, how: &str) -> Failure {
    Failure::Usage(anyhow!(
        "cannot go on with {}: {label} is not what the finished blocks ran, since {how}. Put it back, or compare anew",
        plan.id
    ))
}

/// Whether a server that runs already is meant, and no name of a target.
pub(crate) fn is_url(named: &str) -> bool {
    named.starts_with("http://") || named.starts_with("https://")
}

/// A name that nobody else has: what was typed, and a number from the second time on.
pub(crate) fn distinct(named: &str, others: &[String]) -> String {
    let before = others.iter().filter(|other| unnumbered(other) == named).count();
    if before == 0 { named.to_owned() } else { format!("{named}#{}", before + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use crate::report::fixture;
    use clap::Parser as _;

    fn resolved(typed: &str) -> Result<Vec<Contender>, Failure> {
        let Command::Compare(args) = Cli::parse_from(typed.split(' ')).command else {
            panic!("not a comparison")
        };
        resolve(&args)
    }

    fn labels(typed: &str) -> Result<Vec<String>, Failure> {
        Ok(resolved(typed)?.into_iter().map(|contender| contender.label).collect())
    }

    #[test]
    fn a_sweep_changes_one_thing() {
        let typed = "bench compare --scenario json-echo --targets rust -c 8 --sweep rate=100,2.5k";
        let plans: Vec<Plan> =
            resolved(typed).unwrap().into_iter().map(|contender| contender.resolved.plan).collect();
        let offered = |plan: &Plan| (plan.load.connections(), plan.load.constant_rate_per_s());
        assert_eq!(plans.iter().map(offered).collect::<Vec<_>>(), [(8, Some(100.0)), (8, Some(2500.0))]);
        assert_eq!(Plan { load: plans[1].load.clone(), ..plans[0].clone() }, plans[1]);
    }

    #[test]
    fn everyone_has_a_name_of_its_own() {
        let typed = "bench compare --scenario json-echo --targets rust,rust,rust";
        assert_eq!(labels(typed).unwrap(), ["rust", "rust#2", "rust#3"]);
        let typed = "bench compare --scenario json-echo --targets rust,rust --sweep conns=1,1k";
        let swept = ["rust conns=1", "rust conns=1000", "rust#2 conns=1", "rust#2 conns=1000"];
        assert_eq!(labels(typed).unwrap(), swept);
        assert_eq!([unnumbered("rust#2"), unnumbered("rust"), unnumbered("a#b")], ["rust", "rust", "a#b"]);
    }

    #[test]
    fn the_base_lends_its_source_addresses() {
        let mut plan = fixture::stored().plan;
        plan.source_addresses = "127.0.0.2-127.0.0.3".parse().unwrap();
        for (typed, sources) in [("", "127.0.0.2-127.0.0.3"), (" --source-addresses 127.0.0.9", "127.0.0.9")]
        {
            let typed = format!("bench compare --base a-run{typed}");
            let Command::Compare(mut args) = Cli::parse_from(typed.split(' ')).command else {
                panic!("not a comparison")
            };
            take_load(&mut args.load, &plan);
            assert_eq!(args.load.source_addresses.unwrap().to_string(), sources);
        }
    }

    #[test]
    fn mistakes() {
        for (typed, part) in [
            ("bench compare --scenario json-echo --targets rust", "two targets"),
            ("bench compare --targets rust,rust", "--scenario"),
            (
                "bench compare --targets rust --sweep conns=1,2 -c 1",
                "--conns would hold what --sweep conns=1,2 varies",
            ),
            ("bench compare --targets rust --sweep rate=1,2 -R 1", "--rate would hold"),
            ("bench compare --targets rust --sweep rate=1,2 --stages 1:1s", "--stages would hold"),
            ("bench compare --scenario json-echo --targets rust,none", "no target `none`"),
            ("bench compare --scenario json-echo --targets rust,rust:none", "no variant `none`"),
            ("bench compare --scenario json-echo --targets rust,rust@/absent", "root of a checkout"),
        ] {
            let Err(Failure::Usage(error)) = labels(typed) else { panic!("{typed}") };
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
