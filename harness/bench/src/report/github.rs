//! Markdown as GitHub's job summary: without pictures, which it has no files for, and below its limit.

/// A job summary of a step may have 1 MiB, and a larger one is not shown at all. The rest is for what else the step writes.
const MOST_BYTES: usize = 1_000_000;

/// The text, or as much of it from the beginning as fits, and how much is left out.
pub(super) fn fitted(markdown: &str) -> String {
    cut(markdown, MOST_BYTES)
}

/// The text without the lines that are pictures.
pub(super) fn without_pictures(markdown: &str) -> String {
    let kept = markdown.split("\n\n").filter(|block| !block.starts_with("!["));
    kept.collect::<Vec<_>>().join("\n\n")
}

fn cut(markdown: &str, most_bytes: usize) -> String {
    if markdown.len() <= most_bytes {
        return markdown.to_owned();
    }
    let all = markdown.lines().count();
    // The note is shorter than this, whatever the numbers in it.
    let room = most_bytes.saturating_sub(512);
    let mut text = String::new();
    let mut kept = 0;
    let mut fence = None;
    for line in markdown.lines() {
        // A fence that is open must be closed, for which there must be room.
        let closing = fence.as_ref().map_or(0, |fence: &String| fence.len() + 1);
        if text.len() + line.len() + 1 + closing > room {
            break;
        }
        text += line;
        text.push('\n');
        kept += 1;
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        fence = match fence {
            None if ticks.len() >= 3 => Some(ticks),
            Some(open) if line == open => None,
            same => same,
        };
    }
    if let Some(fence) = fence {
        text += &fence;
        text.push('\n');
    }
    text + &format!(
        "\n**{} of {all} lines are left out here**, since GitHub shows no job summary above 1 MiB. `bench report` has all of \
         them: `--output markdown=FILE`.\n",
        all - kept
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(cut("a\nb\n", 4), "a\nb\n");
    }

    #[test]
    fn what_does_not_fit_ends_at_a_line_and_says_so() {
        let rows: String = (0..1000).map(|row| format!("| {row} | figure |\n")).collect();
        let text = cut(&format!("# Title\n\n| a | b |\n|---|---|\n{rows}"), 4096);
        assert!(text.len() <= 4096 && text.len() > 3000, "{}", text.len());
        let (table, note) = text.rsplit_once("\n\n").expect("a note stands apart");
        let rows_kept = table.lines().count() - 4;
        assert!(table.ends_with(&format!("| {} | figure |", rows_kept - 1)), "{table}");
        assert!(
            note.starts_with(&format!("**{} of 1004 lines are left out here**", 1000 - rows_kept)),
            "{note}"
        );
    }

    #[test]
    fn what_is_open_is_closed() {
        let text = cut(&format!("````sh\n{}````\n", "line\n".repeat(1000)), 2048);
        assert!(text.contains("line\n````\n\n**"), "{text}");
        let text = cut(&format!("````sh\nx\n````\n{}", "line\n".repeat(1000)), 2048);
        assert!(text.contains("line\n\n**"), "{text}");
    }

    #[test]
    fn one_line_that_is_longer_than_all() {
        let text = cut(&"x".repeat(9000), 4096);
        assert!(text.starts_with("\n**1 of 1 lines are left out here**"), "{text}");
    }

    #[test]
    fn pictures_go() {
        assert_eq!(without_pictures("a\n\n![b](c.svg)\n\nd\n"), "a\n\nd\n");
    }
}
