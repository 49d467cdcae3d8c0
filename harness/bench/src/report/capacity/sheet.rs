//! A search as a sheet: each target's capacity, or why there is none.

use super::CapacitySource;
use super::words;
use crate::report::format::Kind;
use crate::report::sheet::{Fault, Figure, Note, OfTarget, Sheet};
use bench_model::capacity::{Ending, Finding};

/// The name of the only figure that a search has.
const CAPACITY: &str = "capacity";

pub(super) fn of(source: &CapacitySource<'_>) -> Sheet {
    let plan = source.plan;
    let findings = &source.found.targets;
    let notes = findings.iter().flat_map(|finding| {
        let message = |text: String| format!("{}: {text}", finding.label);
        finding
            .notes
            .iter()
            .map(move |note| Note { code: note.code().to_owned(), message: message(note.message()) })
    });
    Sheet {
        kind: Kind::Capacity,
        id: plan.id.clone(),
        scenario: plan.targets.first().map_or_else(String::new, |target| target.plan.scenario.clone()),
        started_at: plan.started_at.clone(),
        // A target whose search was broken off has a fault.
        is_finished: true,
        notes: notes.collect(),
        targets: findings.iter().map(|finding| of_finding(source, finding)).collect(),
    }
}

fn of_finding(source: &CapacitySource<'_>, finding: &Finding) -> OfTarget {
    let said = || words::sentences(source.plan, finding).join(" ");
    let fault = (!words::is_found(finding)).then(|| Fault {
        is_of_target: finding.ending == Ending::NothingHolds,
        codes: vec![code(finding.ending).to_owned()],
        message: format!("{}. {}", words::capacity(finding), said()),
    });
    let figure = finding.capacity_per_s.map(|rate_per_s| Figure {
        name: CAPACITY,
        unit: "1/s",
        more_is_better: true,
        value: rate_per_s,
        low: None,
        // What did not hold bounds it from above; what did is the value.
        high: finding.ceiling_per_s,
        shown: format!("{} under {}. {}", words::capacity(finding), source.plan.slo, said()),
        at_least: finding.ending != Ending::Found,
        ratios: Vec::new(),
    });
    let measured_s = source.plan.targets.first().map_or(0.0, |target| target.plan.duration_s);
    OfTarget {
        name: finding.label.clone(),
        duration_s: measured_s * finding.levels.len() as f64,
        fault,
        figures: figure.into_iter().collect(),
        checks: Vec::new(),
    }
}

/// An ending's stable name, as in JSON.
fn code(ending: Ending) -> &'static str {
    match ending {
        Ending::Found => "found",
        Ending::MaxRate => "max-rate",
        Ending::GeneratorLimit => "generator-limit",
        Ending::NothingHolds => "nothing-holds",
        Ending::NothingMeasured => "nothing-measured",
        Ending::NoVerdict => "no-verdict",
        Ending::Unfinished => "unfinished",
    }
}
