//! The rules that decide whether a run's figures may be trusted.

use crate::clock::ClockTrouble;
use crate::hiccups::TailHiccups;
use crate::ledger::Finding;
use crate::summary::Offered;
use crate::warning::Warning;

/// What the rules look at.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// What an open load offered; absent under a closed one.
    pub offered: Option<Offered>,
    /// Whether the offered rate changes within the window, and throughput with it.
    pub has_ramp: bool,
    /// Connections that the plan asks for.
    pub connections: usize,
    /// Whether requests ask for their connections to be closed, so that a part of these is always being opened.
    pub closes_connections: bool,
    /// Connections that were open when the load began.
    pub connections_open: usize,
    /// Why the last of those that could not be opened was not.
    pub connect_fault: Option<String>,
    /// Verified responses in the window.
    pub requests: u64,
    /// Failed requests in the window.
    pub errors: u64,
    /// Of these, wrong bodies.
    pub mismatches: u64,
    /// Items that the target refused, and accepted.
    pub refused: u64,
    /// See `refused`.
    pub items: u64,
    /// What the audit found.
    pub audit_findings: Vec<Finding>,
    /// Mean number of requests in flight, as integrated.
    pub in_flight_mean: f64,
    /// Mean number of requests in flight as Little's law gives it: throughput times mean time, over all requests that
    /// ended in the window.
    pub in_flight_expected: f64,
    /// What those still in flight at the end add to it at most.
    pub in_flight_cut_off: f64,
    /// Requests that were sent twice, since the server closed their connection before an answer.
    pub resent: u64,
    /// The longest time without a verified response, in seconds.
    pub silence_s: f64,
    /// Length of the measured window, in seconds.
    pub window_s: f64,
    /// By how much throughput differs between the window's halves, over the first half's.
    pub drift: f64,
    /// CPU time of the generator over the CPU time that it had, 0 to 1.
    pub generator_utilisation: f64,
    /// CPU time taken by the hypervisor over the machine's, 0 to 1.
    pub steal_share: f64,
    /// CPU time of processes that are neither target nor generator over the machine's, 0 to 1.
    pub others_share: f64,
    /// Whether the warm-up became steady; absent where it had a fixed length.
    pub steady: Option<bool>,
    /// Whether target and generator ran on the same CPUs.
    pub shared_cpus: bool,
    /// Requests cut off before their end was seen: by their timeout, or by the window's end.
    pub censored: u64,
    /// Of these, by their timeout.
    pub timeouts: u64,
    /// The lowest of the reported percentiles that is only a lower bound.
    pub bounded_from: Option<&'static str>,
    /// How the target ended, if it did so during the run: its status, and the last lines of its log.
    pub target_exit: Option<(String, Vec<String>)>,
    /// Processes of the target that ended in the window.
    pub ended_processes: u64,
    /// Hiccups that are a part of the latencies.
    pub hiccups: Option<TailHiccups>,
    /// What is wrong with the clock.
    pub clock: Vec<ClockTrouble>,
    /// The name of the signal that ended the run early.
    pub interrupted_by: Option<String>,
    /// Whether the target's memory could only be read as resident set.
    pub memory_is_rss: bool,
}

/// More than this part of the items refused is worth a warning.
const REFUSED_LIMIT: f64 = 0.01;
/// A deviation from Little's law above this part makes a run invalid.
const LITTLE_LIMIT: f64 = 0.05;
/// A generator busier than this part of its CPUs is taken for the bottleneck.
const SATURATION_LIMIT: f64 = 0.9;
/// The hypervisor taking more than this part of the machine is worth a warning.
const STEAL_LIMIT: f64 = 0.01;
/// So many seconds without a verified response are worth a warning.
const SILENCE_LIMIT_S: f64 = 1.0;
/// The window's halves differing by more than this part in throughput are worth a warning.
const DRIFT_LIMIT: f64 = 0.1;
/// Other processes using more than this part of the machine are worth a warning.
const OTHERS_LIMIT: f64 = 0.05;
/// More than this part of the due requests unsent by the window's end is worth a warning.
const SHORTFALL_LIMIT: f64 = 0.01;
/// Fewer unsent requests than this are those that the window's end met on their way, at a low rate.
const SHORTFALL_LEAST: u64 = 10;
/// More than this part of the requests sent late by the generator is worth a warning.
const LATE_LIMIT: f64 = 0.001;
/// Fewer late requests than this are no part of anything: at a low rate, one is a percent.
const LATE_LEAST: u64 = 10;
/// More than this part of the requests waiting for a connection is worth a warning.
const QUEUED_LIMIT: f64 = 0.01;
/// Below so many requests a connection, those cut by the window's ends weigh on the figures.
const REQUESTS_PER_CONNECTION: f64 = 20.0;

