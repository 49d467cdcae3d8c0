//! Words broken into lines of a width. Knows nothing of what they say.

/// Parts of lines as one text, a blank line between them; a part without lines is left out.
pub(super) fn joined(parts: impl IntoIterator<Item = Vec<String>>) -> String {
    let parts = parts.into_iter().filter(|lines| !lines.is_empty()).map(|lines| lines.join("\n"));
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

/// Breaks text into lines of at most `width` characters, at its blanks; a longer word is cut. Control characters,
/// which a target's log may hold, become blanks.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let tame: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in tame.split_whitespace() {
        for (index, piece) in pieces(word, width).into_iter().enumerate() {
            let length = piece.chars().count();
            if used > 0 && (index > 0 || used + 1 + length > width) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line += &piece;
            used += length;
        }
    }
    if used > 0 {
        lines.push(line);
    }
    lines
}

/// Text of at most `width` columns after a mark that stands in the first line only.
pub(crate) fn hanging(mark: &str, text: &str, width: usize) -> Vec<String> {
    let indent = mark.chars().count();
    let lines = wrap(text, width.saturating_sub(indent));
    let mark_of = |index| if index == 0 { mark } else { "" };
    lines.iter().enumerate().map(|(index, line)| format!("{:<indent$}{line}", mark_of(index))).collect()
}

/// The text in one line of at most `width` characters, with `...` for what does not fit.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept: String = text.chars().take(width.saturating_sub(3)).collect();
    kept + "..."
}

fn pieces(word: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    letters.chunks(width).map(|piece| piece.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_blanks() {
        for (text, lines) in [
            ("", &[][..]),
            ("one two three", &["one two", "three"]),
            ("  one\n\ttwo\u{1b} ", &["one two"]),
            ("abcdefghijkl m", &["abcdefgh", "ijkl m"]),
            ("éé éé éé", &["éé éé éé"]),
        ] {
            assert_eq!(wrap(text, 8), lines, "{text:?}");
        }
        assert_eq!(wrap("ab", 0), ["a", "b"]);
    }

    #[test]
    fn a_mark_stands_once() {
        assert_eq!(hanging("! ", "one two three", 9), ["! one two", "  three"]);
        assert_eq!(hanging("! ", "", 9), [""; 0]);
    }

    #[test]
    fn what_is_too_long_is_seen_to_be_cut() {
        for (text, short) in [("abcdef", "abcdef"), ("abcdefg", "abc..."), ("", "")] {
            assert_eq!(shortened(text, 6), short);
        }
    }
}
