//! The command line that repeats a plan.
//!
//! Names what the plan says and the program's defaults do not; a body too long for a command line is left to the
//! stored run.

use crate::contract;
use bench_model::body::Body;
use bench_model::capacity::{CapacityPlan, SearchPlan};
use bench_model::comparison::{ComparisonPlan, Entrant};
use bench_model::gate::Rule;
use bench_model::load::{Arrivals, LoadModel};
use bench_model::metric::Metric;
use bench_model::plan::{AD_HOC, Plan, RequestPlan, TargetPlan};
use bench_model::scenario::{BodyExpectation, LoadDefaults};
use bench_model::status::StatusSet;
use bench_model::threshold::Threshold;

/// Longest body that is written out, in bytes.
const LONGEST_BODY: usize = 400;

/// A command for a POSIX shell, in one line.
pub(super) fn repeating(plan: &Plan) -> String {
    let mut words = vec!["bench".to_owned(), "run".to_owned()];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    if plan.scenario != AD_HOC {
        flag("--scenario", &plan.scenario);
    }
    match &plan.target {
        TargetPlan::Managed { manifest } => flag("--target", &manifest.name),
        TargetPlan::Url { url, .. } => flag("--url", url),
    }
    load_flags(plan, &mut flag);
    request_flags(plan, &mut flag);
    threshold_flags(&plan.fail_if, &mut flag);
    words.join(" ")
}

/// The command that makes a comparison again: the same seed, and so the same order of runs.
pub(crate) fn comparing(comparison: &ComparisonPlan) -> String {
    let mut words = vec!["bench".to_owned(), "compare".to_owned()];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    // What all have in common. Only targets that bench starts have CPUs of their own, and of a sweep fewer connections than
    // threads leave some of these out.
    let plans = comparison.entrants.iter().map(|entrant| &entrant.plan);
    let Some(plan) = plans.rev().max_by_key(|plan| (!plan.target_cpus.is_empty(), plan.threads)) else {
        return words.join(" ");
    };
    if plan.scenario != AD_HOC {
        flag("--scenario", &plan.scenario);
    }
    let mut entrants: Vec<&Entrant> = comparison.entrants.iter().collect();
    entrants.dedup_by_key(|entrant| entrant.target());
    let targets: Vec<&str> = entrants.into_iter().map(Entrant::named).collect();
    flag("--targets", &targets.join(","));
    let swept = comparison.sweep().map(|sweep| {
        flag("--sweep", &sweep.to_string());
        format!("--{}", sweep.first().name())
    });
    load_flags(plan, &mut |name: &str, value: &str| {
        if swept.as_deref() != Some(name) {
            flag(name, value);
        }
    });
    request_flags(plan, &mut flag);
    flag("--blocks", &comparison.blocks.to_string());
    flag("--margin", &comparison.margin.to_string());
    if comparison.decisive != Metric::DECISIVE {
        let metrics: Vec<String> = comparison.decisive.iter().map(ToString::to_string).collect();
        flag("--metrics", &metrics.join(","));
    }
    flag("--seed", &comparison.seed.to_string());
    threshold_flags(&comparison.fail_if, &mut flag);
    if !comparison.control {
        words.push("--no-control".to_owned());
    }
    if comparison.entrants.iter().any(|entrant| entrant.contract.is_none() && contract::covers(&entrant.plan))
    {
        words.push("--no-check".to_owned());
    }
    words.join(" ")
}

/// The command that gates the same again, with flags that name the base.
pub(crate) fn gating(comparison: &ComparisonPlan, base: &[String], rules: &[Rule]) -> String {
    let mut words = vec!["bench".to_owned(), "gate".to_owned()];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    let Some(candidate) = comparison.entrants.last() else { return words.join(" ") };
    flag("--scenario", &candidate.plan.scenario);
    flag("--target", candidate.named());
    load_flags(&candidate.plan, &mut flag);
    request_flags(&candidate.plan, &mut flag);
    flag("--blocks", &comparison.blocks.to_string());
    let metrics: Vec<String> = rules.iter().map(|rule| rule.metric.short_name().to_owned()).collect();
    flag("--metrics", &metrics.join(","));
    let margin = |rule: &Rule| format!("{}={}%", rule.metric.short_name(), rule.by_percent);
    flag("--margin", &rules.iter().map(margin).collect::<Vec<_>>().join(","));
    flag("--seed", &comparison.seed.to_string());
    words.extend(base.iter().map(|word| quoted(word)));
    if candidate.contract.is_none() && contract::covers(&candidate.plan) {
        words.push("--no-check".to_owned());
    }
    words.join(" ")
}

