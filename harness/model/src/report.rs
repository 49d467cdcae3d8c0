//! A run's report: its figures, its verdict and its warnings, as `bench run --format json` prints them.

use crate::clock::troubles;
use crate::hiccups::{Exposed, TailHiccups, explain};
use crate::interval::Interval;
use crate::ledger::LedgerAudit;
use crate::machine::Machine;
use crate::plan::{Plan, RequestPlan};
use crate::record::{Observations, RunRecord, SCHEMA};
use crate::resources::{MemoryBytes, MemoryKind};
use crate::summary::{Summary, Totals, memory_of};
use crate::threshold::{self, Outcome};
use crate::validity::{Facts, judge};
use crate::warning::{Verdict, Warning, WarningText};
use serde::{Deserialize, Serialize};

/// The figures of one run. Field for field the JSON of `bench run --format json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// See [`SCHEMA`].
    pub schema: String,
    /// The run's id.
    pub id: String,
    /// Whether the figures may be used.
    pub verdict: Verdict,
    /// Why not, or why only with care.
    pub warnings: Vec<WarningText>,
    /// What was to be done.
    pub plan: Plan,
    /// Where it was done.
    pub machine: Machine,
    /// The figures of the measured window.
    pub summary: Summary,
    /// What the target used; absent where it was not sampled.
    pub target: Option<TargetFigures>,
    /// What the generator used.
    pub generator: GeneratorFigures,
    /// What the audit of the target's own account found, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<LedgerAudit>,
    /// What was wrong with the last reading of the target's own metrics that failed, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_fault: Option<String>,
    /// What came of the plan's thresholds, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<Outcome>,
}

/// What a target used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetFigures {
    /// The target's name, or its URL.
    pub name: String,
    /// From its start until it answered, in milliseconds; absent where `bench` did not start it.
    pub startup_ms: Option<f64>,
    /// CPU time of its process tree for each verified response, in microseconds.
    pub cpu_us_per_request: f64,
    /// Memory of its process tree.
    pub memory_bytes: MemoryBytes,
    /// How the memory was measured.
    pub memory_kind: MemoryKind,
}

/// What the generator, and all else in the `bench` process, used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratorFigures {
    /// CPU time for each verified response, in microseconds, without the time that was spent awake with nothing to do.
    pub cpu_us_per_request: f64,
    /// The same CPU time over that of the generator's CPUs, 0 to 1.
    pub cpu_utilisation: f64,
    /// The most memory used up to the end of the load, in bytes.
    pub rss_peak_bytes: u64,
}

/// The parts of a record that are not its intervals.
#[derive(Debug, Clone, Copy)]
pub struct RunContext<'a> {
    /// The run's id.
    pub id: &'a str,
    /// What was to be done.
    pub plan: &'a Plan,
    /// Where it was done.
    pub machine: &'a Machine,
    /// What was seen beside the intervals.
    pub observations: &'a Observations,
}

/// The codes of the warnings that are about others on the machine.
const MACHINE_CODES: [&str; 2] = ["steal", "machine-busy"];

impl RunReport {
    /// Whether the run is invalid for what the machine did, and for nothing that target or generator did.
    #[must_use]
    pub fn only_the_machine_invalidates(&self) -> bool {
        self.verdict == Verdict::Invalid
            && self.invalidating().all(|warning| MACHINE_CODES.contains(&warning.code.as_str()))
    }

    /// The warnings that make the run invalid.
    pub fn invalidating(&self) -> impl Iterator<Item = &WarningText> {
        self.warnings.iter().filter(|warning| warning.invalidates)
    }

    /// The report of a stored run.
    #[must_use]
    pub fn of(record: &RunRecord) -> Self {
        let context = RunContext {
            id: &record.id,
            plan: &record.plan,
            machine: &record.machine,
            observations: &record.observations,
        };
        Self::from_intervals(context, record.intervals.iter())
    }

