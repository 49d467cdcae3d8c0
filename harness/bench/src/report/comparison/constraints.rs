//! What was asked, what was held equal, where, and of what was built.

use super::ComparisonSource;
use super::document::{Cell, Part, Section, Table};
use super::words::{counted, offered};
use crate::report::amount::{bytes, seconds};
use crate::report::{command, latency_title, offered_rate};
use bench_model::comparison::{ComparisonPlan, ContractResult, Entrant};
use bench_model::load::LoadModel;
use bench_model::plan::{Plan, TargetPlan};
use bench_model::source::Source;
use bench_model::steady::WarmUp;

/// The load in a phrase: `json-echo, 1000 connections, 8 s a run`.
pub(super) fn load(source: &ComparisonSource<'_>) -> String {
    source.plan.entrants.first().map_or_else(String::new, |entrant| {
        let Plan { scenario, duration_s, .. } = &entrant.plan;
        format!("{scenario}, {}, {} measured in each run", offered(source.plan), seconds(*duration_s))
    })
}

/// What was held equal. A line whose value was not the same for all says so.
pub(in crate::report) fn held_equal(source: &ComparisonSource<'_>) -> Section {
    let each = |value: &dyn Fn(&Plan) -> String| held(source.plan, value);
    let rows = [
        ("Scenario", each(&|plan| plan.scenario.clone())),
        ("Load", each(&|plan| model(&plan.load))),
        ("Requests", each(&requests)),
        ("Measured window", each(&|plan| seconds(plan.duration_s).to_string())),
        ("Warm-up, not counted", each(&warm_up)),
        ("CPUs of the target", each(&|plan| cpus(&plan.target_cpus))),
        ("CPUs of the generator", each(&|plan| cpus(&plan.generator_cpus))),
        ("Timeout", each(&|plan| seconds(plan.timeout_s).to_string())),
        ("Order of the runs", order(source)),
    ];
    Section::new("What was held equal", vec![Part::Table(table("What was the same for every target", &rows))])
}

/// The value that all have; or, where they have not, those there are and whose. In a sweep a value may follow from the
/// setting; for one setting it must be one.
fn held(plan: &ComparisonPlan, value: &dyn Fn(&Plan) -> String) -> String {
    let values = |name: &dyn Fn(&Entrant) -> String| {
        let mut values: Vec<(String, Vec<String>)> = Vec::new();
        for entrant in &plan.entrants {
            let (value, name) = (value(&entrant.plan), name(entrant));
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, names)) if names.contains(&name) => {}
                Some((_, names)) => names.push(name),
                None => values.push((value, vec![name])),
            }
        }
        values
    };
    let written = |values: &[(String, Vec<String>)]| {
        let each = values.iter().map(|(value, names)| format!("{value} ({})", names.join(", ")));
        each.collect::<Vec<_>>().join("; ")
    };
    let by_label = values(&|entrant| entrant.label.clone());
    if let [(same, _)] = by_label.as_slice() {
        return same.clone();
    }
    let by_setting = values(&|entrant| entrant.setting.map_or_else(String::new, |at| at.to_string()));
    let settings: usize = by_setting.iter().map(|(_, settings)| settings.len()).sum();
    match plan.sweep().filter(|sweep| sweep.settings().len() == settings) {
        Some(_) => format!("swept: {}", written(&by_setting)),
        None => format!("NOT EQUAL: {}", written(&by_label)),
    }
}

/// The machine, and what was built.
pub(in crate::report) fn environment(source: &ComparisonSource<'_>) -> Section {
    let machine = &source.plan.machine;
    let unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let rows = [
        ("Processor", format!("{}, {} online", machine.cpu, counted(machine.cpus, "CPU"))),
        ("Memory", bytes(machine.memory_bytes as f64).to_string()),
        ("System", format!("{}, kernel {}, {}", machine.os, machine.kernel, machine.architecture)),
        ("Frequency governor", unknown(&machine.governor)),
        ("Clock source", unknown(&machine.clock_source)),
        ("Limit of open files", machine.open_files_limit.to_string()),
        ("bench", machine.bench_version.clone()),
        ("Begun", source.plan.started_at.clone()),
        ("Comparison", source.plan.id.clone()),
    ];
    let built = Table {
        caption: "What was built, from what, with what".to_owned(),
        heads: ["Target", "Revision", "Inputs, SHA-256", "Versions", "Contract"].map(str::to_owned).to_vec(),
        rows: source.plan.entrants.iter().map(built).collect(),
    };
    let started = Table {
        caption: "How it was started".to_owned(),
        heads: ["Target", "Command"].map(str::to_owned).to_vec(),
        rows: source.plan.entrants.iter().map(started).collect(),
    };
    let parts = vec![table("The machine", &rows), built, started];
    Section::new("Environment", parts.into_iter().map(Part::Table).collect())
}

