//! The validated name of an object. Nothing that others wrote becomes a path or an S3 key but through here.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use crate::StoreError;

/// S3 allows 1,024 bytes; what is left over is for a short prefix of the store.
const MAXIMUM_BYTES: usize = 1_000;
/// The longest file name that common file systems take.
const MAXIMUM_SEGMENT_BYTES: usize = 255;
const PUNCTUATION: &str = "-_.=+@:/,";
/// Names of files that are still being written begin like this: never an object's name.
pub(crate) const TEMPORARY_PREFIX: &str = ".tmp-";

/// A name such as `runs/r1/train/output.json`: segments of plain ASCII, joined by `/`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(String);

impl Key {
    pub fn new(text: impl Into<String>) -> Result<Self, StoreError> {
        let text = text.into();
        match fault_of_key(&text) {
            None => Ok(Self(text)),
            Some(reason) => Err(invalid(&text, reason)),
        }
    }

    /// The name of a file of this machine that a person names, or that lies among data: whatever file systems
    /// take and a message can show. It is one segment, so that it leads nowhere else.
    pub(crate) fn of_file_name(name: &str) -> Result<Self, StoreError> {
        let fault = match name.chars().find(|&c| c == '/' || c.is_control()) {
            Some(wrong) => Some(format!("it contains {wrong:?}")),
            None => fault_of_segment(name),
        };
        match fault {
            None => Ok(Self(name.to_owned())),
            Some(reason) => Err(invalid(name, reason)),
        }
    }

    /// The key below this one. `more` may itself have several segments.
    pub fn join(&self, more: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::new(format!("{}/{}", self.0, more.as_ref()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Everything before the last segment.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }
}

/// A listing's prefix is plain text, so its last segment may be any beginning of a name, or empty.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), StoreError> {
    let fault = if prefix.len() > MAXIMUM_BYTES {
        Some("it is longer than 1,000 bytes".to_owned())
    } else {
        let folder = prefix.rsplit_once('/').map(|(folder, _)| folder);
        fault_of_characters(prefix).or_else(|| folder.and_then(fault_of_segments))
    };
    fault.map_or(Ok(()), |reason| Err(invalid(prefix, reason)))
}

fn invalid(text: &str, reason: String) -> StoreError {
    // A hostile name may be huge or full of control characters: show a safe beginning of it.
    let shown: String = text
        .chars()
        .take(80)
        .flat_map(char::escape_default)
        .collect();
    StoreError::InvalidKey { key: shown, reason }
}

fn fault_of_key(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("it is empty".to_owned());
    }
    if text.len() > MAXIMUM_BYTES {
        return Some(format!("it is {} bytes long, more than 1,000", text.len()));
    }
    fault_of_characters(text).or_else(|| fault_of_segments(text))
}

fn fault_of_characters(text: &str) -> Option<String> {
    let allowed =
        |character: char| character.is_ascii_alphanumeric() || PUNCTUATION.contains(character);
    let wrong = text.chars().find(|&character| !allowed(character))?;
    Some(format!(
        "it contains {wrong:?}, and only ASCII letters, digits and {PUNCTUATION} are allowed"
    ))
}

fn fault_of_segments(text: &str) -> Option<String> {
    text.split('/').find_map(fault_of_segment)
}

fn fault_of_segment(segment: &str) -> Option<String> {
    if segment.is_empty() {
        return Some("it begins or ends with '/' or has an empty segment".to_owned());
    }
    if segment == "." || segment == ".." {
        return Some(format!("it has the segment '{segment}'"));
    }
    if segment.len() > MAXIMUM_SEGMENT_BYTES {
        return Some(format!(
            "a segment is {} bytes long, more than 255",
            segment.len()
        ));
    }
    // Without regard to case, because some file systems have none.
    let reserved = segment
        .get(..TEMPORARY_PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(TEMPORARY_PREFIX));
    reserved.then(|| format!("'{TEMPORARY_PREFIX}' marks files that are still being written"))
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Key {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.0
    }
}

impl TryFrom<String> for Key {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self, StoreError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Key {
    type Error = StoreError;

    fn try_from(text: &str) -> Result<Self, StoreError> {
        Self::new(text)
    }
}

impl FromStr for Key {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::new(text)
    }
}
