//! One line of the history: what changed, who did it, when and why.

use std::fmt;

use jiff::Timestamp;
use millrace_contract::{RunId, Version};
use serde::{Deserialize, Serialize};

use super::state::State;
use crate::manifest::evidence::Verdicts;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A number was given to a run whose files are being copied.
    Reserved,
    /// A number will never be used: its run did not finish, or came back with other results.
    Abandoned,
    Registered,
    Promoted,
    /// Ceased to be live because another version became it.
    Retired,
    Rejected,
    RolledBack,
    AliasSet,
    AliasRemoved,
    Pruned,
    /// The document was damaged and replaced by its last good copy.
    Restored,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Reserved => "reserved",
            Self::Abandoned => "abandoned",
            Self::Registered => "registered",
            Self::Promoted => "promoted",
            Self::Retired => "retired",
            Self::Rejected => "rejected",
            Self::RolledBack => "rolled back",
            Self::AliasSet => "alias set",
            Self::AliasRemoved => "alias removed",
            Self::Pruned => "pruned",
            Self::Restored => "restored",
        })
    }
}

/// Never changed once written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// 1, 2, 3 without a gap.
    pub sequence: u64,
    /// Never before the entry above, even if the writer's clock was.
    pub at: Timestamp,
    /// What the writer's clock said, where it was behind the history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_said: Option<Timestamp>,
    pub who: String,
    pub action: Action,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<State>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<State>,
    pub live_before: Option<Version>,
    pub live_after: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// Where the alias pointed before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_before: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<RunId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<Verdicts>,
    /// The process that wrote it.
    pub writer_id: String,
    /// The same for all entries of one change; the request's operation id where it has one.
    pub change_id: String,
}

/// What an operation knows of an entry; the rest is filled in when the change is written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub action: Action,
    pub version: Option<Version>,
    pub from: Option<State>,
    pub to: Option<State>,
    pub alias: Option<String>,
    pub alias_before: Option<Version>,
    /// Instead of the request's.
    pub why: Option<String>,
    pub run_id: Option<RunId>,
    pub verdicts: Option<Verdicts>,
}

impl Draft {
    pub(crate) fn of(action: Action) -> Self {
        Draft {
            action,
            version: None,
            from: None,
            to: None,
            alias: None,
            alias_before: None,
            why: None,
            run_id: None,
            verdicts: None,
        }
    }

    pub(crate) fn version(action: Action, version: Version) -> Self {
        Draft {
            version: Some(version),
            ..Draft::of(action)
        }
    }
}
