//! Axes: from which value to which, where the ticks stand, and what is written at them. No drawing.

use super::measure::Measure;

/// A position on an axis with something written at it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    /// The value.
    pub(super) at: f64,
    /// What is written.
    pub(super) label: String,
}

/// An axis. Values are in the unit that its title names.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether equal distances are equal ratios.
    pub(super) logarithmic: bool,
    pub(super) ticks: Vec<Tick>,
    pub(super) measure: Measure,
    /// Whether those who read a page may choose between a logarithmic axis and one that is not.
    pub(super) choice: bool,
}

/// Ticks that an axis should have at most, besides the one at its foot.
const MOST_TICKS: f64 = 6.0;

impl Axis {
    /// From zero to a round number not below `highest`.
    pub(super) fn from_zero(title: impl Into<String>, highest: f64) -> Self {
        let highest = if highest.is_finite() && highest > 0.0 { highest } else { 1.0 };
        let step = round_step(highest / MOST_TICKS);
        // A line that touches the top edge looks cut off.
        let steps = (highest * 1.02 / step).ceil().max(1.0);
        let ticks = (0..=steps as usize).map(|index| tick(index as f64 * step, step, highest));
        Self::new(title.into(), (0.0, steps * step), false, ticks.collect())
    }

    /// Round numbers around `low` to `high`, which need not be near zero.
    pub(super) fn around(title: impl Into<String>, low: f64, high: f64) -> Self {
        let usable = low.is_finite() && high.is_finite() && low <= high;
        let (low, high) = if usable { (low, high) } else { (0.0, 1.0) };
        let widest = (high - low).max(high.abs() * 1e-3).max(f64::MIN_POSITIVE);
        let step = round_step(widest / MOST_TICKS);
        let (first, last) = ((low / step - 0.1).floor() as i64, (high / step + 0.1).ceil() as i64);
        let ticks = (first..=last).map(|index| tick(index as f64 * step, step, high)).collect();
        let (low, high) = (first as f64 * step, last as f64 * step);
        Self::new(title.into(), (low, high), false, ticks)
    }

