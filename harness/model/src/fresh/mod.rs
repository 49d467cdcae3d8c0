//! Texts that are filled anew for each request: fixed bytes, with slots of a fixed width between them.
//!
//! | place | becomes |
//! |---|---|
//! | `{{serial}}` | ten digits: the item's number in its run, never the same twice |
//! | `{{run}}` | the run's mark: the same all through a run, another in the next |
//! | `{{digits LOW HIGH}}` | a number from LOW to HIGH, both included, with leading zeros to the width of HIGH as it is written |
//! | `{{other LOW HIGH}}` | the same, but never the number of the `digits`, `zipf` or `other` before it |
//! | `{{zipf LOW HIGH}}` | the same as `digits`, but the k-th number comes with a probability that is proportional to 1/k |
//! | `{{int LOW HIGH}}` | a number with leading blanks to the width of the longer one, as JSON allows |
//! | `{{hex N}}` | N hexadecimal digits |
//! | `{{pick A B C}}` | one of the words, which must be equally long |
//!
//! What a slot becomes follows from the seed and the item's serial number alone, so that it can be made again at any time:
//! to send the rest of a request, to compare its answer, or to audit what a server has stored.

mod fault;
mod place;

pub use fault::{FreshError, PlaceError};

use crate::random::Random;
use place::{Kind, Place};

/// Digits of a serial number.
const SERIAL_WIDTH: usize = 10;

/// A text with slots. Its length is the same whatever is in them.
#[derive(Debug, Clone, PartialEq)]
pub struct FreshText {
    bytes: Vec<u8>,
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, PartialEq)]
struct Slot {
    at: usize,
    width: usize,
    kind: Kind,
}

impl FreshText {
    /// Reads a template. `run` is the run's mark.
    ///
    /// # Errors
    /// When a place cannot be filled.
    pub fn parse(template: &str, run: &str) -> Result<Self, FreshError> {
        let (mut bytes, mut slots) = (Vec::with_capacity(template.len()), Vec::<Slot>::new());
        let mut rest = template;
        while let Some(open) = rest.find("{{") {
            let at = template.len() - rest.len() + open;
            let close = rest[open..].find("}}").ok_or(FreshError::Unclosed(at))? + open;
            bytes.extend_from_slice(&rest.as_bytes()[..open]);
            let written = rest[open + 2..close].trim();
            let refused = |reason| FreshError::Place { written: written.to_owned(), reason };
            match Place::parse(written).map_err(refused)? {
                Place::Run => bytes.extend_from_slice(run.as_bytes()),
                Place::Slot { width, kind } => {
                    let differs = matches!(kind, Kind::Other { .. });
                    if differs && !slots.iter().any(|slot| slot.kind.is_drawn_number()) {
                        return Err(FreshError::NothingBefore(written.to_owned()));
                    }
                    slots.push(Slot { at: bytes.len(), width, kind });
                    bytes.resize(bytes.len() + width, b'0');
                }
            }
            rest = &rest[close + 2..];
        }
        bytes.extend_from_slice(rest.as_bytes());
        Ok(Self { bytes, slots })
    }

