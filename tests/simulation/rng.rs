//! All randomness, from one seed.

use std::cell::Cell;

use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::driver::Clock;

/// A stream of numbers that is the same for the same seed (splitmix64).
pub struct Rng(Cell<u64>);

impl Rng {
    /// The stream of a seed for one subject. Each subject has its own, so that a new one changes no other.
    pub fn new(seed: u64, subject: &str) -> Rng {
        // FNV-1a, which is the same with every compiler.
        let hash = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let rng = Rng(subject.bytes().fold(0xcbf2_9ce4_8422_2325, hash).wrapping_add(seed).into());
        // The streams of neighbouring seeds must not be the same stream one step apart.
        Rng(rng.next().into())
    }

    fn next(&self) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0, less than 1.
    pub fn unit(&self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn between(&self, least: f64, most: f64) -> f64 {
        least + (most - least) * self.unit()
    }

    /// A length of time between two, in milliseconds.
    pub fn millis(&self, least: f64, most: f64) -> Millis {
        Millis(self.between(least, most))
    }

    /// A point in time in the first so many milliseconds.
    pub fn instant(&self, most: f64) -> Instant {
        Clock::ORIGIN + self.millis(0.0, most)
    }

    pub fn below(&self, limit: usize) -> usize {
        (self.unit() * limit as f64) as usize
    }

    /// Returns true with this probability.
    pub fn happens(&self, probability: f64) -> bool {
        self.unit() < probability
    }

    pub fn pick<T: Clone>(&self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}
