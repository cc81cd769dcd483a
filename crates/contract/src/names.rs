//! Names that end up in keys, partitions and SQL: validated once, then safe everywhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A name that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("InvalidName: {what} `{given}` is not usable: {rule}")]
pub struct NameError {
    pub what: &'static str,
    pub given: String,
    pub rule: &'static str,
}

macro_rules! name_type {
    ($(#[$doc:meta])* $type:ident, $what:literal, $maximum:literal, $rule:literal, $first:expr, $rest:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(String);

        impl $type {
            pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
                let text = text.into();
                let first: fn(char) -> bool = $first;
                let rest: fn(char) -> bool = $rest;
                let mut characters = text.chars();
                let valid = text.len() <= $maximum
                    && characters.next().is_some_and(first)
                    && characters.all(rest);
                if valid {
                    return Ok(Self(text));
                }
                let given = text.chars().take(80).flat_map(char::escape_default).collect();
                Err(NameError { what: $what, given, rule: $rule })
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0
            }
        }

        impl FromStr for $type {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }
    };
}

name_type!(
    /// The name of a model: part of keys, of a table's partition and of SQL.
    ModelName,
    "model name",
    64,
    "use up to 64 lower-case letters, digits and `_`, and begin with a letter",
    |c| c.is_ascii_lowercase(),
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);

name_type!(
    /// The name of one run: a folder of the store, and the name of an execution.
    RunId,
    "run id",
    80,
    "use up to 80 letters, digits, `-` and `_`, and begin with a letter or digit",
    |c| c.is_ascii_alphanumeric(),
    |c| c.is_ascii_alphanumeric() || c == '-' || c == '_'
);

name_type!(
    /// The name of a table of scores: part of keys and of SQL.
    TableName,
    "table name",
    64,
    "use up to 64 lower-case letters, digits and `_`, and begin with a letter",
    |c| c.is_ascii_lowercase(),
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
);

name_type!(
    /// The name of one stage of a run: a folder in the run's own.
    StageName,
    "stage name",
    40,
    "use up to 40 lower-case letters, digits and `-`, and begin with a letter",
    |c| c.is_ascii_lowercase(),
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
);

/// The number of a registered model version: `v1.4.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    pub const FIRST: Version = Version {
        major: 1,
        minor: 0,
        patch: 0,
    };

    fn parse(text: &str) -> Option<Version> {
        let mut parts = text.strip_prefix('v')?.split('.').map(number);
        let version = Version {
            major: parts.next()??,
            minor: parts.next()??,
            patch: parts.next()??,
        };
        parts.next().is_none().then_some(version)
    }
}

/// A decimal number as `Display` writes it: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let value: u32 = text.parse().ok()?;
    (value.to_string() == text).then_some(value)
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "v{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = NameError;
    fn from_str(text: &str) -> Result<Self, NameError> {
        Version::parse(text).ok_or_else(|| NameError {
            what: "model version",
            given: text
                .chars()
                .take(80)
                .flat_map(char::escape_default)
                .collect(),
            rule: "write it like `v1.0.0`",
        })
    }
}

impl TryFrom<String> for Version {
    type Error = NameError;
    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    /// What leads elsewhere, or looks like something that it is not.
    fn tricks() -> Vec<String> {
        let mut tricks: Vec<String> = [
            "",
            ".",
            "..",
            "../x",
            "a/b",
            "a\\b",
            "/a",
            "a/",
            "%2e%2e",
            "%2E",
            "a%2fb",
            "%252e",
            "%00",
            "a\0",
            "\0",
            "a\n",
            "a\r\nb",
            "a\u{1b}[2J",
            " a",
            "a ",
            "a b",
            "a.b",
            "a'--",
            "a;b",
            "a=b",
            "$a",
            "`a`",
            "-a",
            // Marks that nobody sees, or that turn the direction of writing.
            "a\u{202e}b",
            "a\u{200f}",
            "a\u{2066}b",
            "a\u{200b}b",
            "\u{feff}a",
            "a\u{ad}b",
            // Full width, combining, look-alikes, and what folds into a plain letter.
            "\u{ff0e}\u{ff0e}",
            "a\u{ff0f}b",
            "\u{2024}\u{2024}",
            "a\u{2044}b",
            "a\u{301}",
            "\u{e4}",
            "\u{430}",
            "\u{ff41}",
            "\u{212a}",
            "\u{131}",
            "\u{1d41a}",
            "\u{661}",
        ]
        .map(str::to_owned)
        .to_vec();
        tricks.extend([81, 256, 1_025, 100_000].map(|length| "a".repeat(length)));
        tricks
    }

    #[test]
    fn names_that_could_leave_their_place_are_refused() {
        for trick in tricks() {
            let shown = trick.escape_debug();
            for error in [
                ModelName::new(trick.clone()).err(),
                RunId::new(trick.clone()).err(),
                TableName::new(trick.clone()).err(),
                StageName::new(trick.clone()).err(),
                trick.parse::<Version>().err(),
            ] {
                let error = error
                    .unwrap_or_else(|| panic!("{shown} was taken"))
                    .to_string();
                // Nor does it flood or forge what is said of it.
                assert!(error.len() < 1_200 && error.is_ascii(), "{shown}: {error}");
                assert!(
                    !error.contains(|c: char| c.is_control()),
                    "{shown}: {error}"
                );
            }
        }
        for bad in ["A", "1a", "_a", &"a".repeat(65)] {
            assert!(ModelName::new(bad).is_err(), "{bad}");
        }
        for bad in ["1a", "_a", "a-b", "Scores", &"a".repeat(65)] {
            assert!(TableName::new(bad).is_err(), "{bad}");
        }
        for bad in ["_a", "A-1", "1-train", &"a".repeat(41)] {
            assert!(StageName::new(bad).is_err(), "{bad}");
        }
        assert_eq!(ModelName::new("engagement").unwrap().as_str(), "engagement");
        assert!(RunId::new("2026-11-01T120000Z-train").is_ok());
        assert!(TableName::new("predictions_2").is_ok());
        assert!(StageName::new("score-00000").is_ok());
    }

    #[test]
    fn versions_read_back_as_written_and_sort_by_number() {
        let version: Version = "v1.10.2".parse().unwrap();
        assert_eq!(version.to_string(), "v1.10.2");
        assert!(version > "v1.9.9".parse().unwrap());
        for bad in [
            "1.0.0",
            "v1.0",
            "v1.0.0.0",
            "v01.0.0",
            "v1.0.-1",
            "v+1.0.0",
            "v1.0.99999999999",
        ] {
            assert!(
                bad.parse::<Version>().is_err(),
                "{bad} was taken as a version"
            );
        }
    }
}
