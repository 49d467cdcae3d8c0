//! Scenario files (`scenarios/<name>.toml`): what is sent, what must come back, and the load's defaults.

mod fault;
mod request;

pub use request::{BodyExpectation, BodySpec, ExpectSpec, JsonFields, RefusedSpec, RequestSpec};

use fault::{Fault, Table};

use crate::body::Body;
use crate::claim::Claim;
use crate::load::{Arrivals, Stage};
use crate::quantity::{duration_text, parse_rate};
use crate::steady::WarmUp;
use crate::target::FileError;
use crate::threshold::Threshold;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A scenario, as its file describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The scenario's name; the same as its file's.
    pub name: String,
    /// One sentence for `bench list scenarios`.
    pub description: String,
    /// The load's defaults; flags override them.
    #[serde(default)]
    pub load: LoadDefaults,
    /// Requests that are sent once before the load, in this order, each on a connection of its own. What they keep of their
    /// answers is what `{{kept NAME}}` stands for in the others.
    #[serde(default)]
    pub setup: Vec<RequestSpec>,
    /// The requests, sent in turn, as often as their weights say; at least one.
    pub request: Vec<RequestSpec>,
    /// Whether it needs a target that keeps one state for all connections, in one process.
    #[serde(default)]
    pub stateful: bool,
    /// What is compared with the target's own account after the run.
    #[serde(default)]
    pub audit: Option<AuditKind>,
    /// What must not be of a run's figures; flags add to it.
    #[serde(default)]
    pub fail_if: Vec<Threshold>,
    /// Variables that the target is started with.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Figures published elsewhere, for `bench audit` and comparisons; a run knows nothing of them.
    #[serde(default)]
    pub claim: Vec<Claim>,
}

/// What can be audited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditKind {
    /// The ledger of `targets/CONTRACT.md`, with what `POST /tx` and `POST /tx/batch` send to it.
    Ledger,
}

/// The `[load]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadDefaults {
    /// Connections held open, each with one request in flight; at least 1.
    pub connections: usize,
    /// Requests per second of an open load: a number, or text such as `"5k"`. Closed without it and `stages`.
    #[serde(deserialize_with = "rate")]
    pub rate: Option<f64>,
    /// Rates one after the other, such as `["1k:10s", "1k..5k:30s"]`; their times are the measured window then.
    #[serde(deserialize_with = "stages")]
    pub stages: Vec<Stage>,
    /// How the requests of an open load are spread around its rate.
    pub arrivals: Arrivals,
    /// What Poisson arrivals follow from.
    pub arrival_seed: u64,
    /// The longest that a due request waits for a free connection.
    #[serde(deserialize_with = "duration")]
    pub max_lag: Option<Duration>,
    /// Length of the measured window.
    #[serde(with = "duration_text")]
    pub duration: Duration,
    /// How long to warm up before it.
    pub warmup: WarmUp,
    /// The longest wait for a complete answer.
    #[serde(with = "duration_text")]
    pub timeout: Duration,
    /// The longest wait for a connection.
    #[serde(with = "duration_text")]
    pub connect_timeout: Duration,
}

impl Default for LoadDefaults {
    fn default() -> Self {
        Self {
            connections: 64,
            rate: None,
            stages: Vec::new(),
            arrivals: Arrivals::default(),
            arrival_seed: 1,
            max_lag: None,
            duration: Duration::from_secs(10),
            warmup: WarmUp::default(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
        }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown or missing key or a value out of its range.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let scenario: Self = toml::from_str(text).map_err(|error| FileError::from_toml(text, &error))?;
        scenario.check().map_err(|fault| fault.in_file(text))?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), Fault> {
        if self.request.is_empty() {
            return Err(Fault::new("request", "`request` is empty: add a [[request]] with a path"));
        }
        if self.load.connections == 0 {
            return Err(Fault::new("load.connections", "`load.connections` is 0: at least 1 is needed"));
        }
        if self.load.rate.is_some() && !self.load.stages.is_empty() {
            let message = "`load.rate` and `load.stages` exclude each other: a stage has its own rate";
            return Err(Fault::new("load.stages", message));
        }
        for (at, setup) in self.setup.iter().enumerate() {
            setup.check_setup().map_err(|fault| fault.within(Table::Setup(at)))?;
        }
        for (at, request) in self.request.iter().enumerate() {
            request.check().map_err(|fault| fault.within(Table::Request(at)))?;
        }
        self.check_kept()?;
        let is_transaction = |request: &RequestSpec| request.plan(Body::None).is_transaction();
        if self.audit.is_some() && !(self.stateful && self.request.iter().any(is_transaction)) {
            let message = "`audit` needs `stateful = true` and a request that sends transactions: POST /tx or /tx/batch";
            return Err(Fault::new("audit", message));
        }
        if let Some(relative) = self.fail_if.iter().find(|threshold| threshold.relative().is_some()) {
            let message = format!(
                "`fail_if` has `{relative}`, and a scenario knows no base: give it to bench compare, --fail-if '{relative}'"
            );
            return Err(Fault::new("fail_if", message));
        }
        for (at, claim) in self.claim.iter().enumerate() {
            claim.check().map_err(|message| Fault::new("tps", message).within(Table::Claim(at)))?;
        }
        Ok(())
    }

    /// Each name is kept by one set-up: a second value would replace the first without a word.
    fn check_kept(&self) -> Result<(), Fault> {
        let mut kept = BTreeSet::new();
        for (at, setup) in self.setup.iter().enumerate() {
            if let Some(twice) = setup.keep.keys().find(|name| !kept.insert(*name)) {
                let message = format!(
                    "`{twice}` is kept by an earlier [[setup]] as well: give one of them another name"
                );
                return Err(Fault::new("keep", message).within(Table::Setup(at)));
            }
        }
        Ok(())
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(f64),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Number(rate) => rate.to_string(),
        Written::Text(text) => text,
    };
    parse_rate(&text).map(Some).map_err(D::Error::custom)
}

fn stages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Stage>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    if texts.is_empty() {
        return Err(D::Error::custom("`stages` is empty: write rates and their times, such as [\"1k:10s\"]"));
    }
    texts.iter().map(|text| text.parse().map_err(D::Error::custom)).collect()
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    duration_text::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::StatusSet;

