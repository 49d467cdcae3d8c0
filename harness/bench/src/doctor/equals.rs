//! Equals: the server that every `bench` carries inside, measured against itself in pairs of short runs.
//!
//! They are run, and judged, as the control of `bench compare` is: here is only what is compared, and in which folder.

use crate::catalogue;
use crate::compare::conclusion::Conclusion;
use crate::compare::{Comparer, Contender};
use crate::cpus;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::resolve::Resolved;
use crate::results::ComparisonFolder;
use crate::signals::Signals;
use anyhow::{Context as _, anyhow};
use bench_model::addresses::AddressList;
use bench_model::comparison::{ComparisonPlan, Entrant, Floor, SCHEMA};
use bench_model::load::LoadModel;
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use bench_model::plan::{Overrides, Plan, TargetPlan};
use bench_model::steady::WarmUp;
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::Duration;

const CONNECTIONS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(1);
const WINDOW: Duration = Duration::from_secs(2);
/// What a run of this server takes beside its load, in seconds.
const AROUND_S: f64 = 0.7;
/// Of these the floor is told: what a comparison decides by, but memory, which this server hardly uses.
const METRICS: [Metric; 3] = [Metric::Tps, Metric::P99, Metric::CpuPerRequest];

/// What pairs of equals say of the machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Equals {
    /// Pairs that were asked for, and that could be used.
    pub(crate) pairs: usize,
    pub(crate) used: usize,
    /// The codes of the warnings that made runs invalid, and their pairs with them.
    pub(crate) lost_for: BTreeSet<String>,
    /// None where fewer than two pairs could be used.
    pub(crate) floors: Vec<Floor>,
}

impl Equals {
    /// Pairs that were not run, since runs would be invalid for this warning.
    pub(crate) fn not_made(pairs: usize, code: &str) -> Self {
        Self { pairs, used: 0, lost_for: [code.to_owned()].into(), floors: Vec::new() }
    }
}

/// How long so many pairs take, in seconds.
pub(crate) fn length_s(pairs: usize) -> f64 {
    2.0 * pairs as f64 * (WARM_UP.as_secs_f64() + WINDOW.as_secs_f64() + AROUND_S)
}

/// Runs the pairs. Pins this process to the generator's CPUs.
pub(crate) fn compare(
    pairs: usize,
    machine: &Machine,
    signals: &Signals,
    progress: &Progress,
) -> Result<Equals, Failure> {
    let run = run_plan(&machine.cpus_allowed)?;
    // Dropped, and with it removed, whatever comes of the runs.
    let temporary = tempfile::tempdir()
        .context("cannot make a temporary folder for the runs: make room, or name another place in TMPDIR")?;
    let (folder, plan) = ComparisonFolder::create(temporary.path(), "noise", |id, started_at| {
        ComparisonPlan { id, started_at, ..comparison_plan(&run, pairs, machine) }
    })?;
    cpus::pin_this_process(&run.generator_cpus)?;
    let resolved = Resolved { plan: run, address: None, target_folder: None, built: None };
    let label = plan.entrants[0].label.clone();
    let contenders = [Contender { label, typed: None, setting: None, resolved, contract: None }];
    let done = Comparer { plan: &plan, contenders: &contenders, folder: &folder, signals, progress }.run();
    progress.clear();
    if let Some(signal) = signals.received() {
        return Err(Failure::Interrupted(signal));
    }
    let comparison = Conclusion::of(&folder, plan)?.comparison;
    let lost_for: BTreeSet<String> =
        comparison.blocks.lost.iter().flat_map(|lost| lost.codes.iter().cloned()).collect();
    // It gives up where pair after pair is lost, and that is what is to be told then.
    if lost_for.is_empty() {
        done.map_err(|failure| match failure {
            Failure::CouldNotRun(error) => {
                anyhow!("the server inside bench could not be measured: {}", error.root_cause()).into()
            }
            other => other,
        })?;
    }
    let told = comparison.control.iter().filter(|pair| METRICS.contains(&pair.metric));
    let floors = told.filter_map(Floor::of).collect();
    Ok(Equals { pairs, used: comparison.blocks.used, lost_for, floors })
}

fn run_plan(allowed: &[usize]) -> Result<Plan, Failure> {
    let (manifest, scenario) = (catalogue::target_inside()?, catalogue::scenario_inside()?);
    let cpus = cpus::split(allowed, None, None).map_err(Failure::usage)?;
    Ok(Plan {
        setup: Vec::new(),
        requests: scenario.request.iter().map(|request| request.plan(request.body.recipe())).collect(),
        audit: None,
        fail_if: Vec::new(),
        scenario: scenario.name,
        target: TargetPlan::Managed { manifest: Box::new(manifest) },
        load: LoadModel::Closed { connections: CONNECTIONS },
        duration_s: WINDOW.as_secs_f64(),
        interval_s: Plan::interval_for(WINDOW).as_secs_f64(),
        warmup: WarmUp::Fixed(WARM_UP),
        timeout_s: scenario.load.timeout.as_secs_f64(),
        source_addresses: AddressList::default(),
        connect_timeout_s: scenario.load.connect_timeout.as_secs_f64(),
        threads: cpus.generator.len().min(CONNECTIONS),
        generator_cpus: cpus.generator,
        target_cpus: cpus.target,
        overrides: Overrides::default(),
    })
}

/// One entrant and its control: each block is a pair of equals.
fn comparison_plan(run: &Plan, pairs: usize, machine: &Machine) -> ComparisonPlan {
    let entrant = Entrant {
        label: run.target.name().to_owned(),
        typed: None,
        setting: None,
        plan: run.clone(),
        artefact_bytes: None,
        source: None,
        contract: None,
    };
    ComparisonPlan {
        schema: SCHEMA.to_owned(),
        id: String::new(),
        started_at: String::new(),
        question: "How quiet is this machine?".to_owned(),
        seed: 1,
        blocks: pairs,
        margin: Floor::DIFFERENCE,
        confidence: 0.95,
        decisive: METRICS.to_vec(),
        entrants: vec![entrant],
        control: true,
        machine: machine.clone(),
        claims: Vec::new(),
        fail_if: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::comparison::Slot;

    #[test]
    fn a_pair_is_one_server_twice_and_needs_nothing_around_it() {
        let machine = crate::machine::fingerprint();
        let run = run_plan(&machine.cpus_allowed).unwrap();
        crate::ready::try_all(&run).unwrap();
        let plan = comparison_plan(&run, 6, &machine);
        let mut slots = plan.order(0);
        slots.sort_unstable();
        assert_eq!(slots, [Slot::Entrant(0), Slot::Control]);
        assert!((10.0..60.0).contains(&length_s(6)), "{}", length_s(6));
    }
}
