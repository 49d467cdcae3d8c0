//! The machine that a run is made on. Reads what stays the same during a run, and changes nothing.

use crate::{cpus, limits};
use bench_model::machine::Machine;
use std::fs;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, System};

/// Looks at the machine. What cannot be found out is left empty, never guessed.
pub(crate) fn fingerprint() -> Machine {
    Machine {
        os: System::long_os_version().unwrap_or_default(),
        kernel: System::kernel_version().unwrap_or_default(),
        architecture: System::cpu_arch(),
        cpu: cpu_model(),
        cpus: online_cpus(),
        cpus_allowed: cpus::allowed(),
        memory_bytes: memory_bytes(),
        governor: first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        clock_source: first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
        open_files_limit: limits::open_files().1,
        bench_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn cpu_model() -> String {
    let Ok(mut system) = System::new() else {
        return String::new();
    };
    system.refresh_cpu_list(CpuRefreshKind::nothing());
    let brand = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned());
    brand.unwrap_or_default()
}

fn memory_bytes() -> u64 {
    let Ok(mut system) = System::new() else {
        return 0;
    };
    system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
    system.total_memory()
}

/// How many CPUs run; 0 if the kernel does not tell. The kernel's own list: sysinfo counts those that it finds in /proc/stat, which some containers narrow.
pub(crate) fn online_cpus() -> usize {
    let listed = first_line("/sys/devices/system/cpu/online").and_then(|list| cpus::parse_list(&list).ok());
    listed.map_or(0, |cpus| cpus.len())
}

fn first_line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().next()?.trim();
    (!line.is_empty()).then(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine() {
        let machine = fingerprint();
        assert!(!machine.os.is_empty() && !machine.kernel.is_empty() && !machine.architecture.is_empty());
        assert!(machine.cpus >= 1);
        assert!(!machine.cpus_allowed.is_empty());
        assert!(machine.memory_bytes > 1 << 20);
        assert!(machine.open_files_limit > 0);
        assert_eq!(machine, fingerprint());
    }
}
