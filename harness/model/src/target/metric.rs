//! `[[metric]]` tables: which of the metrics that a target exposes are shown beside what `bench` measures itself.

mod series;

pub use series::{Series, SeriesError};

use serde::{Deserialize, Serialize};

/// So many can be told from each other in a chart.
const MOST: usize = 8;
/// A name has to fit into a legend.
const LONGEST_NAME: usize = 40;

/// A `[[metric]]`: one number of the target's own, read once an interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetMetric {
    /// What people call it.
    pub name: String,
    /// Where it is in the text that the target exposes; what fits is added up.
    pub series: Series,
    /// What its values are.
    pub unit: Unit,
    /// What is shown of them.
    pub kind: MetricKind,
}

/// What the values of a metric are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Memory.
    Bytes,
    /// Time.
    Seconds,
    /// Things that are counted.
    Count,
}

/// What is shown of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricKind {
    /// The value, which may rise and fall.
    Gauge,
    /// By how much a second the value, which only rises, grew since the last reading.
    Counter,
}

impl MetricKind {
    /// The word that manifests and Prometheus have for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter => "counter",
        }
    }
}

impl TargetMetric {
    /// The name for files and programs, which ends in the unit: `heap_bytes`, `gc_pauses_s_per_s`, `goroutines`.
    #[must_use]
    pub fn key(&self) -> String {
        let words = self.name.split([' ', '-']).filter(|word| !word.is_empty());
        let mut key = words.collect::<Vec<_>>().join("_").to_ascii_lowercase();
        key += match self.unit {
            Unit::Bytes => "_bytes",
            Unit::Seconds => "_s",
            Unit::Count => "",
        };
        key += match self.kind {
            MetricKind::Gauge => "",
            MetricKind::Counter => "_per_s",
        };
        key
    }
}

/// Refuses names that no file could tell apart, or no legend show.
pub(super) fn check(metrics: &[TargetMetric]) -> Result<(), String> {
    if metrics.len() > MOST {
        return Err(format!(
            "there are {} metrics: choose {MOST} at most, since a chart shows no more",
            metrics.len()
        ));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
    for (index, metric) in metrics.iter().enumerate() {
        let name = &metric.name;
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
        if !begins_well || name.len() > LONGEST_NAME || !name.chars().all(plain) {
            return Err(format!(
                "the metric's name `{}` must begin with a letter and may have letters, digits, spaces and hyphens, \
                 {LONGEST_NAME} in all",
                name.escape_debug()
            ));
        }
        if let Some(other) = metrics[..index].iter().find(|other| other.key() == metric.key()) {
            return Err(format!(
                "the metrics `{}` and `{name}` are both `{}` in files: give one of them another name",
                other.name,
                metric.key()
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;
    use super::*;

    const TARGET: &str = r#"
name = "tiny"
language = "Sh"
framework = "none"
start = ["serve", "{port}"]
ready = "/healthz"
[[metric]]
name = "heap"
series = 'memory_bytes{area="heap"}'
unit = "bytes"
kind = "gauge"
[[metric]]
name = "GC pauses"
series = "gc_seconds_sum"
unit = "seconds"
kind = "counter"
"#;

    #[test]
    fn a_manifest_with_metrics() {
        let manifest = Manifest::parse(TARGET).unwrap();
        let keys: Vec<String> = manifest.metric.iter().map(TargetMetric::key).collect();
        assert_eq!(keys, ["heap_bytes", "gc_pauses_s_per_s"]);
        let stored = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&stored).unwrap(), manifest);
    }

    #[test]
    fn keys_end_in_the_unit() {
        for (name, unit, kind, key) in [
            ("open files", Unit::Count, MetricKind::Gauge, "open_files"),
            ("GC  runs", Unit::Count, MetricKind::Counter, "gc_runs_per_s"),
            ("off-heap", Unit::Bytes, MetricKind::Counter, "off_heap_bytes_per_s"),
            ("lag", Unit::Seconds, MetricKind::Gauge, "lag_s"),
        ] {
            let metric = TargetMetric { name: name.into(), series: "a".parse().unwrap(), unit, kind };
            assert_eq!(metric.key(), key);
        }
    }

    #[test]
    fn mistakes_say_what_would_be_right() {
        for (from, to, line, part) in [
            ("unit = \"bytes\"", "unit = \"byte\"", 10, "expected one of `bytes`, `seconds`, `count`"),
            ("kind = \"gauge\"", "kind = \"gouge\"", 11, "expected `gauge` or `counter`"),
            ("kind = \"gauge\"", "", 7, "missing field `kind`"),
            ("kind = \"gauge\"", "knid = \"gauge\"", 11, "did you mean `kind`?"),
            ("\"gc_seconds_sum\"", "\"gc seconds\"", 14, "`gc seconds` is no series"),
            ("\"gc_seconds_sum\"", "'gc{area=heap}'", 14, "no labels"),
            ("\"GC pauses\"", "\"\"", 1, "must begin with a letter"),
            ("\"GC pauses\"", "\"1 | 2\"", 1, "letters, digits, spaces and hyphens"),
            ("\"GC pauses\"", "\"a name that is longer than any legend can show\"", 1, "40 in all"),
        ] {
            assert!(TARGET.contains(from), "{from}");
            let error = Manifest::parse(&TARGET.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part) && error.line == line, "{to}: {error}");
        }
    }

    #[test]
    fn names_must_differ_in_files_too() {
        let again = "[[metric]]\nname = \"Heap\"\nseries = \"other\"\nunit = \"bytes\"\nkind = \"gauge\"\n";
        let error = Manifest::parse(&format!("{TARGET}{again}")).unwrap_err();
        assert!(
            error.message.contains("`heap` and `Heap` are both `heap_bytes`"),
            "the first and the second are named: {error}"
        );
        let other = again.replace("bytes", "count");
        assert!(Manifest::parse(&format!("{TARGET}{other}")).is_ok(), "another unit is another name");
    }

    #[test]
    fn a_chart_has_room_for_eight() {
        let table = |number: usize| {
            format!("[[metric]]\nname = \"m{number}\"\nseries = \"m\"\nunit = \"count\"\nkind = \"gauge\"\n")
        };
        let with =
            |more: usize| Manifest::parse(&(TARGET.to_owned() + &(0..more).map(table).collect::<String>()));
        assert!(with(6).is_ok());
        assert!(with(7).unwrap_err().message.contains("there are 9 metrics: choose 8 at most"));
    }
}
