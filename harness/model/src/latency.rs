//! The histogram that every latency is kept in, and its interchange format.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

/// Longest latency that is told apart, in nanoseconds: one hour. Longer ones count as this long.
pub const LONGEST_NS: u64 = 3_600_000_000_000;

/// Latencies in nanoseconds, from 1 ns to 1 h, to 3 significant digits.
///
/// The lowest discernible value is 1 ns, not 1 us: HdrHistogram keeps values below 2048 times the lowest one to a
/// fixed grain of it, so that "1 us" would mean a grain of half a microsecond, 5% of a 10 us latency.
/// Serialised as the HdrHistogram V2 format, deflated, in base64: what HistogramLogAnalyzer and its kin read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
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
        self.0.reset();
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
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&self.0, &mut bytes).expect("writing to memory does not fail");
        BASE64.encode(bytes)
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

impl From<Latencies> for String {
    fn from(latencies: Latencies) -> Self {
        latencies.to_base64()
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
