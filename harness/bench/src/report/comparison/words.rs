//! The words of a comparison: how metrics, verdicts and lists are said, what no comparison shows, and the glossary.
//!
//! Direction is always said of an entrant against the base, never of the two "by comparison".

use crate::report::{amount, offered_rate};
use bench_model::comparison::{ComparisonPlan, Pair, PairVerdict};
use bench_model::load::LoadModel;
use bench_model::metric::{Counted, Metric};
use bench_model::steady::WarmUp;
use std::time::Duration;

/// A verdict of an entrant against the base.
pub(crate) fn verdict(verdict: PairVerdict) -> &'static str {
    match verdict {
        PairVerdict::Better => "better",
        PairVerdict::Worse => "worse",
        PairVerdict::Equivalent => "equivalent",
        PairVerdict::Inconclusive => "inconclusive",
    }
}

/// What an inconclusive pair needs.
pub(super) fn settled_by(pair: &Pair) -> String {
    match (pair.settle_blocks, pair.detectable) {
        (Some(blocks), _) => format!("run {blocks} blocks"),
        (None, Some(_)) => "that would take over 1000 blocks".to_owned(),
        (None, None) => "too few blocks to say how many it takes".to_owned(),
    }
}

/// A metric's name within a sentence.
pub(crate) fn noun(metric: Metric, counted: Counted) -> &'static str {
    match metric {
        Metric::Tps => "TPS",
        Metric::P50 => "P50 latency",
        Metric::P99 => "P99 latency",
        Metric::P999 => "P99.9 latency",
        Metric::CpuPerRequest if counted == Counted::Items => "CPU per item",
        Metric::CpuPerRequest => "CPU per request",
        Metric::MemoryIdle => "idle memory",
        Metric::MemoryMedian => "median memory",
        Metric::MemoryPeak => "peak memory",
        Metric::StartUp => "start-up time",
        Metric::ArtefactSize => "artefact size",
    }
}

/// Which way is better.
pub(crate) fn direction(metric: Metric) -> &'static str {
    if metric.higher_is_better() { "more is better" } else { "less is better" }
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list<S: AsRef<str>>(items: &[S]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// `1 block`, `3 blocks`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What is offered, in a phrase: `1000 connections, 5000 requests/s`. Of a sweep what all have in common, and then the
/// values: `64 connections, 1000 and 5000 requests/s`.
pub(crate) fn offered(plan: &ComparisonPlan) -> String {
    let loads = || plan.entrants.iter().map(|entrant| &entrant.plan.load);
    let Some(first) = loads().next() else { return String::new() };
    let mut parts = Vec::new();
    if loads().all(|load| load.connections() == first.connections()) {
        parts.push(counted(first.connections(), "connection"));
    }
    if loads().all(|load| load.stages() == first.stages()) {
        parts.extend(offered_rate(first));
    }
    if let Some(sweep) = plan.sweep() {
        let values: Vec<String> =
            sweep.settings().iter().map(|setting| setting.value().to_string()).collect();
        parts.push(format!("{} {}", list(&values), sweep.first().unit()));
    }
    parts.join(", ")
}

/// What no comparison of this kind shows, each with why.
pub(super) const THREATS: &[&str] = &[
    "One machine. Another processor, kernel or hypervisor may order the targets differently; repeat it on the machine \
     that will serve.",
    "The loopback interface. There is no network: no bandwidth limit, no lost packet, no distance, no TLS. A target \
     that sends more or larger packets pays less for it here than it would in production.",
    "The generator runs on the same machine. It has CPUs of its own where the machine has enough of them, but shares \
     caches, memory and the kernel with the target. Each run measures what the generator used, and is invalid where \
     that was the limit.",
    "One scenario. It says nothing of other payloads, of databases, of templates, or of what your service does between \
     request and answer; where that takes most of the time, the differences shown here shrink.",
    "The target had the CPUs that are named above and no others. A runtime that needs a CPU for its garbage collector \
     or its compiler is hit harder by few CPUs than by many; how the targets scale is not shown.",
    "Each target is one way of writing that service, tuned as its README says. The figures are those of this code and \
     these versions, not of a language.",
];

/// What a sweep leaves out.
pub(super) const SWEEP_THREAT: &str = "Only the values that were swept were measured. Between two of them the chart draws a \
    straight line, which is no measurement: a knee may lie there, and beyond the last value anything.";

/// What a load of this kind leaves out.
pub(super) fn load_threat(load: &LoadModel) -> &'static str {
    if load.is_open() {
        "The load is open: requests are due at the rates named above, whatever the target does. TPS is that rate for \
         every target that keeps up, and says nothing of what more it could bear; at another rate the latencies are \
         others."
    } else {
        "The load is closed: each connection sends its next request when the last is answered, so the target is \
         always saturated. P99 is the response time at saturation and not at a given rate, and a target that serves \
         more requests is asked for more. Latency at the rate that you expect needs an open load (--rate)."
    }
}

