//! The words of a search: how levels, endings and limits are said, the same in every format and while it goes on.

use crate::report::amount::{latency_us, number, percent, seconds, time_us};
use crate::report::comparison;
use bench_model::capacity::{
    Answer, AtFraction, CapacityPlan, ConditionSpread, Ending, Finding, Level, Limit, Search, Spread,
};
use bench_model::load::{Arrivals, LoadModel};
use bench_model::metric::Metric;
use bench_model::slo::{Condition, Slo, Statistic};
use bench_model::summary::LatencyFigures;

pub(crate) use comparison::quantity::part;

/// Why so few runs carry no verdict.
pub(super) const NO_VERDICT: &str = "So few runs describe and decide nothing: no difference here is called \
    significant. For a verdict at one rate, compare in blocks: bench compare --rate.";

/// A rate that was chosen, without the decimals that it does not have: `64k`, `43.80k`, `1`.
pub(crate) fn rate(rate_per_s: f64) -> String {
    let shown = number(rate_per_s);
    let digits = shown.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let whole = digits.split_once('.').filter(|(_, decimals)| decimals.chars().all(|c| c == '0'));
    whole.map_or_else(|| shown.clone(), |(whole, _)| format!("{whole}{}", &shown[digits.len()..]))
}

/// The latency that stands beside the median: what the SLO is about, and else P99.
pub(crate) fn statistic(slo: &Slo) -> Statistic {
    slo.statistic().filter(|statistic| *statistic != Statistic::P50).unwrap_or(Statistic::P99)
}

/// A latency of a level; `>= 10.00 s` where it is only a lower bound.
pub(super) fn latency(figures: &LatencyFigures, statistic: Statistic) -> String {
    latency_us(figures, statistic.title(), statistic.of_us(figures)).to_string()
}

/// The line of a level while the search goes on.
pub(crate) fn progress(slo: &Slo, level: &Level) -> String {
    let statistic = statistic(slo);
    format!(
        "{:>8}/s  {} {:>10}  {}",
        number(level.rate_per_s),
        statistic.title(),
        latency(&level.figures.latency_us, statistic),
        verdict(level)
    )
}

/// The line at the end of one target's search.
pub(crate) fn ended(search: &Search) -> String {
    let capacity = search.capacity_per_s().map(rate);
    match (search.ending(), capacity) {
        (Ending::Found, Some(capacity)) => format!("capacity {capacity}/s"),
        (Ending::MaxRate, Some(capacity)) => {
            format!("capacity at least {capacity}/s, the highest that is tried")
        }
        (Ending::GeneratorLimit | Ending::NothingMeasured, capacity) => format!(
            "{}the generator is the limit at {}/s: give it more CPUs",
            capacity.map_or_else(String::new, |capacity| format!("capacity at least {capacity}/s: ")),
            search.ceiling_per_s().map(rate).unwrap_or_default()
        ),
        (Ending::NothingHolds, _) => "no capacity: not even the lowest rate holds".to_owned(),
        _ => "no capacity: the machine was too restless for a verdict".to_owned(),
    }
}

/// What a level's run says, with the figures that break the SLO.
pub(crate) fn verdict(level: &Level) -> String {
    let breaches = level.judgement.breaches.iter();
    let broken = breaches
        .map(|breach| format!("{} ({})", breach.condition, measured(&breach.condition, breach.measured)));
    said(level, broken.collect(), |code| match code {
        "overload" => "not all that was due was sent".to_owned(),
        "errors" => "too many errors".to_owned(),
        "target-died" => "the target died".to_owned(),
        "mismatches" => "wrong bodies".to_owned(),
        "no-transactions" => "no answer at all".to_owned(),
        other => other.to_owned(),
    })
}

/// The same in a few words, for a table that has the figures.
pub(super) fn short_verdict(level: &Level) -> String {
    let breaches = level.judgement.breaches.iter();
    said(level, breaches.map(|breach| breach.condition.to_string()).collect(), str::to_owned)
}

fn said(level: &Level, mut broken: Vec<String>, reason: impl Fn(&str) -> String) -> String {
    let judgement = &level.judgement;
    let codes = || judgement.codes.iter().map(|code| reason(code));
    match judgement.answer {
        Answer::Holds if level.confirms() => "holds again".to_owned(),
        Answer::Holds => "holds".to_owned(),
        Answer::Breaks if broken.is_empty() => format!("breaks: {}", codes().collect::<Vec<_>>().join(", ")),
        Answer::Breaks => {
            broken.extend(codes());
            format!("breaks {}", broken.join(", "))
        }
        Answer::GeneratorLimit => "generator is the limit".to_owned(),
        Answer::NoVerdict => format!("disturbed: {}", codes().collect::<Vec<_>>().join(", ")),
    }
}

