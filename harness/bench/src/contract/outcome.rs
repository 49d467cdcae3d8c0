//! What became of the cases, and of the whole check. Pure values; how they look is the business of `report`.

use super::case::Case;
use bench_model::comparison::ContractResult;

/// What became of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It passed; figures that a reader may want, or nothing.
    Passed(String),
    /// It failed: what was sent, expected and came.
    Failed(String),
    /// It failed, and the target's manifest says why it may.
    Waived { why: String, message: String },
    /// It passed although the manifest waives it.
    Needless { why: String },
    /// It was left out: why.
    NotChecked(String),
}

/// A case and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Checked {
    pub(crate) case: &'static Case,
    pub(crate) outcome: Outcome,
    pub(crate) duration_s: f64,
}

/// The check of one target.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    /// The target's name, or its URL.
    pub(crate) target: String,
    /// In the order of the contract.
    pub(crate) cases: Vec<Checked>,
    pub(crate) duration_s: f64,
}

/// Cases by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    /// Those with a needless waiver among them.
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) waived: usize,
    pub(crate) not_checked: usize,
}

impl Report {
    pub(crate) fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for checked in &self.cases {
            *match checked.outcome {
                Outcome::Passed(_) | Outcome::Needless { .. } => &mut counts.passed,
                Outcome::Failed(_) => &mut counts.failed,
                Outcome::Waived { .. } => &mut counts.waived,
                Outcome::NotChecked(_) => &mut counts.not_checked,
            } += 1;
        }
        counts
    }

    /// What a comparison keeps of it.
    pub(crate) fn result(&self) -> ContractResult {
        let ids = |wanted: fn(&Outcome) -> bool| {
            let chosen = self.cases.iter().filter(|checked| wanted(&checked.outcome));
            chosen.map(|checked| checked.case.id.to_owned()).collect()
        };
        ContractResult {
            passed: self.counts().passed,
            waived: ids(|outcome| matches!(outcome, Outcome::Waived { .. })),
            not_checked: ids(|outcome| matches!(outcome, Outcome::NotChecked(_))),
        }
    }

    /// The cases that failed.
    pub(crate) fn failed(&self) -> impl Iterator<Item = &'static Case> {
        let failed = |checked: &&Checked| matches!(checked.outcome, Outcome::Failed { .. });
        self.cases.iter().filter(failed).map(|checked| checked.case)
    }

    /// Whether the target may be measured.
    pub(crate) fn passed(&self) -> bool {
        self.counts().failed == 0
    }
}

/// A target that was to be checked: the report, or why there is none.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) target: String,
    pub(crate) report: Result<Report, String>,
}
