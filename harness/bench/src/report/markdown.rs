//! The report as a section for a pull request or a decision record: the verdict first, then the figures, then what
//! is needed to doubt or repeat them.

use super::amount::{bytes, count, latency_us, number, percent, seconds, time_us};
use super::timeline::Timeline;
use super::{audited, command, hiccups, latency_title, offered_rate, own_metrics};
use bench_model::interval::Phase;
use bench_model::report::{RunReport, TargetFigures};
use bench_model::resources::MemoryKind;
use bench_model::summary::{LatencyFigures, Summary};
use bench_model::warning::Verdict;

pub(super) fn render(report: &RunReport, timeline: &Timeline) -> String {
    let plan = &report.plan;
    let title = format!("## Benchmark: {} on {}", plan.scenario, plan.target.name());
    let sections = [
        Some(escaped(&title)),
        Some(verdict(report)),
        Some(figures(report)),
        Some(latency(report)),
        Some(resources(report)),
        own_metrics::markdown(report, timeline),
        Some(method(report, timeline)),
    ];
    sections.into_iter().flatten().collect::<Vec<_>>().join("\n\n") + "\n"
}

fn verdict(report: &RunReport) -> String {
    let mut text = match (report.verdict, report.warnings.len()) {
        (Verdict::Valid, 0) => "**Verdict: valid**, without a warning.".to_owned(),
        (Verdict::Valid, _) => "**Verdict: valid**, with care:".to_owned(),
        (Verdict::Invalid, _) => {
            "**Verdict: INVALID. Do not use the figures below.** What is wrong, and what to do:".to_owned()
        }
    };
    for (index, warning) in report.warnings.iter().enumerate() {
        let gap = if index == 0 { "\n\n" } else { "\n" };
        text += &format!("{gap}- `{}`: {}", warning.code, escaped(&warning.message));
    }
    text
}

fn figures(report: &RunReport) -> String {
    let summary = &report.summary;
    let window = seconds(summary.duration_s);
    let offered = summary.offered.as_ref().map(|offered| {
        format!(
            "{}; {} due, {} sent, {} of them after a wait for a free connection",
            offered_rate(&report.plan.load).unwrap_or_default(),
            count(offered.requests),
            count(offered.sent),
            count(offered.queued)
        )
    });
    let law = match &summary.service_time_us {
        Some(service) => ("TPS x mean service time (Little's law)", service.mean),
        None => ("TPS x mean latency (Little's law)", summary.latency_us.mean),
    };
    let mut rows = vec![
        ("Throughput", format!("{} TPS", number(summary.tps))),
        ("Verified requests", format!("{} in {window}", count(summary.requests))),
        ("Failed requests", failed(report)),
        ("Refused items", count(summary.refused).to_string()),
        ("Answers by status", listed(summary.status.iter().map(|(status, &times)| (status, times)))),
        (
            "Requests in flight, mean",
            format!("{} on {} connections", number(summary.in_flight_mean), report.plan.load.connections()),
        ),
        (law.0, format!("{} requests in flight", number(summary.tps * law.1 / 1e6))),
        (
            "Received, sent",
            format!("{}, {}", bytes(summary.bytes_in as f64), bytes(summary.bytes_out as f64)),
        ),
    ];
    rows.extend(audited(report).map(|audit| ("Audit", audit)));
    rows.extend(hiccups(summary).map(|words| ("Hiccups of the generator's CPU", words)));
    rows.retain(|(name, _)| *name != "Refused items" || summary.refused > 0);
    let batched = summary.batched.as_ref().map(|batched| {
        let items = format!("{} a second, {}", number(batched.items_per_s), count(batched.items));
        ("Items of these requests", items)
    });
    rows.splice(1..1, offered.map(|offered| ("Offered", offered)));
    rows.splice(1..1, batched);
    table(["Figure", "Value"], "---:", &rows)
}

fn failed(report: &RunReport) -> String {
    let errors = &report.summary.errors;
    let total = errors.total();
    if total == 0 {
        return "none".to_owned();
    }
    let part = percent(total as f64 / (total + report.summary.requests) as f64);
    format!("{} ({part}): {}", count(total), listed(errors.named().into_iter()))
}

fn latency(report: &RunReport) -> String {
    let figures = &report.summary.latency_us;
    if figures.max <= 0.0 {
        let title = latency_title(&report.plan.load);
        return format!("{title}: none, since no request was verified in the measured window.");
    }
    let mut rows = vec![("Min", time_us(figures.min).to_string())];
    rows.extend(
        figures.named().map(|(name, value_us)| (name, latency_us(figures, name, value_us).to_string())),
    );
    rows.push(("Mean", time_us(figures.mean).to_string()));
    rows.push(("Standard deviation", time_us(figures.stdev).to_string()));
    let whole = table([latency_title(&report.plan.load), "Value"], "---:", &rows);
    let Summary { service_time_us, schedule_lag_us, .. } = &report.summary;
    let part = |title: &'static str, figures: &Option<LatencyFigures>| {
        let figures = figures.as_ref()?;
        let rows = figures.named().map(|(name, value_us)| (name, time_us(value_us).to_string()));
        Some(table([title, "Value"], "---:", &rows))
    };
    let parts = [
        part("Service time, from send to complete answer", service_time_us),
        part("Schedule lag, from due time to send", schedule_lag_us),
    ];
    [Some(whole)].into_iter().chain(parts).flatten().collect::<Vec<_>>().join("\n\n")
}

