//! When each request of an open load is due. Pure: neither a clock nor an answer changes a due time.
//!
//! The schedule is a count that grows with time, `N(t)`: request `n` of an even load is due when `N(t) = n`. A Poisson
//! process of the same, changing, rate is one of rate 1 on the axis of `N` (Çınlar, Introduction to Stochastic
//! Processes, 1975, chapter 4.7: inversion of the integrated rate), so that its requests are due when `N(t)` reaches the sums of
//! exponential numbers.

use super::{Arrivals, Stage};
use crate::random::Random;

/// The due times of the requests that one of several workers sends.
///
/// All workers together send every request of the schedule once, and which those are does not depend on how many
/// workers there are: each goes through the whole sequence and takes every so-many-th.
#[derive(Debug, Clone)]
pub struct Pacer {
    stages: Vec<Stage>,
    arrivals: Arrivals,
    random: Random,
    workers: usize,
    /// When the stages begin, in seconds after the load began; before that the first one's beginning goes on.
    window_s: f64,
    /// Where `N` stands when the next request is due.
    position: f64,
    due_ns: u64,
}

impl Pacer {
    /// The due times of worker `index` of `workers`. Until [`Self::begin_window`] the first stage's first rate goes on.
    ///
    /// # Panics
    /// When there is no stage.
    #[must_use]
    pub fn new(stages: &[Stage], arrivals: Arrivals, seed: u64, index: usize, workers: usize) -> Self {
        assert!(!stages.is_empty(), "an open load has a stage");
        let mut pacer = Self {
            stages: stages.to_vec(),
            arrivals,
            random: Random::new(seed),
            workers: workers.max(1),
            window_s: f64::INFINITY,
            position: 0.0,
            due_ns: 0,
        };
        match arrivals {
            Arrivals::Uniform => pacer.position = index as f64,
            Arrivals::Poisson => pacer.step(index + 1),
        }
        pacer.due_ns = pacer.time_ns();
        pacer
    }

    /// When the next request is due, in nanoseconds after the load began.
    #[inline]
    #[must_use]
    pub fn due_ns(&self) -> u64 {
        self.due_ns
    }

    /// Goes on to the request after it.
    #[inline]
    pub fn advance(&mut self) {
        match self.arrivals {
            Arrivals::Uniform => self.position += self.workers as f64,
            Arrivals::Poisson => self.step(self.workers),
        }
        self.due_ns = self.time_ns();
    }

    /// Lets the stages begin, so many nanoseconds after the load began. Only the first call counts.
    pub fn begin_window(&mut self, after_ns: u64) {
        if self.window_s.is_infinite() {
            self.window_s = after_ns as f64 / 1e9;
            self.due_ns = self.time_ns();
        }
    }

    fn step(&mut self, requests: usize) {
        for _ in 0..requests {
            // 1 less a number from 0 (included) to 1 (excluded) is never 0.
            self.position -= (1.0 - self.random.unit()).ln();
        }
    }

    /// The time at which `N` reaches the position, in nanoseconds.
    fn time_ns(&self) -> u64 {
        let first_per_s = self.stages[0].from_per_s;
        let before_window_s = self.position / first_per_s;
        let elapsed_s = if before_window_s <= self.window_s {
            before_window_s
        } else {
            self.window_s + self.in_window_s(self.position - first_per_s * self.window_s)
        };
        (elapsed_s * 1e9).round() as u64
    }

