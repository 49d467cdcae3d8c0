//! The folder of a search for capacities: `results/<id>/` with `capacity.json`, its plan, `1-<label>/level-01-1000/` for
//! each level of the first target, and `fractions/block-01/1-<label>-50/` for the runs at fractions.
//!
//! It is there from the beginning, since a search takes long and what it has measured outlives an interruption. Its
//! runs appear one by one, each whole.

use super::planned::{self, DISTURBED, Planned};
use super::{RUN_FILE, RunFolder, file_name, read_run};
use anyhow::Result;
use bench_model::capacity::{CapacityPlan, FractionRun, SCHEMA, Turn};
use bench_model::report::RunReport;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The file in a search's folder that says what was to be done.
pub(crate) const CAPACITY_FILE: &str = "capacity.json";

/// The folder of the runs at fractions.
const FRACTIONS: &str = "fractions";

/// The folder of a search.
#[derive(Debug)]
pub(crate) struct CapacityFolder {
    path: PathBuf,
}

/// One of its runs: the folder that it is in, and its own name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    parent: PathBuf,
    name: String,
}

impl Planned for CapacityPlan {
    const FILE: &str = CAPACITY_FILE;
    const SCHEMA: &str = SCHEMA;
    const NOUN: &str = "search";

    fn id(&self) -> &str {
        &self.id
    }

    fn schema(&self) -> &str {
        &self.schema
    }
}

impl CapacityFolder {
    /// Makes the folder of a search called `name`. `plan_as` makes the plan from its id and beginning.
    pub(crate) fn create(
        root: &Path,
        name: &str,
        plan_as: impl FnOnce(String, String) -> CapacityPlan,
    ) -> Result<(Self, CapacityPlan)> {
        let (path, plan) = planned::create(root, name, plan_as)?;
        Ok((Self { path }, plan))
    }

    /// Opens the folder whose `capacity.json` is `file`.
    pub(crate) fn open(file: &Path) -> Result<(Self, CapacityPlan)> {
        let (path, plan) = planned::open(file)?;
        Ok((Self { path }, plan))
    }

    /// Keeps others from writing into it. The lock goes with the value.
    pub(crate) fn lock(&self) -> Result<File> {
        planned::lock::<CapacityPlan>(&self.path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where a target's levels are, by its index.
    pub(crate) fn target(&self, plan: &CapacityPlan, target: usize) -> PathBuf {
        let label = plan.targets.get(target).map_or("", |target| target.label.as_str());
        self.path.join(format!("{}-{}", target + 1, file_name(label)))
    }

    /// Where a target's level belongs; levels are numbered from 1.
    pub(crate) fn level(&self, plan: &CapacityPlan, target: usize, number: usize, rate_per_s: f64) -> Spot {
        Spot { parent: self.target(plan, target), name: format!("{}{rate_per_s}", level_start(number)) }
    }

    /// Where a run at a fraction belongs; `turn` is from 0.
    pub(crate) fn fraction(&self, plan: &CapacityPlan, block: usize, turn: usize) -> Spot {
        let Turn { target, fraction } = plan.turns(block)[turn];
        let parent = self.path.join(FRACTIONS).join(format!("block-{:02}", block + 1));
        let percent = plan.fractions[fraction] * 100.0;
        let label = file_name(&plan.targets[target].label);
        Spot { parent, name: format!("{}-{label}-{percent:.0}", turn + 1) }
    }

    /// The folder for a run.
    pub(crate) fn begin(&self, spot: &Spot) -> Result<RunFolder> {
        RunFolder::create_as(&spot.parent, &spot.name)
    }

    /// Moves a run that was disturbed out of the way of the one that is made in its stead.
    pub(crate) fn set_aside(&self, spot: &Spot, again: usize) -> Result<()> {
        planned::set_aside(&spot.parent, &spot.name, again)
    }

    /// The reports of a target's levels, in the order in which they ran, and how many runs were made again. One record
    /// is in memory at a time.
    pub(crate) fn levels(&self, plan: &CapacityPlan, target: usize) -> Result<(Vec<RunReport>, usize)> {
        let folder = self.target(plan, target);
        let disturbed = names(&folder).iter().filter(|name| name.contains(DISTURBED)).count();
        let mut reports = Vec::new();
        for file in level_files(&folder) {
            reports.push(RunReport::of(&read_run(&file)?));
        }
        Ok((reports, disturbed))
    }

    /// How many levels of a target are stored.
    pub(crate) fn level_count(&self, plan: &CapacityPlan, target: usize) -> usize {
        level_files(&self.target(plan, target)).len()
    }

    /// The stored runs at fractions.
    pub(crate) fn fraction_runs(&self, plan: &CapacityPlan) -> Result<Vec<FractionRun>> {
        let mut runs = Vec::new();
        for block in 0..plan.fraction_runs {
            for (index, turn) in plan.turns(block).into_iter().enumerate() {
                let spot = self.fraction(plan, block, index);
                let file = spot.parent.join(&spot.name).join(RUN_FILE);
                if file.is_file() {
                    runs.push(FractionRun { turn, report: RunReport::of(&read_run(&file)?) });
                }
            }
        }
        Ok(runs)
    }
}

/// How the name of a level begins, whatever its rate.
fn level_start(number: usize) -> String {
    format!("level-{number:02}-")
}

/// The files of a target's levels, from the first on without a gap.
fn level_files(folder: &Path) -> Vec<PathBuf> {
    let names = names(folder);
    let file = |number: usize| {
        let start = level_start(number);
        let name = names.iter().find(|name| name.starts_with(&start) && !name.contains(DISTURBED))?;
        Some(folder.join(name).join(RUN_FILE)).filter(|file| file.is_file())
    };
    (1..).map_while(file).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
