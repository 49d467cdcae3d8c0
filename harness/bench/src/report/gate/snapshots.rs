//! Every output format of fixed gates, against the files in `tests/fixtures/gate`, and in `tests/fixtures/formats` what
//! `scripts/test-formats` gives to other programs.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench gate`, then read the difference.

use super::{GateSource, render, report};
use crate::baselines::of_entrant;
use crate::cli::{Cli, Command, GateArgs};
use crate::gate::{Asked, Base, Judged, Why, judge};
use crate::report::command;
use crate::report::comparison::fixture::{Compared, RUST, RUST_AGAIN, RUST_SLOWER, Sort};
use crate::report::page::tests::bare;
use crate::report::snapshots::assert_snapshot;
use crate::report::{Format, Style};
use crate::thresholds::Inconclusive;
use bench_model::comparison::{Block, Slot};
use bench_model::warning::{Verdict as RunVerdict, WarningText};
use clap::Parser as _;

const PLAIN: Style = Style { colour: false, width: 80 };

/// A gate that was measured and judged.
struct Gated {
    compared: Compared,
    judged: Judged,
    inconclusive: Inconclusive,
    repeat: String,
    files: Vec<String>,
}

impl Gated {
    fn render(&self, format: Format, style: Style) -> String {
        render(format, &self.source(), style)
    }

    fn source(&self) -> GateSource<'_> {
        let Self { compared, judged, inconclusive, repeat, files } = self;
        GateSource { compared: compared.source(), judged, inconclusive: *inconclusive, repeat, files }
    }
}

fn args(flags: &str) -> GateArgs {
    let typed = format!("bench gate --base main {flags}");
    let Command::Gate(args) = Cli::parse_from(typed.split_whitespace()).command else { panic!("not a gate") };
    *args
}

fn gated(flags: &str, base: &Base, compared: Compared) -> Gated {
    let args = args(flags);
    let rules = args.rules().unwrap();
    let asked = Asked { rules: &rules, base, allow_other_machine: args.allow_other_machine };
    let judged = judge(asked, &compared.plan, &compared.comparison);
    let repeat = command::gating(&compared.plan, &base.repeating(), &rules);
    let files = vec![format!("results/{}/report.html", compared.plan.id)];
    Gated { compared, judged, inconclusive: args.inconclusive, repeat, files }
}

/// In blocks of both.
fn interleaved(flags: &str, sorts: &[Sort], blocks: usize) -> Gated {
    changed(flags, sorts, blocks, |_| ())
}

/// The same after its blocks were changed.
fn changed(flags: &str, sorts: &[Sort], blocks: usize, change: impl FnOnce(&mut [Block])) -> Gated {
    let rules = args(flags).rules().unwrap();
    let compared = Compared::changed(sorts, blocks, |plan, blocks| {
        plan.fail_if = vec!["p99>1s".parse().unwrap()];
        plan.fail_if.extend(rules.iter().map(|rule| rule.threshold()));
        plan.control = false;
        plan.entrants[0].label = "origin/main".to_owned();
        plan.entrants[0].typed = Some("rust@results/.bases/7acc99f4d1c0".to_owned());
        plan.entrants[1].label = "rust".to_owned();
        change(blocks);
    });
    let base = Base::Built {
        name: "origin/main".to_owned(),
        commit: "7acc99f4d1c0b2a3948576e1f0a9b8c7d6e5f403".to_owned(),
        target: "rust@results/.bases/7acc99f4d1c0".to_owned(),
        baseline: None,
    };
    gated(flags, &base, compared)
}

/// Against a baseline of so many runs, of another kernel if that is told.
fn stored(flags: &str, candidate: Sort, runs: usize, kernel: Option<&str>) -> Gated {
    let before = Compared::new(&[RUST], runs);
    let mut baseline = of_entrant(&before.plan, &before.comparison, 0).unwrap();
    if let Some(kernel) = kernel {
        baseline.machine.kernel = kernel.to_owned();
    }
    let why = Why::Unknown("7acc99f4d1c0b2a3948576e1f0a9b8c7d6e5f403".to_owned());
    let base = Base::Stored { name: "main".to_owned(), baseline: Box::new(baseline), why };
    gated(flags, &base, Compared::new(&[candidate], 10))
}

fn none_used(blocks: &mut [Block]) {
    for run in blocks.iter_mut().flat_map(|block| &mut block.runs) {
        run.report.verdict = RunVerdict::Invalid;
        run.report.warnings.push(WarningText {
            code: "machine-busy".to_owned(),
            message: "other processes used 43% of the machine's CPU time: end them, and measure again"
                .to_owned(),
            invalidates: true,
        });
    }
}

/// The candidate's memory was not seen in one block.
fn without_memory(blocks: &mut [Block]) {
    for run in blocks[3].runs.iter_mut().filter(|run| run.slot == Slot::Entrant(1)) {
        if let Some(target) = &mut run.report.target {
            target.memory_bytes.peak = 0;
        }
    }
}

/// In every block 0.5% of the requests of both were cut off, so that P99.9 is the timeout.
fn cut_off(blocks: &mut [Block]) {
    for run in blocks.iter_mut().flat_map(|block| &mut block.runs) {
        let latency = &mut run.report.summary.latency_us;
        (latency.p99_9, latency.bounded_from) = (9_999_000.0, Some("P99.9"));
    }
}