    /// How many seconds after the window's beginning so many requests are due. The last rate goes on.
    fn in_window_s(&self, mut requests: f64) -> f64 {
        let mut elapsed_s = 0.0;
        for stage in &self.stages {
            if requests <= stage.requests() {
                return elapsed_s + stage.elapsed_s(requests);
            }
            requests -= stage.requests();
            elapsed_s += stage.duration_s;
        }
        elapsed_s + requests / self.stages[self.stages.len() - 1].to_per_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stages(texts: &[&str]) -> Vec<Stage> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn first(mut pacer: Pacer, count: usize) -> Vec<u64> {
        let mut due = Vec::new();
        for _ in 0..count {
            due.push(pacer.due_ns());
            pacer.advance();
        }
        due
    }

    #[test]
    fn even_arrivals() {
        let thousand = Pacer::new(&stages(&["1k:10s"]), Arrivals::Uniform, 1, 0, 1);
        assert_eq!(first(thousand, 4), [0, 1_000_000, 2_000_000, 3_000_000]);
        let third = Pacer::new(&stages(&["3:10s"]), Arrivals::Uniform, 1, 0, 1);
        assert_eq!(first(third, 4), [0, 333_333_333, 666_666_667, 1_000_000_000]);
    }

    #[test]
    fn no_time_is_lost_by_rounding() {
        let mut pacer = Pacer::new(&stages(&["7k:10s"]), Arrivals::Uniform, 1, 0, 1);
        (0..7_000_000).for_each(|_| pacer.advance());
        assert_eq!(pacer.due_ns(), 1_000_000_000_000);
    }

    #[test]
    fn workers_share_one_schedule() {
        for arrivals in [Arrivals::Uniform, Arrivals::Poisson] {
            let stages = stages(&["1k:1s", "1k..2k:2s"]);
            let alone = first(Pacer::new(&stages, arrivals, 9, 0, 1), 300);
            let mut shared: Vec<u64> =
                (0..3).flat_map(|index| first(Pacer::new(&stages, arrivals, 9, index, 3), 100)).collect();
            shared.sort_unstable();
            assert_eq!(shared, alone, "{arrivals}");
        }
    }

    /// Requests that are due in each second.
    fn each_second(mut pacer: Pacer, seconds: usize) -> Vec<u64> {
        let mut counts = vec![0; seconds];
        while let Some(count) = counts.get_mut((pacer.due_ns() / 1_000_000_000) as usize) {
            *count += 1;
            pacer.advance();
        }
        counts
    }

    #[test]
    fn stages_begin_with_the_window_and_the_last_rate_goes_on() {
        let mut pacer = Pacer::new(&stages(&["100:2s", "100..500:2s", "50:1s"]), Arrivals::Uniform, 1, 0, 1);
        pacer.begin_window(3_000_000_000);
        pacer.begin_window(9_000_000_000);
        assert_eq!(each_second(pacer, 10), [100, 100, 100, 100, 100, 200, 400, 50, 50, 50]);
    }

    /// A worker hears of the window's beginning a little after it. The due times are those of one that knew.
    #[test]
    fn hearing_late_changes_nothing_within_the_first_stage() {
        let stages = stages(&["100:2s", "1k:2s"]);
        let mut early = Pacer::new(&stages, Arrivals::Poisson, 5, 0, 1);
        let mut late = early.clone();
        early.begin_window(1_000_000_000);
        let known = first(early, 800);
        let mut heard: Vec<u64> = Vec::new();
        for _ in 0..800 {
            if late.due_ns() >= 1_020_000_000 {
                late.begin_window(1_000_000_000);
            }
            heard.push(late.due_ns());
            late.advance();
        }
        assert!(known.iter().zip(&heard).all(|(known, heard)| known.abs_diff(*heard) <= 1));
    }

    /// The gaps of a Poisson process of rate r: mean and standard deviation are both 1/r, and a part exp(-1) is longer
    /// than the mean. With 200,000 gaps the bounds are four standard errors wide or more.
    #[test]
    fn poisson_arrivals_are_exponential() {
        let due = first(Pacer::new(&stages(&["1k:10s"]), Arrivals::Poisson, 7, 0, 1), 200_001);
        let gaps: Vec<f64> = due.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e6).collect();
        let count = gaps.len() as f64;
        let mean = gaps.iter().sum::<f64>() / count;
        let deviation = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count).sqrt();
        let longer = gaps.iter().filter(|&&gap| gap > 1.0).count() as f64 / count;
        assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
        assert!((deviation - 1.0).abs() < 0.015, "deviation {deviation}");
        assert!((longer - (-1.0_f64).exp()).abs() < 0.005, "longer {longer}");
    }

    #[test]
    fn a_poisson_ramp_has_the_ramps_counts() {
        let pacer = || Pacer::new(&stages(&["1k..9k:8s"]), Arrivals::Poisson, 3, 0, 1);
        let mut ramped = pacer();
        ramped.begin_window(0);
        for (second, &count) in each_second(ramped, 8).iter().enumerate() {
            let expected = 1000.0 * (second as f64 + 1.5);
            // Four standard deviations of a Poisson count.
            assert!((count as f64 - expected).abs() < 4.0 * expected.sqrt(), "{second}: {count}");
        }
        assert_eq!(first(pacer(), 50), first(pacer(), 50), "a seed gives the same times again");
    }
}
