//! The verdict in sentences: what a manager reads, and what the tables must bear out.

use super::quantity::{part, ratio, ratio_interval};
use super::words::{counted, list, settled_by};
use super::{Asked, ComparisonSource, Question};
use bench_model::comparison::{Advice, Pair, PairVerdict};
use bench_model::metric::Metric;
use bench_model::steady::WarmUp;
use std::time::Duration;

const VERDICTS: [PairVerdict; 4] =
    [PairVerdict::Better, PairVerdict::Worse, PairVerdict::Equivalent, PairVerdict::Inconclusive];

/// Everyone against the base on the first decisive metric, in one sentence for a question and a verdict.
pub(super) fn headline(source: &ComparisonSource<'_>) -> String {
    let questions = source.questions();
    let Some(first) = questions.first() else {
        return format!("Only {} was measured: there is nothing to compare it with.", source.base());
    };
    let blocks = &source.comparison.blocks;
    if blocks.used == 0 {
        let who = match source.plan.sweep() {
            Some(sweep) => format!("{} at {sweep}", list(&source.plan.targets())),
            None => {
                let labels: Vec<&str> =
                    first.asked.iter().map(|asked| asked.entrant.label.as_str()).collect();
                format!("{} against {}", list(&labels), first.whom)
            }
        };
        return format!(
            "Nothing can be said of {who}: of {} planned, {} complete and none could be used.",
            counted(blocks.planned, "block"),
            if blocks.complete == 1 { "1 is".to_owned() } else { format!("{} are", blocks.complete) },
        );
    }
    let Some(metric) = source.decisive().first().copied() else {
        return "No metric was chosen to decide on, so there is no verdict.".to_owned();
    };
    let answers = |question| VERDICTS.map(|verdict| clause(source, question, metric, verdict));
    let clauses: Vec<String> = questions.iter().flat_map(answers).flatten().collect();
    if clauses.is_empty() {
        return format!(
            "{} was not measured for every run, so there is no verdict on it.",
            source.title(metric)
        );
    }
    clauses.join(". ") + "."
}

/// Those of one verdict: `go and java serve fewer {counted} than rust (0.312 and 0.21 times as many)`.
fn clause(
    source: &ComparisonSource<'_>,
    question: &Question<'_>,
    metric: Metric,
    wanted: PairVerdict,
) -> Option<String> {
    let pairs = question.asked.iter().filter_map(|&asked| source.pair(asked, metric));
    let chosen: Vec<&Pair> = pairs.filter(|pair| pair.verdict == Some(wanted)).collect();
    if chosen.is_empty() {
        return None;
    }
    let base = &question.whom;
    let labels: Vec<&str> = chosen.iter().map(|pair| pair.label.as_str()).collect();
    let ratios: Vec<String> = chosen.iter().map(|pair| ratio(pair.ratio)).collect();
    let (who, ratios) = (list(&labels), list(&ratios));
    let one = chosen.len() == 1;
    let (serve, have) = if one { ("serves", "has") } else { ("serve", "have") };
    let (margin, noun, counted) =
        (part(source.plan.margin), source.noun(metric), source.plan.counted().noun());
    Some(match (wanted, metric) {
        (PairVerdict::Better, Metric::Tps) => {
            format!("{who} {serve} more {counted} than {base} ({ratios} times as many)")
        }
        (PairVerdict::Worse, Metric::Tps) => {
            format!("{who} {serve} fewer {counted} than {base} ({ratios} times as many)")
        }
        (PairVerdict::Equivalent, Metric::Tps) => {
            format!("{who} {serve} as many {counted} as {base}, within {margin}")
        }
        (PairVerdict::Better, _) => {
            format!("{who} {have} a better {noun} than {base} ({ratios} times as much)")
        }
        (PairVerdict::Worse, _) => {
            format!("{who} {have} a worse {noun} than {base} ({ratios} times as much)")
        }
        (PairVerdict::Equivalent, _) => format!("{who} {have} the same {noun} as {base}, within {margin}"),
        (PairVerdict::Inconclusive, Metric::Tps) => {
            format!(
                "It is not settled whether {who} {serve} more or fewer {counted} than {base} ({ratios} times as many so far)"
            )
        }
        (PairVerdict::Inconclusive, _) => {
            format!(
                "It is not settled whether {who} {have} a better or a worse {noun} than {base} ({ratios} times as much so far)"
            )
        }
    })
}

