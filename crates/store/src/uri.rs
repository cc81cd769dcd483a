//! From the text that a user wrote to the store that it names.

use std::path::{Path, PathBuf};

use crate::directory::DirectoryBackend;
use crate::memory::MemoryBackend;
use crate::{Key, Store, StoreError};

/// The three kinds of place, before anything is opened.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Folder(PathBuf),
    S3 {
        bucket: String,
        prefix: Option<Key>,
        ends_with_slash: bool,
    },
    Memory(String),
}

/// The same place, named so that it can be found from any folder. What names no local path stays as it is.
pub fn absolute(uri: &str) -> String {
    let (scheme, path) = match strip_scheme(uri, "file:") {
        Some(rest) if rest.starts_with('/') => return uri.to_owned(),
        Some(rest) => ("file:", rest),
        None if uri.contains("://") || strip_scheme(uri, "memory:").is_some() => {
            return uri.to_owned();
        }
        None => ("", uri),
    };
    let absolute = std::path::absolute(path).ok();
    let absolute = absolute.as_deref().and_then(Path::to_str);
    absolute.map_or_else(|| uri.to_owned(), |path| format!("{scheme}{path}"))
}

pub(crate) fn open(uri: &str) -> Result<Store, StoreError> {
    match parse(uri)? {
        Place::Folder(path) => open_folder(uri, &path),
        Place::S3 { bucket, prefix, .. } => open_s3(uri, bucket, prefix),
        Place::Memory(name) => Ok(Store::from_shared(MemoryBackend::open(&name))),
    }
}

pub(crate) fn open_folder(uri: &str, path: &Path) -> Result<Store, StoreError> {
    if path.is_file() {
        return Err(invalid(uri, "it is a file, and a store is a folder"));
    }
    let backend = DirectoryBackend::new(path).map_err(|reason| invalid(uri, reason))?;
    Ok(Store::from_backend(backend))
}

#[cfg(feature = "s3")]
pub(crate) fn open_s3(
    _uri: &str,
    bucket: String,
    prefix: Option<Key>,
) -> Result<Store, StoreError> {
    Ok(Store::from_backend(crate::s3::S3Backend::new(
        bucket, prefix,
    )))
}

#[cfg(not(feature = "s3"))]
pub(crate) fn open_s3(
    uri: &str,
    _bucket: String,
    _prefix: Option<Key>,
) -> Result<Store, StoreError> {
    let reason = "this program was built without S3; build it again with the cargo feature `s3`";
    Err(StoreError::Unsupported {
        uri: uri.to_owned(),
        reason: reason.to_owned(),
    })
}

pub(crate) fn parse(uri: &str) -> Result<Place, StoreError> {
    if uri.is_empty() {
        return Err(invalid(uri, "it is empty"));
    }
    if uri.chars().any(char::is_control) {
        return Err(invalid(uri, "it contains a control character"));
    }
    if let Some(rest) = strip_scheme(uri, "s3:") {
        return parse_s3(uri, rest);
    }
    if let Some(rest) = strip_scheme(uri, "memory:") {
        return parse_memory(uri, rest);
    }
    if let Some(rest) = strip_scheme(uri, "file:") {
        return parse_file(uri, rest);
    }
    if let Some((scheme, _)) = uri.split_once("://")
        && !scheme.contains('/')
    {
        return Err(invalid(
            uri,
            format!("there is no kind of store called '{scheme}'"),
        ));
    }
    Ok(Place::Folder(PathBuf::from(uri)))
}

pub(crate) fn invalid(uri: &str, reason: impl Into<String>) -> StoreError {
    let uri = without_password(uri);
    let shown = uri.chars().take(200).flat_map(|character| {
        let escaped = character.is_control().then(|| character.escape_default());
        let plain = escaped.is_none().then_some(character);
        escaped.into_iter().flatten().chain(plain)
    });
    StoreError::InvalidUri {
        uri: shown.collect(),
        reason: reason.into(),
    }
}

/// Somebody may have written a password in front of the bucket, and messages go to logs.
fn without_password(uri: &str) -> String {
    let parts = uri.split_once("://").and_then(|(scheme, rest)| {
        let (_, place) = rest.split('/').next()?.rsplit_once('@')?;
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        Some(format!("{scheme}://…@{place}/{path}"))
    });
    parts.unwrap_or_else(|| uri.to_owned())
}

fn strip_scheme<'a>(uri: &'a str, scheme: &str) -> Option<&'a str> {
    let start = uri.get(..scheme.len())?;
    start
        .eq_ignore_ascii_case(scheme)
        .then(|| &uri[scheme.len()..])
}

