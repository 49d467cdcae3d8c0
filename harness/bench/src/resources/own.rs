//! What `bench` itself uses, and what the hypervisor takes from the whole machine.

use procfs::process::Process;
use rustix::time::{ClockId, clock_gettime};
use std::fs;

/// CPU time of this process, user and system, in seconds, to the nanosecond.
pub(crate) fn own_cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Resident memory of this process now, in bytes; 0 if the kernel does not tell.
pub(crate) fn own_rss_bytes() -> u64 {
    kib_of(|status| status.vmrss) * 1024
}

/// The most resident memory that this process ever had, in bytes; 0 if the kernel does not tell.
pub(crate) fn own_rss_peak_bytes() -> u64 {
    kib_of(|status| status.vmhwm) * 1024
}

/// CPU time of the whole machine over all CPUs, since boot or between two looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Machine {
    /// Of all processes, in user mode and in the kernel, in seconds. Interrupts are no process's.
    pub(crate) processes_s: f64,
    /// What the hypervisor gave to others while this machine wanted it, in seconds.
    pub(crate) steal_s: f64,
}

impl Machine {
    /// Reads `/proc/stat`; all 0 if the kernel does not tell.
    pub(crate) fn read() -> Self {
        Self::parse(&fs::read_to_string("/proc/stat").unwrap_or_default())
    }

    /// What was used since an earlier look.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self { processes_s: self.processes_s - earlier.processes_s, steal_s: self.steal_s - earlier.steal_s }
    }

    /// The first line sums all CPUs: user, nice, system, idle, iowait, irq, softirq, steal; see proc_stat(5).
    fn parse(stat: &str) -> Self {
        let first = stat.lines().next().and_then(|line| line.strip_prefix("cpu ")).unwrap_or_default();
        let ticks: Vec<u64> = first.split_ascii_whitespace().filter_map(|field| field.parse().ok()).collect();
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        Self {
            processes_s: seconds(ticks.iter().take(3).sum()),
            steal_s: seconds(ticks.get(7).copied().unwrap_or(0)),
        }
    }
}

fn kib_of(field: impl Fn(procfs::process::Status) -> Option<u64>) -> u64 {
    let status = Process::myself().and_then(|process| process.status());
    status.ok().and_then(field).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine() {
        for (stat, processes, steal) in [
            ("cpu  19313 7 7159 316523 3093 0 313 1706 0 0\ncpu0 1 2 3", 26_479, 1706),
            ("cpu  1 2 3 4", 6, 0),
            ("intr 1 2 3 4 5 6 7 8", 0, 0),
            ("", 0, 0),
        ] {
            let ticks = procfs::ticks_per_second() as f64;
            let expected =
                Machine { processes_s: f64::from(processes) / ticks, steal_s: f64::from(steal) / ticks };
            assert_eq!(Machine::parse(stat), expected, "{stat}");
        }
        assert!(Machine::read().processes_s > 0.0);
    }

    #[test]
    fn between_two_looks() {
        let look = |processes_s, steal_s| Machine { processes_s, steal_s };
        for (earlier, later, used) in [
            (look(0.0, 0.0), look(0.0, 0.0), look(0.0, 0.0)),
            (look(7.5, 2.0), look(9.0, 2.25), look(1.5, 0.25)),
            (look(7.5, 2.0), look(7.5, 5.0), look(0.0, 3.0)),
        ] {
            assert_eq!(later.since(&earlier), used, "{earlier:?} to {later:?}");
        }
    }

    #[test]
    fn this_process() {
        let before = own_cpu_s();
        assert!(own_rss_bytes() > 0 && own_rss_peak_bytes() >= own_rss_bytes() / 2);
        assert!(own_cpu_s() > before);
    }
}