/// One entrant against a base on every decisive metric, with the verdicts.
pub(super) fn sentences(source: &ComparisonSource<'_>, asked: Asked<'_>) -> String {
    let decisive = source.decisive();
    let pairs: Vec<&Pair> = decisive.iter().filter_map(|&metric| source.pair(asked, metric)).collect();
    let mut text = measured(source, asked, &pairs);
    for sentence in VERDICTS.into_iter().filter_map(|wanted| group(source, wanted, &pairs)) {
        text += &format!(" {sentence}.");
    }
    let missing: Vec<&str> = decisive
        .iter()
        .filter(|&&metric| source.pair(asked, metric).is_none())
        .map(|&m| source.noun(m))
        .collect();
    if !missing.is_empty() {
        text += &format!(" Not compared, for want of figures: {}.", list(&missing));
    }
    text.trim_start().to_owned()
}

/// `go serves 0.312 times the requests of rust [0.305, 0.319], at 1.96 times the P99 latency and ...`.
fn measured(source: &ComparisonSource<'_>, Asked { entrant, base }: Asked<'_>, pairs: &[&Pair]) -> String {
    let [first, rest @ ..] = pairs else {
        return String::new();
    };
    let (label, base) = (&entrant.label, &base.label);
    let interval = |pair: &Pair| ratio_interval(pair).map_or_else(String::new, |text| format!(" {text}"));
    let what = if first.metric == Metric::Tps {
        format!("serves {} times the {} of {base}", ratio(first.ratio), source.plan.counted().noun())
    } else {
        format!("has {} times the {} of {base}", ratio(first.ratio), source.noun(first.metric))
    };
    let others: Vec<String> = rest
        .iter()
        .map(|pair| format!("{} times the {}", ratio(pair.ratio), source.noun(pair.metric)))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!(", at {}", list(&others)) };
    format!("{label} {what}{}{others}.", interval(first))
}

/// `Worse than rust in TPS and P99 latency`.
fn group(source: &ComparisonSource<'_>, wanted: PairVerdict, pairs: &[&Pair]) -> Option<String> {
    let chosen: Vec<&&Pair> = pairs.iter().filter(|pair| pair.verdict == Some(wanted)).collect();
    let first = chosen.first()?;
    let nouns: Vec<&str> = chosen.iter().map(|pair| source.noun(pair.metric)).collect();
    let (nouns, base) = (list(&nouns), &first.base);
    Some(match wanted {
        PairVerdict::Better => format!("Better than {base} in {nouns}"),
        PairVerdict::Worse => format!("Worse than {base} in {nouns}"),
        PairVerdict::Equivalent => {
            format!("Equivalent to {base}, within {}, in {nouns}", part(source.plan.margin))
        }
        PairVerdict::Inconclusive if chosen.iter().all(|pair| settled_by(pair) == settled_by(first)) => {
            format!("Inconclusive in {nouns}: {}", settled_by(first))
        }
        PairVerdict::Inconclusive => {
            let each: Vec<String> = chosen
                .iter()
                .map(|pair| format!("{} ({})", source.noun(pair.metric), settled_by(pair)))
                .collect();
            format!("Inconclusive in {}", list(&each))
        }
    })
}

/// What forbids believing the verdict, in words; empty where nothing does.
pub(super) fn alarms(source: &ComparisonSource<'_>) -> Vec<String> {
    let grave = source.comparison.advice.iter().filter(|advice| is_grave(advice));
    let grave = grave.map(|advice| advice.message() + ".");
    let cold = source.plan.entrants.iter().any(|e| e.plan.warmup == WarmUp::Fixed(Duration::ZERO));
    let cold = cold.then(|| "There was no warm-up: the targets were measured cold.".to_owned());
    grave.chain(cold).collect()
}

/// Every reason for care that is not read before the verdict.
pub(super) fn cautions(source: &ComparisonSource<'_>) -> Vec<String> {
    let others = source.comparison.advice.iter().filter(|advice| !is_grave(advice));
    others.map(|advice| advice.message() + ".").collect()
}

/// Whether advice is read before the verdict rather than after it.
fn is_grave(advice: &Advice) -> bool {
    matches!(
        advice,
        Advice::ControlDiffers { .. }
            | Advice::TooFewBlocks { .. }
            | Advice::TooFewUsed { .. }
            | Advice::Unfinished { .. }
    )
}
