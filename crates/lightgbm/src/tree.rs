//! A tree as LightGBM describes it.

use crate::LightGbmError;
use crate::error::corrupt;

/// Values no farther from 0 than this are 0: LightGBM's own bound, which it writes as a `float`.
pub(crate) const ZERO: f64 = 1e-35_f32 as f64;

/// Deeper trees than this are refused: nothing that is trained here is deep.
const DEEPEST: usize = 1000;

/// What a split compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Test {
    /// A value that is at most this goes left.
    AtMost(f64),
    /// The same, but 0 goes as NaN does.
    AtMostButZero(f64),
    /// A word whose bit is set goes left; the bits begin at this place of the tree's words, and are so many words.
    OneOf { from: usize, words: usize },
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Split {
    pub(crate) feature: usize,
    pub(crate) test: Test,
    pub(crate) nan_left: bool,
    /// Positive numbers are splits, others leaves: -1 is the first.
    pub(crate) left: i32,
    pub(crate) right: i32,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) splits: Vec<Split>,
    pub(crate) leaves: Vec<f64>,
    pub(crate) bits: Vec<u32>,
    pub(crate) depth: usize,
}

impl Tree {
    /// Every child exists and has one parent, so that every walk ends.
    pub(crate) fn new(
        splits: Vec<Split>,
        leaves: Vec<f64>,
        bits: Vec<u32>,
    ) -> Result<Tree, LightGbmError> {
        if leaves.len() != splits.len() + 1 {
            return Err(corrupt(format!(
                "it has {} leaves and {} splits",
                leaves.len(),
                splits.len()
            )));
        }
        if let Some(leaf) = leaves.iter().position(|value| !value.is_finite()) {
            return Err(corrupt(format!("leaf {leaf} is {}", leaves[leaf])));
        }
        let mut parents = vec![0_u8; splits.len()];
        let mut parents_of_leaves = vec![0_u8; leaves.len()];
        let mut depths = vec![1_usize; splits.len()];
        for (index, split) in splits.iter().enumerate() {
            check_test(index, split, bits.len())?;
            for child in [split.left, split.right] {
                let count = match usize::try_from(child) {
                    // LightGBM numbers splits as they are made: a child comes after its parent.
                    Ok(child) if child <= index => {
                        return Err(corrupt(format!("split {index} leads back to {child}")));
                    }
                    Ok(child) => {
                        if let Some(depth) = depths.get(index).copied().zip(depths.get_mut(child)) {
                            *depth.1 = depth.0 + 1;
                        }
                        parents.get_mut(child)
                    }
                    Err(_) => parents_of_leaves.get_mut(!child as usize),
                };
                match count {
                    Some(count @ 0) => *count = 1,
                    Some(_) => return Err(corrupt(format!("the child {child} has two parents"))),
                    None => return Err(corrupt(format!("split {index} names the child {child}"))),
                }
            }
        }
        let depth = depths.into_iter().max().unwrap_or(0);
        if depth > DEEPEST {
            return Err(LightGbmError::Unsupported {
                what: format!("a tree of more than {DEEPEST} levels"),
            });
        }
        Ok(Tree {
            splits,
            leaves,
            bits,
            depth,
        })
    }

    /// The value of the leaf that a row falls into; values next to 0 have been made 0.
    pub(crate) fn leaf(&self, row: &[f64]) -> f64 {
        let mut place = if self.splits.is_empty() { -1 } else { 0 };
        while let Ok(index) = usize::try_from(place) {
            let split = &self.splits[index];
            place = match self.goes_left(split, row[split.feature]) {
                true => split.left,
                false => split.right,
            };
        }
        self.leaves[!place as usize]
    }

    pub(crate) fn goes_left(&self, split: &Split, value: f64) -> bool {
        match split.test {
            Test::OneOf { from, words } => has_bit(&self.bits[from..from + words], value),
            _ if value.is_nan() => split.nan_left,
            Test::AtMostButZero(_) if value == 0.0 => split.nan_left,
            Test::AtMost(threshold) | Test::AtMostButZero(threshold) => value <= threshold,
        }
    }
}

fn check_test(index: usize, split: &Split, bits: usize) -> Result<(), LightGbmError> {
    match split.test {
        Test::AtMost(threshold) | Test::AtMostButZero(threshold) if threshold.is_nan() => Err(
            corrupt(format!("the threshold of split {index} is not a number")),
        ),
        Test::OneOf { from, words } if from + words > bits => {
            Err(corrupt(format!("the words of split {index} are not there")))
        }
        _ => Ok(()),
    }
}

/// What is missing, negative or larger than any listed word has no bit.
fn has_bit(bits: &[u32], value: f64) -> bool {
    let word = value.trunc();
    if !(0.0..f64::from(i32::MAX)).contains(&word) {
        return false;
    }
    let word = word as usize;
    bits.get(word / 32)
        .is_some_and(|bits| bits >> (word % 32) & 1 == 1)
}
