//! What a comparison's stored runs come to: read, computed, rendered and written. Old comparisons as well as new ones.

use super::claims;
use crate::charts;
use crate::commands::style;
use crate::failure::Failure;
use crate::report::command;
use crate::report::comparison::{ClaimRow, ComparisonFormat, ComparisonSource, Curve, render};
use crate::results::{ComparisonFolder, StoredRun};
use anyhow::Result;
use bench_model::comparison::{Block, BlockRun, Comparison, ComparisonPlan, Slot};
use bench_model::distribution::Distribution;
use bench_model::interval::Phase;
use bench_model::latency::Latencies;
use bench_model::record::RunRecord;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::path::Path;

/// A comparison, computed.
pub(crate) struct Conclusion {
    plan: ComparisonPlan,
    pub(crate) comparison: Comparison,
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
            blocks.push(add_block(&plan, block, &mut merged));
        }
        drop(runs);
        let comparison = Comparison::of(&plan, &blocks);
        let curves = plan.entrants.iter().zip(merged).filter_map(|(entrant, merged)| {
            let distribution = Distribution::new(merged.ended, merged.censored);
            (merged.runs > 0).then(|| Curve { label: entrant.label.clone(), distribution })
        });
        let curves = curves.collect();
        let repeat = command::comparing(&plan);
        Ok(Self {
            comparison,
            curves,
            claims: claims::of(&plan),
            disturbed: folder.disturbed(&plan),
            repeat,
            plan,
        })
    }

    /// The comparison in a format, for standard output. `files` are named at its end.
    pub(crate) fn render(&self, format: ComparisonFormat, files: &[String]) -> String {
        render(format, &self.source(files), style())
    }

    /// Writes the decision report, in both its forms, and its charts. Gives the names of the files for people.
    pub(crate) fn write(&self, folder: &Path) -> Result<Vec<String>, Failure> {
        use anyhow::Context as _;
        let source = self.source(&[]);
        let mut written = Vec::new();
        for (format, name) in
            [(ComparisonFormat::Html, "report.html"), (ComparisonFormat::Markdown, "report.md")]
        {
            let path = folder.join(name);
            std::fs::write(&path, render(format, &source, style()))
                .with_context(|| format!("cannot write {}", path.display()))?;
            written.push(path.display().to_string());
        }
        if self.comparison.blocks.used == 0 {
            return Ok(written);
        }
        let charts = folder.join(charts::comparison::FOLDER);
        std::fs::create_dir_all(&charts)
            .with_context(|| format!("cannot make the folder {}", charts.display()))?;
        charts::comparison::draw(&source, &charts)?;
        Ok(written)
    }

    fn source<'a>(&'a self, files: &'a [String]) -> ComparisonSource<'a> {
        ComparisonSource {
            plan: &self.plan,
            comparison: &self.comparison,
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
}

impl Merged {
    fn add(&mut self, record: &RunRecord) {
        self.runs += 1;
        for interval in record.intervals.iter().filter(|interval| interval.phase == Phase::Measure) {
            self.ended.add(&interval.latency_hdr);
            self.censored.add(&interval.censored_hdr);
        }
    }
}

/// The block of some runs. Those of a block that counts are merged into the curves.
fn add_block(plan: &ComparisonPlan, runs: Vec<StoredRun>, merged: &mut [Merged]) -> Block {
    let index = runs.first().map_or(0, |run| run.block);
    let reports: Vec<(StoredRun, RunReport)> = runs
        .into_iter()
        .map(|run| {
            let report = RunReport::of(&run.record);
            (run, report)
        })
        .collect();
    let counts = reports.len() == plan.slots().len()
        && reports.iter().all(|(_, report)| report.verdict == Verdict::Valid);
    for (run, _) in reports.iter().filter(|_| counts) {
        if let Slot::Entrant(entrant) = run.slot {
            merged[entrant].add(&run.record);
        }
    }
    let runs = reports.into_iter().map(|(run, report)| BlockRun { slot: run.slot, report }).collect();
    Block { index, runs }
}
