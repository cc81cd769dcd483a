//! The spec and the contract of a run, frozen at its start: editing a file does not change a run.

use crate::{TrailError, read};
use millrace_contract::problem::{INVALID_CONTRACT, INVALID_SPEC};
use millrace_contract::stages::Documents;
use millrace_contract::{Contract, Digest, DocumentError, ObjectRef, RunId, Spec};
use millrace_store::{Key, Location, Store, StoreError};

/// A document and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub origin: String,
    pub text: String,
}

/// Reads the spec at a path or URI, and the contract that it names.
pub fn read_documents(spec_uri: &str) -> Result<(Text, Text), TrailError> {
    let spec = read_toml(spec_uri, INVALID_SPEC)?;
    let contract_uri = beside(spec_uri, &Spec::parse(&spec.text, spec_uri)?.contract);
    Ok((spec, read_toml(&contract_uri, INVALID_CONTRACT)?))
}

/// Checks that spec and contract are right and fit, and keeps copies below `runs/<run>/documents/`.
/// A run that has its copies keeps them: others under the same run id are refused.
pub fn freeze_documents(
    store: &Store,
    run_id: &RunId,
    spec: &Text,
    contract: &Text,
) -> Result<Documents, TrailError> {
    let parsed = Contract::parse(&contract.text, &contract.origin)?;
    Spec::parse(&spec.text, &spec.origin)?.check_against(&parsed, &spec.origin)?;
    let folder = Key::new(format!("runs/{run_id}/documents"))?;
    Ok(Documents {
        spec: keep(store, run_id, &folder.join("spec.toml")?, &spec.text)?,
        contract: keep(
            store,
            run_id,
            &folder.join("contract.toml")?,
            &contract.text,
        )?,
    })
}

/// The frozen spec and contract, their digests checked.
pub fn load_documents(
    store: &Store,
    documents: &Documents,
) -> Result<(Spec, Contract), TrailError> {
    let text = |reference: &ObjectRef, kind| -> Result<String, TrailError> {
        let bytes = read::fetch(store, reference)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| not_utf8(&reference.key, kind))
    };
    let spec = text(&documents.spec, INVALID_SPEC)?;
    let spec = Spec::parse(&spec, &documents.spec.key)?;
    let contract = text(&documents.contract, INVALID_CONTRACT)?;
    let contract = Contract::parse(&contract, &documents.contract.key)?;
    spec.check_against(&contract, &documents.spec.key)?;
    Ok((spec, contract))
}

fn keep(store: &Store, run_id: &RunId, key: &Key, text: &str) -> Result<ObjectRef, TrailError> {
    let reference = ObjectRef::of(key.as_ref(), text.as_bytes());
    match store.put_if_absent(key, text.to_owned()) {
        Ok(_) => Ok(reference),
        Err(StoreError::AlreadyExists { .. }) => {
            if Digest::of(&store.get(key)?.bytes) == reference.sha256 {
                return Ok(reference);
            }
            Err(TrailError::InputChanged {
                run_id: run_id.clone(),
                stage: "documents".into(),
            })
        }
        Err(error) => Err(error.into()),
    }
}

/// A spec or contract at a path or URI; `kind` is the name of the error when it is none.
pub fn read_toml(uri: &str, kind: &'static str) -> Result<Text, TrailError> {
    read_text(uri, ".toml", kind)
}

/// A text document at a path or URI. What is wrong in one is quoted, and an input names it freely: so a file
/// of another ending, which may hold secrets or rows, is not even read.
pub fn read_text(uri: &str, ending: &str, kind: &'static str) -> Result<Text, TrailError> {
    if !uri.ends_with(ending) {
        return Err(not_text(
            uri,
            kind,
            format!("its name does not end in {ending}: it is not read"),
        ));
    }
    let location = Location::parse(uri)?;
    let Some(key) = location.key else {
        return Err(TrailError::Unreadable {
            uri: uri.to_owned(),
            what: "a document",
            detail: "it is a folder; name the file".into(),
        });
    };
    let bytes = location.store.get(&key)?.bytes;
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| not_utf8(uri, kind))?;
    Ok(Text {
        origin: uri.to_owned(),
        text,
    })
}

fn not_utf8(uri: &str, kind: &'static str) -> TrailError {
    not_text(uri, kind, "the file is not UTF-8 text".into())
}

fn not_text(uri: &str, kind: &'static str, detail: String) -> TrailError {
    TrailError::Document(DocumentError::Syntax {
        kind,
        origin: uri.to_owned(),
        detail,
    })
}

/// The place of `relative` as seen from the document at `uri`.
fn beside(uri: &str, relative: &str) -> String {
    if relative.starts_with('/') || relative.contains("://") || relative.starts_with("file:") {
        return relative.to_owned();
    }
    let (scheme, path) = match uri.split_once("://") {
        Some((scheme, path)) => (format!("{scheme}://"), path),
        None => (String::new(), uri),
    };
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." if parts
                .last()
                .is_some_and(|last| !last.is_empty() && *last != "..") =>
            {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    format!("{scheme}{}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_contract_is_found_beside_its_spec() {
        for (uri, relative, expected) in [
            (
                "models/engagement.toml",
                "../contracts/customers.toml",
                "contracts/customers.toml",
            ),
            (
                "/srv/models/e.toml",
                "../contracts/c.toml",
                "/srv/contracts/c.toml",
            ),
            (
                "s3://bucket/models/e.toml",
                "../contracts/c.toml",
                "s3://bucket/contracts/c.toml",
            ),
            ("e.toml", "c.toml", "c.toml"),
            ("e.toml", "../c.toml", "../c.toml"),
            ("models/e.toml", "/c.toml", "/c.toml"),
            ("models/e.toml", "s3://b/c.toml", "s3://b/c.toml"),
        ] {
            assert_eq!(beside(uri, relative), expected);
        }
    }
}
