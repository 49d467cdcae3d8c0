//! A comparison's folder: `results/<id>/` with `comparison.json`, its plan, and `block-01/1-<label>/run.json` for each
//! of its runs, numbered in the order in which they ran.
//!
//! It is there from the beginning, since a comparison takes long and is gone on with after an interruption. Its runs
//! appear one by one, each whole.

use super::planned::{self, DISTURBED, Planned};
use super::{RUN_FILE, RunFolder, read_run};
use anyhow::{Context as _, Result};
use bench_model::comparison::{ComparisonPlan, SCHEMA, Slot};
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The file in a comparison's folder that says what was to be done.
pub(crate) const COMPARISON_FILE: &str = "comparison.json";

/// A comparison's folder.
#[derive(Debug)]
pub(crate) struct ComparisonFolder {
    path: PathBuf,
}

/// A run of a block.
#[derive(Debug)]
pub(crate) struct StoredRun {
    pub(crate) block: usize,
    pub(crate) slot: Slot,
    pub(crate) record: RunRecord,
}

impl Planned for ComparisonPlan {
    const FILE: &str = COMPARISON_FILE;
    const SCHEMA: &str = SCHEMA;
    const NOUN: &str = "comparison";

    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> &str {
        &self.schema
    }
}

impl ComparisonFolder {
    /// Makes the folder of a comparison called `name`. `plan_as` makes the plan from its id and beginning.
    pub(crate) fn create(
        root: &Path,
        name: &str,
        plan_as: impl FnOnce(String, String) -> ComparisonPlan,
    ) -> Result<(Self, ComparisonPlan)> {
        let (path, plan) = planned::create(root, name, plan_as)?;
        Ok((Self { path }, plan))
    }

    /// Opens the folder whose `comparison.json` is `file`.
    pub(crate) fn open(file: &Path) -> Result<(Self, ComparisonPlan)> {
        let (path, plan) = planned::open(file)?;
        Ok((Self { path }, plan))
    }

    /// Keeps others from going on with the same comparison. The lock goes with the value.
    pub(crate) fn lock(&self) -> Result<File> {
        planned::lock::<ComparisonPlan>(&self.path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether every run of a block is stored.
    pub(crate) fn is_complete(&self, plan: &ComparisonPlan, block: usize) -> bool {
        let order = plan.order(block);
        order.iter().enumerate().all(|(turn, &slot)| self.run_file(plan, block, turn, slot).is_file())
    }

    /// Whether every run of a block is stored and valid.
    pub(crate) fn is_usable(&self, plan: &ComparisonPlan, block: usize) -> Result<bool> {
        if !self.is_complete(plan, block) {
            return Ok(false);
        }
        for (turn, slot) in plan.order(block).into_iter().enumerate() {
            let record = read_run(&self.run_file(plan, block, turn, slot))?;
            if RunReport::of(&record).verdict == Verdict::Invalid {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// How many blocks are there that can be used.
    pub(crate) fn usable(&self, plan: &ComparisonPlan) -> Result<usize> {
        let mut usable = 0;
        for block in 0..plan.attempts() {
            usable += usize::from(self.is_usable(plan, block)?);
        }
        Ok(usable)
    }

    /// Moves a run that the machine disturbed out of the way of the one that is made in its stead.
    pub(crate) fn set_aside(
        &self,
        plan: &ComparisonPlan,
        block: usize,
        turn: usize,
        again: usize,
    ) -> Result<()> {
        planned::set_aside(&self.block(block), &run_id(plan, turn, plan.order(block)[turn]), again)
    }

    /// How many runs were set aside.
    pub(crate) fn disturbed(&self, plan: &ComparisonPlan) -> usize {
        let blocks = (0..plan.attempts()).filter_map(|block| fs::read_dir(self.block(block)).ok());
        let names = blocks.flatten().flatten().map(|entry| entry.file_name());
        names.filter(|name| name.to_string_lossy().contains(DISTURBED)).count()
    }

    /// Removes what is there of a block that was broken off: its runs would be far apart in time from the rest.
    pub(crate) fn clear(&self, block: usize) -> Result<()> {
        let path = self.block(block);
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove the unfinished block {}", path.display()))
            }
            _ => Ok(()),
        }
    }

    /// The folder for the run in a turn of a block.
    pub(crate) fn begin_run(&self, plan: &ComparisonPlan, block: usize, turn: usize) -> Result<RunFolder> {
        let slot = plan.order(block)[turn];
        RunFolder::create_as(&self.block(block), &run_id(plan, turn, slot))
    }

    /// The stored runs, block by block, in the order in which they ran. One is in memory at a time.
    pub(crate) fn runs(&self, plan: &ComparisonPlan) -> impl Iterator<Item = Result<StoredRun>> {
        let turns = (0..plan.attempts()).flat_map(|block| {
            let order = plan.order(block).into_iter().enumerate();
            order.map(move |(turn, slot)| (block, turn, slot)).collect::<Vec<_>>()
        });
        turns
            .map(|(block, turn, slot)| (block, slot, self.run_file(plan, block, turn, slot)))
            .filter(|(_, _, file)| file.is_file())
            .map(|(block, slot, file)| Ok(StoredRun { block, slot, record: read_run(&file)? }))
    }

    fn block(&self, block: usize) -> PathBuf {
        self.path.join(format!("block-{:02}", block + 1))
    }

    fn run_file(&self, plan: &ComparisonPlan, block: usize, turn: usize, slot: Slot) -> PathBuf {
        self.block(block).join(run_id(plan, turn, slot)).join(RUN_FILE)
    }
}

fn run_id(plan: &ComparisonPlan, turn: usize, slot: Slot) -> String {
    format!("{}-{}", turn + 1, file_name(&plan.label(slot)))
}

/// A label as a part of a file's name.
pub(crate) fn file_name(label: &str) -> String {
    let plain = label.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' });
    plain.collect::<String>().trim_matches(['-', '.']).to_owned()
}
