//! The number of a version: computed from what changed since the latest one, never chosen.

use std::collections::BTreeSet;

use millrace_contract::{Digest, Version};
use serde::{Deserialize, Serialize};

use super::evidence::Lineage;

/// What of a lineage decides on the next number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub contract_and_features: Digest,
    pub data_and_training: Digest,
}

/// Which part of the number goes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The same data and spec, trained again.
    Patch,
    /// New data or hyperparameters.
    Minor,
    /// Another contract or feature set.
    Major,
}

impl Basis {
    pub(crate) fn of(lineage: &Lineage) -> Result<Self, serde_json::Error> {
        // A set: the order of the features follows from the spec.
        let features: BTreeSet<&String> = lineage.features.iter().collect();
        let interface = (&lineage.contract_digest, lineage.contract_version, features);
        let training = (
            &lineage.data_digest,
            &lineage.spec_digest,
            &lineage.hyperparameters,
        );
        Ok(Basis {
            contract_and_features: Digest::of_json(&interface)?,
            data_and_training: Digest::of_json(&training)?,
        })
    }

    pub fn step_from(&self, latest: &Basis) -> Step {
        if self.contract_and_features != latest.contract_and_features {
            return Step::Major;
        }
        if self.data_and_training != latest.data_and_training {
            return Step::Minor;
        }
        Step::Patch
    }
}

/// The number after the latest one; none when numbers have run out.
pub(crate) fn next(latest: Option<(Version, &Basis)>, basis: &Basis) -> Option<Version> {
    let Some((latest, before)) = latest else {
        return Some(Version::FIRST);
    };
    let Version {
        major,
        minor,
        patch,
    } = latest;
    Some(match basis.step_from(before) {
        Step::Major => Version {
            major: major.checked_add(1)?,
            minor: 0,
            patch: 0,
        },
        Step::Minor => Version {
            major,
            minor: minor.checked_add(1)?,
            patch: 0,
        },
        Step::Patch => Version {
            major,
            minor,
            patch: patch.checked_add(1)?,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use millrace_contract::RunId;

    fn lineage() -> Lineage {
        Lineage {
            run_id: RunId::new("r").unwrap(),
            data_uri: "data".into(),
            data_digest: Digest::of(b"data"),
            spec_digest: Digest::of(b"spec"),
            contract_digest: Digest::of(b"contract"),
            contract_version: 1,
            features: vec!["a".into(), "b".into()],
            hyperparameters: [("max_depth", 6_u32)].into_iter().collect(),
            code_version: "1".into(),
        }
    }

    fn after_first(change: impl Fn(&mut Lineage)) -> String {
        let first = Basis::of(&lineage()).unwrap();
        let mut changed = lineage();
        change(&mut changed);
        let latest = "v1.2.3".parse().unwrap();
        let number = next(Some((latest, &first)), &Basis::of(&changed).unwrap());
        number.unwrap().to_string()
    }

    #[test]
    fn what_changed_decides_on_the_number() {
        assert_eq!(
            next(None, &Basis::of(&lineage()).unwrap()),
            Some(Version::FIRST)
        );
        assert_eq!(after_first(|_| {}), "v1.2.4");
        assert_eq!(
            after_first(|l| l.run_id = RunId::new("other").unwrap()),
            "v1.2.4"
        );
        assert_eq!(after_first(|l| l.code_version = "2".into()), "v1.2.4");
        assert_eq!(after_first(|l| l.features.reverse()), "v1.2.4");
        assert_eq!(
            after_first(|l| l.data_digest = Digest::of(b"new")),
            "v1.3.0"
        );
        assert_eq!(
            after_first(|l| l.spec_digest = Digest::of(b"new")),
            "v1.3.0"
        );
        assert_eq!(
            after_first(|l| l.hyperparameters.set("max_depth", 3_u32)),
            "v1.3.0"
        );
        assert_eq!(
            after_first(|l| l.contract_digest = Digest::of(b"new")),
            "v2.0.0"
        );
        assert_eq!(after_first(|l| l.contract_version = 2), "v2.0.0");
        assert_eq!(after_first(|l| l.features.push("c".into())), "v2.0.0");
    }

    #[test]
    fn numbers_that_run_out_are_not_wrapped() {
        let basis = Basis::of(&lineage()).unwrap();
        let last = Version {
            major: 1,
            minor: 0,
            patch: u32::MAX,
        };
        assert_eq!(next(Some((last, &basis)), &basis), None);
    }
}
