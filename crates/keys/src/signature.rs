//! A signature beside what was signed.

use serde::{Deserialize, Serialize};

/// The document that is signed, in the folder of a version.
pub const MANIFEST: &str = "manifest.json";
/// Its signature, in the same folder.
pub const SIGNATURE: &str = "manifest.sig";

/// Ed25519 over the exact bytes of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The public key that checks it, in hexadecimal.
    pub key: String,
    pub signature: String,
}

impl Signature {
    pub fn to_json(&self) -> Vec<u8> {
        // Two texts are always JSON.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }
}
