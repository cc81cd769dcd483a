//! Where an id lies between 0 and 1: the same for ever, on every machine and in every build.
//!
//! SHA-256 of the label `millrace split 1` and a zero byte, the seed as four bytes (the highest first), and the
//! id in UTF-8; its first eight bytes are the place, the highest first. Whoever changes this moves
//! rows that models have learned from into their hold-out: give another form another label, and a name in
//! `split.method`.

use sha2::{Digest as _, Sha256};

const LABEL: &[u8] = b"millrace split 1\0";

/// Where an id lies, as a fraction of 2^64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

impl Place {
    pub fn of(seed: u32, id: &str) -> Place {
        let mut hasher = Sha256::new();
        hasher.update(LABEL);
        hasher.update(seed.to_be_bytes());
        hasher.update(id.as_bytes());
        let digest = hasher.finalize();
        let first = digest.iter().take(8);
        Place(first.fold(0, |place, byte| (place << 8) | u64::from(*byte)))
    }

    /// Whether the row is held out when that share of the rows is. A row that is held out for some share is
    /// also held out for every larger one.
    pub fn is_held_out(self, holdout_share: f64) -> bool {
        // The upper 53 bits are exact as a number in [0, 1).
        let between_0_and_1 = (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
        between_0_and_1 < holdout_share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hashlib:
    /// `int.from_bytes(sha256(b"millrace split 1\0" + seed.to_bytes(4, "big") + id.encode()).digest()[:8], "big")`
    #[test]
    fn places_are_those_that_python_computes() {
        for (seed, id, expected) in [
            (42, "C000001", 1435775151336047798),
            (42, "7", 2916220343247224296),
            (42, "007", 3062991749906841715),
            (43, "C000001", 9580601981473409348),
            (0, "", 3861393447382700617),
            (4294967295, "Zürich 東京", 13533915698672822306),
        ] {
            assert_eq!(Place::of(seed, id), Place(expected), "{seed} {id}");
        }
    }

    #[test]
    fn a_larger_share_holds_out_the_same_rows_and_more() {
        for number in 0..2_000 {
            let place = Place::of(42, &format!("C{number}"));
            let held = |share| place.is_held_out(share);
            assert!(!held(0.1) || held(0.2));
            assert!(!held(0.0) && held(1.0));
        }
    }
}
