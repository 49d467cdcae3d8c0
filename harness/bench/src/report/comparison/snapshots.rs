//! Every output format of fixed comparisons, against the files in `tests/fixtures/comparison`.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench comparison`, then read the difference.

use super::fixture::{self, Compared, GO, GO_AGAIN, RUST, batches, full, swept};
use super::{quantity, render, words};
use crate::report::page::tests::{assert_whole, bare};
use crate::report::{Format, Style};
use bench_model::metric::Metric;
use bench_model::plan::TargetPlan;
use bench_model::warning::Verdict;
use std::path::PathBuf;

const PLAIN: Style = Style { colour: false, width: 80 };

/// Compares with the file, or writes it where `BLESS` is set.
fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/comparison")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the fixtures can be written");
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs from the rendering below; set BLESS=1 if that is meant\n{text}");
}

/// What a comparison may look like, by the name of its snapshots.
fn cases() -> Vec<(&'static str, Compared)> {
    vec![
        ("full", full()),
        ("too-few", Compared::new(&[RUST, GO], 3)),
        ("one-block", Compared::new(&[RUST, GO], 1)),
        ("alike", Compared::new(&[GO, GO_AGAIN], 10)),
        ("no-memory", without_memory()),
        ("none-used", none_used()),
        ("sweep", swept(&[RUST, GO], 11)),
        ("sweep-alone", swept(&[GO], 11)),
        ("thresholds", with_thresholds()),
        ("batches", batches(&[RUST, GO], 11)),
    ]
}

/// A server that bench did not start, of which nothing is known but what it answers.
fn without_memory() -> Compared {
    Compared::changed(&[RUST, GO], 10, |plan, blocks| {
        let entrant = &mut plan.entrants[1];
        entrant.label = "http://127.0.0.1:8080".to_owned();
        entrant.plan.target = TargetPlan::Url { url: entrant.label.clone(), pid: None };
        (entrant.artefact_bytes, entrant.source) = (None, None);
        let others = blocks.iter_mut().flat_map(|block| &mut block.runs);
        for run in others.filter(|run| run.slot == bench_model::comparison::Slot::Entrant(1)) {
            run.report.target = None;
        }
    })
}

/// Thresholds that come out in every way.
fn with_thresholds() -> Compared {
    const ALL: [&str; 5] = [
        "p99>50ms",
        "startup>1s",
        "service.p99>1ms",
        "any worse than base by 60%",
        "memory.peak worse than base by 62%",
    ];
    Compared::changed(&[RUST, GO], 10, |plan, _| {
        plan.fail_if = ALL.iter().map(|text| text.parse().expect("a threshold")).collect();
    })
}

fn none_used() -> Compared {
    Compared::changed(&[RUST, GO], 6, |_, blocks| {
        for run in blocks.iter_mut().flat_map(|block| &mut block.runs) {
            run.report.verdict = Verdict::Invalid;
            run.report.warnings = vec![fixture::warning("machine-busy", "others used 41% of the machine")];
        }
        blocks.truncate(2);
    })
}

#[test]
fn formats() {
    for (name, compared) in cases() {
        let source = compared.source();
        for (format, ending) in [(Format::Text, "txt"), (Format::Markdown, "md")] {
            assert_snapshot(&format!("{name}.{ending}"), &render(format, &source, PLAIN));
        }
        if ["full", "none-used", "sweep"].contains(&name) {
            assert_snapshot(&format!("{name}.html"), &bare(&render(Format::Html, &source, PLAIN)));
        }
    }
    let smallest = Compared::new(&[RUST, GO], 1);
    assert_snapshot("one-block.json", &render(Format::Json, &smallest.source(), PLAIN));
    assert_snapshot("sweep.json", &render(Format::Json, &swept(&[GO], 1).source(), PLAIN));
}

