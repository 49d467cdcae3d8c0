//! One line of the text format of Prometheus. Knows nothing of the lines around it.

use super::{Labels, Sample};

/// What a line says.
#[derive(Debug, PartialEq)]
pub(super) enum Line {
    /// It is empty, or a comment of no meaning.
    Nothing,
    /// The metric has a help text.
    Help(String),
    /// The metric is of a kind.
    Kind(String, Kind),
    /// A value.
    Sample(Sample),
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Summary,
    Untyped,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Counter, Self::Gauge, Self::Histogram, Self::Summary, Self::Untyped];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Summary => "summary",
            Self::Untyped => "untyped",
        }
    }
}

/// Reads a line, without its line feed.
pub(super) fn read(line: &str) -> Result<Line, String> {
    let line = line.trim_matches(BLANKS);
    match line.strip_prefix('#') {
        _ if line.is_empty() => Ok(Line::Nothing),
        Some(comment) => read_comment(comment.trim_start_matches(BLANKS)),
        None => read_sample(line).map(Line::Sample),
    }
}

/// A value or a bucket's bound, as Go reads it.
pub(super) fn number(text: &str) -> Option<f64> {
    // Rust also takes `inf` and `infinity`, as Go does.
    text.parse().ok()
}

const BLANKS: [char; 2] = [' ', '\t'];

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    text.split_once(BLANKS).map_or((text, ""), |(word, rest)| (word, rest.trim_start_matches(BLANKS)))
}

fn read_comment(comment: &str) -> Result<Line, String> {
    let (keyword, rest) = word(comment);
    let (name, rest) = word(rest);
    match keyword {
        "HELP" => Ok(Line::Help(metric_name(name)?.to_owned())),
        "TYPE" if rest.is_empty() => Err("TYPE without a metric and its type".to_owned()),
        "TYPE" => match Kind::ALL.into_iter().find(|kind| kind.name() == rest) {
            Some(kind) => Ok(Line::Kind(metric_name(name)?.to_owned(), kind)),
            None => Err(format!("`{rest}` is no type of a metric")),
        },
        _ => Ok(Line::Nothing),
    }
}

fn read_sample(line: &str) -> Result<Sample, String> {
    let end = line.find(['{', ' ', '\t']).ok_or_else(|| format!("`{line}` has no value"))?;
    let name = metric_name(&line[..end])?.to_owned();
    let rest = line[end..].trim_start_matches(BLANKS);
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => read_labels(rest)?,
        None => (Labels::new(), rest),
    };
    let (value, rest) = word(rest.trim_start_matches(BLANKS));
    let (time, rest) = word(rest);
    if value.is_empty() {
        return Err(format!("{name} has no value"));
    }
    let value = number(value).ok_or_else(|| format!("the value `{}` is no number", value.escape_debug()))?;
    if !time.is_empty() && time.parse::<i64>().is_err() {
        return Err(format!("`{}` is no time in milliseconds", time.escape_debug()));
    }
    if !rest.is_empty() {
        return Err("there is more after the time".to_owned());
    }
    Ok(Sample { name, labels, value })
}

/// Labels after their opening brace, and what follows the closing one.
fn read_labels(text: &str) -> Result<(Labels, &str), String> {
    let mut labels = Labels::new();
    let mut rest = text.trim_start_matches(BLANKS);
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((labels, rest));
        }
        let (name, after) = rest.split_once('=').ok_or("the labels do not end")?;
        let name = name.trim_end_matches(BLANKS);
        if !is_name(name, "") {
            return Err(format!("`{}` is no name of a label", name.escape_debug()));
        }
        let after = after.trim_start_matches(BLANKS);
        let quoted = after
            .strip_prefix('"')
            .ok_or_else(|| format!("the value of the label `{name}` is not quoted"))?;
        let (value, after) = read_quoted(quoted)?;
        if labels.insert(name.to_owned(), value).is_some() {
            return Err(format!("the label `{name}` twice"));
        }
        let after = after.trim_start_matches(BLANKS);
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start_matches(BLANKS),
            None if after.starts_with('}') => after,
            None if after.is_empty() => return Err("the labels do not end".to_owned()),
            None => return Err(format!("a comma is missing after the label `{name}`")),
        };
    }
}

/// A label's value after its opening quote, and what follows the closing one.
fn read_quoted(text: &str) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(match characters.next() {
                Some((_, 'n')) => '\n',
                Some((_, same @ ('\\' | '"'))) => same,
                other => {
                    let escaped = other.map_or_else(String::new, |(_, other)| other.to_string());
                    return Err(format!("unknown escape `\\{escaped}`"));
                }
            }),
            other => value.push(other),
        }
    }
    Err("the value of a label does not end".to_owned())
}

fn metric_name(name: &str) -> Result<&str, String> {
    if is_name(name, ":") {
        Ok(name)
    } else {
        Err(format!("`{}` is no name of a metric", name.escape_debug()))
    }
}

/// Letters, digits and underscores, and `also`; no digit first.
fn is_name(name: &str, also: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || also.contains(c);
    name.starts_with(|c: char| !c.is_ascii_digit()) && name.chars().all(fits)
}
