//! What became of every item that one worker sent, in memory that does not grow with those that went well.
//!
//! Numbers are given out in sequence and nearly all items are accepted, so that only the exceptions have to be kept.

use crate::fresh::{Numbering, Serials};

/// Most exceptions that are kept of one kind: some 8 MB of them.
const MOST_EXCEPTIONS: usize = 1 << 20;

/// Numbers of items that nobody follows begin here: in the upper half of those that ten digits have.
const UNFOLLOWED_FROM: u64 = 5_000_000_000;

/// The book of one worker, or of the look before the load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Book {
    /// The number of the first item, and from one item to the next.
    pub first: u64,
    /// See `first`.
    pub step: u64,
    /// How many items were given out.
    pub issued: u64,
    /// How many items were given a number that nobody follows.
    unfollowed: u64,
    /// How many requests were given a number to draw from alone.
    drawn: u64,
    /// Numbers of items that were refused.
    pub refused: Vec<u64>,
    /// Numbers of items of which it is not known what became of them: without an answer, or with a wrong one.
    pub unknown: Vec<u64>,
    /// Whether there were more exceptions than are kept.
    pub is_full: bool,
    /// What became of the requests, by their number in the plan.
    pub requests: Vec<RequestCounts>,
}

/// What became of the requests of one kind, from the beginning of the load to the last answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestCounts {
    /// With a verified answer.
    pub verified: u64,
    /// Refused as a whole.
    pub refused: u64,
    /// Anything else: it is not known whether they reached the target.
    pub unknown: u64,
}

/// What became of a request with items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate<'a> {
    /// It was verified; the items at these places were refused.
    Verified(&'a [usize]),
    /// It was refused as a whole.
    Refused,
    /// It had no answer, or none that was right.
    Unknown,
}

impl Book {
    /// An empty book of a worker that gives out every `step`-th number from `first` on.
    #[must_use]
    pub fn new(first: u64, step: u64, requests: usize) -> Self {
        Self {
            first,
            step,
            issued: 0,
            unfollowed: 0,
            drawn: 0,
            refused: Vec::new(),
            unknown: Vec::new(),
            is_full: false,
            requests: vec![RequestCounts::default(); requests],
        }
    }

    /// Numbers for the items of a request, as it asks for them.
    #[inline]
    pub fn number(&mut self, numbering: Numbering, items: usize) -> Serials {
        match numbering {
            Numbering::Followed => self.issue(items),
            Numbering::Unfollowed => self.issue_unfollowed(items),
            Numbering::Drawn => self.draw(),
        }
    }

    /// The first number of its own that it has not given out for any item.
    #[must_use]
    pub fn next_free(&self) -> u64 {
        self.first + self.issued.max(self.unfollowed) * self.step
    }

    /// Numbers for so many items that are followed.
    #[inline]
    fn issue(&mut self, items: usize) -> Serials {
        let first = self.first + self.issued * self.step;
        self.issued += items as u64;
        Serials { first, step: self.step }
    }

    /// Numbers for so many items that can be told from each other and are not followed: none that is given to one that is, so
    /// that no gap among those has to be explained.
    #[inline]
    fn issue_unfollowed(&mut self, items: usize) -> Serials {
        let first = UNFOLLOWED_FROM + self.first + self.unfollowed * self.step;
        self.unfollowed += items as u64;
        Serials { first, step: self.step }
    }

    /// A number for a request that does not show it: what is drawn for it follows from the number alone.
    #[inline]
    fn draw(&mut self) -> Serials {
        self.drawn += 1;
        Serials { first: self.first + self.drawn * self.step, step: self.step }
    }

    /// Notes what became of a request. `items` tells how many followed items it has, and their numbers.
    #[inline]
    pub fn note(&mut self, request: usize, items: usize, serials: Serials, fate: Fate<'_>) {
        let counts = &mut self.requests[request];
        match fate {
            Fate::Verified(refused) => {
                counts.verified += 1;
                // Of a request that is not followed, the numbers say nothing.
                for &item in refused.iter().filter(|_| items > 0) {
                    keep(&mut self.refused, &mut self.is_full, serials.of(item));
                }
            }
            Fate::Refused => {
                counts.refused += 1;
                (0..items).for_each(|item| keep(&mut self.refused, &mut self.is_full, serials.of(item)));
            }
            Fate::Unknown => {
                counts.unknown += 1;
                (0..items).for_each(|item| keep(&mut self.unknown, &mut self.is_full, serials.of(item)));
            }
        }
    }
}

fn keep(exceptions: &mut Vec<u64>, is_full: &mut bool, serial: u64) {
    if exceptions.len() < MOST_EXCEPTIONS {
        exceptions.push(serial);
    } else {
        *is_full = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exceptions_are_kept() {
        let mut book = Book::new(7, 3, 2);
        let first = book.issue(1);
        let batch = book.issue(4);
        assert_eq!((book.draw().first, book.draw().first), (10, 13), "takes none of the others' numbers");
        assert_eq!((first.first, batch.first, book.issue(1).first), (7, 10, 22));
        book.note(0, 1, first, Fate::Verified(&[]));
        book.note(1, 4, batch, Fate::Verified(&[1, 3]));
        assert_eq!((book.refused.as_slice(), book.unknown.as_slice()), (&[13, 19][..], &[][..]));
        book.note(1, 4, batch, Fate::Unknown);
        book.note(0, 1, first, Fate::Refused);
        assert_eq!(
            (book.refused.as_slice(), book.unknown.as_slice()),
            (&[13, 19, 7][..], &[10, 13, 16, 19][..])
        );
        assert_eq!(book.requests[0], RequestCounts { verified: 1, refused: 1, unknown: 0 });
        assert_eq!(book.requests[1], RequestCounts { verified: 1, refused: 0, unknown: 1 });
    }

    #[test]
    fn items_that_nobody_follows_have_numbers_of_their_own() {
        let mut book = Book::new(1, 2, 1);
        let unfollowed = book.number(Numbering::Unfollowed, 3);
        assert_eq!((unfollowed.first, unfollowed.of(2)), (5_000_000_001, 5_000_000_005));
        assert_eq!(book.number(Numbering::Unfollowed, 1).first, 5_000_000_007);
        assert_eq!((book.number(Numbering::Followed, 1).first, book.issued), (1, 1));
        assert_eq!(book.next_free(), 9);
    }

    #[test]
    fn a_book_says_when_it_is_full() {
        let mut book = Book::new(0, 1, 1);
        let serials = book.issue(MOST_EXCEPTIONS + 1);
        book.note(0, MOST_EXCEPTIONS, serials, Fate::Unknown);
        assert!(!book.is_full);
        book.note(0, 1, serials, Fate::Unknown);
        assert!(book.is_full && book.unknown.len() == MOST_EXCEPTIONS);
    }
}
