//! A document as HTML elements: what it says, readable without any script.

use crate::charts::Chart;
use crate::report::comparison::words::verdict;
use crate::report::document::{Cell, ChartPart, Document, Part, Section, Table};

/// The content of the body, but for its scripts.
pub(super) fn body(document: &Document, charts: &[Chart]) -> String {
    let title = escaped(&document.title);
    let anchors = anchors(&document.sections);
    let lead: String = document.lead.iter().map(|part| self::part(part, charts)).collect();
    let sections = || document.sections.iter().zip(&anchors);
    let contents: String = sections()
        .map(|(section, anchor)| format!("<li><a href=\"#{anchor}\">{}</a></li>\n", escaped(&section.title)))
        .collect();
    let sections: String =
        sections().map(|(section, anchor)| self::section(section, anchor, charts)).collect();
    format!(
        "<main>\n<header>\n<h1>{title}</h1>\n{lead}</header>\n\
         <nav aria-label=\"Contents\">\n<ul>\n{contents}</ul>\n</nav>\n{sections}</main>\n"
    )
}

fn section(section: &Section, anchor: &str, charts: &[Chart]) -> String {
    let parts: String = section.parts.iter().map(|part| self::part(part, charts)).collect();
    format!(
        "<section aria-labelledby=\"{anchor}\">\n<h2 id=\"{anchor}\">{}</h2>\n{parts}</section>\n",
        escaped(&section.title)
    )
}

/// The sections' titles as identifiers, each another.
fn anchors(sections: &[Section]) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for section in sections {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let title: String = section.title.chars().map(letter).collect();
        let mut numbered = (2..).map(|again| format!("{title}-{again}"));
        let mut anchor = title.clone();
        while anchors.contains(&anchor) {
            anchor = numbered.next().unwrap_or_default();
        }
        anchors.push(anchor);
    }
    anchors
}

fn part(part: &Part, charts: &[Chart]) -> String {
    match part {
        Part::Paragraph(text) => format!("<p>{}</p>\n", escaped(text)),
        Part::Verdict(text) => format!("<p class=\"verdict\">{}</p>\n", escaped(text)),
        Part::Alarm(text) => {
            format!("<p class=\"alarm\"><strong>Read with care.</strong> {}</p>\n", escaped(text))
        }
        Part::Invalid(text) => {
            format!("<p class=\"alarm invalid\"><strong>INVALID.</strong> {}</p>\n", escaped(text))
        }
        Part::List(items) => {
            let items: String = items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
            format!("<ul>\n{items}</ul>\n")
        }
        Part::Table(table) => self::table(table, ""),
        Part::Sortable(table) => sortable(table),
        Part::Chart(part) => chart(part, charts),
        // A long one scrolls, and so must be reached without a mouse.
        Part::Command(command) => {
            format!(
                "<pre role=\"region\" tabindex=\"0\" aria-label=\"Command\"><code>{}</code></pre>\n",
                escaped(command)
            )
        }
        Part::Terms(terms) => {
            let terms: String = terms
                .iter()
                .map(|(term, meaning)| format!("<dt>{}</dt><dd>{}</dd>\n", escaped(term), escaped(meaning)))
                .collect();
            format!("<dl>\n{terms}</dl>\n")
        }
    }
}

/// A table with what the script finds those by that it may sort. One row needs no order.
fn sortable(table: &Table) -> String {
    self::table(table, if table.rows.len() > 1 { " data-sortable=\"true\"" } else { "" })
}

/// A wide table scrolls by itself, so that the page need not; those who use no mouse can reach it.
fn table(table: &Table, attributes: &str) -> String {
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
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table{attributes}>\n\
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
    if let Some(value) = cell.value.filter(|value| value.is_finite()) {
        let place = cell.pointer.as_ref();
        let place = place.map_or_else(String::new, |place| format!(" data-figure=\"{}\"", escaped(place)));
        text = format!("<data value=\"{value}\"{place}>{text}</data>");
    }
    if let Some(note) = &cell.note {
        text += &format!(" <span class=\"note\">{}</span>", escaped(note));
    }
    if let Some(found) = cell.verdict.map(verdict) {
        text += &format!(" <span class=\"found {found}\">{found}</span>");
    }
    text
}

/// A chart as a drawing, with its name and description for those who cannot see it, and its figures as tables. The script
/// finds it by its name.
fn chart(part: &ChartPart, charts: &[Chart]) -> String {
    let ChartPart { name, caption, description } = part;
    let (caption, description) = (escaped(caption), escaped(description));
    let chart = charts.iter().find(|chart| chart.name == *name);
    let picture = match chart.map(Chart::svg) {
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
    let tables: String = chart.into_iter().flat_map(Chart::tables).map(|table| sortable(&table)).collect();
    let figures = match tables.is_empty() {
        true => String::new(),
        false => format!("<details>\n<summary>The figures of this chart</summary>\n{tables}</details>\n"),
    };
    format!(
        "<figure data-chart=\"{name}\">\n<figcaption>{caption}.</figcaption>\n\
         <div class=\"still scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Drawing: {caption}\">\n{picture}</div>\n\
         {figures}</figure>\n"
    )
}

/// Text of others made harmless, in one line: in an element and in an attribute.
pub(super) fn escaped(text: &str) -> String {
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
