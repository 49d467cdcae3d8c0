//! The history as a section for a pull request or a decision record: the changes first, then every run.

use super::{HistorySource, words};
use crate::report::comparison::quantity::figure;
use crate::report::markdown::escaped;
use bench_model::history::Group;
use bench_model::metric::Metric;

pub(super) fn render(source: &HistorySource<'_>) -> String {
    let mut blocks = vec!["# History".to_owned()];
    for group in &source.history.groups {
        blocks.push(format!("## {}", escaped(&words::load(&group.setting))));
        blocks.push(escaped(&words::place(group)));
        blocks.extend(words::nothing(group));
        blocks.extend((group.change_count() > 0).then(|| changes(group)));
        blocks.extend((!group.points.is_empty()).then(|| runs(group, &source.history.metrics)));
        if !group.left_out.is_empty() {
            let left = group.left_out.iter().map(|left| format!("\n- {}", escaped(&words::left_out(left))));
            blocks.push(format!("Left out, and in no figure here:\n{}", left.collect::<String>()));
        }
    }
    blocks.extend(words::unreadable(source.unreadable));
    blocks.push(words::method());
    blocks.join("\n\n") + "\n"
}

fn changes(group: &Group) -> String {
    let mut text =
        "| metric | since | from | to | change | | p | meanwhile |\n|---|---|---:|---:|---:|---|---:|---|"
            .to_owned();
    for series in &group.series {
        for change in &series.changes {
            text += &format!(
                "\n| {} | {} | {} | {} | **{}** | {} | {:.3} | {} |",
                series.metric.title_of(group.setting.plan.counted()),
                escaped(&words::started(&group.points[change.at].started_at)),
                figure(series.metric, change.from),
                figure(series.metric, change.to),
                words::by(change),
                words::direction(change),
                change.p_value,
                escaped(&words::meanwhile(group, change).unwrap_or_default())
            );
        }
    }
    text
}

fn runs(group: &Group, metrics: &[Metric]) -> String {
    let titles: Vec<&str> =
        metrics.iter().map(|metric| metric.title_of(group.setting.plan.counted())).collect();
    let mut text = format!("| started (UTC) | commit | {} | |\n|---|---|", titles.join(" | "));
    text += &("---:|".repeat(metrics.len()) + "---|");
    for (at, point) in group.points.iter().enumerate() {
        let marked: Vec<Metric> = group.changes_at(at).map(|(metric, _)| metric).collect();
        let cells: Vec<String> = metrics
            .iter()
            .map(|metric| {
                let value = words::value(point, *metric);
                if marked.contains(metric) { format!("**=> {value}**") } else { value }
            })
            .collect();
        let blocks = point.blocks.map(|blocks| format!("median of {blocks} blocks"));
        let remarks: Vec<String> = blocks.into_iter().chain(words::warned(point)).collect();
        let remarks = escaped(&remarks.join("; "));
        text += &format!(
            "\n| {} | {} | {} | {remarks} |",
            escaped(&words::started(&point.started_at)),
            escaped(&words::revision(point)),
            cells.join(" | ")
        );
    }
    text
}
