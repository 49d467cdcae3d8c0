//! What can be between double braces, and what is written there.

use super::SERIAL_WIDTH;
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

impl Place {
    pub(super) fn parse(written: &str) -> Option<Self> {
        let mut words = written.split_whitespace();
        let name = words.next()?;
        let arguments: Vec<&str> = words.collect();
        let (width, kind) = match (name, arguments.as_slice()) {
            ("run", []) => return Some(Self::Run),
            ("serial", []) => (SERIAL_WIDTH, Kind::Serial),
            ("digits", [low, high]) => {
                let (low, span) = range(low, high)?;
                (high.len(), Kind::Digits { low, span })
            }
            ("other", [low, high]) => {
                let (low, span) = range(low, high)?;
                (high.len(), if span > 1 { Kind::Other { low, span } } else { return None })
            }
            ("zipf", [low, high]) => {
                let (low, span) = range(low, high)?;
                (high.len(), if span <= MOST_RANKS { zipf(low, span) } else { return None })
            }
            ("int", [low, high]) => {
                let (low, high): (i64, i64) = (low.parse().ok()?, high.parse().ok()?);
                let width = low.to_string().len().max(high.to_string().len());
                (width, if low <= high { Kind::Int { low, high } } else { return None })
            }
            ("hex", [digits]) => (digits.parse().ok().filter(|n| (1..=MOST_HEX).contains(n))?, Kind::Hex),
            ("pick", [first, ..]) if arguments.iter().all(|word| word.len() == first.len()) => {
                let words = arguments.iter().map(|word| word.as_bytes().into());
                (first.len(), Kind::Pick(words.collect()))
            }
            _ => return None,
        };
        Some(Self::Slot { width, kind })
    }
}

/// The lowest of a range of numbers that are written in digits alone, and how many they are.
fn range(low: &str, high: &str) -> Option<(u64, u64)> {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let (low, high) = (number(low)?, number(high)?);
    Some((low, high.checked_sub(low)?.checked_add(1)?))
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
