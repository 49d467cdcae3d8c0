//! The subcommands, one file each.

pub(crate) mod audit;
pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod doctor;
pub(crate) mod list;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod serve;

use crate::charts::Source;
use crate::failure::Failure;
use crate::report::hgrm;
use crate::report::timeline::Timeline;
use crate::report::{Format, Style, render};
use bench_model::report::RunReport;
use std::io::{IsTerminal as _, Write as _};

/// Prints a run on standard output. `latency` adds the whole percentile distribution to the text.
pub(crate) fn print(
    format: Format,
    report: &RunReport,
    timeline: &Timeline,
    latency: bool,
) -> Result<(), Failure> {
    let mut text = render(format, report, timeline, style());
    if latency && format == Format::Text {
        text.push_str("\nLatency in milliseconds, requests that were cut off included as estimated:\n");
        text.push_str(&hgrm::render(&timeline.distribution().merged()));
    }
    write(&text)
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

/// Draws the charts of a run into a folder.
pub(crate) fn draw(report: &RunReport, timeline: &Timeline, folder: &std::path::Path) -> Result<(), Failure> {
    crate::charts::draw(&Source { report, timeline }, folder)?;
    Ok(())
}
