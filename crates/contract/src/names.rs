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
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_that_could_leave_their_place_are_refused() {
        for bad in [
            "",
            "../x",
            "a/b",
            "a%2e",
            "a\0",
            "ä",
            "a b",
            "A",
            &"a".repeat(65),
            "1a",
        ] {
            assert!(
                ModelName::new(bad).is_err(),
                "{bad:?} was taken as a model name"
            );
        }
        for bad in ["", "..", "a/b", "a.b", "-a", "a\n", &"a".repeat(81)] {
            assert!(RunId::new(bad).is_err(), "{bad:?} was taken as a run id");
        }
        assert_eq!(ModelName::new("engagement").unwrap().as_str(), "engagement");
        assert!(RunId::new("2026-11-01T120000Z-train").is_ok());
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
