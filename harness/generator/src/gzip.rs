//! Gzip bodies whose slots are filled anew for each request, without compressing them anew.
//!
//! A compressor gives frequent bytes shorter codes, so that another digit in a body moves every bit behind it.
//! Deflate's fixed Huffman code (RFC 1951, 3.2.6) has 8 bits for every byte below 144. A slot that is spelt out in it,
//! and that no copy reads from, stands at the same bits whatever it holds, and so does all else. The text around the
//! slots may be copied: in a batch, each item's text from the item before.
//!
//! The price is size, since zlib gives a digit half as many bits: a batch of 100 transactions with four numbers each
//! becomes 43% of its length here, and 18% (rising numbers) to 25% (random ones) at level 6.
//!
//! This file knows nothing of HTTP, and of a body no more than where its slots are.

use std::collections::HashMap;
use std::ops::Range;

/// What gzip puts first (RFC 1952, 2.3): its magic, deflate as the method, no flags, no time, no hint, unknown system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// What gzip puts last: the checksum of the body and its length, 4 bytes each.
const TRAILER_BYTES: usize = 8;

/// A byte of a slot is below this: from here on literals take 9 bits.
const NINE_BITS_FROM: u8 = 144;

/// The codes of the bytes below that, as they stand in the stream. The others' places hold nothing of use.
const SLOT_CODES: [u8; 256] = {
    let mut codes = [0; 256];
    let mut byte = 0;
    while byte < NINE_BITS_FROM {
        codes[byte as usize] = (0x30 + byte).reverse_bits();
        byte += 1;
    }
    codes
};

/// Shortest and longest copies. One of 258 bytes would be possible, by a code that is an exception to all others.
const SHORTEST_MATCH: usize = 3;
const LONGEST_MATCH: usize = 257;

/// How far back a copy can reach, in bytes.
const WINDOW: usize = 32 * 1024;

/// How many earlier places are tried for a copy, as zlib does at level 6.
const MOST_CANDIDATES: usize = 128;

/// A gzip body (RFC 1952) of constant length for all contents of its slots.
///
/// Where nothing can be copied it is 20 bytes longer than the body, and another bit for each byte above 143.
#[derive(Debug, Clone)]
pub struct GzipTemplate {
    bytes: Vec<u8>,
    body_bytes: usize,
    slots: Vec<Slot>,
}

/// Where a slot is.
#[derive(Debug, Clone)]
struct Slot {
    /// In the plain body, in bytes.
    plain: Range<usize>,
    /// In the gzip bytes: its first bit, counted from each byte's lowest.
    bit: usize,
}

impl GzipTemplate {
    /// Compresses `body`, the plain body with any content in its slots; `slots` are their byte ranges, ascending, not
    /// overlapping. Done once before a run, it need not be fast.
    ///
    /// # Panics
    /// When the slots are not so or not in the body, and in debug builds as [`Self::patch`] does.
    #[must_use]
    pub fn new(body: &[u8], slots: &[Range<usize>]) -> Self {
        let mut text: Vec<Option<u8>> = body.iter().copied().map(Some).collect();
        for slot in slots {
            text[slot.clone()].fill(None);
        }
        let mut encoder = Encoder::new(&text);
        let mut at = 0;
        // Empty slots are none: the encoder takes text as far as it goes.
        let slots = slots.iter().filter(|slot| !slot.is_empty()).map(|slot| {
            assert!(at <= slot.start, "the slots ascend and do not overlap, but {slot:?} begins before {at}");
            encoder.fixed(at);
            at = slot.end;
            Slot { plain: slot.clone(), bit: encoder.slot(slot.len()) }
        });
        let slots = slots.collect();
        encoder.fixed(at);
        let mut bytes = encoder.finish();
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&(body.len() as u32).to_le_bytes());
        // The first content goes in as all others will.
        let mut template = Self { bytes: bytes.clone(), body_bytes: body.len(), slots };
        template.patch(body, &mut bytes);
        template.bytes = bytes;
        template
    }

    /// The gzip bytes with the content of `body` as given to [`Self::new`].
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Writes the slots of `body`, of the same length and with the same fixed text as before, into `gzip`, a copy of
    /// [`Self::bytes`] that may have been patched before, and the checksum.
    ///
    /// The bytes of slots must be ASCII (below 144 would do). Others are not what the gzip bytes then hold, and a
    /// receiver finds the checksum wrong.
    ///
    /// # Panics
    /// When a length is another, and in debug builds when a slot's byte is 144 or above.
    pub fn patch(&self, body: &[u8], gzip: &mut [u8]) {
        assert_eq!(body.len(), self.body_bytes, "the body is as long as it was");
        assert_eq!(gzip.len(), self.bytes.len(), "the gzip bytes are a copy of the template's");
        for slot in &self.slots {
            write_literals(&body[slot.plain.clone()], gzip, slot.bit);
        }
        let trailer = gzip.len() - TRAILER_BYTES;
        gzip[trailer..trailer + 4].copy_from_slice(&crc32fast::hash(body).to_le_bytes());
    }
}

