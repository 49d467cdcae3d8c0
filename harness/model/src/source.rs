//! What a server under test was built from and with, so that a result can be traced to its code.

use serde::{Deserialize, Serialize};

/// What was built from what, as stored with a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Source {
    /// The git commit of the target's folder, if it is in a repository.
    pub revision: Option<String>,
    /// Whether the folder differed from that commit.
    pub dirty: bool,
    /// SHA-256 over the build's commands, toolchains and inputs, in hexadecimal; absent without a build.
    pub inputs_sha256: Option<String>,
    /// The toolchains, as `program version`.
    pub versions: Vec<String>,
}

/// A target that is ready to be started.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Built {
    /// The size of what would be shipped, in bytes; absent where nothing is built.
    pub artefact_bytes: Option<u64>,
    /// What it was built from.
    pub source: Source,
}
