//! What is said of a document (contract or spec) that cannot be used.

/// A contract or a spec that was refused: where, what and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("{kind}: {origin}: {detail}")]
    Syntax {
        kind: &'static str,
        origin: String,
        detail: String,
    },
    #[error("{kind}: {origin}: {place}: {detail}")]
    Meaning {
        kind: &'static str,
        origin: String,
        place: String,
        detail: String,
    },
}

/// As much of a message as anyone reads, and as fits into what passes between states.
const LONGEST_TOLD: usize = 2_000;

impl DocumentError {
    /// What TOML's reader says. It shows the line, unless that would flood whoever reads the message.
    pub(crate) fn syntax(
        kind: &'static str,
        origin: &str,
        text: &str,
        error: &toml::de::Error,
    ) -> DocumentError {
        let whole = error.to_string();
        let detail = if whole.len() <= LONGEST_TOLD {
            whole.trim_end().to_owned()
        } else {
            let start = error.span().map_or(0, |span| span.start.min(text.len()));
            let before = text.as_bytes().get(..start).unwrap_or_default();
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            format!("line {line}: {}", shortened(error.message()))
        };
        DocumentError::Syntax {
            kind,
            origin: origin.to_owned(),
            detail,
        }
    }

    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        let (Self::Syntax { kind, .. } | Self::Meaning { kind, .. }) = self;
        kind
    }
}

/// A message without what is too much of it: what others wrote may be quoted there at any length.
pub fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_TOLD) {
        Some((end, _)) => format!("{}…", message.get(..end).unwrap_or_default()),
        None => message.to_owned(),
    }
}

/// The name of every refusal of a contract.
pub const INVALID_CONTRACT: &str = "InvalidContract";
/// The name of every refusal of a spec.
pub const INVALID_SPEC: &str = "InvalidSpec";

/// An error with the name that `Catch` and `Retry` of a state machine match.
pub trait NamedError: std::error::Error {
    fn name(&self) -> &str;
}

impl NamedError for DocumentError {
    fn name(&self) -> &'static str {
        DocumentError::name(self)
    }
}

impl NamedError for crate::names::NameError {
    fn name(&self) -> &'static str {
        "InvalidName"
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_message_never_floods() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(
            shortened(&"ä".repeat(5_000)).chars().count(),
            LONGEST_TOLD + 1
        );
        let text = format!("name = \"a\"\nx = {}", "{a=".repeat(100_000));
        let error = toml::from_str::<toml::Table>(&text).unwrap_err();
        let said = DocumentError::syntax(INVALID_SPEC, "spec.toml", &text, &error).to_string();
        assert!(said.len() < 3_000 && said.contains("line 2"), "{said}");
    }
}