/// Writes the codes of `bytes` over the bits of `gzip` from `bit` on, and leaves the bits around them as they are.
fn write_literals(bytes: &[u8], gzip: &mut [u8], bit: usize) {
    debug_assert!(bytes.iter().all(|&byte| byte < NINE_BITS_FROM), "a slot's bytes take 8 bits: {bytes:?}");
    let (first, shift) = (bit / 8, bit % 8);
    let before = (1 << shift) - 1;
    // The bits that the next byte begins with: first those before the slot, then what the last code had too many.
    let mut carry = gzip[first] & before;
    let (gzip, last) = gzip[first..].split_at_mut(bytes.len());
    for (&byte, coded) in bytes.iter().zip(gzip) {
        let both = u16::from(carry) | u16::from(SLOT_CODES[usize::from(byte)]) << shift;
        *coded = both as u8;
        carry = (both >> 8) as u8;
    }
    last[0] = last[0] & !before | carry;
}

/// Some bits of the stream: the value, lowest bit first, and how many they are.
type Field = (u32, u32);

/// A symbol of the fixed code for literals (0 to 255), the block's end (256) and lengths (from 257).
fn symbol(symbol: u32) -> Field {
    match symbol {
        0..144 => code(0x30 + symbol, 8),
        144..256 => code(0x190 + symbol - 144, 9),
        256..280 => code(symbol - 256, 7),
        _ => code(0xc0 + symbol - 280, 8),
    }
}

/// A Huffman code, which comes with its highest bit first, unlike everything else in the stream.
fn code(code: u32, width: u32) -> Field {
    (code.reverse_bits() >> (32 - width), width)
}

/// The number of the bucket that `value` is in, and its place in the bucket. Each power of two is parted into
/// `1 << log_parts` buckets, and below that each value is one of its own (the tables of RFC 1951, 3.2.5, as a formula).
fn bucket(value: usize, log_parts: u32) -> (u32, Field) {
    let place_bits = (value | 1 << log_parts).ilog2() - log_parts;
    let number = (place_bits << log_parts) + (value >> place_bits) as u32;
    let place = value & ((1 << place_bits) - 1);
    (number, (place as u32, place_bits))
}

/// A copy of `length` bytes that stand `distance` bytes before.
#[derive(Debug, Clone, Copy)]
struct Match {
    length: usize,
    distance: usize,
}

impl Match {
    fn fields(self) -> [Field; 4] {
        let (length, length_extra) = bucket(self.length - SHORTEST_MATCH, 2);
        let (distance, distance_extra) = bucket(self.distance - 1, 1);
        [symbol(257 + length), length_extra, code(distance, 5), distance_extra]
    }
}

