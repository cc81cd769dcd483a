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
        // Names of files and columns are chosen by others, and a terminal obeys what some of them hold.
        let plain = |c: char| {
            if c.is_control() && !matches!(c, '\n' | '\t') {
                '\u{fffd}'
            } else {
                c
            }
        };
        let message: String = self.message.chars().map(plain).collect();
        // Some messages begin with their own name already.
        match message.strip_prefix(&self.name) {
            Some(rest) => write!(formatter, "{}{rest}", self.name),
            None => write!(formatter, "{}: {message}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_its_name_once_and_gives_a_terminal_no_orders() {
        let failure = Failure::new("DataNotFound", "there is nothing at a\u{1b}[2J\0b\nhere");
        let said = "DataNotFound: there is nothing at a\u{fffd}[2J\u{fffd}b\nhere";
        assert_eq!(failure.to_string(), said);
        assert_eq!(
            Failure::new("InvalidName", "InvalidName: x").to_string(),
            "InvalidName: x"
        );
    }
}
