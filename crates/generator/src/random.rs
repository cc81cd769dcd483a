//! Random numbers that depend on what they are for, never on which thread asks for them.

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;

pub(crate) type Random = Pcg64;

/// What a stream is used for. One use never disturbs another: the people of a seed stay the same
/// whatever is missing, extreme or noisy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    Rows = 1,
    Values = 2,
    Noise = 3,
    Outliers = 4,
    Missing = 5,
    /// Whether a customer leaves.
    Leaving = 6,
    /// What a customer brings.
    Worth = 7,
}

/// Where a block of rows lies: its streams follow from that.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub seed: u64,
    pub day: u64,
    pub block: u64,
}

impl Place {
    pub fn stream(self, purpose: Purpose) -> Random {
        stream(self.seed, self.day, self.block, purpose)
    }
}

/// The stream of one block of rows of one day.
pub(crate) fn stream(seed: u64, day: u64, block: u64, purpose: Purpose) -> Random {
    let mut bytes = [0u8; 32];
    let mut state = 0u64;
    for (chunk, word) in bytes
        .chunks_exact_mut(8)
        .zip([seed, day, block, purpose as u64])
    {
        state = scramble(state ^ word);
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    Pcg64::from_seed(bytes)
}

/// The finishing step of SplitMix64: neighbouring numbers become unlike.
fn scramble(word: u64) -> u64 {
    let mut mixed = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A number from the standard normal distribution.
pub(crate) fn normal(random: &mut Random) -> f64 {
    StandardNormal.sample(random)
}

/// A number from 0 to less than 1.
pub(crate) fn uniform(random: &mut Random) -> f64 {
    random.random()
}

/// An index, each with its weight; the weights add up to 1.
pub(crate) fn choose(random: &mut Random, weights: &[f64]) -> usize {
    let mut left = uniform(random);
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight {
            return index;
        }
        left -= weight;
    }
    weights.len().saturating_sub(1)
}

/// The share of the standard normal distribution below `z`, within 1e-7.
pub(crate) fn normal_share_below(z: f64) -> f64 {
    // Zelen and Severo's polynomial (Abramowitz and Stegun 26.2.17).
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let polynomial = t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    let tail = normal_density(z) * polynomial;
    if z >= 0.0 { 1.0 - tail } else { tail }
}

pub(crate) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_in_every_coordinate() {
        let first = |seed, day, block, purpose| uniform(&mut stream(seed, day, block, purpose));
        let all = [
            first(1, 0, 0, Purpose::Values),
            first(0, 1, 0, Purpose::Values),
            first(0, 0, 1, Purpose::Values),
            first(0, 0, 0, Purpose::Values),
            first(0, 0, 0, Purpose::Noise),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|other| other != one), "{all:?}");
        }
    }

    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        for (z, share) in [
            (0.0, 0.5),
            (1.0, 0.841_344_746),
            (-1.96, 0.024_997_895),
            (3.0, 0.998_650_102),
        ] {
            assert!((normal_share_below(z) - share).abs() < 1e-7, "{z}");
        }
    }
}
