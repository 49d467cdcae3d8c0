//! A worker's hot path: a request goes out, its answer comes in, and what became of it is counted once.

use super::{LONGEST_TURN_NS, Stage, Worker};
use crate::book::Fate;
use crate::connection::State;
use crate::protocol::http1::{Fault, Progress, Response};
use bench_model::counters::{ErrorClass, Outcome};
use rustix::fd::AsFd;

impl Worker {
    /// Sends a connection's next request, which is due at `due_ns`, or the one whose socket closed before an answer.
    pub(super) fn start(&mut self, index: usize, due_ns: u64, now: u64) {
        let connection = &mut self.connections[index];
        connection.resent = connection.resending;
        if !connection.resending {
            connection.request = self.job.order[self.next_turn];
            (connection.due_ns, connection.started_ns) = (due_ns, now);
            self.next_turn += 1;
            if self.next_turn == self.job.order.len() {
                self.next_turn = 0;
            }
            let request = &self.job.requests[connection.request];
            if let Some(fresh) = &request.fresh {
                connection.serials = self.book.number(request.numbering, fresh.items());
            }
            self.tally.started(due_ns, now);
        }
        connection.resending = false;
        connection.sent = 0;
        connection.state = State::InFlight;
        let to_head = self.job.requests[connection.request].to_head;
        connection.reader.expect(to_head, self.verifier.keep_bytes(connection.request));
        self.send(index);
    }

    pub(super) fn send(&mut self, index: usize) {
        let connection = &mut self.connections[index];
        let request = &self.job.requests[connection.request];
        let bytes = match &request.fresh {
            None => &request.bytes,
            // What is left of a request that went out in part is made again.
            Some(fresh) => {
                fresh.fill(&request.bytes, connection.serials, &mut self.filled[connection.request])
            }
        };
        match connection.send(bytes) {
            Ok((_, sent)) => self.tally.counters.bytes_out += sent as u64,
            // The answer may be there all the same: a server that refuses a long body answers and closes.
            Err(_) => self.readable(index, true),
        }
    }

    /// Reads what is there. With `ended`, reads until the connection's end is seen.
    pub(super) fn readable(&mut self, index: usize, ended: bool) {
        let mut turn_ends_ns = u64::MAX;
        while self.looked_ns < turn_ends_ns {
            let connection = &mut self.connections[index];
            let received = connection.receive(&mut self.buffer);
            let now = self.look_at_clock();
            turn_ends_ns = turn_ends_ns.min(now + LONGEST_TURN_NS);
            let count = match received {
                Ok(Some(0)) => return self.end_of_stream(index, now),
                Ok(Some(count)) => count,
                Ok(None) if ended => return self.lost(index, now),
                Ok(None) => return,
                Err(_) => return self.lost(index, now),
            };
            self.tally.counters.bytes_in += count as u64;
            if self.connections[index].state != State::InFlight {
                // Bytes that nobody asked for: the connection is of no more use.
                return self.back_off(index, now);
            }
            // A short read means that the socket is empty; anything later is a new event.
            let emptied = count < self.buffer.len() && !ended;
            if !self.received(index, count, ended, now) || emptied {
                return;
            }
            self.look_at_clock();
        }
        if self.connections[index].tell_again(self.epoll.as_fd(), index).is_err() {
            let now = self.look_at_clock();
            self.lost(index, now);
        }
    }

    /// Handles `count` bytes in the buffer; false when the connection is no longer the one that they came from.
    fn received(&mut self, index: usize, count: usize, ended: bool, now: u64) -> bool {
        let connection = &mut self.connections[index];
        let request = connection.request;
        let bytes = &self.buffer[..count];
        let all_sent = connection.sent == self.job.requests[request].bytes.len();
        let fresh = connection.reader.is_fresh();
        if fresh
            && all_sent
            && let Some(status) = self.verifier.recognise(request, bytes)
        {
            self.complete(index, status, Outcome::Verified, now);
            return self.go_on(index, !ended, now);
        }
        match connection.reader.advance(bytes) {
            Ok(Progress::Partial) => true,
            Ok(Progress::Complete { response, consumed }) if consumed == count => {
                let outcome = self.judge(index, response);
                let reusable = response.keep_alive && all_sent;
                if fresh && reusable && outcome == Outcome::Verified {
                    self.verifier.learn(request, response.status, &self.buffer[..count]);
                }
                self.complete(index, response.status, outcome, now);
                // Verifying may have taken a while; it is not part of the next request's latency.
                let now = self.look_at_clock();
                self.go_on(index, reusable && !ended, now)
            }
            // Not HTTP, or more than one response to one request.
            Ok(Progress::Complete { .. }) | Err(_) => {
                self.fail(index, ErrorClass::Protocol, now);
                false
            }
        }
    }

