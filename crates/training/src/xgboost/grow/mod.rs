//! XGBoost's trees, grown here: the same bits in a fraction of the time.
//!
//! A search grows tens of thousands of trees only to score them; XGBoost itself grows them all over again for
//! what is registered. Here a tree takes its root's rows, adds their gradients up per bin (`histogram`), looks
//! for the best split (`split`, `gain`), and so on for each part, with the cuts that XGBoost made (`cuts`) and
//! the rows and columns that it would have drawn (`chance`).
//!
//! The results are XGBoost's to the last bit: rows are added in their order, the larger of two children is what
//! is left of its parent, and every number is rounded where XGBoost rounds it. Where the histograms are so large
//! that XGBoost, depending on the processor's caches, adds them up in pieces, sums must be exact (`gradients`);
//! else the round is not grown, and the caller lets XGBoost do the whole fit.

mod bins;
mod chance;
mod cuts;
mod gain;
mod gradients;
mod histogram;
mod split;
mod tree;

use super::{TreeParams, Xgboost};
use crate::error::TrainingError;
use bins::{Bin, BinnedRows, Column, JudgedRows};
use chance::{Chance, Shares};
use cuts::Cuts;
use gain::Penalty;
use histogram::Seen;
use tree::{Growth, Room, Rules};

/// Rows to learn from and rows to be judged on, in bins.
pub(crate) struct Ground {
    learned: Learned,
    judged: JudgedRows,
    labels: Vec<f32>,
}

/// One byte for a bin where that is enough: 256 bins, or 255 and what is missing.
enum Learned {
    Narrow(BinnedRows<u8, 256>),
    Wide(BinnedRows<u16, 257>),
}

/// More bins than these, 16 bytes each, may not fit into the caches that XGBoost counts on.
const MOST_BINS_IN_ORDER: usize = 16_384;

/// The sums of this round depend on the order in which they are added, which is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotExact;

impl Ground {
    /// Row-major values and labels to learn from, and row-major values to be judged on. `None` when a column
    /// has too many bins.
    pub(crate) fn new(
        values: &[f32],
        labels: Vec<f32>,
        judged: &[f32],
        max_bin: u32,
    ) -> Result<Option<Ground>, TrainingError> {
        let cuts = Cuts::of(values, &labels, max_bin)?;
        let rows = labels.len();
        let columns = Column::all(values, &cuts);
        let learned = match columns.iter().map(Column::slots).max().unwrap_or(0) {
            0..=256 => Learned::Narrow(BinnedRows::new(values, rows, &cuts, columns)),
            257 => Learned::Wide(BinnedRows::new(values, rows, &cuts, columns)),
            _ => return Ok(None),
        };
        let judged_rows = judged.len() / cuts.columns().len().max(1);
        Ok(Some(Ground {
            learned,
            judged: JudgedRows::new(judged, judged_rows, &cuts),
            labels,
        }))
    }

    /// An ensemble without trees.
    pub(crate) fn ensemble(
        &self,
        candidate: &TreeParams,
        learner: &Xgboost,
        base_score: f32,
    ) -> Box<dyn Ensemble + '_> {
        match &self.learned {
            Learned::Narrow(rows) => {
                Box::new(Grown::new(self, rows, candidate, learner, base_score))
            }
            Learned::Wide(rows) => Box::new(Grown::new(self, rows, candidate, learner, base_score)),
        }
    }
}

/// Trees that add up.
pub(crate) trait Ensemble {
    /// Adds so many trees.
    fn boost(&mut self, rounds: u32) -> Result<(), NotExact>;
    /// What the trees add up to for every row to be judged on.
    fn margins(&self) -> &[f32];
}

struct Grown<'a, B, const SLOTS: usize> {
    ground: &'a Ground,
    rows: &'a BinnedRows<B, SLOTS>,
    rules: Rules,
    shares: Shares,
    chance: Chance,
    learned_margins: Vec<f32>,
    judged_margins: Vec<f32>,
    gradients: Vec<f32>,
    room: Room<SLOTS>,
}

impl<'a, B: Bin, const SLOTS: usize> Grown<'a, B, SLOTS> {
    fn new(
        ground: &'a Ground,
        rows: &'a BinnedRows<B, SLOTS>,
        candidate: &TreeParams,
        learner: &Xgboost,
        base_score: f32,
    ) -> Self {
        let fixed = &learner.fixed;
        Grown {
            ground,
            rows,
            rules: Rules {
                max_depth: candidate.max_depth,
                learning_rate: candidate.learning_rate as f32,
                penalty: Penalty {
                    min_child_weight: fixed.min_child_weight as f32,
                    lambda: fixed.reg_lambda as f32,
                    alpha: fixed.reg_alpha as f32,
                    gamma: fixed.gamma as f32,
                },
            },
            shares: Shares {
                rows: candidate.subsample as f32,
                columns: candidate.colsample_bytree as f32,
            },
            chance: Chance::new(learner.seed),
            learned_margins: vec![base_score; rows.rows],
            judged_margins: vec![base_score; ground.judged.rows()],
            gradients: vec![0.0; rows.rows],
            room: Room::new(rows.rows, ground.judged.rows()),
        }
    }

    fn add_tree(&mut self) -> Result<(), NotExact> {
        let rows = self.learned_margins.iter().zip(&self.ground.labels);
        for (gradient, (margin, label)) in self.gradients.iter_mut().zip(rows) {
            *gradient = margin - label;
        }
        let in_order = self.rows.bins() <= MOST_BINS_IN_ORDER;
        if !in_order && !gradients::sums_are_exact(&self.gradients) {
            return Err(NotExact);
        }
        let learns = self.chance.rows(self.rows.rows, self.shares.rows);
        let columns = &self.rows.columns;
        let places = self.chance.columns(columns.len(), self.shares.columns);
        let growth = Growth {
            rules: self.rules,
            seen: Seen::new(places, columns),
            binned: self.rows,
            judged: &self.ground.judged,
            gradients: &self.gradients,
            learned_margins: &mut self.learned_margins,
            judged_margins: &mut self.judged_margins,
            room: &mut self.room,
        };
        growth.grow(learns);
        Ok(())
    }
}

impl<B: Bin, const SLOTS: usize> Ensemble for Grown<'_, B, SLOTS> {
    fn boost(&mut self, rounds: u32) -> Result<(), NotExact> {
        (0..rounds).try_for_each(|_| self.add_tree())
    }

    fn margins(&self) -> &[f32] {
        &self.judged_margins
    }
}
