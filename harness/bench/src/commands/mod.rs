//! The subcommands, one file each.

pub(crate) mod audit;
pub(crate) mod baseline;
pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod gate;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod serve;

use crate::charts::Source;
use crate::failure::Failure;
use crate::outputs::Outputs;
use crate::report::hgrm;
use crate::report::timeline::Timeline;
use crate::report::{Format, RunSource, Style, render};
use anyhow::Context as _;
use bench_model::report::RunReport;
use bench_model::warning::Verdict;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

/// The page in the folder of a run, a comparison or a search.
pub(crate) const PAGE: &str = "report.html";

/// Writes a run to all its outputs. `latency` adds the whole percentile distribution to the text.
pub(crate) fn write_run(outputs: &Outputs, source: &RunSource<'_>, latency: bool) -> Result<(), Failure> {
    if source.report.verdict == Verdict::Invalid {
        outputs.say_what_is_left_out();
    }
    outputs.write(&|format| {
        let mut text = render(format, source, style());
        if latency && format == Format::Text {
            text.push_str("\nLatency in milliseconds, requests that were cut off included as estimated:\n");
            text.push_str(&hgrm::render(&source.timeline.distribution().merged()));
        }
        text
    })
}

/// How text on standard output looks: colours only on a terminal that wants them, and its width up to 80 columns.
pub(crate) fn style() -> Style {
    let terminal = std::io::stdout().is_terminal();
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    let width = rustix::termios::tcgetwinsize(std::io::stdout()).map_or(80, |size| usize::from(size.ws_col));
    Style { colour: terminal && !plain, width: if width == 0 { 80 } else { width.min(80) } }
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no failure.
pub(crate) fn write(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()).and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(anyhow::Error::from(error).context("cannot write to standard output").into())
        }
        _ => Ok(()),
    }
}

/// Draws the charts of a run into a folder, and writes its page there.
pub(crate) fn draw(report: &RunReport, timeline: &Timeline, folder: &Path) -> Result<(), Failure> {
    crate::charts::draw(&Source { report, timeline }, folder)?;
    let page = folder.join(PAGE);
    let text = render(Format::Html, &RunSource { report, timeline, lines: "" }, style());
    Ok(std::fs::write(&page, text).with_context(|| format!("cannot write {}", page.display()))?)
}
