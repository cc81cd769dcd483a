//! A model that grows round by round.

use millrace_lightgbm::LightGbm;

use crate::TrainingError;
use crate::dataset::Dataset;
use crate::library::BoosterHandle;
use crate::settings::Settings;

/// A model on its rows.
#[derive(Debug)]
pub struct Booster<'a> {
    handle: BoosterHandle,
    rounds: usize,
    /// The library looks into the rows as long as trees are added.
    _rows: &'a Dataset,
}

impl<'a> Booster<'a> {
    /// A model without trees.
    pub fn new(rows: &'a Dataset, settings: &Settings) -> Result<Booster<'a>, TrainingError> {
        Ok(Booster {
            handle: BoosterHandle::new(&rows.handle, &settings.text())?,
            rounds: 0,
            _rows: rows,
        })
    }

    /// Adds rounds until there are so many; true when it ended earlier because nothing could be split any more.
    pub fn advance_to(&mut self, rounds: usize) -> Result<bool, TrainingError> {
        while self.rounds < rounds {
            if self.handle.update()? {
                return Ok(true);
            }
            self.rounds += 1;
        }
        Ok(false)
    }

    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// LightGBM's own text: Python's lightgbm loads it.
    pub fn to_text(&self) -> Result<String, TrainingError> {
        self.handle.to_text(self.rounds.max(1))
    }

    /// The model as it is scored here.
    pub fn model(&self) -> Result<LightGbm, TrainingError> {
        Ok(LightGbm::from_text(&self.to_text()?)?)
    }
}
