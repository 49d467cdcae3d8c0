//! When a target is warm: two windows in a row whose throughput differs by little or, where throughput is the schedule's,
//! whose work does.

use crate::quantity::parse_duration;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Throughputs of two windows that differ by less than this part are the same.
pub const TOLERANCE: f64 = 0.02;
/// Work per request of two windows that differs by less than this part is the same. It scatters more than throughput, and
/// what it has to find is a runtime that still compiles, which takes up to several times the CPU.
pub const WORK_TOLERANCE: f64 = 0.10;
/// Length of one window.
pub const WINDOW: Duration = Duration::from_secs(5);
/// The usual limit: a target that is not steady by then is measured all the same, with a warning.
pub const CAP: Duration = Duration::from_secs(30);

/// How long to warm up: written `auto`, `auto:90s`, or a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WarmUp {
    /// Until steady, at most this long: [`CAP`] unless it is written.
    Auto(Duration),
    /// This long, whatever happens; zero for none.
    Fixed(Duration),
}

impl Default for WarmUp {
    fn default() -> Self {
        Self::Auto(CAP)
    }
}

impl std::str::FromStr for WarmUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("auto") {
            Some("") => Ok(Self::default()),
            Some(cap) => {
                let cap = cap.strip_prefix(':').and_then(|cap| parse_duration(cap).ok());
                let cap = cap.filter(|&cap| cap >= 2 * WINDOW).ok_or_else(|| {
                    let least = (2 * WINDOW).as_secs();
                    format!("`{text}` is no warm-up: write auto, auto:90s (at least {least}s), or a time such as 5s")
                })?;
                Ok(Self::Auto(cap))
            }
            None => parse_duration(text).map(Self::Fixed).map_err(|error| format!("{error}, or auto")),
        }
    }
}

impl TryFrom<String> for WarmUp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<WarmUp> for String {
    fn from(warmup: WarmUp) -> Self {
        match warmup {
            WarmUp::Auto(CAP) => "auto".to_owned(),
            WarmUp::Auto(cap) => format!("auto:{}s", cap.as_secs_f64()),
            WarmUp::Fixed(length) => format!("{}s", length.as_secs_f64()),
        }
    }
}

/// What the warm-up says after another interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warmth {
    /// Go on warming.
    Cold,
    /// Measure from the next interval on.
    Warm,
    /// Measure from the next interval on, and warn: the cap was reached first.
    Capped,
}

/// What an interval of the warm-up shows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Warming {
    /// Verified responses.
    pub transactions: u64,
    /// CPU time that the target used, in seconds; absent where it is not known, or throughput says enough.
    pub work_s: Option<f64>,
}

/// Judges a warm-up from its intervals so far: by the work per request if it is known of all of them, else by throughput.
#[must_use]
pub fn judge(warmup: WarmUp, interval: Duration, warming: &[Warming]) -> Warmth {
    let intervals = |length: Duration| (length.as_secs_f64() / interval.as_secs_f64() - 1e-9).ceil() as usize;
    match warmup {
        WarmUp::Fixed(length) if warming.len() >= intervals(length) => Warmth::Warm,
        WarmUp::Fixed(_) => Warmth::Cold,
        WarmUp::Auto(cap) => {
            let window = intervals(WINDOW);
            // Windows stand side by side: tried again every second, a test this narrow would pass by chance on a hump.
            let steady = warming.len() >= 2 * window && warming.len().is_multiple_of(window) && {
                let (earlier, later) = warming[warming.len() - 2 * window..].split_at(window);
                same(earlier, later)
            };
            match steady {
                true => Warmth::Warm,
                false if warming.len() >= intervals(cap) => Warmth::Capped,
                false => Warmth::Cold,
            }
        }
    }
}