    /// Judges a complete response by what its request was to bring back.
    fn judge(&mut self, index: usize, response: Response) -> Outcome {
        let connection = &self.connections[index];
        let request = &self.job.requests[connection.request];
        let sent = request.fresh.as_deref().map(|fresh| {
            let filled = &mut self.filled[connection.request];
            // Others may have been sent since.
            fresh.fill(&request.bytes, connection.serials, filled);
            (fresh, &*filled)
        });
        self.verifier.judge(connection.request, response, connection.reader.body(), sent)
    }

    /// A complete response came at `now`.
    #[inline]
    fn complete(&mut self, index: usize, status: u16, outcome: Outcome, now: u64) {
        let connection = &mut self.connections[index];
        connection.state = State::Open;
        connection.used = true;
        connection.failures = 0;
        let elapsed = connection.elapsed(now);
        self.tally.ended(now);
        self.tally.answered(status);
        let items = self.job.requests[connection.request].items();
        match outcome {
            Outcome::Verified => self.tally.verified(elapsed, items, self.verifier.refused().len()),
            Outcome::Refused => self.tally.refused(elapsed, items),
            Outcome::Failed(class) => self.tally.failed(class, elapsed),
        }
        self.note(index, outcome);
    }

    /// Writes down what became of a connection's request, once.
    #[inline]
    pub(super) fn note(&mut self, index: usize, outcome: Outcome) {
        let connection = &self.connections[index];
        let request = &self.job.requests[connection.request];
        let fate = match outcome {
            Outcome::Verified => Fate::Verified(self.verifier.refused()),
            Outcome::Refused => Fate::Refused,
            Outcome::Failed(_) => Fate::Unknown,
        };
        self.book.note(request.number, request.followed_items(), connection.serials, fate);
    }

    /// After a complete response: the next request, on a new connection if this one is not `reusable`. False when
    /// the connection is no longer the same.
    #[inline]
    fn go_on(&mut self, index: usize, reusable: bool, now: u64) -> bool {
        if !reusable {
            self.reopen(index, now);
            return false;
        }
        if self.stage != Stage::Running {
            return true;
        }
        let generation = self.connections[index].generation();
        self.give_work(index, now);
        self.connections[index].generation() == generation
    }

    /// The server closed its side.
    fn end_of_stream(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        if connection.state != State::InFlight {
            return self.back_off(index, now);
        }
        // A response may end with its connection; any other that has not ended is lost.
        let response = match connection.reader.end() {
            Ok(response) => response,
            Err(Fault::ClosedBeforeAnswer | Fault::Truncated) => return self.lost(index, now),
            // What came before the end was never HTTP.
            Err(_) => return self.fail(index, ErrorClass::Protocol, now),
        };
        let outcome = self.judge(index, response);
        self.complete(index, response.status, outcome, now);
        self.reopen(index, now);
    }

    /// The connection is gone, without a complete answer to the request that it carried.
    fn lost(&mut self, index: usize, now: u64) {
        let connection = &mut self.connections[index];
        if connection.state != State::InFlight {
            return self.back_off(index, now);
        }
        // A server may close a used connection at any time (RFC 9112, 9.5), and its close crosses our request.
        if self.stage == Stage::Running
            && connection.used
            && !connection.resent
            && connection.reader.is_fresh()
        {
            connection.resending = true;
            self.tally.counters.resent += 1;
            return self.reopen(index, now);
        }
        self.fail(index, ErrorClass::Reset, now);
    }

    /// Ends the request in flight as failed, and its connection with it.
    pub(super) fn fail(&mut self, index: usize, class: ErrorClass, now: u64) {
        let elapsed = self.connections[index].elapsed(now);
        self.tally.ended(now);
        self.tally.failed(class, elapsed);
        self.note(index, Outcome::Failed(class));
        self.back_off(index, now);
    }
}
