//! One run among many, as comparisons and searches make them: measured in a process of its own, and stored.

use crate::commands::run::summarise;
use crate::event::Event;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::resolve::Resolved;
use crate::results::RunFolder;
use crate::session::Session;
use crate::signals::Signals;
use bench_model::machine::Machine;
use bench_model::plan::Plan;
use bench_model::report::RunReport;

/// What every run of a comparison or of a search has in common.
pub(crate) struct Measurement<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) signals: &'a Signals,
    pub(crate) progress: &'a Progress,
}

impl Measurement<'_> {
    /// Makes and stores a run of `plan`, which may be at another rate than the one that was resolved. Nothing if a
    /// signal came, in which case it is not kept.
    pub(crate) fn make(
        &self,
        plan: &Plan,
        resolved: &Resolved,
        mut folder: RunFolder,
    ) -> Result<Option<RunReport>, Failure> {
        let show = |event: &Event<'_>| self.progress.show(event);
        let outcome = Session::new(plan, &mut folder, self.signals, &show).run(resolved);
        self.progress.clear();
        if self.signals.received().is_some() {
            return Ok(None);
        }
        let observations = outcome?;
        let (report, _) = summarise(plan, self.machine, &folder, &observations)?;
        folder.write_run(&report, &observations)?;
        folder.keep()?;
        Ok(Some(report))
    }
}
