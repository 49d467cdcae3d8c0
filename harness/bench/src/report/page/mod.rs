//! A report as one HTML file that needs no other. Its charts are drawings, which a script in the page draws again from data in
//! the page, so that they can be asked for values; where scripts may not run, all that is written stays.
//!
//! But for what is in its scripts and its style sheet the page is well-formed XML, so that a test can read it. The browser is
//! told to fetch nothing, and to run and apply nothing but what was written here.

mod markup;
#[cfg(test)]
pub(crate) mod tests;

use super::document::Document;
use crate::charts::{Chart, ChartData};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use markup::escaped;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// How the page looks: the library's own sheet first.
const LOOK: &str = concat!(include_str!("vendor/uPlot.min.css"), "\n", include_str!("page.css"));

/// The library that draws the charts again, as it is published.
const LIBRARY: &str = include_str!("vendor/uPlot.iife.min.js");

/// What the page does where scripts may run. The files share one scope.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("script/element.js"),
    include_str!("script/table.js"),
    include_str!("script/stroke.js"),
    include_str!("script/axis.js"),
    include_str!("script/lines.js"),
    include_str!("script/board.js"),
    include_str!("script/chart.js"),
    include_str!("script/page.js"),
    "})();\n"
);

/// The schema of the data in the page.
const SCHEMA: &str = "bench-page/1";

/// What a page is made from.
#[derive(Debug, Clone)]
pub(crate) struct Page<'a> {
    /// `run`, `comparison` or `capacity`.
    pub(crate) kind: &'static str,
    pub(crate) document: &'a Document,
    /// Those that the document shows.
    pub(crate) charts: &'a [Chart],
    /// What the JSON format prints.
    pub(crate) report: Value,
}

/// The data in the page.
#[derive(Serialize)]
struct Data<'a> {
    schema: &'static str,
    kind: &'static str,
    /// The figures, as the JSON format has them. Without the plan, which may hold megabytes of requests.
    report: &'a Value,
    charts: Vec<ChartData>,
}

/// Writes the page. The text ends in a line feed.
pub(crate) fn render(page: &Page<'_>) -> String {
    let mut report = page.report.clone();
    if let Some(fields) = report.as_object_mut() {
        fields.remove("plan");
    }
    let charts = page.charts.iter().map(Chart::data).collect();
    let data = Data { schema: SCHEMA, kind: page.kind, report: &report, charts };
    let title = escaped(&page.document.title);
    let body = markup::body(page.document, page.charts);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\"/>\n\
         <title>{title}</title>\n<style>{LOOK}</style>\n</head>\n<body>\n{body}\
         <script type=\"application/json\" id=\"page-data\">{}</script>\n\
         <script>{LIBRARY}</script>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        policy(),
        json(&data)
    )
}

/// What the browser may do: nothing but to apply this sheet and to run these scripts, which it knows by their hashes.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
    let [look, library, script] = [LOOK, LIBRARY, SCRIPT].map(hash);
    format!(
        "default-src 'none'; style-src {look}; script-src {library} {script}; base-uri 'none'; form-action 'none'"
    )
}

/// JSON that neither HTML nor XML reads as markup: these characters stand in strings alone.
fn json(data: &Data<'_>) -> String {
    let text = serde_json::to_string(data)
        .expect("a report has only string keys, and serde_json writes null for what is not finite");
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}' => {
                safe += &format!("\\u{:04x}", c as u32);
            }
            c => safe.push(c),
        }
    }
    safe
}
