//! The keys of an installation: one signs the manifests of models that passed, others say whose
//! signatures are believed, and one turns customers' ids into pseudonyms.
//!
//! They belong to the program, not to a request: whoever starts it reads them from its environment once, before
//! any work, and hands them on in the [`Context`] of each stage. A registry cannot be opened and a model cannot be
//! loaded for use without them, so no way into the program can leave them out, and no input can.

mod context;
mod error;
mod pseudonyms;
mod signature;
mod signing;
mod trusted;

use millrace_contract::Spec;

pub use context::Context;
pub use error::KeyError;
pub use pseudonyms::{PSEUDONYM_CHARACTERS, Pseudonyms};
pub use signature::{MANIFEST, SIGNATURE, Signature};
pub use signing::{NewKey, SigningKey};
pub use trusted::Trusted;

/// The key that signs: PKCS#8 in hexadecimal, or the path of a file that holds it.
pub const SIGNING_KEY: &str = "MILLRACE_SIGNING_KEY";
/// The public keys whose signatures are believed, in hexadecimal, with commas between.
pub const VERIFY_KEYS: &str = "MILLRACE_VERIFY_KEYS";
/// The secret of pseudonyms: at least 32 bytes in hexadecimal.
pub const PSEUDONYM_KEY: &str = "MILLRACE_PSEUDONYM_KEY";

/// What a program was given; each part may be absent.
#[derive(Debug, Clone)]
pub struct Keys {
    pub signing: Option<SigningKey>,
    pub trusted: Trusted,
    pub pseudonyms: Option<Pseudonyms>,
}

impl Keys {
    /// Reads the three variables. What is set and cannot be used is an error, never absence: an empty list
    /// of trusted keys must not turn signatures off.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Keys, KeyError> {
        let signing = lookup(SIGNING_KEY).map(|text| SigningKey::read(&text));
        let trusted = lookup(VERIFY_KEYS).map(|text| Trusted::parse(&text));
        let pseudonyms = lookup(PSEUDONYM_KEY).map(|text| Pseudonyms::parse(&text));
        Ok(Keys {
            signing: signing.transpose()?,
            trusted: trusted.transpose()?.unwrap_or_default(),
            pseudonyms: pseudonyms.transpose()?,
        })
    }

    /// What the ids of a model's scores become; nothing where its spec does not ask for pseudonyms.
    pub fn pseudonyms_of(&self, spec: &Spec) -> Result<Option<Pseudonyms>, KeyError> {
        if !spec.scores.pseudonymise_ids {
            return Ok(None);
        }
        let missing = || KeyError::PseudonymKeyMissing {
            model: spec.name.to_string(),
        };
        self.pseudonyms.clone().ok_or_else(missing).map(Some)
    }
}

/// A variable of the environment. One that is no text becomes a text that no key is.
pub fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}
