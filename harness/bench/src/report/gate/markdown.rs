//! The gate for a pull request or a job's summary, in GitHub's Markdown.

use super::GateSource;
use super::cautions::cautions;
use super::words::{HEADS, cells, headline, measured, side, sureness, verdict};
use crate::report::markdown::escaped;
use crate::report::thresholds;
use bench_model::threshold::State;

pub(super) fn render(source: &GateSource<'_>) -> String {
    let judged = source.judged;
    let mut blocks = vec![format!("**{}**: {}", verdict(judged.verdict), escaped(&headline(source)))];
    blocks.extend(judged.alarms.iter().map(|alarm| format!("> **Read with care.** {}", escaped(alarm))));
    blocks.push(table(source));
    blocks.extend(thresholds::markdown(&judged.others));
    blocks.push(format!(
        "{}. Base: {}. Candidate: {}. Runs: `{}`.",
        escaped(&measured(source)),
        escaped(&side(&judged.base)),
        escaped(&side(&judged.candidate)),
        source.compared.plan.id
    ));
    blocks.push(escaped(&sureness(source).join(" ")));
    let cautions: Vec<String> =
        cautions(source).iter().map(|caution| format!("- {}", escaped(caution))).collect();
    if !cautions.is_empty() {
        blocks.push(cautions.join("\n"));
    }
    blocks.join("\n\n") + "\n"
}

/// The same below a heading, for a page that has other parts.
pub(super) fn titled(source: &GateSource<'_>) -> String {
    format!("## {}\n\n{}", escaped(&source.title()), render(source))
}

fn table(source: &GateSource<'_>) -> String {
    let mut text = format!("| {} |\n|---|---:|---:|---:|---:|---:|---|", HEADS.join(" | "));
    for finding in &source.judged.findings {
        let mut cells = cells(source, finding).map(|cell| escaped(&cell));
        if finding.outcome.state != State::Held {
            let outcome = &mut cells[HEADS.len() - 1];
            *outcome = format!("**{outcome}**");
        }
        text += &format!("\n| {} |", cells.join(" | "));
    }
    text
}