/// Turns text into deflate. In `text`, the bytes of slots are `None`.
struct Encoder<'a> {
    text: &'a [Option<u8>],
    /// Where each three fixed bytes stand in what has been encoded.
    places: HashMap<[u8; SHORTEST_MATCH], Vec<usize>>,
    bytes: Vec<u8>,
    /// Bits that do not make a byte yet, lowest first.
    pending: u64,
    pending_bits: usize,
}

impl<'a> Encoder<'a> {
    fn new(text: &'a [Option<u8>]) -> Self {
        let bytes = HEADER.to_vec();
        let mut encoder = Self { text, places: HashMap::new(), bytes, pending: 0, pending_bits: 0 };
        // The last block, and it is of the fixed code.
        encoder.push((1, 1));
        encoder.push((1, 2));
        encoder
    }

    /// Encodes the text from `at` up to the next slot or the end: each time the copy that saves most, or a literal.
    fn fixed(&mut self, mut at: usize) {
        while let Some(&Some(byte)) = self.text.get(at) {
            let length = match self.best_match(at) {
                Some(found) => {
                    found.fields().into_iter().for_each(|field| self.push(field));
                    found.length
                }
                None => {
                    self.push(symbol(byte.into()));
                    1
                }
            };
            for place in at..at + length {
                if let Some(three) = self.three(place) {
                    self.places.entry(three).or_default().push(place);
                }
            }
            at += length;
        }
    }

    /// Leaves room for a slot and returns its first bit.
    fn slot(&mut self, length: usize) -> usize {
        let first = 8 * self.bytes.len() + self.pending_bits;
        (0..length).for_each(|_| self.push((0, 8)));
        first
    }

    /// Ends the block and its last byte.
    fn finish(mut self) -> Vec<u8> {
        self.push(symbol(256));
        self.push((0, 7));
        self.bytes
    }

    fn best_match(&self, at: usize) -> Option<Match> {
        let places = self.places.get(&self.three(at)?)?;
        let near = places.iter().rev().take(MOST_CANDIDATES).take_while(|&&from| at - from <= WINDOW);
        let matches = near.map(|&from| Match { length: self.common(from, at), distance: at - from });
        let (saved_bits, best) = matches
            .map(|found| (self.saved_bits(at, found), found))
            .max_by_key(|(saved_bits, _)| *saved_bits)?;
        (saved_bits > 0).then_some(best)
    }

    /// How many fixed bytes are the same from two places on. The two may overlap, as copies may.
    fn common(&self, from: usize, at: usize) -> usize {
        let pairs = self.text[from..].iter().zip(&self.text[at..]).take(LONGEST_MATCH);
        pairs.take_while(|(earlier, later)| earlier.is_some() && earlier == later).count()
    }

    /// How many bits fewer a copy takes than its bytes as literals.
    fn saved_bits(&self, at: usize, found: Match) -> i64 {
        let text = self.text[at..at + found.length].iter().flatten();
        let literals: u32 = text.map(|&byte| symbol(byte.into()).1).sum();
        let copy: u32 = found.fields().iter().map(|field| field.1).sum();
        i64::from(literals) - i64::from(copy)
    }

    /// The three fixed bytes at a place; none where the text ends or a slot comes before.
    fn three(&self, at: usize) -> Option<[u8; SHORTEST_MATCH]> {
        match self.text[at..] {
            [Some(a), Some(b), Some(c), ..] => Some([a, b, c]),
            _ => None,
        }
    }

