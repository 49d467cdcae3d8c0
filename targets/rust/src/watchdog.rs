//! The clock of one connection: tells when a header, a body or everything is overdue.
//!
//! One timer a connection, set again only when a wait begins that outlasts a poll. A request that arrives
//! whole, as nearly all do, never touches it. It must not act: the connection does.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

use crate::Limits;
use crate::exchange::{Exchange, Waiting};

/// What took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overdue {
    /// The rest of a header.
    Header,
    /// The rest of a body.
    Body,
    /// Any sign of life.
    Everything,
}

/// The timer of one connection.
pub(crate) struct Watchdog {
    limits: Limits,
    timer: Pin<Box<Sleep>>,
    /// The wait that was current when the timer was last looked at.
    watched: Waiting,
    /// The progress at the last idle check; none before the first.
    progress: Option<u64>,
    started: bool,
}

impl Watchdog {
    pub(crate) fn new(limits: Limits) -> Self {
        let timer = Box::pin(sleep(limits.idle));
        Self { limits, timer, watched: Waiting::Idle, progress: None, started: false }
    }

    /// Says what is overdue; otherwise arranges to be polled again in time.
    ///
    /// Must be polled by one task only: the timer keeps the waker that it was set with.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, exchange: &Exchange) -> Poll<Overdue> {
        let waiting = exchange.waiting();
        if !self.started {
            self.started = true;
            self.set(context, self.limits.idle);
        }
        if waiting != self.watched {
            self.watched = waiting;
            match waiting {
                Waiting::Header(_) => self.set(context, self.limits.header),
                Waiting::Body(_) => self.set(context, self.limits.body),
                // The timer stays as it is, and the idle check begins when it fires.
                Waiting::Idle | Waiting::Answer => self.progress = None,
            }
        }
        while self.timer.is_elapsed() {
            match waiting {
                Waiting::Header(_) => return Poll::Ready(Overdue::Header),
                Waiting::Body(_) => return Poll::Ready(Overdue::Body),
                Waiting::Idle if self.progress == Some(exchange.progress()) => {
                    return Poll::Ready(Overdue::Everything);
                }
                // An answer that takes long is not the client's fault. Even without patience for idle connections this
                // loop has to end.
                Waiting::Answer => self.set(context, self.limits.idle.max(Duration::from_millis(1))),
                Waiting::Idle => {
                    self.progress = Some(exchange.progress());
                    self.set(context, self.limits.idle);
                }
            }
        }
        Poll::Pending
    }

    fn set(&mut self, context: &mut Context<'_>, limit: Duration) {
        self.timer.as_mut().reset(Instant::now() + limit);
        // Polling registers the waker. A limit of zero is ready at once, which `is_elapsed` tells as well.
        let _ = self.timer.as_mut().poll(context);
    }
}