fn resources(report: &RunReport) -> String {
    let generator = &report.generator;
    let target = report.target.as_ref();
    let of =
        |figure: &dyn Fn(&TargetFigures) -> String| target.map_or_else(|| "not sampled".to_owned(), figure);
    let size = |value: u64| bytes(value as f64).to_string();
    let cpus = |us_per_request: f64| number(us_per_request * report.summary.tps / 1e6);
    let kind = match target.map(|target| target.memory_kind) {
        Some(MemoryKind::Rss) => "RSS",
        _ => "PSS",
    };
    let rows = [
        (
            "CPU per request",
            of(&|target| time_us(target.cpu_us_per_request).to_string()),
            time_us(generator.cpu_us_per_request).to_string(),
        ),
        (
            "CPUs busy",
            of(&|target| cpus(target.cpu_us_per_request)),
            format!(
                "{} ({} of those it had)",
                cpus(generator.cpu_us_per_request),
                percent(generator.cpu_utilisation)
            ),
        ),
        (
            "Memory, peak",
            of(&|target| format!("{} {kind}", size(target.memory_bytes.peak))),
            format!("{} RSS", size(generator.rss_peak_bytes)),
        ),
        (
            "Memory, median under load",
            of(&|target| format!("{} {kind}", size(target.memory_bytes.median))),
            String::new(),
        ),
        ("Memory, idle", of(&|target| format!("{} {kind}", size(target.memory_bytes.idle))), String::new()),
        (
            "Start-up",
            of(&|target| {
                target
                    .startup_ms
                    .map_or_else(|| "not started by bench".to_owned(), |ms| time_us(ms * 1e3).to_string())
            }),
            String::new(),
        ),
    ];
    let mut text = "| Used by | target | generator |\n|---|---:|---:|".to_owned();
    for (name, target, generator) in rows {
        text += &format!("\n| {name} | {target} | {generator} |");
    }
    text
}

/// What someone needs who wants to repeat the run.
fn method(report: &RunReport, timeline: &Timeline) -> String {
    let machine = &report.machine;
    let warm_up = timeline
        .points
        .iter()
        .filter(|point| point.phase == Phase::WarmUp)
        .map(|point| point.duration_s)
        .sum::<f64>();
    let cpus = |cpus: &[usize]| {
        if cpus.is_empty() { "not set by bench".to_owned() } else { command::list(cpus) }
    };
    let started = report.plan.target.started_as().unwrap_or_else(|| "not started by bench".to_owned());
    let unknown = |text: &Option<String>| text.clone().unwrap_or_else(|| "unknown".to_owned());
    let rows = [
        ("Run", escaped(&report.id)),
        ("Began", escaped(&timeline.started_at)),
        ("Target started as", escaped(&started)),
        ("Warm-up, not counted", seconds(warm_up).to_string()),
        ("CPUs of the target", cpus(&report.plan.target_cpus)),
        ("CPUs of the generator", cpus(&report.plan.generator_cpus)),
        ("CPU", format!("{}, {} online", escaped(&machine.cpu), machine.cpus)),
        ("Memory", bytes(machine.memory_bytes as f64).to_string()),
        ("System", escaped(&format!("{}, kernel {}, {}", machine.os, machine.kernel, machine.architecture))),
        (
            "Governor, clock source",
            escaped(&format!("{}, {}", unknown(&machine.governor), unknown(&machine.clock_source))),
        ),
        ("bench", escaped(&machine.bench_version)),
    ];
    let command = command::repeating(&report.plan);
    // A fence longer than any run of backticks in the command cannot be closed by it.
    let longest = command.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{}\n\nTo repeat it:\n\n{fence}sh\n{command}\n{fence}", table(["Method", "Value"], "---", &rows))
}

/// A table of two columns; `alignment` is the second one's rule, such as `---:` for figures.
fn table(heads: [&str; 2], alignment: &str, rows: &[(&str, String)]) -> String {
    let [left, right] = heads;
    let mut text = format!("| {left} | {right} |\n|---|{alignment}|");
    for (name, value) in rows {
        text += &format!("\n| {name} | {value} |");
    }
    text
}

fn listed<N: std::fmt::Display>(counts: impl Iterator<Item = (N, u64)>) -> String {
    let shown = counts.filter(|&(_, times)| times > 0);
    let shown: Vec<String> = shown.map(|(name, times)| format!("{name}: {}", count(times))).collect();
    if shown.is_empty() { "none".to_owned() } else { shown.join(", ") }
}

/// Text of others made harmless in Markdown, and in one line.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_control() => safe.push(' '),
            '|' | '*' | '_' | '`' | '<' | '>' | '[' | ']' | '\\' | '~' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_text() {
        for (text, safe) in [
            ("plain, with-dashes: 1.5", "plain, with-dashes: 1.5"),
            ("a|b\n<img>", "a\\|b \\<img\\>"),
            ("`x` *y* [z](w)", "\\`x\\` \\*y\\* \\[z\\](w)"),
        ] {
            assert_eq!(escaped(text), safe);
        }
    }
}
