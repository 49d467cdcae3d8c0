//! Target manifests (`targets/<name>/target.toml`): how a server under test is started and known to be ready.

use crate::suggest::explain_unknown_key;
use serde::{Deserialize, Serialize};

/// A target as its manifest describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The target's name, as given to `--target`.
    pub name: String,
    /// The language that the server is written in.
    pub language: String,
    /// The framework and runtime, for people.
    pub framework: String,
    /// The command and its arguments; `{bench}`, `{host}` and `{port}` are filled in.
    pub start: Vec<String>,
    /// The path that answers 200 once the server can take load.
    pub ready: String,
}

/// What is wrong with a manifest, with the line where it is known. The caller knows the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FileError {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl FileError {
    pub(crate) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start.min(text.len()));
        let line = 1 + text.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
        Self { line, message: explain_unknown_key(error.message()).replace('\n', " ") }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// When the text is not TOML, has an unknown or missing key, or names no command or no path.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let manifest: Self = toml::from_str(text).map_err(|error| FileError::from_toml(text, &error))?;
        let fault = if manifest.start.is_empty() {
            "`start` is empty: give the command that starts the server"
        } else if !manifest.ready.starts_with('/') {
            "`ready` must be a path such as /healthz"
        } else {
            return Ok(manifest);
        };
        Err(FileError { line: 1, message: fault.to_owned() })
    }

    /// The start command with every placeholder filled in.
    #[must_use]
    pub fn command(&self, bench: &str, host: &str, port: u16) -> Vec<String> {
        let fill = |word: &String| {
            word.replace("{bench}", bench).replace("{host}", host).replace("{port}", &port.to_string())
        };
        self.start.iter().map(fill).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
name = "tiny"
language = "Sh"
framework = "none"
start = ["serve", "--at={host}:{port}", "{bench}"]
ready = "/healthz"
"#;

    #[test]
    fn a_manifest_and_its_command() {
        let manifest = Manifest::parse(GOOD).unwrap();
        assert_eq!(manifest.command("/b", "127.0.0.1", 81), ["serve", "--at=127.0.0.1:81", "/b"]);
    }

    #[test]
    fn mistakes_name_the_line() {
        for (wrong, line, part) in [
            (GOOD.replace("ready", "redy"), 6, "did you mean `ready`?"),
            (
                GOOD.replace("start = [\"serve\", \"--at={host}:{port}\", \"{bench}\"]", "start = []"),
                1,
                "`start` is empty",
            ),
            (GOOD.replace("\"/healthz\"", "\"healthz\""), 1, "must be a path"),
            (GOOD.replace("name = \"tiny\"", "name = tiny"), 2, ""),
        ] {
            let error = Manifest::parse(&wrong).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(part), "{error}");
        }
    }
}
