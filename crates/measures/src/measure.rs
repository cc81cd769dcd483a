//! What a measure is.

use crate::error::NoValue;
use crate::numbers::mean;
use crate::probability::RowLoss;
use crate::rows::{Judged, Rows};
use crate::task::Task;
use crate::{Classes, registry};

/// Which of two values is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
}

/// One number for all rows, and where it is a mean of something, that something for each row.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// As metadata, gates and tables call it.
    pub name: &'static str,
    /// As people read it.
    pub label: &'static str,
    pub direction: Direction,
    pub(crate) of: Of,
}

/// What the measure looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Of {
    Numbers {
        value: fn(Rows<'_>) -> Result<f64, NoValue>,
        loss: Option<fn(f64, f64) -> f64>,
    },
    Classes {
        tasks: &'static [Task],
        value: fn(Classes<'_>) -> Result<f64, NoValue>,
        loss: Option<RowLoss>,
    },
}

impl Measure {
    /// The measure of that name.
    pub fn named(name: &str) -> Option<Measure> {
        registry::ALL
            .iter()
            .copied()
            .find(|measure| measure.name == name)
    }

    /// Every measure that means something for the task, in the order in which they are shown.
    pub fn of_task(task: Task) -> impl Iterator<Item = Measure> {
        let all = registry::ALL.iter().copied();
        all.filter(move |measure| measure.tasks().contains(&task))
    }

    /// The tasks for which the measure means something.
    pub fn tasks(&self) -> &'static [Task] {
        match self.of {
            Of::Numbers { .. } => &[Task::Regression],
            Of::Classes { tasks, .. } => tasks,
        }
    }

    /// The value over all rows, or why there is none.
    pub fn value<'a>(&self, rows: impl Into<Judged<'a>>) -> Result<f64, NoValue> {
        let judged = rows.into();
        if !self.tasks().contains(&judged.task()) {
            return Err(NoValue::OtherTask(judged.task()));
        }
        let value = match (self.of, judged) {
            (Of::Numbers { value, .. }, Judged::Numbers(rows)) => value(rows)?,
            (Of::Classes { value, .. }, Judged::Classes(rows)) => value(rows)?,
            (_, judged) => return Err(NoValue::OtherTask(judged.task())),
        };
        match value.is_finite() {
            true => Ok(value),
            false => Err(NoValue::NotFinite),
        }
    }

    /// The value of predicted numbers; NaN where there is none.
    pub fn of(&self, rows: Rows<'_>) -> f64 {
        match self.of {
            Of::Numbers { value, .. } => value(rows).unwrap_or(f64::NAN),
            Of::Classes { .. } => f64::NAN,
        }
    }

    /// What a row with this truth and prediction contributes; none for a measure that is no mean over rows, and
    /// for one of classes.
    pub fn loss(&self, truth: f64, prediction: f64) -> Option<f64> {
        match self.of {
            Of::Numbers { loss, .. } => loss.map(|loss| loss(truth, prediction)),
            Of::Classes { .. } => None,
        }
    }

    /// What each row contributes, without its weight: less is better, whatever the measure's direction. None for
    /// a measure that is no mean over rows.
    pub fn losses<'a>(&self, rows: impl Into<Judged<'a>>) -> Option<Vec<f64>> {
        match (self.of, rows.into()) {
            (Of::Numbers { loss, .. }, Judged::Numbers(rows)) => {
                let loss = loss?;
                Some(rows.pairs().map(|(y, p)| loss(y, p)).collect())
            }
            (Of::Classes { loss, .. }, Judged::Classes(rows)) => {
                let loss = loss?;
                Some((0..rows.count()).map(|row| loss(rows, row)).collect())
            }
            _ => None,
        }
    }

    /// Whether rows have a loss each, so that two models can be compared row by row.
    pub fn has_losses(&self) -> bool {
        match self.of {
            Of::Numbers { loss, .. } => loss.is_some(),
            Of::Classes { loss, .. } => loss.is_some(),
        }
    }

    /// Whether the value is at least as good as the limit. NaN is never good enough.
    pub fn keeps(&self, value: f64, limit: f64) -> bool {
        match self.direction {
            Direction::HigherIsBetter => value >= limit,
            Direction::LowerIsBetter => value <= limit,
        }
    }

    /// Whether one value is better than another. NaN is never better.
    pub fn is_better(&self, value: f64, other: f64) -> bool {
        match self.direction {
            Direction::HigherIsBetter => value > other,
            Direction::LowerIsBetter => value < other,
        }
    }

    pub(crate) const fn mean_of(
        name: &'static str,
        label: &'static str,
        value: fn(Rows<'_>) -> Result<f64, NoValue>,
        loss: fn(f64, f64) -> f64,
    ) -> Measure {
        Measure {
            name,
            label,
            direction: Direction::LowerIsBetter,
            of: Of::Numbers {
                value,
                loss: Some(loss),
            },
        }
    }
}

/// The mean of a loss over all rows.
pub(crate) fn mean_loss(rows: Rows<'_>, loss: fn(f64, f64) -> f64) -> Result<f64, NoValue> {
    Ok(mean(rows, loss))
}