fn parse_s3(uri: &str, rest: &str) -> Result<Place, StoreError> {
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(invalid(uri, "an S3 store is written s3://BUCKET/PREFIX"));
    };
    let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
    check_bucket(uri, bucket)?;
    let prefix = match path.strip_suffix('/').unwrap_or(path) {
        "" if path.is_empty() => None,
        text => Some(Key::new(text).map_err(|error| invalid(uri, error.to_string()))?),
    };
    let ends_with_slash = path.is_empty() || path.ends_with('/');
    Ok(Place::S3 {
        bucket: bucket.to_owned(),
        prefix,
        ends_with_slash,
    })
}

fn check_bucket(uri: &str, bucket: &str) -> Result<(), StoreError> {
    let allowed = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.'
    };
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = bucket.as_bytes();
    let good_edges = edge(bytes.first()) && edge(bytes.last());
    if !(3..=63).contains(&bytes.len())
        || !bytes.iter().copied().all(allowed)
        || !good_edges
        || bucket.contains("..")
    {
        let rule = "has 3 to 63 lower-case letters, digits, '-' and '.', with a letter or digit at each end";
        return Err(invalid(uri, format!("a bucket's name {rule}")));
    }
    Ok(())
}

fn parse_memory(uri: &str, name: &str) -> Result<Place, StoreError> {
    if !name.is_empty() {
        Key::new(name).map_err(|error| invalid(uri, error.to_string()))?;
    }
    Ok(Place::Memory(name.to_owned()))
}

/// The path is taken as it is written, without percent-decoding, so that every folder can be named
/// and `Store::uri` opens the same folder again.
fn parse_file(uri: &str, rest: &str) -> Result<Place, StoreError> {
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(after) => match after.strip_prefix("localhost").unwrap_or(after) {
            path if path.starts_with('/') => path,
            _ => {
                return Err(invalid(
                    uri,
                    "file:// is followed by an absolute path, as in file:///data",
                ));
            }
        },
    };
    if path.is_empty() {
        return Err(invalid(uri, "the path is missing"));
    }
    Ok(Place::Folder(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn s3(bucket: &str, prefix: Option<&str>, ends_with_slash: bool) -> Place {
        Place::S3 {
            bucket: bucket.to_owned(),
            prefix: prefix.map(|text| Key::new(text).unwrap()),
            ends_with_slash,
        }
    }

    #[test]
    fn every_form_is_understood() {
        assert_eq!(
            parse("s3://my-bucket").unwrap(),
            s3("my-bucket", None, true)
        );
        assert_eq!(
            parse("s3://my-bucket/").unwrap(),
            s3("my-bucket", None, true)
        );
        assert_eq!(
            parse("S3://my-bucket/a/b").unwrap(),
            s3("my-bucket", Some("a/b"), false)
        );
        assert_eq!(
            parse("s3://my-bucket/a/b/").unwrap(),
            s3("my-bucket", Some("a/b"), true)
        );
        assert_eq!(parse("memory:").unwrap(), Place::Memory(String::new()));
        assert_eq!(
            parse("memory:test").unwrap(),
            Place::Memory("test".to_owned())
        );
        for (text, path) in [
            ("folder", "folder"),
            ("./folder", "./folder"),
            ("/folder", "/folder"),
            ("file:folder", "folder"),
            ("file:/folder", "/folder"),
            ("file:///folder", "/folder"),
            ("file://localhost/folder", "/folder"),
            ("odd name/100%", "odd name/100%"),
        ] {
            assert_eq!(
                parse(text).unwrap(),
                Place::Folder(PathBuf::from(path)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_relative_path_becomes_absolute_and_nothing_else_changes() {
        let here = std::env::current_dir().unwrap();
        let here = here.to_str().unwrap();
        for (text, wanted) in [
            ("data", format!("{here}/data")),
            ("./data/", format!("{here}/data/")),
            ("file:data", format!("file:{here}/data")),
            ("my data (1).csv", format!("{here}/my data (1).csv")),
        ] {
            assert_eq!(absolute(text), wanted);
        }
        for text in [
            "/data",
            "file:///data",
            "s3://bucket/data",
            "memory:name",
            "",
        ] {
            assert_eq!(absolute(text), text);
        }
    }

    #[test]
    fn what_names_no_store_is_refused_by_name() {
        for text in [
            "",
            "a\0b",
            "a\nb",
            "file:",
            "file://",
            "file://other-machine/folder",
            "s3:",
            "s3:bucket",
            "s3://",
            "s3:///prefix",
            "s3://ab",
            "s3://Upper",
            "s3://under_score",
            "s3://-edge",
            "s3://bucket..name",
            "s3://bucket//prefix",
            "s3://bucket//",
            "s3://bucket/a/../b",
            "s3://bucket/%2e%2e/b",
            "s3://user:secret@bucket/a",
            "memory:../a",
            "gs://bucket/a",
            "https://bucket/a",
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.name(), "StoreUriInvalid", "{text}: {error}");
            assert!(!error.to_string().contains(['\0', '\n']), "{text:?}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
