//! Which of a target's series a metric is: a name, and labels that must be there.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A name and labels, written as Prometheus writes them: `jvm_memory_used_bytes{area="heap"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Series {
    /// The metric's name.
    pub name: String,
    /// Labels that a series must have to fit; it may have others.
    pub labels: BTreeMap<String, String>,
}

/// What is wrong with a series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesError {
    /// It does not begin with the name of a metric.
    #[error(
        "`{0}` is no series: write the name of a metric, such as process_open_fds, and labels behind it where some of its \
         series are meant, such as {{area=\"heap\"}}"
    )]
    Name(String),
    /// What follows the name is no list of labels.
    #[error(
        "`{0}` has no labels behind its name: write them like {{area=\"heap\",pool=\"old\"}}, in a text between single \
         quotes; they are compared for equality"
    )]
    Labels(String),
    /// A label comes twice.
    #[error("`{series}` has the label `{label}` twice: leave one out")]
    Twice {
        /// The series as it is written.
        series: String,
        /// The label.
        label: String,
    },
}

impl Series {
    /// Whether a series of this name and with these labels is one of those that are meant.
    #[must_use]
    pub fn fits(&self, name: &str, labels: &BTreeMap<String, String>) -> bool {
        self.name == name && self.labels.iter().all(|(label, value)| labels.get(label) == Some(value))
    }
}

impl FromStr for Series {
    type Err = SeriesError;

    fn from_str(text: &str) -> Result<Self, SeriesError> {
        let (name, rest) = text.split_at(text.find('{').unwrap_or(text.len()));
        if !is_name(name, ":") {
            return Err(SeriesError::Name(text.to_owned()));
        }
        let wrong = || SeriesError::Labels(text.to_owned());
        let mut labels = BTreeMap::new();
        if !rest.is_empty() {
            let mut rest =
                rest.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or_else(wrong)?;
            while !rest.trim_start().is_empty() {
                let (label, value, after) = first_label(rest.trim_start()).ok_or_else(wrong)?;
                if labels.insert(label.to_owned(), value).is_some() {
                    return Err(SeriesError::Twice { series: text.to_owned(), label: label.to_owned() });
                }
                rest = after;
            }
        }
        Ok(Self { name: name.to_owned(), labels })
    }
}

impl TryFrom<String> for Series {
    type Error = SeriesError;

    fn try_from(text: String) -> Result<Self, SeriesError> {
        text.parse()
    }
}

impl From<Series> for String {
    fn from(series: Series) -> Self {
        series.to_string()
    }
}

impl fmt::Display for Series {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        for (index, (label, value)) in self.labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            write!(formatter, "{}{label}=\"{value}\"", if index == 0 { '{' } else { ',' })?;
        }
        formatter.write_str(if self.labels.is_empty() { "" } else { "}" })
    }
}

/// The first label of several and its value, and what follows them and their comma.
fn first_label(text: &str) -> Option<(&str, String, &str)> {
    let (label, rest) = text.split_once('=')?;
    let label = label.trim_end();
    let mut characters = rest.trim_start().strip_prefix('"')?.chars();
    let mut value = String::new();
    loop {
        match characters.next()? {
            '"' => break,
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                same @ ('\\' | '"') => same,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
    let rest = characters.as_str().trim_start();
    let after = if rest.is_empty() { rest } else { rest.strip_prefix(',')? };
    is_name(label, "").then_some((label, value, after))
}

/// Letters, digits and underscores, and `also`; no digit first.
fn is_name(name: &str, also: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || also.contains(c);
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for (text, name, pairs) in [
            ("up", "up", &[][..]),
            ("a:b_total", "a:b_total", &[]),
            ("up{}", "up", &[]),
            ("up{ a = \"1\" , b=\"2\", }", "up", &[("a", "1"), ("b", "2")]),
            ("up{a=\"a \\\"b\\\" \\\\ }\\n,=\"}", "up", &[("a", "a \"b\" \\ }\n,=")]),
        ] {
            let series: Series = text.parse().unwrap();
            assert_eq!((series.name.as_str(), &series.labels), (name, &labels(pairs)), "{text}");
            assert_eq!(series.to_string().parse(), Ok(series), "{text}");
        }
    }

    #[test]
    fn mistakes() {
        for text in ["", "1a", "a b", "{a=\"1\"}", "rate(a)"] {
            assert_eq!(text.parse::<Series>(), Err(SeriesError::Name(text.to_owned())));
        }
        for text in [
            "a{",
            "a{b}",
            "a{b=1}",
            "a{b=\"1}",
            "a{b=\"1\"",
            "a{b=~\"1\"}",
            "a{b=\"1\"c=\"2\"}",
            "a{=\"1\"}",
            "a{b=\"\\t\"}",
            "a{,}",
        ] {
            assert_eq!(text.parse::<Series>(), Err(SeriesError::Labels(text.to_owned())));
        }
        let twice = "a{b=\"1\",b=\"2\"}".parse::<Series>().unwrap_err();
        assert!(twice.to_string().contains("the label `b` twice"), "{twice}");
    }

    #[test]
    fn a_series_may_have_more_labels_than_are_asked_for() {
        let heap: Series = "used{area=\"heap\"}".parse().unwrap();
        let all: Series = "used".parse().unwrap();
        for (name, pairs, of_heap, of_all) in [
            ("used", &[("area", "heap"), ("pool", "old")][..], true, true),
            ("used", &[("area", "nonheap")], false, true),
            ("used", &[], false, true),
            ("used_max", &[("area", "heap")], false, false),
        ] {
            let labels = labels(pairs);
            assert_eq!((heap.fits(name, &labels), all.fits(name, &labels)), (of_heap, of_all), "{pairs:?}");
        }
    }
}
