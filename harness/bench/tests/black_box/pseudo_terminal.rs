//! A terminal that is none: what is written to it is read by a terminal emulator that was not written here.

use crate::support::{Running, Sandbox};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZero;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn some(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has cells")
}

/// A terminal, and what stands on it.
pub(crate) struct PseudoTerminal {
    keyboard: File,
    line: File,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl PseudoTerminal {
    pub(crate) fn new((columns, rows): (u16, u16)) -> Self {
        let keyboard =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
        grantpt(&keyboard).expect("granted");
        unlockpt(&keyboard).expect("unlocked");
        let name = ptsname(&keyboard, Vec::new()).expect("its name");
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let line = File::from(rustix::fs::open(name, flags, Mode::empty()).expect("its other side"));
        let keyboard = File::from(keyboard);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(some(rows), some(columns), 0)));
        let (mut written, shown) = (keyboard.try_clone().expect("a file"), Arc::clone(&screen));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length @ 1..) = written.read(&mut bytes) {
                shown.lock().unwrap().process(&bytes[..length]);
            }
        });
        let terminal = Self { keyboard, line, screen };
        terminal.resize((columns, rows));
        terminal
    }

    /// `bench` on this terminal, but for its standard output.
    pub(crate) fn start(&self, sandbox: &Sandbox, arguments: &[&str]) -> Running {
        let line = || Stdio::from(self.line());
        let mut command = sandbox.bench(arguments);
        command.stdin(line()).stderr(line()).stdout(Stdio::piped());
        command.env("TERM", "xterm-256color").env_remove("NO_COLOR");
        Running(command.spawn().expect("bench starts"))
    }

    /// The side that programs have.
    pub(crate) fn line(&self) -> File {
        self.line.try_clone().expect("a file")
    }

    pub(crate) fn resize(&self, (columns, rows): (u16, u16)) {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&self.line, size).expect("a size");
        self.screen.lock().unwrap().screen_mut().set_size(some(rows), some(columns));
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("keys are taken");
    }

    /// What stands on it.
    pub(crate) fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until something stands on it.
    pub(crate) fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !self.text().contains(text) {
            assert!(Instant::now() < deadline, "{text:?} did not come in 20 s:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether a picture has it: another screen, no cursor, keys as they are pressed.
    pub(crate) fn is_taken(&self) -> (bool, bool, bool) {
        let modes = tcgetattr(&self.line).expect("a terminal").local_modes;
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        let raw = !modes.contains(cooked);
        assert!(!raw || !modes.intersects(cooked), "neither taken nor given back: {modes:?}");
        (screen.alternate_screen(), screen.hide_cursor(), raw)
    }
}