fn same(earlier: &[Warming], later: &[Warming]) -> bool {
    let requests = |window: &[Warming]| window.iter().map(|one| one.transactions).sum::<u64>() as f64;
    let work_s = |window: &[Warming]| window.iter().map(|one| one.work_s).sum::<Option<f64>>();
    let near = |earlier: f64, later: f64, tolerance: f64| {
        earlier > 0.0 && ((later - earlier) / earlier).abs() < tolerance
    };
    match (work_s(earlier), work_s(later)) {
        (Some(before_s), Some(after_s)) if requests(earlier) > 0.0 && requests(later) > 0.0 => {
            near(before_s / requests(earlier), after_s / requests(later), WORK_TOLERANCE)
        }
        _ => near(requests(earlier), requests(later), TOLERANCE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements() {
        let second = Duration::from_secs(1);
        let fixed = |ms| WarmUp::Fixed(Duration::from_millis(ms));
        let (auto, longer) = (WarmUp::default(), WarmUp::Auto(Duration::from_secs(40)));
        let growing: Vec<u64> = (0..30).map(|i| 1000 + 100 * i).collect();
        for (warmup, transactions, expected) in [
            (fixed(0), vec![], Warmth::Warm),
            (fixed(2500), vec![1, 1], Warmth::Cold),
            (fixed(2500), vec![1, 1, 1], Warmth::Warm),
            (fixed(3000), vec![1, 1, 1], Warmth::Warm),
            (auto, vec![1000; 9], Warmth::Cold),
            (auto, vec![1000; 10], Warmth::Warm),
            (auto, [vec![1000; 5], vec![1019; 5]].concat(), Warmth::Warm),
            (auto, [vec![1000; 5], vec![1021; 5]].concat(), Warmth::Cold),
            (auto, [vec![1; 7], vec![1000; 10]].concat(), Warmth::Cold),
            (auto, [vec![1; 7], vec![1000; 13]].concat(), Warmth::Warm),
            (auto, growing[..29].to_vec(), Warmth::Cold),
            (auto, growing.clone(), Warmth::Capped),
            (longer, growing.clone(), Warmth::Cold),
            (longer, [growing.clone(), vec![4000; 10]].concat(), Warmth::Warm),
            (auto, vec![0; 29], Warmth::Cold),
            (auto, vec![0; 30], Warmth::Capped),
        ] {
            let warming: Vec<Warming> =
                transactions.iter().map(|&transactions| Warming { transactions, work_s: None }).collect();
            assert_eq!(judge(warmup, second, &warming), expected, "{warmup:?} {transactions:?}");
        }
    }

    #[test]
    fn at_a_fixed_rate_work_decides() {
        let second = Duration::from_secs(1);
        let at = |work_s: f64| Warming { transactions: 1000, work_s: Some(work_s) };
        let compiling: Vec<Warming> = (0..10).map(|i| at(0.5 - 0.03 * f64::from(i))).collect();
        let unknown = Warming { transactions: 1000, work_s: None };
        for (warming, expected) in [
            (vec![at(0.2); 10], Warmth::Warm),
            (compiling.clone(), Warmth::Cold),
            ([compiling, vec![at(0.2); 10]].concat(), Warmth::Warm),
            ([vec![at(0.2); 5], vec![at(0.181); 5]].concat(), Warmth::Warm),
            ([vec![at(0.2); 5], vec![at(0.179); 5]].concat(), Warmth::Cold),
            // What is not known of one interval is known of none.
            ([vec![at(0.4); 4], vec![unknown], vec![at(0.2); 5]].concat(), Warmth::Warm),
            // Nothing was answered: there is no work per request, and no throughput either.
            (vec![Warming { transactions: 0, work_s: Some(0.1) }; 10], Warmth::Cold),
        ] {
            assert_eq!(judge(WarmUp::default(), second, &warming), expected, "{warming:?}");
        }
    }

    #[test]
    fn is_written_as_it_is_read() {
        for text in ["auto", "auto:90s", "2.5s", "0s"] {
            assert_eq!(String::from(text.parse::<WarmUp>().unwrap()), text);
        }
        assert_eq!("auto:30s".parse::<WarmUp>(), Ok(WarmUp::default()));
        for wrong in ["soon", "auto:", "auto:9s", "auto:soon", "automatic"] {
            assert!(wrong.parse::<WarmUp>().is_err(), "{wrong}");
        }
    }
}