    /// From the power of ten below `lowest` to the one above `highest`, or nearer where 2 or 5 times one will do.
    pub(super) fn logarithmic(title: impl Into<String>, lowest: f64, highest: f64) -> Self {
        let usable = |value: f64| value.is_finite() && value > 0.0;
        let highest = if usable(highest) { highest } else { 1.0 };
        let lowest = if usable(lowest) { lowest.min(highest) } else { highest / 10.0 };
        let decades = (lowest.log10().floor() as i32)..=(highest.log10().floor() as i32 + 1);
        let all: Vec<f64> =
            decades.flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade))).collect();
        let low = all.iter().copied().rfind(|&at| at <= lowest).unwrap_or(lowest);
        let high = all.iter().copied().find(|&at| at >= highest * 1.1).unwrap_or(highest * 10.0);
        let dense = (high / low).log10() <= 3.0;
        let ticks = all
            .iter()
            .enumerate()
            .filter(|&(index, at)| (dense || index % 3 == 0) && (low..=high).contains(at))
            .map(|(_, &at)| tick(at, at, at));
        Self::new(title.into(), (low, high), true, ticks.collect())
    }

    /// Time from `first_s` to `last_s` seconds: in seconds, minutes or hours, which the divisor (returned) makes
    /// of seconds.
    pub(super) fn time(what: &str, first_s: f64, last_s: f64) -> (Self, f64) {
        let first_s = if first_s.is_finite() { first_s } else { 0.0 };
        let last_s = if last_s.is_finite() && last_s > first_s { last_s } else { first_s + 1.0 };
        let (divisor, unit) = match last_s {
            last if last <= 300.0 => (1.0, "s"),
            last if last <= 18_000.0 => (60.0, "min"),
            _ => (3600.0, "h"),
        };
        let (low, high) = (first_s / divisor, last_s / divisor);
        let step = time_step((high - low) / 12.0);
        let (from, to) = ((low / step).ceil() as i64, (high / step + 1e-9).floor() as i64);
        let ticks = (from..=to).map(|index| tick(index as f64 * step, step, high)).collect();
        let axis = Self::new(format!("{what} ({unit})"), (low, high), false, ticks);
        (axis.of(Measure::TimeUs(divisor * 1e6)), divisor)
    }

    /// HdrHistogram's axis for a quantile q: 1/(1-q) on a logarithmic scale, so that each further nine has the same
    /// width. Reaches as far as `count` samples can tell.
    pub(super) fn percentiles(count: u64) -> Self {
        let nines = (count.max(10) as f64).log10();
        let mut ticks =
            vec![Tick { at: 1.0, label: "0%".to_owned() }, Tick { at: 2.0, label: "50%".to_owned() }];
        ticks.extend((1..=nines.floor() as i32).map(|nine| {
            let decimals = usize::try_from(nine - 2).unwrap_or(0);
            Tick {
                at: 10_f64.powi(nine),
                label: format!("{:.decimals$}%", 100.0 - 100.0 / 10_f64.powi(nine)),
            }
        }));
        let title = "Percentile of requests (each further nine has the same width)".to_owned();
        Self::new(title, (1.0, 10_f64.powf(nines)), true, ticks).of(Measure::Percentile)
    }

    fn new(title: String, (low, high): (f64, f64), logarithmic: bool, ticks: Vec<Tick>) -> Self {
        Self { title, low, high, logarithmic, ticks, measure: Measure::Number, choice: false }
    }

    /// The same, with values that are more than numbers.
    pub(super) fn of(self, measure: Measure) -> Self {
        Self { measure, ..self }
    }

    /// The same as an axis of latencies, which are looked at in both ways.
    pub(super) fn of_latencies(self) -> Self {
        Self { choice: true, ..self }
    }

    /// Where a value stands, 0 to 1 from the axis' foot; values beyond an end stand at it. `None` for what is no number.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        if value.is_nan() {
            return None;
        }
        let value = value.clamp(self.low, self.high);
        let place = if self.logarithmic {
            (value / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        place.is_finite().then_some(place)
    }
}

/// A unit of time for a whole axis: its name, and how many microseconds it has.
pub(super) fn time_unit(highest_us: f64) -> (&'static str, f64) {
    match highest_us {
        us if us < 1e3 => ("us", 1.0),
        us if us < 1e6 => ("ms", 1e3),
        _ => ("s", 1e6),
    }
}

/// A unit of size for a whole axis: its name, and how many bytes it has.
pub(super) fn size_unit(highest_bytes: f64) -> (&'static str, f64) {
    match highest_bytes {
        bytes if bytes < 1024.0 * 1024.0 => ("KiB", 1024.0),
        bytes if bytes < 4.0 * 1_073_741_824.0 => ("MiB", 1_048_576.0),
        _ => ("GiB", 1_073_741_824.0),
    }
}

/// 1, 2 or 5 times a power of ten, not below `least`.
fn round_step(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * power >= least * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * power
}

/// The same for time, where 15, 30 and their like are rounder than 20 and 50 once a minute is reached.
fn time_step(least: f64) -> f64 {
    if least <= 10.0 || least > 60.0 {
        return round_step(least);
    }
    [15.0, 20.0, 30.0, 60.0].into_iter().find(|&step| step >= least).unwrap_or(60.0)
}

