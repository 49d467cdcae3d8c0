//! That every page is whole, true to its report and harmless, whatever is in it; and the pages for the tests in a browser.

use super::*;
use crate::report::capacity::fixture as searches;
use crate::report::comparison::fixture::{self as comparisons, Compared, GO, RUST};
use crate::report::timeline::Timeline;
use crate::report::{Format, RunSource, Style, capacity, comparison, fixture, gate};
use bench_model::interval::{Interval, Phase};
use bench_model::plan::TargetPlan;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use roxmltree::Node;
use std::path::Path;
use std::sync::OnceLock;

const PLAIN: Style = Style { colour: false, width: 80 };

/// What tries to be markup, in a name.
const HOSTILE: &str = "</script><script>alert(1)</script><img src=\"http://a.example/x.png\"> & 'x' ]]> --> \u{1b}[31m \u{2028}";

/// The page without its style sheet, scripts, data, policy and drawings: what a snapshot is to show.
pub(crate) fn bare(html: &str) -> String {
    let html = without(html, ("<style>", "</style>"), "...");
    let html = without(&html, ("<script>", "</script>"), "...");
    let html = without(&html, ("id=\"page-data\">", "</script>"), "...");
    let html = without(&html, ("Policy\" content=\"", "\"/>"), "...");
    without(&html, ("</desc>", "</svg>"), "")
}

/// The text with other words between each pair of ends.
fn without(html: &str, (start, end): (&str, &str), words: &str) -> String {
    let mut pieces = html.split(start);
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let rest = &piece[piece.find(end).unwrap_or_else(|| panic!("{start} has no {end}"))..];
        text += &format!("{start}{words}{rest}");
    }
    text
}

fn run(record: &RunRecord) -> [String; 2] {
    let (report, timeline) = (RunReport::of(record), Timeline::of(record));
    let source = RunSource { report: &report, timeline: &timeline, lines: "" };
    [Format::Html, Format::Json].map(|format| crate::report::render(format, &source, PLAIN))
}

fn compared(compared: &Compared) -> [String; 2] {
    [Format::Html, Format::Json].map(|format| comparison::render(format, &compared.source(), PLAIN))
}

fn sought(sought: &searches::Sought) -> [String; 2] {
    [Format::Html, Format::Json].map(|format| capacity::render(format, &sought.source(), PLAIN))
}

/// A run of 15 minutes.
fn long() -> RunRecord {
    let mut record = fixture::stored();
    let twelve = std::mem::take(&mut record.intervals);
    let stretched = (0..900).map(|second| Interval {
        start_s: f64::from(second),
        phase: if second < 30 { Phase::WarmUp } else { Phase::Measure },
        ..twelve[second as usize % 12].clone()
    });
    record.intervals = stretched.collect();
    record
}

fn hostile_run() -> RunRecord {
    let mut record = fixture::scraped();
    record.plan.scenario = HOSTILE.to_owned();
    record.id = HOSTILE.to_owned();
    record.started_at = HOSTILE.to_owned();
    record.machine.cpu = HOSTILE.to_owned();
    record.observations.scrape_fault = Some(HOSTILE.to_owned());
    if let TargetPlan::Managed { manifest } = &mut record.plan.target {
        manifest.name = HOSTILE.to_owned();
        manifest.metric[0].name = HOSTILE.to_owned();
    }
    record.observations.interrupted_by = Some(HOSTILE.to_owned());
    record
}

fn hostile_comparison() -> Compared {
    Compared::changed(&[RUST, GO], 6, |plan, blocks| {
        plan.question = HOSTILE.to_owned();
        plan.entrants[1].label = HOSTILE.to_owned();
        for run in blocks.iter_mut().flat_map(|block| &mut block.runs) {
            run.report.warnings.push(comparisons::warning("odd", HOSTILE));
        }
    })
}

fn hostile_search() -> searches::Sought {
    let rename = |plan: &mut bench_model::capacity::CapacityPlan| {
        plan.targets[0].label = HOSTILE.to_owned();
        plan.targets[1].label = "<b>".to_owned();
    };
    searches::Sought::changed(&[searches::RUST, searches::GO], rename, &|_, _| (), usize::MAX)
}

/// A page and the JSON of its report, with a name.
type Named = (String, [String; 2]);

/// Every sort of page. They are drawn once for all tests, which takes seconds.
fn pages() -> &'static [Named] {
    static PAGES: OnceLock<Vec<Named>> = OnceLock::new();
    PAGES.get_or_init(drawn)
}

