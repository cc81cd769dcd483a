//! Whose signatures are believed.

use millrace_store::{Bytes, Key, Store, StoreError};
use ring::signature::{ED25519, UnparsedPublicKey};

use crate::signature::{MANIFEST, SIGNATURE};
use crate::{KeyError, Signature};

const KEY_BYTES: usize = 32;

/// Public keys. Without any, no signature is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    keys: Vec<String>,
}

impl Trusted {
    /// Of keys in hexadecimal with commas between; a list that names none is refused.
    pub fn parse(text: &str) -> Result<Trusted, KeyError> {
        let mut keys = Vec::new();
        for (place, key) in text.split(',').map(str::trim).enumerate() {
            let bytes = hex::decode(key).unwrap_or_default();
            if bytes.len() != KEY_BYTES {
                let detail = format!("key {} is not one", place + 1);
                return Err(KeyError::VerifyKeyInvalid { detail });
            }
            keys.push(hex::encode(bytes));
        }
        Ok(Trusted { keys })
    }

    pub fn asks_for_signatures(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The manifest in a folder, after its signature was found right; nothing if none is asked for.
    pub fn manifest_in(&self, store: &Store, folder: &Key) -> Result<Option<Bytes>, KeyError> {
        if !self.asks_for_signatures() {
            return Ok(None);
        }
        let manifest = folder.join(MANIFEST)?;
        let place = store.object_uri(&manifest);
        let missing = || KeyError::SignatureMissing {
            place: place.clone(),
        };
        let read = |key: &Key| match store.get(key) {
            Ok(object) => Ok(object.bytes),
            Err(StoreError::NotFound { .. }) => Err(missing()),
            Err(error) => Err(error.into()),
        };
        let signature = read(&folder.join(SIGNATURE)?)?;
        let bytes = read(&manifest)?;
        self.check(&place, &bytes, &signature)?;
        Ok(Some(bytes))
    }

    /// Whether a trusted key signed exactly these bytes.
    pub fn check(&self, place: &str, bytes: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let invalid = |detail: String| KeyError::SignatureInvalid {
            place: place.to_owned(),
            detail,
        };
        let signature: Signature = serde_json::from_slice(signature)
            .map_err(|_| invalid("it cannot be read".to_owned()))?;
        let trusted = self.keys.iter().find(|key| **key == signature.key);
        let Some(key) = trusted else {
            let named: String = signature
                .key
                .chars()
                .take(16)
                .flat_map(char::escape_default)
                .collect();
            return Err(invalid(format!(
                "it was made with the key {named}..., which is not among the {} that are trusted",
                self.keys.len()
            )));
        };
        let decoded = |text: &str| hex::decode(text).unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, decoded(key))
            .verify(bytes, &decoded(&signature.signature))
            .map_err(|_| {
                let short = key.get(..16).unwrap_or(key);
                invalid(format!("the key {short}... did not sign these bytes"))
            })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::SigningKey;

    fn pair() -> (SigningKey, Trusted) {
        let made = SigningKey::make().unwrap();
        let key = SigningKey::read(&made.secret).unwrap();
        (key, Trusted::parse(&made.public).unwrap())
    }

    #[test]
    fn what_a_trusted_key_signed_is_believed_and_nothing_else() {
        let (key, trusted) = pair();
        let (stranger, _) = pair();
        let signature = key.sign(b"manifest");
        assert_eq!(signature, key.sign(b"manifest"));
        trusted
            .check("m", b"manifest", &signature.to_json())
            .unwrap();
        let refused = |bytes: &[u8], signature: &[u8]| {
            trusted.check("m", bytes, signature).unwrap_err().name()
        };
        assert_eq!(
            refused(b"Manifest", &signature.to_json()),
            "SignatureInvalid"
        );
        assert_eq!(
            refused(b"manifest", &stranger.sign(b"manifest").to_json()),
            "SignatureInvalid"
        );
        assert_eq!(refused(b"manifest", b"{}"), "SignatureInvalid");
        let forged = Signature {
            key: key.public(),
            ..stranger.sign(b"manifest")
        };
        assert_eq!(refused(b"manifest", &forged.to_json()), "SignatureInvalid");
        let empty = Signature {
            signature: String::new(),
            ..signature
        };
        assert_eq!(refused(b"manifest", &empty.to_json()), "SignatureInvalid");
    }

    #[test]
    fn keys_that_cannot_be_used_are_refused_and_not_quoted() {
        for text in [
            "",
            "abc",
            "zz",
            &"0".repeat(62),
            &format!("{},", "0".repeat(64)),
        ] {
            assert_eq!(
                Trusted::parse(text).unwrap_err().name(),
                "VerifyKeyInvalid",
                "{text}"
            );
        }
        let (key, _) = pair();
        for text in ["00", "no such file", "/"] {
            let error = SigningKey::read(text).unwrap_err();
            assert_eq!(error.name(), "SigningKeyInvalid");
        }
        let slip = "3051secret!";
        assert!(
            !SigningKey::read(slip)
                .unwrap_err()
                .to_string()
                .contains(slip)
        );
        assert!(format!("{key:?}").contains(&key.public()));
    }

    #[test]
    fn a_folder_without_a_signature_is_refused_only_where_one_is_asked_for() {
        let (key, trusted) = pair();
        let store = Store::memory();
        let folder = Key::new("models/m/v1.0.0").unwrap();
        assert_eq!(
            Trusted::default().manifest_in(&store, &folder).unwrap(),
            None
        );
        let missing = || trusted.manifest_in(&store, &folder).unwrap_err().name();
        assert_eq!(missing(), "SignatureMissing");
        store
            .put(&folder.join(MANIFEST).unwrap(), b"{}".to_vec())
            .unwrap();
        assert_eq!(missing(), "SignatureMissing");
        let signature = key.sign(b"{}").to_json();
        store
            .put(&folder.join(SIGNATURE).unwrap(), signature)
            .unwrap();
        assert!(trusted.manifest_in(&store, &folder).unwrap().is_some());
    }
}
