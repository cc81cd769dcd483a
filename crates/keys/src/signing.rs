//! The key that signs.

use std::fmt;
use std::sync::Arc;

use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};

use crate::{KeyError, Signature};

/// An Ed25519 key pair. Clones share it; it never shows itself.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
}

/// A key that was just made: what is to be kept secret, and what everybody may know.
#[derive(Clone)]
pub struct NewKey {
    /// PKCS#8 in hexadecimal.
    pub secret: String,
    pub public: String,
}

impl SigningKey {
    /// From PKCS#8 in hexadecimal, or from a file that holds it.
    pub fn read(text: &str) -> Result<SigningKey, KeyError> {
        let text = text.trim();
        if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return SigningKey::parse(text);
        }
        // The text may be a secret with a slip in it, so that it is not quoted.
        let content =
            std::fs::read_to_string(text).map_err(|error| KeyError::SigningKeyInvalid {
                detail: format!(
                    "it is not hexadecimal, and no file of that name can be read: {}",
                    error.kind()
                ),
            })?;
        SigningKey::parse(content.trim())
    }

    fn parse(text: &str) -> Result<SigningKey, KeyError> {
        let invalid = |detail: String| KeyError::SigningKeyInvalid { detail };
        let document = hex::decode(text).map_err(|_| invalid("it is not hexadecimal".into()))?;
        let pair = Ed25519KeyPair::from_pkcs8(&document)
            .map_err(|rejected| invalid(format!("it is no Ed25519 key in PKCS#8: {rejected}")))?;
        Ok(SigningKey {
            pair: Arc::new(pair),
        })
    }

    /// Made of the randomness of the system.
    pub fn make() -> Result<NewKey, KeyError> {
        let failed = || KeyError::SigningKeyInvalid {
            detail: "the system gave no randomness".to_owned(),
        };
        let document =
            Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed())?;
        let secret = hex::encode(document.as_ref());
        let public = SigningKey::parse(&secret)?.public();
        Ok(NewKey { secret, public })
    }

    /// What others need to check signatures of this key.
    pub fn public(&self) -> String {
        hex::encode(self.pair.public_key().as_ref())
    }

    /// The same bytes give the same signature.
    pub fn sign(&self, bytes: &[u8]) -> Signature {
        Signature {
            key: self.public(),
            signature: hex::encode(self.pair.sign(bytes).as_ref()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey(public {})", self.public())
    }
}

impl fmt::Debug for NewKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NewKey(public {})", self.public)
    }
}
