//! A run as `wrk --latency` prints it, line for line, for scripts that read its output. Its units too: a kB has 1024 bytes.
//!
//! Only verified responses are counted, which wrk cannot tell; those that were cut off are in the distribution. What it has no line for stands after the distribution, where those who
//! read by position do not look.

use super::RunSource;
use bench_model::interval::Phase;
use bench_model::latency::Latencies;
use bench_model::plan::TargetPlan;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;

pub(super) fn render(source: &RunSource<'_>) -> String {
    let report = source.report;
    let summary = &report.summary;
    let target = match &report.plan.target {
        TargetPlan::Url { url, .. } => url.as_str(),
        TargetPlan::Managed { manifest } => manifest.name.as_str(),
    };
    let target: String = target.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut lines = vec![
        format!("Running {} test @ {target}", units(summary.duration_s, "s", 60.0, &["m", "h"], 0)),
        format!("  {} threads and {} connections", report.plan.threads, report.plan.load.connections()),
        format!("  Thread Stats{:>6}{:>11}{:>8}{:>12}", "Avg", "Stdev", "Max", "+/- Stdev"),
        latency(source),
        pace(source),
        "  Latency Distribution".to_owned(),
    ];
    let figures = &summary.latency_us;
    for (percentile, value_us) in [(50, figures.p50), (75, figures.p75), (90, figures.p90), (99, figures.p99)]
    {
        lines.push(format!("{percentile:>7}%{}", padded(&time_us(value_us), 10)));
    }
    lines.extend(doubts(report));
    let received = summary.bytes_in as f64;
    lines.push(format!(
        "  {} requests in {}, {}B read",
        summary.requests,
        time_us(summary.duration_s * 1e6),
        binary(received)
    ));
    lines.extend(errors(report));
    let per_s = if summary.duration_s > 0.0 { received / summary.duration_s } else { 0.0 };
    lines.push(format!("Requests/sec: {:>9.2}", summary.tps));
    lines.push(format!("Transfer/sec: {:>10}B", binary(per_s)));
    lines.join("\n") + "\n"
}

fn latency(source: &RunSource<'_>) -> String {
    let figures = &source.report.summary.latency_us;
    let within =
        within_us(&source.timeline.latencies, figures.mean - figures.stdev, figures.mean + figures.stdev);
    row("Latency", [figures.mean, figures.stdev, figures.max].map(time_us), within)
}

/// The part of the latencies between two, in percent.
fn within_us(latencies: &Latencies, from_us: f64, to_us: f64) -> f64 {
    let histogram = latencies.histogram();
    let ns = |us: f64| (us.max(0.0) * 1e3) as u64;
    let within = histogram.count_between(ns(from_us), ns(to_us));
    if histogram.is_empty() { 0.0 } else { within as f64 * 100.0 / histogram.len() as f64 }
}

/// The requests that a thread had answered in a second: those of each interval, over the threads. wrk looks at each thread ten
/// times a second; what the average thread does varies less.
fn pace(source: &RunSource<'_>) -> String {
    let threads = source.report.plan.threads.max(1) as f64;
    let measured = source.timeline.points.iter().filter(|point| point.phase == Phase::Measure);
    let paces: Vec<f64> = measured.map(|point| point.tps() / threads).collect();
    let count = paces.len().max(1) as f64;
    let mean = paces.iter().sum::<f64>() / count;
    let variance = paces.iter().map(|pace| (pace - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let most = paces.iter().copied().fold(0.0, f64::max);
    let stdev = variance.sqrt();
    let near = paces.iter().filter(|pace| (**pace - mean).abs() <= stdev).count();
    row("Req/Sec", [mean, stdev, most].map(metric), near as f64 * 100.0 / count)
}

fn row(name: &str, [mean, stdev, most]: [String; 3], within_percent: f64) -> String {
    let shown = format!("{within_percent:>8.2}%");
    format!("    {name:<10}{}{}{}{shown}", padded(&mean, 8), padded(&stdev, 10), padded(&most, 9))
}

/// What wrk says nothing of.
fn doubts(report: &RunReport) -> Vec<String> {
    let invalid = report.verdict == Verdict::Invalid;
    let mut lines = Vec::new();
    if invalid {
        lines.push("  INVALID: do not use these figures".to_owned());
    }
    let codes: Vec<&str> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
    if !codes.is_empty() {
        lines.push(format!("  Warnings: {}", codes.join(", ")));
    }
    let wrong = report.summary.errors.mismatch;
    if wrong > 0 {
        lines.push(format!("  Wrong bodies: {wrong}"));
    }
    let unsent = report.summary.errors.unsent;
    if unsent > 0 {
        lines.push(format!("  Unsent requests: {unsent}"));
    }
    lines
}

/// As in wrk there only if there is one. What was not HTTP counts as a failed read, as there.
fn errors(report: &RunReport) -> Vec<String> {
    let errors = &report.summary.errors;
    let (connect, read, timeout) = (errors.connect, errors.reset + errors.protocol, errors.timeout);
    let mut lines = Vec::new();
    if connect + read + timeout > 0 {
        lines.push(format!("  Socket errors: connect {connect}, read {read}, write 0, timeout {timeout}"));
    }
    if errors.status > 0 {
        lines.push(format!("  Non-2xx or 3xx responses: {}", errors.status));
    }
    lines
}

/// A time as wrk writes it: `635.91us`, `1.02ms`, `10.00s`.
fn time_us(value_us: f64) -> String {
    if value_us >= 1e6 {
        units(value_us / 1e6, "s", 60.0, &["m", "h"], 2)
    } else {
        units(value_us, "us", 1e3, &["ms"], 2)
    }
}

fn metric(value: f64) -> String {
    units(value, "", 1e3, &["k", "M", "G", "T"], 2)
}

fn binary(value: f64) -> String {
    units(value, "", 1024.0, &["K", "M", "G", "T"], 2)
}

/// The value in a larger unit from 85% of it on.
fn units(value: f64, base: &'static str, scale: f64, larger: &[&'static str], decimals: usize) -> String {
    let (mut value, mut unit) = (value, base);
    for next in larger {
        if value < scale * 0.85 {
            break;
        }
        value /= scale;
        unit = next;
    }
    format!("{value:.decimals$}{unit}")
}

/// Right-aligned so that the numbers end in one column, whatever letters follow them.
fn padded(text: &str, width: usize) -> String {
    let letters = text.chars().rev().take(2).take_while(char::is_ascii_alphabetic).count();
    let gap = 2 - letters;
    format!("{text:>0$}{1:gap$}", width - gap, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_wrk_writes_them() {
        for (us, text) in [
            (635.91, "635.91us"),
            (849.9, "849.90us"),
            (850.0, "0.85ms"),
            (12_920.0, "12.92ms"),
            (999_999.0, "1000.00ms"),
            (1e6, "1.00s"),
            (10e6, "10.00s"),
            (60e6, "1.00m"),
        ] {
            assert_eq!(time_us(us), text);
        }
        assert_eq!([56_200.0, 12.0].map(metric), ["56.20k", "12.00"]);
        assert_eq!([606.33 * 1_048_576.0, 900.0].map(binary), ["606.33M", "0.88K"]);
        assert_eq!(units(10.0, "s", 60.0, &["m", "h"], 0), "10s");
    }

    #[test]
    fn columns_end_with_the_number() {
        assert_eq!(padded("635.91us", 8), "635.91us");
        assert_eq!(padded("1.00s", 8), "  1.00s ");
        assert_eq!(padded("12.00", 9), "  12.00  ");
    }
}
