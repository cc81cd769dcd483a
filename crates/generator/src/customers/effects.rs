//! What follows from several columns: how each is seen, and its weight.

use super::position;

/// How a column's value is seen before it is weighed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lens {
    /// The logarithm, about its middle in deviations, saturating: more of the same counts ever less.
    Log(f64, f64),
    /// About a middle, in multiples of a width, saturating.
    Plain(f64, f64),
    /// 1 above an edge, else 0.
    Above(f64),
    /// 1 for one word, else 0.
    Word(f64),
}

use Lens::{Above, Log, Plain, Word};

impl Lens {
    fn see(self, value: f64) -> f64 {
        match self {
            Log(middle, spread) => saturate(((value + 0.5) / middle).ln() / spread),
            Plain(middle, width) => saturate((value - middle) / width),
            Above(edge) => f64::from(u8::from(value > edge)),
            Word(index) => f64::from(u8::from(value == index)),
        }
    }
}

pub(super) fn saturate(value: f64) -> f64 {
    1.8 * (value / 1.8).tanh()
}

/// A weight for one column.
pub(super) type Effect = (&'static str, Lens, f64);
/// Two columns that together do what neither does alone.
pub(super) type Interaction = (&'static str, Lens, &'static str, Lens, f64);

/// The effects with their columns found.
#[derive(Debug)]
pub(super) struct Effects {
    start: f64,
    single: Vec<(usize, Lens, f64)>,
    pairs: Vec<(usize, Lens, usize, Lens, f64)>,
}

impl Effects {
    pub fn new(start: f64, single: &[Effect], pairs: &[Interaction]) -> Effects {
        let single = single.iter();
        let pairs = pairs.iter();
        Effects {
            start,
            single: single
                .map(|(name, lens, weight)| (position(name), *lens, *weight))
                .collect(),
            pairs: pairs
                .map(|(one, lens, other, other_lens, weight)| {
                    (position(one), *lens, position(other), *other_lens, *weight)
                })
                .collect(),
        }
    }

    /// The sum of all effects, row by row.
    pub fn sums(&self, columns: &[Vec<f64>]) -> Vec<f64> {
        let mut sums = vec![self.start; columns.first().map_or(0, Vec::len)];
        for (column, lens, weight) in &self.single {
            for (sum, value) in sums.iter_mut().zip(&columns[*column]) {
                *sum += weight * lens.see(*value);
            }
        }
        for (one, lens, other, other_lens, weight) in &self.pairs {
            let pairs = columns[*one].iter().zip(&columns[*other]);
            for (sum, (one, other)) in sums.iter_mut().zip(pairs) {
                *sum += weight * lens.see(*one) * other_lens.see(*other);
            }
        }
        sums
    }

    #[cfg(test)]
    pub fn all_found(&self) -> bool {
        let single = self.single.iter().map(|(column, ..)| *column);
        let pairs = self.pairs.iter();
        let pairs = pairs.flat_map(|(one, _, other, ..)| [*one, *other]);
        single.chain(pairs).all(|column| column != usize::MAX)
    }
}
