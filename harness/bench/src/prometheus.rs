//! The text format of Prometheus, version 0.0.4, as servers expose it: from a text to its samples. Pure, and strict, so that
//! what it takes every scraper takes.

mod line;

use line::{Kind, Line, read};
use std::collections::{BTreeMap, BTreeSet};

/// Labels by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// What a server exposes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Exposition {
    /// The kind of each metric that says one.
    kinds: BTreeMap<String, Kind>,
    /// In the order of the text.
    pub(crate) samples: Vec<Sample>,
}

/// A line with a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: Labels,
    pub(crate) value: f64,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub(crate) struct FormatError {
    /// From 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// Reads a text.
pub(crate) fn parse(text: &str) -> Result<Exposition, FormatError> {
    let mut reading = Reading::default();
    let lines = text.split_inclusive('\n');
    for (index, line) in lines.enumerate() {
        let wrong = |message: String| FormatError { line: index + 1, message };
        let line =
            line.strip_suffix('\n').ok_or_else(|| wrong("the last line has no line feed".to_owned()))?;
        read(line).and_then(|line| reading.take(line)).map_err(wrong)?;
    }
    Ok(reading.exposition)
}

impl Exposition {
    /// The value of a series: NaN is one, absence is not.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let wanted: Labels = labels.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
        self.of(name).find(|sample| sample.labels == wanted).map(|sample| sample.value)
    }

    /// All series of a name.
    pub(crate) fn of(&self, name: &str) -> impl Iterator<Item = &Sample> {
        self.samples.iter().filter(move |sample| sample.name == name)
    }

    /// The kind of a metric, such as `counter`, if it says one.
    pub(crate) fn kind(&self, name: &str) -> Option<&'static str> {
        self.kinds.get(name).map(|kind| kind.name())
    }
}

/// A text so far.
#[derive(Debug, Default)]
struct Reading {
    exposition: Exposition,
    /// The metric whose lines are being read.
    current: String,
    /// Whether it has had a sample.
    sampled: bool,
    /// Metrics whose lines have been read: they may not come again.
    closed: BTreeSet<String>,
    /// Metrics that have a help line.
    helped: BTreeSet<String>,
    /// All series so far, as the text of name and labels.
    series: BTreeSet<(String, Labels)>,
}

impl Reading {
    fn take(&mut self, line: Line) -> Result<(), String> {
        match line {
            Line::Nothing => Ok(()),
            Line::Help(name) => {
                self.enter(&name)?;
                if self.helped.insert(name.clone()) {
                    Ok(())
                } else {
                    Err(format!("a second HELP of {name}"))
                }
            }
            Line::Kind(name, kind) => {
                self.enter(&name)?;
                if self.sampled {
                    return Err(format!("TYPE of {name} after its first sample"));
                }
                match self.exposition.kinds.insert(name.clone(), kind) {
                    None => Ok(()),
                    Some(_) => Err(format!("a second TYPE of {name}")),
                }
            }
            Line::Sample(sample) => {
                let family = self.family(&sample.name).to_owned();
                self.enter(&family)?;
                self.fits(&family, &sample)?;
                if !self.series.insert((sample.name.clone(), sample.labels.clone())) {
                    return Err(format!("a second value of the same series of {}", sample.name));
                }
                self.exposition.samples.push(sample);
                self.sampled = true;
                Ok(())
            }
        }
    }

    /// All lines of a metric stand together.
    fn enter(&mut self, name: &str) -> Result<(), String> {
        if self.current == name {
            return Ok(());
        }
        if self.closed.contains(name) {
            return Err(format!("{name} again, after lines of other metrics"));
        }
        let earlier = std::mem::replace(&mut self.current, name.to_owned());
        self.closed.insert(earlier);
        self.sampled = false;
        Ok(())
    }

