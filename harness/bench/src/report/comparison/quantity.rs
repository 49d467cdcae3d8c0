//! A comparison's numbers as people read them: figures in their metric's unit, ratios, intervals, effects.

use crate::report::amount::{bytes, number, percent, time_us};
use bench_model::comparison::{Estimate, Pair};
use bench_model::metric::Metric;

/// What stands where there is no number.
pub(crate) const NONE: &str = "-";

/// A metric's value with its unit; requests per second have none, since their column says it.
pub(crate) fn figure(metric: Metric, value: f64) -> String {
    match metric.unit() {
        "us" => time_us(value).to_string(),
        "ms" => time_us(value * 1e3).to_string(),
        "bytes" => bytes(value).to_string(),
        _ => number(value),
    }
}

/// A ratio in three significant digits, or three decimals between 0.9 and 1.1, where a percent decides: `0.312`,
/// `1.012`, `3.21`, `0.0312`.
pub(crate) fn ratio(value: f64) -> String {
    if !value.is_finite() || value <= 0.0 {
        return NONE.to_owned();
    }
    let before_point = value.log10().floor() as i32;
    let decimals = if (0.9..1.1).contains(&value) { 3 } else { (2 - before_point).clamp(0, 6) };
    format!("{value:.*}", decimals as usize)
}

/// The interval of a pair's ratio, `[0.305, 0.319]`, if it has one.
pub(super) fn ratio_interval(pair: &Pair) -> Option<String> {
    let (low, high) = (pair.low?, pair.high?);
    Some(format!("[{}, {}]", ratio(low), ratio(high)))
}

/// The interval of an estimate, `[40.83, 45.36] ms`, if it has one: the unit once where both ends have the same.
pub(super) fn figure_interval(metric: Metric, estimate: &Estimate) -> Option<String> {
    let (low, high) = (figure(metric, estimate.low?), figure(metric, estimate.high?));
    Some(match (low.split_once(' '), high.split_once(' ')) {
        (Some((from, unit)), Some((to, same))) if unit == same => format!("[{from}, {to}] {unit}"),
        _ => format!("[{low}, {high}]"),
    })
}

/// An effect, 0.019 for a ratio of 1.019, as a percentage.
pub(super) fn effect(part: Option<f64>) -> String {
    part.map_or_else(|| NONE.to_owned(), percent)
}

/// A confidence or a margin as people say it: `95%`, `2%`, `99.9%`.
pub(crate) fn part(value: f64) -> String {
    let shown = format!("{:.2}", value * 100.0);
    format!("{}%", shown.trim_end_matches('0').trim_end_matches('.'))
}

/// A p-value in two significant digits, never as zero.
pub(super) fn p_value(p: Option<f64>) -> String {
    match p {
        None => NONE.to_owned(),
        Some(p) if p < 0.0001 => "under 0.0001".to_owned(),
        Some(p) if p < 0.001 => format!("{p:.4}"),
        Some(p) => format!("{p:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios() {
        for (value, text) in [
            (0.312_34, "0.312"),
            (0.031_234, "0.0312"),
            (1.0, "1.000"),
            (0.985_1, "0.985"),
            (1.012_3, "1.012"),
            (1.96, "1.96"),
            (31.24, "31.2"),
            (3124.0, "3124"),
            (f64::NAN, "-"),
            (f64::INFINITY, "-"),
            (0.0, "-"),
        ] {
            assert_eq!(ratio(value), text);
        }
    }

    #[test]
    fn parts_of_a_whole() {
        for (value, text) in [(0.95, "95%"), (0.02, "2%"), (0.999, "99.9%"), (0.005, "0.5%"), (0.0, "0%")] {
            assert_eq!(part(value), text);
        }
    }

    #[test]
    fn p_values() {
        for (p, text) in [
            (None, "-"),
            (Some(1.0), "1.000"),
            (Some(2.0 / 1024.0), "0.002"),
            (Some(0.000_98), "0.0010"),
            (Some(1e-9), "under 0.0001"),
        ] {
            assert_eq!(p_value(p), text);
        }
    }

    #[test]
    fn intervals_name_a_shared_unit_once() {
        for (low, high, text) in [
            (Some(40_830.0), Some(45_360.0), Some("[40.83, 45.36] ms")),
            (Some(990.0), Some(1_010.0), Some("[990.0 us, 1.010 ms]")),
            (None, None, None),
        ] {
            let estimate = Estimate { median: 1000.0, low, high, values: Vec::new() };
            assert_eq!(figure_interval(Metric::P99, &estimate).as_deref(), text);
        }
        let estimate =
            Estimate { median: 1.0, low: Some(15_900.0), high: Some(16_600.0), values: Vec::new() };
        assert_eq!(figure_interval(Metric::Tps, &estimate).as_deref(), Some("[15.90k, 16.60k]"));
    }

    #[test]
    fn figures_have_their_metrics_unit() {
        for (metric, value, text) in [
            (Metric::Tps, 51_989.25, "51.99k"),
            (Metric::P99, 43_057.0, "43.06 ms"),
            (Metric::StartUp, 14.2, "14.20 ms"),
            (Metric::ArtefactSize, 3_252_224.0, "3.102 MiB"),
        ] {
            assert_eq!(figure(metric, value), text);
        }
    }
}