/// What was measured of a condition, with its unit.
pub(super) fn measured(condition: &Condition, value: f64) -> String {
    match condition {
        Condition::Latency { .. } => time_us(value).to_string(),
        Condition::Errors { .. } => percent(value / 100.0),
    }
}

/// The load of every level in words: `json-echo, 256 connections, 10 s measured at each level`.
pub(crate) fn load(plan: &CapacityPlan) -> String {
    let Some(first) = plan.targets.first().map(|target| &target.plan) else { return String::new() };
    let poisson = match &first.load {
        LoadModel::Open { arrivals: Arrivals::Poisson, .. } => ", poisson arrivals",
        _ => "",
    };
    let connections = first.load.connections();
    let plural = if connections == 1 { "" } else { "s" };
    format!(
        "{}, {connections} connection{plural}{poisson}, {} measured at each level",
        first.scenario,
        seconds(first.duration_s)
    )
}

/// Whether a capacity is known, at least as a lower bound that is the user's own.
pub(crate) fn is_found(finding: &Finding) -> bool {
    matches!(finding.ending, Ending::Found | Ending::MaxRate)
}

/// The capacity in a few words: `12.34k requests/s`.
pub(crate) fn capacity(finding: &Finding) -> String {
    match (finding.ending, finding.capacity_per_s) {
        (Ending::Found, Some(rate_per_s)) => format!("{} requests/s", rate(rate_per_s)),
        (_, Some(rate_per_s)) => format!("at least {} requests/s", rate(rate_per_s)),
        (Ending::NothingHolds, None) => "none".to_owned(),
        (Ending::Unfinished, None) => "UNFINISHED".to_owned(),
        (_, None) => "UNKNOWN".to_owned(),
    }
}

/// How sure that is, and why there is no more, in sentences.
pub(super) fn sentences(plan: &CapacityPlan, finding: &Finding) -> Vec<String> {
    let mut sentences = vec![ending(plan, finding)];
    let confirmed = plan.search.confirmations;
    sentences.extend(finding.confirmations.iter().map(|spread| spread_of(confirmed, spread)));
    sentences.extend(finding.limit.map(|limit| self::limit(plan, finding, limit)));
    sentences
}

fn ending(plan: &CapacityPlan, finding: &Finding) -> String {
    let held = finding.held_per_s.map(rate);
    let ceiling = finding.ceiling_per_s.map(rate).unwrap_or_default();
    let runs = plan.search.confirmations + 1;
    let held_so_far = match (&held, finding.ceiling_per_s) {
        (None, None) => String::new(),
        (Some(held), None) => format!(" So far {held}/s held."),
        (None, Some(_)) => format!(" So far {ceiling}/s did not hold."),
        (Some(held), Some(_)) => format!(" So far {held}/s held and {ceiling}/s did not."),
    };
    let last = || finding.levels.last().map(|level| rate(level.rate_per_s)).unwrap_or_default();
    match finding.ending {
        Ending::Found => {
            let gap =
                finding.ceiling_per_s.zip(finding.capacity_per_s).map_or(0.0, |(up, down)| up / down - 1.0);
            format!(
                "All of {runs} runs at that rate held; {ceiling}/s does not hold, which is {} more.",
                percent(gap)
            )
        }
        Ending::MaxRate => {
            format!(
                "All of {runs} runs at that rate held, and it is the highest that was to be tried (--max-rate)."
            )
        }
        Ending::GeneratorLimit => format!(
            "All of {runs} runs at that rate held. The generator is the limit at {ceiling}/s: give it more CPUs \
             (--generator-cpus, --threads)."
        ),
        Ending::NothingHolds => format!("Not even {ceiling}/s holds."),
        Ending::NothingMeasured => format!(
            "The generator is the limit at {ceiling}/s: give it more CPUs (--generator-cpus, --threads)."
        ),
        Ending::NoVerdict => format!(
            "The run at {}/s was disturbed again and again: find out by what (bench doctor), and search again.{held_so_far}",
            last()
        ),
        Ending::Unfinished => format!("The search was broken off.{held_so_far} Nothing was confirmed."),
    }
}

