//! What a target's process tree uses.

use serde::{Deserialize, Serialize};

/// One look at a process tree.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct ResourceSample {
    /// CPU time in user mode since the tree began, in seconds.
    pub cpu_user_s: f64,
    /// CPU time in the kernel since the tree began, in seconds.
    pub cpu_system_s: f64,
    /// Sum of resident sets, which counts shared pages once for each process.
    pub rss_bytes: u64,
    /// Sum of proportional sets, which counts shared pages once; absent where the kernel does not let us read it.
    pub pss_bytes: Option<u64>,
    /// Threads.
    pub threads: u64,
    /// Open files; absent where the kernel does not let us look.
    pub open_files: Option<u64>,
    /// Processes.
    pub processes: u64,
    /// Processes that were there before any load, or lived for two looks, and have ended. Those that come and go within a
    /// request are a target's way of working and do not count.
    #[serde(default)]
    pub ended_processes: u64,
}

impl ResourceSample {
    /// CPU time in user mode and in the kernel, in seconds.
    #[must_use]
    pub fn cpu_s(&self) -> f64 {
        self.cpu_user_s + self.cpu_system_s
    }
}

/// How memory was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemoryKind {
    /// Proportional set size.
    Pss,
    /// Resident set size, where the proportional one cannot be read.
    Rss,
}

/// Memory of a target, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemoryBytes {
    /// After its start, before any load.
    pub idle: u64,
    /// The median of the samples in the measured window.
    pub median: u64,
    /// The largest sample of the whole run.
    pub peak: u64,
}
