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

/// How often a run that something disturbed is made again.
const REPEATS: usize = 3;

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

/// A run as `make` makes it, made again at once as often as `disturbed` names what disturbed it, up to a limit. Before that,
/// `set_aside` keeps the run that was disturbed, as the one of that number, and says why. Nothing if a signal came.
pub(crate) fn undisturbed(
    make: &mut dyn FnMut() -> Result<Option<RunReport>, Failure>,
    disturbed: &dyn Fn(&RunReport) -> Option<Vec<String>>,
    set_aside: &dyn Fn(usize, &str) -> anyhow::Result<()>,
) -> Result<Option<RunReport>, Failure> {
    let mut repeats = 0;
    loop {
        let Some(report) = make()? else { return Ok(None) };
        let Some(codes) = disturbed(&report).filter(|_| repeats < REPEATS) else { return Ok(Some(report)) };
        repeats += 1;
        set_aside(repeats, &codes.join(", "))?;
    }
}

/// The codes of what the machine did, where that and nothing else made a run invalid. What other processes and the
/// hypervisor did decides, never the run's figures.
pub(crate) fn disturbed_by_the_machine(report: &RunReport) -> Option<Vec<String>> {
    let codes = || report.invalidating().map(|warning| warning.code.clone()).collect();
    report.only_the_machine_invalidates().then(codes)
}
