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

#[cfg(test)]
mod tests {
    use super::*;

    fn warned(label: &str, code: &str, runs: usize, message: &str) -> Advice {
        let (label, code, message) = (label.to_owned(), code.to_owned(), message.to_owned());
        Advice::RunWarnings { label, code, runs, of: 8, message }
    }

    #[test]
    fn what_is_not_judged_is_not_spoken_of() {
        let few = |percentile: &str| warned("rust", FEW_REQUESTS, 1, &format!("too few for {percentile}"));
        let label = || "rust".to_owned();
        let missing = |metric| Advice::PartlyMeasured { label: label(), metric, missing: 1, used: 8 };
        let judged = [Metric::P99, Metric::CpuPerRequest];
        for (advice, expected) in [
            (Advice::TooFewBlocks { planned: 2, needed: 10, tests: 8 }, None),
            (Advice::StoredUnequally { metrics: vec![Metric::MemoryPeak] }, None),
            (
                Advice::NotMeasured {
                    label: label(),
                    metrics: vec![Metric::MemoryPeak, Metric::CpuPerRequest],
                },
                Some(Advice::NotMeasured { label: label(), metrics: vec![Metric::CpuPerRequest] }),
            ),
            (missing(Metric::MemoryPeak), None),
            (missing(Metric::P99), Some(missing(Metric::P99))),
            (few("P99.9 (1,000)"), None),
            (few("P99 (100)"), Some(few("P99 (100)"))),
            (Advice::UrlNotFresh { label: label() }, Some(Advice::UrlNotFresh { label: label() })),
        ] {
            assert_eq!(bearing_on(&advice, &judged), expected, "{advice:?}");
        }
        assert_eq!(bearing_on(&few("P99.9"), &[Metric::P999]), Some(few("P99.9")));
    }

    #[test]
    fn the_same_warning_of_both_is_one() {
        let of_both = once(
            [
                warned("main", "machine-busy", 3, "others ran"),
                Advice::UrlNotFresh { label: "rust".to_owned() },
                warned("rust", "machine-busy", 2, "others ran, a little more"),
                warned("rust", "hiccups", 1, "the machine stood still"),
            ]
            .into_iter(),
        );
        let mut both = warned("main and rust", "machine-busy", 5, "others ran");
        let Advice::RunWarnings { of, .. } = &mut both else { unreachable!() };
        *of = 16;
        let single = warned("rust", "hiccups", 1, "the machine stood still");
        assert_eq!(of_both, [both, Advice::UrlNotFresh { label: "rust".to_owned() }, single]);
    }
}
