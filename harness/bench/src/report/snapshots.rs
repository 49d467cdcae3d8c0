//! Every output format of one fixed run, against the files in `tests/fixtures`.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench snapshots`, then read the difference.

use super::audit::{self, Audited};
use super::page::tests::bare;
use super::timeline::Timeline;
use super::{Format, RunSource, Style, fixture, hgrm, ndjson, render};
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::scenario::Scenario;
use bench_model::warning::Verdict;
use std::path::PathBuf;

const PLAIN: Style = Style { colour: false, width: 80 };

fn rendered(format: Format, record: &RunRecord, style: Style) -> String {
    let (report, timeline) = (RunReport::of(record), Timeline::of(record));
    let lines = ndjson::lines(&report, record.intervals.iter());
    render(format, &RunSource { report: &report, timeline: &timeline, lines: &lines }, style)
}

/// Compares with the file, or writes it where `BLESS` is set.
pub(super) fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the fixtures can be written");
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs from the rendering below; set BLESS=1 if that is meant\n{text}");
}

#[test]
fn formats() {
    for (format, name) in [
        (Format::Text, "run.txt"),
        (Format::Json, "report.json"),
        (Format::Csv, "run.csv"),
        (Format::Markdown, "run.md"),
    ] {
        assert_snapshot(name, &rendered(format, &fixture::stored(), PLAIN));
    }
    assert_snapshot("run.html", &bare(&rendered(Format::Html, &fixture::stored(), PLAIN)));
    assert_snapshot("run.hgrm", &hgrm::render(&Timeline::of(&fixture::stored()).latencies));
}

#[test]
fn a_targets_own_metrics_are_in_every_format_but_the_screen() {
    let record = fixture::scraped();
    for (format, name) in [(Format::Csv, "scraped.csv"), (Format::Markdown, "scraped.md")] {
        assert_snapshot(name, &rendered(format, &record, PLAIN));
    }
    assert_snapshot("scraped.html", &bare(&rendered(Format::Html, &record, PLAIN)));
    let json = rendered(Format::Json, &record, PLAIN);
    let report: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    let heap = &report["summary"]["metrics"]["heap_bytes"];
    assert_eq!(heap, &serde_json::json!({"median": 15e6, "max": 21e6, "readings": 7}));
    let text = rendered(Format::Text, &record, PLAIN);
    assert_eq!(text, rendered(Format::Text, &fixture::stored(), PLAIN));
}

#[test]
fn a_figure_that_is_a_lower_bound_says_so_itself() {
    let record = fixture::stalled();
    assert_snapshot("stalled.txt", &rendered(Format::Text, &record, PLAIN));
    assert!(rendered(Format::Markdown, &record, PLAIN).contains("| P99 | >= 9.999 s |"));
    assert!(!rendered(Format::Json, &record, PLAIN).contains(">="));
}

/// The same run, with what must not be of it.
fn held_against(mut record: RunRecord, thresholds: &[&str]) -> RunRecord {
    record.plan.fail_if = thresholds.iter().map(|text| text.parse().expect("a threshold")).collect();
    record
}

#[test]
fn thresholds_are_told_in_every_format_but_that_of_intervals() {
    const ALL: [&str; 6] =
        ["p99>20ms", "tps<10k", "memory.peak>100MiB", "errors>0%", "cpu>1us", "startup>1s"];
    let record = held_against(fixture::stored(), &ALL);
    for (format, name) in [(Format::Text, "thresholds.txt"), (Format::Markdown, "thresholds.md")] {
        assert_snapshot(name, &rendered(format, &record, PLAIN));
    }
    let json: serde_json::Value =
        serde_json::from_str(&rendered(Format::Json, &record, PLAIN)).expect("JSON");
    assert_eq!(json["thresholds"].as_array().map(Vec::len), Some(6));
    assert_eq!(json["thresholds"][0]["threshold"], "p99>20ms");
    assert_eq!(json["thresholds"][0]["outcome"], "failed");
    assert_eq!(json["thresholds"][0]["measured"]["value"], json["summary"]["latency_us"]["p99"]);
    assert_eq!(json["plan"]["fail_if"], serde_json::json!(ALL));
    let csv = |record: &RunRecord| rendered(Format::Csv, record, PLAIN);
    assert_eq!(csv(&record), csv(&fixture::stored()));
}

