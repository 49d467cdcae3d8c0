//! Target manifests (`targets/<name>/target.toml`): what a server under test needs, how it is built, started, known
//! to be ready and stopped. Runs nothing.

mod metric;
mod placeholder;
mod variant;
mod version;

pub use metric::{MetricKind, Series, SeriesError, TargetMetric, Unit};
pub use placeholder::Filling;
pub use variant::Variant;
pub use version::{Version, find_version};

use crate::quantity::duration_text;
use crate::suggest::explain_unknown_key;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A target as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The target's name, as given to `--target`; with a variant, `name:variant`.
    pub name: String,
    /// The language that the server is written in.
    pub language: String,
    /// The framework and runtime with their versions, for people.
    pub framework: String,
    /// What must be installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub toolchain: Vec<Toolchain>,
    /// How it is built; absent where nothing has to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// How it is started. `start = ["server", "{port}"]` is short for a table with that `command` alone.
    #[serde(deserialize_with = "variant::start_or_command")]
    pub start: Start,
    /// When it can take load. `ready = "/healthz"` is short for a table with that `path` alone.
    #[serde(deserialize_with = "variant::ready_or_path")]
    pub ready: Ready,
    /// How it is stopped.
    #[serde(default)]
    pub stop: Stop,
    /// Cases of the contract that it cannot pass, with the reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waive: Vec<Waiver>,
    /// Which of its own metrics runs show; a variant has the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metric: Vec<TargetMetric>,
    /// What differs where all requests must meet one state, as for a target that otherwise runs several processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stateful: Option<Variant>,
    /// Other ways to build or run it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variant: BTreeMap<String, Variant>,
}

/// A `[[toolchain]]`: a program that building or running needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Toolchain {
    /// The command that prints its version, on either stream.
    pub command: Vec<String>,
    /// The first version that will do.
    pub least: Version,
    /// What a user types to install it.
    pub install: String,
}

/// The `[build]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// Commands, run one after another in the target's folder, without a shell.
    pub commands: Vec<Vec<String>>,
    /// Variables added to those that the commands inherit.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Files and folders whose content decides whether a build is stale.
    pub inputs: Vec<String>,
    /// Files and folders that would be shipped; their size is reported.
    pub artefact: Vec<String>,
}

/// The `[start]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The command and its arguments, run in the target's folder.
    pub command: Vec<String>,
    /// Variables added to those that the target inherits.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What `{name}` stands for in the command and in `env`, beside what the harness fills in.
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
}

/// The `[ready]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// The path that answers 200 once the server can take load.
    pub path: String,
    /// The longest that this may take; 60 s unless told.
    #[serde(default = "a_minute", with = "duration_text")]
    pub within: Duration,
}

/// The `[stop]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stop {
    /// How long it may take to end after SIGTERM before it is killed; 5 s unless told.
    #[serde(with = "duration_text")]
    pub within: Duration,
}

/// A `[[waive]]`: a case of the contract that a framework cannot pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The case, by its name in `targets/CONTRACT.md`.
    pub case: String,
    /// Why.
    pub why: String,
}

impl Default for Stop {
    fn default() -> Self {
        Self { within: Duration::from_secs(5) }
    }
}

fn a_minute() -> Duration {
    Duration::from_secs(60)
}

/// What is wrong with a manifest or a scenario, with the place where it is known. The caller knows the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.place())]
pub struct FileError {
    /// Line in the file, from 1; 1 for what is wrong with the whole.
    pub line: usize,
    /// Character in the line, from 1; absent for what is wrong with the whole.
    pub column: Option<usize>,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FileError {
    pub(crate) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let message = explain_unknown_key(error.message()).replace('\n', " ");
        match error.span() {
            Some(span) => Self::at(text, span.start, message),
            None => Self::of_whole(message),
        }
    }

    /// What is wrong at a byte of the text.
    pub(crate) fn at(text: &str, byte: usize, message: String) -> Self {
        let before = String::from_utf8_lossy(&text.as_bytes()[..byte.min(text.len())]);
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        Self { line, column: Some(column), message }
    }

    /// What is wrong with the whole.
    pub(crate) fn of_whole(message: String) -> Self {
        Self { line: 1, column: None, message }
    }

