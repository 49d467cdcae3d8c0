//! `--tui`: the live view on a terminal. Owns the thread that draws and reads keys; what is drawn is `draw.rs`, and the
//! terminal is taken and given back by `terminal.rs`.
//!
//! The thread wakes ten times a second to look for keys, and draws twice a second at most, besides keys. Nobody waits for it.

mod draw;
mod keys;
#[cfg(test)]
mod snapshots;
pub(crate) mod terminal;

use super::moment::Moment;
use super::place::Threads;
use super::state::State;
use crate::signals::Signals;
use draw::Look;
use keys::{Act, Asked};
use ratatui::backend::{Backend as _, CrosstermBackend};
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::termios::{Winsize, tcgetwinsize};
use signal_hook::consts::SIGINT;
use std::io::{self, BufWriter, Stderr};
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often keys are looked for.
const LOOK_NS: i64 = 100_000_000;
/// The shortest time between two pictures, besides keys.
const REDRAW: Duration = Duration::from_millis(500);
/// How long whoever ends the display waits for its thread, which a stopped terminal may hold.
const PATIENCE: Duration = Duration::from_secs(2);

/// The display, while it has the terminal.
#[derive(Debug)]
pub(crate) struct Screen {
    ending: Arc<AtomicBool>,
    ended: Receiver<()>,
}

/// What the thread works with.
struct Painter {
    moments: Receiver<Moment>,
    keys: OwnedFd,
    signals: Signals,
    ending: Arc<AtomicBool>,
    look: Look,
    state: State,
    asked: Asked,
}

impl Screen {
    /// Takes the terminal, and begins to draw what it is told.
    ///
    /// # Errors
    /// When the terminal cannot be taken, or there can be no thread.
    pub(crate) fn start(
        moments: Receiver<Moment>,
        keys: OwnedFd,
        signals: &Signals,
        threads: &Threads,
    ) -> io::Result<Self> {
        let (tell, ended) = channel();
        let ending = Arc::new(AtomicBool::new(false));
        let look = Look { colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) };
        let mut painter = Painter {
            moments,
            keys,
            signals: signals.clone(),
            ending: Arc::clone(&ending),
            look,
            state: State::default(),
            asked: Asked::default(),
        };
        let threads = threads.clone();
        terminal::take()?;
        let started = thread::Builder::new().name("screen".to_owned()).spawn(move || {
            threads.join();
            // Whatever ends the picture, the run goes on.
            let _ = painter.paint();
            terminal::give_back();
            let _ = tell.send(());
        });
        if let Err(error) = started {
            terminal::give_back();
            return Err(error);
        }
        Ok(Self { ending, ended })
    }

    /// Ends the picture and gives the terminal back.
    pub(crate) fn leave(&self) {
        self.ending.store(true, Ordering::Relaxed);
        // An error says that the thread is gone, which is what was asked for.
        let _ = self.ended.recv_timeout(PATIENCE);
        terminal::give_back();
    }
}

impl Painter {
    fn paint(&mut self) -> io::Result<()> {
        let mut size = size();
        let mut canvas = canvas(size)?;
        let (mut drawn, mut is_new): (Option<Instant>, bool) = (None, true);
        while !self.ending.load(Ordering::Relaxed) && terminal::is_held() {
            while let Ok(moment) = self.moments.try_recv() {
                self.state.apply(moment);
                is_new = true;
            }
            if is_new && drawn.is_none_or(|at| at.elapsed() >= REDRAW) {
                self.draw(&mut canvas)?;
                (drawn, is_new) = (Some(Instant::now()), false);
            }
            if self.read_keys()? {
                (drawn, is_new) = (None, true);
            }
            let resized = self::size();
            if resized != size {
                (size, drawn, is_new) = (resized, None, true);
                canvas = self::canvas(size)?;
            }
        }
        Ok(())
    }

    fn draw(&self, canvas: &mut Canvas) -> io::Result<()> {
        let mut asked = self.asked;
        // A signal from outside ends the run as a key does.
        asked.stop |= self.signals.received().is_some();
        canvas.draw(|frame| draw::draw(frame, &self.state, asked, self.look))?;
        Ok(())
    }

    /// Waits a moment for keys, and does what they ask for. Whether there were any.
    fn read_keys(&mut self) -> io::Result<bool> {
        let mut ready = [PollFd::new(&self.keys, PollFlags::IN)];
        let wait = Timespec { tv_sec: 0, tv_nsec: LOOK_NS };
        match rustix::event::poll(&mut ready, Some(&wait)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(false),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut typed = [0; 64];
        let length = match rustix::io::read(&self.keys, &mut typed) {
            // The terminal is gone, and SIGHUP comes or has come.
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => length,
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        for key in keys::read(&typed[..length]) {
            self.asked.stop |= self.signals.received().is_some();
            match self.asked.press(key) {
                Some(Act::Stop) => self.signals.interrupt(),
                Some(Act::Abort) => self.signals.abort(),
                Some(Act::AtOnce) => {
                    terminal::give_back();
                    std::process::exit(128 + SIGINT);
                }
                None => {}
            }
        }
        Ok(true)
    }
}

/// One write a picture.
type Canvas = Terminal<CrosstermBackend<BufWriter<Stderr>>>;

/// An empty canvas of a size. Left to itself it would ask another terminal for its size than the one that it draws on, where
/// standard output is a file.
fn canvas(size: Rect) -> io::Result<Canvas> {
    let backend = CrosstermBackend::new(BufWriter::new(io::stderr()));
    let mut canvas = Terminal::with_options(backend, TerminalOptions { viewport: Viewport::Fixed(size) })?;
    canvas.backend_mut().clear()?;
    Ok(canvas)
}

/// The terminal's size; the usual one where it does not tell.
fn size() -> Rect {
    match tcgetwinsize(io::stderr()) {
        Ok(Winsize { ws_col, ws_row, .. }) if ws_col > 0 && ws_row > 0 => Rect::new(0, 0, ws_col, ws_row),
        _ => Rect::new(0, 0, 80, 24),
    }
}
