//! The search for a capacity: which rate is tried next. Knows answers, no runs, and no clock.
//!
//! From the start the rate doubles until one does not hold, or halves until one does. Between the two it is tried in the
//! (geometric) middle, until they are within the precision. What held highest is the candidate, and is confirmed by so
//! many runs more.
//!
//! **When a confirmation fails**, the level counts as one that does not hold, for good: nothing at or above it is ever
//! reported. The limit is then no sharp one, and to search for it as if it were would only find the luckiest run. So
//! the next candidate is one precision step lower, and with each further setback the step doubles, up to halving the
//! rate. That is why the search always ends.

use serde::{Deserialize, Serialize};

/// How a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SearchPlan {
    /// The first rate, in requests per second; above 0.
    pub start_per_s: f64,
    /// The highest rate that is tried; at least the first.
    pub max_per_s: f64,
    /// How near what holds and what does not are to come: 0.02 is 2%. At least [`FINEST`].
    pub precision: f64,
    /// Runs beside the first that must hold for a rate to be the capacity; at least 1.
    pub confirmations: usize,
}

/// The finest precision of a search: rates have four significant digits.
pub const FINEST: f64 = 0.005;
/// The lowest rate that is tried, in requests per second, unless the search begins below it.
const LOWEST_PER_S: f64 = 1.0;
/// The most by which a setback lowers the rate.
const LARGEST_STEP: f64 = 2.0;

/// What a run says of its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The target bore it.
    Holds,
    /// It did not.
    Breaks,
    /// Nobody knows, since the generator could not make the load.
    GeneratorLimit,
    /// Nobody knows, since the run was disturbed.
    NoVerdict,
}

/// Why a rate is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// To find the limit.
    Search,
    /// To see whether what held does so again.
    Confirm,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// A rate was confirmed, and a higher one does not hold.
    Found,
    /// The highest rate that may be tried was confirmed: the capacity is that or more.
    MaxRate,
    /// A rate was confirmed, and the generator could not make a higher one: the capacity is that or more.
    GeneratorLimit,
    /// Not even the lowest rate holds.
    NothingHolds,
    /// Not even the lowest rate could be made by the generator.
    NothingMeasured,
    /// A run was disturbed again and again, so that nobody knows.
    NoVerdict,
    /// It has not ended.
    Unfinished,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Try this rate.
    Try {
        /// Requests per second.
        rate_per_s: f64,
        /// Why.
        purpose: Purpose,
    },
    /// Nothing: the search has ended.
    Done(Ending),
}

/// A search that is going on, or has ended.
#[derive(Debug, Clone)]
pub struct Search {
    plan: SearchPlan,
    next: Step,
    /// The highest rate that held and has not failed since.
    held_per_s: Option<f64>,
    /// The lowest rate that did not hold, and whether that was the generator's fault.
    ceiling: Option<(f64, bool)>,
    /// How often the candidate was confirmed.
    confirmed: usize,
    /// Candidates that failed a confirmation, and lower rates that failed after that.
    setbacks: i32,
}

impl Search {
    /// A search at its beginning.
    #[must_use]
    pub fn new(plan: SearchPlan) -> Self {
        let next = Step::Try { rate_per_s: plan.start_per_s, purpose: Purpose::Search };
        Self { plan, next, held_per_s: None, ceiling: None, confirmed: 0, setbacks: 0 }
    }

    /// What is to be done next.
    #[must_use]
    pub fn next(&self) -> Step {
        self.next
    }

    /// The capacity in requests per second: the highest rate that held and was confirmed.
    #[must_use]
    pub fn capacity_per_s(&self) -> Option<f64> {
        self.held_per_s.filter(|_| self.confirmed == self.plan.confirmations)
    }

    /// The highest rate that held, confirmed or not.
    #[must_use]
    pub fn held_per_s(&self) -> Option<f64> {
        self.held_per_s
    }

    /// The lowest rate that did not hold, whoever's fault it was.
    #[must_use]
    pub fn ceiling_per_s(&self) -> Option<f64> {
        self.ceiling.map(|(rate_per_s, _)| rate_per_s)
    }

