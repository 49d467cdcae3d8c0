//! The seeded random numbers behind everything that must come out the same on every machine and in every version.
//!
//! SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014). It stands
//! here in ten lines because a scenario's bodies must never change with a dependency's next release.

/// A SplitMix64 generator. Not for secrets.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator whose whole sequence follows from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// A generator for one of many blocks whose sequence follows from `seed` and the block's index alone.
    #[must_use]
    pub fn of_block(seed: u64, block: usize) -> Self {
        // The seed passes the generator once before the index is added: with the bare sum, block 1 of seed 7 would
        // have the sequence of block 0 of seed 8.
        Self::new(Self::new(seed).next_u64().wrapping_add(block as u64))
    }

    /// Puts items into an order drawn by lot, every order being equally likely (Fisher and Yates's shuffle).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.between(0, last as i64) as usize);
        }
    }

    /// The next 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included, by Lemire's multiplication (bias below 2^-32 for spans of 2^32).
    ///
    /// # Panics
    /// When `low > high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        assert!(low <= high, "an empty range {low}..={high}");
        let span = u128::from(high.abs_diff(low)) + 1;
        let offset = (u128::from(self.next_u64()) * span) >> 64;
        (i128::from(low) + offset as i128) as i64
    }

    /// A number below `span`, which is above zero, in the same way.
    #[inline]
    pub fn below(&mut self, span: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(span)) >> 64) as u64
    }

    /// A double from 0 (included) to 1 (excluded), with 53 random bits.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs for seed 1234567, as published with the reference implementation (Vigna's splitmix64.c).
    #[test]
    fn published_sequence() {
        let mut random = Random::new(1_234_567);
        let first: Vec<u64> = (0..5).map(|_| random.next_u64()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn ranges_hold_their_ends() {
        let mut random = Random::new(7);
        let drawn: std::collections::BTreeSet<i64> = (0..200).map(|_| random.between(-2, 2)).collect();
        assert_eq!(drawn.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(random.between(i64::MIN, i64::MAX).signum().abs(), 1);
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
    }
}
