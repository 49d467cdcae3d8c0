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