fn drawn() -> Vec<Named> {
    let mut empty = fixture::stored();
    empty.intervals.clear();
    let mut pages: Vec<Named> = [
        ("run", fixture::stored()),
        ("run-invalid", fixture::invalid()),
        ("run-stalled", fixture::stalled()),
        ("run-scraped", fixture::scraped()),
        ("run-open", fixture::open()),
        ("run-long", long()),
        ("run-empty", empty),
        ("run-hostile", hostile_run()),
    ]
    .into_iter()
    .map(|(name, record)| (name.to_owned(), run(&record)))
    .collect();
    let comparisons = [
        ("comparison", comparisons::full()),
        ("comparison-sweep", comparisons::swept(&[RUST, GO], 11)),
        ("comparison-hostile", hostile_comparison()),
    ];
    pages.extend(comparisons.iter().map(|(name, value)| ((*name).to_owned(), compared(value))));
    let searches = searches::cases().into_iter().chain([("hostile", hostile_search())]);
    pages.extend(searches.map(|(name, value)| (format!("capacity-{name}"), sought(&value))));
    pages.extend(gate::snapshots::pages());
    pages
}

#[test]
fn every_page_is_whole_and_fetches_nothing() {
    for (name, [html, json]) in pages() {
        assert_whole(name, html);
        let report: Value = serde_json::from_str(json).expect("it is JSON");
        assert_true(name, html, &report);
    }
}

/// That a page is well-formed, names everything once, fetches nothing, and can be read by those who see no chart.
pub(crate) fn assert_whole(name: &str, html: &str) {
    let bare = bare(html);
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let parsed = roxmltree::Document::parse_with_options(&bare, options);
    let document = parsed.unwrap_or_else(|error| panic!("{name}: {error}"));
    let elements = || document.descendants().filter(Node::is_element);
    for element in elements() {
        for attribute in element.attributes() {
            let fetches = ["src", "href", "xlink:href", "data", "srcset", "poster", "action", "style"];
            let outside = fetches.contains(&attribute.name()) && !attribute.value().starts_with('#');
            let address = attribute.value().contains("url(") || attribute.name().starts_with("on");
            assert!(!outside && !address, "{name}: {attribute:?}");
        }
    }
    let count = |tag: &str| elements().filter(|element| element.has_tag_name(tag)).count();
    let counts = ["h1", "style", "script", "img", "link", "iframe"].map(count);
    assert_eq!(counts, [1, 1, 3, 0, 0, 0], "{name}");
    for table in elements().filter(|element| element.has_tag_name("table")) {
        assert!(table.children().any(|child| child.has_tag_name("caption")), "{name}: a table's caption");
        let rows = table.descendants().filter(|node| node.has_tag_name("tr"));
        let mut widths: Vec<usize> =
            rows.map(|row| row.children().filter(Node::is_element).count()).collect();
        widths.dedup();
        assert_eq!(widths.len(), 1, "{name}: rows of one width");
    }
    for picture in elements().filter(|element| element.has_tag_name("svg")) {
        let has = |tag: &str| picture.children().any(|child| child.has_tag_name(tag));
        assert!(has("title") && has("desc"), "{name}: a chart in words");
    }
    let ids: Vec<&str> = elements().filter_map(|element| element.attribute("id")).collect();
    for link in elements().filter_map(|element| element.attribute("href")) {
        assert_eq!(ids.iter().filter(|known| **known == &link[1..]).count(), 1, "{name}: {link}");
    }
    let regions = || elements().filter(|element| element.attribute("role") == Some("region"));
    let mut labels: Vec<&str> = regions().filter_map(|region| region.attribute("aria-label")).collect();
    labels.sort_unstable();
    for names in [&labels, &{
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted
    }] {
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{name}: each name once: {names:?}");
    }
    assert_eq!(labels.len(), regions().count(), "{name}: every region has a name");
}

/// That the page's data are those of the report, and its figures too.
fn assert_true(name: &str, html: &str, report: &Value) {
    let data = html.split("id=\"page-data\">").nth(1).and_then(|rest| rest.split("</script>").next());
    let data: Value = serde_json::from_str(data.expect("the data")).expect("they are JSON");
    let mut expected = report.clone();
    expected.as_object_mut().expect("an object").remove("plan");
    assert_eq!(data["report"], expected, "{name}");
    let bare = bare(html);
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    let document = roxmltree::Document::parse_with_options(&bare, options).expect("it is well-formed");
    let figures = document.descendants().filter_map(|node| Some((node, node.attribute("data-figure")?)));
    let mut seen = 0;
    for (node, pointer) in figures {
        let value: f64 = node.attribute("value").and_then(|value| value.parse().ok()).expect("a number");
        assert_eq!(report.pointer(pointer).and_then(Value::as_f64), Some(value), "{name}: {pointer}");
        seen += 1;
    }
    let is_bare = ["capacity-nothing-ran", "run-empty", "gate-none-used"].contains(&name);
    assert!(seen > 0 || is_bare, "{name} has figures");
}

