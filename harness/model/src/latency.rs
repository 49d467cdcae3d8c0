//! The histogram that every latency is kept in, and its interchange format.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::{Compress, Compression, FlushCompress, Status};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use serde::{Deserialize, Serialize, Serializer};
use std::cell::RefCell;
use std::sync::LazyLock;

/// Longest latency that is told apart, in nanoseconds: one hour. Longer ones count as this long.
pub const LONGEST_NS: u64 = 3_600_000_000_000;

/// Latencies in nanoseconds, from 1 ns to 1 h, to 3 significant digits.
///
/// The lowest discernible value is 1 ns, not 1 us: HdrHistogram keeps values below 2048 times the lowest one to a
/// fixed grain of it, so that "1 us" would mean a grain of half a microsecond, 5% of a 10 us latency.
/// Serialised as the HdrHistogram V2 format, deflated, in base64: what HistogramLogAnalyzer and its kin read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    fn default() -> Self {
        Self::new()
    }
}

impl Latencies {
    /// An empty histogram of about 270 kB.
    #[must_use]
    pub fn new() -> Self {
        Self(
            Histogram::new_with_bounds(1, LONGEST_NS, 3)
                .expect("the bounds are constants that HdrHistogram takes"),
        )
    }

    /// Records one latency.
    #[inline]
    pub fn record(&mut self, latency_ns: u64) {
        self.0.saturating_record(latency_ns);
    }

    /// Records one latency `count` times.
    pub fn record_many(&mut self, latency_ns: u64, count: u64) {
        self.0.saturating_record_n(latency_ns, count);
    }

    /// Adds all of another's.
    pub fn add(&mut self, other: &Self) {
        self.0.add(&other.0).expect("all histograms have the same bounds");
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        if !self.0.is_empty() {
            self.0.reset();
        }
    }

    /// The same memory with nothing in it.
    #[must_use]
    pub fn emptied(mut self) -> Self {
        self.clear();
        self
    }

    /// How many latencies are held.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The value, in nanoseconds, that a part `quantile` (0 to 1) of the latencies does not exceed; 0 when empty.
    #[must_use]
    pub fn quantile_ns(&self, quantile: f64) -> u64 {
        self.0.value_at_quantile(quantile)
    }

    /// The histogram itself, for what the `hdrhistogram` crate offers.
    #[must_use]
    pub fn histogram(&self) -> &Histogram<u64> {
        &self.0
    }

    /// Encodes as HdrHistogram V2, deflated, in base64.
    #[must_use]
    pub fn to_base64(&self) -> String {
        if self.0.is_empty() {
            return EMPTY.clone();
        }
        self.encoded()
    }

    fn encoded(&self) -> String {
        ENCODER.with_borrow_mut(|encoder| BASE64.encode(encoder.encode(&self.0)))
    }

    /// Decodes what [`Self::to_base64`] or another HdrHistogram library wrote.
    ///
    /// # Errors
    /// When the text is no such histogram, or holds values beyond an hour.
    pub fn from_base64(text: &str) -> Result<Self, String> {
        let bytes = BASE64.decode(text).map_err(|error| format!("not base64: {error}"))?;
        let decoded: Histogram<u64> = Deserializer::new()
            .deserialize(&mut bytes.as_slice())
            .map_err(|error| format!("not an HdrHistogram: {error:?}"))?;
        let mut latencies = Self::new();
        latencies.0.add(&decoded).map_err(|error| format!("an HdrHistogram of other bounds: {error:?}"))?;
        Ok(latencies)
    }
}

impl TryFrom<String> for Latencies {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::from_base64(&text)
    }
}

