//! The only place where functions and containers read environment variables.

use std::env;

/// Where models, runs and predictions are kept: `s3://bucket/prefix`.
pub const STORE: &str = "MILLRACE_STORE";
/// What Lambda says of the function's memory, in MiB.
pub const MEMORY: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";

/// The memory of a container, in MiB. Without it the limit of the control group counts, if there is one.
pub const CONTAINER_MEMORY: &str = "MILLRACE_MEMORY_MIB";

/// The memory that a container may use; nothing where it has no limit.
pub(crate) fn container_memory(
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<Option<u64>, EnvironmentError> {
    match lookup(CONTAINER_MEMORY) {
        Some(value) => mebibytes(CONTAINER_MEMORY, &value).map(Some),
        None => Ok(crate::memory::of_control_group()),
    }
}

/// What the environment says, read once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    pub store: String,
    /// The memory of the function; absent outside of Lambda.
    pub memory_bytes: Option<u64>,
}

/// A variable that is missing or cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    #[error("EnvironmentInvalid: the variable {variable} is not set: {purpose}")]
    Missing {
        variable: &'static str,
        purpose: &'static str,
    },
    #[error("EnvironmentInvalid: the variable {variable} is `{value}`: {wanted}")]
    Unusable {
        variable: &'static str,
        value: String,
        wanted: &'static str,
    },
}

impl millrace_contract::NamedError for EnvironmentError {
    fn name(&self) -> &str {
        "EnvironmentInvalid"
    }
}

impl Environment {
    pub fn read() -> Result<Environment, EnvironmentError> {
        Self::from_lookup(|name| env::var(name).ok())
    }

    fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Environment, EnvironmentError> {
        let store = lookup(STORE)
            .filter(|value| !value.trim().is_empty())
            .ok_or(EnvironmentError::Missing {
                variable: STORE,
                purpose: "it says where the store is, such as s3://bucket/prefix",
            })?;
        let memory_bytes = lookup(MEMORY)
            .map(|value| mebibytes(MEMORY, &value))
            .transpose()?;
        Ok(Environment {
            store,
            memory_bytes,
        })
    }
}

fn mebibytes(variable: &'static str, value: &str) -> Result<u64, EnvironmentError> {
    let unusable = || EnvironmentError::Unusable {
        variable,
        value: value.to_owned(),
        wanted: "a number of MiB is needed",
    };
    let mebibytes: u64 = value.parse().map_err(|_| unusable())?;
    mebibytes.checked_mul(1 << 20).ok_or_else(unusable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_missing_or_wrong_variable_is_named() {
        let none = Environment::from_lookup(|_| None).unwrap_err();
        assert!(none.to_string().contains(STORE));
        let wrong = Environment::from_lookup(|name| {
            Some(if name == STORE { "s3://b" } else { "much" }.into())
        });
        assert!(wrong.unwrap_err().to_string().contains(MEMORY));
        let good = Environment::from_lookup(|name| {
            Some(if name == STORE { "s3://b" } else { "512" }.into())
        });
        assert_eq!(good.unwrap().memory_bytes, Some(512 << 20));
        let container = |value: &'static str| container_memory(|_| Some(value.to_owned()));
        assert_eq!(container("512"), Ok(Some(512 << 20)));
        assert!(
            container("much")
                .unwrap_err()
                .to_string()
                .contains(CONTAINER_MEMORY)
        );
    }
}
