//! The live view of what is being measured: on a terminal (`screen/`), as a web page (`page/`), or both.
//!
//! Owns what stands between the session, which shares a CPU with a worker and must be brief, and the threads that show: for
//! each display a queue of a fixed length, into which the session puts a few figures once an interval and never waits. What
//! does not fit is not shown. Nothing here reaches the request path, and a run is the same without it.

mod doubts;
mod moment;
mod page;
mod place;
mod screen;
mod series;
mod state;
mod window;
mod words;

pub(crate) use moment::Position;
pub(crate) use screen::terminal::{KEEP, keep};

use crate::cli::LiveArgs;
use crate::commands::PAGE;
use crate::event::Event;
use crate::failure::{self, Failure, say};
use crate::signals::Signals;
use bench_model::plan::Plan;
use moment::Moment;
use page::{Ending, Page};
use place::Threads;
use screen::{Screen, terminal};
use std::cell::RefCell;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Moments that wait for a display at most: minutes of a run, should it be held up for so long.
const QUEUE: usize = 512;
/// Files that a terminal takes.
const TERMINAL_FILES: usize = 8;

/// The displays that were asked for. Dropping it gives the terminal back and ends the page.
#[derive(Debug)]
pub(crate) struct Live {
    queues: Vec<SyncSender<Moment>>,
    screen: RefCell<Option<Screen>>,
    page: RefCell<Option<Page>>,
    threads: Threads,
    /// What was said while the terminal showed a picture.
    kept: Arc<Mutex<Vec<String>>>,
}

/// Open files that the displays need.
pub(crate) fn files(args: &LiveArgs) -> usize {
    let page = if args.serve.is_some() { page::CONNECTIONS + TERMINAL_FILES } else { 0 };
    if args.tui { page + TERMINAL_FILES } else { page }
}

impl Live {
    /// Starts what was asked for, if anything was. Keys end the run through `signals`.
    ///
    /// # Errors
    /// When there is no terminal to draw on, or the page's address cannot be had.
    pub(crate) fn start(args: &LiveArgs, signals: &Signals) -> Result<Option<Self>, Failure> {
        if !args.tui && args.serve.is_none() {
            return Ok(None);
        }
        // Before anything is announced.
        let keys = args.tui.then(terminal::keys).transpose()?;
        let threads = Threads::default();
        let mut live = Self {
            queues: Vec::new(),
            screen: RefCell::default(),
            page: RefCell::default(),
            threads: threads.clone(),
            kept: Arc::default(),
        };
        let mut announced = Vec::new();
        if let Some(address) = args.serve {
            let page = Page::start(address, live.queue(), &threads)?;
            announced = announcement(&page);
            announced.iter().for_each(|line| say(line));
            live.page = RefCell::new(Some(page));
        }
        if let Some(keys) = keys {
            let screen = Screen::start(live.queue(), keys, signals, &threads)?;
            live.screen = RefCell::new(Some(screen));
        }
        announced.into_iter().for_each(|line| live.line(&line));
        live.listen();
        Ok(Some(live))
    }

    fn queue(&mut self) -> Receiver<Moment> {
        let (queue, moments) = sync_channel(QUEUE);
        self.queues.push(queue);
        moments
    }

    /// Shows what is said, and keeps it from the terminal while that shows a picture.
    fn listen(&self) {
        let (queues, kept) = (self.queues.clone(), Arc::clone(&self.kept));
        failure::listen(Some(Box::new(move |text| {
            tell(&queues, &Moment::Line(text.to_owned()));
            let is_kept = terminal::is_held();
            if is_kept {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(text.to_owned());
            }
            is_kept
        })));
    }

    /// Whether the terminal shows a picture.
    pub(crate) fn has_terminal(&self) -> bool {
        self.screen.borrow().is_some()
    }

    /// Shows what has happened.
    pub(crate) fn show(&self, event: &Event<'_>) {
        tell(&self.queues, &Moment::of(event));
    }

    /// Says which of several runs follows.
    pub(crate) fn position(&self, position: Position) {
        tell(&self.queues, &Moment::Position(position));
    }

    /// Shows what was printed elsewhere.
    pub(crate) fn line(&self, text: &str) {
        tell(&self.queues, &Moment::Line(text.to_owned()));
    }

    /// Keeps the displays off the CPUs on which they could disturb a run of `plan`, of those that were allowed at first.
    pub(crate) fn keep_off(&self, plan: &Plan, allowed: &[usize]) {
        self.threads.keep_on(&place::of(plan, allowed));
    }

    /// Gives the terminal back, and prints what was kept from it.
    pub(crate) fn leave_terminal(&self) {
        if let Some(screen) = self.screen.borrow_mut().take() {
            screen.leave();
            let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
            // Those who watch elsewhere have seen these.
            failure::listen(None);
            kept.iter().for_each(|line| say(line));
        }
    }

    /// Ends the page with the report in `folder`, if there is one.
    pub(crate) fn end(&self, folder: &Path) {
        if let Some(page) = self.page.borrow_mut().take() {
            let report = std::fs::read(folder.join(PAGE)).ok();
            page.end(Ending { report, folder: folder.display().to_string() });
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.leave_terminal();
        failure::listen(None);
        if let Some(page) = self.page.borrow_mut().take() {
            page.end(Ending::default());
        }
    }
}

/// Puts a moment into every queue that has room. Nobody is woken by it: displays look by themselves.
fn tell(queues: &[SyncSender<Moment>], moment: &Moment) {
    for queue in queues {
        // Full: the display is held up, and must not hold up anything else. Closed: it is gone.
        let _ = queue.try_send(moment.clone());
    }
}

/// Where to watch, and who can.
fn announcement(page: &Page) -> Vec<String> {
    let (address, port) = (page.address, page.address.port());
    // All addresses together are none that anyone could open.
    let (here, reached) = match address.ip().is_unspecified() {
        true => (format!("localhost:{port}"), format!("port {port} of this machine")),
        false => (address.to_string(), address.to_string()),
    };
    let mut lines = vec![format!("watch at http://{here}/")];
    if !address.ip().is_loopback() {
        lines.push(format!(
            "note: whoever can reach {reached} can watch: results alone, and nothing can be changed, but the report names \
             commands and URLs; --serve 127.0.0.1:{port} is for this machine alone"
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use std::time::{Duration, Instant};

    /// A display that is held up costs whoever tells it nothing, and gets what fits.
    #[test]
    fn a_full_queue_holds_nobody_up() {
        let record = fixture::stored();
        let (queue, moments) = sync_channel(3);
        let (gone, nobody) = sync_channel(3);
        drop(nobody);
        let queues = [gone, queue];
        let began = Instant::now();
        for interval in record.intervals.iter().cycle().take(200) {
            tell(&queues, &Moment::of(&Event::Measured(interval)));
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it waited");
        assert_eq!(moments.try_iter().count(), 3);
    }

    #[test]
    fn files_of_displays() {
        let args = |tui, serve| LiveArgs { tui, serve };
        let address = "127.0.0.1:0".parse().ok();
        assert_eq!(files(&args(false, None)), 0);
        assert!(files(&args(true, None)) < files(&args(false, address)));
        assert!(files(&args(true, address)) > page::CONNECTIONS + TERMINAL_FILES);
    }
}