#[test]
fn text_fits_the_terminal() {
    for (name, compared) in cases() {
        let text = render(Format::Text, &compared.source(), PLAIN);
        let free = ["To repeat it", "Report"];
        for line in text.lines().filter(|line| !free.iter().any(|word| line.starts_with(word))) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn labels_that_are_cut_stay_apart() {
    let compared = Compared::changed(&[RUST, GO, GO], 1, |plan, _| {
        plan.entrants[1].label = "https://bench.example:8443/first".to_owned();
        plan.entrants[2].label = "https://bench.example:8443/other".to_owned();
    });
    let text = render(Format::Text, &compared.source(), PLAIN);
    for label in ["https://b..8443/first ", "https://b..8443/other "] {
        assert!(text.contains(label), "{text}");
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let compared = full();
    let painted = render(Format::Text, &compared.source(), Style { colour: true, ..PLAIN });
    let mut pieces = painted.split('\u{1b}');
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        bare += piece.split_once('m').expect("an SGR sequence ends in m").1;
    }
    assert_eq!(bare, render(Format::Text, &compared.source(), PLAIN));
    assert_ne!(bare, painted);
}

#[test]
fn the_numbers_are_those_of_the_comparison() {
    let compared = full();
    let (source, comparison) = (compared.source(), &compared.comparison);
    let text = render(Format::Text, &source, PLAIN);
    for pair in &comparison.pairs {
        let section =
            &text[text.find(&format!("{} (", pair.metric.title())).expect("every metric is there")..];
        let line = section.lines().find(|line| line.trim_start().starts_with(&pair.label)).expect("a line");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[1], quantity::ratio(pair.ratio), "{line}");
        assert!(line.contains(&quantity::ratio_interval(pair).unwrap_or_default()), "{line}");
        assert!(pair.verdict.is_none_or(|found| line.contains(words::verdict(found))), "{line}");
    }
    for figures in &comparison.figures {
        let line = text.split("Figures:").nth(1).expect("the table").lines();
        let line =
            line.into_iter().find(|line| line.trim_start().starts_with(&figures.label)).expect("a line");
        for metric in [Metric::Tps, Metric::P99, Metric::CpuPerRequest, Metric::MemoryPeak, Metric::StartUp] {
            let shown = quantity::figure(metric, figures.values[&metric].median);
            assert!(line.contains(&shown), "{shown} in {line}");
        }
    }
    // And the other way: no interval and no ratio in the text that is none of the comparison's.
    let known: Vec<String> = comparison.pairs.iter().filter_map(quantity::ratio_interval).collect();
    let shown = text.split('[').skip(1).map(|rest| rest.split(']').next().unwrap_or_default());
    for interval in shown.filter(|text| !text.contains("interval")) {
        let interval = interval.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(known.contains(&format!("[{interval}]")), "{interval}");
    }
    let ratios: Vec<String> = comparison.pairs.iter().map(|pair| quantity::ratio(pair.ratio)).collect();
    let flat: Vec<&str> = text.split_whitespace().collect();
    for pair in
        flat.windows(2).filter(|pair| pair[1] == "times" && pair[0].starts_with(|c: char| c.is_ascii_digit()))
    {
        assert!(ratios.iter().any(|ratio| ratio == pair[0]), "{pair:?}");
    }
}

/// A hundred items in a request are a hundred times the items, and not the requests, of one.
#[test]
fn what_is_counted_in_items_is_nowhere_called_requests() {
    let compared = batches(&[RUST, GO], 11);
    let markdown = render(Format::Markdown, &compared.source(), PLAIN);
    let text = render(Format::Text, &compared.source(), PLAIN);
    for (name, text) in [("markdown", &markdown), ("text", &text)] {
        let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            flat.contains("more items than the same target") && flat.contains("fewer items than rust"),
            "{name}: {flat}"
        );
        for wrong in ["times the requests", "more requests than", "fewer requests than", "CPU/request"] {
            assert!(!flat.contains(wrong), "{name} says {wrong}: {flat}");
        }
    }
    assert!(text.contains(" items/s ") && markdown.contains("| TPS (items) |"), "{text}");
    let charts = crate::charts::comparison::charts(&compared.source());
    for chart in charts.iter().filter(|chart| chart.name != "comparison-latency") {
        assert!(!chart.description.contains("TPS:"), "{}: {}", chart.name, chart.description);
    }
}

/// Labels and words that try to be markup.
fn hostile() -> Compared {
    let mut compared = Compared::changed(&[RUST, GO], 6, |plan, blocks| {
        plan.question = "<script>alert(1)</script> | `x` & \"y\"".to_owned();
        plan.entrants[1].label = "go@<b>|`*\u{1b}[31m".to_owned();
        plan.entrants[1].plan.scenario = "other \u{1} scenario".to_owned();
        for run in blocks.iter_mut().flat_map(|block| &mut block.runs) {
            run.report
                .warnings
                .push(fixture::warning("odd", "log: </style><img src=\"http://a.example/x.png\">|"));
        }
    });
    compared.claims = full().claims;
    compared.claims[0].finding = "]]></table>".to_owned();
    compared
}

#[test]
fn html_is_well_formed_and_fetches_nothing() {
    for (name, compared) in cases().into_iter().chain([("hostile", hostile())]) {
        assert_whole(name, &render(Format::Html, &compared.source(), PLAIN));
    }
}

#[test]
fn markdown_keeps_the_text_of_others_text() {
    let text = render(Format::Markdown, &hostile().source(), PLAIN);
    for markup in ["<script", "<b>", "<img", "\u{1b}", "\u{1}"] {
        assert!(!text.replace("\\<", "").contains(markup), "{markup}");
    }
    // Each row has as many unescaped bars as its table's head.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    for table in text.split("\n\n").filter(|block| block.starts_with('|')) {
        let mut counts: Vec<usize> = table.lines().map(bars).collect();
        counts.dedup();
        assert_eq!(counts.len(), 1, "{table}");
    }
    assert!(text.contains("NOT EQUAL"), "a scenario that differs is said: {text}");
}

#[test]
fn a_sweep_may_differ_from_value_to_value_only() {
    let text = |compared: &Compared| render(Format::Markdown, &compared.source(), PLAIN);
    let mut compared = swept(&[RUST, GO], 1);
    assert!(!text(&compared).contains("NOT EQUAL") && text(&compared).contains("| Load | swept: closed: 1 "));
    compared.plan.entrants[5].plan.duration_s = 9.0;
    let unequal = "| NOT EQUAL: 8 s (rust conns=1, rust conns=10, rust conns=1000, go conns=1, go conns=10); 9 s (go conns=1000) |";
    assert!(text(&compared).contains(unequal), "{}", text(&compared));
}

#[test]
fn in_a_sweep_thresholds_hold_targets_against_each_other_and_not_a_target_against_itself() {
    for targets in [&[RUST, GO][..], &[GO]] {
        let mut plan = swept(targets, 1).plan;
        plan.fail_if = vec!["tps worse than base by 5%".parse().expect("a threshold")];
        let refused = plan.cannot_be_had(&plan.fail_if[0]);
        assert_eq!(refused.is_some(), targets.len() == 1, "{refused:?}");
        assert_eq!(plan.threshold_tests(), if targets.len() == 1 { 0 } else { 3 });
    }
}

#[test]
fn json_is_one_object_with_plain_numbers() {
    let compared = full();
    let text = render(Format::Json, &compared.source(), PLAIN);
    let value: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(value["schema"], "bench-compare/1");
    assert_eq!(value["pairs"][0]["ratio"], compared.comparison.pairs[0].ratio);
    assert_eq!(value["blocks"]["used"], 9);
}
