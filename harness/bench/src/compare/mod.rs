//! A comparison that is going on: builds and checks everyone, then runs block after block, each run in a fresh process.
//!
//! Decides nothing about figures: what the runs say is computed from what is stored (`conclusion.rs`).

pub(crate) mod announcement;
pub(crate) mod base;
mod claims;
pub(crate) mod conclusion;
mod entrants;
mod estimate;
mod sweep;

pub(crate) use entrants::{
    Contender, distinct, is_url, require_same, require_same_machine, resolve, resolve_one, resume, take_load,
};
pub(crate) use estimate::Estimate;

use crate::build::Surroundings;
use crate::commands::check::Check;
use crate::contract::{self, Options};
use crate::event::Event;
use crate::failure::{Failure, say};
use crate::live::Position;
use crate::measurement::{Measurement, disturbed_by_the_machine, undisturbed};
use crate::progress::Progress;
use crate::report::amount;
use crate::results::ComparisonFolder;
use crate::signals::Signals;
use anyhow::anyhow;
use bench_model::comparison::{ComparisonPlan, Slot};
use bench_model::metric::Counted;
use bench_model::plan::TargetPlan;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::time::Instant;

/// Lost blocks in a row, from the first on, after which a comparison gives up: its load is not one that everyone bears.
const HOPELESS: usize = 3;

/// How long runs take.
#[derive(Debug, Default)]
struct Pace {
    runs: usize,
    total_s: f64,
}

impl Pace {
    fn add(&mut self, run_s: f64) {
        self.runs += 1;
        self.total_s += run_s;
    }

    fn mean_s(&self) -> f64 {
        self.total_s / self.runs.max(1) as f64
    }
}

/// A comparison and what it takes to go on with it.
pub(crate) struct Comparer<'a> {
    pub(crate) plan: &'a ComparisonPlan,
    pub(crate) contenders: &'a [Contender],
    pub(crate) folder: &'a ComparisonFolder,
    pub(crate) signals: &'a Signals,
    pub(crate) progress: &'a Progress,
}

/// Builds what has to be built, and keeps what it was built from.
pub(crate) fn build(
    contenders: &mut [Contender],
    signals: &Signals,
    progress: &Progress,
) -> Result<(), Failure> {
    let show = |event: &Event<'_>| progress.show(event);
    for_each_target(contenders, |contender| {
        let built = contender.resolved.build(&Surroundings { signals, show: &show });
        progress.clear();
        built
    })
}

/// Checks everyone against the contract, where the scenario is about it: who fails is not measured.
pub(crate) fn check(
    contenders: &mut [Contender],
    signals: &Signals,
    progress: &Progress,
) -> Result<(), Failure> {
    let show = |event: &Event<'_>| progress.show(event);
    let options = Options::quick();
    let check = Check { options: &options, signals, show: &show };
    for_each_target(contenders, |contender| {
        if !contract::covers(&contender.resolved.plan) {
            return Ok(());
        }
        progress.line(&format!("checking {} against the contract of all targets", contender.label));
        progress.name(&contender.label);
        let report = match &contender.resolved.plan.target {
            TargetPlan::Managed { manifest } => {
                contract::allowed(&manifest.waive)
                    .map_err(|error| Failure::usage(anyhow!("{}: {error}", contender.label)))?;
                check.target(manifest, contender.resolved.target_folder.as_deref())
            }
            TargetPlan::Url { url, pid } => check.url(url, *pid),
        };
        progress.clear();
        let report = report?;
        if !report.passed() {
            let failed: Vec<&str> = report.failed().map(|case| case.id).collect();
            return Err(anyhow!(
                "{} fails the contract of all targets ({}), so its figures would be of another service: see `bench check`, \
                 or measure it all the same with --no-check",
                contender.label,
                failed.join(", ")
            )
            .into());
        }
        contender.contract = Some(report.result());
        Ok(())
    })
}

/// Does what is done once to a target: at the values of a sweep it is the same build, with the same answers.
fn for_each_target(
    contenders: &mut [Contender],
    mut act: impl FnMut(&mut Contender) -> Result<(), Failure>,
) -> Result<(), Failure> {
    for index in 0..contenders.len() {
        let (before, rest) = contenders.split_at_mut(index);
        let contender = &mut rest[0];
        match before.last().filter(|last| contender.setting.is_some() && last.is_same_target(contender)) {
            Some(last) => {
                contender.resolved.built.clone_from(&last.resolved.built);
                contender.contract.clone_from(&last.contract);
            }
            None => act(contender)?,
        }
    }
    Ok(())
}