    /// The metric that a sample belongs to: histograms and summaries have samples of several names.
    fn family<'a>(&self, name: &'a str) -> &'a str {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
        match base.and_then(|base| self.exposition.kinds.get(base)) {
            Some(Kind::Histogram | Kind::Summary) => base.unwrap_or(name),
            _ => name,
        }
    }

    fn fits(&self, family: &str, sample: &Sample) -> Result<(), String> {
        match self.exposition.kinds.get(family) {
            Some(Kind::Histogram) if sample.name == family => {
                Err(format!("{family} is a histogram, which has no value of its own"))
            }
            Some(Kind::Histogram) if sample.name.ends_with("_bucket") => match sample.labels.get("le") {
                Some(bound) if line::number(bound).is_some() => Ok(()),
                Some(bound) => Err(format!("the bound `{bound}` of a bucket is no number")),
                None => Err("a bucket without `le`".to_owned()),
            },
            Some(Kind::Counter) if sample.value < 0.0 || sample.value.is_nan() => {
                Err(format!("the counter {family} is {}", sample.value))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# HELP up Whether it is up.
# TYPE up gauge
up 1

# a comment of no meaning
# TYPE asked_total counter
asked_total{path="/a",note="a \"quoted\" \\ and\na second line"} 1.5e3
asked_total{ path = "/b" , } 2 1700000000000
# TYPE took_seconds histogram
took_seconds_bucket{le="0.5"} 1
took_seconds_bucket{le="+Inf"} 2
took_seconds_sum 0.75
took_seconds_count 2
bare +Inf
"#;

    #[test]
    fn a_text_with_all_of_the_format() {
        let exposition = parse(TEXT).unwrap();
        assert_eq!(exposition.samples.len(), 8);
        assert_eq!((exposition.kind("up"), exposition.kind("bare")), (Some("gauge"), None));
        assert_eq!(exposition.value("asked_total", &[("path", "/b")]), Some(2.0));
        assert_eq!(exposition.value("asked_total", &[]), None);
        let note = "a \"quoted\" \\ and\na second line";
        assert_eq!(exposition.value("asked_total", &[("note", note), ("path", "/a")]), Some(1500.0));
        assert_eq!(exposition.value("took_seconds_bucket", &[("le", "+Inf")]), Some(2.0));
        assert_eq!(exposition.value("bare", &[]), Some(f64::INFINITY));
        assert_eq!(exposition.of("took_seconds_bucket").count(), 2);
        assert_eq!(parse("").unwrap(), Exposition::default());
    }

    #[test]
    fn mistakes_name_the_line() {
        for (text, line, part) in [
            ("a 1", 1, "no line feed"),
            ("a 1\nb\n", 2, "has no value"),
            ("a 1\na 2\n", 2, "a second value"),
            ("a{x=\"1\"} 1\na{x=\"1\"} 2\n", 2, "a second value"),
            ("a one\n", 1, "`one` is no number"),
            ("a 1 soon\n", 1, "`soon` is no time"),
            ("a 1 2 3\n", 1, "more after the time"),
            ("1a 1\n", 1, "is no name"),
            ("a{1x=\"\"} 1\n", 1, "is no name of a label"),
            ("a{x=\"1\",x=\"2\"} 1\n", 1, "the label `x` twice"),
            ("a{x=1} 1\n", 1, "is not quoted"),
            ("a{x=\"1} 1\n", 1, "does not end"),
            ("a{x=\"\\t\"} 1\n", 1, "unknown escape"),
            ("a{x=\"1\" y=\"2\"} 1\n", 1, "a comma"),
            ("a{x=\"1\"\n", 1, "do not end"),
            ("# TYPE a gouge\na 1\n", 1, "`gouge` is no type"),
            ("# TYPE a\n", 1, "TYPE without"),
            ("# TYPE a gauge\n# TYPE a gauge\n", 2, "a second TYPE"),
            ("# HELP a x\n# HELP a y\n", 2, "a second HELP"),
            ("a 1\n# TYPE a gauge\n", 2, "after its first sample"),
            ("a 1\nb 1\na{x=\"1\"} 1\n", 3, "a again, after"),
            ("# TYPE a histogram\na 1\n", 2, "no value of its own"),
            ("# TYPE a histogram\na_bucket 1\n", 2, "without `le`"),
            ("# TYPE a histogram\na_bucket{le=\"x\"} 1\n", 2, "no number"),
            ("# TYPE a counter\na -1\n", 2, "the counter a is -1"),
            ("a 1\r\n", 1, "is no"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.line == line && error.message.contains(part), "{text:?}: {error}");
        }
    }
}
