//! From the rates that were typed, or that the scenario names, to an open load.

use crate::cli::LoadArgs;
use crate::failure::Failure;
use anyhow::anyhow;
use bench_model::load::{LoadModel, Stage};
use bench_model::scenario::LoadDefaults;
use std::time::Duration;

/// The open load that is asked for, and the length of its window; nothing where no rate is named.
pub(crate) fn resolve(
    typed: &LoadArgs,
    defaults: &LoadDefaults,
    connections: usize,
) -> Result<Option<(LoadModel, Duration)>, Failure> {
    let window = typed.duration.unwrap_or(defaults.duration);
    let constant = |rate_per_s| vec![Stage::constant(rate_per_s, window.as_secs_f64())];
    let stages = match (typed.rate, typed.stages.as_slice(), defaults.rate) {
        (Some(rate_per_s), ..) => constant(rate_per_s),
        (None, [], Some(rate_per_s)) => constant(rate_per_s),
        (None, [], None) => defaults.stages.clone(),
        (None, stages, _) => stages.to_vec(),
    };
    if stages.is_empty() {
        let needless = [
            ("--arrivals", typed.arrivals.is_some()),
            ("--arrival-seed", typed.arrival_seed.is_some()),
            ("--max-lag", typed.max_lag.is_some()),
        ];
        return match needless.into_iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Failure::Usage(anyhow!(
                "{flag} is for an open load: name its rate with --rate or --stages"
            ))),
            None => Ok(None),
        };
    }
    if typed.duration.is_some() && typed.rate.is_none() && !defaults.stages.is_empty() {
        return Err(Failure::Usage(anyhow!(
            "--duration does not go with the scenario's stages: name others with --stages, or one rate with --rate"
        )));
    }
    let window_s: f64 = stages.iter().map(|stage| stage.duration_s).sum();
    let max_lag = typed.max_lag.or(defaults.max_lag);
    let model = LoadModel::Open {
        connections,
        stages,
        arrivals: typed.arrivals.unwrap_or(defaults.arrivals),
        seed: typed.arrival_seed.unwrap_or(defaults.arrival_seed),
        max_lag_s: max_lag.map(|lag| lag.as_secs_f64()),
    };
    Ok(Some((model, Duration::from_secs_f64(window_s))))
}
