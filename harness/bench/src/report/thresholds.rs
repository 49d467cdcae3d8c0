//! What came of thresholds, in the words of every output for people.

use super::amount::{bytes, count, number, percent, time_us};
use super::comparison::quantity::{NONE, part, ratio};
use super::document::{Cell, Part, Section, Table};
use super::markdown::escaped;
use super::paragraph::hanging;
use super::{Style, painted};
use bench_model::metric::Counted;
use bench_model::threshold::{Measured, Outcome, State, Unit};
use clap::builder::styling::{AnsiColor, Effects, Style as Paint};
use std::collections::BTreeMap;

const BOLD: Paint = Paint::new().effects(Effects::BOLD);
const GOOD: Paint = AnsiColor::Green.on_default().effects(Effects::BOLD);
const BAD: Paint = AnsiColor::Red.on_default().effects(Effects::BOLD);
const DOUBTFUL: Paint = AnsiColor::Yellow.on_default();

/// Columns of the longest state.
const STATE_COLUMNS: usize = 13;

/// An outcome as cells of a table; empty where there is nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) threshold: String,
    pub(crate) state: &'a State,
    /// Whose figure it is; empty of a run.
    pub(crate) target: String,
    /// The figure's name for people.
    pub(crate) figure: String,
    /// With its unit; a ratio names the base.
    pub(crate) measured: String,
    /// `[22.10 ms, 24.00 ms]`, if there is one.
    pub(crate) interval: Option<String>,
    pub(crate) limit: String,
    /// Why it was not evaluated, or how sure it is.
    pub(crate) remark: String,
}

impl<'a> Row<'a> {
    pub(crate) fn of(outcome: &'a Outcome) -> Self {
        Self::counting(outcome, Counted::Requests)
    }

    /// The same where so much is counted.
    fn counting(outcome: &'a Outcome, counted: Counted) -> Self {
        let measured = outcome.measured.as_ref();
        let ends = measured.and_then(|measured| Some((measured.unit, measured.low?, measured.high?)));
        Self {
            threshold: outcome.threshold.to_string(),
            state: &outcome.state,
            target: outcome.target.clone().unwrap_or_default(),
            figure: outcome.figure.map_or_else(String::new, |figure| figure.title_of(counted)),
            measured: measured.map_or_else(String::new, |measured| shown(measured, outcome.base.as_deref())),
            interval: ends
                .map(|(unit, low, high)| format!("[{}, {}]", quantity(unit, low), quantity(unit, high))),
            limit: measured.map_or_else(String::new, |measured| quantity(measured.unit, measured.limit)),
            remark: remark(outcome),
        }
    }
}

/// What came of thresholds as a section of a page, with a sentence on how they were judged; nothing where there are none.
pub(super) fn section(outcomes: &[Outcome], counted: Counted, method: Option<String>) -> Option<Section> {
    let row = |row: Row<'_>| {
        let number = |text: String| Cell::number(if text.is_empty() { NONE.to_owned() } else { text });
        vec![
            Cell::text(row.threshold),
            Cell::text(row.state.name()),
            Cell::text(row.target),
            Cell::text(row.figure),
            number(row.measured).noted(row.interval),
            number(row.limit),
            Cell::text(row.remark),
        ]
    };
    let heads = ["Threshold", "Outcome", "Target", "Figure", "Measured", "Limit", "Remark"];
    let table = Table {
        caption: "What came of the thresholds".to_owned(),
        heads: heads.map(str::to_owned).to_vec(),
        rows: outcomes.iter().map(|outcome| row(Row::counting(outcome, counted))).collect(),
    };
    let mut parts = vec![Part::Paragraph(summary(outcomes, counted) + "."), Part::Table(table)];
    parts.extend(method.map(Part::Paragraph));
    (!outcomes.is_empty()).then(|| Section::new("Thresholds", parts))
}

/// A value in a unit.
fn quantity(unit: Unit, value: f64) -> String {
    match unit {
        Unit::PerSecond => number(value),
        Unit::Microseconds => time_us(value).to_string(),
        Unit::Milliseconds => time_us(value * 1e3).to_string(),
        Unit::Bytes => bytes(value).to_string(),
        Unit::Percent => percent(value / 100.0),
        // A median of an even number of blocks may lie between two counts.
        Unit::Requests if value.fract() == 0.0 => count(value as u64),
        Unit::Requests => number(value),
        Unit::Ratio => ratio(value),
    }
}

fn shown(measured: &Measured, base: Option<&str>) -> String {
    let bound = match (measured.at_least, measured.at_most) {
        (true, false) => ">= ",
        (false, true) => "<= ",
        (false, false) | (true, true) => "",
    };
    let value = quantity(measured.unit, measured.value);
    let times = base.map_or_else(String::new, |base| format!(" times {base}'s"));
    format!("{bound}{value}{times}")
}

