//! The terminal while a picture is shown on it: keys as they are pressed, its other screen, no cursor. Gives it back as it was,
//! whatever becomes of `bench`.
//!
//! A process of its own, the keeper, knows how the terminal was. It waits at a pipe of which `bench` alone has the other end:
//! when that closes and the terminal was not given back before, be it by `kill -9`, the keeper gives it back.

use crate::failure::Failure;
use anyhow::anyhow;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::style::ResetColor;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::panic;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// The hidden subcommand that the keeper is.
pub(crate) const KEEP: &str = "keep-terminal";

/// The terminal, while it is not as it was.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

struct Held {
    before: Termios,
    /// Without one, only what ends `bench` in order gives the terminal back.
    keeper: Option<Child>,
}

/// Makes sure that there is a terminal to draw on, and one to read keys from, which is given.
///
/// # Errors
/// When there is none, or one that cannot move its cursor.
pub(crate) fn keys() -> Result<OwnedFd, Failure> {
    let fault = |fault: &str| {
        Failure::usage(anyhow!(
            "--tui needs {fault}: leave it out, or watch in a browser with --serve 127.0.0.1:8089"
        ))
    };
    if !io::stderr().is_terminal() {
        return Err(fault("a terminal, and standard error is none"));
    }
    match std::env::var("TERM").as_deref() {
        Ok("dumb") => return Err(fault("a terminal that can move its cursor, and TERM is `dumb`")),
        Ok("") | Err(_) => return Err(fault("a terminal whose kind is known, and TERM is not set")),
        Ok(_) => {}
    }
    let typed = io::stdin();
    if typed.is_terminal() {
        return Ok(rustix::io::fcntl_dupfd_cloexec(&typed, 0)?);
    }
    // Standard input may be a file: the keys are those of the terminal all the same.
    File::open("/dev/tty")
        .map(OwnedFd::from)
        .map_err(|_| fault("a terminal to read keys from, and there is none"))
}

/// Takes the terminal.
///
/// # Errors
/// When it does not let itself be set.
pub(super) fn take() -> io::Result<()> {
    static HOOK: Once = Once::new();
    let mut terminal = io::stderr();
    let before = tcgetattr(&terminal)?;
    let mut raw = before.clone();
    raw.make_raw();
    // Lines that somebody writes all the same begin where they should.
    raw.output_modes = before.output_modes;
    *held() = Some(Held { before, keeper: start_keeper().ok() });
    HOOK.call_once(|| {
        let show = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            // The message is to be read.
            give_back();
            show(panic);
        }));
    });
    let taken = tcsetattr(&terminal, OptionalActions::Now, &raw)
        .map_err(io::Error::from)
        .and_then(|()| execute!(terminal, EnterAlternateScreen, Hide));
    if taken.is_err() {
        give_back();
    }
    taken
}

/// Gives the terminal back, unless that was done. From any thread.
pub(crate) fn give_back() {
    let Some(Held { before, keeper }) = held().take() else { return };
    restore(&before);
    if let Some(mut keeper) = keeper {
        // It has nothing to do any more; if it is gone, nothing is lost.
        let _ = keeper.stdin.take().map(|mut told| told.write_all(b"."));
        let _ = keeper.wait();
    }
}

/// Whether the terminal shows a picture.
pub(crate) fn is_held() -> bool {
    held().is_some()
}

fn held() -> MutexGuard<'static, Option<Held>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What fails here fails since there is no terminal any more.
fn restore(before: &Termios) {
    let mut terminal = io::stderr();
    let _ = execute!(terminal, LeaveAlternateScreen, ResetColor, Show);
    // Keys that were pressed for the picture are not for the shell.
    let _ = tcflush(&terminal, QueueSelector::IFlush);
    let _ = tcsetattr(&terminal, OptionalActions::Now, before);
}

/// Starts the keeper, and waits until it knows how the terminal is.
fn start_keeper() -> io::Result<Child> {
    let mut keeper = Command::new(std::env::current_exe()?)
        .arg(KEEP)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let known = keeper.stdout.take().map(|mut told| told.read_exact(&mut [0]));
    match known {
        Some(Ok(())) => Ok(keeper),
        _ => {
            let _ = keeper.wait();
            Err(io::Error::other("the keeper of the terminal did not start"))
        }
    }
}

/// The keeper.
pub(crate) fn keep() -> ExitCode {
    // In a session of its own neither the terminal's keys nor its end are for the keeper, and nothing keeps it from setting a
    // terminal that is none of its own, which only the foreground may do.
    let _ = rustix::process::setsid();
    let Ok(before) = tcgetattr(io::stderr()) else { return ExitCode::FAILURE };
    let mut out = io::stdout();
    if out.write_all(b".").and_then(|()| out.flush()).is_err() {
        return ExitCode::FAILURE;
    }
    if !matches!(io::stdin().read(&mut [0]), Ok(1)) {
        restore(&before);
    }
    ExitCode::SUCCESS
}