#[test]
fn the_thresholds_of_an_invalid_run_are_not_looked_at() {
    let record = held_against(fixture::invalid(), &["p99>1us", "tps<10k"]);
    for (format, part) in [
        (Format::Text, "Thresholds: not evaluated, since the run is invalid"),
        (Format::Markdown, "**Thresholds: not evaluated, since the run is invalid.**"),
        (Format::Json, "\"outcome\": \"not-evaluated\""),
    ] {
        let text = rendered(format, &record, PLAIN);
        assert!(text.contains(part), "{text}");
        assert!(!text.contains("\"failed\"") && !text.contains("**failed**"), "{text}");
    }
}

#[test]
fn audits() {
    let scenario = Scenario::parse(include_str!("../../../../scenarios/json-echo.toml")).expect("it loads");
    let all: Vec<Audited> = scenario.claim.into_iter().map(Audited::of_claim).collect();
    assert_snapshot("audit.txt", &audit::text(&all));
    assert_snapshot("audit.json", &audit::json(Some(&scenario.name), &all));
    assert_snapshot("audit-one.txt", &audit::text(&all[..1]));
}

#[test]
fn an_invalid_run_says_so_in_every_format() {
    let record = fixture::invalid();
    assert_eq!(RunReport::of(&record).verdict, Verdict::Invalid);
    for (format, name, word) in [
        (Format::Text, "invalid.txt", "INVALID"),
        (Format::Json, "invalid.json", "\"verdict\": \"invalid\""),
        (Format::Csv, "invalid.csv", ",invalid,"),
        (Format::Markdown, "invalid.md", "INVALID"),
    ] {
        let text = rendered(format, &record, PLAIN);
        assert!(text.contains(word), "{text}");
        assert_snapshot(name, &text);
    }
    let page = rendered(Format::Html, &record, PLAIN);
    assert!(page.contains("<strong>INVALID.</strong>"), "{page}");
    assert_snapshot("invalid.html", &bare(&page));
}

#[test]
fn text_without_a_target_or_a_request() {
    let mut record = fixture::stored();
    record.observations.idle = None;
    record.observations.steady = Some(false);
    record.intervals.iter_mut().for_each(|interval| interval.target = None);
    assert_snapshot("no-target.txt", &rendered(Format::Text, &record, PLAIN));
    record.intervals = vec![fixture::interval(bench_model::interval::Phase::Measure, 0.0)];
    assert_snapshot("no-requests.txt", &rendered(Format::Text, &record, PLAIN));
}

#[test]
fn text_fits_one_screen_whatever_went_wrong() {
    let mut record = held_against(fixture::invalid(), &["p50>1ms", "p90>1ms", "p99>1ms", "tps<1", "tps<2"]);
    record.plan.scenario = "a-scenario-with-a-name-of-great-length".repeat(3);
    record.observations.interrupted_by = Some("SIGINT".to_owned());
    record.observations.connections_open = 1;
    let exit = record.observations.target_exit.as_mut().expect("it died");
    exit.log_tail = vec!["\u{1b}[31mnowordbreaks".repeat(40); 10];
    record.machine.cpus = 1;
    record.plan.target_cpus = record.plan.generator_cpus.clone();
    for interval in &mut record.intervals {
        interval.steal_s = 0.3;
        interval.generator_cpu_s = 0.99;
        if let Some(sample) = &mut interval.target {
            sample.pss_bytes = None;
        }
    }
    for width in [0, 60, 80, 200] {
        let text = rendered(Format::Text, &record, Style { width, ..PLAIN });
        let report = RunReport::of(&record);
        assert!(!text.contains('\u{1b}'), "no control characters of a log");
        if width >= 80 {
            assert!(text.lines().count() <= 44, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            let last = report.warnings.last().expect("there are many");
            assert!(text.contains(&last.code), "the last warning is named: {text}");
        }
    }
    let text = rendered(Format::Text, &record, PLAIN);
    assert_snapshot("worst.txt", &text);
}

#[test]
fn colour_changes_nothing_but_colour() {
    let plain = rendered(Format::Text, &fixture::invalid(), PLAIN);
    let painted = rendered(Format::Text, &fixture::invalid(), Style { colour: true, ..PLAIN });
    let mut bare = String::new();
    let mut rest = painted.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        bare += &rest[..at];
        rest = &rest[at..];
        rest = &rest[rest.find('m').expect("an SGR sequence ends in m") + 1..];
    }
    assert_eq!(bare + rest, plain);
    assert_ne!(painted, plain);
}