    /// A text without slots.
    #[must_use]
    pub fn fixed(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), slots: Vec::new() }
    }

    /// Whether it has no slots.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.slots.is_empty()
    }

    /// Whether a slot may have blanks in it.
    #[must_use]
    pub fn has_blanks(&self) -> bool {
        self.slots.iter().any(|slot| matches!(slot.kind, Kind::Int { .. }))
    }

    /// The text with zeros in its slots.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where its slots are, in ascending order.
    pub fn slots(&self) -> impl Iterator<Item = std::ops::Range<usize>> {
        self.slots.iter().map(|slot| slot.at..slot.at + slot.width)
    }

    /// Whether the text of every item differs from that of every other.
    #[must_use]
    pub fn has_serial(&self) -> bool {
        self.slots.iter().any(|slot| slot.kind == Kind::Serial)
    }

    /// Fills the slots of `text`, which is a copy of [`FreshText::bytes`], for the item of this number.
    #[inline]
    pub fn fill(&self, text: &mut [u8], seed: u64, serial: u64) {
        let mut random = Random::new(seed ^ serial.wrapping_mul(0xa076_1d64_78bd_642f));
        let mut before = 0;
        for Slot { at, width, kind } in &self.slots {
            kind.fill(&mut text[*at..*at + *width], serial, &mut random, &mut before);
        }
    }

    /// The text of one item.
    #[must_use]
    pub fn filled(&self, seed: u64, serial: u64) -> Vec<u8> {
        let mut text = self.bytes.clone();
        self.fill(&mut text, seed, serial);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn text(template: &str, seed: u64, serial: u64) -> String {
        let fresh = FreshText::parse(template, "7f3a").unwrap();
        String::from_utf8(fresh.filled(seed, serial)).unwrap()
    }

    const TRANSACTION: &str = r#"{"id":"{{run}}-{{serial}}","from":"acct-{{digits 0 0999}}","to":"acct-{{other 0 0999}}","amount":{{int 1 100}}}"#;

    /// Pinned: an audit makes what was sent again, and a change here would change what stored runs meant.
    #[test]
    fn an_item_follows_from_seed_and_serial_alone() {
        assert_eq!(
            text(TRANSACTION, 1, 42),
            r#"{"id":"7f3a-0000000042","from":"acct-0570","to":"acct-0258","amount": 81}"#
        );
        assert_eq!(text(TRANSACTION, 1, 42), text(TRANSACTION, 1, 42));
        assert_ne!(text(TRANSACTION, 1, 42), text(TRANSACTION, 2, 42));
        assert_ne!(text(TRANSACTION, 1, 42)[22..], text(TRANSACTION, 1, 43)[22..]);
    }

    #[test]
    fn every_item_is_as_long_as_the_template_and_json_where_that_is() {
        let fresh = FreshText::parse(TRANSACTION, "7f3a").unwrap();
        for serial in 0..5_000 {
            let filled = fresh.filled(3, serial);
            assert_eq!(filled.len(), fresh.bytes().len());
            let value: serde_json::Value = serde_json::from_slice(&filled).unwrap();
            assert!((1..=100).contains(&value["amount"].as_u64().unwrap()));
            assert_ne!(value["from"], value["to"]);
            assert_eq!(value["id"], format!("7f3a-{serial:010}"));
        }
    }

    #[test]
    fn what_each_place_becomes() {
        for serial in 0..500 {
            let digits: u32 = text("{{digits 3 012}}", 1, serial).parse().unwrap();
            assert!((3..=12).contains(&digits));
            assert_eq!(text("{{digits 3 012}}", 1, serial).len(), 3);
            let int = text("{{int -5 100}}", 1, serial);
            assert!(int.len() == 3 && (-5..=100).contains(&int.trim().parse::<i32>().unwrap()), "{int}");
            assert!(["ab", "cd"].contains(&text("{{pick ab cd}}", 1, serial).as_str()));
            assert!(text("{{hex 20}}", 1, serial).bytes().all(|byte| byte.is_ascii_hexdigit()));
            let pair = text("{{zipf 0 2}}{{other 0 2}}{{other 0 2}}", 1, serial).into_bytes();
            assert!(pair[0] != pair[1] && pair[1] != pair[2]);
        }
        assert_eq!(text("{{serial}}", 0, 12_345_678_901), "2345678901");
        assert_eq!(text("{{int 5 5}}|{{digits 007 007}}", 0, 1), "5|007");
    }

    /// The share of each number, against what it should be, within four standard errors.
    #[test]
    fn the_distributions_are_what_they_are_called() {
        const DRAWS: u64 = 100_000;
        let harmonic: f64 = (1..=10).map(|k| 1.0 / f64::from(k)).sum();
        for (template, share) in [
            ("{{digits 0 9}}", Box::new(|_| 0.1) as Box<dyn Fn(u32) -> f64>),
            ("{{zipf 0 9}}", Box::new(move |number| 1.0 / (f64::from(number + 1) * harmonic))),
        ] {
            let fresh = FreshText::parse(template, "").unwrap();
            let mut counts = BTreeMap::<u32, f64>::new();
            for serial in 0..DRAWS {
                let drawn = fresh.filled(9, serial);
                *counts.entry(u32::from(drawn[0] - b'0')).or_default() += 1.0;
            }
            for number in 0..10 {
                let expected = share(number);
                let error = (expected * (1.0 - expected) / DRAWS as f64).sqrt();
                let seen = counts[&number] / DRAWS as f64;
                assert!((seen - expected).abs() < 4.0 * error, "{template} {number}: {seen}, not {expected}");
            }
        }
    }

    #[test]
    fn slots_and_serials() {
        let fresh = FreshText::parse("a{{serial}}{{hex 2}}b", "").unwrap();
        assert_eq!(fresh.slots().collect::<Vec<_>>(), [1..11, 11..13]);
        assert!(fresh.has_serial() && !FreshText::parse("{{hex 2}}", "").unwrap().has_serial());
        assert!(FreshText::parse(r#"{"a":{"b":1}}"#, "").unwrap().is_fixed());
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(FreshText::parse("ab {{int 1", ""), Err(FreshError::Unclosed(3)));
        for (wrong, part) in [
            ("nope", "the places are serial, run, digits LOW HIGH,"),
            ("", "the places are serial, run, digits LOW HIGH,"),
            ("sreal", "did you mean `serial`? The places are serial, run, digits LOW HIGH"),
            ("serial 1", "write it as serial"),
            ("digits", "write it as digits LOW HIGH"),
            ("digits 2 1", "LOW is above HIGH"),
            ("digits -1 5", "write it as digits LOW HIGH"),
            ("digits 0 99999999999999999999", "write it as digits LOW HIGH"),
            ("digits 0 18446744073709551615", "too many numbers to choose from"),
            ("int a b", "write it as int LOW HIGH"),
            ("int 2 1", "LOW is above HIGH"),
            ("hex", "write it as hex N"),
            ("hex 0", "from 1 to 1048576"),
            ("hex 99999999999", "from 1 to 1048576"),
            ("pick", "write it as pick A B"),
            ("pick a bb", "`a` and `bb` are not"),
            ("zipf 0 9999999", "at most 1048576"),
            ("zipf 5 4", "LOW is above HIGH"),
            ("zipf 0 99999999999999999999", "that fit 64 bits"),
            ("other 3 3", "LOW must be below HIGH"),
            ("digits 1 +5", "write it as digits LOW HIGH"),
            ("run 1", "write it as run"),
            ("index", "the places are serial, run, digits LOW HIGH,"),
        ] {
            let template = format!("{{{{digits 0 9}}}}{{{{{wrong}}}}}");
            let error = FreshText::parse(&template, "").unwrap_err();
            assert!(
                matches!(&error, FreshError::Place { written, .. } if written == wrong),
                "{wrong}: {error}"
            );
            assert!(error.to_string().contains(part), "{wrong}: {error}");
        }
        assert_eq!(
            FreshText::parse("{{int 0 9}}{{other 0 9}}", ""),
            Err(FreshError::NothingBefore("other 0 9".into()))
        );
    }
}
