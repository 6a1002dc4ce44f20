//! Chance that repeats: the same seed and name give the same throws for ever, on every machine.

/// A sequence of throws (`SplitMix64`).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The throws of `name` under `seed`. Each name has its own, so that a new one moves no other.
    pub(super) fn of(seed: u64, name: &str) -> Self {
        let named = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ named)
    }

    /// A whole number below `limit`; 0 when the limit is 0.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let thrown = self.throw() >> 32;
        u32::try_from(thrown.checked_rem(u64::from(limit)).unwrap_or(0)).unwrap_or(0)
    }

    /// True once in `n` throws.
    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of the words; the empty word when there are none.
    pub(super) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let limit = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let place = usize::try_from(self.below(limit)).unwrap_or(0);
        words.get(place).copied().unwrap_or_default()
    }

    /// A version 4 UUID.
    pub(super) fn uuid(&mut self) -> uuid::Uuid {
        let bytes = (u128::from(self.throw()) << 64) | u128::from(self.throw());
        uuid::Builder::from_random_bytes(bytes.to_be_bytes()).into_uuid()
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_name_repeat_and_others_differ() {
        let thrown = |seed, name: &str| {
            let mut dice = Dice::of(seed, name);
            (0..8).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(thrown(7, "a"), thrown(7, "a"));
        assert_ne!(thrown(7, "a"), thrown(7, "b"));
        assert_ne!(thrown(7, "a"), thrown(8, "a"));
    }

    #[test]
    fn throws_stay_below_their_limit_and_reach_every_side() {
        let mut dice = Dice::of(1, "sides");
        let mut seen = [0_u32; 6];
        for _ in 0..600 {
            seen[dice.below(6) as usize] += 1;
        }
        assert!(seen.iter().all(|count| (60..=140).contains(count)), "{seen:?}");
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.pick(&[]), "");
    }

    #[test]
    fn a_uuid_is_of_version_four() {
        let id = Dice::of(1, "id").uuid();
        assert_eq!((id.get_version_num(), id.get_variant()), (4, uuid::Variant::RFC4122));
    }
}
