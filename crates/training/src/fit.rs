//! One fit of a search: grown here as far as that is XGBoost's to the bit, and else by XGBoost itself.

use std::borrow::Cow;

use millrace_contract::metadata::Hyperparameters;
use millrace_contract::spec::Search;

use crate::booster::Booster;
use crate::data::ViewRows;
use crate::error::TrainingError;
use crate::grow::{Ensemble, NotExact};

pub(crate) struct Fit<'a> {
    rows: &'a ViewRows,
    candidate: &'a Hyperparameters,
    search: &'a Search,
    rounds: u32,
    trees: Trees<'a>,
}

enum Trees<'a> {
    Grown(Box<dyn Ensemble + 'a>),
    OfXgboost(Booster),
}

impl<'a> Fit<'a> {
    /// With its first tree. XGBoost grows that one too: when any prediction differs in any bit (another
    /// processor, another build of the library), it goes on with the rest.
    pub(crate) fn new(
        rows: &'a ViewRows,
        candidate: &'a Hyperparameters,
        search: &'a Search,
    ) -> Result<Fit<'a>, TrainingError> {
        let mut booster = begin(rows, candidate, search)?;
        booster.boost(&rows.training, 0..1)?;
        let trees = match first_tree(rows, candidate, search) {
            Some(ensemble)
                if same_bits(ensemble.margins(), &booster.margins(&rows.validation, 1)?) =>
            {
                Trees::Grown(ensemble)
            }
            _ => Trees::OfXgboost(booster),
        };
        Ok(Fit {
            rows,
            candidate,
            search,
            rounds: 1,
            trees,
        })
    }

    /// Adds trees until there are so many.
    pub(crate) fn boost_to(&mut self, rounds: u32) -> Result<(), TrainingError> {
        let more = rounds.saturating_sub(self.rounds);
        let grown = match &mut self.trees {
            Trees::Grown(ensemble) => ensemble.boost(more),
            Trees::OfXgboost(booster) => {
                booster.boost(&self.rows.training, self.rounds..self.rounds + more)?;
                Ok(())
            }
        };
        if let Err(NotExact) = grown {
            let mut booster = begin(self.rows, self.candidate, self.search)?;
            booster.boost(&self.rows.training, 0..self.rounds + more)?;
            self.trees = Trees::OfXgboost(booster);
        }
        self.rounds += more;
        Ok(())
    }

    /// The predictions for the rows to be judged on.
    pub(crate) fn margins(&self) -> Result<Cow<'_, [f32]>, TrainingError> {
        Ok(match &self.trees {
            Trees::Grown(ensemble) => Cow::Borrowed(ensemble.margins()),
            Trees::OfXgboost(booster) => {
                Cow::Owned(booster.margins(&self.rows.validation, self.rounds)?)
            }
        })
    }

    pub(crate) fn is_of_xgboost(&self) -> bool {
        matches!(self.trees, Trees::OfXgboost(_))
    }
}

fn begin(
    rows: &ViewRows,
    candidate: &Hyperparameters,
    search: &Search,
) -> Result<Booster, TrainingError> {
    Booster::new(
        &rows.training,
        candidate,
        search,
        rows.max_bin,
        rows.base_score,
    )
}

/// `None` where the rows cannot be grown on, or not exactly.
fn first_tree<'a>(
    rows: &'a ViewRows,
    candidate: &Hyperparameters,
    search: &Search,
) -> Option<Box<dyn Ensemble + 'a>> {
    let ground = rows.ground.as_ref()?;
    let mut ensemble = ground.ensemble(candidate, search, rows.base_score);
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