/// Of the candidate alone, the P99.
fn candidate_cut_off(blocks: &mut [Block]) {
    let runs = blocks.iter_mut().flat_map(|block| &mut block.runs);
    for run in runs.filter(|run| run.slot == Slot::Entrant(1)) {
        run.report.summary.latency_us.bounded_from = Some("P99");
    }
}

fn cases() -> Vec<(&'static str, Gated)> {
    let p999 = "--metrics tps,p999 --inconclusive fail";
    vec![
        ("cut-off", changed(p999, &[RUST, RUST_AGAIN], 16, cut_off)),
        ("candidate-cut-off", changed("", &[RUST, RUST_AGAIN], 16, candidate_cut_off)),
        ("failed", interleaved("", &[RUST, RUST_SLOWER], 16)),
        ("passed", interleaved("", &[RUST, RUST_AGAIN], 16)),
        ("inconclusive", interleaved("--margin 0.5%", &[RUST, RUST_AGAIN], 16)),
        ("too-few", interleaved("", &[RUST, RUST_SLOWER], 5)),
        ("none-used", changed("", &[RUST, RUST_AGAIN], 4, none_used)),
        ("not-evaluated", changed("", &[RUST, RUST_AGAIN], 10, without_memory)),
        ("stored", stored("", RUST_SLOWER, 8, None)),
        ("stored-elsewhere", stored("", RUST_SLOWER, 8, Some("5.10.0"))),
        ("stored-elsewhere-allowed", stored("--allow-other-machine", RUST_SLOWER, 8, Some("5.10.0"))),
        ("stored-one-run", stored("", RUST_SLOWER, 1, None)),
    ]
}

#[test]
fn formats() {
    for (name, gate) in cases() {
        let assert = |file: String, format| assert_snapshot(&file, &gate.render(format, PLAIN));
        assert(format!("gate/{name}.txt"), Format::Text);
        if ["failed", "stored-elsewhere", "not-evaluated"].contains(&name) {
            assert(format!("gate/{name}.md"), Format::Markdown);
        }
        if ["failed", "stored"].contains(&name) {
            assert(format!("gate/{name}.json"), Format::Json);
        }
        if name == "failed" {
            assert_snapshot("gate/failed.html", &bare(&gate.render(Format::Html, PLAIN)));
            assert_snapshot("gate/failed.report.md", &report(Format::Markdown, &gate.source(), PLAIN));
        }
        if ["failed", "passed", "inconclusive", "none-used", "not-evaluated", "stored-one-run"]
            .contains(&name)
        {
            assert(format!("formats/gate-{name}.github.md"), Format::Github);
            assert(format!("formats/gate-{name}.annotations.txt"), Format::Annotations);
            assert(format!("formats/gate-{name}.junit.xml"), Format::Junit);
        }
    }
}

/// Pages, and the JSON of each.
pub(crate) fn pages() -> Vec<(String, [String; 2])> {
    let page = |gate: &Gated| [Format::Html, Format::Json].map(|format| gate.render(format, PLAIN));
    let shown = ["failed", "none-used", "stored", "candidate-cut-off"];
    let cases = cases().into_iter().filter(|(name, _)| shown.contains(name));
    cases.map(|(name, gate)| (format!("gate-{name}"), page(&gate))).collect()
}

/// The first word is all that some will read.
#[test]
fn the_fixtures_end_as_they_are_named() {
    let expected = [
        "INCONCLUSIVE",
        "INCONCLUSIVE",
        "FAILED",
        "PASSED",
        "INCONCLUSIVE",
        "INCONCLUSIVE",
        "INVALID",
        "INVALID",
        "FAILED",
        "INCONCLUSIVE",
        "FAILED",
        "INCONCLUSIVE",
    ];
    let cases = cases();
    assert_eq!(cases.len(), expected.len());
    for ((name, gate), word) in cases.iter().zip(expected) {
        for (format, first) in
            [(Format::Text, format!("{word}: ")), (Format::Markdown, format!("**{word}**: "))]
        {
            let text = gate.render(format, PLAIN);
            assert!(text.starts_with(&first), "{name}: {text}");
        }
    }
}

#[test]
fn text_fits_the_terminal() {
    for (name, gate) in cases() {
        let text = gate.render(Format::Text, PLAIN);
        for line in text.lines().filter(|line| !line.starts_with("Report: ")) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    for (name, gate) in cases() {
        let painted = gate.render(Format::Text, Style { colour: true, ..PLAIN });
        let mut plain = String::new();
        let mut rest = painted.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain += before;
            rest = after.split_once('m').expect("an escape ends").1;
        }
        plain += rest;
        assert_eq!(plain, gate.render(Format::Text, PLAIN), "{name}");
    }
}

#[test]
fn what_programs_are_told() {
    let (_, gate) = cases().remove(2);
    let json: serde_json::Value = serde_json::from_str(&gate.render(Format::Json, PLAIN)).unwrap();
    assert_eq!(
        (&json["schema"], &json["verdict"], &json["method"]),
        (&"bench-gate/1".into(), &"failed".into(), &"interleaved".into())
    );
    let cpu = &json["thresholds"][2];
    assert_eq!(cpu["threshold"], "cpu worse than base by 3%");
    assert_eq!((&cpu["target"], &cpu["base"]), (&"rust#2".into(), &"origin/main".into()));
}
