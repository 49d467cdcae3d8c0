//! What can be between double braces, and what is written there.

use super::{PlaceError, SERIAL_WIDTH};
use crate::random::Random;
use std::sync::Arc;

/// Most hexadecimal digits of one slot, so that a slip of the pen does not fill the memory.
const MOST_HEX: usize = 1 << 20;
/// Most numbers that one Zipf distribution has: a table of them is kept.
const MOST_RANKS: u64 = 1 << 20;

/// A place of a template.
#[derive(Debug)]
pub(super) enum Place {
    /// The run's mark.
    Run,
    /// Filled for each item.
    Slot { width: usize, kind: Kind },
}

/// What a slot is filled with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Serial,
    /// `span` numbers from `low` on, with zeros before them.
    Digits {
        low: u64,
        span: u64,
    },
    /// The same without the number that was drawn last.
    Other {
        low: u64,
        span: u64,
    },
    /// Numbers from `low` on; the k-th is drawn if a fraction is below `cumulative[k]` and none before.
    Zipf {
        low: u64,
        cumulative: Arc<[f64]>,
    },
    /// With blanks before them.
    Int {
        low: i64,
        high: i64,
    },
    Hex,
    Pick(Arc<[Box<[u8]>]>),
}

/// All places, in words.
const ALL: &[&str] = &[
    "serial",
    "run",
    "digits LOW HIGH",
    "other LOW HIGH",
    "zipf LOW HIGH",
    "int LOW HIGH",
    "hex N",
    "pick A B",
];

impl Place {
    pub(super) fn parse(written: &str) -> Result<Self, PlaceError> {
        let mut words = written.split_whitespace();
        let name = words.next().unwrap_or_default();
        let arguments: Vec<&str> = words.collect();
        let (width, kind) = match (name, arguments.as_slice()) {
            ("run", []) => return Ok(Self::Run),
            ("serial", []) => (SERIAL_WIDTH, Kind::Serial),
            ("digits", [low, high]) => {
                let (low, span) = range(low, high).ok_or(form(name))??;
                (high.len(), Kind::Digits { low, span })
            }
            ("other", [low, high]) => match range(low, high).ok_or(form(name))?? {
                (_, 1) => return Err(PlaceError::OneNumber),
                (low, span) => (high.len(), Kind::Other { low, span }),
            },
            ("zipf", [low, high]) => match range(low, high).ok_or(form(name))?? {
                (low, span) if span <= MOST_RANKS => (high.len(), zipf(low, span)),
                _ => return Err(PlaceError::TooMany(MOST_RANKS)),
            },
            ("int", [low, high]) => {
                let number = |text: &str| text.parse::<i64>().map_err(|_| form(name));
                let (low, high) = (number(low)?, number(high)?);
                let width = low.to_string().len().max(high.to_string().len());
                (
                    width,
                    if low <= high { Kind::Int { low, high } } else { return Err(PlaceError::Descending) },
                )
            }
            ("hex", [digits]) => {
                let digits = digits.parse().ok().filter(|digits| (1..=MOST_HEX).contains(digits));
                (digits.ok_or(form(name))?, Kind::Hex)
            }
            ("pick", [first, ..]) => {
                if let Some(other) = arguments.iter().find(|word| word.len() != first.len()) {
                    return Err(PlaceError::UnequalWords((*first).to_owned(), (*other).to_owned()));
                }
                (first.len(), Kind::Pick(arguments.iter().map(|word| word.as_bytes().into()).collect()))
            }
            _ => return Err(form(name)),
        };
        Ok(Self::Slot { width, kind })
    }
}

/// How a place of this name is written, or that there is none.
fn form(name: &str) -> PlaceError {
    PlaceError::Form(match name {
        "run" => "run",
        "serial" => "serial",
        "digits" => "digits LOW HIGH, two whole numbers in digits that fit 64 bits",
        "other" => "other LOW HIGH, two whole numbers in digits that fit 64 bits",
        "zipf" => "zipf LOW HIGH, two whole numbers in digits that fit 64 bits",
        "int" => "int LOW HIGH, two whole numbers that fit 64 bits",
        "hex" => "hex N, from 1 to 1048576",
        "pick" => "pick A B with a word or more",
        _ => return PlaceError::Unknown { name: name.to_owned(), all: ALL },
    })
}

/// The lowest of a range of numbers that are written in digits alone, and how many they are; nothing where they are none.
fn range(low: &str, high: &str) -> Option<Result<(u64, u64), PlaceError>> {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let (low, high) = (number(low)?, number(high)?);
    let Some(distance) = high.checked_sub(low) else { return Some(Err(PlaceError::Descending)) };
    Some(distance.checked_add(1).map(|span| (low, span)).ok_or(PlaceError::TooMany(u64::MAX)))
}

fn zipf(low: u64, span: u64) -> Kind {
    let weights = (1..=span).map(|rank| 1.0 / rank as f64);
    let total: f64 = weights.clone().sum();
    let mut sum = 0.0;
    let cumulative = weights.map(|weight| {
        sum += weight;
        sum / total
    });
    Kind::Zipf { low, cumulative: cumulative.collect() }
}

impl Kind {
    /// Whether it is a number that `other` can be told to differ from.
    pub(super) fn is_drawn_number(&self) -> bool {
        matches!(self, Self::Digits { .. } | Self::Other { .. } | Self::Zipf { .. })
    }

    /// Fills a slot. `before` is the number that was drawn last, and becomes this one's.
    #[inline]
    pub(super) fn fill(&self, slot: &mut [u8], serial: u64, random: &mut Random, before: &mut u64) {
        match self {
            Self::Serial => write_digits(slot, serial),
            Self::Digits { low, span } => {
                *before = low + random.below(*span);
                write_digits(slot, *before);
            }
            Self::Other { low, span } => {
                // The number before it is left out if it is one of these: those after it move down by one.
                let left_out = before.wrapping_sub(*low);
                let drawn = if left_out < *span {
                    let drawn = random.below(span - 1);
                    drawn + u64::from(drawn >= left_out)
                } else {
                    random.below(*span)
                };
                *before = low + drawn;
                write_digits(slot, *before);
            }
            Self::Zipf { low, cumulative } => {
                let fraction = random.unit();
                let rank = cumulative.partition_point(|&sum| sum <= fraction).min(cumulative.len() - 1);
                *before = low + rank as u64;
                write_digits(slot, *before);
            }
            Self::Int { low, high } => write_number(slot, random.between(*low, *high)),
            Self::Hex => {
                for part in slot.chunks_mut(16) {
                    let mut bits = random.next_u64();
                    for digit in part {
                        *digit = b"0123456789abcdef"[(bits & 15) as usize];
                        bits >>= 4;
                    }
                }
            }
            Self::Pick(words) => slot.copy_from_slice(&words[random.below(words.len() as u64) as usize]),
        }
    }
}

/// The last digits of a number, as many as there is room for, with zeros before them.
#[inline]
fn write_digits(slot: &mut [u8], mut number: u64) {
    for digit in slot.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// A number with blanks before it. The slot is wide enough for it.
#[inline]
fn write_number(slot: &mut [u8], number: i64) {
    let mut left = number.unsigned_abs();
    let mut at = slot.len();
    loop {
        at -= 1;
        slot[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    if number < 0 {
        at -= 1;
        slot[at] = b'-';
    }
    slot[..at].fill(b' ');
}
