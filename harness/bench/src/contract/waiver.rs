//! Which cases a target's manifest may waive.

use bench_model::target::Waiver;

/// The cases that a framework may decide for its users. All others hold for every target.
pub(crate) const WAIVABLE: [&str; 13] = [
    "header-timeout",
    "body-timeout",
    "idle-timeout",
    "half-close",
    "pipelining",
    "http-1.0",
    "expect-continue",
    "chunk-trailers",
    "malformed-request",
    "split-packets",
    "early-413",
    "bad-chunks",
    "not-json-keeps-open",
];

/// What is wrong with a target's waivers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WaiverError {
    #[error("the case `{0}` cannot be waived: there are {list}", list = WAIVABLE.join(", "))]
    Case(String),
    #[error("the waiver of `{0}` has no reason: say in `why` what the framework does instead")]
    Reason(String),
    #[error("the case `{0}` is waived twice: leave one")]
    Twice(String),
}

/// Makes sure that every waiver is of a case that can be waived, once, with a reason.
pub(crate) fn allowed(waivers: &[Waiver]) -> Result<(), WaiverError> {
    for (index, waiver) in waivers.iter().enumerate() {
        if !WAIVABLE.contains(&waiver.case.as_str()) {
            return Err(WaiverError::Case(waiver.case.clone()));
        }
        if waiver.why.trim().is_empty() {
            return Err(WaiverError::Reason(waiver.case.clone()));
        }
        if waivers[..index].iter().any(|earlier| earlier.case == waiver.case) {
            return Err(WaiverError::Twice(waiver.case.clone()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::case::cases;

    fn waiver(case: &str, why: &str) -> Waiver {
        Waiver { case: case.to_owned(), why: why.to_owned() }
    }

    #[test]
    fn what_can_be_waived_is_a_case() {
        for id in WAIVABLE {
            assert!(cases().any(|case| case.id == id), "{id}");
        }
    }

    #[test]
    fn rules() {
        assert_eq!(allowed(&[]), Ok(()));
        assert_eq!(allowed(&[waiver("half-close", "no"), waiver("http-1.0", "no")]), Ok(()));
        for (waivers, words) in [
            (vec![waiver("keep-alive", "slow")], "`keep-alive` cannot be waived: there are header-timeout, "),
            (vec![waiver("half-closed", "?")], "`half-closed` cannot be waived"),
            (vec![waiver("half-close", " ")], "has no reason"),
            (vec![waiver("half-close", "a"), waiver("half-close", "b")], "waived twice"),
        ] {
            let said = allowed(&waivers).unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
