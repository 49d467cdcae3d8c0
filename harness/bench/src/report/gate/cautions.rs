//! What must be known of a gate's runs beside the verdict, as far as it bears on what is judged.

use super::GateSource;
use crate::gate::is_grave;
use bench_model::comparison::Advice;
use bench_model::metric::Metric;

/// The code of too few requests for a percentile.
const FEW_REQUESTS: &str = "few-requests";

/// What else must be known of the runs, in sentences.
pub(super) fn cautions(source: &GateSource<'_>) -> Vec<String> {
    let judged: Vec<Metric> = source.judged.findings.iter().map(|finding| finding.metric).collect();
    let advice = source.compared.comparison.advice.iter().filter(|advice| !is_grave(advice));
    let advice = once(advice.filter_map(|advice| bearing_on(advice, &judged)));
    advice.iter().map(|advice| advice.message() + ".").collect()
}

/// Advice as far as it is about what is judged.
fn bearing_on(advice: &Advice, judged: &[Metric]) -> Option<Advice> {
    let of = |metrics: &[Metric]| -> Vec<Metric> {
        metrics.iter().copied().filter(|metric| judged.contains(metric)).collect()
    };
    match advice {
        // Nothing could come out better or worse: a gate does not ask it.
        Advice::TooFewBlocks { .. } => None,
        Advice::StoredUnequally { metrics } => {
            let metrics = of(metrics);
            (!metrics.is_empty()).then_some(Advice::StoredUnequally { metrics })
        }
        Advice::NotMeasured { label, metrics } => {
            let (label, metrics) = (label.clone(), of(metrics));
            (!metrics.is_empty()).then_some(Advice::NotMeasured { label, metrics })
        }
        Advice::PartlyMeasured { metric, .. } if !judged.contains(metric) => None,
        // P99.9 is the first of which a short run says too little.
        Advice::RunWarnings { code, message, .. }
            if code == FEW_REQUESTS && message.contains("P99.9") && !judged.contains(&Metric::P999) =>
        {
            None
        }
        _ => Some(advice.clone()),
    }
}

/// What runs of both were warned of, such as a busy machine, said once: of both, in the words of the first.
fn once(advice: impl Iterator<Item = Advice>) -> Vec<Advice> {
    let mut all: Vec<Advice> = Vec::new();
    for one in advice {
        let Advice::RunWarnings { label, code, runs, of, .. } = &one else {
            all.push(one);
            continue;
        };
        let known = all.iter_mut().find_map(|known| match known {
            Advice::RunWarnings { label, code: known, runs, of, .. } if known == code => {
                Some((label, runs, of))
            }
            _ => None,
        });
        match known {
            Some((all_labels, all_runs, all_of)) => {
                *all_labels = format!("{all_labels} and {label}");
                *all_runs += runs;
                *all_of += of;
            }
            None => all.push(one),
        }
    }
    all
}
