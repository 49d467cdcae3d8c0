//! Renderings of `bench check`: a table for people, JUnit for CI servers, JSON for programs.

mod json;
mod junit;
mod table;

use super::Style;
use crate::contract::Attempt;

/// How a check is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum CheckFormat {
    /// A line for each case.
    Table,
    /// JUnit XML, a suite for each target.
    Junit,
    /// One object for programs.
    Json,
}

/// Writes the checks of one target or several. The text ends in a line feed.
pub(crate) fn render(format: CheckFormat, attempts: &[Attempt], style: Style) -> String {
    match format {
        CheckFormat::Table => table::render(attempts, style),
        CheckFormat::Junit => junit::render(attempts),
        CheckFormat::Json => json::render(attempts),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contract::{Checked, Outcome, Report, cases};

    /// One target with one case of every outcome, and one that did not start.
    pub(crate) fn attempts() -> Vec<Attempt> {
        let outcomes = [
            ("integers", Outcome::Passed(String::new())),
            ("no-cache", Outcome::Failed("sent POST /echo {\"a\":\"<&>\u{1}\"}; expected 200 with the same value; came 200 with {\"a\":\"b\"}, which is another one".to_owned())),
            ("pipelining", Outcome::Waived { why: "the framework reads one request at a time".to_owned(), message: "sent two; expected two; came one".to_owned() }),
            ("half-close", Outcome::Needless { why: "was so in version 1".to_owned() }),
            ("sigterm", Outcome::NotChecked("bench did not start this server".to_owned())),
            ("many-requests", Outcome::Passed("100000 verified in 5.2 s on 64 connections".to_owned())),
        ];
        let checked = outcomes.into_iter().map(|(id, outcome)| Checked {
            case: cases().find(|case| case.id == id).unwrap(),
            outcome,
            duration_s: 0.25,
        });
        let report = Report { target: "go".to_owned(), cases: checked.collect(), duration_s: 66.04 };
        let missing =
            Attempt { target: "java".to_owned(), report: Err("cannot start `java`: install it".to_owned()) };
        vec![Attempt { target: "go".to_owned(), report: Ok(report) }, missing]
    }
}
