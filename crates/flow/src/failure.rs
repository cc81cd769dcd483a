//! Errors inside an execution: their names, and which names a Retry or Catch matches.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub(crate) const ALL: &str = "States.ALL";
pub(crate) const BRANCH_FAILED: &str = "States.BranchFailed";
pub(crate) const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
pub(crate) const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
pub(crate) const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
pub(crate) const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
pub(crate) const RUNTIME: &str = "States.Runtime";
pub(crate) const TASK_FAILED: &str = "States.TaskFailed";
pub(crate) const TIMEOUT: &str = "States.Timeout";
pub(crate) const TOLERATED_FAILURES_EXCEEDED: &str = "States.ExceedToleratedFailureThreshold";

/// The names that AWS reserves: any other name that begins with `States.` is a slip of the pen.
pub(crate) const RESERVED: &[&str] = &[
    ALL,
    BRANCH_FAILED,
    DATA_LIMIT_EXCEEDED,
    TOLERATED_FAILURES_EXCEEDED,
    HEARTBEAT_TIMEOUT,
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    NO_CHOICE_MATCHED,
    "States.ParameterPathFailure",
    "States.Permissions",
    QUERY_EVALUATION_ERROR,
    "States.ResultPathMatchFailure",
    "States.ResultWriterFailed",
    RUNTIME,
    TASK_FAILED,
    TIMEOUT,
];

/// An error by name, with its cause: what a state failed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub error: String,
    pub cause: String,
    /// It came out of a branch of the Parallel state that is now failing.
    #[serde(skip)]
    pub from_branch: bool,
}

impl Failure {
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
            from_branch: false,
        }
    }

    /// What `$states.errorOutput` is in a Catch.
    pub fn output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }
}

/// Why a state, and with it the flow it is in, does not go on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Halt {
    Failed(Failure),
    /// The execution's own TimeoutSeconds has passed: no state can catch that.
    TimedOut,
    /// Somebody asked to stop: the caller, or a sibling branch that failed.
    Stopped,
}

impl Halt {
    pub fn failed(error: &str, cause: impl Into<String>) -> Self {
        Self::Failed(Failure::new(error, cause))
    }
}

/// The names in `ErrorEquals`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErrorNames(Vec<String>);

impl ErrorNames {
    /// Checks a list of names; `last` says whether it is the last retrier or catcher of its state.
    pub fn parse(names: Vec<String>, last: bool) -> Result<Self, String> {
        if names.is_empty() {
            return Err("is empty: name at least one error".to_owned());
        }
        for name in &names {
            if name.starts_with("States.") && !RESERVED.contains(&name.as_str()) {
                return Err(format!("{name:?} is not an error name of Step Functions"));
            }
        }
        if names.iter().any(|name| name == ALL) && (names.len() > 1 || !last) {
            return Err(format!("{ALL} must stand alone, and in the last entry"));
        }
        Ok(Self(names))
    }

    /// Whether this list matches a failure.
    ///
    /// - `States.Runtime` is matched by nothing, `States.DataLimitExceeded` by its own name only.
    /// - `States.TaskFailed` matches any error except `States.Timeout`.
    /// - `States.Timeout` also matches `States.HeartbeatTimeout`.
    /// - `States.BranchFailed` matches whatever a branch of a Parallel state failed with.
    pub fn matches(&self, failure: &Failure) -> bool {
        if failure.error == RUNTIME {
            return false;
        }
        self.0.iter().any(|name| match name.as_str() {
            name if name == failure.error => true,
            _ if failure.error == DATA_LIMIT_EXCEEDED => false,
            ALL => true,
            TASK_FAILED => failure.error != TIMEOUT,
            TIMEOUT => failure.error == HEARTBEAT_TIMEOUT,
            BRANCH_FAILED => failure.from_branch,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn matches(name: &str, error: &str) -> bool {
        ErrorNames::parse(vec![name.to_owned()], true)
            .unwrap()
            .matches(&Failure::new(error, ""))
    }

    #[test]
    fn names_match_as_on_aws() {
        let table = [
            (ALL, "QualityRejected", true),
            (ALL, TIMEOUT, true),
            (ALL, QUERY_EVALUATION_ERROR, true),
            (ALL, DATA_LIMIT_EXCEEDED, false),
            (ALL, RUNTIME, false),
            (RUNTIME, RUNTIME, false),
            (DATA_LIMIT_EXCEEDED, DATA_LIMIT_EXCEEDED, true),
            (TASK_FAILED, "QualityRejected", true),
            (TASK_FAILED, TASK_FAILED, true),
            (TASK_FAILED, HEARTBEAT_TIMEOUT, true),
            (TASK_FAILED, TIMEOUT, false),
            (TASK_FAILED, DATA_LIMIT_EXCEEDED, false),
            (TIMEOUT, TIMEOUT, true),
            (TIMEOUT, HEARTBEAT_TIMEOUT, true),
            (HEARTBEAT_TIMEOUT, TIMEOUT, false),
            (BRANCH_FAILED, "QualityRejected", false),
            ("QualityRejected", "QualityRejected", true),
            ("QualityRejected", "qualityrejected", false),
        ];
        for (name, error, expected) in table {
            assert_eq!(matches(name, error), expected, "{name} against {error}");
        }
    }

    #[test]
    fn branch_failed_matches_what_a_branch_failed_with() {
        let mut failure = Failure::new("QualityRejected", "");
        failure.from_branch = true;
        assert!(
            ErrorNames::parse(vec![BRANCH_FAILED.to_owned()], true)
                .unwrap()
                .matches(&failure)
        );
    }

    #[test]
    fn lists_that_aws_refuses_are_refused() {
        let all = || ALL.to_owned();
        assert!(ErrorNames::parse(vec![], true).is_err());
        assert!(ErrorNames::parse(vec![all(), "X".to_owned()], true).is_err());
        assert!(ErrorNames::parse(vec![all()], false).is_err());
        assert!(ErrorNames::parse(vec!["States.Typo".to_owned()], true).is_err());
        assert!(ErrorNames::parse(vec![all()], true).is_ok());
    }
}
