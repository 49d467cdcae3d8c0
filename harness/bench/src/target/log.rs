//! The end of a target's log. Never reads the whole of it: a target may write without limit.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// As much of the end of a log as is looked at, in bytes.
const WINDOW_BYTES: u64 = 64 * 1024;
/// The longest part of a line that is shown, in characters.
const LINE_CHARS: usize = 400;

/// The last `lines` lines of a log that are not blank, fit for a terminal; none if it cannot be read.
pub(crate) fn log_tail(path: &Path, lines: usize) -> Vec<String> {
    let text = last_bytes(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut tail: Vec<String> =
        text.lines().rev().filter(|line| !line.trim().is_empty()).take(lines).map(printable).collect();
    tail.reverse();
    tail
}

fn last_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(WINDOW_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(WINDOW_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Without colours and other control sequences, which would act on the reader's terminal.
fn printable(line: &str) -> String {
    let mut plain = String::new();
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' && characters.next_if_eq(&'[').is_some() {
            // A sequence such as `ESC [ 3 1 m` ends with its first letter.
            while characters.next().is_some_and(|part| !part.is_ascii_alphabetic()) {}
        } else if character == '\t' {
            plain.push(' ');
        } else if !character.is_control() {
            plain.push(character);
        }
    }
    if plain.chars().count() > LINE_CHARS {
        plain = plain.chars().take(LINE_CHARS).chain(" ...".chars()).collect();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("target.log");
        assert!(log_tail(&log, 3).is_empty());
        for (text, expected) in [
            ("", vec![]),
            ("one\ntwo\n\nthree\nfour", vec!["two", "three", "four"]),
            ("\u{1b}[31mred\u{1b}[0m\tand\u{7} plain\n", vec!["red and plain"]),
        ] {
            std::fs::write(&log, text).unwrap();
            assert_eq!(log_tail(&log, 3), expected);
        }
    }

    #[test]
    fn a_huge_log_or_line() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("target.log");
        std::fs::write(&log, "x".repeat(200_000) + "\nlast\n").unwrap();
        let tail = log_tail(&log, 2);
        assert_eq!(tail[1], "last");
        assert_eq!(tail[0].len(), LINE_CHARS + 4);
    }
}
