//! Who is compared with whom.

use super::ComparisonPlan;

/// A base and those that are compared with it, by their indices in [`ComparisonPlan::entrants`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What the others' figures are divided by.
    pub base: usize,
    /// At least 1, in the plan's order.
    pub others: Vec<usize>,
}

impl ComparisonPlan {
    /// Who is compared with whom. Without a sweep everyone with the first entrant.
    ///
    /// In a sweep two things are asked: what the targets make of the same load, so that at each value every target is
    /// compared with the first; and what the load makes of a target, so that each is compared with itself at the first
    /// value. Never two that differ in both, whose ratio could be laid to either.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let of = |is_in: &dyn Fn(usize) -> bool| {
            let mut members = (0..self.entrants.len()).filter(|&index| is_in(index));
            let base = members.next()?;
            let others: Vec<usize> = members.collect();
            (!others.is_empty()).then_some(Group { base, others })
        };
        let Some(sweep) = self.sweep() else {
            return of(&|_| true).into_iter().collect();
        };
        let entrant = |index: usize| &self.entrants[index];
        let values = sweep.settings().iter().map(|&setting| of(&|at| entrant(at).setting == Some(setting)));
        let is_first = |index: &usize| entrant(*index).setting == Some(sweep.first());
        let firsts = (0..self.entrants.len()).filter(is_first);
        let targets = firsts.map(|first| of(&|at| entrant(at).target() == entrant(first).target()));
        values.chain(targets).flatten().collect()
    }
}

impl ComparisonPlan {
    /// Those groups whose members have the same load, so that their base is what a threshold calls the base. None where a
    /// sweep compares one target with itself.
    #[must_use]
    pub fn groups_of_targets(&self) -> Vec<Group> {
        let setting = |index: usize| self.entrants[index].setting;
        let is_one = |group: &Group| group.others.iter().all(|&other| setting(other) == setting(group.base));
        self.groups().into_iter().filter(is_one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comparison::tests::{blocks, comparison_plan, entrant, url};
    use crate::comparison::{Comparison, Entrant};
    use crate::metric::Metric;

    fn swept(targets: &[&str], sweep: &str) -> Vec<Entrant> {
        let sweep: crate::sweep::Sweep = sweep.parse().unwrap();
        let at = |target: &&str| {
            let each = sweep.settings().iter().map(|&setting| {
                let label = format!("{target} {setting}");
                Entrant { label, setting: Some(setting), ..entrant(target) }
            });
            each.collect::<Vec<_>>()
        };
        targets.iter().flat_map(at).collect()
    }

    /// The groups by labels: `base: other, other`.
    fn groups(entrants: Vec<Entrant>) -> Vec<String> {
        let plan = comparison_plan(entrants, 10);
        let label = |index: usize| plan.entrants[index].label.clone();
        let group = |group: &Group| {
            let others: Vec<String> = group.others.iter().map(|&other| label(other)).collect();
            format!("{}: {}", label(group.base), others.join(", "))
        };
        plan.groups().iter().map(group).collect()
    }

    #[test]
    fn who_is_compared_with_whom() {
        assert_eq!(groups(vec![]), [""; 0]);
        assert_eq!(groups(vec![url("a")]), [""; 0]);
        assert_eq!(groups(vec![url("a"), url("b"), url("c")]), ["a: b, c"]);
        assert_eq!(groups(swept(&["go"], "conns=1,10,100")), ["go conns=1: go conns=10, go conns=100"]);
        assert_eq!(
            groups(swept(&["rust", "go", "go#2"], "rate=5,1.5")),
            [
                "rust rate=5: go rate=5, go#2 rate=5",
                "rust rate=1.5: go rate=1.5, go#2 rate=1.5",
                "rust rate=5: rust rate=1.5",
                "go rate=5: go rate=1.5",
                "go#2 rate=5: go#2 rate=1.5",
            ]
        );
    }

    #[test]
    fn labels_of_a_sweep() {
        let entrants = swept(&["go#2"], "conns=1,10");
        assert_eq!((entrants[1].target(), entrants[1].named()), ("go#2", "go"));
        assert_eq!((url("go#2").target(), url("go#2").named()), ("go#2", "go"));
    }

    #[test]
    fn pairs_of_a_sweep() {
        let plan = comparison_plan(swept(&["rust", "go"], "conns=1,10"), 10);
        // Go is half as fast at the first value and a quarter as fast at the second, rust twice as fast there.
        let comparison = Comparison::of(&plan, &blocks(&plan, &[1.0, 2.0, 0.5, 0.5], 1.0));
        let tps = comparison.pairs.iter().filter(|pair| pair.metric == Metric::Tps);
        let found: Vec<_> = tps.map(|pair| (pair.label.as_str(), pair.base.as_str(), pair.ratio)).collect();
        for ((label, base, ratio), (wanted_label, wanted_base, wanted)) in found.iter().zip([
            ("go conns=1", "rust conns=1", 0.5),
            ("go conns=10", "rust conns=10", 0.25),
            ("rust conns=10", "rust conns=1", 2.0),
            ("go conns=10", "go conns=1", 1.0),
        ]) {
            assert_eq!((*label, *base), (wanted_label, wanted_base));
            assert!((ratio / wanted - 1.0).abs() < 0.01, "{label} against {base}: {ratio}");
        }
        assert_eq!((found.len(), plan.tests(), plan.blocks_needed()), (4, 16, 10));
        assert!(comparison.control.iter().all(|pair| pair.base == "rust conns=1"));
    }

    #[test]
    fn a_sweep_is_stored_and_what_was_stored_without_one_is_read() {
        let plan = comparison_plan(swept(&["rust"], "rate=1k,2k"), 1);
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<ComparisonPlan>(&text).unwrap(), plan);
        assert_eq!(plan.sweep().unwrap().to_string(), "rate=1000,2000");
        let plain = comparison_plan(vec![entrant("rust"), entrant("go")], 1);
        let text = serde_json::to_string(&plain).unwrap();
        assert!(!text.contains("setting") && plain.sweep().is_none(), "{text}");
        assert_eq!(serde_json::from_str::<ComparisonPlan>(&text).unwrap(), plain);
    }
}