impl Comparer<'_> {
    /// Runs blocks until as many can be used as were asked for, or a signal comes. Blocks that are lost to invalid runs
    /// are replaced, as far as [`ComparisonPlan::attempts`] goes.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut usable = 0;
        let mut pace = Pace::default();
        for block in 0..self.plan.attempts() {
            if usable == self.plan.blocks {
                break;
            }
            if self.folder.is_complete(self.plan, block) {
                usable += usize::from(self.folder.is_usable(self.plan, block)?);
                continue;
            }
            self.folder.clear(block)?;
            match self.run_block(block, self.plan.blocks - usable, &mut pace)? {
                Some(true) => usable += 1,
                Some(false) => {}
                None => return Ok(()),
            }
            if usable == 0 && block + 1 == HOPELESS && self.plan.blocks > HOPELESS {
                return Err(Failure::GaveUp(anyhow!(
                    "the first {HOPELESS} blocks were all lost to invalid runs, for the reasons above: mend that, lower \
                     --conns, or leave the target out, before comparing under this load"
                )));
            }
        }
        Ok(())
    }

    /// One block, of `missing` that are still needed: whether it can be used, or nothing if a signal came.
    fn run_block(&self, block: usize, missing: usize, pace: &mut Pace) -> Result<Option<bool>, Failure> {
        let order = self.plan.order(block);
        let mut invalid = Vec::new();
        for (turn, &slot) in order.iter().enumerate() {
            let left = (missing - 1) * order.len() + order.len() - turn;
            self.progress.position(Position {
                label: self.plan.label(slot),
                place: format!(
                    "block {} of {}, run {} of {}",
                    block + 1,
                    block + missing,
                    turn + 1,
                    order.len()
                ),
                left: (pace.runs > 0).then(|| estimate::length(pace.mean_s() * left as f64)),
            });
            let Some(report) = self.run_undisturbed(block, turn, slot, pace)? else {
                return Ok(None);
            };
            // The blocks that were lost come on top of those that were planned.
            self.tell((block, block + missing), slot, &report, pace.mean_s() * (left - 1) as f64);
            if report.verdict == Verdict::Invalid {
                invalid.push((slot, report));
            }
        }
        for (slot, report) in &invalid {
            self.tell_lost(block, *slot, report);
        }
        Ok(Some(invalid.is_empty()))
    }

    /// One run, made again at once where the machine and nobody else made it invalid. What was disturbed is kept aside.
    fn run_undisturbed(
        &self,
        block: usize,
        turn: usize,
        slot: Slot,
        pace: &mut Pace,
    ) -> Result<Option<RunReport>, Failure> {
        let mut make = || {
            let began = Instant::now();
            let report = self.run_one(block, turn, slot)?;
            pace.add(began.elapsed().as_secs_f64());
            Ok(report)
        };
        undisturbed(&mut make, &disturbed_by_the_machine, &|number, why| {
            let (block, label) = (block + 1, self.plan.label(slot));
            self.progress
                .line(&format!("block {block}: the run of {label} was disturbed ({why}) and is made again"));
            self.folder.set_aside(self.plan, block - 1, turn, number)
        })
    }

    /// One run, or what to do now that it cannot be made.
    fn run_one(&self, block: usize, turn: usize, slot: Slot) -> Result<Option<RunReport>, Failure> {
        self.measure(block, turn, slot).map_err(|failure| match failure {
            Failure::CouldNotRun(error) => Failure::CouldNotRun(error.context(format!(
                "block {}, {}: the run could not be made. Finished blocks are kept; once it is mended, go on with \
                 `bench compare --resume {}`",
                block + 1,
                self.plan.label(slot),
                self.plan.id
            ))),
            other => other,
        })
    }

    /// Measures in a process of its own and stores the run. Nothing if a signal came, in which case it is not kept.
    fn measure(&self, block: usize, turn: usize, slot: Slot) -> Result<Option<RunReport>, Failure> {
        let index = match slot {
            Slot::Entrant(index) => index,
            Slot::Control => 0,
        };
        let contender = &self.contenders[index];
        let folder = self.folder.begin_run(self.plan, block, turn)?;
        self.progress.name(&self.plan.label(slot));
        let run = Measurement { machine: &self.plan.machine, signals: self.signals, progress: self.progress };
        run.make(&contender.resolved.plan, &contender.resolved, folder)
    }

    /// Says what one run of a block came to, and which block that is `of` how many.
    fn tell(&self, (block, of): (usize, usize), slot: Slot, report: &RunReport, left_s: f64) {
        let width = self.plan.slots().iter().map(|&slot| self.plan.label(slot).len()).max().unwrap_or(0);
        let blocks = of.to_string();
        let verdict = if report.verdict == Verdict::Invalid { "  INVALID" } else { "" };
        self.progress.line(&format!(
            "block {:>digits$}/{blocks}  {:width$}  {:>7} {}  P99 {:>8}{verdict}  {}",
            block + 1,
            self.plan.label(slot),
            amount::number(report.summary.items_per_s()),
            if self.plan.counted() == Counted::Items { "items/s" } else { "TPS" },
            amount::latency_us(&report.summary.latency_us, "p99", report.summary.latency_us.p99),
            if left_s < 1.0 { "done".to_owned() } else { format!("{} left", estimate::length(left_s)) },
            digits = blocks.len(),
        ));
    }

    fn tell_lost(&self, block: usize, slot: Slot, report: &RunReport) {
        let why: Vec<&str> = report.invalidating().map(|warning| warning.message.as_str()).collect();
        say(&format!(
            "block {} will not count, since the run of {} is invalid: {}",
            block + 1,
            self.plan.label(slot),
            why.join("; ")
        ));
    }
}
