//! The percentile file of HdrHistogram (`.hgrm`), as its plotter and wrk2's users know it. Values in milliseconds.

use super::RunSource;
use bench_model::latency::Latencies;
use bench_model::warning::Verdict;
use std::fmt::Write as _;

/// Points for each halving of the distance to 100%: what the Java tools write by default.
const POINTS_PER_HALVING: u32 = 5;
const NS_PER_MS: f64 = 1e6;

/// Writes that of a run, those of its requests that were cut off included as estimated. Of an invalid run a comment at the end,
/// which plotters skip, says so.
pub(super) fn of_run(source: &RunSource<'_>) -> String {
    let mut text = render(&source.timeline.distribution().merged());
    if source.report.verdict == Verdict::Invalid {
        let codes: Vec<&str> = source.report.invalidating().map(|warning| warning.code.as_str()).collect();
        let _ = writeln!(text, "#[INVALID, do not use: {}]", codes.join(", "));
    }
    text
}

/// Writes the distribution of the verified responses; of an empty one, the header and the footer.
///
/// Six decimals, where the Java tools write three: a latency of 30 us would keep two digits otherwise.
pub(crate) fn render(latencies: &Latencies) -> String {
    let histogram = latencies.histogram();
    let mut text =
        format!("{:>14} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut total = 0;
    for step in histogram.iter_quantiles(POINTS_PER_HALVING) {
        total += step.count_since_last_iteration();
        let value_ms = step.value_iterated_to() as f64 / NS_PER_MS;
        let quantile = step.quantile_iterated_to();
        let _ = write!(text, "{value_ms:14.6} {quantile:14.12} {total:10}");
        // The last line has no fourth column, since it would be infinite.
        if quantile < 1.0 {
            let _ = write!(text, " {:14.2}", 1.0 / (1.0 - quantile));
        }
        text.push('\n');
    }
    let (mean, stdev) = if histogram.is_empty() {
        (0.0, 0.0)
    } else {
        (histogram.mean() / NS_PER_MS, histogram.stdev() / NS_PER_MS)
    };
    let longest = histogram.max() as f64 / NS_PER_MS;
    let _ = write!(
        text,
        "#[Mean    = {mean:14.6}, StdDeviation   = {stdev:14.6}]\n\
         #[Max     = {longest:14.6}, Total count    = {:14}]\n\
         #[Buckets = {:14}, SubBuckets     = {:14}]\n",
        histogram.len(),
        histogram.buckets(),
        sub_buckets(histogram.sigfig()),
    );
    text
}

/// The length of a bucket: the power of two that tells values apart to `digits` significant digits.
fn sub_buckets(digits: u8) -> u64 {
    (2 * 10_u64.pow(u32::from(digits))).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_what_the_plotter_reads() {
        let mut latencies = Latencies::new();
        (1..=1000).for_each(|us| latencies.record(us * 1000));
        let text = render(&latencies);
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect())
            .collect();
        let (last, others) = rows.split_last().unwrap();
        assert!(others.iter().all(|row| row.len() == 4));
        assert_eq!(last.len(), 3);
        assert_eq!((last[1], last[2]), (1.0, 1000.0));
        assert!((last[0] - 1.0).abs() < 0.001, "1000 us are about 1 ms: {last:?}");
        assert!(rows.windows(2).all(|pair| pair[0][0] <= pair[1][0] && pair[0][2] <= pair[1][2]));
        let median = others.iter().find(|row| row[1] == 0.5).unwrap();
        assert!((median[0] - 0.5).abs() < 0.001 && median[3] == 2.0, "{median:?}");
    }

    #[test]
    fn an_empty_distribution_has_no_rows() {
        let text = render(&Latencies::new());
        assert!(text.lines().skip(2).all(|line| line.starts_with('#')), "{text}");
        assert!(!text.contains("NaN"), "{text}");
    }

    #[test]
    fn sub_buckets_of_three_digits() {
        assert_eq!(sub_buckets(3), 2048);
    }
}