/// A script sorts a column by the numbers that its cells have beside their words, and else by the words.
#[test]
fn every_number_of_a_table_that_can_be_sorted_is_one() {
    for (name, [html, _]) in pages() {
        for table in html.split("<table data-sortable").skip(1) {
            let table = table.split("</table>").next().unwrap_or_default();
            for cell in table.split("<td class=\"number\">").skip(1) {
                let text = cell.split("</td>").next().unwrap_or_default();
                let has_value = text.starts_with("<data value=");
                assert!(has_value || !text.contains(|c: char| c.is_ascii_digit()), "{name}: {text}");
            }
        }
    }
}

#[test]
fn the_policy_names_what_is_in_the_page() {
    let (_, [html, _]) = &pages()[0];
    let between = |start: &str, end: &str| {
        let pieces = html.split(start).skip(1);
        pieces.map(|rest| rest.split(end).next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let policy = between("Policy\" content=\"", "\"/>").remove(0);
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
    let (styles, scripts) = (between("<style>", "</style>"), between("<script>", "</script>"));
    assert_eq!((styles.len(), scripts.len()), (1, 2));
    for content in styles.iter().chain(&scripts) {
        let hash = BASE64.encode(Sha256::digest(content));
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{}", &content[..60]);
        // What a browser reads is what is hashed: it would end the element, or change the line ends.
        for odd in ["</script", "</style", "<!--", "\r", "\u{0}", "@import", "url("] {
            assert!(!content.contains(odd), "{odd:?} in {}", &content[..60]);
        }
    }
}

#[test]
fn what_is_hostile_stays_text() {
    for (name, [html, _]) in pages().iter().filter(|(name, _)| name.ends_with("hostile")) {
        assert!(!html.contains("<img") && !html.contains("<script>alert"), "{name}");
        assert_eq!(html.matches("</script>").count(), 3, "{name}");
        assert!(
            html.contains("&lt;img src=&quot;http://a.example/x.png&quot;&gt;"),
            "{name}: it is there as text"
        );
    }
}

#[test]
fn a_page_of_many_blocks_or_of_a_long_run_stays_small() {
    let [many, _] = compared(&Compared::new(&[RUST, GO, RUST, GO, RUST, GO], 10));
    assert!(many.len() < 1_000_000, "{} bytes", many.len());
    for (name, [html, _]) in pages() {
        assert!(html.len() < 1_000_000, "{name} has {} bytes", html.len());
    }
}

#[test]
fn a_table_of_a_chart_is_thinned_and_says_so() {
    let (_, [html, _]) = pages().iter().find(|(name, _)| name == "run-long").expect("it is drawn");
    let bare = bare(html);
    assert!(bare.contains("(a row is 15 intervals, latencies the worst of them)"));
    let table = bare.split("Latency percentiles over the run (a row is").last().expect("a table");
    let table = table.split("</table>").next().unwrap_or_default();
    assert_eq!(table.matches("<tr>").count(), 61, "{table}");
}

#[test]
#[ignore = "writes pages of most sorts, and the JSON of their reports, into the folder that PAGES names: scripts/test-pages"]
fn write() {
    let folder = std::env::var_os("PAGES").expect("PAGES names a folder");
    let folder = Path::new(&folder);
    // A browser sees nothing else in these than in the others.
    let alike = ["disturbed", "generator", "not-sharp", "nothing-holds", "url", "stalled"];
    let others = pages().iter().filter(|(name, _)| !alike.iter().any(|end| name.ends_with(end)));
    for (name, [html, json]) in others {
        std::fs::write(folder.join(format!("{name}.html")), html).expect("the page is written");
        std::fs::write(folder.join(format!("{name}.json")), json).expect("the report is written");
    }
    let record = fixture::stored();
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    let source = RunSource { report: &report, timeline: &timeline, lines: "" };
    let csv = crate::report::render(Format::Csv, &source, PLAIN);
    std::fs::write(folder.join("run.csv"), csv).expect("the intervals are written");
}
