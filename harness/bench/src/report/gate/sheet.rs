//! A gate as a sheet: the candidate's figures beside the base's, and what came of every rule.

use super::GateSource;
use super::cautions::cautions;
use super::words::headline;
use crate::report::comparison::quantity;
use crate::report::format::Kind;
use crate::report::sheet::{Check, Fault, Figure, Note, OfTarget, Ratio, Sheet};
use bench_model::gate::Finding;

pub(super) fn of(source: &GateSource<'_>) -> Sheet {
    let note = |code: &str, message: String| Note { code: code.to_owned(), message };
    let alarms = source.judged.alarms.iter().map(|alarm| note("alarm", alarm.clone()));
    let cautions = cautions(source).into_iter().map(|caution| note("advice", caution));
    Sheet {
        kind: Kind::Gate,
        id: source.compared.plan.id.clone(),
        scenario: source.scenario().to_owned(),
        started_at: source.compared.plan.started_at.clone(),
        // Of what was broken off there is no gate.
        is_finished: true,
        notes: alarms.chain(cautions).collect(),
        targets: vec![candidate(source)],
    }
}

/// The candidate: the base is what it is held against, and has nothing to pass.
fn candidate(source: &GateSource<'_>) -> OfTarget {
    let judged = source.judged;
    let used = source.compared.comparison.blocks.used;
    let window_s = source.compared.plan.entrants.last().map_or(0.0, |entrant| entrant.plan.duration_s);
    // By the metric's name also where nobody looked, so that every case is there in every gate.
    let of_rule =
        |finding: &Finding| Check { figure: finding.metric.name().to_owned(), ..Check::of(&finding.outcome) };
    OfTarget {
        name: judged.candidate.name.clone(),
        duration_s: window_s * used as f64,
        fault: (used == 0).then(|| Fault {
            is_of_target: false,
            codes: vec!["no-block".to_owned()],
            message: format!("the gate is invalid: {}", headline(source)),
        }),
        figures: judged.findings.iter().filter_map(|finding| figure(source, finding)).collect(),
        checks: judged.findings.iter().map(of_rule).chain(judged.others.iter().map(Check::of)).collect(),
    }
}

/// The candidate's median; nothing where it has none.
fn figure(source: &GateSource<'_>, finding: &Finding) -> Option<Figure> {
    let mut figure = Figure::new(finding.metric, finding.candidate_median?);
    figure.ratios.extend(ratio(source, finding));
    Some(figure)
}

/// It beside the base's. Whether that is inconclusive is what the rule says.
fn ratio(source: &GateSource<'_>, finding: &Finding) -> Option<Ratio> {
    let measured = finding.outcome.measured.as_ref()?;
    let base = &source.judged.base.name;
    let ends = measured.low.zip(measured.high);
    let interval = ends.map_or_else(String::new, |(low, high)| {
        format!(" [{}, {}]", quantity::ratio(low), quantity::ratio(high))
    });
    let of_base = Figure::new(finding.metric, finding.base_median?).shown;
    Some(Ratio {
        base: base.clone(),
        value: measured.value,
        low: measured.low,
        high: measured.high,
        shown: format!("{} times the {of_base} of {base}{interval}", quantity::ratio(measured.value)),
        is_inconclusive: false,
    })
}
