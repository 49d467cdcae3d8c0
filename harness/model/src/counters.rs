//! What became of requests, counted: each request once, in one class.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a request did not end in a verified response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// It was due under an open load, and waited longer for a connection than it may.
    Unsent,
    /// No connection could be made.
    Connect,
    /// No complete answer within the time allowed.
    Timeout,
    /// The connection was closed or reset before the answer was complete.
    Reset,
    /// The answer was not HTTP.
    Protocol,
    /// The answer's status was not an accepted one.
    Status,
    /// The status was right and the body wrong.
    Mismatch,
}

impl ErrorClass {
    /// Every class, in the order of the request's life.
    pub const ALL: [Self; 7] = [
        Self::Unsent,
        Self::Connect,
        Self::Timeout,
        Self::Reset,
        Self::Protocol,
        Self::Status,
        Self::Mismatch,
    ];

    /// The name in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsent => "unsent",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Protocol => "protocol",
            Self::Status => "status",
            Self::Mismatch => "mismatch",
        }
    }
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// A complete answer with an accepted status and the right body: a transaction.
    Verified,
    /// A complete answer that says no to what was asked, as it may: neither a transaction nor a failure.
    Refused,
    /// Anything else.
    Failed(ErrorClass),
}

/// Failed requests by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Errors {
    /// See [`ErrorClass::Unsent`].
    #[serde(default)]
    pub unsent: u64,
    /// See [`ErrorClass::Connect`].
    pub connect: u64,
    /// See [`ErrorClass::Timeout`].
    pub timeout: u64,
    /// See [`ErrorClass::Reset`].
    pub reset: u64,
    /// See [`ErrorClass::Protocol`].
    pub protocol: u64,
    /// See [`ErrorClass::Status`].
    pub status: u64,
    /// See [`ErrorClass::Mismatch`].
    pub mismatch: u64,
}

impl Errors {
    /// Counts one more of `class`.
    pub fn count(&mut self, class: ErrorClass) {
        *match class {
            ErrorClass::Unsent => &mut self.unsent,
            ErrorClass::Connect => &mut self.connect,
            ErrorClass::Timeout => &mut self.timeout,
            ErrorClass::Reset => &mut self.reset,
            ErrorClass::Protocol => &mut self.protocol,
            ErrorClass::Status => &mut self.status,
            ErrorClass::Mismatch => &mut self.mismatch,
        } += 1;
    }

    /// How many are of a class.
    #[must_use]
    pub fn of(&self, class: ErrorClass) -> u64 {
        match class {
            ErrorClass::Unsent => self.unsent,
            ErrorClass::Connect => self.connect,
            ErrorClass::Timeout => self.timeout,
            ErrorClass::Reset => self.reset,
            ErrorClass::Protocol => self.protocol,
            ErrorClass::Status => self.status,
            ErrorClass::Mismatch => self.mismatch,
        }
    }

    /// Every class with its name and count, in the order of the request's life.
    #[must_use]
    pub fn named(&self) -> [(&'static str, u64); 7] {
        ErrorClass::ALL.map(|class| (class.name(), self.of(class)))
    }

    /// All classes together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.named().iter().map(|(_, count)| count).sum()
    }

    fn add(&mut self, other: &Self) {
        self.unsent += other.unsent;
        self.connect += other.connect;
        self.timeout += other.timeout;
        self.reset += other.reset;
        self.protocol += other.protocol;
        self.status += other.status;
        self.mismatch += other.mismatch;
    }
}

/// The counters of an interval, or of several added up.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Verified responses.
    pub requests: u64,
    /// Items that verified responses took: as many as requests, unless these are batches.
    #[serde(default)]
    pub items: u64,
    /// Items that were refused: in batches, or as requests by themselves.
    #[serde(default)]
    pub refused: u64,
    /// Bytes received, heads and bodies.
    pub bytes_in: u64,
    /// Bytes sent.
    pub bytes_out: u64,
    /// Failed requests by class.
    pub errors: Errors,
    /// Complete responses by HTTP status, verified or not.
    pub status: BTreeMap<u16, u64>,
    /// Connections opened anew after the server closed them as HTTP allows. No error.
    pub reconnects: u64,
    /// Requests sent a second time since the server closed a used connection before the first byte of an answer.
    pub resent: u64,
    /// Connection-nanoseconds with a request in flight: the integral behind `in_flight_mean`.
    pub in_flight_ns: u64,
    /// Nanoseconds that failed and refused requests took, from their send to their end.
    pub failed_ns: u64,
    /// Nanoseconds from the send to the load's end of the requests that were in flight then.
    #[serde(default)]
    pub cut_off_ns: u64,
    /// Requests sent for the first time.
    #[serde(default)]
    pub sent: u64,
    /// Requests that were due; none under a closed load.
    #[serde(default)]
    pub due: u64,
    /// Of the requests sent, those that waited since every connection was busy.
    #[serde(default)]
    pub queued: u64,
    /// Of the requests sent, those that the generator sent more than 1 ms after they were due though a connection was
    /// free.
    #[serde(default)]
    pub late: u64,
    /// Nanoseconds of CPU time in which the generator stayed awake with nothing to do, since the next request was due too
    /// soon to sleep.
    #[serde(default)]
    pub awake_ns: u64,
}

impl Counters {
    /// Requests that were due and neither sent nor given up by the end, where so many had been by the beginning.
    #[must_use]
    pub fn waiting_after(&self, before: u64) -> u64 {
        (before + self.due).saturating_sub(self.sent + self.errors.unsent)
    }

    /// Adds another interval's or another worker's counters.
    pub fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.items += other.items;
        self.refused += other.refused;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.errors.add(&other.errors);
        for (&status, &count) in &other.status {
            *self.status.entry(status).or_default() += count;
        }
        self.reconnects += other.reconnects;
        self.resent += other.resent;
        self.in_flight_ns += other.in_flight_ns;
        self.failed_ns += other.failed_ns;
        self.cut_off_ns += other.cut_off_ns;
        self.sent += other.sent;
        self.due += other.due;
        self.queued += other.queued;
        self.late += other.late;
        self.awake_ns += other.awake_ns;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adding() {
        let mut a = Counters { requests: 2, status: [(200, 2)].into(), ..Counters::default() };
        let mut b = Counters {
            requests: 1,
            status: [(200, 1), (503, 4)].into(),
            in_flight_ns: 5,
            ..Counters::default()
        };
        b.errors.count(ErrorClass::Status);
        b.errors.count(ErrorClass::Connect);
        a.add(&b);
        assert_eq!((a.requests, a.in_flight_ns, a.errors.total()), (3, 5, 2));
        assert_eq!(a.status, [(200, 3), (503, 4)].into());
        assert_eq!(a.errors.named()[1], ("connect", 1));
    }
}