/// What a warm-up of this kind leaves out.
pub(super) fn warm_up_threat(warm_up: WarmUp) -> String {
    const COMPILED: &str = "A runtime that compiles while it runs may become faster still after minutes, and is slower \
        before; services that restart often live in the time that is cut off here.";
    match warm_up {
        WarmUp::Auto(_) => format!("The warm-up ends when the target is steady, or at its limit. {COMPILED}"),
        WarmUp::Fixed(Duration::ZERO) => {
            "There was no warm-up: the targets were measured cold, caches, compilers and \
            connections included, which is rarely what is asked."
                .to_owned()
        }
        WarmUp::Fixed(length) => format!(
            "The warm-up was {} whatever the target did; whether it was steady by then was not asked. {COMPILED}",
            amount::seconds(length.as_secs_f64())
        ),
    }
}

/// What items are, where figures count them.
pub(super) const ITEM: (&str, &str) = (
    "Item",
    "One of those that a request carries in an array. TPS are the accepted items of verified answers, and CPU is divided \
     by them, so that requests of different sizes can be compared; a latency is that of a whole request.",
);

/// The words that a report uses, with what they mean here.
pub(crate) const GLOSSARY: &[(&str, &str)] = &[
    (
        "TPS",
        "Transactions per second: answers that were complete and verified to be right, in the measured window only.",
    ),
    (
        "P99",
        "The latency that 99 of 100 requests did not exceed, to the complete answer: from the sending of the request \
         under a closed load, from the time at which it was due under an open one.",
    ),
    (
        "CPU per request",
        "CPU time, user and system, of all the target's processes, divided by the verified answers. On a noisy machine \
         it is steadier than TPS.",
    ),
    (
        "PSS",
        "Proportional set size: the memory of all the target's processes, with each page that several share counted \
         once in all. Peak is the largest seen in a run, median the usual under load, idle that before any load.",
    ),
    ("Start-up", "From starting the target's command until it first answered that it is ready."),
    (
        "Block",
        "One run of every target, each in a fresh process, in random order. Comparisons are made within a block.",
    ),
    (
        "Ratio",
        "A target's figure divided by the base's of the same block, so that what changes slowly on the machine cancels.",
    ),
    (
        "Hodges-Lehmann",
        "The estimate of the ratio: the median of the means of all pairs of blocks, on a logarithmic scale. It is \
         hardly moved by a few odd blocks.",
    ),
    (
        "Interval",
        "The ratios that the blocks do not contradict at the stated confidence, by the exact Wilcoxon signed-rank test, \
         which assumes no bell curve.",
    ),
    (
        "p-value",
        "How often blocks at least as one-sided would come about by chance if there were no difference.",
    ),
    (
        "Holm",
        "A correction of p-values: who looks at many comparisons finds a difference by chance in some. Holm's method \
         keeps the risk of even one such find below the stated level.",
    ),
    (
        "Margin",
        "The difference that is taken for none. Better and worse are differences surely beyond it, equivalent is \
         surely within it.",
    ),
    (
        "Noise floor",
        "The smallest difference that could be told from none: seen by comparing the base with itself (A/A).",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_counts() {
        for (items, text) in
            [(&[][..], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")]
        {
            assert_eq!(list(items), text);
        }
        assert_eq!((counted(1, "block"), counted(0, "block")), ("1 block".to_owned(), "0 blocks".to_owned()));
    }
}
