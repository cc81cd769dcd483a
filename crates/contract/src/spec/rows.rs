//! `[rows]`: how many rows are learned from and judged by, where there are more than are needed.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::Split;

/// More held-out rows make no number of a report surer, and the gates are functions.
const MOST_HELD_OUT: u64 = 500_000;

/// Without a word all rows are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rows {
    /// The most rows to learn from: those with the lowest places of their ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<NonZeroU64>,
    /// The most rows to judge by; see `hold_out_most`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_out_most: Option<NonZeroU64>,
}

impl Rows {
    /// Whether every row is used.
    pub fn are_all(&self) -> bool {
        *self == Rows::default()
    }

    /// The most rows to learn from.
    pub fn training_most(&self) -> u64 {
        self.most.map_or(u64::MAX, NonZeroU64::get)
    }

    /// The most held-out rows: those that the spec names, or as many as keep the share that is held out, half a million at
    /// most.
    pub fn hold_out_most(&self, split: &Split) -> u64 {
        match (self.hold_out_most, self.most) {
            (Some(most), _) => most.get(),
            (None, None) => u64::MAX,
            (None, Some(most)) => {
                let share = split.holdout_share / (1.0 - split.holdout_share);
                let kept = (most.get() as f64 * share).ceil() as u64;
                kept.clamp(1, MOST_HELD_OUT)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::Spec;

    const HEAD: &str = "name = \"t\"\ncontract = \"t.toml\"\ntarget = \"y\"\n[scores]\ncolumn = \"p\"\ndecimals = 3\n";

    fn parsed(rows: &str) -> Result<Spec, String> {
        let text = format!("{HEAD}[rows]\n{rows}\n");
        Spec::parse(&text, "spec.toml").map_err(|error| error.to_string())
    }

    #[test]
    fn the_hold_out_keeps_its_share_up_to_half_a_million_rows() {
        let most = |rows: &str| {
            let spec = parsed(rows).unwrap();
            (
                spec.rows.training_most(),
                spec.rows.hold_out_most(&spec.split),
            )
        };
        assert_eq!(most("most = 1_000"), (1_000, 250));
        assert_eq!(most("most = 10_000_000"), (10_000_000, 500_000));
        assert_eq!(most("most = 1"), (1, 1));
        assert_eq!(most("most = 100\nhold_out_most = 7"), (100, 7));
        assert_eq!(most("hold_out_most = 7"), (u64::MAX, 7));
        assert_eq!(most(""), (u64::MAX, u64::MAX));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_column() {
        for (rows, place, words) in [
            ("most = 0", "line 8, column 8", "nonzero"),
            ("most = -1", "line 8, column 8", "-1"),
            ("most = \"all\"", "line 8, column 8", "string"),
            ("mots = 10", "line 8, column 1", "mots"),
        ] {
            let said = parsed(rows).unwrap_err();
            assert!(
                said.contains(place) && said.contains(words),
                "{rows}: {said}"
            );
        }
    }

    #[test]
    fn a_spec_without_rows_is_written_as_ever() {
        let spec = Spec::parse(HEAD, "spec.toml").unwrap();
        assert!(spec.rows.are_all());
        assert!(!serde_json::to_string(&spec).unwrap().contains("\"rows\""));
    }
}
