//! Every warning from the stored run to the page: a run is spoilt as the world can spoil it, and the warning must be in
//! every format, decide the verdict as `docs/method.md` says, and stand in its table.

use super::timeline::Timeline;
use super::{Format, Kind, RunSource, Style, fixture, ndjson, render};
use bench_model::clock::ClockCheck;
use bench_model::counters::Counters;
use bench_model::interval::{Interval, Phase};
use bench_model::latency::Latencies;
use bench_model::ledger::{Finding, LedgerAudit};
use bench_model::load::{Arrivals, LoadModel, Stage};
use bench_model::record::{RunRecord, TargetExit};
use bench_model::report::RunReport;
use bench_model::warning::{Verdict, WarningText};
use std::collections::BTreeMap;

/// A warning's code, whether it makes the run invalid, and what causes it.
type Case = (&'static str, bool, fn(&mut RunRecord));

const CASES: &[Case] = &[
    ("interrupted", true, |run| run.observations.interrupted_by = Some("SIGINT (Ctrl-C)".to_owned())),
    ("target-died", true, |run| {
        let log_tail = vec!["out of memory".to_owned()];
        run.observations.target_exit = Some(TargetExit { status: "exit status: 1".to_owned(), log_tail });
    }),
    ("target-restarted", true, |run| {
        last(run).target.iter_mut().for_each(|target| target.ended_processes = 1);
    }),
    ("no-transactions", true, |run| measured(run).for_each(silent)),
    ("audit", true, |run| {
        let lost = Finding::Lost { count: 2, id: "run-7".to_owned() };
        run.observations.audit = Some(LedgerAudit { findings: vec![lost], ..LedgerAudit::default() });
    }),
    ("not-audited", true, |run| {
        let unread = Finding::Unreadable { what: "the ledger".to_owned(), why: "GET /blocks".to_owned() };
        run.observations.audit = Some(LedgerAudit { findings: vec![unread], ..LedgerAudit::default() });
    }),
    ("mismatches", true, |run| last(run).counters.errors.mismatch = 1),
    ("refusals", false, |run| {
        measured(run).for_each(|interval| interval.counters.refused = 1 + interval.counters.requests / 50);
    }),
    ("errors", false, |run| last(run).counters.errors.reset = 1),
    ("errors", true, |run| last(run).counters.errors.status = 10_000),
    ("resent", false, |run| last(run).counters.resent = 1),
    ("resent", true, |run| last(run).counters.resent = 10_000),
    ("connections-missing", true, |run| run.observations.connections_open = 999),
    ("connections-idle", false, |run| measured(run).for_each(|interval| idle(interval, 0.9))),
    ("connections-idle", true, |run| measured(run).for_each(|interval| idle(interval, 0.5))),
    ("littles-law", true, |run| measured(run).for_each(|interval| idle(interval, 0.9))),
    ("silence", false, |run| measured(run).take(1).for_each(silent)),
    ("silence", true, |run| measured(run).take(3).for_each(silent)),
    ("drift", false, |run| measured(run).take(4).for_each(|interval| interval.counters.requests /= 2)),
    ("window-short", false, |run| run.plan.load = LoadModel::Closed { connections: 40_000 }),
    ("window-short", true, |run| run.plan.load = LoadModel::Closed { connections: 200_000 }),
    ("overload", false, |run| open(run, |counters| counters.sent -= counters.due / 50)),
    ("overload", true, |run| open(run, |counters| counters.sent -= counters.due / 10)),
    ("late", false, |run| open(run, |counters| counters.late = counters.due / 500)),
    ("late", true, |run| open(run, |counters| counters.late = counters.due / 50)),
    ("queued", false, |run| open(run, |counters| counters.queued = counters.due / 50)),
    ("generator-saturated", true, |run| measured(run).for_each(|interval| interval.generator_cpu_s = 0.95)),
    ("steal", false, |run| measured(run).for_each(|interval| interval.steal_s = 0.1)),
    ("steal", true, |run| measured(run).for_each(|interval| interval.steal_s = 0.5)),
    ("machine-busy", false, |run| measured(run).for_each(|interval| interval.machine_cpu_s = 1.7)),
    ("machine-busy", true, |run| measured(run).for_each(|interval| interval.machine_cpu_s = 2.0)),
    ("hiccups", false, |run| {
        let hiccups = |interval: &mut Interval| {
            interval.hiccup_hdr.iter_mut().for_each(|overslept| overslept.record_many(60_000_000, 5));
        };
        measured(run).for_each(hiccups);
    }),
    ("clock", false, |run| run.observations.clock = Some(ClockCheck { drift: 0.002, backwards: 0 })),
    ("clock", false, |run| run.machine.clock_source = Some("hpet".to_owned())),
    ("clock", true, |run| run.observations.clock = Some(ClockCheck { drift: 0.0, backwards: 1 })),
    ("not-steady", false, |run| run.observations.steady = Some(false)),
    ("shared-cpus", false, |run| run.plan.target_cpus = run.plan.generator_cpus.clone()),
    ("censored", false, |run| last(run).counters.errors.timeout = 1),
    ("few-requests", false, |run| measured(run).for_each(|interval| interval.counters.requests /= 100)),
    ("memory-is-rss", false, |run| {
        measured(run).flat_map(|i| &mut i.target).for_each(|t| t.pss_bytes = None);
    }),
];

fn measured(run: &mut RunRecord) -> impl Iterator<Item = &mut Interval> {
    run.intervals.iter_mut().filter(|interval| interval.phase == Phase::Measure)
}

fn last(run: &mut RunRecord) -> &mut Interval {
    measured(run).last().expect("the window has intervals")
}

fn silent(interval: &mut Interval) {
    interval.counters = Counters::default();
    interval.latency_hdr = Latencies::new();
}

/// Fewer requests in flight than connections, and than the latencies come to.
fn idle(interval: &mut Interval, part: f64) {
    interval.counters.in_flight_ns = (interval.counters.in_flight_ns as f64 * part) as u64;
}

/// The run as one under an open load in which all that was due was sent, before `spoil`.
fn open(run: &mut RunRecord, spoil: fn(&mut Counters)) {
    run.plan.load = LoadModel::Open {
        connections: run.plan.load.connections(),
        stages: vec![Stage::constant(52_000.0, run.plan.duration_s)],
        arrivals: Arrivals::Uniform,
        seed: 1,
        max_lag_s: None,
    };
    for interval in &mut run.intervals {
        (interval.service_hdr, interval.lag_hdr) =
            (Some(interval.latency_hdr.clone()), Some(Latencies::new()));
        let counters = &mut interval.counters;
        (counters.due, counters.sent) = (counters.requests, counters.requests);
        spoil(counters);
    }
}

fn warning_of(report: &RunReport, code: &str) -> WarningText {
    let found = report.warnings.iter().find(|warning| warning.code == code);
    found.cloned().unwrap_or_else(|| panic!("no `{code}` among {:#?}", report.warnings))
}

/// The first words of a message, in the one line that it has before it is broken into several.
fn beginning(text: &str) -> String {
    text.split_whitespace().take(4).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_stored_run_is_beyond_doubt() {
    let mut record = fixture::stored();
    assert_eq!(RunReport::of(&record).warnings, []);
    open(&mut record, |_| {});
    assert_eq!(RunReport::of(&record).warnings, [], "nor is it under an open load");
}

#[test]
fn every_warning_is_in_every_format_and_decides_the_verdict() {
    for &(code, invalid, spoil) in CASES {
        let mut record = fixture::stored();
        spoil(&mut record);
        let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
        let warning = warning_of(&report, code);
        assert_eq!(warning.invalidates, invalid, "{warning:?}");
        assert!(!invalid || report.verdict == Verdict::Invalid, "{code}");
        let lines = ndjson::lines(&report, record.intervals.iter());
        let source = RunSource { report: &report, timeline: &timeline, lines: &lines };
        let page = |format| render(format, &source, Style { colour: false, width: 80 });
        let words = |format| page(format).split_whitespace().collect::<Vec<_>>().join(" ");
        let text = words(Format::Text);
        assert!(text.contains(&beginning(&warning.message)) || text.contains(code), "{code} in {text}");
        assert_eq!(text.contains("INVALID"), report.verdict == Verdict::Invalid, "{code} in {text}");
        assert!(page(Format::Text).lines().count() <= 40, "{code}");
        let markdown = words(Format::Markdown);
        assert!(markdown.contains(&format!("- `{code}`: ")), "{code} in {markdown}");
        let html = words(Format::Html);
        assert!(html.contains(&format!("<li>{code}: ")), "{code} on the page");
        assert_eq!(html.contains("class=\"alarm invalid\""), report.verdict == Verdict::Invalid, "{code}");
        let json: RunReport = serde_json::from_str(&page(Format::Json)).expect("the JSON is a report");
        assert_eq!(warning_of(&json, code), warning);
        for row in page(Format::Csv).lines().skip(1) {
            let warnings = row.split(',').nth(2).expect("the third column");
            assert!(warnings.split(' ').any(|found| found == code), "{code} in {row}");
        }
        let invalid_run = report.verdict == Verdict::Invalid;
        for format in Kind::Run.formats() {
            let shown = page(format);
            let said = shown.contains(code) || shown.contains(&beginning(&warning.message));
            // Those that have no place for a warning have none for a figure of an invalid run either, or say that it is one.
            let excused = match format {
                Format::GabBigger | Format::GabSmaller | Format::Bmf if invalid_run => {
                    ["[]\n", "{}\n"].contains(&shown.as_str())
                }
                Format::Bmf => true,
                Format::Hgrm => !invalid,
                _ => false,
            };
            assert!(said || excused, "{code} in {format}: {shown}");
        }
    }
}

/// What to do stands in the first line, and what is left out is seen to be.
#[test]
fn an_audit_with_much_to_say_says_the_mend_on_the_terminal() {
    let mut record = fixture::stored();
    let id = || "0a1b2c3d-0000004711".to_owned();
    let findings = vec![
        Finding::Lost { count: 11_827, id: id() },
        Finding::Twice { count: 3, id: id(), height: 17 },
        Finding::Receipts { receipts: 48_000, unknown: 38, stored: 36_176 },
    ];
    record.observations.audit = Some(LedgerAudit { findings, ..LedgerAudit::default() });
    let (report, timeline) = (RunReport::of(&record), Timeline::of(&record));
    let source = RunSource { report: &report, timeline: &timeline, lines: "" };
    let text = render(Format::Text, &source, Style { colour: false, width: 80 });
    assert!(text.contains("Audit: failed, with 3 findings: see the warnings"), "{text}");
    assert!(text.contains("! mend the target first: what it stored is not what it answered:"), "{text}");
    assert_eq!(text.matches("...").count(), 1, "{text}");
    let Some(shown) = text.lines().find(|line| line.contains("...")) else { panic!("{text}") };
    assert!(shown.ends_with(" ... (--format markdown)") && shown.chars().count() <= 80, "{shown}");
    let markdown = render(Format::Markdown, &source, Style { colour: false, width: 80 });
    assert!(markdown.contains("36176 are stored"), "{markdown}");
}

/// The codes of the table in `docs/method.md`, with what its last column says.
fn documented() -> BTreeMap<&'static str, &'static str> {
    let method = include_str!("../../../../docs/method.md");
    let section = method.split("\n## Warnings\n").nth(1).expect("a section on warnings");
    let table = section.split("\n## ").next().unwrap_or_default();
    let cells = table.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.trim_end_matches(" |").split(" | ");
        Some((cells.next()?.trim_end_matches('`'), cells.last()?))
    });
    cells.collect()
}

#[test]
fn the_table_of_the_method_is_complete_and_true() {
    let mut caused: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for &(code, invalid, _) in CASES {
        let (valid_seen, invalid_seen) = caused.entry(code).or_default();
        *(if invalid { invalid_seen } else { valid_seen }) = true;
    }
    let documented = documented();
    let (written, known): (Vec<_>, Vec<_>) = (documented.keys().collect(), caused.keys().collect());
    assert_eq!(written, known);
    for (code, (valid_seen, invalid_seen)) in caused {
        let expected = match documented[code] {
            "yes" => (false, true),
            "no" => (true, false),
            _ => (true, true),
        };
        assert_eq!((valid_seen, invalid_seen), expected, "`{code}` is documented as `{}`", documented[code]);
    }
}
