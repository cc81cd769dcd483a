//! Why a state machine was refused when it was loaded: always with the state and the field.

use thiserror::Error;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    #[error("the state machine is not valid JSON: {problem}")]
    NotJson { problem: String },
    #[error(
        "{place}: nothing was given to put in place of ${{{name}}}; add {name} to the substitutions"
    )]
    UnresolvedSubstitution { place: String, name: String },
    #[error("state machine, field {field}: {problem}")]
    Machine { field: String, problem: String },
    #[error("state {state:?}, field {field}: {problem}")]
    State {
        state: String,
        field: String,
        problem: String,
    },
}