    /// How it ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        match self.next {
            Step::Done(ending) => ending,
            Step::Try { .. } => Ending::Unfinished,
        }
    }

    /// Takes the answer to what was to be done. After the end nothing more is taken.
    pub fn record(&mut self, answer: Answer) {
        let Step::Try { rate_per_s, purpose } = self.next else { return };
        match (answer, purpose) {
            (Answer::NoVerdict, _) => {
                self.next = Step::Done(Ending::NoVerdict);
                return;
            }
            (Answer::Holds, Purpose::Search) => self.held_per_s = Some(rate_per_s),
            (Answer::Holds, Purpose::Confirm) => self.confirmed += 1,
            (Answer::Breaks | Answer::GeneratorLimit, _) => {
                self.ceiling = Some((rate_per_s, answer == Answer::GeneratorLimit));
                if purpose == Purpose::Confirm {
                    self.held_per_s = None;
                    self.confirmed = 0;
                }
                self.setbacks += i32::from(purpose == Purpose::Confirm || self.setbacks > 0);
            }
        }
        self.next = self.step();
    }

    fn step(&self) -> Step {
        let search = |rate_per_s| Step::Try { rate_per_s, purpose: Purpose::Search };
        let SearchPlan { max_per_s, precision, .. } = self.plan;
        match (self.held_per_s, self.ceiling) {
            (Some(held), None) if held < max_per_s => search((2.0 * held).min(max_per_s)),
            (Some(held), Some((ceiling, _))) if self.setbacks == 0 && ceiling > held * (1.0 + precision) => {
                search(rounded((held * ceiling).sqrt()))
            }
            (Some(held), _) => self.confirm(held),
            (None, Some((ceiling, _))) => self.lower(ceiling).map_or_else(|| self.nothing(), search),
            (None, None) => search(self.plan.start_per_s),
        }
    }

    fn confirm(&self, rate_per_s: f64) -> Step {
        if self.confirmed < self.plan.confirmations {
            return Step::Try { rate_per_s, purpose: Purpose::Confirm };
        }
        Step::Done(match self.ceiling {
            None => Ending::MaxRate,
            Some((_, true)) => Ending::GeneratorLimit,
            Some((_, false)) => Ending::Found,
        })
    }

    /// The rate below one that did not hold; none below the lowest.
    fn lower(&self, rate_per_s: f64) -> Option<f64> {
        let factor = match self.setbacks {
            0 => LARGEST_STEP,
            setbacks => (1.0 + self.plan.precision).powi(1 << (setbacks - 1).min(10)).min(LARGEST_STEP),
        };
        let lowest = LOWEST_PER_S.min(self.plan.start_per_s);
        (rate_per_s > lowest).then(|| rounded(rate_per_s / factor).max(lowest))
    }

    fn nothing(&self) -> Step {
        let by_generator = self.ceiling.is_some_and(|(_, by_generator)| by_generator);
        Step::Done(if by_generator { Ending::NothingMeasured } else { Ending::NothingHolds })
    }
}

/// How many rates are tried between one that holds and one twice as high, until they are within the precision.
#[must_use]
pub fn bisections(precision: f64) -> usize {
    (2.0_f64.ln() / precision.ln_1p()).log2().ceil().max(0.0) as usize
}

