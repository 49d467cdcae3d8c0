//! The picture of fixed runs on terminals of several sizes, against the files in `tests/fixtures/live`.
//!
//! After a change that is meant: `BLESS=1 cargo test -p bench snapshots`, then look at the difference.

use super::draw::{Look, draw};
use super::keys::Asked;
use crate::live::moment::{Moment, Position};
use crate::live::state::State;
use crate::live::state::tests::{after, moments};
use crate::report::fixture;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::path::PathBuf;

const PLAIN: Look = Look { colour: false };

fn picture(state: &State, asked: Asked, (width, height): (u16, u16)) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal in memory");
    terminal.draw(|frame| draw(frame, state, asked, PLAIN)).expect("it draws into memory");
    let buffer = terminal.backend().buffer();
    let cells = |y| (0..width).map(move |x| buffer[(x, y)].symbol());
    (0..height).map(|y| cells(y).collect::<String>().trim_end().to_owned() + "\n").collect()
}

/// Compares with the file, or writes it where `BLESS` is set.
fn assert_snapshot(name: &str, text: &str) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/live")).join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, text).expect("the fixtures can be written");
        return;
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == text, "{name} differs from the picture below; set BLESS=1 if that is meant\n{text}");
}

/// A comparison in its third block.
fn comparing() -> State {
    let position = Position {
        label: "go".to_owned(),
        place: "block 3 of 10, run 2 of 6".to_owned(),
        left: Some("34 min".to_owned()),
    };
    let mut told = moments(&fixture::stored(), 9);
    told.insert(0, Moment::Position(position));
    told.extend(
        (1..40)
            .map(|run| Moment::Line(format!("block  1/10  rust   {run}.0k TPS  P99 43.06 ms  40 min left"))),
    );
    after(told)
}

#[test]
fn pictures() {
    let measuring = after(moments(&fixture::stored(), 12));
    let invalid = after(moments(&fixture::invalid(), 9));
    let help = Asked { help: true, ..Asked::default() };
    let whether = Asked { whether: true, ..Asked::default() };
    let none = Asked::default();
    for (name, state, asked, size) in [
        ("beginning-80x24.txt", &after([]), none, (80, 24)),
        ("measuring-80x24.txt", &measuring, none, (80, 24)),
        ("measuring-120x40.txt", &measuring, none, (120, 40)),
        ("measuring-40x15.txt", &measuring, none, (40, 15)),
        ("invalid-80x24.txt", &invalid, Asked { stop: true, ..none }, (80, 24)),
        ("invalid-40x15.txt", &invalid, whether, (40, 15)),
        ("comparing-80x24.txt", &comparing(), none, (80, 24)),
        ("comparing-40x15.txt", &comparing(), help, (40, 15)),
        ("help-80x24.txt", &measuring, help, (80, 24)),
    ] {
        assert_snapshot(name, &picture(state, asked, size));
    }
}

/// A terminal may be of any size, down to none, and the figures that have room are there.
#[test]
fn every_size_is_drawn() {
    let states = [after([]), after(moments(&fixture::invalid(), 9)), comparing()];
    let asked = [Asked::default(), Asked { help: true, whether: true, stop: true }];
    for (state, asked) in states.iter().flat_map(|state| asked.map(|asked| (state, asked))) {
        for width in [0, 1, 2, 7, 17, 18, 19, 30, 40, 69, 70, 80, 200] {
            for height in [0, 1, 2, 3, 4, 5, 6, 8, 12, 15, 19, 20, 24, 60] {
                picture(state, asked, (width, height));
            }
        }
    }
    let narrow = picture(&states[1], Asked::default(), (30, 6));
    assert!(narrow.contains("TPS") && narrow.contains("invalid:"), "{narrow}");
}

/// What servers and users are called may hold anything, and none of it moves the cursor.
#[test]
fn names_do_not_command_the_terminal() {
    let mut record = fixture::stored();
    record.plan.scenario = "a\u{1b}[2J\u{7}\nb".to_owned();
    let mut told = moments(&record, 5);
    told.push(Moment::Line("x\u{1b}]0;title\u{7}y".to_owned()));
    let drawn = picture(&after(told), Asked::default(), (80, 24));
    assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'), "{drawn:?}");
}
