//! That every chart says what it must, in both files, whatever the run was like.

use super::file::{bitmap_of, svg_of};
use super::*;
use crate::report::fixture;
use bench_model::interval::{Interval, Phase};
use bench_model::latency::LONGEST_NS;
use bench_model::record::RunRecord;

fn pictures(record: &RunRecord) -> Vec<(&'static str, Picture)> {
    let (report, timeline) = (RunReport::of(record), Timeline::of(record));
    let source = Source { report: &report, timeline: &timeline };
    CHARTS.into_iter().map(|(name, _, sketch)| (name, sketch(&source))).collect()
}

/// Every chart of a record, as SVG, by name.
fn svgs(record: &RunRecord) -> Vec<(&'static str, String)> {
    let svg = |(name, picture)| (name, svg_of(&picture).expect("the chart is drawn"));
    pictures(record).into_iter().map(svg).collect()
}

fn files(record: &RunRecord, folder: &Path) -> Vec<PathBuf> {
    let (report, timeline) = (RunReport::of(record), Timeline::of(record));
    let source = Source { report: &report, timeline: &timeline };
    draw(&source, folder).expect("the charts are drawn")
}

#[test]
fn every_chart_names_the_run_its_units_and_its_lines() {
    let expected: [(&str, &[&str]); 4] = [
        (
            "throughput",
            &[
                "Throughput over time",
                "Requests per second",
                "verified requests",
                "measured mean: 51.99k TPS",
            ],
        ),
        (
            "latency",
            &[
                "Latency percentiles over time",
                "Latency from send to complete answer (ms)",
                "P50",
                "P99.9",
                "Max",
            ],
        ),
        (
            "latency-distribution",
            &["Latency distribution", "Latency from send to complete answer (ms)", "99.99%", "90%"],
        ),
        (
            "resources",
            &[
                "CPU and memory over time",
                "CPUs busy",
                "Memory (MiB)",
                "target CPU",
                "generator CPU",
                "target memory (PSS)",
            ],
        ),
    ];
    let common = ["json-echo on rust, 1000 connections, 2026-03-14 09:26 UTC", "sans-serif"];
    for ((name, svg), (expected_name, words)) in svgs(&fixture::stored()).into_iter().zip(expected) {
        assert_eq!(name, expected_name);
        for word in words.iter().chain(&common) {
            assert!(svg.contains(word), "{name} lacks {word}");
        }
        assert!(svg.starts_with("<svg width=\"800\" height=\"450\" viewBox=\"0 0 3200 1800\""), "{name}");
        assert!(!svg.contains("INVALID"), "{name}");
        let over_time = name != "latency-distribution";
        assert_eq!(svg.contains("warm-up, not counted"), over_time, "{name}");
    }
}

#[test]
fn an_invalid_run_says_so_in_every_chart() {
    for (name, svg) in svgs(&fixture::invalid()) {
        assert!(svg.contains("INVALID RUN: do not use these figures (target-died"), "{name}");
    }
}

