//! The plan of a run: scenario, target and load model with every number resolved.

use crate::addresses::AddressList;
use crate::body::Body;
use crate::load::LoadModel;
use crate::metric::Counted;
use crate::scenario::{AuditKind, BodyExpectation, JsonFields, RefusedSpec};
use crate::status::StatusSet;
use crate::steady::WarmUp;
use crate::target::{Manifest, TargetMetric};
use crate::threshold::Threshold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// The scenario's name of a run that has none.
pub const AD_HOC: &str = "ad-hoc";

/// Everything that decides what a run does. Stored with the run, so that it can be repeated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The scenario's name, or `ad-hoc`.
    pub scenario: String,
    /// What is loaded.
    pub target: TargetPlan,
    /// How it is loaded.
    pub load: LoadModel,
    /// Length of the measured window, in seconds.
    pub duration_s: f64,
    /// Length of one interval, in seconds: 1, or less where the window is shorter or no whole number of seconds.
    pub interval_s: f64,
    /// How long to warm up.
    pub warmup: WarmUp,
    /// The longest wait for a complete answer, in seconds.
    pub timeout_s: f64,
    /// The longest wait for a connection, in seconds.
    pub connect_timeout_s: f64,
    /// Generator threads; at least 1.
    pub threads: usize,
    /// The CPUs that the generator runs on.
    pub generator_cpus: Vec<usize>,
    /// The CPUs that the target runs on; empty for a target that `bench` does not start.
    pub target_cpus: Vec<usize>,
    /// The addresses that connections come from, in turn; whichever the system chooses if empty.
    #[serde(default, skip_serializing_if = "AddressList::is_empty")]
    pub source_addresses: AddressList,
    /// The requests that are sent once before the load, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub setup: Vec<RequestPlan>,
    /// The requests, sent in turn, as often as their weights say; at least 1.
    pub requests: Vec<RequestPlan>,
    /// What is compared with the target's own account after the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditKind>,
    /// What must not be of its figures: the scenario's, and what was typed. Nothing of it changes what the run does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fail_if: Vec<Threshold>,
    /// What was typed in the stead of what the scenario says; it is in `requests` already.
    #[serde(default, skip_serializing_if = "Overrides::is_empty")]
    pub overrides: Overrides,
}

/// What was typed in the stead of what a scenario says of its requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Accepted statuses.
    pub expect_status: Option<StatusSet>,
    /// What the body must be.
    pub expect_body: Option<BodyExpectation>,
    /// Items of one request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<usize>,
}

impl Overrides {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The target of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TargetPlan {
    /// A server that `bench` starts and stops.
    Managed {
        /// How.
        manifest: Box<Manifest>,
    },
    /// A server that runs already.
    Url {
        /// Where.
        url: String,
        /// The process whose tree is sampled, if any.
        pid: Option<u32>,
    },
}

impl TargetPlan {
    /// The target's name for people: the manifest's, or the URL.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Managed { manifest } => &manifest.name,
            Self::Url { url, .. } => url,
        }
    }

    /// Which of its own metrics are read; none of a server that runs already, of which nothing is known.
    #[must_use]
    pub fn metrics(&self) -> &[TargetMetric] {
        match self {
            Self::Managed { manifest } => &manifest.metric,
            Self::Url { .. } => &[],
        }
    }

    /// How it is started, in words; nothing for a server that runs already.
    #[must_use]
    pub fn started_as(&self) -> Option<String> {
        match self {
            Self::Managed { manifest } => Some(manifest.start_in_words()),
            Self::Url { .. } => None,
        }
    }
}

/// One request of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestPlan {
    /// The HTTP method.
    pub method: String,
    /// The path with its query; filled anew for each request where it has places.
    pub path: String,
    /// Headers beside `Host`, `Content-Length` and `Content-Encoding`.
    pub headers: BTreeMap<String, String>,
    /// The bodies.
    pub body: Body,
    /// Whether they are sent compressed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub gzip: bool,
    /// Accepted statuses.
    pub expect_status: StatusSet,
    /// What the body must be.
    pub expect_body: BodyExpectation,
    /// Fields that the JSON in the body must have.
    #[serde(default, skip_serializing_if = "JsonFields::is_empty")]
    pub expect_json: JsonFields,
    /// What is an answer that says no to what was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedSpec>,
    /// How often it is sent in relation to the others; at least 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub weight: u32,
    /// Of a request before the load: the fields of its answer that are kept, by the names that they are kept under.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keep: BTreeMap<String, String>,
}

impl Default for RequestPlan {
    /// `GET /`, with anything accepted in a successful answer.
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            headers: BTreeMap::new(),
            body: Body::None,
            gzip: false,
            expect_status: StatusSet::default(),
            expect_body: BodyExpectation::Any,
            expect_json: JsonFields::new(),
            refused: None,
            weight: 1,
            keep: BTreeMap::new(),
        }
    }
}