fn started(entrant: &Entrant) -> Vec<Cell> {
    let command = entrant.plan.target.started_as().unwrap_or_else(|| "not started by bench".to_owned());
    vec![Cell::text(&entrant.label), Cell::text(command)]
}

fn built(entrant: &Entrant) -> Vec<Cell> {
    let Some(Source { revision, dirty, inputs_sha256, versions }) = &entrant.source else {
        let what = match &entrant.plan.target {
            TargetPlan::Managed { .. } => "not recorded".to_owned(),
            TargetPlan::Url { url, .. } => format!("not built by bench: {url}"),
        };
        return vec![
            Cell::text(&entrant.label),
            Cell::text(what),
            Cell::text("-"),
            Cell::text("-"),
            Cell::text(contract(entrant)),
        ];
    };
    let changed = if *dirty { ", with uncommitted changes" } else { "" };
    let revision = revision.as_ref().map_or_else(|| "not under version control".to_owned(), |id| short(id));
    let inputs = inputs_sha256.as_ref().map_or_else(|| "-".to_owned(), |sum| short(sum));
    let versions = if versions.is_empty() { "-".to_owned() } else { versions.join("; ") };
    vec![
        Cell::text(&entrant.label),
        Cell::text(revision + changed),
        Cell::text(inputs),
        Cell::text(versions),
        Cell::text(contract(entrant)),
    ]
}

/// How the target did in the contract's cases: `71 cases passed, waived: trailers, left out: timeouts`.
fn contract(entrant: &Entrant) -> String {
    let Some(ContractResult { passed, waived, not_checked }) = &entrant.contract else {
        return "not checked".to_owned();
    };
    let named = |what: &str, ids: &[String]| match ids {
        [] => String::new(),
        few if few.len() <= 3 => format!(", {what}: {}", few.join(", ")),
        many => format!(", {} {what}", many.len()),
    };
    counted(*passed, "case") + " passed" + &named("waived", waived) + &named("left out", not_checked)
}

/// Enough of a hash to know it by; whole ones are in the JSON.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn model(load: &LoadModel) -> String {
    match load {
        LoadModel::Closed { connections } => format!(
            "closed: {}, each with one request in flight. {}",
            counted(*connections, "connection"),
            latency_title(load)
        ),
        LoadModel::Open { connections, .. } => format!(
            "open: {} on {}. {}",
            offered_rate(load).unwrap_or_default(),
            counted(*connections, "connection"),
            latency_title(load)
        ),
    }
}

fn requests(plan: &Plan) -> String {
    let each: Vec<String> =
        plan.requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
    each.join(", ") + ", every answer verified"
}

fn warm_up(plan: &Plan) -> String {
    match plan.warmup {
        WarmUp::Auto(cap) => {
            let what = if plan.load.is_open() { "CPU per request" } else { "throughput" };
            format!("until {what} was steady, at most {}", seconds(cap.as_secs_f64()))
        }
        WarmUp::Fixed(length) => seconds(length.as_secs_f64()).to_string(),
    }
}

fn cpus(cpus: &[usize]) -> String {
    if cpus.is_empty() { "not set by bench".to_owned() } else { command::list(cpus) }
}

fn order(source: &ComparisonSource<'_>) -> String {
    let control = if source.plan.control {
        format!("; {} runs twice in each block, as a control", source.base())
    } else {
        String::new()
    };
    format!("random within each block, from seed {}; a fresh process for each run{control}", source.plan.seed)
}

fn table(caption: &str, rows: &[(&str, String)]) -> Table {
    Table {
        caption: caption.to_owned(),
        heads: vec!["What".to_owned(), "Value".to_owned()],
        rows: rows.iter().map(|(name, value)| vec![Cell::text(*name), Cell::text(value)]).collect(),
    }
}
