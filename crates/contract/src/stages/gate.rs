//! Judging a candidate: whether it is good enough, and whether it treats groups of people alike.

use serde::{Deserialize, Serialize};

use super::{ModelFiles, Run};
use crate::artifact::ObjectRef;

/// The two gates that a candidate has to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    Quality,
    Fairness,
}

impl Gate {
    pub fn name(self) -> &'static str {
        match self {
            Gate::Quality => "quality",
            Gate::Fairness => "fairness",
        }
    }

    /// The folder of this gate's stage in a run.
    pub fn stage_name(self, attempt: u32) -> String {
        format!("{}-gate-{attempt}", self.name())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateInput {
    pub run: Run,
    pub gate: Gate,
    /// The candidate, with the spec and the contract that it is judged by.
    pub files: ModelFiles,
    pub attempt: u32,
}

/// What follows for the candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateDecision {
    Passed,
    Blocked,
    /// Nothing failed, but something could not be judged: only a person can promote it, with a reason.
    InsufficientEvidence,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateOutput {
    pub gate: Gate,
    pub decision: GateDecision,
    /// In one sentence.
    pub summary: String,
    /// Why it is blocked; empty when it passed.
    pub reasons: Vec<String>,
    /// `verdict.json`: the whole verdict, in the form that the registry keeps as evidence.
    pub report: ObjectRef,
}
