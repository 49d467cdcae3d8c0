//! Capacity: the highest rate that a target bears under a service level objective, and what is known of it.
//!
//! Always recomputed from the stored runs. Nothing here runs anything: the search says what is to be tried next, and
//! takes an answer.

mod finding;
mod fraction;
mod level;
mod note;
mod plan;
mod search;

pub use finding::{ConditionSpread, Finding, Limit};
pub use fraction::{AtFraction, FractionRun, METRICS, side_by_side};
pub use level::{Judgement, Level, LevelFigures};
pub use note::Note;
pub use plan::{CapacityPlan, SCHEMA, Turn, at_rate};
pub use search::{Answer, Ending, FINEST, Purpose, Search, SearchPlan, Step, bisections, rounded};

use crate::stats::median;
use serde::Serialize;

/// A figure over several runs. So few describe it and test nothing: there is no interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spread {
    /// The one in the middle, or the mean of the two there.
    pub median: f64,
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
    /// All of them, in the order in which they ran.
    pub values: Vec<f64>,
}

impl Spread {
    /// Of values; none of none.
    #[must_use]
    pub fn of(values: Vec<f64>) -> Option<Self> {
        let (least, most) =
            (values.iter().copied().min_by(f64::total_cmp)?, values.iter().copied().max_by(f64::total_cmp)?);
        Some(Self { median: median(&values)?, least, most, values })
    }
}

/// What was found of every target.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacities {
    /// One a target, in the plan's order.
    pub targets: Vec<Finding>,
    /// The targets at fractions of their capacities, fraction by fraction.
    pub fractions: Vec<AtFraction>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::comparison::Entrant;
    use crate::load::{Arrivals, LoadModel, Stage};
    use crate::machine::Machine;
    use crate::plan::{Plan, RequestPlan, TargetPlan};
    use crate::record::SCHEMA as RUN_SCHEMA;
    use crate::report::{GeneratorFigures, RunReport, TargetFigures};
    use crate::resources::{MemoryBytes, MemoryKind};
    use crate::steady::WarmUp;
    use crate::summary::{LatencyFigures, Offered, Summary, Totals};
    use crate::target::Manifest;
    use crate::warning::Verdict;

    fn managed(name: &str) -> TargetPlan {
        let text = format!(
            "name = \"{name}\"\nlanguage = \"any\"\nframework = \"any\"\nstart = [\"server\", \"{{port}}\"]\nready = \"/\""
        );
        let manifest: Manifest = toml::from_str(&text).unwrap();
        TargetPlan::Managed { manifest: Box::new(manifest) }
    }

    fn run_plan(target: TargetPlan, rate_per_s: f64) -> Plan {
        let request = RequestPlan::default();
        Plan {
            scenario: "ad-hoc".into(),
            target,
            load: LoadModel::Open {
                connections: 64,
                stages: vec![Stage::constant(rate_per_s, 8.0)],
                arrivals: Arrivals::Uniform,
                seed: 1,
                max_lag_s: None,
            },
            duration_s: 8.0,
            interval_s: 1.0,
            warmup: WarmUp::default(),
            timeout_s: 10.0,
            source_addresses: Default::default(),
            connect_timeout_s: 5.0,
            threads: 1,
            generator_cpus: vec![2],
            target_cpus: vec![0, 1],
            setup: vec![],
            requests: vec![request],
            audit: None,
            fail_if: vec![],
            overrides: Default::default(),
        }
    }

    /// A search for so many targets, P99 below 20 ms.
    pub(crate) fn plan(targets: usize) -> CapacityPlan {
        let entrant = |number: usize| Entrant {
            label: format!("target-{number}"),
            typed: None,
            setting: None,
            plan: run_plan(managed("any"), 1000.0),
            artefact_bytes: None,
            source: None,
            contract: None,
        };
        CapacityPlan {
            schema: SCHEMA.to_owned(),
            id: "a-search".to_owned(),
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            slo: "p99<20ms".parse().unwrap(),
            search: SearchPlan { start_per_s: 1000.0, max_per_s: 1e6, precision: 0.02, confirmations: 3 },
            fractions: vec![0.5, 0.8],
            fraction_runs: 3,
            seed: 7,
            targets: (1..=targets).map(entrant).collect(),
            machine: Machine { cpus: 4, ..Machine::default() },
        }
    }

    /// A valid run of 8 s at a rate, all of it answered, with 100 us of CPU time a request.
    pub(crate) fn report(rate_per_s: f64, p99_us: f64) -> RunReport {
        let due = (rate_per_s * 8.0) as u64;
        let latency_us = LatencyFigures { p50: p99_us / 5.0, p99: p99_us, ..LatencyFigures::default() };
        let offered = Offered { requests: due.max(1), rate_per_s, sent: 10.max(due), ..Offered::default() };
        RunReport {
            audit: None,
            scrape_fault: None,
            thresholds: vec![],
            schema: RUN_SCHEMA.to_owned(),
            id: "a-run".to_owned(),
            verdict: Verdict::Valid,
            warnings: Vec::new(),
            plan: run_plan(managed("any"), rate_per_s),
            machine: Machine::default(),
            summary: Summary {
                requests: due,
                tps: rate_per_s,
                latency_us,
                offered: Some(offered),
                ..Totals::default().summary()
            },
            target: Some(TargetFigures {
                name: "any".to_owned(),
                startup_ms: Some(5.0),
                cpu_us_per_request: 100.0,
                memory_bytes: MemoryBytes { idle: 1 << 20, median: 2 << 20, peak: 3 << 20 },
                memory_kind: MemoryKind::Pss,
            }),
            generator: GeneratorFigures {
                cpu_us_per_request: 20.0,
                cpu_utilisation: 0.4,
                rss_peak_bytes: 1 << 20,
            },
        }
    }

    #[test]
    fn spreads() {
        assert_eq!(Spread::of(vec![]), None);
        let spread = Spread::of(vec![3.0, 1.0, 2.0, 9.0]).unwrap();
        assert_eq!((spread.median, spread.least, spread.most), (2.5, 1.0, 9.0));
        assert_eq!(spread.values, [3.0, 1.0, 2.0, 9.0]);
    }
}