/// The command that makes a search again: with the same seed, and so the same order of runs at fractions.
pub(crate) fn seeking(search: &CapacityPlan) -> String {
    let mut words = vec!["bench".to_owned(), "capacity".to_owned()];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    // As of a comparison.
    let plans = || search.targets.iter().map(|target| &target.plan);
    let Some(plan) = plans().find(|plan| !plan.target_cpus.is_empty()).or_else(|| plans().next()) else {
        return words.join(" ");
    };
    if plan.scenario != AD_HOC {
        flag("--scenario", &plan.scenario);
    }
    let targets: Vec<&str> = search.targets.iter().map(Entrant::named).collect();
    flag("--target", &targets.join(","));
    flag("--slo", &search.slo.to_string());
    let SearchPlan { start_per_s, max_per_s, precision, confirmations } = search.search;
    for (name, value) in [("--start", start_per_s), ("--max-rate", max_per_s), ("--precision", precision)] {
        flag(name, &value.to_string());
    }
    flag("--confirm", &confirmations.to_string());
    if search.compares() {
        let fractions: Vec<String> = search.fractions.iter().map(ToString::to_string).collect();
        flag("--fractions", &fractions.join(","));
        flag("--fraction-runs", &search.fraction_runs.to_string());
        flag("--seed", &search.seed.to_string());
    }
    if let TargetPlan::Url { pid: Some(pid), .. } = plan.target {
        flag("--pid", &pid.to_string());
    }
    // The rate of the plan is the first one, which is named already.
    load_flags(plan, &mut |name: &str, value: &str| {
        if name != "--rate" {
            flag(name, value);
        }
    });
    request_flags(plan, &mut flag);
    words.join(" ")
}

fn load_flags(plan: &Plan, flag: &mut impl FnMut(&str, &str)) {
    flag("--conns", &plan.load.connections().to_string());
    match plan.load.constant_rate_per_s() {
        None if plan.load.is_open() => {
            let stages: Vec<String> = plan.load.stages().iter().map(ToString::to_string).collect();
            flag("--stages", &stages.join(","));
        }
        rate_per_s => {
            if let Some(rate_per_s) = rate_per_s {
                flag("--rate", &rate_per_s.to_string());
            }
            flag("--duration", &format!("{}s", plan.duration_s));
        }
    }
    if let LoadModel::Open { arrivals, seed, max_lag_s, .. } = &plan.load {
        flag("--arrivals", &arrivals.to_string());
        if *arrivals == Arrivals::Poisson {
            flag("--arrival-seed", &seed.to_string());
        }
        if let Some(max_lag_s) = max_lag_s {
            flag("--max-lag", &format!("{max_lag_s}s"));
        }
    }
    flag("--warmup", &String::from(plan.warmup));
    flag("--threads", &plan.threads.to_string());
    let defaults = LoadDefaults::default();
    for (name, value_s, default) in [
        ("--timeout", plan.timeout_s, defaults.timeout),
        ("--connect-timeout", plan.connect_timeout_s, defaults.connect_timeout),
    ] {
        if value_s != default.as_secs_f64() {
            flag(name, &format!("{value_s}s"));
        }
    }
    if let Some(batch) = plan.overrides.batch {
        flag("--batch", &batch.to_string());
    }
    if !plan.source_addresses.is_empty() {
        flag("--source-addresses", &plan.source_addresses.to_string());
    }
    for (name, cpus) in [("--target-cpus", &plan.target_cpus), ("--generator-cpus", &plan.generator_cpus)] {
        if !cpus.is_empty() {
            flag(name, &list(cpus));
        }
    }
}

