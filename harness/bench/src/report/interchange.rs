//! The formats that other programs read, of fixed runs, comparisons and searches, against the files in `tests/fixtures/formats`.
//! `scripts/test-formats` gives the same files to those programs, or to validators that were not written here.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench snapshots`, then read the difference.

use super::capacity::fixture as searches;
use super::comparison::fixture::{self as comparisons, Compared, GO, RUST};
use super::format::{Format, Kind};
use super::snapshots::assert_snapshot;
use super::timeline::Timeline;
use super::{RunSource, Style, capacity, comparison, fixture, ndjson, render};
use bench_model::interval::Interval;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;

const PLAIN: Style = Style { colour: false, width: 80 };

/// The formats whose snapshots are kept here, with the ending of their files. The others have theirs elsewhere, but for NDJSON,
/// whose histograms nobody can read in a difference.
const KEPT: [(Format, &str); 9] = [
    (Format::Github, "github.md"),
    (Format::Annotations, "annotations.txt"),
    (Format::Junit, "junit.xml"),
    (Format::GabBigger, "gab-bigger.json"),
    (Format::GabSmaller, "gab-smaller.json"),
    (Format::Bmf, "bmf.json"),
    (Format::K6, "k6.json"),
    (Format::Wrk, "wrk.txt"),
    (Format::Prometheus, "prometheus.txt"),
];

fn of_run(format: Format, record: &RunRecord) -> String {
    let (report, timeline) = (RunReport::of(record), Timeline::of(record));
    let lines = ndjson::lines(&report, record.intervals.iter());
    render(format, &RunSource { report: &report, timeline: &timeline, lines: &lines }, PLAIN)
}

/// A run whose names try to be markup, and that has a warning of several lines.
fn hostile() -> RunRecord {
    let mut record = fixture::invalid();
    record.plan.scenario = "a, b: <c> & \"d\" 50%".to_owned();
    if let bench_model::plan::TargetPlan::Managed { manifest } = &mut record.plan.target {
        manifest.name = "go|`*\\\u{1b}[31m\u{1}".to_owned();
    }
    let exit = record.observations.target_exit.as_mut().expect("it died");
    exit.log_tail = vec!["::error::100%\r".to_owned(), "]]></failure><b>\n".to_owned()];
    record
}

#[test]
fn snapshots_of_runs() {
    let mut thresholds = fixture::stored();
    thresholds.plan.fail_if = ["p99>20ms", "tps<10k", "p95>1s", "errors.connect>0", "service.p99>1s"]
        .map(|text| text.parse().expect("it is one"))
        .to_vec();
    let mut overloaded = fixture::overloaded();
    overloaded.plan.fail_if =
        ["errors>0.1%", "errors>1%", "service.p99>1s"].map(|text| text.parse().expect("it is one")).to_vec();
    for (name, record) in [
        ("run", fixture::stored()),
        ("invalid", fixture::invalid()),
        ("stalled", fixture::stalled()),
        ("hostile", hostile()),
        ("thresholds", thresholds),
        ("batched", fixture::batched()),
        ("overloaded", overloaded),
    ] {
        for (format, ending) in KEPT {
            assert_snapshot(&format!("formats/{name}.{ending}"), &of_run(format, &record));
        }
    }
}

/// Two that are alike and one that is not, under thresholds of which each state comes out.
fn with_thresholds() -> Compared {
    Compared::changed(&[RUST, GO, comparisons::RUST_AGAIN], 10, |plan, _| {
        let typed =
            ["tps worse than base by 5%", "p99 worse than base by 0.5%", "memory.peak>20MiB", "p99.99>10s"];
        plan.fail_if = typed.map(|text| text.parse().expect("it is one")).to_vec();
    })
}

#[test]
fn snapshots_of_comparisons() {
    for (name, compared) in [
        ("comparison", comparisons::full()),
        ("sweep", comparisons::swept(&[RUST, GO], 11)),
        ("one-block", Compared::new(&[RUST, GO], 1)),
        ("compared-thresholds", with_thresholds()),
    ] {
        for (format, ending) in
            KEPT.into_iter().filter(|(format, _)| Kind::Comparison.require(*format).is_ok())
        {
            let text = comparison::render(format, &compared.source(), PLAIN);
            assert_snapshot(&format!("formats/{name}.{ending}"), &text);
        }
    }
    let full = comparisons::full();
    assert_snapshot("formats/comparison.csv", &comparison::render(Format::Csv, &full.source(), PLAIN));
}

#[test]
fn snapshots_of_searches() {
    for (name, sought) in searches::cases() {
        if !["two", "url", "generator", "nothing-holds"].contains(&name) {
            continue;
        }
        for (format, ending) in KEPT.into_iter().filter(|(format, _)| Kind::Capacity.require(*format).is_ok())
        {
            let text = capacity::render(format, &sought.source(), PLAIN);
            assert_snapshot(&format!("formats/capacity-{name}.{ending}"), &text);
        }
    }
}

