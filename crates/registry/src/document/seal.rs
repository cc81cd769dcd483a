//! The document as bytes: sealed with its own digest, so that any damage is noticed.

use millrace_contract::Digest;
use serde::{Deserialize, Serialize};

use super::Document;

/// Far above what years of use can fill; a larger object is not read as a document.
const LARGEST_BYTES: usize = 32 * 1024 * 1024;

#[derive(Serialize)]
struct Sealed<'a> {
    sha256: Digest,
    registry: &'a Document,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unsealed {
    sha256: Digest,
    registry: Document,
}

pub(crate) fn encode(document: &Document) -> Result<Vec<u8>, String> {
    if let Some(fault) = document.fault() {
        return Err(fault);
    }
    let sealed = Digest::of_json(document).and_then(|sha256| {
        serde_json::to_vec(&Sealed {
            sha256,
            registry: document,
        })
    });
    sealed.map_err(|error| error.to_string())
}

/// The document, or in words why these bytes are none.
pub(crate) fn decode(bytes: &[u8]) -> Result<Document, String> {
    if bytes.len() > LARGEST_BYTES {
        return Err(format!(
            "it has {} bytes, more than {LARGEST_BYTES}",
            bytes.len()
        ));
    }
    let unsealed: Unsealed = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let document = unsealed.registry;
    let actual = Digest::of_json(&document).map_err(|error| error.to_string())?;
    if actual != unsealed.sha256 {
        return Err("its content does not match its own digest".to_owned());
    }
    match document.fault() {
        Some(fault) => Err(fault),
        None => Ok(document),
    }
}
