//! A comparison that is going on: builds and checks everyone, then runs block after block, each run in a fresh process.
//!
//! Decides nothing about figures: what the runs say is computed from what is stored (`conclusion.rs`).

mod base;
mod claims;
pub(crate) mod conclusion;
mod entrants;
mod estimate;

pub(crate) use entrants::{Contender, require_same, require_same_machine, resolve, resume};
pub(crate) use estimate::Estimate;

use crate::build::Surroundings;
use crate::commands::check::Check;
use crate::commands::run::summarise;
use crate::contract::{self, Options};
use crate::event::Event;
use crate::failure::{Failure, say};
use crate::progress::Progress;
use crate::report::amount;
use crate::results::ComparisonFolder;
use crate::session::Session;
use crate::signals::Signals;
use anyhow::anyhow;
use bench_model::comparison::{ComparisonPlan, Slot};
use bench_model::plan::TargetPlan;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::time::Instant;

/// Lost blocks in a row, from the first on, after which a comparison gives up: its load is not one that everyone bears.
const HOPELESS: usize = 2;

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
    for contender in contenders {
        let built = contender.resolved.build(&Surroundings { signals, show: &show });
        progress.clear();
        built?;
    }
    Ok(())
}

/// Checks everyone against the contract, where the scenario is about it: who fails is not measured.
pub(crate) fn check(contenders: &[Contender], signals: &Signals, progress: &Progress) -> Result<(), Failure> {
    let show = |event: &Event<'_>| progress.show(event);
    let options = Options::quick();
    let check = Check { options: &options, signals, show: &show };
    for contender in contenders.iter().filter(|contender| contract::covers(&contender.resolved.plan)) {
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
    }
    Ok(())
}

impl Comparer<'_> {
    /// Runs the blocks that are not there yet, until all are or a signal comes.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let missing: Vec<usize> =
            (0..self.plan.blocks).filter(|&block| !self.folder.is_complete(self.plan, block)).collect();
        let runs = missing.len() * self.plan.slots().len();
        let began = Instant::now();
        let mut done = 0;
        let mut lost = 0;
        for (at, &block) in missing.iter().enumerate() {
            self.folder.clear(block)?;
            let mut invalid = Vec::new();
            for (turn, slot) in self.plan.order(block).into_iter().enumerate() {
                let Some(report) = self.run_one(block, turn, slot)? else {
                    return Ok(());
                };
                done += 1;
                let left_s = began.elapsed().as_secs_f64() / done as f64 * (runs - done) as f64;
                self.tell(block, slot, &report, left_s);
                if report.verdict == Verdict::Invalid {
                    invalid.push((slot, report));
                }
            }
            lost += usize::from(!invalid.is_empty());
            for (slot, report) in &invalid {
                self.tell_lost(block, *slot, report);
            }
            if lost == HOPELESS && at + 1 == HOPELESS && missing.len() > HOPELESS {
                return Err(anyhow!(
                    "the first {HOPELESS} blocks were both lost to invalid runs: mend the target, lower --conns, or leave \
                     it out, before comparing under this load"
                )
                .into());
            }
        }
        Ok(())
    }

    /// One run in a process of its own; nothing if a signal came, in which case it is not kept.
    fn run_one(&self, block: usize, turn: usize, slot: Slot) -> Result<Option<RunReport>, Failure> {
        let label = self.plan.label(slot);
        let index = match slot {
            Slot::Entrant(index) => index,
            Slot::Control => 0,
        };
        let contender = &self.contenders[index];
        let mut folder = self.folder.begin_run(self.plan, block, turn)?;
        self.progress.name(&label);
        let show = |event: &Event<'_>| self.progress.show(event);
        let plan = &contender.resolved.plan;
        let outcome = Session::new(plan, &mut folder, self.signals, &show).run(&contender.resolved);
        self.progress.clear();
        if self.signals.received().is_some() {
            return Ok(None);
        }
        let observations = outcome.map_err(|failure| match failure {
            Failure::CouldNotRun(error) => Failure::CouldNotRun(error.context(format!(
                "block {}, {label}: the run could not be made. Finished blocks are kept; once it is mended, go on with \
                 `bench compare --resume {}`",
                block + 1,
                self.plan.id
            ))),
            other => other,
        })?;
        let (report, _) = summarise(plan, &self.plan.machine, &folder, &observations)?;
        folder.write_run(&report, &observations)?;
        folder.keep()?;
        Ok(Some(report))
    }

    fn tell(&self, block: usize, slot: Slot, report: &RunReport, left_s: f64) {
        let width = self.plan.slots().iter().map(|&slot| self.plan.label(slot).len()).max().unwrap_or(0);
        let blocks = self.plan.blocks.to_string();
        let verdict = if report.verdict == Verdict::Invalid { "  INVALID" } else { "" };
        self.progress.line(&format!(
            "block {:>digits$}/{blocks}  {:width$}  {:>7} TPS  P99 {:>8}{verdict}  {}",
            block + 1,
            self.plan.label(slot),
            amount::number(report.summary.tps),
            amount::time_us(report.summary.latency_us.p99),
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