#[test]
fn ndjson_holds_the_intervals() {
    let record = fixture::stored();
    let text = of_run(Format::Ndjson, &record);
    assert_eq!(text.lines().count(), record.intervals.len());
    for (line, interval) in text.lines().zip(&record.intervals) {
        let read: serde_json::Value = serde_json::from_str(line).expect("a line is an object");
        assert_eq!((&read["run"], &read["verdict"]), (&record.id.as_str().into(), &"valid".into()));
        assert_eq!(
            serde_json::from_str::<Interval>(line).expect("an interval with a few fields more"),
            *interval
        );
    }
}

/// What is not in k6's own rate is a metric of its own, and no threshold says another thing than the rate beside it.
#[test]
fn k6_is_told_what_was_never_sent_and_nothing_that_contradicts_it() {
    let mut record = fixture::overloaded();
    record.plan.fail_if = ["errors>0.1%", "errors>1%"].map(|text| text.parse().expect("it is one")).to_vec();
    let read = |record: &RunRecord| -> serde_json::Value {
        serde_json::from_str(&of_run(Format::K6, record)).expect("it is JSON")
    };
    let metrics = &read(&record)["metrics"];
    let unsent = record.intervals[11].counters.errors.unsent;
    assert_eq!(metrics["dropped_iterations"]["values"]["count"], unsent);
    assert_eq!(metrics["http_req_failed"]["values"]["rate"], 0.0);
    assert_eq!(metrics["http_req_failed"]["thresholds"], serde_json::json!({"rate<=0.01": {"ok": true}}));
    // What timed out was no expected response.
    let metrics = &read(&fixture::stalled())["metrics"];
    let longest = |name: &str| metrics[name]["values"]["max"].as_f64().expect("a number");
    assert!(longest("http_req_duration") > 9_000.0, "10 s");
    assert!(longest("http_req_duration{expected_response:true}") < 1_000.0);
}

#[test]
fn figures_of_an_invalid_run_feed_no_history() {
    let record = fixture::invalid();
    assert_eq!(RunReport::of(&record).verdict, Verdict::Invalid);
    for format in [Format::GabBigger, Format::GabSmaller] {
        assert_eq!(of_run(format, &record), "[]\n");
    }
    assert_eq!(of_run(Format::Bmf, &record), "{}\n");
}

#[test]
fn what_is_only_a_lower_bound_or_not_finished_feeds_no_history() {
    let bounded = Compared::changed(&[RUST, GO], 6, |_, blocks| {
        let runs = blocks.iter_mut().flat_map(|block| &mut block.runs);
        runs.for_each(|run| run.report.summary.latency_us.bounded_from = Some("P99.9"));
    });
    let written = |compared: &Compared, format| comparison::render(format, &compared.source(), PLAIN);
    let (smaller, bmf) = (written(&bounded, Format::GabSmaller), written(&bounded, Format::Bmf));
    assert!(smaller.contains("/ p99\"") && !smaller.contains("/ p999\""), "{smaller}");
    assert!(bmf.contains("\"latency-p99\"") && !bmf.contains("\"latency-p99-9\""), "{bmf}");
    let broken_off = Compared::changed(&[RUST, GO], 6, |_, blocks| blocks.truncate(2));
    for format in [Format::GabBigger, Format::GabSmaller] {
        assert_eq!(written(&broken_off, format), "[]\n");
    }
    assert_eq!(written(&broken_off, Format::Bmf), "{}\n");
    let (_, most) = searches::cases().into_iter().find(|(name, _)| *name == "url").expect("a case");
    assert_eq!(
        capacity::render(Format::GabBigger, &most.source(), PLAIN),
        "[]\n",
        "it holds whatever is tried"
    );
}

#[test]
fn a_job_summary_of_a_thousand_targets_fits() {
    let mut compared = Compared::new(&[RUST, GO], 1);
    let (entrant, figures) = (compared.plan.entrants[1].clone(), compared.comparison.figures[1].clone());
    let pairs: Vec<_> = compared.comparison.pairs.iter().filter(|pair| pair.label == "go").cloned().collect();
    for number in 2..1000 {
        let label = format!("a-target-with-a-name-of-its-own-{number}");
        compared
            .plan
            .entrants
            .push(bench_model::comparison::Entrant { label: label.clone(), ..entrant.clone() });
        compared
            .comparison
            .figures
            .push(bench_model::comparison::Figures { label: label.clone(), ..figures.clone() });
        compared.comparison.pairs.extend(
            pairs.iter().map(|pair| bench_model::comparison::Pair { label: label.clone(), ..pair.clone() }),
        );
    }
    let summary = comparison::render(Format::Github, &compared.source(), PLAIN);
    assert!(summary.len() < 1_048_576 && summary.starts_with("# Comparison: "), "{}", summary.len());
    assert!(summary.contains("name-of-its-own-999"), "the verdict names them all");
    let annotations = comparison::render(Format::Annotations, &compared.source(), PLAIN);
    assert_eq!(annotations.lines().filter(|line| line.starts_with("::notice ")).count(), 10);
}
