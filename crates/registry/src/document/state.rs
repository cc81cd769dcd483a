//! The states of a version, and the one table of the moves between them.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Registered, not used yet. Its gates passed, or lacked evidence without failing.
    Candidate,
    /// On trial beside the live one. Several versions may be.
    Staging,
    /// The one that scores. At most one version is.
    Live,
    /// Was live.
    Retired,
    /// Must never be used.
    Rejected,
}

/// Every allowed move. `Live` to `Retired` happens only when another version becomes live.
pub const MOVES: [(State, State); 9] = [
    (State::Candidate, State::Staging),
    (State::Candidate, State::Live),
    (State::Candidate, State::Rejected),
    (State::Staging, State::Live),
    (State::Staging, State::Rejected),
    (State::Live, State::Retired),
    (State::Retired, State::Staging),
    (State::Retired, State::Live),
    (State::Retired, State::Rejected),
];

impl State {
    pub fn may_become(self, to: State) -> bool {
        MOVES.contains(&(self, to))
    }

    /// Whether readers may see what a version in this state scored, as far as the state decides. The live one serves by
    /// itself, the others where a run names them, and one that is retired while its run scores was live when the run began.
    pub fn may_serve(self) -> bool {
        match self {
            Self::Candidate | Self::Staging | Self::Live | Self::Retired => true,
            Self::Rejected => false,
        }
    }

    /// For the refusal of a move: what could be done instead.
    pub(crate) fn allowed_moves(self) -> String {
        let targets: Vec<String> = MOVES
            .iter()
            .filter(|(from, _)| *from == self)
            .map(|(_, to)| to.to_string())
            .collect();
        match (self, targets.is_empty()) {
            (_, true) => format!("a {self} version stays {self}; register a new one"),
            (State::Live, _) => {
                "a live version only becomes retired, when another is promoted or by a rollback"
                    .to_owned()
            }
            _ => format!("a {self} version may become {}", targets.join(", ")),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Candidate => "candidate",
            Self::Staging => "staging",
            Self::Live => "live",
            Self::Retired => "retired",
            Self::Rejected => "rejected",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_rejected_and_no_move_is_listed_twice() {
        assert!(MOVES.iter().all(|(from, _)| *from != State::Rejected));
        assert!(MOVES.iter().all(|(from, to)| from != to));
        for (index, one) in MOVES.iter().enumerate() {
            assert!(!MOVES[..index].contains(one), "{one:?} is listed twice");
        }
    }

    #[test]
    fn a_refusal_lists_what_is_allowed() {
        let candidate = State::Candidate.allowed_moves();
        assert_eq!(
            candidate,
            "a candidate version may become staging, live, rejected"
        );
        assert!(State::Rejected.allowed_moves().contains("stays rejected"));
    }
}