#[test]
fn pngs_have_their_size_and_a_picture_in_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = files(&fixture::stored(), folder.path());
    assert_eq!(paths.len(), 8);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "png")) {
        let file = std::io::BufReader::new(std::fs::File::open(path).expect("the chart is there"));
        let mut reader = png::Decoder::new(file).read_info().expect("it is a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("it fits in memory")];
        let info = reader.next_frame(&mut pixels).expect("it decodes");
        assert_eq!((info.width, info.height), (1600, 900));
        let inked = pixels.iter().filter(|&&byte| byte < 200).count();
        assert!(inked > 10_000, "{} is blank", path.display());
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
    let record = fixture::stored();
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    let source = Source { report: &report, timeline: &timeline };
    let error = draw(&source, Path::new("/nowhere/at/all")).expect_err("there is no such folder");
    assert!(error.to_string().contains("/nowhere/at/all/throughput.svg"), "{error}");
}

#[test]
fn a_targets_own_metrics_have_a_panel_for_each_unit() {
    let charts = svgs(&fixture::scraped());
    let (_, svg) = charts.iter().find(|(name, _)| *name == "resources").expect("it is drawn");
    assert!(svg.starts_with("<svg width=\"800\" height=\"870\""), "three panels more");
    for word in ["MiB", "ms a second", "Count", "heap", "stack", "GC pauses", "tasks"] {
        assert!(svg.contains(word), "{word}");
    }
    let others = charts.iter().filter(|(name, _)| *name != "resources");
    assert!(others.clone().count() == 3 && others.into_iter().all(|(_, svg)| svg.contains("height=\"450\"")));
}

/// What a run may look like that went another way than it should.
type Oddity = (&'static str, fn(&mut RunRecord));

const ODDITIES: &[Oddity] = &[
    ("one interval", |record| record.intervals.truncate(1)),
    ("one measured interval", |record| {
        record.intervals.drain(..11);
    }),
    ("no interval", |record| record.intervals.clear()),
    ("warm-up only", |record| record.intervals.truncate(4)),
    ("nothing happened", |record| {
        record.intervals =
            (0..5).map(|second| fixture::interval(Phase::Measure, f64::from(second))).collect();
    }),
    ("no target", |record| {
        record.observations.idle = None;
        record.intervals.iter_mut().for_each(|interval| interval.target = None);
    }),
    ("latencies of an hour, 10M TPS", |record| {
        for interval in &mut record.intervals {
            interval.counters.requests = 10_000_000;
            interval.latency_hdr.record(LONGEST_NS);
            interval.generator_rss_bytes = 1 << 45;
        }
    }),
    ("only requests that were cut off", |record| {
        for interval in &mut record.intervals {
            interval.latency_hdr.clear();
            interval.censored_hdr.record(10_000_000_000);
        }
    }),
    ("the largest counts", |record| {
        record.intervals.truncate(1);
        record.intervals[0].counters.requests = u64::MAX;
        record.intervals[0].generator_rss_bytes = u64::MAX;
    }),
    ("times that are no numbers", |record| {
        record.intervals[5].start_s = f64::NAN;
        record.intervals[11].start_s = f64::INFINITY;
        record.intervals[6].generator_cpu_s = f64::NAN;
        record.intervals[7].duration_s = 0.0;
        record.intervals[8].duration_s = -1.0;
    }),
    ("metrics of its own, none of them read", |record| {
        *record = fixture::scraped();
        record.intervals.iter_mut().for_each(|interval| interval.metrics.clear());
    }),
    ("metrics of its own, all of them odd", |record| {
        *record = fixture::scraped();
        for (interval, odd) in
            record.intervals.iter_mut().zip([0.0, -1e300, 1e300, f64::MIN_POSITIVE, 5.0, -7.0])
        {
            interval.metrics.values_mut().for_each(|reading| *reading = odd);
        }
    }),
    ("names of great length", |record| {
        record.plan.scenario = "<scenario> & ".repeat(50);
        record.id = "é\u{4e2d}".repeat(200);
        record.started_at = String::new();
    }),
    ("more intervals than a chart has room for", |record| {
        let twelve = std::mem::take(&mut record.intervals);
        let stretched = (0..450).map(|second| Interval {
            start_s: f64::from(second),
            phase: if second < 30 { Phase::WarmUp } else { Phase::Measure },
            ..twelve[second as usize % 12].clone()
        });
        record.intervals = stretched.collect();
    }),
];

#[test]
fn odd_runs_are_drawn_without_panic() {
    for (oddity, spoil) in ODDITIES {
        let mut record = fixture::stored();
        spoil(&mut record);
        for (name, picture) in pictures(&record) {
            let svg = svg_of(&picture).expect("the chart is drawn");
            assert!(svg.ends_with("</svg>\n"), "{oddity}: {name}");
            assert!(!svg.contains("NaN"), "{oddity}: {name}");
            let small = canvas::Medium { scale: 1, ..canvas::BITMAP };
            assert!(bitmap_of(&picture, small).is_ok(), "{oddity}: {name}");
        }
    }
}

#[test]
#[ignore = "writes the charts of every fixture into the folder that CHARTS names, for people to look at"]
fn look() {
    let folder = std::env::var_os("CHARTS").expect("CHARTS names a folder");
    let mut invalid = fixture::invalid();
    invalid.plan.scenario = "json-echo".to_owned();
    let mut records =
        vec![("stored", fixture::stored()), ("invalid", invalid), ("scraped", fixture::scraped())];
    records.extend(ODDITIES.iter().map(|(name, spoil)| {
        let mut record = fixture::stored();
        spoil(&mut record);
        (*name, record)
    }));
    for (name, record) in records {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder).expect("a folder");
        files(&record, &folder);
    }
}