/// Applies every rule. The gravest come first.
#[must_use]
pub fn judge(facts: &Facts) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Some(signal) = &facts.interrupted_by {
        warnings.push(Warning::Interrupted { signal: signal.clone() });
    }
    if let Some((status, log_tail)) = &facts.target_exit {
        warnings.push(Warning::TargetDied { status: status.clone(), log_tail: log_tail.clone() });
    }
    if facts.ended_processes > 0 {
        warnings.push(Warning::TargetRestarted { ended: facts.ended_processes });
    }
    let (findings, unread): (Vec<_>, Vec<_>) =
        facts.audit_findings.iter().cloned().partition(Finding::contradicts);
    if !findings.is_empty() {
        warnings.push(Warning::Audit { findings });
    }
    if !unread.is_empty() {
        warnings.push(Warning::NotAudited { findings: unread });
    }
    judge_requests(facts, &mut warnings);
    judge_concurrency(facts, &mut warnings);
    if let Some(offered) = &facts.offered {
        judge_offered(offered, facts.connections, &mut warnings);
    }
    judge_machine(facts, &mut warnings);
    judge_percentiles(facts, &mut warnings);
    warnings
}

fn judge_requests(facts: &Facts, warnings: &mut Vec<Warning>) {
    if facts.requests == 0 {
        warnings.push(Warning::NoTransactions);
    }
    if facts.mismatches > 0 {
        warnings.push(Warning::Mismatches { count: facts.mismatches });
    }
    if facts.errors > facts.mismatches {
        warnings.push(Warning::Errors { errors: facts.errors, total: facts.requests + facts.errors });
    }
    if facts.refused as f64 > REFUSED_LIMIT * facts.items as f64 {
        warnings.push(Warning::Refusals { refused: facts.refused, items: facts.items + facts.refused });
    }
    if facts.resent > 0 {
        warnings.push(Warning::Resent { resent: facts.resent, total: facts.requests + facts.errors });
    }
    if facts.requests > 0 && facts.silence_s >= SILENCE_LIMIT_S {
        warnings.push(Warning::Silence { silence_s: facts.silence_s, window_s: facts.window_s });
    }
    if facts.drift.abs() > DRIFT_LIMIT && !facts.has_ramp {
        warnings.push(Warning::Drift { drift: facts.drift });
    }
}

fn judge_concurrency(facts: &Facts, warnings: &mut Vec<Warning>) {
    let connections = facts.connections as f64;
    if facts.connections_open < facts.connections {
        warnings.push(Warning::ConnectionsMissing {
            open: facts.connections_open,
            wanted: facts.connections,
            fault: facts.connect_fault.clone(),
        });
    }
    if facts.requests == 0 {
        return;
    }
    let keeps_connections = facts.offered.is_none() && !facts.closes_connections;
    if keeps_connections && facts.in_flight_mean < (1.0 - LITTLE_LIMIT) * connections {
        warnings.push(Warning::ConnectionsIdle {
            in_flight: facts.in_flight_mean,
            connections: facts.connections,
        });
    }
    // A request that the window's end cut off adds nothing to the one side and all its time to the other.
    let slack = LITTLE_LIMIT * facts.in_flight_mean;
    let most = facts.in_flight_expected + facts.in_flight_cut_off;
    if facts.in_flight_expected - slack > facts.in_flight_mean || most + slack < facts.in_flight_mean {
        warnings
            .push(Warning::LittlesLaw { measured: facts.in_flight_mean, expected: facts.in_flight_expected });
    }
    let requests_per_connection = (facts.requests + facts.errors) as f64 / connections;
    if facts.offered.is_none() && requests_per_connection < REQUESTS_PER_CONNECTION {
        warnings.push(Warning::WindowShort { requests_per_connection });
    }
}

fn judge_offered(offered: &Offered, connections: usize, warnings: &mut Vec<Warning>) {
    let Offered { requests: due, sent, queued, late, waiting_at_end, .. } = *offered;
    if (sent as f64) < (1.0 - SHORTFALL_LIMIT) * due as f64 && due - sent >= SHORTFALL_LEAST {
        warnings.push(Warning::Overload { due, sent, waiting: waiting_at_end });
    }
    if late as f64 > LATE_LIMIT * sent as f64 && late >= LATE_LEAST {
        warnings.push(Warning::Late { late, sent });
    }
    if queued as f64 > QUEUED_LIMIT * sent as f64 {
        warnings.push(Warning::Queued { queued, sent, connections });
    }
}

