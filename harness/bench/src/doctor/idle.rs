//! The idle machine: how late it lets a thread run that only sleeps, on every CPU, and who uses the CPUs meanwhile.

use crate::hiccups::HiccupMeter;
use crate::resources::{Machine, own_cpu_s};
use bench_model::distribution::Distribution;
use bench_model::latency::Latencies;
use bench_model::summary::LatencyFigures;
use serde::Serialize;
use std::io;
use std::time::{Duration, Instant};

/// How often a wait looks whether it is to end before its time.
const LOOK: Duration = Duration::from_millis(50);

/// What was seen of a machine that had nothing to do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Idle {
    pub(crate) duration_s: f64,
    /// All CPUs that were listened to at the same time.
    pub(crate) cpus: Vec<IdleCpu>,
    /// CPU time that the hypervisor took, over the machine's, 0 to 1.
    pub(crate) steal_share: f64,
    /// CPU time of other processes, over the machine's, 0 to 1.
    pub(crate) others_share: f64,
    /// CPU time of one hiccup meter, over its CPU's, 0 to 1.
    pub(crate) meter_share: f64,
}

/// One of its CPUs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct IdleCpu {
    pub(crate) cpu: usize,
    /// By how much a short sleep was too long.
    pub(crate) hiccup_us: LatencyFigures,
}

/// Listens to these CPUs of a machine that has `online` of them. Nothing where `stopped` says so before the end.
///
/// # Errors
/// When a meter cannot be started.
pub(crate) fn listen(
    length: Duration,
    cpus: &[usize],
    online: usize,
    stopped: &dyn Fn() -> bool,
) -> io::Result<Option<Idle>> {
    let meters: Vec<(usize, HiccupMeter)> =
        cpus.iter().map(|&cpu| Ok((cpu, HiccupMeter::start(Some(cpu))?))).collect::<io::Result<_>>()?;
    let (began, own_before_s, before) = (Instant::now(), own_cpu_s(), Machine::read());
    while began.elapsed() < length {
        if stopped() {
            return Ok(None);
        }
        std::thread::sleep(LOOK.min(length));
    }
    let (duration_s, own_s, used) =
        (began.elapsed().as_secs_f64(), own_cpu_s() - own_before_s, Machine::read().since(&before));
    let machine_s = (duration_s * online.max(1) as f64).max(f64::MIN_POSITIVE);
    let others_s = used.processes_s - own_s;
    let figures = |meter: &HiccupMeter| {
        LatencyFigures::of(&Distribution::new(meter.take(Latencies::new()).overslept, Latencies::new()))
    };
    Ok(Some(Idle {
        duration_s,
        cpus: meters.iter().map(|(cpu, meter)| IdleCpu { cpu: *cpu, hiccup_us: figures(meter) }).collect(),
        steal_share: used.steal_s / machine_s,
        others_share: (others_s / machine_s).max(0.0),
        meter_share: own_s / duration_s / cpus.len().max(1) as f64,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine() {
        let cpus = crate::cpus::allowed();
        let idle = listen(Duration::from_millis(100), &cpus, cpus.len(), &|| false).unwrap().unwrap();
        assert_eq!(idle.cpus.iter().map(|of| of.cpu).collect::<Vec<_>>(), cpus);
        assert!(idle.duration_s >= 0.1 && idle.meter_share > 0.0 && idle.steal_share >= 0.0, "{idle:?}");
        assert_eq!(listen(Duration::from_secs(60), &cpus, cpus.len(), &|| true).unwrap(), None);
    }
}
