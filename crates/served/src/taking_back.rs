//! Showing the scores of an earlier run again, or none: what is shown changes, no file does.

use jiff::civil::Date;
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_contract::{ModelName, RunId, Version};
use millrace_registry::Standing;
use serde::Serialize;

use crate::change::{Write, show_instead};
use crate::{ServedError, Serving};

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
    pub(crate) fn is(&self, day: &ServedDay) -> bool {
        day.table == self.table && day.scored_on == self.scored_on
    }

    fn never_shown(&self, model: &ModelName, what: String) -> ServedError {
        ServedError::NeverShown {
            what,
            model: model.clone(),
            table: self.table.to_owned(),
            scored_on: self.scored_on,
        }
    }
}

impl Serving<'_> {
    /// What `roll_back` would do.
    pub fn plan_roll_back(
        &self,
        from: Version,
        to: Version,
    ) -> Result<Vec<TurnedDay>, ServedError> {
        Ok(self
            .plan(|days, standing| turn_back(days, standing, from, to))?
            .1)
    }

    /// Takes back every day that the version `from` scored: what `to` had scored for that day is shown
    /// again, and nothing where it had not. Asked twice, it is done once.
    pub fn roll_back(&self, from: Version, to: Version) -> Result<Vec<TurnedDay>, ServedError> {
        let decide =
            |days: &mut Vec<ServedDay>, standing: &Standing| turn_back(days, standing, from, to);
        let ((), turned) = self.change(Write::WhereChanged, decide)?;
        tracing::info!(model = %self.model(), %from, %to, days = turned.len(), "scores rolled back");
        Ok(turned)
    }

    /// What `restore` would do.
    pub fn plan_restore(&self, of: &Of<'_>, run_id: &RunId) -> Result<TurnedDay, ServedError> {
        Ok(self
            .plan(|days, _| show_again(days, self.model(), of, run_id))?
            .0)
    }

    /// Shows a run again that a day showed before.
    pub fn restore(&self, of: &Of<'_>, run_id: &RunId) -> Result<TurnedDay, ServedError> {
        let decide =
            |days: &mut Vec<ServedDay>, _: &Standing| show_again(days, self.model(), of, run_id);
        Ok(self.change(Write::WhereChanged, decide)?.0)
    }

    /// What `withdraw` would do.
    pub fn plan_withdraw(&self, of: &Of<'_>) -> Result<TurnedDay, ServedError> {
        Ok(self.plan(|days, _| show_nothing(days, self.model(), of))?.0)
    }

    /// Shows nothing for a day.
    pub fn withdraw(&self, of: &Of<'_>) -> Result<TurnedDay, ServedError> {
        let decide = |days: &mut Vec<ServedDay>, _: &Standing| show_nothing(days, self.model(), of);
        Ok(self.change(Write::WhereChanged, decide)?.0)
    }
}

fn turn_back(
    days: &mut [ServedDay],
    standing: &Standing,
    from: Version,
    to: Version,
) -> Result<(), ServedError> {
    let (from, to) = (from.to_string(), to.to_string());
    standing.may_serve(&to)?;
    for day in days {
        let of_from = |shown: &ServedRun| shown.version == from;
        if day.shown.as_ref().is_some_and(of_from) {
            let next = day.replaced.iter().find(|run| run.version == to).cloned();
            show_instead(day, next);
        }
    }
    Ok(())
}

fn show_again(
    days: &mut [ServedDay],
    model: &ModelName,
    of: &Of<'_>,
    run_id: &RunId,
) -> Result<TurnedDay, ServedError> {
    let day = known(days, model, of)?;
    let shown = day.shown.as_ref();
    if shown.is_some_and(|shown| shown.run.run_id == *run_id) {
        return Ok(unturned(day));
    }
    let earlier = day.replaced.iter().find(|run| run.run.run_id == *run_id);
    match earlier.cloned() {
        Some(next) => Ok(turn(day, Some(next))),
        None => Err(of.never_shown(model, format!("run `{run_id}`"))),
    }
}

fn show_nothing(
    days: &mut [ServedDay],
    model: &ModelName,
    of: &Of<'_>,
) -> Result<TurnedDay, ServedError> {
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
) -> Result<&'a mut ServedDay, ServedError> {
    let ever_shown = |day: &ServedDay| day.shown.is_some() || !day.replaced.is_empty();
    let found = days.iter_mut().find(|day| of.is(day) && ever_shown(day));
    found.ok_or_else(|| of.never_shown(model, "anything".into()))
}

fn turn(day: &mut ServedDay, next: Option<ServedRun>) -> TurnedDay {
    let before = day.shown.clone();
    show_instead(day, next);
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
