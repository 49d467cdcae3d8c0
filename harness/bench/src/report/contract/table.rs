//! The table of a check: a line for each case, the message of a failure below its line, and a last line that sums up.

use crate::contract::{Attempt, Checked, Outcome, Report};
use crate::report::Style;
use crate::report::paragraph::{hanging, shortened};
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const DIM: Paint = Paint::new().effects(Effects::DIMMED);
const GOOD: Paint = AnsiColor::Green.on_default();
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);

/// Columns of the longest case id.
const ID_COLUMNS: usize = 20;

pub(super) fn render(attempts: &[Attempt], style: Style) -> String {
    let page = Page { colour: style.colour, width: style.width.clamp(60, 80) };
    let mut lines = Vec::new();
    for attempt in attempts {
        if let Ok(report) = &attempt.report {
            lines.extend(page.report(report));
        }
    }
    if attempts.len() > 1 {
        lines.push(page.paint(BOLD, "all targets"));
    }
    lines.extend(attempts.iter().flat_map(|attempt| page.last_line(attempt)));
    lines.join("\n") + "\n"
}

struct Page {
    colour: bool,
    width: usize,
}

impl Page {
    fn paint(&self, paint: Paint, text: &str) -> String {
        if self.colour { format!("{paint}{text}{paint:#}") } else { text.to_owned() }
    }

    fn report(&self, report: &Report) -> Vec<String> {
        let mut lines = Vec::new();
        let mut group = None;
        for checked in &report.cases {
            if group != Some(checked.case.group) {
                group = Some(checked.case.group);
                lines.push(self.paint(BOLD, &format!("{}: {}", report.target, checked.case.group.name())));
            }
            lines.extend(self.case(checked));
        }
        lines.push(String::new());
        lines
    }

    fn case(&self, checked: &Checked) -> Vec<String> {
        let (paint, mark, below) = match &checked.outcome {
            Outcome::Passed(figures) => (GOOD, "ok", figures.clone()),
            Outcome::Failed(message) => (BAD, "FAIL", message.clone()),
            Outcome::Waived { why, message } => (DOUBTFUL, "waived", format!("waived: {why}. It {message}")),
            Outcome::Needless { why } => {
                (GOOD, "ok", format!("it passes, so its waiver ({why}) can go from target.toml"))
            }
            Outcome::NotChecked(why) => (DIM, "-", format!("not checked: {why}")),
        };
        let what = shortened(checked.case.what, self.width.saturating_sub(8 + ID_COLUMNS + 1));
        let mut lines = vec![format!(
            "{} {:<ID_COLUMNS$} {what}",
            self.paint(paint, &format!("{mark:<7}")),
            checked.case.id
        )];
        let below = hanging("        ", &below, self.width);
        lines.extend(below.iter().map(|line| self.paint(if paint == GOOD { DIM } else { paint }, line)));
        lines
    }

    fn last_line(&self, attempt: &Attempt) -> Vec<String> {
        match &attempt.report {
            Err(error) => hanging("", &format!("{}: not checked: {error}", attempt.target), self.width)
                .iter()
                .map(|line| self.paint(BAD, line))
                .collect(),
            Ok(report) => {
                let counts = report.counts();
                let mut text = format!(
                    "{}: {} passed, {} failed, {} waived",
                    report.target, counts.passed, counts.failed, counts.waived
                );
                if counts.not_checked > 0 {
                    text += &format!(", {} not checked", counts.not_checked);
                }
                let paint = if report.passed() { GOOD } else { BAD };
                vec![self.paint(paint, &format!("{text} ({:.0} s)", report.duration_s))]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::cases;
    use crate::report::contract::tests::attempts;

    #[test]
    fn a_table() {
        let text = render(&attempts(), Style { colour: false, width: 80 });
        let expected = r#"go: work
ok      integers             integers, up to and beyond 2^53 and 64 bits
FAIL    no-cache             bodies alike in length, beginning, end and hash
        sent POST /echo {"a":"<&> "}; expected 200 with the same value; came 200
        with {"a":"b"}, which is another one
go: http
waived  pipelining           pipelined requests are answered in order
        waived: the framework reads one request at a time. It sent two; expected
        two; came one
ok      half-close           a client that half-closes gets every answer
        it passes, so its waiver (was so in version 1) can go from target.toml
go: process
-       sigterm              SIGTERM finishes what is in flight and exits 0
        not checked: bench did not start this server
go: load
ok      many-requests        not one mismatch or error among many requests
        100000 verified in 5.2 s on 64 connections

all targets
go: 3 passed, 1 failed, 1 waived, 1 not checked (66 s)
java: not checked: cannot start `java`: install it
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn every_id_fits_its_column() {
        for case in cases() {
            assert!(case.id.len() <= ID_COLUMNS, "{}", case.id);
        }
    }

    #[test]
    fn colours_change_no_letter() {
        let coloured = render(&attempts(), Style { colour: true, width: 80 });
        assert!(coloured.contains("\u{1b}["));
    }
}