fn remark(outcome: &Outcome) -> String {
    match &outcome.state {
        State::NotEvaluated { why } => why.clone(),
        State::Inconclusive { settle_blocks: Some(blocks) } => format!("{blocks} blocks would settle it"),
        State::Inconclusive { settle_blocks: None } => unsettled(outcome.measured.as_ref()).to_owned(),
        State::Held | State::Failed => {
            let sure = outcome.measured.as_ref().and_then(|measured| measured.sure);
            let unsure = "by the median; its interval has the bound in it";
            if sure == Some(false) { unsure.to_owned() } else { String::new() }
        }
    }
}

/// Why no number of blocks is named that would settle it.
fn unsettled(measured: Option<&Measured>) -> &'static str {
    match measured.map(|measured| (measured.at_least, measured.at_most)) {
        Some((true, true)) => "both figures are only lower bounds: requests were cut off or never sent",
        Some((true, false)) => {
            "it is only a lower bound, and may be any worse: requests were cut off or never sent"
        }
        Some((false, true)) => "the base's is only a lower bound: requests were cut off or never sent",
        _ => "it would take over 1000 blocks, or the noise is unknown",
    }
}

/// All of them in one sentence without a full stop, which names those that did not hold: `1 failed, 2 held: p99>20ms (34.70 ms)`.
pub(crate) fn summary(outcomes: &[Outcome], counted: Counted) -> String {
    let is_named = |outcome: &&Outcome| outcome.fails() || outcome.is_inconclusive();
    let mut rows: Vec<Row<'_>> =
        outcomes.iter().filter(is_named).map(|outcome| Row::counting(outcome, counted)).collect();
    rows.sort_by_key(|row| gravity(row.state));
    if rows.is_empty() || common_reason(outcomes).is_some() {
        return counts(outcomes);
    }
    let named: Vec<String> = rows.iter().map(named).collect();
    format!("{}: {}", counts(outcomes), named.join("; "))
}

/// In which order states are to be read.
fn gravity(state: &State) -> usize {
    match state {
        State::Failed => 0,
        State::NotEvaluated { .. } => 1,
        State::Inconclusive { .. } => 2,
        State::Held => 3,
    }
}

/// How many are in each state: `1 failed, 2 held`, `all 3 held`.
fn counts(outcomes: &[Outcome]) -> String {
    if let Some(why) = common_reason(outcomes) {
        return format!("not evaluated, since {why}");
    }
    match tallied(outcomes.iter().map(|outcome| &outcome.state)).as_slice() {
        [(state, 1)] => (*state).to_owned(),
        [(state, times)] => format!("all {times} {state}"),
        several => listed(several),
    }
}

/// Why none of them was evaluated, where that is one and the same.
fn common_reason(outcomes: &[Outcome]) -> Option<&str> {
    let State::NotEvaluated { why } = &outcomes.first()?.state else { return None };
    outcomes.iter().all(|outcome| outcome.state == outcomes[0].state).then_some(why.as_str())
}