impl RequestPlan {
    /// Whether it asks for its connection to be closed after the answer.
    #[must_use]
    pub fn closes_connection(&self) -> bool {
        let is_close = |(name, value): (&String, &String)| {
            name.eq_ignore_ascii_case("connection") && value.trim().eq_ignore_ascii_case("close")
        };
        self.headers.iter().any(is_close)
    }

    /// Whether it sends transactions to the ledger of `targets/CONTRACT.md`.
    #[must_use]
    pub fn is_transaction(&self) -> bool {
        self.method == "POST" && matches!(self.path.split('?').next(), Some("/tx" | "/tx/batch"))
    }

    /// Why an answer could mean that what was asked was refused, and that it was accepted, or never the latter; nothing where it
    /// is the one or the other.
    #[must_use]
    pub fn ambiguity(&self) -> Option<String> {
        let refused = self.refused.as_ref()?;
        if let Some(status) = refused.status.shared_with(&self.expect_status) {
            return Some(format!(
                "status {status} is in `refused.status` ({}) and in `expect.status` ({}): leave it out of one of them",
                refused.status.text(),
                self.expect_status.text()
            ));
        }
        let is_expected = |(name, value)| self.expect_json.get(name) == Some(value);
        (!refused.json.is_empty() && refused.json.iter().all(is_expected)).then(|| {
            "all of `refused.json` is in `expect.json` as well, so that whatever is expected would be refused: give `refused.json` \
             a field with another value"
                .to_owned()
        })
    }

    /// Whether it carries items in an array, be it one.
    #[must_use]
    pub fn is_batch(&self) -> bool {
        matches!(self.body, Body::Fresh { batch: Some(_), .. })
    }

    /// How many items one request has: those of a batch, or one.
    #[must_use]
    pub fn items(&self) -> usize {
        match self.body {
            Body::Fresh { batch: Some(batch), .. } => batch,
            _ => 1,
        }
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip by reference")]
fn is_one(weight: &u32) -> bool {
    *weight == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it may skip by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Plan {
    /// What throughput counts: items as soon as a request carries them, be it one.
    #[must_use]
    pub fn counted(&self) -> Counted {
        if self.requests.iter().any(RequestPlan::is_batch) { Counted::Items } else { Counted::Requests }
    }

    /// The length of one interval for a measured window of `duration`: the longest that divides it and is at most 1 s.
    #[must_use]
    pub fn interval_for(duration: Duration) -> Duration {
        let parts = duration.as_secs_f64().ceil().max(1.0);
        Duration::from_secs_f64(duration.as_secs_f64() / parts)
    }

    /// How many intervals the measured window has; at least 1.
    #[must_use]
    pub fn measured_intervals(&self) -> usize {
        ((self.duration_s / self.interval_s).round() as usize).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_divide_the_window() {
        for (duration_ms, interval_us) in
            [(10_000, 1_000_000), (2_500, 833_333), (500, 500_000), (1_000, 1_000_000)]
        {
            let interval = Plan::interval_for(Duration::from_millis(duration_ms));
            assert_eq!(interval.as_micros(), interval_us, "{duration_ms} ms");
        }
    }
    #[test]
    fn transactions_are_what_the_contract_takes_for_them() {
        for (method, path, is_transaction) in [
            ("POST", "/tx", true),
            ("POST", "/tx/batch?dry=1", true),
            ("GET", "/tx", false),
            ("POST", "/txs", false),
            ("POST", "/echo", false),
        ] {
            let request = RequestPlan { method: method.into(), path: path.into(), ..RequestPlan::default() };
            assert_eq!(request.is_transaction(), is_transaction, "{method} {path}");
        }
    }

    #[test]
    fn an_answer_is_a_yes_or_a_no() {
        let json = |text: &str| serde_json::from_str::<JsonFields>(text).unwrap();
        let with = |expected: &str, expect_json: &str, refused: &str, refused_json: &str| RequestPlan {
            expect_status: StatusSet::try_from(expected.to_owned()).unwrap(),
            expect_json: json(expect_json),
            refused: Some(RefusedSpec {
                status: StatusSet::try_from(refused.to_owned()).unwrap(),
                json: json(refused_json),
            }),
            ..RequestPlan::default()
        };
        let id = r#"{"id":"{{sent id}}"}"#;
        for good in [
            with("200", id, "422", "{}"),
            with("200", id, "4xx", r#"{"status":"refused"}"#),
            with("200", r#"{"status":"done"}"#, "422", r#"{"status":"refused"}"#),
        ] {
            assert_eq!(good.ambiguity(), None, "{good:?}");
        }
        for (bad, part) in [
            (
                with("2xx", id, "200", "{}"),
                "status 200 is in `refused.status` (200) and in `expect.status` (2xx)",
            ),
            (with("200,422", id, "4xx", "{}"), "status 422"),
            (with("200", id, "422", id), "all of `refused.json`"),
        ] {
            assert!(bad.ambiguity().is_some_and(|said| said.contains(part)), "{bad:?}");
        }
    }
}
