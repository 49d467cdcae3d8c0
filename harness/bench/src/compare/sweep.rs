//! What a sweep changes of the load that was typed, value by value.

use crate::cli::LoadArgs;
use crate::failure::Failure;
use anyhow::anyhow;
use bench_model::sweep::{Setting, Sweep};

/// The loads that every target is put under: one for each value of the sweep, or the one that was typed.
pub(super) fn loads(sweep: Option<&Sweep>, load: &LoadArgs) -> Vec<(Option<Setting>, LoadArgs)> {
    let Some(sweep) = sweep else { return vec![(None, load.clone())] };
    let at = |&setting: &Setting| {
        let mut load = load.clone();
        set(&mut load, setting);
        (Some(setting), load)
    };
    sweep.settings().iter().map(at).collect()
}

fn set(load: &mut LoadArgs, setting: Setting) {
    match setting {
        Setting::Conns(connections) => load.conns = Some(connections),
        Setting::Batch(items) => load.batch = Some(items),
        Setting::Rate(rate_per_s) => {
            load.rate = Some(rate_per_s);
            // Those of the run that --base names.
            load.stages.clear();
        }
    }
}

/// Refuses a flag that says once for all what the sweep varies.
pub(super) fn refuse(sweep: &Sweep, typed: &LoadArgs) -> Result<(), Failure> {
    let flag = match sweep.first() {
        Setting::Conns(_) => typed.conns.map(|_| "--conns"),
        Setting::Batch(_) => typed.batch.map(|_| "--batch"),
        Setting::Rate(_) if !typed.stages.is_empty() => Some("--stages"),
        Setting::Rate(_) => typed.rate.map(|_| "--rate"),
    };
    match flag {
        Some(flag) => Err(Failure::Usage(anyhow!(
            "{flag} would hold what --sweep {sweep} varies: leave one of them out"
        ))),
        None => Ok(()),
    }
}
