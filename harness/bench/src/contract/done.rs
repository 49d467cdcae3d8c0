//! A case that is over, before it is known what the target's waivers make of it.

use super::case::Case;
use super::fault::Fault;
use super::outcome::Outcome;
use bench_model::target::Waiver;
use std::time::Instant;

/// A case that is over.
pub(super) struct Done {
    pub(super) case: &'static Case,
    pub(super) came: Came,
    pub(super) duration_s: f64,
}

impl Done {
    /// Runs a check and takes its time. A signal is the only error.
    pub(super) fn timed(
        case: &'static Case,
        check: impl FnOnce() -> Result<String, Fault>,
    ) -> Result<Self, Fault> {
        let began = Instant::now();
        let came = Came::try_from(check())?;
        Ok(Self { case, came, duration_s: began.elapsed().as_secs_f64() })
    }

    /// A case whose thread ended before its time.
    pub(super) fn broken(case: &'static Case) -> Self {
        let came = Came::Wrong("the case itself broke; this is a defect in bench".to_owned());
        Self { case, came, duration_s: 0.0 }
    }
}

/// What a case came to.
pub(super) enum Came {
    /// It passed, with figures or without.
    Right(String),
    /// A fault in words.
    Wrong(String),
    /// It was left out: why.
    Nothing(&'static str),
}

impl Came {
    /// The outcome of the case under these waivers.
    pub(super) fn judged(&self, case: &Case, waivers: &[Waiver]) -> Outcome {
        let why = waivers
            .iter()
            .find(|waiver| waiver.case == case.id)
            .map(|waiver| waiver.why.trim_end_matches('.').to_owned());
        match (self, why) {
            (Self::Right(figures), None) => Outcome::Passed(figures.clone()),
            (Self::Right(_), Some(why)) => Outcome::Needless { why },
            (Self::Wrong(message), None) => Outcome::Failed(message.clone()),
            (Self::Wrong(message), Some(why)) => Outcome::Waived { why, message: message.clone() },
            (Self::Nothing(why), _) => Outcome::NotChecked((*why).to_owned()),
        }
    }
}

impl TryFrom<Result<String, Fault>> for Came {
    type Error = Fault;

    /// A signal is no outcome of a case.
    fn try_from(result: Result<String, Fault>) -> Result<Self, Fault> {
        match result {
            Ok(figures) => Ok(Self::Right(figures)),
            Err(interrupted @ Fault::Interrupted(_)) => Err(interrupted),
            Err(fault) => Ok(Self::Wrong(fault.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::cases;

    #[test]
    fn waivers_change_failures_alone() {
        let case = cases().find(|case| case.id == "half-close").unwrap();
        let waivers = [Waiver { case: "half-close".to_owned(), why: "w".to_owned() }];
        let wrong = || Came::Wrong("m".to_owned());
        let right = || Came::Right(String::new());
        for (came, waivers, expected) in [
            (right(), &[][..], Outcome::Passed(String::new())),
            (wrong(), &[], Outcome::Failed("m".to_owned())),
            (right(), &waivers, Outcome::Needless { why: "w".to_owned() }),
            (wrong(), &waivers, Outcome::Waived { why: "w".to_owned(), message: "m".to_owned() }),
            (Came::Nothing("n"), &waivers, Outcome::NotChecked("n".to_owned())),
        ] {
            assert_eq!(came.judged(case, waivers), expected);
        }
        let other = cases().find(|case| case.id == "keep-alive").unwrap();
        assert_eq!(wrong().judged(other, &waivers), Outcome::Failed("m".to_owned()));
    }
}
