//! What the live model makes of the candidate's held-out rows.

use millrace_contract::ModelName;
use millrace_contract::stages::ModelFiles;
use millrace_model::Model;
use millrace_registry::{Registry, RegistryError};
use millrace_store::Store;

use crate::GateError;
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

pub fn judge(store: &Store, name: &ModelName, candidate: &ModelFiles) -> Result<Live, GateError> {
    let resolved = match Registry::open(store.clone(), name.clone()).resolve_for_use("live") {
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
        Err(GateError::Data(why)) => Ok(incomparable(why.to_string())),
        Err(error) => Err(error),
    }
}
