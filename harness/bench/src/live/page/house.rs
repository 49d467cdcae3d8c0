//! What all connections of the page share: the events, the report once there is one, and who watches. Bound to one thread.

use super::answer::Used;
use super::feed::{self, Feed};
use crate::live::moment::Moment;
use crate::live::state::State;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::mpsc::Receiver;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;

/// How long a viewer hears nothing. Something must be sent now and then to notice that it is gone.
const SILENCE: Duration = Duration::from_secs(15);
/// Sent first: a page that has lost its connection asks again after so many milliseconds.
const RETRY: &[u8] = b"retry: 2000\n\n";
/// A comment, which says nothing.
const STILL_HERE: &[u8] = b":\n\n";

/// What is left at the end.
#[derive(Debug, Default)]
pub(crate) struct Ending {
    /// The report as a page, if there is one.
    pub(crate) report: Option<Vec<u8>>,
    /// Where the results are.
    pub(crate) folder: String,
}

/// The newest that a viewer may not have yet.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Latest {
    id: u64,
    has_ended: bool,
}

/// See above.
pub(super) struct House {
    /// Where it listens.
    pub(super) address: SocketAddr,
    feed: RefCell<Feed>,
    latest: watch::Sender<Latest>,
    report: RefCell<Option<Bytes>>,
    folder: RefCell<String>,
    /// Connections that are open.
    pub(super) connections: Cell<usize>,
    /// Of these, those that follow the events.
    viewers: Cell<usize>,
    /// Of these, pages, which go to the report at the end.
    pages: Cell<usize>,
    /// How often the report has arrived.
    delivered: Cell<usize>,
    /// Told when a connection has ended.
    pub(super) moved: Notify,
}

impl House {
    pub(super) fn new(address: SocketAddr) -> Rc<Self> {
        // Ids of milliseconds: more than the updates that an earlier server could have made.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let feed = Feed::after(u64::try_from(now.as_millis()).unwrap_or(0));
        let latest = watch::Sender::new(Latest { id: feed.id(), has_ended: false });
        Rc::new(Self {
            address,
            feed: RefCell::new(feed),
            latest,
            report: RefCell::default(),
            folder: RefCell::default(),
            connections: Cell::new(0),
            viewers: Cell::new(0),
            pages: Cell::new(0),
            delivered: Cell::new(0),
            moved: Notify::new(),
        })
    }

    /// Takes in what has happened, and wakes whoever watches if that changes anything.
    pub(super) fn update(&self, state: &mut State, moments: &Receiver<Moment>) {
        let before = self.feed.borrow().id();
        let mut is_new = false;
        while let Ok(moment) = moments.try_recv() {
            state.apply(moment);
            is_new = true;
        }
        if is_new {
            self.feed.borrow_mut().update(state);
        }
        let id = self.feed.borrow().id();
        if id != before {
            self.latest.send_modify(|latest| latest.id = id);
        }
    }

    /// The end: there is no more to come. How many reports are awaited.
    pub(super) fn end(&self, ending: Ending) -> usize {
        let awaited = if ending.report.is_some() { self.pages.get() } else { 0 };
        *self.report.borrow_mut() = ending.report.map(Bytes::from);
        *self.folder.borrow_mut() = ending.folder;
        self.latest.send_modify(|latest| latest.has_ended = true);
        awaited
    }

    /// Whether all that were there at the end have what they wait for.
    pub(super) fn is_done(&self, awaited: usize) -> bool {
        self.viewers.get() == 0 && self.delivered.get() >= awaited
    }

    pub(super) fn report(&self) -> Option<Bytes> {
        self.report.borrow().clone()
    }

    /// Somebody has begun to follow the events, on a connection of its own.
    pub(super) fn follow(&self, is_page: bool) {
        self.viewers.set(self.viewers.get() + 1);
        self.pages.set(self.pages.get() + usize::from(is_page));
    }

    /// A connection has ended that was used so.
    pub(super) fn leave(&self, used: &Used) {
        self.viewers.set(self.viewers.get() - usize::from(used.events.get()));
        self.pages.set(self.pages.get() - usize::from(used.page.get()));
        self.delivered.set(self.delivered.get() + usize::from(used.report.get()));
        self.moved.notify_one();
    }

    /// The events after `since`, as they come. A viewer that does not read holds up its own task and nothing else.
    pub(super) fn view(self: &Rc<Self>, since: Option<u64>) -> Channel<Bytes> {
        let (sender, body) = Channel::new(1);
        let house = Rc::clone(self);
        tokio::task::spawn_local(async move { house.tell(sender, since).await });
        body
    }

    async fn tell(&self, mut viewer: Sender<Bytes>, mut since: Option<u64>) {
        let mut latest = self.latest.subscribe();
        let mut is_there = viewer.send_data(Bytes::from_static(RETRY)).await.is_ok();
        while is_there {
            let Latest { id, has_ended } = *latest.borrow_and_update();
            if since != Some(id) {
                let message = self.feed.borrow_mut().message(since);
                since = Some(id);
                is_there = viewer.send_data(message).await.is_ok();
            }
            if has_ended {
                let end = feed::end(self.report.borrow().is_some(), &self.folder.borrow());
                let _ = viewer.send_data(end).await;
                return;
            }
            match timeout(SILENCE, latest.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return,
                Err(_) => is_there &= viewer.send_data(Bytes::from_static(STILL_HERE)).await.is_ok(),
            }
        }
    }
}