    /// The same with the file's name before it: `a.toml, line 4, column 1: ...`.
    #[must_use]
    pub fn of_file(&self, file: &str) -> String {
        let gap = if self.column.is_some() { ", " } else { ": " };
        format!("{file}{gap}{self}")
    }

    fn place(&self) -> String {
        self.column.map_or_else(String::new, |column| format!("line {}, column {column}: ", self.line))
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown or missing key, or asks for something that cannot be done.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let manifest: Self = toml::from_str(text).map_err(|error| FileError::from_toml(text, &error))?;
        let wrong = FileError::of_whole;
        manifest.check().map_err(wrong)?;
        manifest.check_stateful().map_err(wrong)?;
        let mut starts = vec![manifest.start.clone(), manifest.for_state().start];
        for (name, variant) in &manifest.variant {
            variant::check_name(name).map_err(wrong)?;
            let changed = variant.apply(&manifest, name);
            changed
                .check()
                .and_then(|()| placeholder::check_used(variant.variables.keys(), &[&changed.start]))
                .and_then(|()| changed.for_state().check().map_err(of_stateful))
                .map_err(|message| wrong(format!("in `variant.{name}`, {message}")))?;
            if changed.is_same_but_for_the_name(&manifest) {
                return Err(wrong(format!(
                    "`variant.{name}` changes nothing: say what differs, or leave it out"
                )));
            }
            starts.push(changed.start);
        }
        // One that only a variant uses may have its usual value in the target.
        let starts: Vec<&Start> = starts.iter().collect();
        placeholder::check_used(manifest.start.variables.keys(), &starts).map_err(wrong)?;
        Ok(manifest)
    }

    /// The manifest of one of its variants, under the name `name:variant`; absent if there is none of that name.
    #[must_use]
    pub fn with_variant(&self, name: &str) -> Option<Self> {
        self.variant.get(name).map(|variant| variant.apply(self, name))
    }

    /// The manifest for whatever needs one state, under the same name; the same manifest where nothing differs for that.
    #[must_use]
    pub fn for_state(&self) -> Self {
        self.stateful.as_ref().map_or_else(|| self.clone(), |stateful| stateful.apply_for_state(self))
    }

    /// The start command with every placeholder filled in.
    #[must_use]
    pub fn command(&self, filling: &Filling<'_>) -> Vec<String> {
        self.start.command.iter().map(|word| filling.fill(word, &self.start.variables)).collect()
    }

    /// The start command's variables with every placeholder filled in.
    #[must_use]
    pub fn environment(&self, filling: &Filling<'_>) -> Vec<(String, String)> {
        let fill =
            |(name, value): (&String, &String)| (name.clone(), filling.fill(value, &self.start.variables));
        self.start.env.iter().map(fill).collect()
    }

    /// How it is started, for people: its variables and the command in a line. What the manifest chooses, such as the size
    /// of a heap, is filled in; what the harness fills in, such as `{port}`, stands as it is written.
    #[must_use]
    pub fn start_in_words(&self) -> String {
        let chosen =
            |text: &String| placeholder::replace(text, |name| self.start.variables.get(name).cloned());
        let environment = self.start.env.iter().map(|(name, value)| format!("{name}={}", chosen(value)));
        environment.chain(self.start.command.iter().map(chosen)).collect::<Vec<_>>().join(" ")
    }

    fn check_stateful(&self) -> Result<(), String> {
        let Some(stateful) = &self.stateful else { return Ok(()) };
        let changed = self.for_state();
        changed
            .check()
            .and_then(|()| placeholder::check_used(stateful.variables.keys(), &[&changed.start]))
            .map_err(of_stateful)?;
        if changed.is_same_but_for_the_name(self) {
            return Err("`stateful` changes nothing: say what differs, or leave it out".to_owned());
        }
        Ok(())
    }

    fn is_same_but_for_the_name(&self, target: &Self) -> bool {
        (&self.toolchain, &self.build, &self.start) == (&target.toolchain, &target.build, &target.start)
    }

