//! One fit of a search: grown here as far as that is XGBoost's to the bit, and else by XGBoost itself.

use std::borrow::Cow;

use millrace_contract::spec::Task;

use super::grow::{Ensemble, NotExact};
use super::settings::settings;
use super::{Booster, TreeParams, Xgboost, XgboostRows, predictions};
use crate::error::TrainingError;
use crate::learner::Fit;

pub(crate) struct XgboostFit<'a> {
    rows: &'a XgboostRows,
    candidate: TreeParams,
    learner: &'a Xgboost,
    rounds: u32,
    trees: Trees<'a>,
}

enum Trees<'a> {
    Grown(Box<dyn Ensemble + 'a>),
    OfXgboost(Booster),
}

impl<'a> XgboostFit<'a> {
    /// With its first tree. XGBoost grows that one too: when any prediction differs in any bit (another
    /// processor, another build of the library), it goes on with the rest.
    pub(crate) fn new(
        rows: &'a XgboostRows,
        candidate: TreeParams,
        learner: &'a Xgboost,
    ) -> Result<XgboostFit<'a>, TrainingError> {
        let mut booster = begin(rows, &candidate, learner)?;
        booster.boost(&rows.training, 0..1)?;
        let trees = match first_tree(rows, &candidate, learner) {
            Some(ensemble)
                if same_bits(ensemble.margins(), &booster.margins(&rows.validation, 1)?) =>
            {
                Trees::Grown(ensemble)
            }
            _ => Trees::OfXgboost(booster),
        };
        Ok(XgboostFit {
            rows,
            candidate,
            learner,
            rounds: 1,
            trees,
        })
    }
}

impl Fit for XgboostFit<'_> {
    /// Adds trees until there are so many.
    fn advance_to(&mut self, rounds: u32) -> Result<(), TrainingError> {
        let more = rounds.saturating_sub(self.rounds);
        let grown = match &mut self.trees {
            Trees::Grown(ensemble) => ensemble.boost(more),
            Trees::OfXgboost(booster) => {
                booster.boost(&self.rows.training, self.rounds..self.rounds + more)?;
                Ok(())
            }
        };
        if let Err(NotExact) = grown {
            let mut booster = begin(self.rows, &self.candidate, self.learner)?;
            booster.boost(&self.rows.training, 0..self.rounds + more)?;
            self.trees = Trees::OfXgboost(booster);
        }
        self.rounds += more;
        Ok(())
    }

    /// The predictions for the rows to be judged on.
    fn predict(&self) -> Result<Cow<'_, [f32]>, TrainingError> {
        Ok(match &self.trees {
            Trees::Grown(ensemble) => Cow::Borrowed(ensemble.margins()),
            Trees::OfXgboost(booster) => {
                let margins = booster.margins(&self.rows.validation, self.rounds)?;
                Cow::Owned(predictions(self.learner.task, margins))
            }
        })
    }

    fn is_of_library(&self) -> bool {
        // Of classes nothing stands in for it.
        matches!(self.trees, Trees::OfXgboost(_)) && self.learner.task == Task::Regression
    }
}

fn begin(
    rows: &XgboostRows,
    candidate: &TreeParams,
    learner: &Xgboost,
) -> Result<Booster, TrainingError> {
    let settings = settings(candidate, learner, rows.max_bin, rows.base_score);
    Booster::new(&rows.training, &settings)
}

/// `None` where the rows cannot be grown on, or not exactly.
fn first_tree<'a>(
    rows: &'a XgboostRows,
    candidate: &TreeParams,
    learner: &Xgboost,
) -> Option<Box<dyn Ensemble + 'a>> {
    let ground = rows.ground.as_ref()?;
    let mut ensemble = ground.ensemble(candidate, learner, rows.base_score);
    ensemble.boost(1).ok()?;
    Some(ensemble)
}

fn same_bits(one: &[f32], other: &[f32]) -> bool {
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(a, b)| a.to_bits() == b.to_bits())
}