/// A tick with as many decimals as tell it from the next one, in thousands where `size` has five digits, and so on.
fn tick(at: f64, step: f64, size: f64) -> Tick {
    let (scaled, scale, suffix) = match size.abs().max(step) {
        size if size >= 1e9 => (at / 1e9, 1e9, "G"),
        size if size >= 1e6 => (at / 1e6, 1e6, "M"),
        size if size >= 1e4 => (at / 1e3, 1e3, "k"),
        _ => (at, 1.0, ""),
    };
    let decimals = (-(step / scale).log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
    let label = if at == 0.0 { "0".to_owned() } else { format!("{scaled:.decimals$}{suffix}") };
    Tick { at, label }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn from_zero() {
        for (highest, expected) in [
            (0.0, &["0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"][..]),
            (f64::NAN, &["0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]),
            (52_300.0, &["0", "10k", "20k", "30k", "40k", "50k", "60k"]),
            (23_460.0, &["0", "5k", "10k", "15k", "20k", "25k"]),
            (10e6, &["0", "2M", "4M", "6M", "8M", "10M", "12M"]),
            (7.0, &["0", "2", "4", "6", "8"]),
        ] {
            let axis = Axis::from_zero("", highest);
            assert_eq!(labels(&axis), expected, "{highest}");
            assert!(!highest.is_finite() || axis.high > highest);
        }
    }

    #[test]
    fn logarithmic() {
        for (lowest, highest, expected) in [
            (18.0, 108.0, &["10", "20", "50", "100", "200"][..]),
            (0.03, 3_600_000.0, &["0.1", "1", "10", "100", "1000", "10k", "100k", "1M"]),
            (0.0, 0.0, &["0.1", "0.2", "0.5", "1", "2"]),
        ] {
            assert_eq!(labels(&Axis::logarithmic("", lowest, highest)), expected, "{lowest} {highest}");
        }
    }

    #[test]
    fn around() {
        for (low, high, expected) in [
            (0.981, 1.013, &["0.98", "0.99", "1.00", "1.01", "1.02"][..]),
            (1.0, 1.0, &["0.9998", "1.0000", "1.0002"]),
            (f64::NAN, 1.0, &["-0.2", "0", "0.2", "0.4", "0.6", "0.8", "1.0", "1.2"]),
        ] {
            assert_eq!(labels(&Axis::around("", low, high)), expected, "{low} {high}");
        }
    }

    #[test]
    fn time() {
        for (first_s, last_s, title, expected) in [
            (0.0, 12.0, "t (s)", &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"][..]),
            (
                0.0,
                0.5,
                "t (s)",
                &["0", "0.05", "0.10", "0.15", "0.20", "0.25", "0.30", "0.35", "0.40", "0.45", "0.50"],
            ),
            (0.0, 90.0, "t (s)", &["0", "10", "20", "30", "40", "50", "60", "70", "80", "90"]),
            (
                0.0,
                3600.0,
                "t (min)",
                &["0", "5", "10", "15", "20", "25", "30", "35", "40", "45", "50", "55", "60"],
            ),
            (
                5.0,
                5.0,
                "t (s)",
                &["5.0", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6", "5.7", "5.8", "5.9", "6.0"],
            ),
        ] {
            let (axis, _) = Axis::time("t", first_s, last_s);
            assert_eq!(
                (axis.title.as_str(), labels(&axis)),
                (title, expected.to_vec()),
                "{first_s} {last_s}"
            );
        }
    }

    #[test]
    fn percentiles() {
        for (count, expected) in
            [(0, &["0%", "50%", "90%"][..]), (12_000, &["0%", "50%", "90%", "99%", "99.9%", "99.99%"])]
        {
            assert_eq!(labels(&Axis::percentiles(count)), expected);
        }
    }

    #[test]
    fn places() {
        let axis = Axis::from_zero("", 5.0);
        assert_eq!(axis.place(0.0), Some(0.0));
        assert_eq!(axis.place(-1.0), Some(0.0));
        assert_eq!(axis.place(f64::INFINITY), Some(1.0));
        assert_eq!(axis.place(f64::NAN), None);
        let axis = Axis::logarithmic("", 1.0, 90.0);
        assert_eq!((axis.place(10.0), axis.place(0.0)), (Some(0.5), Some(0.0)));
    }
}
