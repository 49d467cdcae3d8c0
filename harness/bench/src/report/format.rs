//! The formats that results can be written in, and which of them there are of a run, a comparison, a search and a gate.
//!
//! Which a kind of result has is said once, by the tables `RUN`, `COMPARISON`, `CAPACITY` and `GATE` that also write them.

use super::RUN;
use super::capacity::CAPACITY;
use super::comparison::COMPARISON;
use super::gate::GATE;
use bench_model::suggest::nearest;
use clap::ValueEnum as _;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fmt;

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people at a terminal
    Text,
    /// One object for programs
    Json,
    /// A table: a row for each interval of a run, or for each run of a comparison
    Csv,
    /// A section for a pull request, or the decision report of a comparison
    Markdown,
    /// The report as one file that needs no other
    Html,
    /// GitHub's job summary: Markdown that stays below its limit of 1 MiB
    Github,
    /// GitHub's annotations: a workflow command for each failure, each warning and each result
    Annotations,
    /// JUnit XML: a case for each target and metric
    Junit,
    /// github-action-benchmark, customBiggerIsBetter: throughput and capacity
    GabBigger,
    /// github-action-benchmark, customSmallerIsBetter: latency, CPU, memory, start-up, size
    GabSmaller,
    /// Bencher Metric Format
    Bmf,
    /// The summary that k6 hands to handleSummary()
    K6,
    /// What wrk prints with --latency
    Wrk,
    /// One object for each interval, with its latencies as an HdrHistogram
    Ndjson,
    /// HdrHistogram's percentile file
    Hgrm,
    /// Prometheus' text exposition
    Prometheus,
}

/// What results are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One run.
    Run,
    /// Blocks of runs.
    Comparison,
    /// A search for capacities.
    Capacity,
    /// What a comparison of a candidate with its base comes to.
    Gate,
}

/// A format that a kind of result does not have. The message names those that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{kind} has no format `{format}`: choose from {}", .kind.names().join(", "))]
pub(crate) struct NotOfThisKind {
    kind: Kind,
    format: Format,
}

/// A word that names no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is no format{}: choose from {}", hint(.word, .names), .names.join(", "))]
pub(crate) struct UnknownFormat {
    word: String,
    names: Vec<&'static str>,
}

fn hint(word: &str, names: &[&'static str]) -> String {
    nearest(word, names.iter().copied()).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}

impl Format {
    /// What is typed for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Github => "github",
            Self::Annotations => "annotations",
            Self::Junit => "junit",
            Self::GabBigger => "gab-bigger",
            Self::GabSmaller => "gab-smaller",
            Self::Bmf => "bmf",
            Self::K6 => "k6",
            Self::Wrk => "wrk",
            Self::Ndjson => "ndjson",
            Self::Hgrm => "hgrm",
            Self::Prometheus => "prometheus",
        }
    }

    /// The format of a name, among those of a kind, or among all.
    pub(crate) fn named(word: &str, kind: Option<Kind>) -> Result<Self, UnknownFormat> {
        let known = kind.map_or_else(|| Self::value_variants().to_vec(), Kind::formats);
        let found = known.iter().copied().find(|format| format.name() == word);
        found.ok_or_else(|| UnknownFormat {
            word: word.to_owned(),
            names: known.into_iter().map(Self::name).collect(),
        })
    }

    /// Whether it feeds a history of figures, so that it leaves out those that may not be used.
    pub(crate) fn is_for_a_history(self) -> bool {
        matches!(self, Self::GabBigger | Self::GabSmaller | Self::Bmf)
    }
}

impl Kind {
    /// The formats that there are of it, in the order in which they are listed.
    pub(crate) fn formats(self) -> Vec<Format> {
        match self {
            Self::Run => RUN.iter().map(|(format, _)| *format).collect(),
            Self::Comparison => COMPARISON.iter().map(|(format, _)| *format).collect(),
            Self::Capacity => CAPACITY.iter().map(|(format, _)| *format).collect(),
            Self::Gate => GATE.iter().map(|(format, _)| *format).collect(),
        }
    }

    /// The formats' names.
    pub(crate) fn names(self) -> Vec<&'static str> {
        self.formats().into_iter().map(Format::name).collect()
    }

    /// That it has a format.
    pub(crate) fn require(self, format: Format) -> Result<(), NotOfThisKind> {
        if self.formats().contains(&format) { Ok(()) } else { Err(NotOfThisKind { kind: self, format }) }
    }

    /// What `--format` takes: the formats of this kind and no others.
    pub(crate) fn parser(self) -> impl TypedValueParser<Value = Format> {
        let values = self.formats().into_iter().filter_map(|format| format.to_possible_value());
        PossibleValuesParser::new(values)
            .try_map(move |name| Format::named(&name, Some(self)).map_err(|error| error.to_string()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Run => "a run",
            Self::Comparison => "a comparison",
            Self::Capacity => "a search for capacities",
            Self::Gate => "a gate",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_of_something_and_has_the_name_that_is_typed() {
        let kinds = [Kind::Run, Kind::Comparison, Kind::Capacity, Kind::Gate];
        for format in Format::value_variants() {
            assert_eq!(format.to_possible_value().expect("none is hidden").get_name(), format.name());
            assert!(kinds.iter().any(|kind| kind.require(*format).is_ok()), "{format}");
            assert_eq!(Format::named(format.name(), None), Ok(*format));
        }
        for kind in kinds {
            let formats = kind.formats();
            for (index, format) in formats.iter().enumerate() {
                assert!(!formats[..index].contains(format), "{kind} has {format} twice");
            }
        }
    }

    /// The formats of the table in `docs/formats.md`, with what its second column says.
    #[test]
    fn the_table_of_the_document_says_of_what_there_is_each() {
        let document = include_str!("../../../../docs/formats.md");
        let row = |line: &'static str| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            Some((cells.next()?.trim_end_matches('`').to_owned(), cells.next()?.to_owned()))
        };
        let written: Vec<(String, String)> = document.lines().filter_map(row).collect();
        let kinds = [(Kind::Run, "runs"), (Kind::Comparison, "comparisons"), (Kind::Capacity, "searches")];
        let expected = Format::value_variants().iter().map(|format| {
            let of = kinds.iter().filter(|(kind, _)| kind.require(*format).is_ok());
            let of: Vec<&str> = of.map(|(_, noun)| *noun).collect();
            let of = match (of.len() == kinds.len(), Kind::Gate.require(*format)) {
                (true, Ok(())) => "all".to_owned(),
                (true, Err(_)) => "all but gates".to_owned(),
                (false, _) => of.join(", "),
            };
            (format.name(), of)
        });
        for (format, of) in expected {
            let found: Vec<&str> =
                written.iter().filter(|(name, _)| name == format).map(|(_, of)| of.as_str()).collect();
            assert_eq!(found, [of], "{format}");
        }
        assert_eq!(written.len(), Format::value_variants().len());
    }

    #[test]
    fn what_is_missing_names_what_is_there() {
        let error = Kind::Capacity.require(Format::K6).expect_err("a search is no run").to_string();
        assert!(
            error.starts_with("a search for capacities has no format `k6`: choose from text, json"),
            "{error}"
        );
        assert!(!error.contains("wrk"), "{error}");
        let error = Format::named("junti", Some(Kind::Run)).expect_err("misspelt").to_string();
        assert!(
            error.starts_with("`junti` is no format (did you mean `junit`?): choose from text"),
            "{error}"
        );
    }
}
