//! How the document changes: read it, ask the registry, decide, replace it if nobody else did.

use millrace_contract::tables::{ServedDay, ServedRun};
use millrace_registry::Standing;
use millrace_store::{Key, StoreError};

use crate::document;
use crate::{ServedError, Serving, TurnedDay};

/// How often a lost race is tried again before the change is given up.
const TRIES: u32 = 30;

/// Whether the document is written where nothing in it changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    WhereChanged,
    /// So that whoever read it before is refused.
    Always,
}

impl Serving<'_> {
    /// Changes the lines in one step, and gives the days that show something else than before. `decide` is
    /// called again with newer lines whenever another writer was quicker. What may not be shown any more is
    /// taken away first, and what `decide` shows must be what may serve.
    pub(crate) fn change<T>(
        &self,
        write: Write,
        mut decide: impl FnMut(&mut Vec<ServedDay>, &Standing) -> Result<T, ServedError>,
    ) -> Result<(T, Vec<TurnedDay>), ServedError> {
        let key = document::key(self.model())?;
        for _ in 0..TRIES {
            let found = document::load(self.store(), &key)?;
            // After the document and not before: who rejects a version writes the document afterwards, so
            // that what is decided by an older answer is not written.
            let standing = self.registry.standing()?;
            let (found, is_there) = match found {
                Some(found) => (found.days, Some((found.revision, found.etag))),
                None => (Vec::new(), None),
            };
            let mut days = found.clone();
            take_away(&mut days, &standing);
            let answer = decide(&mut days, &standing)?;
            check(&found, &days, &standing)?;
            let Some((revision, etag)) = is_there else {
                if days.is_empty() {
                    return Ok((answer, Vec::new()));
                }
                // A document that shows nothing, before one that does: whoever rejects a version at this
                // moment finds one to write.
                self.begin(&key, days)?;
                continue;
            };
            let turned = turned(&found, &days);
            if days == found && write == Write::WhereChanged {
                return Ok((answer, turned));
            }
            let bytes = self.encoded(&key, days, revision + 1)?;
            match self.store().replace_if_unchanged(&key, bytes, &etag) {
                Err(StoreError::Changed { .. }) => continue,
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok((answer, turned)),
            }
        }
        Err(ServedError::Busy {
            uri: self.store().object_uri(&key),
            tries: TRIES,
        })
    }

    /// What a change would do.
    pub(crate) fn plan<T>(
        &self,
        decide: impl FnOnce(&mut Vec<ServedDay>, &Standing) -> Result<T, ServedError>,
    ) -> Result<(T, Vec<TurnedDay>), ServedError> {
        let found = document::read(self.store(), self.model())?;
        let standing = self.registry.standing()?;
        let mut days = found.clone();
        take_away(&mut days, &standing);
        let answer = decide(&mut days, &standing)?;
        check(&found, &days, &standing)?;
        Ok((answer, turned(&found, &days)))
    }

    fn begin(&self, key: &Key, mut days: Vec<ServedDay>) -> Result<(), ServedError> {
        for day in &mut days {
            day.shown = None;
        }
        let bytes = self.encoded(key, days, 1)?;
        match self.store().put_if_absent(key, bytes) {
            Ok(_) | Err(StoreError::AlreadyExists { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn encoded(
        &self,
        key: &Key,
        days: Vec<ServedDay>,
        revision: u64,
    ) -> Result<Vec<u8>, ServedError> {
        document::encode(days, revision).map_err(|error| ServedError::Damaged {
            uri: self.store().object_uri(key),
            detail: error.to_string(),
        })
    }
}

/// Runs of versions that were rejected, or never registered, are not shown any more.
fn take_away(days: &mut [ServedDay], standing: &Standing) {
    for day in days {
        let may_stay = |run: &ServedRun| standing.may_stay(&run.version).is_ok();
        if !day.shown.as_ref().is_none_or(may_stay) {
            show_instead(day, None);
        }
    }
}

/// The last word, whoever decided: what is shown anew may serve.
fn check(
    before: &[ServedDay],
    after: &[ServedDay],
    standing: &Standing,
) -> Result<(), ServedError> {
    for day in turned(before, after) {
        if let Some(shown) = day.after {
            standing.may_serve(&shown.version)?;
        }
    }
    Ok(())
}

/// The days that show something else.
fn turned(before: &[ServedDay], after: &[ServedDay]) -> Vec<TurnedDay> {
    let shown_before = |day: &ServedDay| {
        let same =
            |other: &&ServedDay| other.table == day.table && other.scored_on == day.scored_on;
        before.iter().find(same).and_then(|day| day.shown.clone())
    };
    let days = after.iter().map(|day| TurnedDay {
        table: day.table.clone(),
        scored_on: day.scored_on,
        before: shown_before(day),
        after: day.shown.clone(),
    });
    days.filter(|day| day.before != day.after).collect()
}

/// Shows `next` instead of what is shown, which is remembered.
pub(crate) fn show_instead(day: &mut ServedDay, next: Option<ServedRun>) {
    if let Some(next) = &next {
        day.replaced
            .retain(|known| known.run.run_id != next.run.run_id);
    }
    if let Some(before) = std::mem::replace(&mut day.shown, next) {
        day.replaced.insert(0, before);
    }
}
