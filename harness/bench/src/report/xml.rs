//! Text made fit for XML.

/// Text inside an element. Characters that XML cannot hold, even escaped, become U+FFFD, and all others that steer a terminal.
pub(super) fn content(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' => escaped.push(c),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
        escaped
    })
}

/// Text inside an attribute, where quotation marks end it and line ends would be lost.
pub(super) fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(attribute("<a b=\"c\">&\n\t\u{1}é"), "&lt;a b=&quot;c&quot;&gt;&amp;&#10;&#9;\u{fffd}é");
        assert_eq!(content("\u{1b}[31m\u{9b}2J\u{7f}"), "\u{fffd}[31m\u{fffd}2J\u{fffd}");
        assert_eq!(content("\"a\" < b]]>\n"), "\"a\" &lt; b]]&gt;\n");
    }
}
