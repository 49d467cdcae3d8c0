//! What is read of `bench` itself and of the machine while a run is loaded: CPU time, memory, hiccups, and whether the
//! clock keeps time. Looks when it is told to, and judges nothing.

use crate::clock::ns;
use crate::hiccups::{HiccupMeter, Hiccups};
use crate::resources::{self, Machine};
use bench_model::clock::ClockCheck;
use bench_model::latency::Latencies;
use rustix::time::ClockId;
use std::io;

/// Over less time than this the two clocks cannot be told apart, in nanoseconds.
const CLOCKS_LEAST_NS: u64 = 100_000_000;

/// Meters that run, and what they showed at the last look.
#[derive(Debug)]
pub(crate) struct Meters {
    hiccups: HiccupMeter,
    began: Clocks,
    backwards: u64,
    own_cpu_s: f64,
    machine: Machine,
    /// For the hiccups until the next look.
    spare: Option<Latencies>,
}

/// What happened between two looks.
#[derive(Debug)]
pub(crate) struct Reading {
    /// CPU time of `bench` itself, in seconds.
    pub(crate) own_cpu_s: f64,
    /// CPU time of all processes of the machine, and what the hypervisor took.
    pub(crate) machine: Machine,
    /// Resident memory of `bench` now, in bytes.
    pub(crate) own_rss_bytes: u64,
    /// By how much a thread overslept on the CPU of the meters.
    pub(crate) overslept: Latencies,
}

impl Meters {
    /// Starts the hiccup meter on a CPU, and looks for the first time.
    ///
    /// # Errors
    /// When the meter's thread cannot be started.
    pub(crate) fn start(cpu: Option<usize>) -> io::Result<Self> {
        Ok(Self {
            hiccups: HiccupMeter::start(cpu)?,
            began: Clocks::read(),
            backwards: 0,
            own_cpu_s: resources::own_cpu_s(),
            machine: Machine::read(),
            spare: None,
        })
    }

    /// What happened since the last look.
    pub(crate) fn read(&mut self) -> Reading {
        let (own_cpu_s, machine) = (resources::own_cpu_s(), Machine::read());
        let Hiccups { overslept, backwards } = self.hiccups.take(self.spare.take().unwrap_or_default());
        self.backwards += backwards;
        let before = std::mem::replace(&mut self.machine, machine);
        Reading {
            own_cpu_s: own_cpu_s - std::mem::replace(&mut self.own_cpu_s, own_cpu_s),
            machine: machine.since(&before),
            own_rss_bytes: resources::own_rss_bytes(),
            overslept,
        }
    }

    /// Takes back what was overslept by at an earlier look.
    pub(crate) fn recycle(&mut self, spent: Option<Latencies>) {
        self.spare = spent.map(Latencies::emptied);
    }

    /// How the clock has kept time since the start.
    pub(crate) fn clock(&self) -> ClockCheck {
        ClockCheck { drift: self.began.drift_until(&Clocks::read()), backwards: self.backwards }
    }
}

/// The clock that latencies are measured with, and the hardware's, at one moment.
#[derive(Debug, Clone, Copy)]
struct Clocks {
    monotonic_ns: u64,
    raw_ns: u64,
}

impl Clocks {
    /// The best of a few tries: a thread that is put aside between two readings spoils one.
    fn read() -> Self {
        let one = || {
            let (before, raw_ns, after) =
                (ns(ClockId::Monotonic), ns(ClockId::MonotonicRaw), ns(ClockId::Monotonic));
            let apart = after.saturating_sub(before);
            (apart, Self { monotonic_ns: before + apart / 2, raw_ns })
        };
        let tries: [(u64, Self); 5] = std::array::from_fn(|_| one());
        let (mut best_apart, mut best) = tries[0];
        for (apart, clocks) in tries {
            if apart < best_apart {
                (best_apart, best) = (apart, clocks);
            }
        }
        best
    }

    /// By how much the monotonic clock ran faster, over the hardware's time; 0 over a time too short to tell.
    fn drift_until(&self, later: &Self) -> f64 {
        let raw_ns = later.raw_ns.saturating_sub(self.raw_ns);
        if raw_ns < CLOCKS_LEAST_NS {
            return 0.0;
        }
        (later.monotonic_ns as f64 - self.monotonic_ns as f64) / raw_ns as f64 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drift() {
        let began = Clocks { monotonic_ns: 7_000, raw_ns: 1_000 };
        for (monotonic_ms, raw_ms, drift) in
            [(1_000, 1_000, 0.0), (1_002, 1_000, 0.002), (990, 1_000, -0.01), (60, 50, 0.0)]
        {
            let later =
                Clocks { monotonic_ns: 7_000 + monotonic_ms * 1_000_000, raw_ns: 1_000 + raw_ms * 1_000_000 };
            assert!((began.drift_until(&later) - drift).abs() < 1e-12, "{monotonic_ms} ms in {raw_ms} ms");
        }
    }

    #[test]
    fn this_machine() {
        let mut meters = Meters::start(None).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(120));
        let reading = meters.read();
        assert!(reading.own_cpu_s > 0.0 && reading.own_rss_bytes > 0);
        assert!(reading.machine.processes_s >= 0.0 && reading.machine.steal_s >= 0.0);
        assert!(reading.overslept.count() > 0);
        // Time services may bend the clock while this runs, but not by a tenth.
        assert!(meters.clock().drift.abs() < 0.1, "{:?}", meters.clock());
    }
}
