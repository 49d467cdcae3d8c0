//! How quiet this machine is: what it does to a thread that only sleeps, and to a server that is compared with itself.
//! Says what that means for a measurement; the statistics are those of comparisons.

use super::equals::{self, Equals};
use super::idle::{self, Idle, IdleCpu};
use super::{Finding, Health};
use crate::failure::Failure;
use crate::progress::Progress;
use crate::report::amount::{percent, time_us};
use crate::signals::Signals;
use bench_model::comparison::{Floor, Quietness};
use bench_model::machine::Machine;
use bench_model::metric::Metric;
use serde::Serialize;
use std::time::Duration;

/// How long is listened to the idle machine.
const LISTENING: Duration = Duration::from_secs(5);
/// CPUs that people are told of, the latest first; programs are told of all.
const CPUS_SHOWN: usize = 4;
/// A thread that once in a thousand times is later than this makes tails that are the machine's, in microseconds.
const LATE_US: f64 = 1000.0;
/// As the runs' own warnings have it (`steal`, `machine-busy`).
const STEAL_LIMIT: f64 = 0.01;
const OTHERS_LIMIT: f64 = 0.05;
/// Above this either of them makes every run invalid.
const HOPELESS: f64 = 0.2;

/// What was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Noise {
    pub(crate) idle: Idle,
    pub(crate) equals: Equals,
}

/// How long it takes, in seconds.
pub(crate) fn length_s(pairs: usize) -> f64 {
    LISTENING.as_secs_f64() + equals::length_s(pairs)
}

/// Listens, then compares.
pub(crate) fn measure(
    pairs: usize,
    machine: &Machine,
    signals: &Signals,
    progress: &Progress,
) -> Result<Noise, Failure> {
    progress.line(&format!("listening to the idle machine for {} s", LISTENING.as_secs()));
    let stopped = || signals.received().is_some();
    let idle = idle::listen(LISTENING, &machine.cpus_allowed, machine.cpus, &stopped)?;
    match (idle, signals.received()) {
        (_, Some(signal)) => Err(Failure::Interrupted(signal)),
        (None, None) => {
            Err(anyhow::anyhow!("the listening ended before its time; this is a defect in bench").into())
        }
        (Some(idle), None) if idle.steal_share.max(idle.others_share) > HOPELESS => {
            progress.line("the machine is too busy for runs that are valid, so that none is made");
            let busy = if idle.steal_share > HOPELESS { "steal" } else { "machine-busy" };
            Ok(Noise { idle, equals: Equals::not_made(pairs, busy) })
        }
        (Some(idle), None) => {
            progress.line(&format!("measuring the server inside bench against itself, {pairs} times"));
            Ok(Noise { idle, equals: equals::compare(pairs, machine, signals, progress)? })
        }
    }
}

impl Noise {
    /// What it means, line by line.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let Idle { steal_share, others_share, meter_share, .. } = self.idle;
        let mut latest: Vec<&IdleCpu> = self.idle.cpus.iter().collect();
        latest.sort_by(|a, b| b.hiccup_us.p99_9.total_cmp(&a.hiccup_us.p99_9));
        let mut findings: Vec<Finding> = latest.into_iter().take(CPUS_SHOWN).map(hiccups).collect();
        findings.push(share(
            "steal",
            steal_share,
            STEAL_LIMIT,
            "what the hypervisor gave to others",
            "what the hypervisor gave to others: measure on a machine of your own",
        ));
        findings.push(share(
            "others",
            others_share,
            OTHERS_LIMIT,
            "what other processes used",
            "what other processes used: stop them before you measure",
        ));
        let meter = format!("{} of a CPU", percent(meter_share));
        findings.push(Finding::new(
            Health::Good,
            "meter",
            meter,
            "what the hiccup meter takes, here and in every run",
        ));
        findings.extend(self.equals.floors.iter().map(floor));
        findings.extend(lost(&self.equals));
        findings
    }
}

fn hiccups(of: &IdleCpu) -> Finding {
    let name = format!("CPU {}", of.cpu);
    let figures = &of.hiccup_us;
    let [p50, p99, p99_9, longest] =
        [figures.p50, figures.p99, figures.p99_9, figures.max].map(|value_us| time_us(value_us).to_string());
    let found =
        format!("a thread that is due runs {p50} late (P50), P99 {p99}, P99.9 {p99_9}, longest {longest}");
    if figures.p99_9 < LATE_US {
        return Finding::new(Health::Good, &name, found, "a longer tail is not the idle machine's");
    }
    let meaning = "tails of such length are the machine's own: look for what else runs, on the host too";
    Finding::new(Health::Note, &name, found, meaning)
}

fn share(name: &str, part: f64, limit: f64, meaning: &str, remedy: &str) -> Finding {
    let (health, meaning) = if part > limit { (Health::Note, remedy) } else { (Health::Good, meaning) };
    Finding::new(health, name, format!("{} of the machine", percent(part)), meaning)
}

/// The name of a metric, short enough for the column of names.
fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::P99 => "P99",
        Metric::CpuPerRequest => "CPU/request",
        other => other.title(),
    }
}

