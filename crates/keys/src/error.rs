//! What can be wrong with keys and signatures. No message quotes a secret.

use millrace_contract::NamedError;
use millrace_store::StoreError;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "{place} has no signature, and MILLRACE_VERIFY_KEYS asks for one: do not use this model; if it is to be trusted, sign it with `millrace models sign`"
    )]
    SignatureMissing { place: String },
    #[error(
        "the signature of {place} does not hold ({detail}): do not use this model; find out who changed it, and bring back an older version of the object"
    )]
    SignatureInvalid { place: String, detail: String },
    #[error(
        "the signing key in MILLRACE_SIGNING_KEY cannot be used ({detail}): give what `millrace keys make` wrote to signing.key, or the path of that file"
    )]
    SigningKeyInvalid { detail: String },
    #[error("there is no signing key: set MILLRACE_SIGNING_KEY; `millrace keys make` makes one")]
    SigningKeyMissing,
    #[error(
        "MILLRACE_VERIFY_KEYS cannot be used ({detail}): give public keys of 64 hexadecimal digits, with commas between"
    )]
    VerifyKeyInvalid { detail: String },
    #[error(
        "MILLRACE_PSEUDONYM_KEY cannot be used: give at least 64 hexadecimal digits; `millrace keys make` makes one"
    )]
    PseudonymKeyInvalid,
    #[error(
        "the spec of `{model}` asks for pseudonyms of customers' ids, and there is no key for them: set MILLRACE_PSEUDONYM_KEY; `millrace keys make` makes one"
    )]
    PseudonymKeyMissing { model: String },
}

impl KeyError {
    /// The name that `Catch` and `Retry` of a state machine match.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Store(error) => error.name(),
            Self::SignatureMissing { .. } => "SignatureMissing",
            Self::SignatureInvalid { .. } => "SignatureInvalid",
            Self::SigningKeyInvalid { .. } => "SigningKeyInvalid",
            Self::SigningKeyMissing => "SigningKeyMissing",
            Self::VerifyKeyInvalid { .. } => "VerifyKeyInvalid",
            Self::PseudonymKeyInvalid => "PseudonymKeyInvalid",
            Self::PseudonymKeyMissing { .. } => "PseudonymKeyMissing",
        }
    }
}

impl NamedError for KeyError {
    fn name(&self) -> &str {
        KeyError::name(self)
    }
}