impl Serialize for Latencies {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

/// Most intervals have nothing that is censored.
static EMPTY: LazyLock<String> = LazyLock::new(|| Latencies::new().encoded());

thread_local! {
    static ENCODER: RefCell<Encoder> = RefCell::new(Encoder::new());
}

/// What encoding needs besides the histogram, kept for the next one. `V2DeflateSerializer` makes most of it anew each time,
/// which for the few histograms of an interval is a megabyte of fresh memory, on a CPU where a generator measures.
struct Encoder {
    serializer: V2Serializer,
    compress: Compress,
    plain: Vec<u8>,
    deflated: Vec<u8>,
}

impl Encoder {
    /// What stands before the deflated bytes: a mark, and their length.
    const COOKIE: u32 = 0x1c84_9314;
    const HEAD_BYTES: usize = 8;

    fn new() -> Self {
        Self {
            serializer: V2Serializer::new(),
            compress: Compress::new(Compression::fast(), true),
            plain: Vec::new(),
            deflated: Vec::new(),
        }
    }

    /// The histogram as HdrHistogram V2, deflated.
    fn encode(&mut self, histogram: &Histogram<u64>) -> &[u8] {
        self.plain.clear();
        self.serializer.serialize(histogram, &mut self.plain).expect("writing to memory does not fail");
        self.compress.reset();
        self.deflated.clear();
        self.deflated.extend(Self::COOKIE.to_be_bytes());
        self.deflated.extend([0; 4]);
        loop {
            // It writes into spare capacity alone, and goes on where it stopped.
            self.deflated.reserve(1024);
            let read = self.compress.total_in() as usize;
            let status = self
                .compress
                .compress_vec(&self.plain[read..], &mut self.deflated, FlushCompress::Finish)
                .expect("a compressor that was reset takes any bytes");
            if status == Status::StreamEnd {
                break;
            }
        }
        let length = (self.deflated.len() - Self::HEAD_BYTES) as u32;
        self.deflated[4..Self::HEAD_BYTES].copy_from_slice(&length.to_be_bytes());
        &self.deflated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_three_digits_from_a_microsecond_to_an_hour() {
        for latency_ns in [1_000, 1_234, 99_990, 1_234_567, 987_654_321, 59_000_000_000, LONGEST_NS] {
            let mut latencies = Latencies::new();
            latencies.record(latency_ns);
            let kept = latencies.quantile_ns(0.5);
            assert!(kept.abs_diff(latency_ns) * 1000 <= latency_ns, "{latency_ns} kept as {kept}");
        }
        let mut latencies = Latencies::new();
        latencies.record(u64::MAX);
        assert_eq!(latencies.count(), 1, "beyond the range is counted, not lost");
    }

    #[test]
    fn rubbish_is_refused() {
        for rubbish in ["", "!", "AAAA", "SElTVA=="] {
            assert!(Latencies::from_base64(rubbish).is_err(), "{rubbish}");
        }
    }

    #[test]
    fn an_encoding_has_nothing_of_the_one_before() {
        let mut latencies = Latencies::new();
        for stretch in [0..0, 0..10, 10..20, 20..100_000] {
            stretch.for_each(|n| latencies.record(n * n));
            assert_eq!(Latencies::from_base64(&latencies.to_base64()).unwrap(), latencies);
        }
        latencies.clear();
        assert_eq!(latencies.to_base64(), Latencies::new().to_base64());
    }

    proptest! {
        #[test]
        fn encoding_loses_nothing(values in proptest::collection::vec(0..LONGEST_NS, 0..200)) {
            let mut latencies = Latencies::new();
            values.iter().for_each(|&value| latencies.record(value));
            prop_assert_eq!(Latencies::from_base64(&latencies.to_base64()).unwrap(), latencies);
        }

        #[test]
        fn merging_equals_recording_together(
            a in proptest::collection::vec(0..LONGEST_NS, 0..100),
            b in proptest::collection::vec(0..LONGEST_NS, 0..100),
        ) {
            let (mut left, mut right, mut both) = (Latencies::new(), Latencies::new(), Latencies::new());
            a.iter().for_each(|&value| { left.record(value); both.record(value); });
            b.iter().for_each(|&value| { right.record(value); both.record(value); });
            left.add(&right);
            prop_assert_eq!(left, both);
        }
    }
}