fn judge_machine(facts: &Facts, warnings: &mut Vec<Warning>) {
    if facts.generator_utilisation > SATURATION_LIMIT {
        warnings.push(Warning::GeneratorSaturated { utilisation: facts.generator_utilisation });
    }
    if facts.steal_share > STEAL_LIMIT {
        warnings.push(Warning::Steal { share: facts.steal_share });
    }
    if facts.others_share > OTHERS_LIMIT {
        warnings.push(Warning::MachineBusy { share: facts.others_share });
    }
    warnings.extend(facts.hiccups.map(Warning::Hiccups));
    warnings.extend(facts.clock.iter().cloned().map(Warning::Clock));
    if facts.steady == Some(false) {
        warnings.push(Warning::NotSteady);
    }
    if facts.shared_cpus {
        warnings.push(Warning::SharedCpus);
    }
    if facts.memory_is_rss {
        warnings.push(Warning::MemoryIsRss);
    }
}

fn judge_percentiles(facts: &Facts, warnings: &mut Vec<Warning>) {
    // Every closed loop ends with requests in flight; they matter once they reach a percentile.
    if facts.timeouts > 0 || facts.bounded_from.is_some() {
        warnings.push(Warning::Censored { count: facts.censored, bounded_from: facts.bounded_from });
    }
    // A percentile rests on the requests beyond it; fewer than ten of them are an anecdote.
    let needed = [("P99", 1_000), ("P99.9", 10_000), ("P99.99", 100_000)];
    let weak = needed.into_iter().find(|&(_, least)| (1..least).contains(&facts.requests));
    if let Some((percentile, _)) = weak {
        warnings.push(Warning::FewRequests { requests: facts.requests, percentile });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Facts {
        Facts {
            connections: 100,
            connections_open: 100,
            requests: 1_000_000,
            in_flight_mean: 99.9,
            in_flight_expected: 99.5,
            generator_utilisation: 0.6,
            window_s: 10.0,
            ..Facts::default()
        }
    }

    #[test]
    fn a_good_run_has_none() {
        assert_eq!(judge(&good()), []);
        assert_eq!(
            judge(&Facts { censored: 100, ..good() }),
            [],
            "one in flight on each connection at the end"
        );
    }

    fn offered() -> Offered {
        Offered { requests: 1000, rate_per_s: 100.0, sent: 1000, ..Offered::default() }
    }

    #[test]
    fn a_handful_of_late_requests_is_no_part_of_them() {
        for (late, sent, expected) in [(1, 50, false), (9, 50, false), (10, 50, true)] {
            let offered = Some(Offered { late, sent, requests: sent, ..offered() });
            let warnings = judge(&Facts { offered, ..good() });
            assert_eq!(warnings.iter().any(|warning| warning.code() == "late"), expected, "{late} of {sent}");
        }
    }

    /// Under an open load few requests in flight are what a quick target has, and a ramp is no drift.
    #[test]
    fn an_open_load_is_judged_by_its_schedule() {
        let few = Facts { in_flight_mean: 0.5, in_flight_expected: 0.5, ..good() };
        let open = Facts { offered: Some(offered()), has_ramp: true, drift: 2.0, ..few };
        assert_eq!(judge(&open), []);
    }

    type Case = (fn(&mut Facts), &'static str, bool);

    #[test]
    fn rules() {
        let cases: &[Case] = &[
            (|f| f.interrupted_by = Some("SIGINT".into()), "interrupted", true),
            (|f| f.target_exit = Some(("exit status 1".into(), vec!["boom".into()])), "target-died", true),
            (
                |f| {
                    f.mismatches = {
                        f.errors = 1;
                        1
                    }
                },
                "mismatches",
                true,
            ),
            (|f| f.ended_processes = 1, "target-restarted", true),
            (
                |f| {
                    f.hiccups =
                        Some(TailHiccups { from: "P99.9", times: 7, at_least_ms: 2.0, longest_ms: 9.0 });
                },
                "hiccups",
                false,
            ),
            (|f| f.clock = vec![ClockTrouble::Backwards(1)], "clock", true),
            (|f| f.clock = vec![ClockTrouble::Drift(0.002)], "clock", false),
            (|f| f.clock = vec![ClockTrouble::Drift(-0.02)], "clock", true),
            (|f| f.clock = vec![ClockTrouble::Source("hpet".into())], "clock", false),
            (|f| f.errors = 100, "errors", false),
            (|f| f.errors = 20_000, "errors", true),
            (|f| f.connections_open = 99, "connections-missing", true),
            (
                |f| {
                    f.in_flight_mean = 90.0;
                    f.in_flight_expected = 90.0;
                },
                "connections-idle",
                false,
            ),
            (|f| f.in_flight_expected = 94.0, "littles-law", true),
            (|f| f.in_flight_expected = 106.0, "littles-law", true),
            (|f| f.generator_utilisation = 0.91, "generator-saturated", true),
            (|f| f.steal_share = 0.02, "steal", false),
            (|f| f.steal_share = 0.3, "steal", true),
            (|f| f.resent = 3, "resent", false),
            (|f| f.resent = 20_000, "resent", true),
            (|f| f.silence_s = 2.0, "silence", false),
            (|f| f.silence_s = 2.6, "silence", true),
            (|f| f.drift = -0.2, "drift", false),
            (
                |f| {
                    f.in_flight_mean = 40.0;
                    f.in_flight_expected = 40.0;
                },
                "connections-idle",
                true,
            ),
            (|f| f.others_share = 0.06, "machine-busy", false),
            (|f| f.others_share = 0.3, "machine-busy", true),
            (|f| f.steady = Some(false), "not-steady", false),
            (|f| f.shared_cpus = true, "shared-cpus", false),
            (
                |f| {
                    f.censored = 3;
                    f.timeouts = 3;
                },
                "censored",
                false,
            ),
            (
                |f| {
                    f.censored = 100;
                    f.bounded_from = Some("P99");
                },
                "censored",
                false,
            ),
            (|f| f.requests = 99_000, "few-requests", false),
            (|f| f.audit_findings = vec![Finding::Pending { pending: 1 }], "audit", true),
            (|f| f.audit_findings = vec![Finding::TooMany], "not-audited", true),
            (|f| (f.refused, f.items) = (2_000, 100_000), "refusals", false),
            (|f| f.memory_is_rss = true, "memory-is-rss", false),
            (|f| f.offered = Some(Offered { sent: 980, waiting_at_end: 20, ..offered() }), "overload", false),
            (|f| f.offered = Some(Offered { sent: 900, waiting_at_end: 100, ..offered() }), "overload", true),
            (|f| f.offered = Some(Offered { queued: 11, ..offered() }), "queued", false),
            (
                |f| f.offered = Some(Offered { late: 10, requests: 2000, sent: 2000, ..offered() }),
                "late",
                false,
            ),
            (|f| f.offered = Some(Offered { late: 11, ..offered() }), "late", true),
        ];
        for (spoil, code, invalid) in cases {
            let mut facts = good();
            spoil(&mut facts);
            let warnings = judge(&facts);
            let found: Vec<_> =
                warnings.iter().map(|warning| (warning.code(), warning.invalidates())).collect();
            assert_eq!(found, [(*code, *invalid)], "{warnings:?}");
        }
    }

    #[test]
    fn few_requests_name_the_first_percentile_they_cannot_carry() {
        for (requests, percentile) in [(999, "P99"), (1_000, "P99.9"), (10_000, "P99.99")] {
            let warnings = judge(&Facts { requests, ..good() });
            assert!(warnings.contains(&Warning::FewRequests { requests, percentile }), "{warnings:?}");
        }
        assert_eq!(judge(&Facts { requests: 0, ..good() })[0], Warning::NoTransactions);
    }

    #[test]
    fn connections_that_are_to_be_closed_need_not_be_busy() {
        let idle = Facts { in_flight_mean: 60.0, in_flight_expected: 60.0, ..good() };
        assert_eq!(judge(&idle)[0].code(), "connections-idle");
        assert_eq!(judge(&Facts { closes_connections: true, ..idle }), []);
    }

    #[test]
    fn missing_connections_say_why() {
        let fault = Some("no local port is left".to_owned());
        let message = judge(&Facts { connections_open: 99, connect_fault: fault, ..good() })[0].message();
        assert!(message.contains("99 of 100") && message.contains("no local port is left"), "{message}");
    }

    /// The article that `bench` began with: 18,432 TPS on 1000 connections means 54.3 ms, not a P99 of 42 ms.
    #[test]
    fn littles_law_refutes_the_article() {
        for (tps, p99_ms, least_mean_ms) in
            [(18_432.0, 42.0, 54.2), (12_753.0, 68.0, 78.4), (3_210.0, 156.0, 311.5)]
        {
            let mean_ms = 1000.0 / tps * 1000.0;
            assert!(mean_ms > least_mean_ms && mean_ms > p99_ms);
            let facts = Facts { connections: 1000, connections_open: 1000, in_flight_mean: 1000.0, ..good() };
            let warnings = judge(&Facts { in_flight_expected: tps * p99_ms / 1000.0, ..facts });
            assert_eq!(warnings[0].code(), "littles-law");
        }
    }
}