    const GOOD: &str = r#"
name = "echo"
description = "Echo."
[load]
connections = 8
duration = "2s"
warmup = "500ms"
[[request]]
method = "POST"
path = "/echo"
headers = { content-type = "application/json" }
body.template = '{"n":{{int 1 9}}}'
body.count = 4
expect.body = "same-json"
"#;

    #[test]
    fn a_scenario() {
        let scenario = Scenario::parse(GOOD).unwrap();
        assert_eq!(scenario.load.duration, Duration::from_secs(2));
        assert_eq!(scenario.load.warmup, WarmUp::Fixed(Duration::from_millis(500)));
        assert_eq!(scenario.load.timeout, Duration::from_secs(10));
        let request = &scenario.request[0];
        assert_eq!(request.expect.status, StatusSet::default());
        assert_eq!(
            request.body.recipe(),
            Body::Template { template: r#"{"n":{{int 1 9}}}"#.into(), count: 4, seed: 1 }
        );
    }

    const TRANSACTIONS: &str = r#"
name = "transactions"
description = "Transactions."
stateful = true
audit = "ledger"
env = { LEDGER_ACK = "sealed" }
[[setup]]
method = "POST"
path = "/login"
body.text = '{"username":"a"}'
keep = { token = "token" }
[[request]]
weight = 9
method = "POST"
path = "/tx/batch"
headers = { Authorization = "Bearer {{kept token}}" }
body.fresh = '{"id":"{{serial}}"}'
body.batch = 10
body.gzip = true
expect.json = { id = "{{sent id}}", status = "committed" }
refused = { status = "422", json = { status = "refused" } }
[[request]]
path = "/accounts/acct-{{digits 0 0999}}"
"#;

    #[test]
    fn a_mix_of_transactions_that_is_audited() {
        let scenario = Scenario::parse(TRANSACTIONS).unwrap();
        assert_eq!((scenario.audit, scenario.stateful), (Some(AuditKind::Ledger), true));
        assert_eq!(scenario.setup[0].keep["token"], "token");
        let [batch, read] = scenario.request.as_slice() else { panic!("two requests") };
        let plan = batch.plan(batch.body.recipe());
        assert_eq!((plan.items(), plan.weight, plan.gzip), (10, 9, true));
        assert_eq!(plan.expect_json["id"], "{{sent id}}");
        assert!(plan.refused.unwrap().status.contains(422));
        let plan = read.plan(read.body.recipe());
        assert_eq!((plan.items(), plan.weight, &plan.body), (1, 1, &Body::None));
        let stored = serde_json::to_value(&plan).unwrap();
        assert_eq!(stored.as_object().unwrap().len(), 6, "what is usual is not stored: {stored}");
        assert_eq!(serde_json::from_value::<crate::plan::RequestPlan>(stored).unwrap(), plan);
    }

    #[test]
    fn open_loads() {
        for (written, rate, stages) in [
            ("rate = 500", Some(500.0), 0),
            ("rate = \"5k\"", Some(5000.0), 0),
            ("stages = [\"1k:10s\", \"1k..5k:30s\"]\narrivals = \"poisson\"", None, 2),
        ] {
            let scenario = Scenario::parse(&GOOD.replace("connections = 8", written)).unwrap();
            assert_eq!((scenario.load.rate, scenario.load.stages.len()), (rate, stages), "{written}");
            assert_eq!(scenario.load.arrivals == Arrivals::Poisson, stages > 0);
        }
    }

    #[test]
    fn thresholds() {
        let written = "fail_if = ['p99 > 20ms', 'errors>0.1%']\n[load]";
        let scenario = Scenario::parse(&GOOD.replace("[load]", written)).unwrap();
        let thresholds: Vec<String> = scenario.fail_if.iter().map(ToString::to_string).collect();
        assert_eq!(thresholds, ["p99>20ms", "errors>0.1%"]);
        assert_eq!(Scenario::parse(GOOD).unwrap().fail_if, []);
    }

    #[test]
    fn mistakes_name_the_line_and_the_mend() {
        for (from, to, line, part) in [
            ("[load]", "fail_if = ['p98>1ms']\n[load]", 4, "did you mean `p9"),
            ("[load]", "fail_if = ['p99<20ms']\n[load]", 4, "so write `p99>20ms`"),
            ("[load]", "fail_if = ['tps worse than base by 5%']\n[load]", 4, "a scenario knows no base"),
            ("connections", "conections", 5, "did you mean `connections`?"),
            ("\"2s\"", "\"2 parsecs\"", 6, "`2 parsecs` is not a duration"),
            ("\"2s\"", "\"0s\"", 6, "must be above zero"),
            ("connections = 8", "connections = 0", 5, "`load.connections` is 0"),
            ("connections = 8", "connections = -8", 5, ""),
            ("connections = 8", "rate = 0", 5, "`0` is not a rate"),
            ("connections = 8", "stages = ['1k']", 5, "`1k` is not a stage"),
            ("connections = 8", "rate = 1\nstages = ['1k:1s']", 6, "exclude each other"),
            ("connections = 8", "arrivals = 'random'", 5, "uniform"),
            ("connections = 8", "max_lag = '0s'", 5, "above zero"),
            ("body.count = 4", "body.count = 0", 13, "`body.count` is 0"),
            ("body.count = 4", "body.count = 100000000", 13, "from 1 to 1000000"),
            ("body.count = 4", "body.text = 'x'", 12, "one of `text`, `file`, `template` and `fresh`"),
            (
                "body.template = '{\"n\":{{int 1 9}}}'\nbody.count = 4\n",
                "",
                12,
                "needs a body to compare with",
            ),
            ("body.count = 4", "body.fresh = 'x'", 13, "one of `text`, `file`, `template` and `fresh`"),
            ("body.count = 4", "body.batch = 2", 13, "`body.batch` belongs to a `body.fresh`"),
            ("body.count = 4", "weight = 0", 13, "`weight` is 0"),
            ("body.count = 4", "keep = { a = 'b' }", 13, "`keep` belongs to a [[setup]]"),
            ("body.count = 4", "expect.json = { a = 1 }", 13, "exclude each other"),
            ("{{int 1 9}}", "{{int 9 1}}", 12, "`{{int 9 1}}`: LOW is above HIGH"),
            (
                "\"/echo\"",
                "\"/echo/{{digits 5 3}}\"",
                10,
                "`path` cannot be filled in: it has `{{digits 5 3}}`",
            ),
            ("application/json\"", "{{sreal}}\"", 11, "did you mean `serial`?"),
            (
                "body.template = '{\"n\":{{int 1 9}}}'\nbody.count = 4",
                "body.text = '{{run}}'",
                12,
                "write `body.fresh`",
            ),
            ("[load]", "audit = 'ledger'\n[load]", 4, "needs `stateful = true`"),
            ("[load]", "audit = 'books'\n[load]", 4, "ledger"),
            ("path =", "pth =", 11, "did you mean `path`?"),
            ("description", "describtion", 3, "did you mean `description`?"),
            ("expect.body", "expect.status = '9xx'\nexpect.body", 15, "not a list of HTTP statuses"),
        ] {
            assert!(GOOD.contains(from), "{from}");
            let error = Scenario::parse(&GOOD.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part), "{error}");
            // toml names the table rather than the line for some faults; those that it can place, it must.
            assert!(error.line <= line, "{to}: {error}");
        }
    }

    #[test]
    fn what_cannot_be_meant_of_a_set_up_is_refused() {
        for (from, to, line, part) in [
            ("keep =", "weight = 2\nkeep =", 11, "`weight` belongs to a [[request]]"),
            ("keep =", "refused = { status = '4xx' }\nkeep =", 11, "`refused` belongs to a [[request]]"),
            ("body.text = '", "body.fresh = '{{ serial }}", 10, "sent once"),
            ("body.text = '", "body.text = '{{run}}", 10, "write `body.fresh`"),
            (
                "[[request]]\nweight",
                "[[setup]]\npath='/a'\nkeep.token = 'b'\n[[request]]\nweight",
                14,
                "`token` is kept by an earlier",
            ),
        ] {
            assert!(TRANSACTIONS.contains(from), "{from}");
            let error = Scenario::parse(&TRANSACTIONS.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part) && error.line == line, "{to}: {error}");
        }
        let registers = TRANSACTIONS.replace("body.text = '{\"username\":\"a\"}'", "body.fresh = '{{run}}'");
        assert_eq!(Scenario::parse(&registers).unwrap().setup[0].body.fresh.as_deref(), Some("{{run}}"));
    }
}
