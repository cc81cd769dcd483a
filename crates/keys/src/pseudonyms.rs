//! A customer's id as something that only the holder of a key can make again.

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use ring::rand::{SecureRandom, SystemRandom};
use sha2::Sha256;

use crate::KeyError;

/// The length of every pseudonym: 128 bits in hexadecimal, so that two customers never share one.
pub const PSEUDONYM_CHARACTERS: usize = 32;
const KEY_BYTES: usize = 32;

/// HMAC-SHA256 with a secret key: the same id has the same pseudonym, and without the key nobody can try
/// out whose it is, as one could with a plain digest.
#[derive(Clone)]
pub struct Pseudonyms {
    /// Clones share the secret.
    mac: Arc<Hmac<Sha256>>,
}

impl Pseudonyms {
    /// Of a key in hexadecimal.
    pub fn parse(text: &str) -> Result<Pseudonyms, KeyError> {
        let key = hex::decode(text.trim()).map_err(|_| KeyError::PseudonymKeyInvalid)?;
        if key.len() < KEY_BYTES {
            return Err(KeyError::PseudonymKeyInvalid);
        }
        let mac =
            Hmac::<Sha256>::new_from_slice(&key).map_err(|_| KeyError::PseudonymKeyInvalid)?;
        Ok(Pseudonyms { mac: Arc::new(mac) })
    }

    /// A new key, in hexadecimal.
    pub fn make_key() -> Result<String, KeyError> {
        let mut key = [0; KEY_BYTES];
        let filled = SystemRandom::new().fill(&mut key);
        filled.map_err(|_| KeyError::PseudonymKeyInvalid)?;
        Ok(hex::encode(key))
    }

    pub fn of(&self, id: &str) -> String {
        let mut mac = Hmac::<Sha256>::clone(&self.mac);
        mac.update(id.as_bytes());
        let mut text = hex::encode(mac.finalize().into_bytes());
        text.truncate(PSEUDONYM_CHARACTERS);
        text
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Pseudonyms(secret)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_same_id_has_the_same_pseudonym_and_only_under_the_same_key() {
        // From `printf C000000042 | openssl dgst -sha256 -mac HMAC -macopt hexkey:0000...`.
        let zeros = Pseudonyms::parse(&"0".repeat(64)).unwrap();
        assert_eq!(zeros.of("C000000042"), "15c793c4b3f763d8b5c7170eced1576c");
        let ones = Pseudonyms::parse(&"1".repeat(64)).unwrap();
        assert_eq!(ones.of("C000000042").len(), PSEUDONYM_CHARACTERS);
        assert_ne!(ones.of("C000000042"), zeros.of("C000000042"));
        assert_ne!(zeros.of("C000000043"), zeros.of("C000000042"));
        assert_eq!(format!("{zeros:?}"), "Pseudonyms(secret)");
    }

    #[test]
    fn a_short_key_is_refused() {
        for text in ["", "00", "secret", &"0".repeat(62)] {
            assert_eq!(
                Pseudonyms::parse(text).unwrap_err().name(),
                "PseudonymKeyInvalid"
            );
        }
    }
}
