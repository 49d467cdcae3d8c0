//! What a comparison's stored runs come to: read, computed, rendered and written. Old comparisons as well as new ones.

use super::claims;
use crate::charts;
use crate::commands::{PAGE, style};
use crate::failure::Failure;
use crate::outputs::Outputs;
use crate::report::Format;
use crate::report::command;
use crate::report::comparison::{ClaimRow, ComparisonSource, Curve, render};
use crate::results::{ComparisonFolder, StoredRun};
use anyhow::Result;
use bench_model::comparison::{Block, BlockRun, Comparison, ComparisonPlan, Slot};
use bench_model::distribution::Distribution;
use bench_model::interval::Phase;
use bench_model::latency::Latencies;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use std::path::Path;

/// A comparison, computed.
pub(crate) struct Conclusion {
    plan: ComparisonPlan,
    pub(crate) comparison: Comparison,
    blocks: Vec<Block>,
    curves: Vec<Curve>,
    claims: Vec<ClaimRow>,
    disturbed: usize,
    repeat: String,
}

impl Conclusion {
    /// Computes it from the runs in a folder.
    pub(crate) fn of(folder: &ComparisonFolder, plan: ComparisonPlan) -> Result<Self> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut merged: Vec<Merged> = plan.entrants.iter().map(|_| Merged::default()).collect();
        let mut runs = folder.runs(&plan).peekable();
        while let Some(run) = runs.next() {
            let mut block = vec![run?];
            while let Some(next) =
                runs.next_if(|next| next.as_ref().is_ok_and(|next| next.block == block[0].block))
            {
                block.push(next?);
            }
            blocks.push(add_block(&plan, &block, &mut merged));
        }
        drop(runs);
        let comparison = Comparison::of(&plan, &blocks);
        let curves = plan.entrants.iter().zip(merged).filter_map(|(entrant, merged)| {
            let label = entrant.label.clone();
            (merged.runs > 0).then(|| Curve { label, distribution: merged.distribution() })
        });
        let curves = curves.collect();
        let repeat = command::comparing(&plan);
        Ok(Self {
            comparison,
            blocks,
            curves,
            claims: claims::of(&plan),
            disturbed: folder.disturbed(&plan),
            repeat,
            plan,
        })
    }

    /// Writes the comparison to all outputs. `files` are named at the end of the text.
    pub(crate) fn write_to(&self, outputs: &Outputs, files: &[String]) -> Result<(), Failure> {
        if self.comparison.blocks.used == 0 || !self.comparison.is_finished() {
            outputs.say_what_is_left_out();
        }
        outputs.write(&|format| self.render(format, files))
    }

    /// The comparison in a format.
    fn render(&self, format: Format, files: &[String]) -> String {
        render(format, &self.source(files), style())
    }

    /// Writes the decision report, in both its forms, and its charts. Gives the names of the files for people.
    pub(crate) fn write(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        self.write_as(folder, &|format| self.render(format, &[]))
    }

    /// The same with a report of somebody else's in both forms.
    pub(crate) fn write_as(
        &self,
        folder: &Path,
        report: &dyn Fn(Format) -> String,
    ) -> Result<Vec<String>, Failure> {
        use anyhow::Context as _;
        let mut written = Vec::new();
        for (format, name) in [(Format::Html, PAGE), (Format::Markdown, "report.md")] {
            let path = folder.join(name);
            std::fs::write(&path, report(format))
                .with_context(|| format!("cannot write {}", path.display()))?;
            written.push(path.display().to_string());
        }
        if self.comparison.blocks.used == 0 {
            return Ok(written);
        }
        let charts = folder.join(charts::comparison::FOLDER);
        std::fs::create_dir_all(&charts)
            .with_context(|| format!("cannot make the folder {}", charts.display()))?;
        charts::comparison::draw(&self.source(&[]), &charts)?;
        Ok(written)
    }

    /// What it is rendered from. `files` are named at the end of the text.
    pub(crate) fn source<'a>(&'a self, files: &'a [String]) -> ComparisonSource<'a> {
        ComparisonSource {
            plan: &self.plan,
            comparison: &self.comparison,
            blocks: &self.blocks,
            curves: &self.curves,
            claims: &self.claims,
            disturbed: self.disturbed,
            repeat: &self.repeat,
            files,
        }
    }
}

/// The latencies of one entrant's used runs.
#[derive(Default)]
struct Merged {
    runs: usize,
    ended: Latencies,
    censored: Latencies,
    /// Requests that were due in a window and never sent.
    unsent: u64,
}

impl Merged {
    fn add(&mut self, record: &RunRecord) {
        self.runs += 1;
        let mut waiting = 0;
        for interval in &record.intervals {
            waiting = interval.counters.waiting_after(waiting);
            if interval.phase == Phase::Measure {
                self.unsent += interval.counters.errors.unsent;
                self.ended.add(&interval.latency_hdr);
                self.censored.add(&interval.censored_hdr);
            }
        }
        self.unsent += waiting;
    }

    fn distribution(self) -> Distribution {
        Distribution::new(self.ended, self.censored).with_unsent(self.unsent)
    }
}

/// The block of some runs. Those of a block that counts are merged into the curves.
fn add_block(plan: &ComparisonPlan, runs: &[StoredRun], merged: &mut [Merged]) -> Block {
    let index = runs.first().map_or(0, |run| run.block);
    let reports = runs.iter().map(|run| BlockRun { slot: run.slot, report: RunReport::of(&run.record) });
    let block = Block { index, runs: reports.collect() };
    for run in runs.iter().filter(|_| plan.counts(&block)) {
        if let Slot::Entrant(entrant) = run.slot {
            merged[entrant].add(&run.record);
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn runs_that_are_merged_keep_what_was_never_sent() {
        let record = fixture::overloaded();
        let mut merged = Merged::default();
        merged.add(&record);
        merged.add(&record);
        let summary = RunReport::of(&record).summary.latency_us;
        let found = merged.distribution();
        assert!(summary.is_lower_bound("P99") && found.quantile(0.99).at_least);
        assert!(!summary.is_lower_bound("P50") && !found.quantile(0.5).at_least);
    }
}
