//! Names for versions. `live` is not set by hand: it follows from the states.

use millrace_contract::Version;

use crate::change::{Changed, Create};
use crate::document::entry::{Action, Draft};
use crate::document::state::State;
use crate::error::RegistryError;
use crate::registry::Registry;
use crate::request::Request;

/// The alias of the version that scores.
pub const LIVE: &str = "live";
const LONGEST: usize = 64;
/// Would be taken for something else.
const RESERVED: [&str; 6] = [
    LIVE,
    "candidate",
    "staging",
    "retired",
    "rejected",
    "latest",
];

impl Registry {
    pub fn set_alias(
        &self,
        alias: &str,
        version: Version,
        request: &Request,
    ) -> Result<Changed, RegistryError> {
        check(alias)?;
        self.change(request, Create::No, |document| {
            let entry = document.entry(version)?;
            if entry.state == State::Rejected {
                return Err(invalid(alias, format!("{version} is rejected")));
            }
            if entry.pruned_at.is_some() {
                return Err(invalid(
                    alias,
                    format!("the files of {version} were pruned"),
                ));
            }
            let before = document.aliases.insert(alias.to_owned(), version);
            if before == Some(version) {
                return Ok(Vec::new());
            }
            Ok(vec![Draft {
                alias: Some(alias.to_owned()),
                alias_before: before,
                ..Draft::version(Action::AliasSet, version)
            }])
        })
    }

    pub fn remove_alias(&self, alias: &str, request: &Request) -> Result<Changed, RegistryError> {
        check(alias)?;
        self.change(request, Create::No, |document| {
            let Some(before) = document.aliases.remove(alias) else {
                return Err(super::resolve::alias_not_found(document, alias));
            };
            Ok(vec![Draft {
                alias: Some(alias.to_owned()),
                alias_before: Some(before),
                ..Draft::of(Action::AliasRemoved)
            }])
        })
    }
}

fn check(alias: &str) -> Result<(), RegistryError> {
    if RESERVED.contains(&alias) {
        return Err(invalid(
            alias,
            "it has a meaning of its own; choose another",
        ));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    let plain = alias.len() <= LONGEST
        && alias.starts_with(|first: char| first.is_ascii_lowercase())
        && alias.chars().all(allowed);
    if !plain {
        return Err(invalid(
            alias,
            "use up to 64 lower-case letters, digits, `_` and `-`, and begin with a letter",
        ));
    }
    let after_v = alias.strip_prefix('v').unwrap_or_default();
    if after_v.starts_with(|second: char| second.is_ascii_digit()) {
        return Err(invalid(alias, "it looks like a version; choose another"));
    }
    Ok(())
}

fn invalid(alias: &str, reason: impl Into<String>) -> RegistryError {
    RegistryError::InvalidAlias {
        alias: alias
            .chars()
            .take(80)
            .flat_map(char::escape_default)
            .collect(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_are_refused() {
        for bad in [
            "", "live", "staging", "latest", "v1", "v1.0.0", "A", "a/b", "a b", "1a", "a\n", "é",
        ] {
            assert!(check(bad).is_err(), "{bad:?} was taken as an alias");
        }
        assert!(check(&"a".repeat(65)).is_err());
        for good in ["challenger", "v", "verified", "champion-2", "a_b"] {
            assert!(check(good).is_ok(), "{good} was refused");
        }
    }
}
