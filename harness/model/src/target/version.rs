//! Versions of toolchains, as their programs print them.

use serde::{Deserialize, Serialize};

/// A version: numbers separated by points, compared from the left. `1.20` is later than `1.9`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    text: String,
    numbers: Vec<u64>,
}

impl TryFrom<String> for Version {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let numbers: Result<Vec<u64>, _> = text.split('.').map(str::parse).collect();
        match numbers {
            Ok(numbers) => Ok(Self { text, numbers }),
            Err(_) => Err(format!("`{text}` is no version: write numbers and points, such as 1.20")),
        }
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.text
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Version {
    /// Whether this version will do where `least` is asked for. Missing numbers count as 0.
    #[must_use]
    pub fn satisfies(&self, least: &Self) -> bool {
        let length = self.numbers.len().max(least.numbers.len());
        let number = |version: &Self, at: usize| version.numbers.get(at).copied().unwrap_or(0);
        (0..length).map(|at| number(self, at)).ge((0..length).map(|at| number(least, at)))
    }
}

/// The version in what a program prints of itself: the first number with a point, or else the first number.
#[must_use]
pub fn find_version(printed: &str) -> Option<Version> {
    let is_part = |c: char| c.is_ascii_digit() || c == '.';
    let mut numbers = printed
        .split(|c| !is_part(c))
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .filter_map(|word| Version::try_from(word.to_owned()).ok());
    let first = numbers.next()?;
    if first.numbers.len() > 1 {
        return Some(first);
    }
    Some(numbers.find(|version| version.numbers.len() > 1).unwrap_or(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn what_programs_print() {
        for (printed, expected) in [
            ("go version go1.26.8 linux/amd64", Some("1.26.8")),
            ("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK Runtime", Some("17.0.15")),
            ("Python 3.11.7\n", Some("3.11.7")),
            ("cargo 1.95.0 (abc 2026-01-01)", Some("1.95.0")),
            ("tool version 25 of May", Some("25")),
            ("build 36, tool 25.1.", Some("25.1")),
            ("none", None),
        ] {
            assert_eq!(find_version(printed).map(String::from).as_deref(), expected, "{printed}");
        }
    }

    #[test]
    fn later_and_earlier() {
        for (has, least, expected) in [
            ("1.20", "1.9", true),
            ("1.9", "1.20", false),
            ("17.0.15", "17", true),
            ("17", "17.0.0", true),
            ("3.11.7", "3.12", false),
            ("25", "21.0.1", true),
        ] {
            assert_eq!(version(has).satisfies(&version(least)), expected, "{has} for {least}");
        }
    }
}
