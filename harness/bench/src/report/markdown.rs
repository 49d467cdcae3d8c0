//! The report as a section for a pull request or a decision record: the verdict first, then the figures, then what
//! is needed to doubt or repeat them.

use super::document::Cell;
use super::timeline::Timeline;
use super::{command, latency_title, own_metrics, rows, thresholds};
use bench_model::report::RunReport;
use bench_model::warning::Verdict;

pub(super) fn render(report: &RunReport, timeline: &Timeline) -> String {
    let plan = &report.plan;
    let title = format!("## Benchmark: {} on {}", plan.scenario, plan.target.name());
    let sections = [
        Some(escaped(&title)),
        Some(verdict(report)),
        thresholds::markdown(&report.thresholds),
        Some(figures(report)),
        Some(latency(report)),
        Some(resources(report)),
        own_metrics::markdown(report, timeline),
        Some(method(report, timeline)),
    ];
    sections.into_iter().flatten().collect::<Vec<_>>().join("\n\n") + "\n"
}

fn verdict(report: &RunReport) -> String {
    let mut text = match (report.verdict, report.warnings.len()) {
        (Verdict::Valid, 0) => "**Verdict: valid**, without a warning.".to_owned(),
        (Verdict::Valid, _) => "**Verdict: valid**, with care:".to_owned(),
        (Verdict::Invalid, _) => {
            "**Verdict: INVALID. Do not use the figures below.** What is wrong, and what to do:".to_owned()
        }
    };
    for (index, warning) in report.warnings.iter().enumerate() {
        let gap = if index == 0 { "\n\n" } else { "\n" };
        text += &format!("{gap}- `{}`: {}", warning.code, escaped(&warning.message));
    }
    text
}

fn figures(report: &RunReport) -> String {
    table(["Figure", "Value"], "---:", rows::figures(report).into_iter().map(text))
}

fn latency(report: &RunReport) -> String {
    let title = latency_title(&report.plan.load);
    let rows = rows::latency(&report.summary);
    if rows.is_empty() {
        return format!("{title}: none, since no request was verified in the measured window.");
    }
    let part =
        |(title, rows): (&str, Vec<rows::Row>)| table([title, "Value"], "---:", rows.into_iter().map(text));
    let parts = rows::parts_of_latency(&report.summary);
    std::iter::once((title, rows)).chain(parts).map(part).collect::<Vec<_>>().join("\n\n")
}

fn resources(report: &RunReport) -> String {
    let mut text = "| Used by | target | generator |\n|---|---:|---:|".to_owned();
    for (name, [target, generator]) in rows::resources(report) {
        text += &format!("\n| {name} | {} | {} |", target.text, generator.text);
    }
    text
}

/// What someone needs who wants to repeat the run.
fn method(report: &RunReport, timeline: &Timeline) -> String {
    let rows = rows::method(report, timeline).into_iter().map(|(name, text)| (name, escaped(&text)));
    let command = command::repeating(&report.plan);
    // A fence longer than any run of backticks in the command cannot be closed by it.
    let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{}\n\nTo repeat it:\n\n{fence}sh\n{command}\n{fence}", table(["Method", "Value"], "---", rows))
}

fn text((name, cell): (&str, Cell)) -> (&str, String) {
    (name, cell.text)
}

/// A table of two columns; `alignment` is the second one's rule, such as `---:` for figures.
fn table<'a>(heads: [&str; 2], alignment: &str, rows: impl Iterator<Item = (&'a str, String)>) -> String {
    let [left, right] = heads;
    let mut text = format!("| {left} | {right} |\n|---|{alignment}|");
    for (name, value) in rows {
        text += &format!("\n| {name} | {value} |");
    }
    text
}

/// Text of others made harmless in Markdown, and in one line.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => safe.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '~' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        for (text, safe) in [
            ("plain, with-dashes: 1.5", "plain, with-dashes: 1.5"),
            ("a|b\n<img>", "a\\|b \\<img\\>"),
            ("`x` *y* [z](w)", "\\`x\\` \\*y\\* \\[z\\](w)"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
