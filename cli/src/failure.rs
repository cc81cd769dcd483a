//! How the command says that something went wrong: a name that a script can match, and a sentence.

use std::fmt;

use millrace_contract::NamedError;

/// An error that ends the command.
#[derive(Debug)]
pub struct Failure {
    pub name: String,
    pub message: String,
}

/// What every command gives back.
pub type Outcome = Result<(), Failure>;

impl Failure {
    pub fn new(name: impl Into<String>, message: impl Into<String>) -> Failure {
        Failure {
            name: name.into(),
            message: message.into(),
        }
    }
}

impl<E: NamedError> From<E> for Failure {
    fn from(error: E) -> Failure {
        Failure::new(error.name(), error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Some messages begin with their own name already.
        match self.message.strip_prefix(&self.name) {
            Some(rest) => write!(formatter, "{}{rest}", self.name),
            None => write!(formatter, "{}: {}", self.name, self.message),
        }
    }
}
