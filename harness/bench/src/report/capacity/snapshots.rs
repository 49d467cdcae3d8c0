//! Every output format of fixed searches, against the files in `tests/fixtures/capacity`.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench capacity`, then read the difference.

use super::fixture::{cases, two};
use super::render;
use crate::report::page::tests::bare;
use crate::report::{Format, Style};
use bench_model::capacity::Ending;
use std::path::PathBuf;

const PLAIN: Style = Style { colour: false, width: 80 };

/// Compares with the file, or writes it where `BLESS` is set.
fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/capacity")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the fixtures can be written");
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs from the rendering below; set BLESS=1 if that is meant\n{text}");
}

#[test]
fn formats() {
    for (name, sought) in cases() {
        let source = sought.source();
        assert_snapshot(&format!("{name}.txt"), &render(Format::Text, &source, PLAIN));
        if ["two", "unfinished"].contains(&name) {
            assert_snapshot(&format!("{name}.md"), &render(Format::Markdown, &source, PLAIN));
            assert_snapshot(&format!("{name}.html"), &bare(&render(Format::Html, &source, PLAIN)));
        }
    }
    let (_, smallest) = cases().into_iter().find(|(name, _)| *name == "url").expect("there is one");
    assert_snapshot("url.json", &render(Format::Json, &smallest.source(), PLAIN));
}

#[test]
fn the_fixtures_end_as_they_are_named() {
    let expected = [
        ("one", Ending::Found),
        ("two", Ending::Found),
        ("url", Ending::MaxRate),
        ("unfinished", Ending::Unfinished),
        ("nothing-ran", Ending::Unfinished),
        ("nothing-holds", Ending::NothingHolds),
        ("generator", Ending::GeneratorLimit),
        ("disturbed", Ending::NoVerdict),
        ("not-sharp", Ending::Found),
    ];
    for ((name, sought), (expected_name, ending)) in cases().iter().zip(expected) {
        assert_eq!((*name, sought.source().found.targets[0].ending), (expected_name, ending));
    }
}

#[test]
fn text_fits_the_terminal() {
    for (name, sought) in cases() {
        let text = render(Format::Text, &sought.source(), PLAIN);
        let free = ["To ", "Chart: ", "capacity "];
        for line in text.lines().filter(|line| !free.iter().any(|word| line.starts_with(word))) {
            assert!(line.chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let sought = two();
    let painted = render(Format::Text, &sought.source(), Style { colour: true, ..PLAIN });
    let mut pieces = painted.split('\u{1b}');
    let mut bare = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        bare += piece.split_once('m').expect("an SGR sequence ends in m").1;
    }
    assert_eq!(bare, render(Format::Text, &sought.source(), PLAIN));
    assert_ne!(bare, painted);
}

#[test]
fn what_is_not_known_is_no_number() {
    for (name, sought) in cases() {
        let source = sought.source();
        let json: serde_json::Value =
            serde_json::from_str(&render(Format::Json, &source, PLAIN)).expect("it is JSON");
        assert_eq!(json["schema"], "bench-capacity/1");
        for (finding, printed) in source.found.targets.iter().zip(json["targets"].as_array().unwrap()) {
            assert_eq!(printed["capacity_per_s"].as_f64(), finding.capacity_per_s, "{name}");
        }
        let text = render(Format::Text, &source, PLAIN);
        let unknown = source.found.targets.iter().all(|finding| finding.capacity_per_s.is_none());
        assert_eq!(unknown, !text.contains(" requests/s"), "{name}: {text}");
    }
}
