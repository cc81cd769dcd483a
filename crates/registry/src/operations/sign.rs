//! Signatures: given when a version is registered, or later by whoever holds the key; asked for before use.

use millrace_contract::Version;
use millrace_keys::{KeyError, SIGNATURE};

use super::resolve::version_of;
use crate::document::state::State;
use crate::error::RegistryError;
use crate::keys;
use crate::manifest::Manifest;
use crate::registry::Registry;

impl Registry {
    /// Signs a version that was registered without a key, after its files were found to be what the
    /// manifest says. Gives the version and the public key.
    pub fn sign(&self, reference: &str) -> Result<(Version, String), RegistryError> {
        let Some(key) = &self.keys.signing else {
            return Err(KeyError::SigningKeyMissing.into());
        };
        let document = self.load()?.document;
        let version = version_of(&document, reference)?;
        let entry = document.entry(version)?;
        if entry.state == State::Rejected {
            return Err(RegistryError::VersionRejected {
                name: self.name.clone(),
                version,
                reasons: entry.reasons.join("; "),
            });
        }
        let manifest = self.manifest_in(&document, version)?;
        self.verify_files(&manifest)?;
        let place = keys::manifest(&self.name, version)?;
        let bytes = self.patience.call(|| self.store.get(&place))?.bytes;
        self.write_signature(version, &bytes)?;
        Ok((version, key.public()))
    }

    /// Beside the manifest, if this program signs. The same bytes give the same signature.
    pub(super) fn write_signature(
        &self,
        version: Version,
        manifest: &[u8],
    ) -> Result<(), RegistryError> {
        let Some(key) = &self.keys.signing else {
            return Ok(());
        };
        let place = keys::version_folder(&self.name, version)?.join(SIGNATURE)?;
        let signature = key.sign(manifest).to_json();
        self.patience
            .call(|| self.store.put(&place, signature.clone()))?;
        Ok(())
    }

    /// Whether a trusted key signed this very manifest, where signatures are asked for.
    pub(super) fn check_signature(&self, manifest: &Manifest) -> Result<(), RegistryError> {
        let folder = keys::version_folder(&self.name, manifest.version)?;
        let Some(signed) = self.keys.trusted.manifest_in(&self.store, &folder)? else {
            return Ok(());
        };
        let same =
            serde_json::from_slice::<Manifest>(&signed).is_ok_and(|signed| signed == *manifest);
        if same {
            return Ok(());
        }
        Err(KeyError::SignatureInvalid {
            place: self
                .store
                .object_uri(&keys::manifest(&self.name, manifest.version)?),
            detail: "the manifest was replaced while it was read".to_owned(),
        }
        .into())
    }
}
