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

/// CPU time that the hypervisor gave to others while this machine wanted it, over all CPUs since boot, in seconds.
pub(crate) fn steal_s() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    steal_ticks(&stat) as f64 / procfs::ticks_per_second() as f64
}

fn kib_of(field: impl Fn(procfs::process::Status) -> Option<u64>) -> u64 {
    let status = Process::myself().and_then(|process| process.status());
    status.ok().and_then(field).unwrap_or(0)
}

/// The eighth number of the first line, which sums all CPUs; see proc_stat(5).
fn steal_ticks(stat: &str) -> u64 {
    let first = stat.lines().next().unwrap_or_default();
    let mut fields = first.split_ascii_whitespace();
    if fields.next() != Some("cpu") {
        return 0;
    }
    fields.nth(7).and_then(|ticks| ticks.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steal() {
        for (stat, expected) in [
            ("cpu  19313 0 7159 316523 3093 0 313 1706 0 0\ncpu0 1 2 3", 1706),
            ("cpu  1 2 3 4", 0),
            ("intr 1 2 3 4 5 6 7 8", 0),
            ("", 0),
        ] {
            assert_eq!(steal_ticks(stat), expected, "{stat}");
        }
        assert!(steal_s() >= 0.0);
    }

    #[test]
    fn this_process() {
        let before = own_cpu_s();
        assert!(own_rss_bytes() > 0 && own_rss_peak_bytes() >= own_rss_bytes() / 2);
        assert!(own_cpu_s() > before);
    }
}
