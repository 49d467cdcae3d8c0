//! A result as GitHub's annotations: workflow commands, one a line, that a step prints on standard output. What failed is an
//! `error`, what asks for care a `warning`, what was measured a `notice`.

use super::format::Kind;
use super::sheet::{OfTarget, Sheet, State};

/// GitHub shows so many annotations of each level that a step prints, and drops the rest. The last one tells of those that
/// would be dropped.
const SHOWN: usize = 10;

/// How grave an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Error,
    Warning,
    Notice,
}

struct Annotation {
    level: Level,
    title: String,
    message: String,
}

pub(super) fn render(sheet: &Sheet) -> String {
    let all: Vec<Annotation> =
        sheet.targets.iter().flat_map(|target| of_target(sheet, target)).chain(notes(sheet)).collect();
    let levels = [Level::Error, Level::Warning, Level::Notice];
    levels
        .map(|level| written(level, all.iter().filter(|annotation| annotation.level == level).collect()))
        .concat()
}

/// The annotations of one level, no more than are shown.
fn written(level: Level, annotations: Vec<&Annotation>) -> String {
    let room = if annotations.len() > SHOWN { SHOWN - 1 } else { SHOWN };
    let (shown, left_out) = annotations.split_at(room.min(annotations.len()));
    let mut text: String = shown.iter().map(|one| command(level, &one.title, &one.message)).collect();
    if !left_out.is_empty() {
        let others: Vec<String> =
            left_out.iter().map(|one| format!("{}: {}", one.title, one.message)).collect();
        let message = format!("GitHub shows {SHOWN} of a kind; these are the others:\n{}", others.join("\n"));
        text += &command(level, &format!("{} more", left_out.len()), &message);
    }
    text
}

fn of_target(sheet: &Sheet, target: &OfTarget) -> Vec<Annotation> {
    let who = format!("{} on {}", sheet.scenario, target.name);
    let mut found = Vec::new();
    if let Some(fault) = &target.fault {
        let what = if fault.is_of_target { "failed" } else { "no result" };
        found.push(Annotation {
            level: Level::Error,
            title: format!("{who}: {what}"),
            message: fault.message.clone(),
        });
        return found;
    }
    for check in &target.checks {
        let (level, what) = match check.state {
            State::Held => continue,
            State::Failed => (Level::Error, "failed"),
            State::NotEvaluated => (Level::Error, "not evaluated"),
            State::Inconclusive => (Level::Warning, "not settled"),
        };
        let title = format!("{who}: {} {what}", check.threshold);
        found.push(Annotation { level, title, message: check.message.clone() });
    }
    // Of a gate every figure was asked for.
    let asked = sheet.kind == Kind::Gate;
    let figures = target.figures.iter().filter(|figure| asked || is_shown(figure.name));
    let lines = figures.map(|figure| {
        let ratios: Vec<String> = figure.ratios.iter().map(|ratio| format!("; {}", ratio.shown)).collect();
        format!("{}: {}{}", figure.name, figure.shown, ratios.concat())
    });
    let message = lines.collect::<Vec<_>>().join("\n");
    let message = if message.is_empty() { "nothing was measured".to_owned() } else { message };
    found.push(Annotation { level: Level::Notice, title: who, message });
    found
}

/// The figures that a reader in a hurry asks for.
fn is_shown(name: &str) -> bool {
    ["tps", "p99", "cpu-per-request", "memory-peak", "capacity"].contains(&name)
}

fn notes(sheet: &Sheet) -> Vec<Annotation> {
    let what = match sheet.kind {
        Kind::Run => "the run",
        Kind::Comparison => "the comparison",
        Kind::Capacity => "the search",
        Kind::Gate => "the gate",
    };
    let title = format!("{}: read {what} with care", sheet.scenario);
    let note = |note: &super::sheet::Note| Annotation {
        level: Level::Warning,
        title: title.clone(),
        message: format!("{}: {}", note.code, note.message),
    };
    sheet.notes.iter().map(note).collect()
}

/// A workflow command. In a property commas and colons would end it; line ends would end the command itself.
fn command(level: Level, title: &str, message: &str) -> String {
    let name = match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Notice => "notice",
    };
    format!("::{name} title={}::{}\n", property(title), data(message))
}

/// Text as a command has it. A log shows the rest as it is, so that nothing may be left in it that steers a terminal.
fn data(text: &str) -> String {
    let is_odd = |c: char| c.is_control() && !"\r\n\t".contains(c);
    text.replace(is_odd, " ").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let text = command(Level::Error, "50%, a::b\n", "50%: a, b\r\n::error::x");
        assert_eq!(text, "::error title=50%25%2C a%3A%3Ab%0A::50%25: a, b%0D%0A::error::x\n");
        let text = command(Level::Notice, "\u{1b}]0;a\u{7}", "b\tc\u{9b}2J\u{7f}");
        assert_eq!(text, "::notice title= ]0;a ::b\tc 2J \n");
    }

    #[test]
    fn of_more_than_are_shown_the_last_one_tells() {
        let one = |number: usize| Annotation {
            level: Level::Warning,
            title: format!("number {number}"),
            message: "m".to_owned(),
        };
        for (count, lines, last) in [
            (0, 0, ""),
            (10, 10, "::warning title=number 9::m"),
            (
                11,
                10,
                "::warning title=2 more::GitHub shows 10 of a kind; these are the others:%0Anumber 9: m%0Anumber 10: m",
            ),
        ] {
            let all: Vec<Annotation> = (0..count).map(one).collect();
            let text = written(Level::Warning, all.iter().collect());
            assert_eq!((text.lines().count(), text.lines().last().unwrap_or_default()), (lines, last));
        }
    }
}
