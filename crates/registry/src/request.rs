//! Who wants a change, why and when: what every entry of the history records.

use jiff::Timestamp;
use millrace_contract::RunId;
use serde::{Deserialize, Serialize};

use crate::error::RegistryError;

const LONGEST_WHO: usize = 200;
const LONGEST_WHY: usize = 2_000;
const LONGEST_OPERATION_ID: usize = 128;

/// Given by the caller, so that nothing here reads the clock or the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The user or the principal.
    pub who: String,
    #[serde(default)]
    pub why: Option<String>,
    #[serde(default)]
    pub run_id: Option<RunId>,
    pub now: Timestamp,
    /// A change with the id of one that the document's history still holds is not done a second
    /// time: so that a retried rollback is one rollback. Unique per change and model.
    #[serde(default)]
    pub operation_id: Option<String>,
}

impl Request {
    pub fn new(who: impl Into<String>, now: Timestamp) -> Self {
        Request {
            who: who.into(),
            why: None,
            run_id: None,
            now,
            operation_id: None,
        }
    }

    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    pub fn for_run(mut self, run_id: RunId) -> Self {
        self.run_id = Some(run_id);
        self
    }

    pub fn as_operation(mut self, id: impl Into<String>) -> Self {
        self.operation_id = Some(id.into());
        self
    }

    pub(crate) fn gives_a_reason(&self) -> bool {
        self.why.as_ref().is_some_and(|why| !why.trim().is_empty())
    }

    /// A run gives a reason as well, but it is always the same: it has decided nothing.
    pub(crate) fn is_a_persons_with_a_reason(&self) -> bool {
        self.run_id.is_none() && self.gives_a_reason()
    }

    pub(crate) fn check(&self) -> Result<(), RegistryError> {
        if self.who.trim().is_empty() {
            return Err(invalid(
                "it does not say who asks: give a user or principal",
            ));
        }
        if self.operation_id.as_ref().is_some_and(String::is_empty) {
            return Err(invalid(
                "its operation id is empty: leave it out or fill it",
            ));
        }
        check_length("who", Some(&self.who), LONGEST_WHO)?;
        check_length("why", self.why.as_ref(), LONGEST_WHY)?;
        check_length(
            "operation_id",
            self.operation_id.as_ref(),
            LONGEST_OPERATION_ID,
        )
    }
}

fn check_length(field: &str, text: Option<&String>, longest: usize) -> Result<(), RegistryError> {
    if text.is_none_or(|text| text.len() <= longest) {
        return Ok(());
    }
    Err(invalid(format!(
        "`{field}` is longer than {longest} bytes: shorten it"
    )))
}

pub(crate) fn invalid(reason: impl Into<String>) -> RegistryError {
    RegistryError::InvalidRequest {
        reason: reason.into(),
    }
}
