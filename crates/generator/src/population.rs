//! What a table's model of the world has to say: its columns, and how true rows are drawn.

use crate::random::{Place, Random, normal};
use crate::summary::Measure;

/// How a column's numbers are to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// A number with so many decimals.
    Number { decimals: u32 },
    /// An index into these words.
    Words(&'static [&'static str]),
    /// 1 or 0.
    Flag,
}

/// Where a column's extreme values lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extremes {
    None,
    Above,
    OnBothSides,
}

/// A column that is a feature or a protected attribute.
#[derive(Debug, Clone)]
pub(crate) struct ColumnPlan {
    pub name: &'static str,
    pub kind: Kind,
    pub extremes: Extremes,
    /// A column that records the same thing in another way: it is missing and extreme where that one is.
    pub follows: Option<&'static str>,
}

/// A target of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TargetPlan {
    pub name: &'static str,
    pub measure: Measure,
}

/// What always holds in a row: the first column is at most `factor` times the second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub smaller: &'static str,
    pub factor: f64,
    pub larger: &'static str,
}

/// What the rows are drawn under.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    /// The contract's range of every column of the plan, without limits for words and flags.
    pub ranges: Vec<[f64; 2]>,
    /// The contract's range of every target.
    pub target_ranges: Vec<[f64; 2]>,
    /// A multiple of the usual noise.
    pub noise: f64,
    /// How much lower the hidden trait that drives the targets is for all.
    pub tilt: f64,
    /// How much lower it is for the disadvantaged group of an attribute.
    pub group_tilts: Vec<(String, f64)>,
}

/// True rows: before anything is missing or extreme.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    /// Column by column in the order of the plan; words are indices, flags 1 and 0.
    pub columns: Vec<Vec<f64>>,
    /// In the order of the population's targets.
    pub targets: Vec<Drawn>,
}

/// A target's values, and what each would be on average over the noise, given the columns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Drawn {
    pub values: Vec<f64>,
    pub expected: Vec<f64>,
}

impl World {
    pub fn target_range(&self, target: usize) -> [f64; 2] {
        let range = self.target_ranges.get(target).copied();
        range.unwrap_or([f64::MIN, f64::MAX])
    }
}

impl FromIterator<(f64, f64)> for Drawn {
    fn from_iter<T: IntoIterator<Item = (f64, f64)>>(pairs: T) -> Drawn {
        let (values, expected) = pairs.into_iter().unzip();
        Drawn { values, expected }
    }
}

/// A kind of rows that can be drawn.
pub(crate) trait Population: Sync {
    fn columns(&self) -> Vec<ColumnPlan>;
    /// A bias is given in the mean of the first.
    fn targets(&self) -> &'static [TargetPlan];
    /// By how much a bias may lower that mean.
    fn largest_bias(&self) -> f64;
    /// What an id begins with when it is text.
    fn id_prefix(&self) -> &'static str;
    fn bounds(&self) -> &'static [Bound];
    /// The attributes that a bias may name.
    fn attributes(&self) -> &'static [&'static str];
    fn draw(&self, place: Place, rows: usize, world: &World) -> Truth;
}

/// A number whose logarithm is normal, and its mean.
pub(crate) fn log_normal(
    middle: f64,
    deviation: f64,
    decimals: u32,
    [low, high]: [f64; 2],
    random: &mut Random,
) -> (f64, f64) {
    let value = (middle + deviation * normal(random)).exp();
    let mean = (middle + deviation * deviation / 2.0).exp();
    (tidy(value, decimals, [low, high]), mean.clamp(low, high))
}

/// Rounds to so many decimals and moves into the range.
pub(crate) fn tidy(value: f64, decimals: u32, [low, high]: [f64; 2]) -> f64 {
    let factor = POWERS_OF_TEN[decimals.min(6) as usize];
    ((value * factor).round() / factor).clamp(low, high)
}

const POWERS_OF_TEN: [f64; 7] = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5, 1e6];

/// Rounds down to so many decimals.
pub(crate) fn floor_to(value: f64, decimals: u32) -> f64 {
    let factor = POWERS_OF_TEN[decimals.min(6) as usize];
    // A value that is already a multiple must not fall by one step through rounding.
    ((value * factor + 1e-6).floor() / factor).min(value)
}
