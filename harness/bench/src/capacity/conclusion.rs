//! What the stored runs of a search come to: read, computed, rendered and written. Old searches as well as new ones.

use crate::charts;
use crate::commands::{PAGE, style};
use crate::failure::Failure;
use crate::outputs::Outputs;
use crate::report::Format;
use crate::report::capacity::{CapacitySource, render};
use crate::report::command;
use crate::results::CapacityFolder;
use anyhow::{Context as _, Result};
use bench_model::capacity::{Capacities, CapacityPlan, Ending, Finding, side_by_side};
use std::path::Path;

/// A search, computed.
pub(crate) struct Conclusion {
    plan: CapacityPlan,
    pub(crate) found: Capacities,
    repeat: String,
    /// The names of the targets' own folders.
    folders: Vec<String>,
}

impl Conclusion {
    /// Computes it from the runs in a folder.
    pub(crate) fn of(folder: &CapacityFolder, plan: CapacityPlan) -> Result<Self> {
        let mut targets = Vec::new();
        let mut folders = Vec::new();
        for target in 0..plan.targets.len() {
            let (runs, repeated) = folder.levels(&plan, target)?;
            targets.push(Finding::of(&plan, target, &runs, repeated));
            let name =
                folder.target(&plan, target).file_name().map(|name| name.to_string_lossy().into_owned());
            folders.push(name.unwrap_or_default());
        }
        let fractions = side_by_side(&plan, &folder.fraction_runs(&plan)?);
        let repeat = command::seeking(&plan);
        Ok(Self { plan, found: Capacities { targets, fractions }, repeat, folders })
    }

    /// Writes the search to all outputs. `files` are named at the end of the text.
    pub(crate) fn write_to(&self, outputs: &Outputs, files: &[String]) -> Result<(), Failure> {
        if !self.found.targets.iter().all(|finding| finding.ending == Ending::Found) {
            outputs.say_what_is_left_out();
        }
        outputs.write(&|format| self.render(format, files))
    }

    /// The search in a format.
    fn render(&self, format: Format, files: &[String]) -> String {
        render(format, &self.source(files), style())
    }

    /// Whether anything was measured.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.targets.iter().all(|finding| finding.levels.is_empty())
    }

    /// Writes the page, and draws the charts: of all targets, and where there are several also of each. Gives the names of
    /// the page and of the files of the first chart, for people.
    pub(crate) fn write(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        let source = self.source(&[]);
        let page = folder.join(PAGE);
        std::fs::write(&page, render(Format::Html, &source, style()))
            .with_context(|| format!("cannot write {}", page.display()))?;
        let drawn = charts::capacity::draw(&source, folder)?;
        let written = std::iter::once(page).chain(drawn);
        for (finding, name) in self.found.targets.iter().zip(&self.folders) {
            if self.found.targets.len() > 1 && !finding.levels.is_empty() {
                let own = folder.join(name);
                std::fs::create_dir_all(&own)
                    .with_context(|| format!("cannot make the folder {}", own.display()))?;
                charts::capacity::draw_one(&source, finding, &own)?;
            }
        }
        Ok(written.map(|path| path.display().to_string()).collect())
    }

    fn source<'a>(&'a self, files: &'a [String]) -> CapacitySource<'a> {
        CapacitySource { plan: &self.plan, found: &self.found, repeat: &self.repeat, files }
    }
}
