//! The search as a section for a pull request or a decision record: the capacities first, then the levels, then what is
//! needed to doubt or repeat them.

use super::words::{self, part};
use super::{CapacitySource, outline};
use crate::charts::capacity::NAME;
use crate::report::amount::{number, percent};
use crate::report::markdown::escaped;
use bench_model::capacity::{Finding, METRICS};
use bench_model::metric::Metric;
use bench_model::slo::Statistic;

pub(super) fn render(source: &CapacitySource<'_>) -> String {
    let plan = source.plan;
    let labels: Vec<String> = plan.targets.iter().map(|target| escaped(&target.label)).collect();
    let mut blocks = vec![
        format!("# Capacity of {} under {}", labels.join(", "), escaped(&plan.slo.to_string())),
        format!("{}; begun {}", escaped(&words::load(plan)), escaped(&plan.started_at)),
        capacities(source),
    ];
    for finding in &source.found.targets {
        blocks.push(format!("## {}", escaped(&finding.label)));
        blocks.push(escaped(&words::sentences(plan, finding).join(" ")));
        let notes: Vec<String> = finding
            .notes
            .iter()
            .map(|note| format!("- `{}`: {}", note.code(), escaped(&note.message())))
            .collect();
        let repeated = words::repeated(finding).map(|text| format!("- {text}"));
        let notes: Vec<String> = notes.into_iter().chain(repeated).collect();
        blocks.extend((!notes.is_empty()).then(|| notes.join("\n")));
        blocks.push(levels(source, finding));
    }
    if source.found.targets.iter().any(|finding| !finding.levels.is_empty()) {
        blocks.push(format!("![Latency against the rate that was offered]({NAME}.svg)"));
    }
    blocks.extend(fractions(source));
    blocks.push(machine(source));
    blocks.join("\n\n") + "\n"
}

/// One line a target: what is read if nothing else is.
fn capacities(source: &CapacitySource<'_>) -> String {
    let mut text = "| target | capacity | does not hold |\n|---|---:|---:|".to_owned();
    for finding in &source.found.targets {
        let ceiling =
            finding.ceiling_per_s.map_or_else(|| "-".to_owned(), |rate| format!("{}/s", number(rate)));
        text += &format!("\n| {} | **{}** | {ceiling} |", escaped(&finding.label), words::capacity(finding));
    }
    text
}

fn levels(source: &CapacitySource<'_>, finding: &Finding) -> String {
    if finding.levels.is_empty() {
        return "No level was measured.".to_owned();
    }
    let statistic = words::statistic(&source.plan.slo);
    let mut text = format!(
        "| level | rate/s | TPS | P50 | {} | failed | CPUs busy | verdict |\n|---:|---:|---:|---:|---:|---:|---:|---|",
        statistic.title()
    );
    for level in &finding.levels {
        let figures = &level.figures;
        text += &format!(
            "\n| {} | {} | {} | {} | {} | {} | {} | {} |",
            level.number,
            number(level.rate_per_s),
            number(figures.tps),
            escaped(&words::latency(&figures.latency_us, Statistic::P50)),
            escaped(&words::latency(&figures.latency_us, statistic)),
            percent(figures.failed_percent / 100.0),
            figures.target_cpus_busy.map_or_else(|| "-".to_owned(), |busy| format!("{busy:.2}")),
            escaped(&words::verdict(level))
        );
    }
    text
}

fn fractions(source: &CapacitySource<'_>) -> Vec<String> {
    let plan = source.plan;
    if !plan.compares() {
        return Vec::new();
    }
    let mut blocks = vec!["## At fractions of each one's own capacity".to_owned()];
    if source.found.fractions.is_empty() {
        blocks.push("The targets were not run at fractions of their capacities.".to_owned());
        return blocks;
    }
    let titles: Vec<&str> = METRICS.map(Metric::title).to_vec();
    let mut text = format!("| target | at | rate/s | {} |\n|---|---:|---:|", titles.join(" | "));
    text += &"---:|".repeat(METRICS.len());
    for at in &source.found.fractions {
        let cells: Vec<String> =
            METRICS.into_iter().map(|metric| escaped(&words::cell(at, metric))).collect();
        let rate = number(at.rate_per_s);
        text +=
            &format!("\n| {} | {} | {rate} | {} |", escaped(&at.label), part(at.fraction), cells.join(" | "));
    }
    blocks.push(format!("Median of {} runs, and their range.", plan.fraction_runs));
    blocks.push(text);
    let doubts = source.found.fractions.iter().filter_map(|at| words::doubts(plan.fraction_runs, at));
    let doubts: Vec<String> = doubts.map(|doubts| format!("- {}", escaped(&doubts))).collect();
    blocks.extend((!doubts.is_empty()).then(|| doubts.join("\n")));
    blocks.push(words::NO_VERDICT.to_owned());
    blocks
}

/// What someone needs who wants to repeat it.
fn machine(source: &CapacitySource<'_>) -> String {
    let place = outline::machine(source);
    // A fence longer than any run of backticks in the command cannot be closed by it.
    let longest = source.repeat.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("## Method\n\n{}\n\nTo repeat it:\n\n{fence}sh\n{}\n{fence}", escaped(&place), source.repeat)
}
