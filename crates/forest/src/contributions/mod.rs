//! What each column contributes to a row's margin: exact Shapley values of the trees (TreeSHAP,
//! path-dependent: where a column is unknown, a row goes both ways as the training data did).
//!
//! A column's contribution at a leaf is an integral over `t` from 0 to 1 of a polynomial: the product
//! over the other columns of the way there of `t + (1 - t) z` if the row satisfies what the way asks
//! of that column, else of `(1 - t) z`, where `z` is the share of the training data that goes on.
//! A few points (`quadrature`) give such an integral exactly. The products are carried down each tree
//! and their sums up again, for 16 rows side by side (`run`); whatever does not depend on a row is
//! worked out once (`plan`). Nothing is ever divided by a share, so none may be too small.

mod plan;
mod quadrature;
mod run;

use rayon::prelude::*;

use crate::ForestError;
use crate::fold::Scaling;
use crate::forest::Forest;
use crate::kernel::{Instructions, Program};
use crate::scorer::{check_columns, check_scalings};
use plan::Plan;

/// Rows that a thread takes at once.
const ROWS_AT_ONCE: usize = 512;

/// A forest made ready to say why rows score as they do.
#[derive(Debug, Clone)]
pub struct Explainer {
    program: Program,
    plans: Vec<Plan>,
    /// The margin of the average row: what the contributions are added to.
    expected_margin: f32,
    instructions: Instructions,
}

impl Explainer {
    /// `scalings` says for each column how its raw values become what the model compares.
    pub fn new(forest: &Forest, scalings: &[Scaling]) -> Result<Explainer, ForestError> {
        check_scalings(forest, scalings)?;
        let (program, questions) = Program::rulers(forest, scalings);
        let plans: Vec<Plan> = forest
            .trees()
            .iter()
            .zip(&questions)
            .map(|(tree, questions)| Plan::new(tree, questions))
            .collect();
        let means: f64 = plans.iter().map(|plan| plan.mean).sum();
        Ok(Explainer {
            program,
            expected_margin: (means + f64::from(forest.base_margin())) as f32,
            plans,
            instructions: Instructions::fastest(),
        })
    }

    /// The same by another path; a path that this processor does not have falls back to the
    /// portable one.
    pub fn using(mut self, instructions: Instructions) -> Explainer {
        self.instructions = instructions;
        self
    }

    /// The margin that a row's contributions are added to.
    pub fn expected_margin(&self) -> f32 {
        self.expected_margin
    }

    /// For each row one number per column; with [`Explainer::expected_margin`] they add up to its
    /// margin. Rows are given as raw columns (NaN is missing). On all cores.
    pub fn contributions(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let rows = check_columns(self.program.columns, columns)?;
        let mut out = vec![0.0; rows * columns.len()];
        if columns.is_empty() {
            return Ok(out);
        }
        out.par_chunks_mut(ROWS_AT_ONCE * columns.len())
            .enumerate()
            .for_each(|(part, out)| self.fill(columns, part * ROWS_AT_ONCE, out));
        Ok(out)
    }

    /// The same on this thread alone.
    pub fn contributions_on_one_thread(&self, columns: &[&[f64]]) -> Result<Vec<f32>, ForestError> {
        let rows = check_columns(self.program.columns, columns)?;
        let mut out = vec![0.0; rows * columns.len()];
        if !columns.is_empty() {
            self.fill(columns, 0, &mut out);
        }
        Ok(out)
    }

    fn fill(&self, columns: &[&[f64]], start: usize, out: &mut [f32]) {
        run::fill(
            &self.program,
            &self.plans,
            self.instructions,
            columns,
            start,
            out,
        );
    }
}
