//! Baselines for people, and one of them for programs.

use crate::gate::short;
use crate::report::comparison::quantity::figure;
use bench_model::baseline::Baseline;
use bench_model::machine::Machine;
use bench_model::stats::median;
use std::fmt::Write as _;

/// How a baseline is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BaselineFormat {
    /// What it holds, for people.
    Text,
    /// The file itself, for programs.
    Json,
}

/// Runs below which a baseline's figures alone decide nothing: of 4 metrics, against the 16 runs of a gate. Of 2 the least p-value
/// is 2/153, and four times that above 5%.
const ENOUGH_RUNS: usize = 3;

/// `1 run`, `8 runs`.
pub(crate) fn runs(baseline: &Baseline) -> String {
    match baseline.runs() {
        1 => "1 run".to_owned(),
        runs => format!("{runs} runs"),
    }
}

/// Why it may not suffice, if it may not.
pub(crate) fn weakness(baseline: &Baseline) -> Option<String> {
    if baseline.revision().is_some() || baseline.runs() >= ENOUGH_RUNS {
        return None;
    }
    Some(format!(
        "it has {} of what no commit holds, so that a gate can neither build it nor decide by it: commit first, or measure \
         {ENOUGH_RUNS} runs or more",
        runs(baseline)
    ))
}

/// A line for each baseline. One that cannot be read has its error.
pub(crate) fn list(rows: &[(&str, Result<Baseline, String>)], machine: &Machine) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().fold(String::new(), |mut text, (name, found)| {
        let about = match found {
            Ok(baseline) => about(baseline, machine),
            Err(error) => format!("cannot be used: {error}"),
        };
        let _ = writeln!(text, "{name:width$}  {about}");
        text
    })
}

fn about(baseline: &Baseline, machine: &Machine) -> String {
    let other = if baseline.machine.differences(machine).is_empty() { "" } else { ", on another machine" };
    format!(
        "{} of {} at {}, {}, {}{other}",
        runs(baseline),
        baseline.target,
        baseline.plan.scenario,
        commit(baseline),
        baseline.measured_at
    )
}

fn commit(baseline: &Baseline) -> String {
    let source = baseline.source.as_ref();
    match source.and_then(|source| source.revision.as_deref()) {
        Some(revision) if baseline.revision().is_some() => short(revision),
        Some(revision) => format!("{} with changes", short(revision)),
        None => "no commit".to_owned(),
    }
}

/// Writes a baseline in a format. The text ends in a line feed.
pub(crate) fn render(format: BaselineFormat, name: &str, baseline: &Baseline, machine: &Machine) -> String {
    match format {
        BaselineFormat::Json => {
            let text = serde_json::to_string_pretty(baseline);
            text.expect("a baseline has only string keys, and was read from JSON") + "\n"
        }
        BaselineFormat::Text => text(name, baseline, machine),
    }
}

fn text(name: &str, baseline: &Baseline, machine: &Machine) -> String {
    let mut text = format!("{name}: {}\n", about(baseline, machine));
    let there = &baseline.machine;
    let _ = writeln!(text, "machine  {}, {} CPUs, Linux {}", there.cpu, there.cpus, there.kernel);
    let _ = writeln!(
        text,
        "load     {} connections, {} s",
        baseline.plan.load.connections(),
        baseline.plan.duration_s
    );
    let _ = writeln!(text, "from     {}", baseline.from.join(", "));
    for warning in &baseline.warnings {
        let _ = writeln!(text, "! {}: {}", warning.code, warning.message);
    }
    let _ = writeln!(text, "\n{:<16} {:>12} {:>12} {:>12}", "metric", "median", "least", "most");
    for (&metric, values) in &baseline.values {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        let [median, least, most] =
            [median(values).unwrap_or(0.0), least, most].map(|value| figure(metric, value));
        let _ = writeln!(
            text,
            "{:<16} {median:>12} {least:>12} {most:>12}",
            metric.title_of(baseline.plan.counted())
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::stored;
    use bench_model::baseline::SCHEMA;
    use bench_model::metric::Metric;
    use bench_model::source::Source;
    use bench_model::stats::least_rank_sum_p;

    fn baseline(values: &[f64], dirty: bool) -> Baseline {
        let run = stored();
        let revision = Some("7acc99f4d1c0b2a3948576e1f0a9b8c7d6e5f403".to_owned());
        Baseline {
            schema: SCHEMA.to_owned(),
            from: vec!["a-comparison".to_owned()],
            measured_at: "2026-03-14T10:15:00Z".to_owned(),
            warnings: Vec::new(),
            target: "rust".to_owned(),
            source: Some(Source { revision, dirty, ..Source::default() }),
            machine: run.machine,
            plan: run.plan,
            values: [(Metric::Tps, values.to_vec()), (Metric::P99, values.to_vec())].into(),
        }
    }

    #[test]
    fn lists_and_pages() {
        let found = baseline(&[1000.0, 3000.0, 2000.0], false);
        let here = found.machine.clone();
        let elsewhere = Machine { kernel: "0".to_owned(), ..here.clone() };
        let rows = [("main", Ok(found.clone())), ("a-broken-one", Err("no JSON".to_owned()))];
        let line = "main          3 runs of rust at json-echo, 7acc99f4d1c0, 2026-03-14T10:15:00Z";
        assert_eq!(list(&rows, &here), format!("{line}\na-broken-one  cannot be used: no JSON\n"));
        assert!(list(&rows, &elsewhere).starts_with(&format!("{line}, on another machine\n")));
        let page = render(BaselineFormat::Text, "main", &found, &here);
        assert!(
            page.starts_with("main: 3 runs of rust") && page.contains("load     1000 connections, 8 s"),
            "{page}"
        );
        assert!(page.contains("TPS                      2000         1000         3000\n"), "{page}");
        assert!(page.contains("P99 latency          2.000 ms     1.000 ms     3.000 ms\n"), "{page}");
        let json = render(BaselineFormat::Json, "main", &found, &here);
        assert_eq!(serde_json::from_str::<Baseline>(&json).unwrap(), found);
    }

    #[test]
    fn what_may_not_suffice() {
        for (values, dirty, weak) in [
            (&[1.0][..], false, false),
            (&[1.0], true, true),
            (&[1.0; 2], true, true),
            (&[1.0; 3], true, false),
        ] {
            assert_eq!(weakness(&baseline(values, dirty)).is_some(), weak, "{values:?} {dirty}");
        }
        // Of which a gate decides nothing, by the statistics themselves.
        let family = Metric::DECISIVE.len() as f64;
        let least = |runs| least_rank_sum_p(runs, 16) * family;
        assert!(least(ENOUGH_RUNS) <= 0.05 && least(ENOUGH_RUNS - 1) > 0.05);
        assert!(
            about(&baseline(&[1.0], true), &Machine::default())
                .contains("1 run of rust at json-echo, 7acc99f4d1c0 with")
        );
    }
}
