//! Figures published elsewhere, as a scenario quotes them in `[[claim]]`. Owns what a claim says; whether its figures
//! agree with each other is for [`crate::audit`].

use crate::audit::{Audit, Figures};
use crate::quantity::{duration_text, parse_bytes};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::time::Duration;

/// A `[[claim]]`: what someone else says that a target did under this load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Where it was published: an address, or words.
    pub source: String,
    /// The target of ours that it is about.
    pub target: String,
    /// What the source calls it.
    pub label: String,
    /// Connections held open; at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "connections")]
    pub connections: Option<u64>,
    /// Requests per second; above zero.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "tps")]
    pub tps: Option<f64>,
    /// Median latency; above zero.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "duration",
        serialize_with = "duration_as_text"
    )]
    pub p50: Option<Duration>,
    /// 99th percentile of the latency; above zero.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "duration",
        serialize_with = "duration_as_text"
    )]
    pub p99: Option<Duration>,
    /// Mean latency; above zero.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "duration",
        serialize_with = "duration_as_text"
    )]
    pub mean: Option<Duration>,
    /// Memory of the server, in bytes.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        rename = "memory",
        deserialize_with = "bytes",
        serialize_with = "bytes_as_text"
    )]
    pub memory_bytes: Option<u64>,
    /// The machine, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// The load generator, in words; its name is the first of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generator: Option<String>,
}

impl Claim {
    /// The claim's figures of load and latency.
    #[must_use]
    pub fn figures(&self) -> Figures {
        Figures {
            connections: self.connections,
            tps: self.tps,
            p50: self.p50,
            p99: self.p99,
            mean: self.mean,
            recorded_up_to: self.generator.as_deref().and_then(recorded_up_to),
        }
    }

    /// Checks the figures against each other; see [`Figures::audit`].
    #[must_use]
    pub fn audit(&self) -> Audit {
        self.figures().audit()
    }

    /// What is missing for the claim to be one.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { label, tps, p50, p99, mean, memory_bytes, .. } = self;
        let latency = [p50, p99, mean].iter().any(|given| given.is_some());
        if tps.is_none() && !latency && memory_bytes.is_none() {
            return Err(format!(
                "the claim `{label}` has no figure: give one of `tps`, `p50`, `p99`, `mean` and `memory`"
            ));
        }
        Ok(())
    }
}

/// The longest latency that a generator records unless told otherwise, where we know it to count slower answers in its
/// rate and to leave them out of its percentiles.
///
/// wrk does so from its `--timeout` on (`stats_record` in its stats.c, called by `response_complete` in its wrk.c).
fn recorded_up_to(generator: &str) -> Option<Duration> {
    let name = generator.split(|c: char| !c.is_ascii_alphanumeric()).next()?;
    (name == "wrk").then_some(Duration::from_secs(2))
}

fn connections<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(deserializer)? {
        0 => Err(serde::de::Error::custom("`connections` is 0: at least 1 is needed")),
        count => Ok(Some(count)),
    }
}

fn tps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let tps = f64::deserialize(deserializer)?;
    if tps.is_finite() && tps > 0.0 {
        Ok(Some(tps))
    } else {
        Err(serde::de::Error::custom(format!("`tps` is {tps}: write a number above zero, such as 18432")))
    }
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration_text::deserialize(deserializer).map(Some)
}

fn duration_as_text<S: Serializer>(length: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    match length {
        Some(length) => duration_text::serialize(length, serializer),
        None => serializer.serialize_none(),
    }
}

fn bytes_as_text<S: Serializer>(size: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match size {
        Some(size) => serializer.collect_str(&format_args!("{size}B")),
        None => serializer.serialize_none(),
    }
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_bytes(&text).map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const GOOD: &str = r#"
name = "echo"
description = "Echo."
[[request]]
path = "/"
[[claim]]
source = "a talk"
target = "go"
label = "Go"
connections = 1000
tps = 18432
p99 = "42ms"
memory = "89MB"
generator = "wrk, 10 threads"
"#;

    #[test]
    fn a_claim() {
        let scenario = Scenario::parse(GOOD).unwrap();
        let claim = &scenario.claim[0];
        assert_eq!(
            (claim.connections, claim.tps, claim.memory_bytes),
            (Some(1000), Some(18432.0), Some(89_000_000))
        );
        assert_eq!((claim.p99, claim.p50, claim.mean), (Some(Duration::from_millis(42)), None, None));
        assert_eq!(claim.figures().recorded_up_to, Some(Duration::from_secs(2)));
        assert_eq!(claim.machine, None);
    }

    #[test]
    fn is_stored_and_read_again() {
        let claim = Scenario::parse(GOOD).unwrap().claim.remove(0);
        let stored = serde_json::to_string(&claim).unwrap();
        assert_eq!(serde_json::from_str::<Claim>(&stored).unwrap(), claim, "{stored}");
    }

    #[test]
    fn generators_that_leave_slow_answers_out() {
        for (generator, known) in
            [("wrk", true), ("wrk -t10", true), ("wrk2", false), ("k6", false), ("", false)]
        {
            assert_eq!(recorded_up_to(generator).is_some(), known, "{generator}");
        }
    }

    #[test]
    fn mistakes_name_the_line_and_the_mend() {
        for (from, to, line, part) in [
            ("tps =", "tpss =", 11, "did you mean `tps`?"),
            ("18432", "0", 11, "`tps` is 0: write a number above zero"),
            ("18432", "inf", 11, "`tps` is inf"),
            ("18432", "\"many\"", 11, "many"),
            ("1000", "0", 10, "`connections` is 0"),
            ("\"42ms\"", "\"42 parsecs\"", 12, "`42 parsecs` is not a duration"),
            ("\"42ms\"", "\"0ms\"", 12, "must be above zero"),
            ("\"89MB\"", "\"89 elephants\"", 13, "`89 elephants` is not a size"),
            ("label = \"Go\"\n", "", 6, "`label`"),
            ("tps = 18432\np99 = \"42ms\"\nmemory = \"89MB\"\n", "", 6, "the claim `Go` has no figure"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = Scenario::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part), "{error}");
            assert_eq!(error.line, line, "{to}: {error}");
        }
    }
}
