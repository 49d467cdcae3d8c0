//! What a comparison asks: who is held against whom, and how that is said.

use bench_model::comparison::{ComparisonPlan, Entrant, Group};

/// Entrants that are compared with one base, or in a sweep each with one of the same kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question<'a> {
    /// Whom they are compared with, in words: `rust`, `rust at the same value`, `the same target at conns=1`.
    pub(crate) whom: String,
    /// At least 1, in the order of the plan's groups.
    pub(crate) asked: Vec<Asked<'a>>,
}

/// An entrant and the base that it is compared with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Asked<'a> {
    pub(crate) entrant: &'a Entrant,
    pub(crate) base: &'a Entrant,
}

/// The plan's questions: one, and of a sweep one about its targets and one about its values, where there are any.
pub(super) fn questions(plan: &ComparisonPlan) -> Vec<Question<'_>> {
    let asked: Vec<Asked<'_>> = plan.groups().into_iter().flat_map(|group| of_group(plan, group)).collect();
    let (targets, values): (Vec<_>, Vec<_>) =
        asked.into_iter().partition(|asked| asked.entrant.setting == asked.base.setting);
    let question = |asked: Vec<_>| Some(Question { whom: whom(asked.first()?), asked });
    [question(targets), question(values)].into_iter().flatten().collect()
}

fn whom(Asked { entrant, base }: &Asked<'_>) -> String {
    match base.setting {
        None => base.label.clone(),
        Some(_) if base.setting == entrant.setting => format!("{} at the same value", base.target()),
        Some(setting) => format!("the same target at {setting}"),
    }
}

fn of_group(plan: &ComparisonPlan, Group { base, others }: Group) -> Vec<Asked<'_>> {
    let entrant = |index: usize| &plan.entrants[index];
    others.into_iter().map(|other| Asked { entrant: entrant(other), base: entrant(base) }).collect()
}
