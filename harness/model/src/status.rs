//! Which HTTP statuses a scenario accepts: `2xx`, `200`, `200,404`.

use serde::{Deserialize, Serialize};

/// A set of HTTP statuses, written as a list of codes and classes such as `2xx,404`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusSet {
    text: String,
    ranges: Vec<(u16, u16)>,
}

impl StatusSet {
    /// Whether `status` is one of the set.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.ranges.iter().any(|&(low, high)| (low..=high).contains(&status))
    }

    /// The lowest status that another set has as well.
    #[must_use]
    pub fn shared_with(&self, other: &Self) -> Option<u16> {
        let begins = self.ranges.iter().chain(&other.ranges).map(|&(low, _)| low);
        begins.filter(|&low| self.contains(low) && other.contains(low)).min()
    }

    /// The set as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Default for StatusSet {
    /// Every success: `2xx`.
    fn default() -> Self {
        Self { text: "2xx".to_owned(), ranges: vec![(200, 299)] }
    }
}

impl TryFrom<String> for StatusSet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let ranges = text.split(',').map(|part| range(part.trim())).collect::<Option<Vec<_>>>();
        match ranges {
            Some(ranges) => Ok(Self { text, ranges }),
            None => Err(format!(
                "`{text}` is not a list of HTTP statuses: write codes and classes such as 200 or 2xx,404"
            )),
        }
    }
}

impl From<StatusSet> for String {
    fn from(set: StatusSet) -> Self {
        set.text
    }
}

fn range(part: &str) -> Option<(u16, u16)> {
    if part.len() != 3 || !part.is_ascii() {
        return None;
    }
    if let Some(class) = part.strip_suffix("xx") {
        let class: u16 = class.parse().ok().filter(|class| (1..=5).contains(class))?;
        return Some((class * 100, class * 100 + 99));
    }
    let code: u16 = part.parse().ok().filter(|code| (100..=599).contains(code))?;
    Some((code, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let set = StatusSet::try_from("2xx, 404".to_owned()).unwrap();
        for (status, inside) in
            [(199, false), (200, true), (299, true), (300, false), (404, true), (405, false)]
        {
            assert_eq!(set.contains(status), inside, "{status}");
        }
        for (one, other, shared) in [
            ("200", "422", None),
            ("2xx", "201,200", Some(200)),
            ("422", "4xx", Some(422)),
            ("2xx,404", "4xx", Some(404)),
        ] {
            let [one, other] = [one, other].map(|text| StatusSet::try_from(text.to_owned()).unwrap());
            assert_eq!((one.shared_with(&other), other.shared_with(&one)), (shared, shared));
        }
        for wrong in ["", "2x", "xxx", "6xx", "0xx", "99", "600", "200,", "ok", "+20", "２００"] {
            assert!(StatusSet::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
