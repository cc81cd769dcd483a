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
    #[error("{kind}: {origin}: {}{place}: {detail}", at_line(*line))]
    Meaning {
        kind: &'static str,
        origin: String,
        place: String,
        /// From 1; none when the place is not written.
        line: Option<usize>,
        detail: String,
    },
}

fn at_line(line: Option<usize>) -> String {
    line.map_or(String::new(), |line| format!("line {line}: "))
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
            format!(
                "line {}: {}",
                line_of(text, start),
                shortened(error.message())
            )
        };
        DocumentError::Syntax {
            kind,
            origin: origin.to_owned(),
            detail,
        }
    }

    /// The same with the line of its place, as far as the text has that place.
    #[must_use]
    pub fn located(mut self, text: &str) -> DocumentError {
        if let Self::Meaning { place, line, .. } = &mut self {
            *line = start_of(text, place).map(|start| line_of(text, start));
        }
        self
    }

    /// The name that a state machine can catch.
    pub fn name(&self) -> &'static str {
        let (Self::Syntax { kind, .. } | Self::Meaning { kind, .. }) = self;
        kind
    }
}

/// The line of a position, from 1.
fn line_of(text: &str, position: usize) -> usize {
    let before = text.as_bytes().get(..position).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Where the key of a place such as `search.space.max_depth` stands; where the text leaves its end out, the
/// last part of it that is written.
fn start_of(text: &str, place: &str) -> Option<usize> {
    let document = toml::de::DeTable::parse(text).ok()?;
    let mut table = document.get_ref();
    let mut found = None;
    for part in place.split('.') {
        let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == part) else {
            break;
        };
        found = Some(key.span().start);
        match value.get_ref() {
            toml::de::DeValue::Table(inner) => table = inner,
            _ => break,
        }
    }
    found
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
/// The name of every refusal of a spec that has none of its own.
pub const INVALID_SPEC: &str = "InvalidSpec";
/// The name when a spec gives a learner a parameter that it does not have.
pub const PARAMETER_UNKNOWN: &str = "ParameterUnknown";
/// The name when a parameter's value is none that it may have.
pub const PARAMETER_OUT_OF_SPACE: &str = "ParameterOutOfSpace";

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
    fn a_place_has_its_line() {
        let text = "name = \"a\"\n[search]\nfolds = 1\n[search.space]\nmax_depth = [99]\n";
        let said = |place: &str| {
            let error = DocumentError::Meaning {
                kind: INVALID_SPEC,
                origin: "spec.toml".into(),
                place: place.into(),
                line: None,
                detail: "no".into(),
            };
            error.located(text).to_string()
        };
        assert_eq!(
            said("search.space.max_depth"),
            "InvalidSpec: spec.toml: line 5: search.space.max_depth: no"
        );
        assert!(said("search.folds").contains("line 3"));
        // What is left out has the line of what it would stand in.
        assert!(said("search.space.subsample").contains("line 4"));
        assert_eq!(said("scores"), "InvalidSpec: spec.toml: scores: no");
    }

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
