//! Showing the scores of an earlier run again, or none: what is shown changes, no file does.

use jiff::civil::Date;
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_contract::{ModelName, RunId, Version};
use millrace_store::Store;
use serde::Serialize;

use crate::{PublishError, served};

/// A day that shows something else than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnedDay {
    pub table: String,
    pub scored_on: Date,
    pub before: Option<ServedRun>,
    /// Nothing where no run can take the place.
    pub after: Option<ServedRun>,
}

/// A day of a table.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    pub table: &'a str,
    pub scored_on: Date,
}

impl Of<'_> {
    fn not_served(&self, model: &ModelName, what: String) -> PublishError {
        PublishError::NotServed {
            what,
            model: model.clone(),
            table: self.table.to_owned(),
            scored_on: self.scored_on,
        }
    }
}

/// What `roll_back` would do.
pub fn plan_roll_back(
    store: &Store,
    model: &ModelName,
    from: Version,
    to: Version,
) -> Result<Vec<TurnedDay>, PublishError> {
    let mut days = served::read(store, model)?;
    Ok(turn_back(&mut days, from, to))
}

/// Takes back every day that the version `from` scored: what `to` had scored for that day is shown
/// again, and nothing where it had not. Asked twice, it is done once.
pub fn roll_back(
    store: &Store,
    model: &ModelName,
    from: Version,
    to: Version,
) -> Result<Vec<TurnedDay>, PublishError> {
    let turned = served::change(store, model, |days| Ok(turn_back(days, from, to)))?;
    tracing::info!(%model, %from, %to, days = turned.len(), "scores rolled back");
    Ok(turned)
}

fn turn_back(days: &mut [ServedDay], from: Version, to: Version) -> Vec<TurnedDay> {
    let (from, to) = (from.to_string(), to.to_string());
    let scored_by = |run: &ServedRun, version: &str| run.version == version;
    let mut turned = Vec::new();
    for day in days {
        if !day
            .shown
            .as_ref()
            .is_some_and(|shown| scored_by(shown, &from))
        {
            continue;
        }
        let next = day.replaced.iter().find(|run| scored_by(run, &to)).cloned();
        turned.push(turn(day, next));
    }
    turned
}

/// What `restore` would do.
pub fn plan_restore(
    store: &Store,
    model: &ModelName,
    of: &Of<'_>,
    run_id: &RunId,
) -> Result<TurnedDay, PublishError> {
    show_again(&mut served::read(store, model)?, model, of, run_id)
}

/// Shows a run again that a day showed before.
pub fn restore(
    store: &Store,
    model: &ModelName,
    of: &Of<'_>,
    run_id: &RunId,
) -> Result<TurnedDay, PublishError> {
    served::change(store, model, |days| show_again(days, model, of, run_id))
}

fn show_again(
    days: &mut [ServedDay],
    model: &ModelName,
    of: &Of<'_>,
    run_id: &RunId,
) -> Result<TurnedDay, PublishError> {
    let day = known(days, model, of)?;
    let shown = day.shown.as_ref();
    if shown.is_some_and(|shown| shown.run.run_id == *run_id) {
        return Ok(unturned(day));
    }
    let earlier = day.replaced.iter().find(|run| run.run.run_id == *run_id);
    match earlier.cloned() {
        Some(next) => Ok(turn(day, Some(next))),
        None => Err(of.not_served(model, format!("run `{run_id}`"))),
    }
}

/// What `withdraw` would do.
pub fn plan_withdraw(
    store: &Store,
    model: &ModelName,
    of: &Of<'_>,
) -> Result<TurnedDay, PublishError> {
    show_nothing(&mut served::read(store, model)?, model, of)
}

/// Shows nothing for a day.
pub fn withdraw(store: &Store, model: &ModelName, of: &Of<'_>) -> Result<TurnedDay, PublishError> {
    served::change(store, model, |days| show_nothing(days, model, of))
}

fn show_nothing(
    days: &mut [ServedDay],
    model: &ModelName,
    of: &Of<'_>,
) -> Result<TurnedDay, PublishError> {
    let day = known(days, model, of)?;
    match day.shown {
        Some(_) => Ok(turn(day, None)),
        None => Ok(unturned(day)),
    }
}

fn known<'a>(
    days: &'a mut [ServedDay],
    model: &ModelName,
    of: &Of<'_>,
) -> Result<&'a mut ServedDay, PublishError> {
    let found = days
        .iter_mut()
        .find(|day| day.table == of.table && day.scored_on == of.scored_on);
    found.ok_or_else(|| of.not_served(model, "anything".into()))
}

fn turn(day: &mut ServedDay, next: Option<ServedRun>) -> TurnedDay {
    let before = day.shown.clone();
    served::replace(day, next);
    TurnedDay {
        before,
        ..unturned(day)
    }
}

fn unturned(day: &ServedDay) -> TurnedDay {
    TurnedDay {
        table: day.table.clone(),
        scored_on: day.scored_on,
        before: day.shown.clone(),
        after: day.shown.clone(),
    }
}
