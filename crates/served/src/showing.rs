//! Showing a run that was scored, in the place of an older one.

use millrace_contract::ModelName;
use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_registry::Standing;

use crate::change::{Write, show_instead};
use crate::{Of, ServedError, Serving};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// False when this very run is or was shown already, or when a newer one is or was.
    pub changed: bool,
    /// What readers of the day see now.
    pub visible: Option<ServedRun>,
}

impl Serving<'_> {
    /// Shows the run, if its version may serve when the document is written, and also when it is written:
    /// else its scores are gone again before this says `VersionMayNotServe`.
    pub fn show(&self, of: &Of<'_>, next: &ServedRun) -> Result<Shown, ServedError> {
        let shown = self.change(Write::WhereChanged, |days, standing| {
            let day = day_of(days, of, self.model());
            let changed = show_in(day, next, standing)?;
            Ok(Shown {
                changed,
                visible: day.shown.clone(),
            })
        });
        // Whoever rejected the version meanwhile takes the run away, unless that process died on its way.
        if let Err(refused) = self.registry.standing()?.may_stay(&next.version) {
            self.tidy()?;
            return Err(refused.into());
        }
        Ok(shown?.0)
    }

    /// Takes away what may not be shown any more.
    pub fn tidy(&self) -> Result<(), ServedError> {
        self.change(Write::WhereChanged, |_, _| Ok(())).map(drop)
    }
}

/// A run that is or was shown stays as it is, for a late retry must bring nothing back; nor does a run that
/// is older than one that is or was, even where that one was taken back: it would be seen for the first
/// time because something else was hidden. What a rejected version had scored does not count.
fn show_in(
    day: &mut ServedDay,
    next: &ServedRun,
    standing: &Standing,
) -> Result<bool, ServedError> {
    let mut ever = day.shown.iter().chain(&day.replaced);
    if ever.clone().any(|run| run.run.run_id == next.run.run_id) {
        return Ok(false);
    }
    standing.may_serve(&next.version)?;
    let is_newer = |run: &ServedRun| run.run.started_at > next.run.started_at;
    if ever.any(|run| is_newer(run) && standing.may_stay(&run.version).is_ok()) {
        return Ok(false);
    }
    show_instead(day, Some(next.clone()));
    Ok(true)
}

/// The line of a table and day, made when there is none.
fn day_of<'a>(days: &'a mut Vec<ServedDay>, of: &Of<'_>, model: &ModelName) -> &'a mut ServedDay {
    let found = days.iter().position(|day| of.is(day));
    let index = found.unwrap_or_else(|| {
        days.push(ServedDay {
            table: of.table.to_owned(),
            model: model.clone(),
            scored_on: of.scored_on,
            shown: None,
            replaced: Vec::new(),
        });
        days.len() - 1
    });
    &mut days[index]
}
