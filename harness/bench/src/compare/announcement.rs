//! What is said of a comparison before it begins: its question, how long it will take, and in which order it runs.

use super::Estimate;
use crate::commands::write;
use crate::failure::Failure;
use crate::report::Format;
use crate::report::comparison::words;
use bench_model::comparison::ComparisonPlan;

/// What is asked, in words.
pub(crate) fn question(plan: &ComparisonPlan) -> String {
    let Some(first) = plan.entrants.first() else { return String::new() };
    let (scenario, connections) = (&first.plan.scenario, first.plan.load.connections());
    match (plan.targets().as_slice(), plan.sweep()) {
        ([alone], Some(_)) => format!("How does {alone} do at {scenario} with {}?", words::offered(plan)),
        (targets, Some(_)) => {
            format!("How do {} compare at {scenario} with {}?", words::list(targets), words::offered(plan))
        }
        ([alone], None) => format!("How does {alone} do at {scenario} with {connections} connections?"),
        (targets, None) => {
            let targets = words::list(targets);
            format!("How do {targets} compare at {scenario} with {connections} connections?")
        }
    }
}

/// What is said before anything is built: what is to be done, how long it takes, and what it cannot show.
pub(crate) fn introduction(plan: &ComparisonPlan, missing: usize) -> Vec<String> {
    if missing == 0 {
        return vec![format!("{} all {} blocks are there already", plan.question, plan.blocks)];
    }
    let control = match (plan.control, plan.entrants.first()) {
        (true, Some(base)) => format!(" ({} twice, to see the machine's own noise)", base.label),
        _ => String::new(),
    };
    let blocks = match missing {
        1 if plan.blocks == 1 => "1 block".to_owned(),
        all if all == plan.blocks => format!("{all} blocks"),
        more => format!("{more} more of {} blocks", plan.blocks),
    };
    let runs = match plan.slots().len() {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    };
    let mut lines = vec![
        plan.question.clone(),
        format!("{blocks} of {runs} each{control}, in an order drawn from seed {}", plan.seed),
        format!(
            "it will take {}, beside builds, checks and the replacement of invalid blocks",
            Estimate::of(plan, missing).text()
        ),
    ];
    if !plan.fail_if.is_empty() {
        let thresholds: Vec<String> = plan.fail_if.iter().map(ToString::to_string).collect();
        lines.push(format!("it fails if: {}", thresholds.join("; ")));
    }
    lines.extend(plan.advice().iter().map(|advice| format!("note: {}", advice.message())));
    lines
}

/// Prints the plan: for people with the order of each block, for programs whole.
pub(crate) fn dry_run(format: Format, plan: &ComparisonPlan, missing: usize) -> Result<(), Failure> {
    if format == Format::Json {
        return write(&(serde_json::to_string_pretty(plan)? + "\n"));
    }
    let mut lines = introduction(plan, missing);
    for block in 0..plan.blocks {
        let order: Vec<String> = plan.order(block).into_iter().map(|slot| plan.label(slot)).collect();
        lines.push(format!("block {}: {}", block + 1, order.join(", ")));
    }
    write(&(lines.join("\n") + "\n"))
}
