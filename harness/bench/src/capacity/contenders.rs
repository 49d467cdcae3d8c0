//! Whose capacity is sought: from what was typed to plans that can be run.

use crate::cli::CapacityArgs;
use crate::compare::{Contender, distinct, is_url};
use crate::failure::Failure;
use crate::ready;
use crate::resolve::{self, Wanted, WantedTarget};
use anyhow::anyhow;

/// The scenario of targets that are named without one.
const USUAL_SCENARIO: &str = "json-echo";

/// The contenders that were typed. Their plans offer the first rate.
pub(crate) fn resolve(args: &CapacityArgs) -> Result<Vec<Contender>, Failure> {
    let named = args.targets.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
    let named: Vec<&str> = named.collect();
    let only_urls = named.iter().all(|name| is_url(name));
    refuse(args, &named, only_urls)?;
    let scenario = args.scenario.as_deref().or((!only_urls).then_some(USUAL_SCENARIO));
    let mut load = args.load.clone();
    load.rate = Some(args.start);
    let mut contenders: Vec<Contender> = Vec::new();
    let mut labels: Vec<String> = Vec::new();
    for name in named {
        let target = match is_url(name) {
            true => WantedTarget::Url { url: name, pid: args.pid },
            false => WantedTarget::Named(name),
        };
        let mut resolved = resolve::resolve(Wanted {
            scenario,
            target,
            load: &load,
            request: &args.request,
            cpus: &args.cpus,
            fail_if: &[],
            shares_machine: !only_urls,
        })?;
        // A search looks for where things fail: what must hold of its runs is the SLO.
        resolved.plan.fail_if.clear();
        // Whatever is wrong with the requests is the user's to mend before anything is started.
        ready::try_all(&resolved.plan)?;
        labels.push(distinct(name, &labels));
        let label = labels[labels.len() - 1].clone();
        contenders.push(Contender { label, typed: None, setting: None, resolved, contract: None });
    }
    Ok(contenders)
}

/// Refuses what cannot be meant.
fn refuse(args: &CapacityArgs, named: &[&str], only_urls: bool) -> Result<(), Failure> {
    let why = if args.load.rate.is_some() || !args.load.stages.is_empty() {
        "the rate is what is sought: bound it with --start and --max-rate, without --rate and --stages"
    } else if args.start > args.max_rate {
        "--start is above --max-rate: nothing can be tried between them"
    } else if named.is_empty() {
        "say whose capacity is sought: --target NAME (see `bench list targets`)"
    } else if args.pid.is_some() && !(only_urls && named.len() == 1) {
        "--pid is the process of one server that runs already: name that alone, by its URL"
    } else if !only_urls && (args.request.method.is_some() || args.request.body.is_some()) {
        "--method and --body are for URLs without a scenario; targets take their requests from --scenario"
    } else {
        return Ok(());
    };
    Err(Failure::Usage(anyhow!(why)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;

    fn resolved(flags: &str) -> Result<Vec<Contender>, Failure> {
        let typed = format!("bench capacity --slo p99<20ms {flags}");
        let Command::Capacity(args) = Cli::parse_from(typed.split(' ')).command else {
            panic!("not a search")
        };
        resolve(&args)
    }

    #[test]
    fn what_was_typed_becomes_plans_at_the_first_rate() {
        let found = resolved("--target rust,rust --conns 8 --start 500 -d 2s").unwrap();
        let labels: Vec<&str> = found.iter().map(|contender| contender.label.as_str()).collect();
        assert_eq!(labels, ["rust", "rust#2"]);
        let plan = &found[0].resolved.plan;
        assert_eq!((plan.scenario.as_str(), plan.load.connections()), ("json-echo", 8));
        assert_eq!((plan.load.constant_rate_per_s(), plan.duration_s), (Some(500.0), 2.0));
        let alone = resolved("--target http://127.0.0.1:1/path -b {}").unwrap();
        assert_eq!(alone[0].resolved.plan.scenario, "ad-hoc");
    }

    #[test]
    fn mistakes() {
        for (flags, part) in [
            ("--target rust --rate 5k", "--start and --max-rate"),
            ("--target rust --stages 1k:1s", "--start and --max-rate"),
            ("--target rust --start 5k --max-rate 1k", "above --max-rate"),
            ("--target ,", "whose capacity"),
            ("--target rust --pid 1", "by its URL"),
            ("--target rust -b {}", "--scenario"),
            ("--target none", "no target `none`"),
        ] {
            let Err(Failure::Usage(error)) = resolved(flags) else { panic!("{flags}") };
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
