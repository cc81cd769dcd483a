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

/// Shows a run again that a day showed before.
pub fn restore(
    store: &Store,
    model: &ModelName,
    table: &str,
    scored_on: Date,
    run_id: &RunId,
) -> Result<TurnedDay, PublishError> {
    served::change(store, model, |days| {
        let day = known(days, model, table, scored_on)?;
        if day
            .shown
            .as_ref()
            .is_some_and(|shown| shown.run.run_id == *run_id)
        {
            return Ok(unturned(day));
        }
        let earlier = day
            .replaced
            .iter()
            .find(|run| run.run.run_id == *run_id)
            .cloned();
        let Some(next) = earlier else {
            return Err(PublishError::NotServed {
                what: format!("run `{run_id}`"),
                model: model.clone(),
                table: table.to_owned(),
                scored_on,
            });
        };
        Ok(turn(day, Some(next)))
    })
}

/// Shows nothing for a day.
pub fn withdraw(
    store: &Store,
    model: &ModelName,
    table: &str,
    scored_on: Date,
) -> Result<TurnedDay, PublishError> {
    served::change(store, model, |days| {
        let day = known(days, model, table, scored_on)?;
        match day.shown {
            Some(_) => Ok(turn(day, None)),
            None => Ok(unturned(day)),
        }
    })
}

fn known<'a>(
    days: &'a mut [ServedDay],
    model: &ModelName,
    table: &str,
    scored_on: Date,
) -> Result<&'a mut ServedDay, PublishError> {
    let found = days
        .iter_mut()
        .find(|day| day.table == table && day.scored_on == scored_on);
    found.ok_or_else(|| PublishError::NotServed {
        what: "anything".into(),
        model: model.clone(),
        table: table.to_owned(),
        scored_on,
    })
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
