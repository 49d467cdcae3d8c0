//! `bench report --history`: the stored runs of a scenario over time, and where their figures changed.

use crate::charts::history as charts;
use crate::cli::ReportArgs;
use crate::commands::style;
use crate::failure::{Failure, say};
use crate::history::{Gathered, gather};
use crate::outputs::Outputs;
use crate::report::Format;
use crate::report::history::{HistoryFormat, HistorySource, render};
use crate::results::file_name;
use anyhow::{Context as _, anyhow};
use bench_model::history::History;
use bench_model::metric::Metric;
use bench_model::plan::Plan;
use bench_model::suggest::nearest;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

/// Gathers, computes and prints.
pub(crate) fn main(args: &ReportArgs) -> Result<ExitCode, Failure> {
    let outputs = Outputs::of(args.format, &args.outputs)?;
    outputs.formats().try_for_each(|wanted| format(wanted).map(|_| ()))?;
    outputs.prepare()?;
    let asked = &args.history;
    let root = &args.results.folder;
    let known = RefCell::new(Known::default());
    let wanted = |plan: &Plan| {
        let (scenario, target) = (plan.scenario.as_str(), plan.target.name());
        let is_scenario = asked.scenario.as_deref().is_none_or(|asked| asked == scenario);
        known.borrow_mut().add(plan, is_scenario);
        is_scenario && asked.target.as_deref().is_none_or(|asked| asked == target)
    };
    let Gathered { entries, unreadable } = gather(root, &wanted);
    for (id, why) in &unreadable {
        say(&format!("{id} is left out: {why}"));
    }
    if entries.is_empty() {
        let known = known.into_inner();
        return Err(Failure::Usage(known.nothing_of(
            root,
            asked.scenario.as_deref(),
            asked.target.as_deref(),
        )));
    }
    let metrics = if asked.metrics.is_empty() { Metric::DECISIVE.to_vec() } else { asked.metrics.clone() };
    let history = History::of(entries, &metrics, asked.last);
    let source = HistorySource { history: &history, unreadable: unreadable.len() };
    if let Some(folder) = &args.charts {
        draw(&history, folder)?;
    }
    outputs.write(&|wanted| {
        format(wanted).map_or_else(|_| String::new(), |format| render(format, &source, style()))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn format(wanted: Format) -> Result<HistoryFormat, Failure> {
    HistoryFormat::of(wanted).ok_or_else(|| {
        Failure::Usage(anyhow!("a history has no such report: choose --format text, markdown or json"))
    })
}

/// A chart for each group of more than one run: in the folder itself, or where there are several in a folder for each.
fn draw(history: &History, folder: &Path) -> Result<(), Failure> {
    let groups: Vec<_> = history.groups.iter().filter(|group| group.points.len() > 1).collect();
    let mut taken = BTreeSet::new();
    for group in &groups {
        let setting = &group.setting;
        let name = file_name(&format!(
            "{}-{}-c{}",
            setting.plan.scenario,
            setting.target,
            setting.plan.load.connections()
        ));
        let numbered = (1..).map(|n| if n == 1 { name.clone() } else { format!("{name}-{n}") });
        let name = numbered.into_iter().find(|name| taken.insert(name.clone())).unwrap_or(name);
        let folder = if groups.len() == 1 { folder.to_owned() } else { folder.join(name) };
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        charts::draw(group, &folder)?;
    }
    if groups.is_empty() {
        say("no chart is drawn: there is no plan with two runs that can be used");
    }
    Ok(())
}

/// The names that were met, for whoever asked for another.
#[derive(Default)]
struct Known {
    scenarios: BTreeSet<String>,
    /// Those under the scenario that was asked for.
    targets: BTreeSet<String>,
}

impl Known {
    fn add(&mut self, plan: &Plan, is_scenario: bool) {
        self.scenarios.insert(plan.scenario.clone());
        if is_scenario {
            self.targets.insert(plan.target.name().to_owned());
        }
    }

    fn nothing_of(&self, root: &Path, scenario: Option<&str>, target: Option<&str>) -> anyhow::Error {
        let root = root.display();
        let (what, word, known) = match (scenario, target) {
            _ if self.scenarios.is_empty() => {
                return anyhow!("there is no run or comparison below {root}: make one with `bench run`");
            }
            (Some(scenario), _) if !self.scenarios.contains(scenario) => {
                ("scenario", scenario, &self.scenarios)
            }
            (_, Some(target)) => ("target", target, &self.targets),
            _ => return anyhow!("there is nothing below {root} that a history can be made of"),
        };
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let mend = match nearest(word, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are runs of {}", names.join(", ")),
        };
        anyhow!("--{what} {word}: no run below {root} is of it: {mend}")
    }
}
