//! Back to the version that was live before, in one step.

use millrace_contract::{ModelName, Version};
use serde::Serialize;

use super::promote::make_live;
use crate::change::{Changed, Create};
use crate::document::Document;
use crate::document::entry::Action;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::request::Request;

/// What a rollback would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackPlan {
    pub model_name: ModelName,
    pub from: Version,
    pub to: Version,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RolledBack {
    pub model_name: ModelName,
    pub from: Option<Version>,
    pub to: Option<Version>,
    pub change: Changed,
}

impl Registry {
    /// For `--dry-run`: everything is checked, also the files, and nothing is changed.
    pub fn plan_rollback(&self) -> Result<RollbackPlan, RegistryError> {
        let document = self.load()?.document;
        let plan = plan_in(&document)?;
        self.verify(&self.manifest_in(&document, plan.to)?)?;
        Ok(plan)
    }

    /// Each rollback goes one step further back. If somebody else changes the live version at the same
    /// moment, nothing is done and `LiveChanged` says so: two operators never roll back twice.
    pub fn rollback(&self, request: &Request) -> Result<RolledBack, RegistryError> {
        request.check()?;
        let document = self.load()?.document;
        if let Some(done) = self.done_before(&document, request) {
            return Ok(self.rolled_back(done));
        }
        let plan = plan_in(&document)?;
        self.verify(&self.manifest_in(&document, plan.to)?)?;
        let change = self.change(request, Create::No, |document| {
            let live = document.live();
            if live != Some(plan.from) {
                return Err(self.live_changed(&plan, live));
            }
            // The target may have been rejected or pruned meanwhile: then its move is refused.
            let drafts = make_live(document, plan.to, Action::RolledBack)?;
            let place = document.previous_live.iter().rposition(|v| *v == plan.to);
            document.previous_live.truncate(place.unwrap_or(0));
            Ok(drafts)
        })?;
        Ok(self.rolled_back(change))
    }

    fn live_changed(&self, plan: &RollbackPlan, live: Option<Version>) -> RegistryError {
        RegistryError::LiveChanged {
            name: self.name.clone(),
            expected: plan.from.to_string(),
            found: live.map_or_else(|| "none".to_owned(), |live| live.to_string()),
        }
    }

    fn rolled_back(&self, change: Changed) -> RolledBack {
        let first = change.entries.first();
        RolledBack {
            model_name: self.name.clone(),
            from: first.and_then(|entry| entry.live_before),
            to: first.and_then(|entry| entry.live_after),
            change,
        }
    }
}

fn plan_in(document: &Document) -> Result<RollbackPlan, RegistryError> {
    let name = document.model_name.clone();
    let Some(from) = document.live() else {
        return Err(RegistryError::NoLiveVersion { name });
    };
    match document.rollback_target() {
        Some(to) => Ok(RollbackPlan {
            model_name: name,
            from,
            to,
        }),
        None => Err(RegistryError::NoPreviousLive {
            name,
            current: from.to_string(),
        }),
    }
}