    fn check(&self) -> Result<(), String> {
        // Names of folders and of runs are made from it; a colon stands before a variant.
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(plain) {
            return Err(format!(
                "the name `{}` may have letters, digits, points, hyphens and underscores only, and begins with none of \
                 the points",
                self.name
            ));
        }
        if self.start.command.is_empty() {
            return Err("`start` is empty: give the command that starts the server".to_owned());
        }
        if !self.ready.path.starts_with('/') {
            return Err("`ready` must be a path such as /healthz".to_owned());
        }
        if self.toolchain.iter().any(|toolchain| toolchain.command.is_empty()) {
            return Err("`toolchain.command` is empty: give the command that prints the version".to_owned());
        }
        if let Some(build) = &self.build {
            if build.commands.is_empty() || build.commands.iter().any(Vec::is_empty) {
                return Err("`build.commands` lacks a command: give each as a list of words".to_owned());
            }
            if build.inputs.is_empty() {
                return Err("`build.inputs` is empty: name the files that make a build stale".to_owned());
            }
        }
        metric::check(&self.metric)?;
        placeholder::check(&self.start)
    }
}

fn of_stateful(message: String) -> String {
    format!("in `stateful`, {message}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str = r#"
name = "tiny"
language = "Sh"
framework = "none"
start = ["serve", "--at={host}:{port}", "{bench}"]
ready = "/healthz"
"#;

    const LONG: &str = r#"
name = "big"
language = "L"
framework = "F 1.2"
[[toolchain]]
command = ["ell", "--version"]
least = "1.20"
install = "apt-get install ell"
[build]
commands = [["ell", "build"]]
inputs = ["src"]
artefact = ["bin/server"]
[start]
command = ["bin/server", "-heap", "{heap}", "{port}", "{cpus}"]
env = { THREADS = "{cpus}", HEAP = "{heap}" }
variables = { heap = "256m" }
[ready]
path = "/healthz"
within = "90s"
[stop]
within = "8s"
[[waive]]
case = "idle-timeout"
why = "it has none"
[stateful]
about = "one process"
env = { PROCESSES = "{processes}" }
variables = { processes = "1", heap = "300m" }
[variant.large]
about = "a larger heap"
variables = { heap = "1g" }
env = { MORE = "1" }
[variant.other]
about = "another server"
framework = "G 2"
command = ["bin/other", "{port}"]
waive = [{ case = "half-close", why = "no" }]
"#;

    const FILLING: Filling<'_> = Filling { bench: "/b", host: "127.0.0.1", port: 81, cpus: 2 };

    #[test]
    fn the_short_form() {
        let manifest = Manifest::parse(SHORT).unwrap();
        assert_eq!(manifest.command(&FILLING), ["serve", "--at=127.0.0.1:81", "/b"]);
        assert_eq!((manifest.ready.within, manifest.stop.within), (a_minute(), Duration::from_secs(5)));
        let stored = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&stored).unwrap(), manifest);
    }

    #[test]
    fn the_long_form_and_its_variants() {
        let manifest = Manifest::parse(LONG).unwrap();
        assert_eq!(manifest.command(&FILLING), ["bin/server", "-heap", "256m", "81", "2"]);
        assert_eq!(manifest.ready.within, Duration::from_secs(90));
        assert_eq!(manifest.toolchain[0].least.to_string(), "1.20");
        let large = manifest.with_variant("large").unwrap();
        assert_eq!((large.name.as_str(), large.framework.as_str()), ("big:large", "F 1.2"));
        assert_eq!(large.command(&FILLING)[2], "1g");
        let environment = large.environment(&FILLING);
        let pairs: Vec<(&str, &str)> = environment.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(pairs, [("HEAP", "1g"), ("MORE", "1"), ("THREADS", "2")]);
        let other = manifest.with_variant("other").unwrap();
        assert_eq!(other.command(&FILLING), ["bin/other", "81"]);
        assert_eq!((other.framework.as_str(), other.waive.len(), other.build.is_some()), ("G 2", 2, true));
        assert_eq!(manifest.with_variant("none"), None);
        let stored = serde_json::to_string(&other).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&stored).unwrap(), other);
    }

    #[test]
    fn what_needs_one_state_has_a_start_of_its_own() {
        let manifest = Manifest::parse(LONG).unwrap();
        let stateful = manifest.for_state();
        assert_eq!(stateful.name, "big");
        assert_eq!(stateful.command(&FILLING), ["bin/server", "-heap", "300m", "81", "2"]);
        assert!(stateful.environment(&FILLING).contains(&("PROCESSES".to_owned(), "1".to_owned())));
        assert_eq!(stateful.for_state(), stateful, "once is enough");
        // Over a variant it has the last word, and the variant keeps its name.
        let large = manifest.with_variant("large").unwrap();
        assert_eq!((large.command(&FILLING)[2].as_str(), large.stateful.is_some()), ("1g", true));
        let both = large.for_state();
        assert_eq!((both.name.as_str(), both.command(&FILLING)[2].as_str()), ("big:large", "300m"));
        assert_eq!(both.environment(&FILLING).len(), 4);
        let plain = Manifest::parse(SHORT).unwrap();
        assert_eq!(plain.for_state(), plain);
        let stored = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&stored).unwrap(), manifest);
    }

    #[test]
    fn mistakes_of_the_stateful_table() {
        let table =
            "env = { PROCESSES = \"{processes}\" }\nvariables = { processes = \"1\", heap = \"300m\" }";
        for (to, part) in [
            ("", "`stateful` changes nothing"),
            ("env = { A = \"{b}\" }", "in `stateful`, `{b}` is nothing that can be filled in"),
            ("variables = { b = \"1\" }", "in `stateful`, the variable `b` is used nowhere"),
            ("command = []", "in `stateful`, `start` is empty"),
            ("evn = { A = \"1\" }", "did you mean `env`?"),
            ("command = [\"one\", \"{port}\", \"{large}\"]", "`{large}` is nothing"),
        ] {
            assert!(LONG.contains(table));
            let error = Manifest::parse(&LONG.replacen(table, to, 1)).expect_err(to);
            assert!(error.message.contains(part), "{to}: {error}");
        }
        let without_words = LONG.replacen("about = \"one process\"", "", 1);
        assert!(Manifest::parse(&without_words).unwrap_err().message.contains("`about`"));
    }

    #[test]
    fn mistakes_name_the_line() {
        for (text, from, to, line, part) in [
            (SHORT, "ready", "redy", 6, "did you mean `ready`?"),
            (SHORT, "[\"serve\", \"--at={host}:{port}\", \"{bench}\"]", "[]", 1, "`start` is empty"),
            (SHORT, "\"/healthz\"", "\"healthz\"", 1, "must be a path"),
            (SHORT, "name = \"tiny\"", "name = tiny", 2, ""),
            (SHORT, "{port}", "{prt}", 1, "`{prt}` is nothing that can be filled in: did you mean `{port}`?"),
            (SHORT, "start = [\"serve\"", "start = [7", 5, "expected a string"),
            (SHORT, "ready = \"/healthz\"", "ready = 7", 6, "a path or a table"),
            (LONG, "1.20", "new", 7, "`new` is no version"),
            (LONG, "within = \"90s\"", "within = \"soon\"", 19, "is not a duration"),
            (LONG, "within = \"90s\"", "wihtin = \"90s\"", 19, "did you mean `within`?"),
            (LONG, "inputs = [\"src\"]", "inputs = []", 1, "`build.inputs` is empty"),
            (LONG, "[[\"ell\", \"build\"]]", "[[]]", 1, "`build.commands` lacks a command"),
            (LONG, "[variant.large]", "[variant.\"Large heap\"]", 1, "`Large heap`"),
            (LONG, "command = [\"bin/other\", \"{port}\"]", "command = []", 1, "in `variant.other`"),
            (
                LONG,
                "variables = { heap = \"256m\" }",
                "variables = { port = \"1\" }",
                1,
                "`port` is filled in by",
            ),
            (LONG, "variables = { heap = \"1g\" }", "variables = { heap = \"{more}\" }", 1, "`{more}`"),
            (
                LONG,
                "variables = { heap = \"1g\" }",
                "variables = { haep = \"1g\" }",
                1,
                "`haep` is used nowhere",
            ),
            (
                LONG,
                "variables = { heap = \"1g\" }\nenv = { MORE = \"1\" }",
                "",
                1,
                "`variant.large` changes nothing",
            ),
            (SHORT, "\"tiny\"", "\"../tiny\"", 1, "the name `../tiny`"),
            (LONG, "about = \"a larger heap\"", "abuot = \"x\"", 30, "did you mean `about`?"),
        ] {
            assert!(text.contains(from), "{from}");
            let error = Manifest::parse(&text.replacen(from, to, 1)).expect_err(to);
            assert!(error.message.contains(part), "{to}: {error}");
            // toml names the table rather than the line for some faults; those that it can place, it must.
            assert!(error.line <= line && (line == 1 || error.line > 1), "{to}: {error}");
        }
    }
}
