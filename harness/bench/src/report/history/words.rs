//! What a history's outputs for people say, in the same words in each.

use crate::report::amount::{bytes, count, percent, seconds};
use crate::report::comparison::quantity::{figure, part};
use crate::report::offered_rate;
use bench_model::history::{
    Change, Direction, Group, LeftOut, METHOD, Point, RULES, SOURCE, Setting, Unusable, fewest_runs,
};
use bench_model::metric::Metric;

/// What the line through a chart's runs is.
pub(crate) const LEVEL: &str = "median between change points";

/// Characters of a commit that are shown.
const REVISION_LENGTH: usize = 8;

/// What was run: `json-echo on rust, 1000 connections, 10 s`.
pub(crate) fn load(setting: &Setting) -> String {
    let plan = &setting.plan;
    format!(
        "{} on {}, {} connections{}, {}",
        plan.scenario,
        setting.target,
        plan.load.connections(),
        offered_rate(&plan.load).map_or_else(String::new, |rate| format!(", {rate}")),
        seconds(plan.duration_s)
    )
}

/// Where, and how many runs there are.
pub(crate) fn place(group: &Group) -> String {
    let machine = &group.setting.machine;
    let runs = match group.points.len() {
        0 => "no run that can be used".to_owned(),
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let older = match group.older {
        0 => String::new(),
        older => format!(", and {} older ones (--last)", count(older as u64)),
    };
    format!("{runs}{older} on {}, {} CPUs, {}", machine.cpu, machine.cpus, bytes(machine.memory_bytes as f64))
}

/// The date and the time of day, to the minute, in UTC.
pub(crate) fn started(started_at: &str) -> String {
    match (started_at.get(..10), started_at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time}"),
        _ => started_at.to_owned(),
    }
}

/// The commit, with a `+` where there were changes beside it.
pub(crate) fn revision(point: &Point) -> String {
    let source = point.source.as_ref();
    let Some(revision) = source.and_then(|source| source.revision.as_deref()) else {
        return "-".to_owned();
    };
    let short: String = revision.chars().take(REVISION_LENGTH).collect();
    if source.is_some_and(|source| source.dirty) { short + "+" } else { short }
}

/// The figure in its column.
pub(crate) fn value(point: &Point, metric: Metric) -> String {
    point.values.get(&metric).map_or_else(|| "-".to_owned(), |&value| figure(metric, value))
}

/// From what to what: `34.70 ms -> 40.10 ms`.
pub(crate) fn from_to(metric: Metric, change: &Change) -> String {
    format!("{} -> {}", figure(metric, change.from), figure(metric, change.to))
}

/// By how much, with its sign: `+15.6%`.
pub(crate) fn by(change: &Change) -> String {
    let sign = if change.part < 0.0 { "-" } else { "+" };
    format!("{sign}{}", percent(change.part.abs()))
}

/// For the better or the worse. Where the level stays, what changed is how far the runs scatter about it.
pub(crate) fn direction(change: &Change) -> &'static str {
    match change.direction {
        Direction::Better => "better",
        Direction::Worse => "worse",
        Direction::Spread => "another spread",
    }
}

/// The warnings that a run was made under.
pub(crate) fn warned(point: &Point) -> Option<String> {
    (!point.warnings.is_empty()).then(|| format!("with warnings: {}", point.warnings.join(", ")))
}

/// The p-value.
pub(crate) fn p(change: &Change) -> String {
    format!("p = {:.3}", change.p_value)
}

/// What else is known to have changed between the run before a point and the point.
pub(crate) fn meanwhile(group: &Group, change: &Change) -> Option<String> {
    let after = &group.points[change.at];
    let before = group.points.iter().find(|point| point.id == change.after)?;
    let mut told = Vec::new();
    let (old, new) = (revision(before), revision(after));
    told.extend((old != new).then(|| format!("commit {old}..{new}")));
    let versions = |point: &Point| point.source.as_ref().map(|source| source.versions.join(", "));
    if let (Some(old), Some(new)) = (versions(before), versions(after))
        && old != new
    {
        told.push(format!("{old} -> {new}"));
    }
    let renewed = |what: &str, old: &str, new: &str| (old != new).then(|| format!("{what} {old} -> {new}"));
    told.extend(renewed("kernel", &before.kernel, &after.kernel));
    told.extend(renewed("bench", &before.bench_version, &after.bench_version));
    (!told.is_empty()).then(|| told.join("; "))
}

/// By which method, at which level.
pub(crate) fn method() -> String {
    format!(
        "Change points: {METHOD} on the logarithms ({SOURCE}), {} permutations, level {} for each metric, at least {} runs on \
         either side. They say when, not why: compare the commits in the same blocks (bench compare NAME@CHECKOUT,NAME) before \
         anyone is blamed.",
        RULES.permutations,
        part(RULES.level),
        RULES.least
    )
}

/// What was looked for and not found, if that has to be said.
pub(crate) fn nothing(group: &Group) -> Option<String> {
    let counted = group.setting.plan.counted();
    let short = group.series.iter().filter(|series| !series.is_enough);
    let short: Vec<&str> = short.map(|series| series.metric.title_of(counted)).collect();
    if group.points.len() < fewest_runs() {
        return Some(format!(
            "No change point can be shown below {} runs: these are too few.",
            fewest_runs()
        ));
    }
    let found = group.change_count();
    let rest = match short.len() {
        0 => String::new(),
        _ => format!(" Too few runs have {}.", short.join(", ")),
    };
    match (found, rest.is_empty()) {
        (0, _) => Some(format!("No change point.{rest}")),
        (_, false) => Some(rest.trim_start().to_owned()),
        (_, true) => None,
    }
}

/// A run that is left out, and why.
pub(crate) fn left_out(left: &LeftOut) -> String {
    let why = match &left.unusable {
        Unusable::Interrupted { signal } => format!("interrupted by {signal}"),
        Unusable::Invalid { codes } => format!("invalid: {}", codes.join(", ")),
        Unusable::NoBlocks => "no block can be used".to_owned(),
    };
    format!("{} ({why})", left.id)
}

/// Results that could not be read.
pub(crate) fn unreadable(number: usize) -> Option<String> {
    match number {
        0 => None,
        1 => Some("1 result could not be read, and is in no group.".to_owned()),
        _ => Some(format!("{number} results could not be read, and are in no group.")),
    }
}
