//! A document as Markdown (GitHub's), for a pull request or a decision record.

use super::document::{Cell, Document, Part, Table};
use super::words::verdict;
use crate::charts::comparison::FOLDER;
use crate::report::markdown::escaped;

pub(in crate::report) fn render(document: &Document) -> String {
    let mut blocks = vec![format!("# {}", escaped(&document.title))];
    blocks.extend(document.lead.iter().map(part));
    for section in &document.sections {
        blocks.push(format!("## {}", escaped(&section.title)));
        blocks.extend(section.parts.iter().map(part));
    }
    blocks.join("\n\n") + "\n"
}

fn part(part: &Part) -> String {
    match part {
        Part::Paragraph(text) => escaped(text),
        Part::Verdict(text) => format!("**{}**", escaped(text)),
        Part::Alarm(text) => format!("> **Read with care.** {}", escaped(text)),
        Part::Invalid(text) => format!("> **INVALID.** {}", escaped(text)),
        Part::List(items) => {
            let items: Vec<String> = items.iter().map(|item| format!("- {}", escaped(item))).collect();
            items.join("\n")
        }
        Part::Table(table) | Part::Sortable(table) => self::table(table),
        Part::Chart(chart) => {
            format!("![{}]({FOLDER}/{}.svg)", escaped(&chart.description), chart.name)
        }
        Part::Command(command) => fenced(command),
        Part::Terms(terms) => {
            let terms: Vec<String> = terms
                .iter()
                .map(|(term, meaning)| format!("- **{}**: {}", escaped(term), escaped(meaning)))
                .collect();
            terms.join("\n")
        }
    }
}

/// Markdown's tables have no caption: it stands above.
fn table(table: &Table) -> String {
    let rule = |column| if table.is_numeric(column) { "---:" } else { "---" };
    let heads: Vec<String> = table.heads.iter().map(|head| escaped(head)).collect();
    let rules: Vec<&str> = (0..heads.len()).map(rule).collect();
    let mut text =
        format!("*{}*\n\n| {} |\n|{}|", escaped(&table.caption), heads.join(" | "), rules.join("|"));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        text += &format!("\n| {} |", cells.join(" | "));
    }
    text
}

fn cell(cell: &Cell) -> String {
    let verdict = cell.verdict.map(|found| format!("**{}**", verdict(found)));
    let parts = [Some(escaped(&cell.text)), cell.note.as_deref().map(escaped), verdict];
    let shown: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    shown.join(" ")
}

/// A fence longer than any run of backticks in the command cannot be closed by it.
fn fenced(command: &str) -> String {
    let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}sh\n{command}\n{fence}")
}
