//! The chunked transfer coding (RFC 9112, 7.1), piece by piece.

use super::reader::Fault;

/// Longest line of a chunk's size with its extensions, in bytes.
const LONGEST_LINE: u32 = 4096;
/// Longest trailer section, in bytes.
const LONGEST_TRAILERS: u32 = 64 * 1024;

/// Where in a chunked body the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Size { value: u64, digits: u32, line: u32 },
    Extension { value: u64, line: u32 },
    Data { left: u64 },
    DataEnd { seen_cr: bool },
    Trailers { line: u32, total: u32 },
    Done,
}

/// A decoder of one chunked body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunked(State);

const SIZE: State = State::Size { value: 0, digits: 0, line: 0 };

impl Chunked {
    pub(super) fn new() -> Self {
        Self(SIZE)
    }

    pub(super) fn is_done(self) -> bool {
        self.0 == State::Done
    }

    /// Takes input up to the body's end and hands each piece of data to `data`; returns how much was taken.
    pub(super) fn advance(&mut self, input: &[u8], mut data: impl FnMut(&[u8])) -> Result<usize, Fault> {
        let mut at = 0;
        while at < input.len() && self.0 != State::Done {
            if let State::Data { left } = self.0 {
                let take = usize::try_from(left).unwrap_or(usize::MAX).min(input.len() - at);
                data(&input[at..at + take]);
                at += take;
                let left = left - take as u64;
                self.0 = if left == 0 { State::DataEnd { seen_cr: false } } else { State::Data { left } };
            } else {
                self.0 = step(self.0, input[at])?;
                at += 1;
            }
        }
        Ok(at)
    }
}

fn step(state: State, byte: u8) -> Result<State, Fault> {
    Ok(match (state, byte) {
        (State::Size { line: LONGEST_LINE, .. } | State::Extension { line: LONGEST_LINE, .. }, _) => {
            return Err(Fault::Chunk);
        }
        (State::Size { value, digits: 1.., .. } | State::Extension { value, .. }, b'\n') => after_size(value),
        (State::Size { value, digits, line }, byte) => match char::from(byte).to_digit(16) {
            Some(_) if digits == 15 => return Err(Fault::Chunk),
            Some(digit) => {
                State::Size { value: value * 16 + u64::from(digit), digits: digits + 1, line: line + 1 }
            }
            None if digits > 0 && matches!(byte, b'\r' | b';' | b' ' | b'\t') => {
                State::Extension { value, line: line + 1 }
            }
            None => return Err(Fault::Chunk),
        },
        (State::Extension { value, line }, _) => State::Extension { value, line: line + 1 },
        (State::DataEnd { seen_cr: false }, b'\r') => State::DataEnd { seen_cr: true },
        (State::DataEnd { .. }, b'\n') => SIZE,
        (State::DataEnd { .. }, _) => return Err(Fault::Chunk),
        (State::Trailers { total: LONGEST_TRAILERS, .. }, _) => return Err(Fault::HeadTooLong),
        (State::Trailers { line: 0, .. }, b'\n') => State::Done,
        (State::Trailers { total, .. }, b'\n') => State::Trailers { line: 0, total: total + 1 },
        (State::Trailers { line, total }, b'\r') => State::Trailers { line, total: total + 1 },
        (State::Trailers { line, total }, _) => State::Trailers { line: line + 1, total: total + 1 },
        (State::Data { .. } | State::Done, _) => state,
    })
}

fn after_size(value: u64) -> State {
    if value == 0 { State::Trailers { line: 0, total: 0 } } else { State::Data { left: value } }
}
