//! Every output format of fixed histories, against the files in `tests/fixtures/history`.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench history`, then read the difference.

use super::fixture::{cases, stepped};
use super::{HistoryFormat, HistorySource, render};
use crate::report::Style;
use bench_model::history::History;
use bench_model::metric::Metric;
use std::path::PathBuf;

const PLAIN: Style = Style { colour: false, width: 80 };

fn rendered(format: HistoryFormat, history: &History, style: Style) -> String {
    render(format, &HistorySource { history, unreadable: 0 }, style)
}

/// Compares with the file, or writes it where `BLESS` is set.
fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/history")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the fixtures can be written");
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs from the rendering below; set BLESS=1 if that is meant\n{text}");
}

#[test]
fn formats() {
    for (name, history) in cases() {
        assert_snapshot(&format!("{name}.txt"), &rendered(HistoryFormat::Text, &history, PLAIN));
        if ["stepped", "apart"].contains(&name) {
            assert_snapshot(&format!("{name}.md"), &rendered(HistoryFormat::Markdown, &history, PLAIN));
        }
    }
}

#[test]
fn programs_get_the_method_and_every_run() {
    let history = stepped();
    let json: serde_json::Value =
        serde_json::from_str(&rendered(HistoryFormat::Json, &history, PLAIN)).expect("it is JSON");
    assert_eq!(json["schema"], "bench-history/1");
    assert_eq!((&json["method"]["level"], &json["method"]["fewest_runs"]), (&0.01.into(), &10.into()));
    let group = &json["groups"][0];
    assert_eq!(group["points"].as_array().map(Vec::len), Some(24));
    assert_eq!(group["left_out"][0]["why"], "invalid");
    assert_eq!(group["left_out"][1]["signal"], "SIGINT");
    let p99 = &group["series"][1];
    assert_eq!((&p99["metric"], p99["changes"].as_array().map(Vec::len)), (&"p99".into(), Some(1)));
    let change = &p99["changes"][0];
    assert_eq!(
        (&change["id"], &change["direction"]),
        (&"20260117T101500Z-json-echo-rust-c1000".into(), &"worse".into())
    );
    let at = change["at"].as_u64().expect("an index") as usize;
    assert_eq!(group["points"][at]["id"], change["id"]);
    assert!((change["part"].as_f64().expect("a part") - 0.15).abs() < 0.02);
}

/// Enough runs, and a metric that none of them has.
#[test]
fn what_nobody_measured_is_not_called_too_few_runs() {
    let (_, flat) = cases().remove(2);
    let mut group = flat.groups[0].clone();
    group.series.retain(|series| series.runs == 0 || series.metric == Metric::CpuPerRequest);
    group.series[0].runs = 0;
    group.series[0].is_enough = false;
    assert_eq!(group.points.len(), 14);
    let said = super::words::nothing(&group).unwrap_or_default();
    assert_eq!(said, "No change point. Too few runs have CPU per request.");
}

#[test]
fn text_fits_the_terminal_and_obeys_no_name() {
    for (name, history) in cases() {
        for width in [40, 80] {
            let text = rendered(HistoryFormat::Text, &history, Style { width, ..PLAIN });
            assert!(!text.contains('\u{1b}'), "{name}");
            // A table has its width; what a run was warned of is prose.
            let prose =
                text.lines().filter(|line| !line.starts_with("2026-") && !line.starts_with("started"));
            for line in prose {
                assert!(line.chars().count() <= width, "{name}: {line}");
            }
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{name}: {text}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let painted = rendered(HistoryFormat::Text, &stepped(), Style { colour: true, ..PLAIN });
    let mut pieces = painted.split('\u{1b}');
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        bare += piece.split_once('m').expect("an SGR sequence ends in m").1;
    }
    assert_eq!(bare, rendered(HistoryFormat::Text, &stepped(), PLAIN));
    assert_ne!(bare, painted);
}