/// The states that there are, in the order in which they are to be read, and how often each is there.
fn tallied<'a>(states: impl Iterator<Item = &'a State>) -> Vec<(&'static str, usize)> {
    let mut times: BTreeMap<(usize, &'static str), usize> = BTreeMap::new();
    for state in states {
        *times.entry((gravity(state), state.name())).or_default() += 1;
    }
    times.into_iter().map(|((_, name), times)| (name, times)).collect()
}

fn listed(tallied: &[(&str, usize)]) -> String {
    let each: Vec<String> = tallied.iter().map(|(state, times)| format!("{times} {state}")).collect();
    each.join(", ")
}

/// `p99>20ms (34.70 ms)`, `any worse than base by 5% (go CPU per request, 1.12 times rust's)`.
fn named(row: &Row<'_>) -> String {
    let what = if row.measured.is_empty() { &row.remark } else { &row.measured };
    let parts: Vec<String> = [whose(row), what.clone()].into_iter().filter(|part| !part.is_empty()).collect();
    format!("{} ({})", row.threshold, parts.join(", "))
}

/// Whose figure it is, and which, where the threshold does not say it.
fn whose(row: &Row<'_>) -> String {
    let is_any = row.threshold.starts_with("any ");
    if is_any { format!("{} {}", row.target, row.figure).trim().to_owned() } else { row.target.clone() }
}

/// The outcomes for a terminal below a line that sums them up, at most `most` of them: those first that are to be read. Each
/// takes a line, and more where it does not fit.
pub(crate) fn lines(outcomes: &[Outcome], counted: Counted, most: usize, style: Style) -> Vec<String> {
    if outcomes.is_empty() {
        return Vec::new();
    }
    let head = hanging("", &format!("Thresholds: {}", counts(outcomes)), style.width);
    let mut lines: Vec<String> = head.iter().map(|line| painted(style.colour, BOLD, line)).collect();
    if common_reason(outcomes).is_some() {
        return lines;
    }
    let mut rows: Vec<Row<'_>> = outcomes.iter().map(|outcome| Row::counting(outcome, counted)).collect();
    rows.sort_by_key(|row| gravity(row.state));
    for row in rows.iter().take(most) {
        lines.extend(line(row, style));
    }
    if rows.len() > most {
        let left = tallied(rows[most..].iter().map(|row| row.state));
        lines.push(format!("  and {} (see --format markdown)", listed(&left)));
    }
    lines
}

fn line(row: &Row<'_>, style: Style) -> Vec<String> {
    let state = row.state.name();
    let mark = format!("  {state:<STATE_COLUMNS$}  ");
    let interval = row.interval.as_ref().map_or_else(String::new, |interval| format!(" {interval}"));
    let parts = [whose(row), format!("{}{interval}", row.measured), row.remark.clone()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = format!("{}: {}", row.threshold, parts.join(", "));
    let paint = match row.state {
        State::Held => GOOD,
        State::Inconclusive { .. } => DOUBTFUL,
        State::Failed | State::NotEvaluated { .. } => BAD,
    };
    let mut lines = hanging(&mark, &text, style.width);
    if let Some(first) = lines.first_mut() {
        *first = first.replacen(state, &painted(style.colour, paint, state), 1);
    }
    lines
}

/// A table of them for Markdown, below a line that sums them up; nothing where there are none.
pub(crate) fn markdown(outcomes: &[Outcome]) -> Option<String> {
    if outcomes.is_empty() {
        return None;
    }
    let mut text = format!("**Thresholds: {}.**", escaped(&counts(outcomes)));
    text += "\n\n| Threshold | Outcome | Measured | Remark |\n|---|---|---:|---|";
    for row in outcomes.iter().map(Row::of) {
        let name = row.state.name();
        let state = if *row.state == State::Held { name.to_owned() } else { format!("**{name}**") };
        let cells = [escaped(&row.threshold), state, escaped(&row.measured), escaped(&row.remark)];
        text += &format!("\n| {} |", cells.join(" | "));
    }
    Some(text)
}

/// How thresholds of a comparison are judged, for its reports.
pub(crate) fn method(confidence: f64) -> String {
    let (confidence, level) = (part(confidence), part(1.0 - confidence));
    format!(
        "A bound fails by the median over the blocks. What is relative to the base fails only where the whole {confidence} \
         interval of the ratio is worse than the margin and Holm's p-value, over all that is asked so, is at most {level}; \
         it holds where none of the interval is; anything else is inconclusive, which is no failure by itself."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { colour: false, width: 80 };

    fn measured(unit: Unit, value: f64, limit: f64) -> Measured {
        Measured { unit, value, limit, low: None, high: None, at_least: false, at_most: false, sure: None }
    }

    fn of_run(threshold: &str, state: State, value: f64) -> Outcome {
        let outcome = Outcome::new(threshold.parse().unwrap(), state);
        let absolute = outcome.threshold.absolute().unwrap();
        Outcome { measured: Some(measured(absolute.figure.unit(), value, absolute.bound)), ..outcome }
    }

    fn of_pair(threshold: &str, figure: &str, state: State, ratio: f64) -> Outcome {
        let ends = Measured {
            low: Some(ratio * 0.99),
            high: Some(ratio * 1.01),
            ..measured(Unit::Ratio, ratio, 1.05)
        };
        Outcome {
            figure: Some(figure.parse().unwrap()),
            target: Some("go".to_owned()),
            base: Some("rust".to_owned()),
            measured: Some(ends),
            ..Outcome::new(threshold.parse().unwrap(), state)
        }
    }

    #[test]
    fn figures_have_their_unit() {
        for (threshold, value, limit, shown) in [
            ("p99>20ms", 34_700.0, "20.00 ms", "34.70 ms"),
            ("tps<10k", 8_900.0, "10.00k", "8900"),
            ("memory.peak>100MiB", 115_343_360.0, "100.0 MiB", "110.0 MiB"),
            ("errors>0.1%", 0.25, "0.10%", "0.25%"),
            ("errors.timeout>3", 5.0, "3", "5"),
            // Of ten blocks, of which five had one.
            ("errors.timeout>0", 0.5, "0", "0.500"),
            ("startup>2s", 2_500.0, "2.000 s", "2.500 s"),
        ] {
            let outcome = of_run(threshold, State::Failed, value);
            let row = Row::of(&outcome);
            assert_eq!((row.limit.as_str(), row.measured.as_str()), (limit, shown), "{threshold}");
        }
        let mut stalled = of_run("p99>20ms", State::Failed, 9_999_000.0);
        stalled.measured.as_mut().unwrap().at_least = true;
        assert_eq!(Row::of(&stalled).measured, ">= 9.999 s");
    }

    #[test]
    fn summaries() {
        let held = of_run("tps<10k", State::Held, 42_000.0);
        let failed = of_run("p99>20ms", State::Failed, 34_700.0);
        let unseen = Outcome::not_evaluated("service.p99>1ms".parse().unwrap(), "it was not measured");
        let any = of_pair("any worse than base by 5%", "cpu", State::Failed, 1.121);
        let unclear = State::Inconclusive { settle_blocks: Some(24) };
        let unclear = of_pair("tps worse than base by 5%", "tps", unclear, 0.96);
        for (outcomes, text) in [
            (vec![held.clone()], "held"),
            (vec![held.clone(), held.clone()], "all 2 held"),
            (vec![held.clone(), failed.clone()], "1 failed, 1 held: p99>20ms (34.70 ms)"),
            (vec![unseen.clone()], "not evaluated, since it was not measured"),
            (
                vec![unseen, failed, held],
                "1 failed, 1 not evaluated, 1 held: p99>20ms (34.70 ms); service.p99>1ms (it was not measured)",
            ),
            (
                vec![unclear, any.clone()],
                "1 failed, 1 inconclusive: any worse than base by 5% (go CPU per request, 1.12 times rust's); tps worse than base \
                 by 5% (go, 0.960 times rust's)",
            ),
        ] {
            assert_eq!(summary(&outcomes, Counted::Requests), text);
        }
        let of_batches = summary(&[any], Counted::Items);
        assert_eq!(of_batches, "failed: any worse than base by 5% (go CPU per item, 1.12 times rust's)");
    }

    #[test]
    fn bounds_of_ratios_say_on_which_side_they_are() {
        for (at_least, at_most, measured, part) in [
            (true, false, ">= 1.000 times rust's", "may be any worse"),
            (false, true, "<= 1.000 times rust's", "the base's is only a lower bound"),
            (true, true, "1.000 times rust's", "both figures"),
            (false, false, "1.000 times rust's", "1000 blocks"),
        ] {
            let unclear = State::Inconclusive { settle_blocks: None };
            let mut outcome = of_pair("p99 worse than base by 5%", "p99", unclear, 1.0);
            let of = outcome.measured.as_mut().unwrap();
            (of.at_least, of.at_most) = (at_least, at_most);
            let row = Row::of(&outcome);
            assert_eq!(row.measured, measured);
            assert!(row.remark.contains(part), "{}", row.remark);
        }
    }

    #[test]
    fn what_must_be_read_comes_first_and_nothing_is_left_out_silently() {
        let unclear = State::Inconclusive { settle_blocks: Some(24) };
        let outcomes = [
            of_run("tps<10k", State::Held, 42_000.0),
            of_pair("tps worse than base by 5%", "tps", unclear, 0.96),
            of_pair("any worse than base by 5%", "cpu", State::Failed, 1.121),
            of_run("errors>0%", State::Held, 0.0),
        ];
        assert_eq!(
            lines(&outcomes, Counted::Requests, 2, PLAIN),
            [
                "Thresholds: 1 failed, 1 inconclusive, 2 held",
                "  failed         any worse than base by 5%: go CPU per request, 1.12 times",
                "                 rust's [1.11, 1.13]",
                "  inconclusive   tps worse than base by 5%: go, 0.960 times rust's [0.950,",
                "                 0.970], 24 blocks would settle it",
                "  and 2 held (see --format markdown)",
            ]
        );
        assert!(lines(&outcomes, Counted::Requests, 9, PLAIN).iter().all(|line| line.chars().count() <= 80));
        assert_eq!(lines(&[], Counted::Requests, 9, PLAIN), [""; 0]);
        let invalid = Outcome::not_evaluated("p99>20ms".parse().unwrap(), "the run is invalid");
        assert_eq!(
            lines(&[invalid], Counted::Requests, 9, PLAIN),
            ["Thresholds: not evaluated, since the run is invalid"]
        );
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let outcomes =
            [of_run("tps<10k", State::Held, 42_000.0), of_run("p99>20ms", State::Failed, 34_700.0)];
        let painted = lines(&outcomes, Counted::Requests, 9, Style { colour: true, ..PLAIN }).join("\n");
        let mut pieces = painted.split('\u{1b}');
        let mut bare = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            bare += piece.split_once('m').expect("an SGR sequence ends in m").1;
        }
        assert_eq!(bare, lines(&outcomes, Counted::Requests, 9, PLAIN).join("\n"));
        assert_ne!(bare, painted);
    }
}