fn floor(floor: &Floor) -> Finding {
    let (health, word) = match floor.quietness {
        Quietness::Quiet => (Health::Good, "quiet"),
        Quietness::Usable => (Health::Note, "usable"),
        Quietness::Noisy => (Health::Note, "noisy"),
    };
    let more = format!(", and {} blocks one of 2% (--blocks)", floor.blocks_to_show_difference);
    let remedy = match floor.quietness {
        Quietness::Quiet => String::new(),
        Quietness::Usable => more,
        Quietness::Noisy => {
            more + "; stop what else runs, hold the clock rate, or take a machine of your own"
        }
    };
    let meaning = format!(
        "{} blocks show a difference of {} four times in five{remedy}",
        Floor::BLOCKS,
        percent(floor.effect)
    );
    let found = format!("{word}, equals differ by {} (standard deviation)", percent(floor.deviation));
    Finding::new(health, title(floor.metric), found, meaning)
}

/// What is to be said of pairs that could not be used.
fn lost(equals: &Equals) -> Option<Finding> {
    let codes = equals.lost_for.iter().cloned().collect::<Vec<_>>().join(", ");
    let found = format!("{} of {} could be used", equals.used, equals.pairs);
    if equals.floors.is_empty() {
        let meaning = format!(
            "runs were invalid ({codes}), so that nothing can be measured here before that is mended"
        );
        return Some(Finding::new(Health::Bad, "pairs", found, meaning));
    }
    let meaning =
        format!("some runs were invalid ({codes}) and were made again: comparisons will take longer");
    (!codes.is_empty()).then(|| Finding::new(Health::Note, "pairs", found, meaning))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::summary::LatencyFigures;

    fn cpu(cpu: usize, p99_9: f64) -> IdleCpu {
        let hiccup_us = LatencyFigures { p50: 5.0, p99: 60.0, p99_9, max: 2e3, ..LatencyFigures::default() };
        IdleCpu { cpu, hiccup_us }
    }

    fn floor_of(effect: f64, quietness: Quietness) -> Floor {
        Floor {
            metric: Metric::CpuPerRequest,
            ratios: vec![1.0, 1.01],
            deviation: effect,
            effect,
            blocks_to_show_difference: 17,
            quietness,
        }
    }

    fn noise(cpus: Vec<IdleCpu>, others_share: f64, floors: Vec<Floor>, lost_for: &[&str]) -> Noise {
        let idle = Idle { duration_s: 5.0, cpus, steal_share: 0.001, others_share, meter_share: 0.003 };
        let lost_for = lost_for.iter().map(|&code| code.to_owned()).collect();
        Noise { idle, equals: Equals { pairs: 6, used: 5, lost_for, floors } }
    }

    fn words(noise: &Noise) -> Vec<(Health, String)> {
        let say = |f: Finding| (f.health, format!("{}: {}: {}", f.name, f.found, f.meaning));
        noise.findings().into_iter().map(say).collect()
    }

    #[test]
    fn what_is_said() {
        use Health::{Bad, Good, Note};
        let quiet = noise(vec![cpu(0, 90.0)], 0.01, vec![floor_of(0.012, Quietness::Quiet)], &[]);
        let healths: Vec<Health> = words(&quiet).iter().map(|(health, _)| *health).collect();
        assert_eq!(healths, [Good; 5], "{:?}", words(&quiet));
        let usable = floor_of(0.03, Quietness::Usable);
        let noisy = floor_of(0.09, Quietness::Noisy);
        for (noise, health, part) in [
            (
                &quiet,
                Good,
                "CPU 0: a thread that is due runs 5.000 us late (P50), P99 60.00 us, P99.9 90.00 us",
            ),
            (&quiet, Good, "10 blocks show a difference of 1.20% four times in five"),
            (&noise(vec![cpu(1, 1500.0)], 0.0, vec![], &[]), Note, "P99.9 1.500 ms"),
            (&noise(vec![], 0.2, vec![], &[]), Note, "others: 20.0% of the machine"),
            (&noise(vec![], 0.0, vec![usable.clone()], &[]), Note, "and 17 blocks one of 2% (--blocks)"),
            (&noise(vec![], 0.0, vec![noisy], &[]), Note, "a machine of your own"),
            (
                &noise(vec![], 0.0, vec![], &["steal"]),
                Bad,
                "pairs: 5 of 6 could be used: runs were invalid (steal)",
            ),
            (&noise(vec![], 0.0, vec![usable], &["steal"]), Note, "some runs were invalid (steal)"),
        ] {
            let words = words(noise);
            assert!(
                words.iter().any(|(found, text)| *found == health && text.contains(part)),
                "{part}: {words:?}"
            );
        }
    }

    #[test]
    fn the_latest_cpus_are_shown() {
        let many = noise((0..64).map(|n| cpu(n, n as f64)).collect(), 0.0, vec![], &[]);
        let shown: Vec<String> = many.findings().into_iter().map(|finding| finding.name).collect();
        assert_eq!(shown[..5], ["CPU 63", "CPU 62", "CPU 61", "CPU 60", "steal"]);
    }
}
