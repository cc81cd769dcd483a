//! Whether someone trusted vouches for exactly these files.

use millrace_contract::ObjectRef;
use millrace_contract::stages::ModelFiles;
use millrace_keys::{KeyError, MANIFEST, Trusted};
use millrace_store::{Key, Store};
use serde::Deserialize;

/// What is needed here of a version's manifest.
#[derive(Debug, Deserialize)]
struct Listed {
    files: Vec<ObjectRef>,
}

/// Where signatures are asked for, the manifest beside the model must be signed and list every file.
/// Whoever then reads the files compares their digests with what was signed.
pub(crate) fn check(store: &Store, files: &ModelFiles, trusted: &Trusted) -> Result<(), KeyError> {
    let model = Key::new(files.model.key.clone())?;
    let missing = || KeyError::SignatureMissing {
        place: store.object_uri(&model),
    };
    let folder = model.parent().ok_or_else(missing)?;
    let Some(manifest) = trusted.manifest_in(store, &folder)? else {
        return Ok(());
    };
    let place = store.object_uri(&folder.join(MANIFEST)?);
    let invalid = |detail: String| KeyError::SignatureInvalid {
        place: place.clone(),
        detail,
    };
    let listed: Listed = serde_json::from_slice(&manifest)
        .map_err(|error| invalid(format!("what was signed is no manifest: {error}")))?;
    let stranger = files
        .named()
        .into_iter()
        .find(|(_, file)| !listed.files.contains(file));
    match stranger {
        None => Ok(()),
        Some((name, _)) => Err(invalid(format!(
            "it does not vouch for the `{name}` that is to be used"
        ))),
    }
}
