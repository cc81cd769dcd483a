//! Rows to search on, of which nothing is fitted yet: each fold fits a recipe of its own.
//!
//! A recipe looks at the target to choose columns. One that is fitted on all rows has seen the rows that a
//! fold is judged on: among many noisy columns it finds some that go with just these rows, and the fold's
//! score is too good. So a fold's recipe is fitted on the rows that the fold learns from, and on no others.

use std::ops::Range;

use millrace_contract::{Contract, Spec};
use millrace_dataset::Frame;

use crate::error::FeatureError;
use crate::fit::{Shortage, fitted};
use crate::recipe::Recipe;
use crate::report::FitReport;
use crate::target::check_target;

/// The training rows of a table with their targets, in the order of the split.
#[derive(Debug, Clone, Copy)]
pub struct Unfitted<'a> {
    frame: &'a Frame,
    target: &'a [f64],
    spec: &'a Spec,
    contract: &'a Contract,
}

impl<'a> Unfitted<'a> {
    pub fn new(
        frame: &'a Frame,
        target: &'a [f64],
        spec: &'a Spec,
        contract: &'a Contract,
    ) -> Result<Unfitted<'a>, FeatureError> {
        if frame.rows() != target.len() {
            return Err(FeatureError::LengthMismatch {
                rows: frame.rows(),
                targets: target.len(),
            });
        }
        check_target(target)?;
        Ok(Unfitted {
            frame,
            target,
            spec,
            contract,
        })
    }

    pub fn frame(&self) -> &'a Frame {
        self.frame
    }

    pub fn target(&self) -> &'a [f64] {
        self.target
    }

    /// The recipe of a model that learns from all rows.
    pub fn recipe(&self) -> Result<(Recipe, FitReport), FeatureError> {
        fitted(
            self.frame,
            self.target,
            self.spec,
            self.contract,
            Shortage::Refuse,
        )
    }

    /// The recipe of a fold, which is judged on the rows that are left out. Where it finds fewer columns
    /// than the spec asks for, it keeps them all.
    pub fn recipe_without(&self, left_out: &Range<usize>) -> Result<Recipe, FeatureError> {
        let rows: Vec<usize> = (0..self.target.len())
            .filter(|row| !left_out.contains(row))
            .collect();
        let target: Vec<f64> = rows.iter().map(|row| self.target[*row]).collect();
        let (recipe, _) = fitted(
            &self.frame.take(&rows),
            &target,
            self.spec,
            self.contract,
            Shortage::KeepAll,
        )?;
        Ok(recipe)
    }
}
