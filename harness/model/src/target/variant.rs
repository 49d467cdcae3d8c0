//! Variants of a target, and the short forms of two of a manifest's tables.

use super::{Build, Manifest, Ready, Start, Toolchain, Waiver, a_minute};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A `[variant.<name>]` or `[stateful]`: what differs from the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variant {
    /// What it is for, in a sentence.
    pub about: String,
    /// Another framework or another version of it.
    pub framework: Option<String>,
    /// What must be installed beside the target's own needs.
    #[serde(default)]
    pub toolchain: Vec<Toolchain>,
    /// Another build.
    pub build: Option<Build>,
    /// Another start command.
    pub command: Option<Vec<String>>,
    /// Variables added to the target's environment, or in their stead.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Placeholders added to the target's, or in their stead.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Cases of the contract that only the variant cannot pass.
    #[serde(default)]
    pub waive: Vec<Waiver>,
}

impl Variant {
    /// The target with the differences applied.
    pub(super) fn apply(&self, target: &Manifest, name: &str) -> Manifest {
        let mut changed = self.applied(target);
        changed.name = format!("{}:{name}", target.name);
        changed.variant = BTreeMap::new();
        changed
    }

    /// The target, or a variant of it, with the differences that one state needs.
    pub(super) fn apply_for_state(&self, target: &Manifest) -> Manifest {
        let mut changed = self.applied(target);
        changed.stateful = None;
        changed
    }

    fn applied(&self, target: &Manifest) -> Manifest {
        let mut changed = target.clone();
        if let Some(framework) = &self.framework {
            changed.framework.clone_from(framework);
        }
        changed.toolchain.extend(self.toolchain.iter().cloned());
        if self.build.is_some() {
            changed.build.clone_from(&self.build);
        }
        if let Some(command) = &self.command {
            changed.start.command.clone_from(command);
        }
        changed.start.env.extend(self.env.clone());
        changed.start.variables.extend(self.variables.clone());
        changed.waive.extend(self.waive.iter().cloned());
        changed
    }
}

/// A variant is named after a colon on the command line and in the names of folders.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
    if !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain) {
        return Ok(());
    }
    Err(format!(
        "the variant's name `{name}` may have small letters, digits, hyphens and, but for the first, points only"
    ))
}

pub(super) fn start_or_command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Start, D::Error> {
    struct StartVisitor;
    impl<'de> Visitor<'de> for StartVisitor {
        type Value = Start;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a command as a list of words, or a table")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut words: A) -> Result<Start, A::Error> {
            let mut command = Vec::new();
            while let Some(word) = words.next_element()? {
                command.push(word);
            }
            Ok(Start { command, env: BTreeMap::new(), variables: BTreeMap::new() })
        }
        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Start, A::Error> {
            Start::deserialize(MapAccessDeserializer::new(table))
        }
    }
    deserializer.deserialize_any(StartVisitor)
}

pub(super) fn ready_or_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Ready, D::Error> {
    struct ReadyVisitor;
    impl<'de> Visitor<'de> for ReadyVisitor {
        type Value = Ready;
        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a path or a table")
        }
        fn visit_str<E: serde::de::Error>(self, path: &str) -> Result<Ready, E> {
            Ok(Ready { path: path.to_owned(), within: a_minute() })
        }
        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<Ready, A::Error> {
            Ready::deserialize(MapAccessDeserializer::new(table))
        }
    }
    deserializer.deserialize_any(ReadyVisitor)
}
