//! What one connection is waiting for, as seen by those who serve it.
//!
//! hyper does not tell how far a request has come. The socket sees bytes move and the service sees requests
//! start and end; each notes it here, and the watchdog reads it. Only flags and counters: no clock, no socket.

use std::cell::Cell;

/// What the server waits for on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// For nothing that is overdue: for the next request, or for the client to take its answer.
    Idle,
    /// For the rest of a header whose first bytes came. The number tells one such wait from the next.
    Header(u64),
    /// For the rest of a body. The number tells one such wait from the next.
    Body(u64),
    /// For itself: the request is whole, and its answer is not made yet.
    Answer,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Idle,
    Header,
    Body,
    Answer,
}

/// The state of one connection, shared by its socket, its service and its watchdog.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    phase: Cell<Phase>,
    turn: Cell<u64>,
    progress: Cell<u64>,
    unsent: Cell<bool>,
    expired: Cell<bool>,
    unread: Cell<bool>,
}

impl Exchange {
    /// Bytes came from the client.
    pub(crate) fn received(&self) {
        self.count_progress();
        if self.phase.get() == Phase::Idle {
            self.enter(Phase::Header);
        }
    }

    /// Bytes went to the client; `all` tells whether the kernel took everything that was offered.
    pub(crate) fn sent(&self, all: bool) {
        self.count_progress();
        self.unsent.set(!all);
    }

    /// The kernel took nothing: the client does not read.
    pub(crate) fn send_blocked(&self) {
        self.unsent.set(true);
    }

    /// A header is complete and its request is in the service's hands.
    pub(crate) fn request_started(&self) {
        self.enter(Phase::Body);
    }

    /// The request is whole, and the service goes on by itself.
    pub(crate) fn body_read(&self) {
        self.enter(Phase::Answer);
    }

    /// The service has made its answer.
    pub(crate) fn request_answered(&self) {
        self.enter(Phase::Idle);
    }

    /// The body took too long: the service has to answer without it.
    pub(crate) fn expire_body(&self) {
        self.expired.set(true);
        self.enter(Phase::Idle);
    }

    /// True once [`Self::expire_body`] was called; the connection ends with that answer.
    pub(crate) fn body_expired(&self) -> bool {
        self.expired.get()
    }

    /// The answer goes out although the client may still be sending: the connection must be closed gently.
    pub(crate) fn leave_unread(&self) {
        self.unread.set(true);
    }

    /// True once [`Self::leave_unread`] was called.
    pub(crate) fn left_unread(&self) -> bool {
        self.unread.get()
    }

    /// Changes whenever a byte moves in either direction.
    pub(crate) fn progress(&self) -> u64 {
        self.progress.get()
    }

    /// What the connection waits for now.
    pub(crate) fn waiting(&self) -> Waiting {
        match self.phase.get() {
            // A pipelined request is only parsed once the answer before it is sent, so its header is not late.
            Phase::Header if !self.unsent.get() => Waiting::Header(self.turn.get()),
            Phase::Body => Waiting::Body(self.turn.get()),
            Phase::Answer => Waiting::Answer,
            Phase::Idle | Phase::Header => Waiting::Idle,
        }
    }

    fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.turn.set(self.turn.get().wrapping_add(1));
    }

    fn count_progress(&self) {
        self.progress.set(self.progress.get().wrapping_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_passes_from_header_to_body_to_idle() {
        let exchange = Exchange::default();
        assert_eq!(exchange.waiting(), Waiting::Idle);
        exchange.received();
        assert_eq!(exchange.waiting(), Waiting::Header(1));
        exchange.received();
        assert_eq!(exchange.waiting(), Waiting::Header(1), "more of the same header starts no new wait");
        exchange.request_started();
        assert_eq!(exchange.waiting(), Waiting::Body(2));
        exchange.body_read();
        assert_eq!(exchange.waiting(), Waiting::Answer);
        exchange.received();
        assert_eq!(exchange.waiting(), Waiting::Answer, "the next request has to wait for this one's answer");
        exchange.request_answered();
        assert_eq!(exchange.waiting(), Waiting::Idle);
    }

    #[test]
    fn a_header_is_not_late_while_the_answer_before_it_is_stuck() {
        let exchange = Exchange::default();
        exchange.sent(false);
        exchange.received();
        assert_eq!(exchange.waiting(), Waiting::Idle);
        exchange.sent(true);
        assert!(matches!(exchange.waiting(), Waiting::Header(_)));
        exchange.send_blocked();
        assert_eq!(exchange.waiting(), Waiting::Idle);
    }

    #[test]
    fn an_expired_body_is_waited_for_no_longer() {
        let exchange = Exchange::default();
        exchange.received();
        exchange.request_started();
        exchange.expire_body();
        assert!(exchange.body_expired());
        assert_eq!(exchange.waiting(), Waiting::Idle);
    }

    #[test]
    fn progress_counts_both_directions() {
        let exchange = Exchange::default();
        let before = exchange.progress();
        exchange.received();
        exchange.sent(true);
        assert_eq!(exchange.progress(), before + 2);
    }
}