    /// Appends bits, lowest first.
    fn push(&mut self, (value, width): Field) {
        self.pending |= u64::from(value) << self.pending_bits;
        self.pending_bits += width as usize;
        while self.pending_bits >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.pending_bits -= 8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bench_model::random::Random;
    use flate2::bufread::GzDecoder;
    use proptest::prelude::*;
    use std::io::Read as _;

    /// What a receiver makes of `gzip`. The decoder compares checksum and length.
    fn unpack(gzip: &[u8]) -> Vec<u8> {
        let mut decoder = GzDecoder::new(gzip);
        let mut body = Vec::new();
        decoder.read_to_end(&mut body).unwrap();
        assert!(decoder.into_inner().is_empty(), "nothing follows the trailer");
        body
    }

    /// Fills the slots with anything that they may hold.
    fn fill(body: &mut [u8], slots: &[Range<usize>], random: &mut Random) {
        for at in slots.iter().cloned().flatten() {
            body[at] = random.between(0, i64::from(NINE_BITS_FROM) - 1) as u8;
        }
    }

    /// Asserts what must hold for any body and slots, patched again and again, and returns the gzip bytes' length.
    fn assert_holds(body: &[u8], slots: &[Range<usize>]) -> usize {
        let template = GzipTemplate::new(body, slots);
        assert_eq!(unpack(template.bytes()), body);
        let mut gzip = template.bytes().to_vec();
        let mut patched = body.to_vec();
        let mut random = Random::new(body.len() as u64);
        for _ in 0..2 {
            fill(&mut patched, slots, &mut random);
            template.patch(&patched, &mut gzip);
            assert_eq!(unpack(&gzip), patched);
        }
        template.patch(body, &mut gzip);
        assert_eq!(gzip, template.bytes(), "nothing of other contents is left");
        gzip.len()
    }

    /// `length` bytes that hold nothing to copy.
    fn noise(length: usize) -> Vec<u8> {
        let mut random = Random::new(length as u64);
        (0..length).map(|_| random.next_u64() as u8).collect()
    }

    /// A body and its slots, which stand in angle brackets.
    fn marked(text: &str) -> (Vec<u8>, Vec<Range<usize>>) {
        let (mut body, mut slots) = (Vec::new(), Vec::new());
        for byte in text.bytes() {
            match byte {
                b'<' => slots.push(body.len()..body.len()),
                b'>' => slots.last_mut().unwrap().end = body.len(),
                _ => body.push(byte),
            }
        }
        (body, slots)
    }

    #[test]
    fn slots_anywhere() {
        for text in [
            "",
            "<>",
            "a",
            "<a>",
            "abcabcabcabc",
            "<abcabcabcabc>",
            "<a>bcabcabcabc",
            "abcabcabcab<c>",
            "<abc>abcabc<abc>",
            "abc<abc>abcabc",
            "abcabc<abc><abc>abcabcabc",
            "abcabca<b><c><abc>abcabcabcabc",
            "<>abcabc<>abcabc<><abc><>abcabc<>",
        ] {
            let (body, slots) = marked(text);
            assert_holds(&body, &slots);
        }
    }

    #[test]
    #[should_panic(expected = "do not overlap, but 1..3 begins before 2")]
    fn slots_that_overlap_are_refused() {
        let _ = GzipTemplate::new(b"abc", &[0..2, 1..3]);
    }

    #[test]
    #[should_panic(expected = "as long as it was")]
    fn a_body_of_another_length_is_refused() {
        let template = GzipTemplate::new(b"abc", &[]);
        template.patch(b"abcd", &mut template.bytes().to_vec());
    }

    #[test]
    #[should_panic(expected = "a copy of the template's")]
    fn gzip_bytes_of_another_length_are_refused() {
        let template = GzipTemplate::new(b"abc", &[]);
        template.patch(b"abc", &mut [template.bytes(), b"x"].concat());
    }

    #[test]
    fn copies_of_every_length() {
        for length in 0..600 {
            let first = [&noise(length)[..], b"-------"].concat();
            let both = [&first[..], &noise(length)].concat();
            let slots = [length + 1..length + 2, length + 3..length + 6];
            let (first, both) = (assert_holds(&first, &slots), assert_holds(&both, &slots));
            let most = first + 4 * length.div_ceil(LONGEST_MATCH);
            assert!(both <= most, "{length} bytes take {first}, and twice they take {both}");
        }
    }

    #[test]
    fn copies_over_every_distance() {
        // Symbols change at powers of two and halfway between. Beyond the window there is nothing to copy from.
        for corner in (4..15).flat_map(|log| [2 << log, 3 << log]) {
            for distance in corner - 1..corner + 2 {
                let phrase = noise(20);
                let first = [&phrase[..], &noise(distance - phrase.len())].concat();
                let both = [&first[..], &phrase].concat();
                let more = assert_holds(&both, &[]) - assert_holds(&first, &[]);
                assert_eq!(more <= 4, distance <= WINDOW, "{more} bytes for a copy over {distance}");
            }
        }
    }

    #[test]
    fn no_copy_takes_more_than_its_bytes() {
        // From so far away, 3 bytes take 25 bits to copy and 24 to spell out.
        let first: Vec<u8> = noise(17_000).iter().map(|byte| byte % 128).collect();
        let threes: Vec<u8> = first[..24].rchunks(3).flatten().copied().collect();
        assert_eq!(
            assert_holds(&[&first[..], &threes].concat(), &[]),
            assert_holds(&first, &[]) + threes.len()
        );
    }

    #[test]
    fn long_bodies() {
        let length = 100 * 1024;
        let slots: Vec<_> = (0..length / 100).map(|item| item * 100 + 7..item * 100 + 19).collect();
        let mut text = noise(length);
        fill(&mut text, &slots, &mut Random::new(1));
        let gzip_bytes = assert_holds(&text, &slots);
        assert!(gzip_bytes <= length + length / 8, "{gzip_bytes} bytes for {length} without any order");
        let gzip_bytes = assert_holds(&vec![b'z'; length], &slots);
        assert!(gzip_bytes < length / 5, "{gzip_bytes} bytes for {length} of one letter");
        let gzip_bytes = assert_holds(&vec![0xff; length], &[]);
        assert!(gzip_bytes < length / 100, "{gzip_bytes} bytes for {length} of one value");
    }

    #[test]
    fn an_item_of_a_batch_costs_four_copies() {
        let item = r#"{"id":"t-<0123456789>","from":"acct-<0123>","to":"acct-<4567>","amount":<890>}"#;
        let gzip_bytes = |items: usize| {
            let (body, slots) = marked(&format!("[{}]", vec![item; items].join(",")));
            assert_holds(&body, &slots)
        };
        // Copies of up to 18 bytes (7 bits and 1 more) from 65 to 96 bytes before (5 bits and 5 more). The first comma
        // between items comes with the second.
        let item_bits = 8 * 21 + 4 * 18;
        let most = gzip_bytes(2) + 98 * item_bits / 8 + 1;
        assert!(gzip_bytes(100) <= most, "{} bytes, and {most} at most", gzip_bytes(100));
    }

    /// Texts and slots in turn, or several of one kind: whether it is a slot, and what is in it.
    fn pieces() -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
        // The same few words in texts and slots, so that there is much to copy, and much that must not be.
        let words = prop::sample::select(vec!["acct-", "\",\"to\":\"acct-", "0000", "0", "abcabcabcabc"]);
        let word = words.prop_map(|word| word.as_bytes().to_vec());
        let text = prop_oneof![4 => word.clone(), 1 => prop::collection::vec(any::<u8>(), 0..40)];
        let slot = prop_oneof![4 => word, 1 => prop::collection::vec(0..NINE_BITS_FROM, 0..30)];
        let piece =
            prop_oneof![3 => text.prop_map(|text| (false, text)), 2 => slot.prop_map(|slot| (true, slot))];
        prop::collection::vec(piece, 0..60)
    }

    proptest! {
        #[test]
        fn whatever_the_body(pieces in pieces()) {
            let (mut body, mut slots) = (Vec::new(), Vec::new());
            for (is_slot, bytes) in pieces {
                if is_slot {
                    slots.push(body.len()..body.len() + bytes.len());
                }
                body.extend(bytes);
            }
            assert_holds(&body, &slots);
        }
    }
}