    /// The report of intervals that come one by one, so that they need not all be in memory.
    #[must_use]
    pub fn from_intervals<I>(context: RunContext<'_>, intervals: impl Iterator<Item = I>) -> Self
    where
        I: std::borrow::Borrow<Interval>,
    {
        let mut totals = Totals::new(context.observations.idle);
        intervals.for_each(|interval| totals.add(interval.borrow()));
        let summary = totals.summary();
        let generator = generator_figures(context, &totals);
        let target = target_figures(context, &totals);
        let warnings = judge(&facts(context, &totals, &summary, &generator, target.as_ref()));
        let invalid = warnings.iter().any(Warning::invalidates);
        let mut report = Self {
            schema: SCHEMA.to_owned(),
            id: context.id.to_owned(),
            verdict: if invalid { Verdict::Invalid } else { Verdict::Valid },
            warnings: warnings.iter().map(Warning::text).collect(),
            plan: context.plan.clone(),
            machine: context.machine.clone(),
            summary,
            target,
            generator,
            audit: context.observations.audit.clone(),
            scrape_fault: context.observations.scrape_fault.clone(),
            thresholds: Vec::new(),
        };
        report.thresholds = threshold::outcomes(&report);
        report
    }
}

fn per_request_us(cpu_s: f64, requests: u64) -> f64 {
    if requests == 0 { 0.0 } else { cpu_s * 1e6 / requests as f64 }
}

fn generator_figures(context: RunContext<'_>, totals: &Totals) -> GeneratorFigures {
    // A thread fills one CPU at most, however many there are for it.
    let cpus = context.plan.generator_cpus.len().min(context.plan.threads).max(1);
    let available_s = totals.duration_s * cpus as f64;
    let used_s = (totals.generator_cpu_s - totals.counters.awake_ns as f64 / 1e9).max(0.0);
    GeneratorFigures {
        cpu_us_per_request: per_request_us(used_s, totals.counters.requests),
        cpu_utilisation: if available_s > 0.0 { used_s / available_s } else { 0.0 },
        rss_peak_bytes: context.observations.generator_rss_peak_bytes,
    }
}

fn target_figures(context: RunContext<'_>, totals: &Totals) -> Option<TargetFigures> {
    let idle = context.observations.idle.as_ref()?;
    let mut sizes = totals.memory_bytes.clone();
    sizes.sort_unstable();
    let sampled = totals.target_after.unwrap_or(*idle);
    Some(TargetFigures {
        name: context.plan.target.name().to_owned(),
        startup_ms: context.observations.startup_ms,
        cpu_us_per_request: per_request_us(totals.target_cpu_s().unwrap_or(0.0), totals.counters.requests),
        memory_bytes: MemoryBytes {
            idle: memory_of(idle),
            median: sizes.get(sizes.len() / 2).copied().unwrap_or(0),
            peak: totals.memory_peak_bytes,
        },
        memory_kind: if sampled.pss_bytes.is_some() { MemoryKind::Pss } else { MemoryKind::Rss },
    })
}

/// Processes of the target that ended in the window, as far as it was sampled before and in it.
fn ended_processes(totals: &Totals) -> u64 {
    let (before, after) = (totals.target_before.as_ref(), totals.target_after.as_ref());
    let ended = before.zip(after).map(|(before, after)| (before.ended_processes, after.ended_processes));
    ended.map_or(0, |(before, after)| after.saturating_sub(before))
}

fn tail_hiccups(totals: &Totals, summary: &Summary) -> Option<TailHiccups> {
    let exposed = Exposed {
        in_flight: summary.in_flight_mean,
        due_per_s: summary.offered.map_or(0.0, |offered| offered.rate_per_s),
    };
    explain(totals.hiccups.as_ref()?, &totals.distribution(), exposed)
}

fn facts(
    context: RunContext<'_>,
    totals: &Totals,
    summary: &Summary,
    generator: &GeneratorFigures,
    target: Option<&TargetFigures>,
) -> Facts {
    let RunContext { plan, machine, observations, .. } = context;
    let machine_s = (totals.duration_s * machine.cpus.max(1) as f64).max(f64::MIN_POSITIVE);
    let window_ns = (totals.duration_s * 1e9).max(1.0);
    let cut_off = totals.censored.histogram();
    // Little's law is about the time in flight, which under an open load is the service time.
    let (in_flight, cut_off_ns) = match &totals.service {
        Some(service) => (service, totals.counters.cut_off_ns as f64),
        // Runs that were made before this was counted have it among the censored only, with the timeouts.
        None if totals.counters.cut_off_ns == 0 => (&totals.observed, cut_off.mean() * cut_off.len() as f64),
        None => (&totals.observed, totals.counters.cut_off_ns as f64),
    };
    let elapsed_ns =
        in_flight.histogram().mean() * summary.requests as f64 + totals.counters.failed_ns as f64;
    let distribution = totals.distribution();
    Facts {
        connections: plan.load.connections(),
        offered: summary.offered,
        has_ramp: plan.load.is_open() && plan.load.constant_rate_per_s().is_none(),
        closes_connections: plan.requests.iter().any(RequestPlan::closes_connection),
        connections_open: observations.connections_open,
        connect_fault: observations.connect_fault.clone(),
        requests: summary.requests,
        errors: summary.errors.total(),
        mismatches: summary.errors.mismatch,
        refused: totals.counters.refused,
        items: totals.counters.items,
        audit_findings: observations.audit.iter().flat_map(|audit| audit.findings.clone()).collect(),
        in_flight_mean: summary.in_flight_mean,
        in_flight_expected: elapsed_ns / window_ns,
        in_flight_cut_off: cut_off_ns / window_ns,
        resent: totals.counters.resent,
        silence_s: totals.silence_s(),
        window_s: totals.duration_s,
        drift: totals.drift(),
        generator_utilisation: generator.cpu_utilisation,
        steal_share: totals.steal_s / machine_s,
        others_share: totals.others_cpu_s().unwrap_or(0.0) / machine_s,
        steady: observations.steady,
        shared_cpus: plan.target_cpus.iter().any(|cpu| plan.generator_cpus.contains(cpu)),
        censored: distribution.censored_count(),
        timeouts: summary.errors.timeout,
        bounded_from: summary.latency_us.bounded_from.filter(|&name| name != "Max"),
        target_exit: observations.target_exit.clone().map(|exit| (exit.status, exit.log_tail)),
        ended_processes: ended_processes(totals),
        hiccups: tail_hiccups(totals, summary),
        clock: troubles(observations.clock, machine.clock_source.as_deref()),
        interrupted_by: observations.interrupted_by.clone(),
        memory_is_rss: target.is_some_and(|target| target.memory_kind == MemoryKind::Rss),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interval::Phase;
    use crate::load::LoadModel;
    use crate::plan::TargetPlan;
    use crate::steady::WarmUp;
    use crate::summary::tests::interval;

    fn record() -> RunRecord {
        let request = RequestPlan::default();
        let plan = Plan {
            scenario: "ad-hoc".into(),
            target: TargetPlan::Url { url: "http://127.0.0.1:8080/".into(), pid: None },
            load: LoadModel::Closed { connections: 2 },
            duration_s: 2.0,
            interval_s: 1.0,
            warmup: WarmUp::default(),
            timeout_s: 10.0,
            connect_timeout_s: 5.0,
            threads: 1,
            generator_cpus: vec![1],
            target_cpus: vec![],
            source_addresses: Default::default(),
            setup: vec![],
            requests: vec![request],
            audit: None,
            fail_if: vec![],
            overrides: Default::default(),
        };
        RunRecord {
            schema: SCHEMA.into(),
            id: "a-run".into(),
            started_at: "2026-01-01T00:00:00Z".into(),
            plan,
            machine: Machine { cpus: 2, ..Machine::default() },
            observations: Observations { connections_open: 2, ..Observations::default() },
            intervals: (0..3)
                .map(|i| {
                    let phase = if i == 0 { Phase::WarmUp } else { Phase::Measure };
                    interval(phase, f64::from(i), 200_000, 10_000)
                })
                .collect(),
        }
    }

    #[test]
    fn a_stored_run_gives_its_report_again() {
        let record = record();
        let stored = serde_json::to_string(&record).unwrap();
        let read: RunRecord = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, record);
        let report = RunReport::of(&read);
        assert_eq!((report.verdict, report.warnings.clone()), (Verdict::Valid, vec![]));
        assert_eq!((report.summary.requests, report.summary.tps), (400_000, 200_000.0));
        assert_eq!(report.generator.cpu_utilisation, 0.5);
        assert_eq!(report.target, None);
        let json = serde_json::to_value(&report).unwrap();
        assert!(json["target"].is_null());
    }

    #[test]
    fn staying_awake_is_no_use() {
        let mut record = record();
        record.intervals[2].counters.awake_ns = 250_000_000;
        let generator = RunReport::of(&record).generator;
        assert_eq!((generator.cpu_utilisation, generator.cpu_us_per_request), (0.375, 0.75e6 / 400_000.0));
    }

    #[test]
    fn a_sampled_target_has_figures() {
        let mut record = record();
        record.observations.idle = record.intervals[0].target;
        record.intervals.push(interval(Phase::Measure, 3.0, 200_000, 10_000));
        // The warm-up took the most, and of the window no sample's place is that of its size.
        for (interval, bytes) in record.intervals.iter_mut().zip([900, 350, 200, 800]) {
            interval.target.as_mut().unwrap().pss_bytes = Some(bytes);
        }
        let target = RunReport::of(&record).target.unwrap();
        assert_eq!(target.memory_bytes, MemoryBytes { idle: 100, median: 350, peak: 900 });
        assert_eq!(target.cpu_us_per_request, 3.0 * 1e6 / 600_000.0);
    }

    #[test]
    fn a_generator_can_use_no_more_cpus_than_it_has_threads() {
        // Half a second of CPU time a second.
        for (cpus, threads, utilisation) in
            [(0, 1, 0.5), (1, 1, 0.5), (2, 1, 0.5), (1, 2, 0.5), (2, 2, 0.25), (4, 2, 0.25), (2, 4, 0.25)]
        {
            let mut record = record();
            record.plan.generator_cpus = (0..cpus).collect();
            record.plan.threads = threads;
            let generator = RunReport::of(&record).generator;
            assert_eq!(generator.cpu_utilisation, utilisation, "{threads} threads on {cpus} CPUs");
        }
    }

    /// Three requests in flight, of which the answers explain two: the third may have been cut off at the end, but what
    /// ended as a timeout was not.
    #[test]
    fn only_what_was_cut_off_widens_what_littles_law_lets_pass() {
        for (cut_off_ns, passes) in [(1, false), (1_500_000_000, false), (2_000_000_000, true)] {
            let mut record = record();
            for interval in &mut record.intervals {
                interval.counters.in_flight_ns = 3_000_000_000;
            }
            let last = record.intervals.last_mut().unwrap();
            last.counters.cut_off_ns = cut_off_ns;
            last.counters.errors.timeout = 4;
            (0..4).for_each(|_| last.censored_hdr.record(500_000_000));
            let report = RunReport::of(&record);
            let told = report.warnings.iter().any(|warning| warning.code == "littles-law");
            assert_eq!(!told, passes, "{cut_off_ns} ns cut off: {:?}", report.warnings);
        }
    }

    #[test]
    fn a_stall_at_the_end_makes_the_tail_a_lower_bound() {
        let mut record = record();
        let last = record.intervals.last_mut().unwrap();
        // One in a hundred never came back: from P99 on nobody knows.
        (0..8_000).for_each(|_| last.censored_hdr.record(900_000_000));
        let report = RunReport::of(&record);
        assert_eq!(report.warnings[0].code, "censored");
        assert!(report.summary.latency_us.max > 890_000.0);
    }
}