/// The rate in four significant digits.
#[must_use]
pub fn rounded(rate_per_s: f64) -> f64 {
    // Division by a power of ten is exact where multiplication by its inverse is not: 1234 stays 1234.
    let digits = 3 - rate_per_s.log10().floor() as i32;
    let factor = 10_f64.powi(digits.abs());
    if digits >= 0 { (rate_per_s * factor).round() / factor } else { (rate_per_s / factor).round() * factor }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use proptest::prelude::*;

    const PLAN: SearchPlan =
        SearchPlan { start_per_s: 1000.0, max_per_s: 1e6, precision: 0.02, confirmations: 3 };

    type Tried = Vec<(f64, Purpose, Answer)>;

    /// A search against a simulated target, with all that was tried.
    fn run(plan: SearchPlan, mut target: impl FnMut(f64) -> Answer) -> (Search, Tried) {
        let mut search = Search::new(plan);
        let mut tried = Vec::new();
        while let Step::Try { rate_per_s, purpose } = search.next() {
            let answer = target(rate_per_s);
            tried.push((rate_per_s, purpose, answer));
            assert!(tried.len() < 300, "it does not end: {tried:?}");
            search.record(answer);
        }
        (search, tried)
    }

    fn sharp(limit_per_s: f64) -> impl FnMut(f64) -> Answer {
        move |rate_per_s| if rate_per_s <= limit_per_s { Answer::Holds } else { Answer::Breaks }
    }

    fn rates(tried: &[(f64, Purpose, Answer)]) -> Vec<f64> {
        tried.iter().map(|(rate_per_s, ..)| *rate_per_s).collect()
    }

    #[test]
    fn up_then_between_then_three_times_more() {
        let (search, tried) = run(PLAN, sharp(5900.0));
        let (searched, confirmed) = tried.split_at(10);
        assert_eq!(
            rates(searched),
            [1000.0, 2000.0, 4000.0, 8000.0, 5657.0, 6727.0, 6169.0, 5907.0, 5781.0, 5844.0]
        );
        assert_eq!(confirmed, [(5844.0, Purpose::Confirm, Answer::Holds); 3]);
        assert_eq!((search.ending(), search.capacity_per_s()), (Ending::Found, Some(5844.0)));
        assert_eq!(search.ceiling_per_s(), Some(5907.0));
    }

    #[test]
    fn down_if_the_start_is_too_much() {
        let (search, tried) = run(PLAN, sharp(200.0));
        assert_eq!(rates(&tried)[..6], [1000.0, 500.0, 250.0, 125.0, 176.8, 210.2]);
        assert_eq!((search.ending(), search.capacity_per_s()), (Ending::Found, Some(199.1)));
    }

    #[test]
    fn what_never_holds_and_what_always_does() {
        let (search, tried) = run(PLAN, |_| Answer::Breaks);
        assert_eq!((search.ending(), search.capacity_per_s()), (Ending::NothingHolds, None));
        assert_eq!((tried[tried.len() - 1].0, tried.len()), (1.0, 11));
        let (search, tried) = run(SearchPlan { max_per_s: 3500.0, ..PLAN }, |_| Answer::Holds);
        assert_eq!(rates(&tried), [1000.0, 2000.0, 3500.0, 3500.0, 3500.0, 3500.0]);
        assert_eq!((search.ending(), search.capacity_per_s()), (Ending::MaxRate, Some(3500.0)));
        let (search, tried) = run(SearchPlan { start_per_s: 0.2, ..PLAN }, |_| Answer::Breaks);
        assert_eq!((search.ending(), rates(&tried)), (Ending::NothingHolds, vec![0.2]));
    }

    #[test]
    fn the_generators_limit_is_not_the_targets() {
        let limited = |target_per_s: f64| {
            move |rate_per_s| match rate_per_s {
                rate if rate > 50_000.0 => Answer::GeneratorLimit,
                rate if rate > target_per_s => Answer::Breaks,
                _ => Answer::Holds,
            }
        };
        let (search, _) = run(PLAN, limited(40_000.0));
        assert_eq!(search.ending(), Ending::Found);
        let (search, _) = run(PLAN, limited(90_000.0));
        assert_eq!(search.ending(), Ending::GeneratorLimit);
        let capacity = search.capacity_per_s().unwrap();
        assert!((50_000.0 / 1.02..=50_000.0).contains(&capacity), "{capacity}");
        let (search, _) = run(PLAN, |_| Answer::GeneratorLimit);
        assert_eq!((search.ending(), search.capacity_per_s()), (Ending::NothingMeasured, None));
    }

    #[test]
    fn a_run_without_a_verdict_ends_it() {
        let mut answers = vec![Answer::NoVerdict, Answer::Holds, Answer::Holds];
        let (search, tried) = run(PLAN, |_| answers.pop().unwrap());
        assert_eq!((search.ending(), search.capacity_per_s(), tried.len()), (Ending::NoVerdict, None, 3));
        assert_eq!(search.held_per_s(), Some(2000.0));
    }

    /// What failed its confirmation counts as failing, and the steps down double.
    #[test]
    fn failed_confirmations_lower_the_candidate_by_growing_steps() {
        // The candidate holds in the search and once more, and then no longer.
        let mut repeated = vec![Answer::Breaks, Answer::Holds, Answer::Holds];
        let (search, tried) = run(PLAN, |rate_per_s| match rate_per_s {
            5844.0 => repeated.pop().unwrap_or(Answer::Breaks),
            5729.0 | 5507.0 => Answer::Breaks,
            rate if rate > 5900.0 => Answer::Breaks,
            _ => Answer::Holds,
        });
        assert_eq!(rates(&tried)[10..], [5844.0, 5844.0, 5729.0, 5507.0, 5088.0, 5088.0, 5088.0, 5088.0]);
        assert_eq!((search.capacity_per_s(), search.ceiling_per_s()), (Some(5088.0), Some(5507.0)));
    }

    /// A limit that is no sharp one: a rate 10% below it holds 99 times in 100, one 10% above it once.
    #[test]
    fn a_noisy_target_is_not_flattered() {
        let limit_per_s = 20_000.0;
        let mut found = Vec::new();
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let (search, _) = run(PLAN, |rate_per_s: f64| {
                let holds = 1.0 / (1.0 + (46.0 * (rate_per_s / limit_per_s - 1.0)).exp());
                if random.unit() < holds { Answer::Holds } else { Answer::Breaks }
            });
            found.push(search.capacity_per_s().expect("low rates hold") / limit_per_s);
        }
        found.sort_by(f64::total_cmp);
        let at = |part: f64| found[(part * found.len() as f64) as usize];
        assert!(at(0.5) < 1.0, "the median is {}", at(0.5));
        assert!(at(0.01) > 0.7 && at(0.99) < 1.05, "{} to {}", at(0.01), at(0.99));
    }

    proptest! {
        #[test]
        fn a_sharp_limit_is_found_within_the_precision(
            limit_per_s in 1.1..900_000.0_f64,
            start_per_s in 1.0..10_000.0_f64,
            precision in 0.005..0.3_f64,
        ) {
            let (search, tried) = run(SearchPlan { start_per_s, precision, ..PLAN }, sharp(limit_per_s));
            let capacity = search.capacity_per_s().unwrap();
            prop_assert_eq!(search.ending(), Ending::Found);
            prop_assert!(capacity <= limit_per_s && limit_per_s < capacity * (1.0 + precision) * 1.001);
            prop_assert!(tried.len() <= 25 + bisections(precision), "{} tries", tried.len());
        }

        /// Whatever the runs say, it ends; and what is reported held so many times, with nothing broken at or below it.
        #[test]
        fn it_ends_and_reports_nothing_that_failed(answers in proptest::collection::vec(0..8_u8, 1..60)) {
            let mut answers = answers.into_iter().cycle();
            let (search, tried) = run(PLAN, |_| match answers.next() {
                Some(0 | 1) => Answer::Breaks,
                Some(2) => Answer::GeneratorLimit,
                _ => Answer::Holds,
            });
            prop_assert!(tried.len() < 150, "{} tries", tried.len());
            if let Some(capacity) = search.capacity_per_s() {
                let last = &tried[tried.len() - 3..];
                prop_assert!(last.iter().all(|tried| *tried == (capacity, Purpose::Confirm, Answer::Holds)));
                let broken = tried.iter().filter(|(.., answer)| *answer != Answer::Holds);
                prop_assert!(broken.into_iter().all(|(rate_per_s, ..)| *rate_per_s > capacity));
            }
        }

        #[test]
        fn four_digits(rate_per_s in 0.001..1e9_f64) {
            let shown = rounded(rate_per_s);
            prop_assert!((shown / rate_per_s - 1.0).abs() < 0.0006);
            prop_assert_eq!(rounded(shown), shown);
        }
    }

    #[test]
    fn levels_between() {
        for (precision, expected) in [(0.02, 6), (0.005, 8), (0.2, 2), (1.0, 0)] {
            assert_eq!(bisections(precision), expected, "{precision}");
        }
        assert_eq!([rounded(1234.4), rounded(12_345.6), rounded(3.333_33)], [1234.0, 12_350.0, 3.333]);
    }
}
