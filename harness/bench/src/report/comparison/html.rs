//! A document as one HTML file that needs no other: no script, no fetch, charts inlined as SVG. It is well-formed XML
//! too, so that a test can read it.

use super::document::{Cell, ChartPart, Document, Part, Section, Table};
use super::words::verdict;
use crate::charts::comparison::Chart;

const LOOK: &str = include_str!("html.css");

/// The browser itself is told to fetch nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

pub(super) fn render(document: &Document, charts: &[Chart]) -> String {
    let title = escaped(&document.title);
    let lead: String = document.lead.iter().map(|part| self::part(part, charts)).collect();
    let sections: String = document.sections.iter().map(|section| self::section(section, charts)).collect();
    let contents: String = document
        .sections
        .iter()
        .map(|section| format!("<li><a href=\"#{}\">{}</a></li>\n", anchor(section), escaped(&section.title)))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <title>{title}</title>\n<style>\n{LOOK}</style>\n</head>\n<body>\n<main>\n\
         <header>\n<h1>{title}</h1>\n{lead}</header>\n\
         <nav aria-label=\"Contents\">\n<ul>\n{contents}</ul>\n</nav>\n{sections}</main>\n</body>\n</html>\n"
    )
}

fn section(section: &Section, charts: &[Chart]) -> String {
    let anchor = anchor(section);
    let parts: String = section.parts.iter().map(|part| self::part(part, charts)).collect();
    format!(
        "<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{}</h2>\n{parts}</section>\n",
        escaped(&section.title)
    )
}

/// The section's title as an identifier.
fn anchor(section: &Section) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    section.title.chars().map(letter).collect()
}

fn part(part: &Part, charts: &[Chart]) -> String {
    match part {
        Part::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        Part::Verdict(text) => format!("<p class=\"verdict\">{}</p>\n", escaped(text)),
        Part::Alarm(text) => {
            format!("<p class=\"alarm\"><strong>Read with care.</strong> {}</p>\n", escaped(text))
        }
        Part::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Part::Table(table) => self::table(table),
        Part::Chart(part) => chart(part, charts),
        Part::Command(command) => format!("<pre><code>{}</code></pre>\n", escaped(command)),
        Part::Terms(terms) => {
            let terms: String = terms
                .iter()
                .map(|(term, meaning)| format!("<dt>{}</dt><dd>{}</dd>\n", escaped(term), escaped(meaning)))
                .collect();
            format!("<dl>\n{terms}</dl>\n")
        }
    }
}

/// A wide table scrolls by itself, so that the page need not; those who use no mouse can reach it.
fn table(table: &Table) -> String {
    let class = |column| if table.is_numeric(column) { " class=\"number\"" } else { "" };
    let heads: String = table
        .heads
        .iter()
        .enumerate()
        .map(|(column, head)| format!("<th scope=\"col\"{}>{}</th>", class(column), escaped(head)))
        .collect();
    let rows: String = table.rows.iter().map(|row| self::row(row)).collect();
    let caption = escaped(&table.caption);
    format!(
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table>\n\
         <caption><span>{caption}</span></caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )
}

fn row(row: &[Cell]) -> String {
    let cells: String = row
        .iter()
        .enumerate()
        .map(|(column, cell)| match column {
            0 => format!("<th scope=\"row\">{}</th>", content(cell)),
            _ if cell.number => format!("<td class=\"number\">{}</td>", content(cell)),
            _ => format!("<td>{}</td>", content(cell)),
        })
        .collect();
    format!("<tr>{cells}</tr>\n")
}

fn content(cell: &Cell) -> String {
    let mut text = escaped(&cell.text);
    if let Some(note) = &cell.note {
        text += &format!(" <span class=\"note\">{}</span>", escaped(note));
    }
    if let Some(found) = cell.verdict.map(verdict) {
        text += &format!(" <span class=\"found {found}\">{found}</span>");
    }
    text
}

/// A chart with its name and description for those who cannot see it.
fn chart(part: &ChartPart, charts: &[Chart]) -> String {
    let ChartPart { name, caption, description } = part;
    let (caption, description) = (escaped(caption), escaped(description));
    let drawn = charts.iter().find(|chart| chart.name == *name).map(Chart::svg);
    let picture = match drawn {
        Some(Ok(svg)) => {
            let spoken = format!(
                "role=\"img\" aria-labelledby=\"{name}-title {name}-words\">\n<title id=\"{name}-title\">{caption}</title>\n\
                 <desc id=\"{name}-words\">{description}</desc>"
            );
            // HTML knows SVG without its namespace, which would be the only address in the file.
            svg.replacen("xmlns=\"http://www.w3.org/2000/svg\">", &spoken, 1)
        }
        Some(Err(reason)) => {
            format!("<p>The chart could not be drawn: {}. {description}</p>\n", escaped(&reason))
        }
        None => format!("<p>{description}</p>\n"),
    };
    format!(
        "<figure>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n{picture}</div>\n\
         <figcaption>{caption}.</figcaption>\n</figure>\n"
    )
}

/// Text of others made harmless, in one line: in an element and in an attribute.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe += "&amp;",
            '<' => safe += "&lt;",
            '>' => safe += "&gt;",
            '"' => safe += "&quot;",
            '\'' => safe += "&#39;",
            // What XML has no place for, even escaped.
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
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
            ("<img src=x onerror='y'>", "&lt;img src=x onerror=&#39;y&#39;&gt;"),
            ("a & \"b\"\n\u{1b}[31m", "a &amp; &quot;b&quot;  [31m"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
