//! A search for capacities that is going on: level after level, each a whole run in a fresh process, and then the targets
//! at fractions of their capacities, in turns drawn by lot.
//!
//! Decides nothing: which rate is tried next, and what a run says of it, is the model's (`bench_model::capacity`).

pub(crate) mod conclusion;
mod contenders;

pub(crate) use contenders::resolve;

use crate::compare::Contender;
use crate::failure::Failure;
use crate::live::Position;
use crate::measurement::{Measurement, disturbed_by_the_machine, undisturbed};
use crate::progress::Progress;
use crate::report::amount;
use crate::report::capacity::words;
use crate::results::{CapacityFolder, Spot};
use crate::signals::Signals;
use bench_model::capacity::{
    CapacityPlan, Judgement, Level, LevelFigures, Search, Step, Turn, at_rate, rounded,
};
use bench_model::report::RunReport;
use bench_model::warning::Verdict;

/// A search and what it takes to make it.
pub(crate) struct Seeker<'a> {
    pub(crate) plan: &'a CapacityPlan,
    pub(crate) contenders: &'a [Contender],
    pub(crate) folder: &'a CapacityFolder,
    pub(crate) signals: &'a Signals,
    pub(crate) progress: &'a Progress,
}

impl Seeker<'_> {
    /// Searches for the capacity of one target after the other, then runs those that have one at fractions of it; to
    /// the end, or until a signal comes.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut capacities_per_s = Vec::new();
        for target in 0..self.contenders.len() {
            match self.search(target)? {
                Some(search) => capacities_per_s.push(search.capacity_per_s()),
                None => return Ok(()),
            }
        }
        if self.plan.compares() && capacities_per_s.iter().flatten().count() > 1 {
            self.fractions(&capacities_per_s)?;
        }
        Ok(())
    }

    /// The search for one capacity to its end, or nothing if a signal came.
    fn search(&self, target: usize) -> Result<Option<Search>, Failure> {
        let mut search = Search::new(self.plan.search);
        let mut number = 0;
        while let Step::Try { rate_per_s, purpose } = search.next() {
            number += 1;
            let spot = self.folder.level(self.plan, target, number, rate_per_s);
            self.position(target, format!("level {number}, {}/s", words::rate(rate_per_s)));
            let judge = |report: &RunReport| Judgement::of(&self.plan.slo, report);
            let again = |report: &RunReport| {
                let judgement = judge(report);
                judgement.is_worth_repeating().then_some(judgement.codes)
            };
            let Some(report) = self.run_undisturbed(target, rate_per_s, &spot, &again)? else {
                return Ok(None);
            };
            let level = Level {
                number,
                rate_per_s,
                purpose,
                judgement: judge(&report),
                figures: LevelFigures::of(&report),
                warnings: report.warnings,
            };
            search.record(level.judgement.answer);
            self.tell(target, &words::progress(&self.plan.slo, &level));
        }
        self.tell(target, &words::ended(&search));
        Ok(Some(search))
    }

    /// Every target that has a capacity at every fraction of it, so many times.
    fn fractions(&self, capacities_per_s: &[Option<f64>]) -> Result<(), Failure> {
        for block in 0..self.plan.fraction_runs {
            for (index, Turn { target, fraction }) in self.plan.turns(block).into_iter().enumerate() {
                let Some(capacity_per_s) = capacities_per_s[target] else { continue };
                let rate_per_s = rounded(capacity_per_s * self.plan.fractions[fraction]);
                let spot = self.folder.fraction(self.plan, block, index);
                let part = words::part(self.plan.fractions[fraction]);
                let place = format!("{part} of its capacity, {} of {}", block + 1, self.plan.fraction_runs);
                self.position(target, place);
                let run = self.run_undisturbed(target, rate_per_s, &spot, &disturbed_by_the_machine)?;
                let Some(report) = run else {
                    return Ok(());
                };
                let verdict = if report.verdict == Verdict::Invalid { "  INVALID" } else { "" };
                let figures = &report.summary.latency_us;
                self.tell(
                    target,
                    &format!(
                        "{:>8}/s  P99 {:>9}{verdict}  ({} of its capacity, {} of {})",
                        amount::number(rate_per_s),
                        amount::latency_us(figures, "P99", figures.p99),
                        words::part(self.plan.fractions[fraction]),
                        block + 1,
                        self.plan.fraction_runs
                    ),
                );
            }
        }
        Ok(())
    }

    /// One run, made again at once while `again` names what disturbed it. Nothing if a signal came.
    fn run_undisturbed(
        &self,
        target: usize,
        rate_per_s: f64,
        spot: &Spot,
        again: &dyn Fn(&RunReport) -> Option<Vec<String>>,
    ) -> Result<Option<RunReport>, Failure> {
        undisturbed(&mut || self.run_one(target, rate_per_s, spot), again, &|number, why| {
            let rate = amount::number(rate_per_s);
            self.tell(target, &format!("{rate:>8}/s  was disturbed ({why}) and is made again"));
            self.folder.set_aside(spot, number)
        })
    }

    /// One run, or what to do now that it cannot be made.
    fn run_one(&self, target: usize, rate_per_s: f64, spot: &Spot) -> Result<Option<RunReport>, Failure> {
        self.measure(target, rate_per_s, spot).map_err(|failure| match failure {
            Failure::CouldNotRun(error) => Failure::CouldNotRun(error.context(format!(
                "{} at {}/s: the run could not be made. What was measured before is kept in {}",
                self.contenders[target].label,
                amount::number(rate_per_s),
                self.folder.path().display()
            ))),
            other => other,
        })
    }

    /// Measures in a process of its own and stores the run. Nothing if a signal came, in which case it is not kept.
    fn measure(&self, target: usize, rate_per_s: f64, spot: &Spot) -> Result<Option<RunReport>, Failure> {
        let contender = &self.contenders[target];
        let plan = at_rate(&contender.resolved.plan, rate_per_s);
        let folder = self.folder.begin(spot)?;
        self.progress.name(&format!("{} {}/s", contender.label, amount::number(rate_per_s)));
        let run = Measurement { machine: &self.plan.machine, signals: self.signals, progress: self.progress };
        run.make(&plan, &contender.resolved, folder)
    }

    /// Says which run follows. How many levels a search takes, nobody knows.
    fn position(&self, target: usize, place: String) {
        self.progress.position(Position { label: self.contenders[target].label.clone(), place, left: None });
    }

    /// Says a line, with the target's name before it where there are several.
    fn tell(&self, target: usize, text: &str) {
        let labels = || self.contenders.iter().map(|contender| contender.label.as_str());
        let width = labels().map(|label| label.chars().count()).max().unwrap_or(0);
        let label = labels().nth(target).filter(|_| self.contenders.len() > 1).unwrap_or_default();
        let width = if self.contenders.len() > 1 { width + 2 } else { 0 };
        self.progress.line(&format!("{label:<width$}{text}"));
    }
}
