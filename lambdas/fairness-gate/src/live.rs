//! What the live model makes of the candidate's held-out rows.

use millrace_contract::ModelName;
use millrace_contract::spec::QualityGate;
use millrace_contract::stages::ModelFiles;
use millrace_dataset::DatasetError;
use millrace_keys::Context;
use millrace_model::Model;
use millrace_registry::{Finding, Outcome, Registry, RegistryError};

use crate::GateError;
use crate::findings::outcome;
use crate::held_out::{Accuracy, HeldOut};

/// The live version on the candidate's rows.
#[derive(Debug)]
pub enum Live {
    /// No version is live: there is nothing to be worse than.
    Nothing,
    /// The live model cannot score these rows: another contract, for example.
    Incomparable {
        version: String,
        why: String,
    },
    Scored {
        version: String,
        accuracy: Accuracy,
    },
}

pub fn judge(
    context: &Context,
    name: &ModelName,
    candidate: &ModelFiles,
) -> Result<Live, GateError> {
    let store = &context.store;
    let resolved = match Registry::open(context, name.clone()).resolve_for_use("live") {
        Ok(resolved) => resolved,
        Err(RegistryError::ModelNotFound { .. } | RegistryError::NoLiveVersion { .. }) => {
            return Ok(Live::Nothing);
        }
        Err(error) => return Err(error.into()),
    };
    let version = resolved.version.to_string();
    let named = resolved
        .manifest
        .files
        .iter()
        .map(|file| (file.key.rsplit('/').next().unwrap_or(&file.key), file));
    let incomparable = |why: String| Live::Incomparable {
        version: version.clone(),
        why,
    };
    let files = match ModelFiles::from_named(named) {
        Ok(files) => files,
        Err(why) => return Ok(incomparable(why)),
    };
    let model = Model::load(store, &files)?;
    match HeldOut::read(store, candidate, &model) {
        Ok(held_out) => Ok(Live::Scored {
            version,
            accuracy: held_out.accuracy(),
        }),
        Err(GateError::Data(why)) if is_about_columns(&why) => Ok(incomparable(why.to_string())),
        Err(error) => Err(error),
    }
}

/// Whether the rows are of another contract than the live model's. Rows that could not be read at all
/// say nothing about the live model: then there is no verdict.
fn is_about_columns(error: &DatasetError) -> bool {
    matches!(
        error,
        DatasetError::MissingColumn { .. }
            | DatasetError::NotInContract { .. }
            | DatasetError::WrongType { .. }
            | DatasetError::InvalidValue { .. }
    )
}

impl Live {
    /// The candidate may be a little worse than the live model, as the spec says, and not more.
    pub fn against(&self, accuracy: Accuracy, gate: &QualityGate) -> Finding {
        let subject = "r2 against the live model".to_owned();
        match self {
            Live::Nothing => Finding {
                subject,
                outcome: Outcome::Pass,
                value: Some(accuracy.r2),
                limit: None,
                detail: "no version is live yet: there is nothing to be worse than".into(),
            },
            // A new contract makes a new major version; it could never go live if this blocked.
            Live::Incomparable { version, why } => Finding {
                subject,
                outcome: Outcome::Pass,
                value: Some(accuracy.r2),
                limit: None,
                detail: format!(
                    "the live {version} cannot score these rows ({why}): judged by the limits alone"
                ),
            },
            Live::Scored {
                version,
                accuracy: live,
            } => {
                let limit = live.r2 - gate.must_not_be_worse_than_live_by;
                let allowed = gate.must_not_be_worse_than_live_by;
                Finding {
                    subject,
                    outcome: outcome(accuracy.r2 >= limit),
                    value: Some(accuracy.r2),
                    limit: Some(limit),
                    detail: format!(
                        "{:.4} against {:.4} of the live {version} on the same rows; {allowed} worse is allowed",
                        accuracy.r2, live.r2
                    ),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accuracy(r2: f64) -> Accuracy {
        Accuracy {
            r2,
            rmse: 0.1,
            mae: 0.08,
        }
    }

    #[test]
    fn a_little_worse_than_live_is_allowed_and_more_is_not() {
        let live = || Live::Scored {
            version: "v1.0.0".into(),
            accuracy: accuracy(0.82),
        };
        assert_eq!(
            live()
                .against(accuracy(0.816), &QualityGate::default())
                .outcome,
            Outcome::Pass
        );
        let worse = live().against(accuracy(0.814), &QualityGate::default());
        assert_eq!(worse.outcome, Outcome::Fail);
        assert!(
            worse
                .detail
                .contains("0.8140 against 0.8200 of the live v1.0.0"),
            "{}",
            worse.detail
        );
    }
}
