//! Moving a version on: to staging, to live, or out of use for ever.

use millrace_contract::Version;
use serde::{Deserialize, Serialize};

use crate::change::{Changed, Create};
use crate::document::entry::{Action, Draft};
use crate::document::state::State;
use crate::document::{Document, PREVIOUS_LIVE_KEPT};
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::request::{Request, invalid};

/// Where a version can be promoted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Staging,
    Live,
}

impl Target {
    pub fn state(self) -> State {
        match self {
            Target::Staging => State::Staging,
            Target::Live => State::Live,
        }
    }
}

impl Registry {
    /// Reads every file of the version first: what does not match its manifest is not promoted. A
    /// version that becomes live retires the one before it in the same step. One whose gates lacked evidence
    /// is promoted by a person alone, with a reason that the history keeps.
    pub fn promote(
        &self,
        version: Version,
        target: Target,
        request: &Request,
    ) -> Result<Changed, RegistryError> {
        request.check()?;
        let document = self.load()?.document;
        if let Some(done) = self.done_before(&document, request) {
            return Ok(done);
        }
        let drafts = promote_in(&mut document.clone(), version, target, request)?;
        if !drafts.is_empty() {
            self.verify(&self.manifest_in(&document, version)?)?;
        }
        self.change(request, Create::No, |document| {
            promote_in(document, version, target, request)
        })
    }

    /// Whether `reject` would do it; nothing is changed.
    pub fn plan_reject(&self, version: Version, request: &Request) -> Result<(), RegistryError> {
        request.check()?;
        check_reason(request)?;
        reject_in(&mut self.load()?.document, version, request).map(drop)
    }

    /// The version must never be used from now on; aliases that point to it are removed. What it scored is
    /// taken from readers by `millrace_served::Serving::reject`, which calls this: call that.
    pub fn reject(&self, version: Version, request: &Request) -> Result<Changed, RegistryError> {
        check_reason(request)?;
        self.change(request, Create::No, |document| {
            reject_in(document, version, request)
        })
    }
}

fn promote_in(
    document: &mut Document,
    version: Version,
    target: Target,
    request: &Request,
) -> Result<Vec<Draft>, RegistryError> {
    let entry = document.entry(version)?;
    if entry.state == target.state() {
        return Ok(Vec::new());
    }
    let may_move = entry.state.may_become(target.state());
    if may_move && !entry.verdicts.passed() && !request.is_a_persons_with_a_reason() {
        return Err(RegistryError::ReasonNeeded {
            name: document.model_name.clone(),
            version,
            wanting: entry.verdicts.wanting(),
        });
    }
    if target == Target::Live {
        let live = document.live();
        let drafts = make_live(document, version, Action::Promoted)?;
        document.previous_live.extend(live);
        let surplus = document
            .previous_live
            .len()
            .saturating_sub(PREVIOUS_LIVE_KEPT);
        document.previous_live.drain(..surplus);
        return Ok(drafts);
    }
    let from = document.move_to(version, target.state())?;
    Ok(vec![moved(document, Action::Promoted, version, from)?])
}

/// Makes one version live and retires the other, which is how rollback works too.
pub(super) fn make_live(
    document: &mut Document,
    version: Version,
    action: Action,
) -> Result<Vec<Draft>, RegistryError> {
    let live = document.live();
    let from = document.move_to(version, State::Live)?;
    let mut drafts = vec![moved(document, action, version, from)?];
    if let Some(replaced) = live {
        let from = document.move_to(replaced, State::Retired)?;
        drafts.push(Draft {
            why: Some(format!("{version} became live")),
            ..moved(document, Action::Retired, replaced, from)?
        });
    }
    Ok(drafts)
}

fn check_reason(request: &Request) -> Result<(), RegistryError> {
    match request.gives_a_reason() {
        true => Ok(()),
        false => Err(invalid("a rejection needs a reason: say why")),
    }
}

fn reject_in(
    document: &mut Document,
    version: Version,
    request: &Request,
) -> Result<Vec<Draft>, RegistryError> {
    if document.entry(version)?.state == State::Rejected {
        return Ok(Vec::new());
    }
    let from = document.move_to(version, State::Rejected)?;
    document
        .entry_mut(version)?
        .reasons
        .extend(request.why.clone());
    document
        .previous_live
        .retain(|previous| *previous != version);
    let mut drafts = vec![moved(document, Action::Rejected, version, from)?];
    document.aliases.retain(|alias, to| {
        if *to != version {
            return true;
        }
        drafts.push(Draft {
            alias: Some(alias.clone()),
            alias_before: Some(version),
            ..Draft::of(Action::AliasRemoved)
        });
        false
    });
    Ok(drafts)
}

/// The entry for a version whose state has just changed.
fn moved(
    document: &Document,
    action: Action,
    version: Version,
    from: State,
) -> Result<Draft, RegistryError> {
    let entry = document.entry(version)?;
    Ok(Draft {
        from: Some(from),
        to: Some(entry.state),
        run_id: Some(entry.run_id.clone()),
        verdicts: Some(entry.verdicts),
        ..Draft::version(action, version)
    })
}