/// The whole request of an ad-hoc run, or what was typed in the stead of the scenario's.
fn request_flags(plan: &Plan, flag: &mut impl FnMut(&str, &str)) {
    let (headers, status, body) = match (plan.scenario.as_str(), plan.requests.as_slice()) {
        (AD_HOC, [request]) => {
            sent_flags(request, flag);
            (&request.headers, Some(&request.expect_status), Some(&request.expect_body))
        }
        _ => {
            let typed = &plan.overrides;
            (&typed.headers, typed.expect_status.as_ref(), typed.expect_body.as_ref())
        }
    };
    for (name, value) in headers {
        flag("--header", &format!("{name}: {value}"));
    }
    if let Some(status) = status.filter(|status| plan.scenario != AD_HOC || **status != StatusSet::default())
    {
        flag("--expect-status", status.text());
    }
    match body {
        Some(BodyExpectation::Any) if plan.scenario != AD_HOC => flag("--expect-body", "any"),
        None | Some(BodyExpectation::Any) => {}
        Some(BodyExpectation::SameJson) => flag("--expect-body", "same-json"),
        Some(BodyExpectation::File(path)) => flag("--expect-body", path),
    }
}

/// Those of the scenario too: it may be another by then.
fn threshold_flags(thresholds: &[Threshold], flag: &mut impl FnMut(&str, &str)) {
    thresholds.iter().for_each(|threshold| flag("--fail-if", &threshold.to_string()));
}

fn sent_flags(request: &RequestPlan, flag: &mut impl FnMut(&str, &str)) {
    if request.method != "GET" {
        flag("--method", &request.method);
    }
    match &request.body {
        Body::Text { text } if text.len() <= LONGEST_BODY => flag("--body", text),
        Body::None => {}
        Body::Text { .. } | Body::Template { .. } | Body::Fresh { .. } => {
            flag("--body", "(see the plan in run.json)");
        }
    }
}

/// CPUs as the kernel writes them: `0-3,6`.
pub(super) fn list(cpus: &[usize]) -> String {
    let mut sorted = cpus.to_vec();
    sorted.sort_unstable();
    let runs = sorted.chunk_by(|before, after| before + 1 == *after);
    let written: Vec<String> = runs
        .map(|run| match run {
            [first, .., last] => format!("{first}-{last}"),
            _ => run[0].to_string(),
        })
        .collect();
    written.join(",")
}

fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::comparison::fixture::{GO, GO_AGAIN, RUST};
    use crate::report::fixture;
    use bench_model::sweep::Setting;

    #[test]
    fn a_scenario_is_named_and_an_ad_hoc_request_spelled_out() {
        let mut plan = fixture::stored().plan;
        assert_eq!(
            repeating(&plan),
            "bench run --scenario json-echo --target rust --conns 1000 --duration 8s --warmup auto --threads 1 \
             --target-cpus 0 --generator-cpus 1"
        );
        plan.overrides.headers.insert("accept".to_owned(), "*/*".to_owned());
        plan.overrides.expect_body = Some(BodyExpectation::Any);
        assert!(repeating(&plan).ends_with("--generator-cpus 1 --header 'accept: */*' --expect-body any"));
        plan.scenario = AD_HOC.to_owned();
        plan.target = TargetPlan::Url { url: "http://127.0.0.1:8080/a?b=c".to_owned(), pid: None };
        plan.timeout_s = 0.5;
        plan.target_cpus.clear();
        plan.requests[0].body = Body::Text { text: r#"{"it's":1}"#.to_owned() };
        assert_eq!(
            repeating(&plan),
            "bench run --url 'http://127.0.0.1:8080/a?b=c' --conns 1000 --duration 8s --warmup auto --threads 1 \
             --timeout 0.5s --generator-cpus 1 --method POST --body '{\"it'\\''s\":1}' \
             --header 'content-type: application/json' --expect-body same-json"
        );
    }

    #[test]
    fn open_loads() {
        let mut plan = fixture::stored().plan;
        let open = |stages: &[&str], arrivals, max_lag_s| LoadModel::Open {
            connections: 8,
            stages: stages.iter().map(|stage| stage.parse().unwrap()).collect(),
            arrivals,
            seed: 7,
            max_lag_s,
        };
        for (load, part) in [
            (
                open(&["5k:8s"], Arrivals::Uniform, None),
                "--rate 5000 --duration 8s --arrivals uniform --warmup",
            ),
            (
                open(&["1k..5k:8s", "5k:1s"], Arrivals::Poisson, Some(0.5)),
                "--stages 1000..5000:8s,5000:1s --arrivals poisson --arrival-seed 7 --max-lag 0.5s --warmup",
            ),
        ] {
            plan.load = load;
            assert!(repeating(&plan).contains(part), "{}", repeating(&plan));
            takes(&repeating(&plan));
        }
    }

    #[test]
    fn the_program_takes_the_command() {
        takes(&repeating(&fixture::stored().plan));
    }

    #[test]
    fn searches() {
        let sought = crate::report::capacity::fixture::two();
        let command = seeking(sought.source().plan);
        assert_eq!(
            command,
            "bench capacity --scenario json-echo --target rust,go --slo 'p99<20ms,errors<0.1%' --start 1000 --max-rate \
             1000000 --precision 0.02 --confirm 3 --fractions 0.5,0.8 --fraction-runs 3 --seed 42 --conns 256 \
             --duration 8s --arrivals uniform --warmup auto --threads 1 --target-cpus 0 --generator-cpus 1"
        );
        takes(&command.replace('\'', ""));
    }

    #[test]
    fn sweeps() {
        let mut plan = crate::report::comparison::fixture::swept(&[RUST, GO, GO_AGAIN], 11).plan;
        plan.entrants[2].plan.threads = 2;
        let command = comparing(&plan);
        assert_eq!(
            command,
            "bench compare --scenario json-echo --targets rust,go,go --sweep conns=1,10,1000 --duration 8s --warmup auto \
             --threads 2 --target-cpus 0 --generator-cpus 1 --blocks 11 --margin 0.02 --seed 42"
        );
        takes(&command);
        // What is swept is there once.
        for (entrant, items) in plan.entrants.iter_mut().zip([1, 10, 100].into_iter().cycle()) {
            entrant.label = format!("{} batch={items}", entrant.target());
            entrant.setting = Some(Setting::Batch(items));
            entrant.plan.overrides.batch = Some(items);
        }
        let command = comparing(&plan);
        assert!(command.contains(" --sweep batch=1,10,100 ") && !command.contains("--batch"), "{command}");
        takes(&command);
    }

    #[test]
    fn thresholds() {
        let mut run = fixture::stored().plan;
        run.fail_if = vec!["p99>20ms".parse().unwrap(), "errors>0%".parse().unwrap()];
        let command = repeating(&run);
        assert!(command.ends_with(" --fail-if 'p99>20ms' --fail-if 'errors>0%'"), "{command}");
        takes(&command.replace('\'', ""));
        let mut plan = crate::report::comparison::fixture::Compared::new(&[RUST, GO], 1).plan;
        plan.fail_if = vec!["any worse than base by 5%".parse().unwrap()];
        let command = comparing(&plan);
        assert!(command.ends_with(" --seed 42 --fail-if 'any worse than base by 5%'"), "{command}");
    }

    fn takes(command: &str) {
        use clap::Parser as _;
        if let Err(error) = crate::cli::Cli::try_parse_from(command.split_whitespace()) {
            panic!("{error}");
        }
    }

    #[test]
    fn source_addresses() {
        let mut plan = fixture::stored().plan;
        plan.source_addresses = "127.0.0.2-127.0.0.4,127.0.0.9".parse().unwrap();
        let command = repeating(&plan);
        assert!(command.contains(" --source-addresses 127.0.0.2-127.0.0.4,127.0.0.9 "), "{command}");
        takes(&command);
    }

    #[test]
    fn lists_of_cpus() {
        for (cpus, written) in [(&[0][..], "0"), (&[3, 0, 1, 2], "0-3"), (&[0, 1, 3, 5, 6], "0-1,3,5-6")] {
            assert_eq!(list(cpus), written);
        }
    }
}