fn spread_of(confirmations: usize, spread: &ConditionSpread) -> String {
    let ConditionSpread { condition, measured: Spread { median, least, most, .. } } = spread;
    let shown = |value: &f64| measured(condition, *value);
    let figure = match condition {
        Condition::Latency { statistic, .. } => statistic.title(),
        Condition::Errors { .. } => "Errors",
    };
    match confirmations {
        1 => format!("{figure} in the run that confirmed it: {} (SLO {condition}).", shown(median)),
        _ if least == most => {
            format!(
                "{figure} in each of the {confirmations} runs that confirmed it: {} (SLO {condition}).",
                shown(median)
            )
        }
        _ => format!(
            "{figure} over the {confirmations} runs that confirmed it: {}, from {} to {} (SLO {condition}).",
            shown(median),
            shown(least),
            shown(most)
        ),
    }
}

fn limit(plan: &CapacityPlan, finding: &Finding, limit: Limit) -> String {
    let at = finding.ceiling_per_s.map(rate).unwrap_or_default();
    let connections = plan.targets.first().map_or(0, |target| target.plan.load.connections());
    match limit {
        Limit::TargetCpus { utilisation } => {
            format!("Its CPUs limit it: {} busy at {at}/s.", percent(utilisation))
        }
        Limit::Connections { queued_percent, utilisation } => format!(
            "The connections may limit it, or what holds them up: at {at}/s {} of the requests waited since all \
             {connections} were busy{}. If more connections (--conns) change nothing, it is something else.",
            percent(queued_percent / 100.0),
            utilisation.map_or_else(String::new, |busy| format!(", with its CPUs {} busy", percent(busy)))
        ),
        Limit::Generator { utilisation } => {
            format!("At {at}/s the generator used {} of its CPUs.", percent(utilisation))
        }
        Limit::Elsewhere { utilisation } => format!(
            "At {at}/s its CPUs were {} busy and connections were free: queues grow before a CPU is full, and locks, \
             pools and other services limit too.",
            percent(utilisation)
        ),
        Limit::Unknown => {
            format!(
                "At {at}/s connections were free; its CPUs were not sampled (--pid, for a server that runs already)."
            )
        }
    }
}

/// What became of runs beside those that are shown.
pub(super) fn repeated(finding: &Finding) -> Option<String> {
    match finding.repeated {
        0 => None,
        1 => Some("1 run was disturbed and made again; it is kept beside the others.".to_owned()),
        runs => Some(format!("{runs} runs were disturbed and made again; they are kept beside the others.")),
    }
}

/// A target at a fraction, in a row's cell: `1.200 ms [1.100 ms, 1.300 ms]`.
pub(super) fn cell(at: &AtFraction, metric: Metric) -> String {
    let Some(spread) = at.values.get(&metric) else { return "-".to_owned() };
    let figure = |value: f64| comparison::quantity::figure(metric, value);
    let median = figure(spread.median);
    if spread.values.len() < 2 {
        return median;
    }
    let unit = median.rsplit_once(' ').map_or(String::new(), |(_, unit)| format!(" {unit}"));
    let end = |value: f64| {
        let text = figure(value);
        // The unit stands once where all three have the same.
        text.strip_suffix(&unit).map_or(text.clone(), str::to_owned)
    };
    format!("{median} [{}, {}]", end(spread.least), end(spread.most))
}

/// What the runs at a fraction say of themselves: those that cannot be used, and the warnings of the others.
pub(super) fn doubts(runs: usize, at: &AtFraction) -> Option<String> {
    let lost = (at.runs < runs).then(|| lost(runs, at));
    let carried = at.warnings.iter().map(|(code, count)| format!("{code} in {count}"));
    let carried = (!at.warnings.is_empty()).then(|| {
        let carried: Vec<String> = carried.collect();
        format!("{} at {}, warnings by runs: {}", at.label, part(at.fraction), carried.join(", "))
    });
    let doubts: Vec<String> = [lost, carried].into_iter().flatten().collect();
    (!doubts.is_empty()).then(|| doubts.join(". "))
}

fn lost(runs: usize, at: &AtFraction) -> String {
    let codes: Vec<String> = at.invalid.iter().map(|codes| codes.join(", ")).collect();
    let why = if codes.is_empty() { String::new() } else { format!(": {}", codes.join("; ")) };
    format!("{} at {}: {} of {runs} runs can be used{why}", at.label, part(at.fraction), at.runs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates() {
        for (rate_per_s, text) in [
            (1.0, "1"),
            (500.0, "500"),
            (1.414, "1.414"),
            (64e3, "64k"),
            (43_800.0, "43.80k"),
            (1e6, "1M"),
            (0.0, "0"),
        ] {
            assert_eq!(rate(rate_per_s), text);
        }
    }
}
