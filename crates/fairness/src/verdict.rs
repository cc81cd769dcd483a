//! The three answers of a gate.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Pass,
    Fail,
    InsufficientEvidence,
}

impl Verdict {
    /// One fail is a fail; short of that, one unknown is unknown; nothing to judge passes.
    pub fn worst(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts
            .into_iter()
            .fold(Self::Pass, |known, next| match (known, next) {
                (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
                (Self::InsufficientEvidence, _) | (_, Self::InsufficientEvidence) => {
                    Self::InsufficientEvidence
                }
                (Self::Pass, Self::Pass) => Self::Pass,
            })
    }

    /// What the verdict counts for once a policy has allowed missing evidence by name.
    pub(crate) fn once_allowed(self, allowed: bool) -> Self {
        if allowed && self == Self::InsufficientEvidence {
            Self::Pass
        } else {
            self
        }
    }

    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::InsufficientEvidence => "insufficient evidence",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.words())
    }
}
