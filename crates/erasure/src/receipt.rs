//! What an erasure leaves for whoever must show that it was done: every object that was looked into, and what
//! may hold the person still. It does not say who it was to anybody who does not know.

use jiff::Timestamp;
use millrace_contract::{Digest, ObjectRef};
use millrace_keys::{KeyError, Keys, Signature};
use millrace_store::{Key, Store, StoreError};
use serde::{Deserialize, Serialize};

use crate::{ErasureError, Whom};

/// Receipts lie here, and below `objects/` the notes.
pub const FOLDER: &str = "erasures";

/// `erasures/<name>.json`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Its own name, made of the time.
    pub erasure: String,
    pub begun_at: Timestamp,
    /// Absent while it goes on, and where it was interrupted.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// The version of the program.
    pub program: String,
    pub store: String,
    pub whom: Whom,
    pub rows_erased: u64,
    pub objects: Vec<Looked>,
    /// What writers that died had left, half written: removed.
    pub removed: Vec<String>,
    pub not_cleaned: Vec<NotCleaned>,
    pub models: Vec<Influenced>,
    pub may_still_hold: Vec<MayHold>,
}

/// An object that was looked into; the two states differ where rows were erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    pub uri: String,
    pub rows_erased: u64,
    pub before: State,
    pub after: State,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    pub bytes: u64,
    pub sha256: Digest,
}

impl From<&ObjectRef> for State {
    fn from(object: &ObjectRef) -> State {
        State {
            bytes: object.bytes,
            sha256: object.sha256.clone(),
        }
    }
}

/// What could not be looked into, or holds the person still.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotCleaned {
    pub uri: String,
    pub error: String,
    pub detail: String,
}

/// A model, and what the person's rows had to do with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Influenced {
    /// The folder of a version, or of a candidate in a run.
    pub place: String,
    pub influence: Influence,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Influence {
    /// It learned from a row of the person.
    Trained,
    /// It was judged on one, and learned from none.
    HeldOut,
    None,
    Unknown,
}

/// A place that this program cannot clean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MayHold {
    pub what: String,
    pub place: String,
    /// When it is gone by itself.
    #[serde(default)]
    pub until: Option<Timestamp>,
    pub remedy: String,
}

/// Every form that a receipt has had.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "form")]
enum Stored {
    #[serde(rename = "erasure-receipt-1")]
    First(Receipt),
}

/// What was written before there were receipts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    erasure: String,
    at: Timestamp,
    rows: u64,
    files: Vec<OldChange>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OldChange {
    uri: String,
    rows: u64,
    before: ObjectRef,
    after: ObjectRef,
}

impl Receipt {
    /// Readable JSON, the same each time.
    pub fn to_json(&self) -> Vec<u8> {
        // Texts, numbers and times are always JSON.
        let stored = Stored::First(self.clone());
        let mut bytes = serde_json::to_vec_pretty(&stored).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    pub fn read(bytes: &[u8], uri: &str) -> Result<Receipt, ErasureError> {
        let first = serde_json::from_slice::<Stored>(bytes);
        let unreadable = |error: serde_json::Error| ErasureError::ReceiptUnreadable {
            uri: uri.to_owned(),
            detail: error.to_string(),
        };
        match first {
            Ok(Stored::First(receipt)) => Ok(receipt),
            Err(error) => match serde_json::from_slice::<Record>(bytes) {
                Ok(record) => Ok(record.into()),
                Err(_) => Err(unreadable(error)),
            },
        }
    }

    pub fn is_complete(&self) -> bool {
        self.finished_at.is_some() && self.not_cleaned.is_empty()
    }
}

impl From<Record> for Receipt {
    fn from(record: Record) -> Receipt {
        let looked = |change: OldChange| Looked {
            uri: change.uri,
            rows_erased: change.rows,
            before: (&change.before).into(),
            after: (&change.after).into(),
        };
        Receipt {
            erasure: record.erasure,
            begun_at: record.at,
            finished_at: Some(record.at),
            program: String::new(),
            store: String::new(),
            whom: Whom::Unsaid,
            rows_erased: record.rows,
            objects: record.files.into_iter().map(looked).collect(),
            removed: Vec::new(),
            not_cleaned: Vec::new(),
            models: Vec::new(),
            may_still_hold: Vec::new(),
        }
    }
}

pub fn receipt_key(erasure: &str) -> Result<Key, StoreError> {
    Key::new(format!("{FOLDER}/{erasure}.json"))
}

fn signature_key(erasure: &str) -> Result<Key, StoreError> {
    Key::new(format!("{FOLDER}/{erasure}.sig"))
}

/// Writes the receipt, and last its signature where there is a key for it.
pub fn finish(store: &Store, keys: &Keys, receipt: &Receipt) -> Result<(), ErasureError> {
    let bytes = receipt.to_json();
    store.put(&receipt_key(&receipt.erasure)?, bytes.clone())?;
    if let Some(key) = &keys.signing {
        let signature: Signature = key.sign(&bytes);
        store.put(&signature_key(&receipt.erasure)?, signature.to_json())?;
    }
    Ok(())
}

/// What is known of who wrote a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// By a key that is trusted.
    Trusted,
    /// It has a signature, and no keys were given to check it with.
    Unchecked,
    Not,
}

/// Checks the signature of the receipt at `uri`, which lies beside it: refused where keys are trusted and none of
/// them signed it.
pub fn check_signature(
    keys: &Keys,
    uri: &str,
    receipt: &[u8],
    signature: Option<&[u8]>,
) -> Result<Signed, KeyError> {
    match (signature, keys.trusted.asks_for_signatures()) {
        (None, false) => Ok(Signed::Not),
        (Some(_), false) => Ok(Signed::Unchecked),
        (None, true) => Err(KeyError::SignatureMissing {
            place: uri.to_owned(),
        }),
        (Some(signature), true) => {
            keys.trusted.check(uri, receipt, signature)?;
            Ok(Signed::Trusted)
        }
    }
}
