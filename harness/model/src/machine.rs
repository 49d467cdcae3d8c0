//! The machine that a run was made on.

use serde::{Deserialize, Serialize};

/// Enough of the machine to say whether two runs may be compared.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Machine {
    /// Operating system and its version.
    pub os: String,
    /// Kernel version.
    pub kernel: String,
    /// CPU architecture.
    pub architecture: String,
    /// CPU model.
    pub cpu: String,
    /// CPUs that are online.
    pub cpus: usize,
    /// CPUs that `bench` may use.
    pub cpus_allowed: Vec<usize>,
    /// Main memory, in bytes.
    pub memory_bytes: u64,
    /// Frequency governor of the first CPU, where the kernel tells.
    pub governor: Option<String>,
    /// Clock source of the kernel.
    pub clock_source: Option<String>,
    /// Hard limit of open files.
    pub open_files_limit: u64,
    /// Version of `bench`.
    pub bench_version: String,
}

impl Machine {
    /// In what another machine differs so that figures of the one say little of the other: what, what it is here, and what
    /// it is there. CPU, their number and the kernel; a little more or less memory is none of it.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<(&'static str, String, String)> {
        let cpu = |machine: &Self| format!("{} ({})", machine.cpu, machine.architecture);
        let cpus = |machine: &Self| {
            let allowed = machine.cpus_allowed.len();
            format!("{}, {allowed} of them allowed", machine.cpus)
        };
        let all = [
            ("CPU", cpu(self), cpu(other)),
            ("CPUs", cpus(self), cpus(other)),
            ("kernel", self.kernel.clone(), other.kernel.clone()),
        ];
        all.into_iter().filter(|(_, here, there)| here != there).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_another_machine() {
        let here = Machine { cpus: 2, cpus_allowed: vec![0, 1], ..Machine::default() };
        let named = |there: Machine| -> Vec<&str> {
            here.differences(&there).into_iter().map(|(what, ..)| what).collect()
        };
        for (there, expected) in [
            (here.clone(), &[][..]),
            (Machine { memory_bytes: 1, open_files_limit: 1, ..here.clone() }, &[]),
            (Machine { cpus_allowed: vec![2, 3], ..here.clone() }, &[]),
            (Machine { cpus_allowed: vec![0], ..here.clone() }, &["CPUs"]),
            (Machine { cpu: "x".into(), kernel: "6".into(), ..here.clone() }, &["CPU", "kernel"]),
            (Machine { architecture: "riscv64".into(), ..here.clone() }, &["CPU"]),
        ] {
            assert_eq!(named(there), expected);
        }
    }
}
