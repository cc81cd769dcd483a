//! A store in S3, or in anything that speaks its protocol. Blocking calls over the asynchronous client.

mod client;
mod copying;
mod errors;
mod hidden;
mod multipart;
mod runtime;
#[cfg(test)]
mod tests;

pub use client::aws_config;

use std::future::Future;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use crate::backend::{Backend, Condition, beyond_end, local_file_error};
use crate::{Etag, Hidden, Key, Object, ObjectInfo, OlderVersions, StoreError, regular};
use errors::Target;

/// S3's own limit on keys, which the prefix of the store counts towards.
const MAXIMUM_KEY_BYTES: usize = 1_024;
/// How often S3 may say that it is busy with another conditional write of the same key.
const CONFLICT_ATTEMPTS: u32 = 4;

#[derive(Clone, Debug)]
pub(crate) struct S3Backend {
    bucket: String,
    prefix: Option<Key>,
    /// Only tests bring their own: all stores of a process share one client and its connections.
    own_client: Option<Client>,
}

impl S3Backend {
    pub(crate) fn new(bucket: String, prefix: Option<Key>) -> Self {
        Self {
            bucket,
            prefix,
            own_client: None,
        }
    }

    fn client(&self) -> Result<Client, StoreError> {
        let client = self.own_client.clone().map_or_else(client::shared, Ok);
        client.map_err(|detail| StoreError::Failed {
            uri: self.uri(),
            detail,
        })
    }

    fn path(&self, relative: &str) -> String {
        match &self.prefix {
            Some(prefix) => format!("{prefix}/{relative}"),
            None => relative.to_owned(),
        }
    }

    fn target(&self, key: &Key) -> Result<Target, StoreError> {
        let path = self.path(key.as_str());
        let uri = self.object_uri(key);
        if path.len() > MAXIMUM_KEY_BYTES {
            let reason = "with the store's prefix it is longer than the 1,024 bytes that S3 allows"
                .to_owned();
            return Err(StoreError::InvalidKey { key: uri, reason });
        }
        Ok(Target {
            bucket: self.bucket.clone(),
            path,
            uri,
        })
    }

    /// Everything of this store.
    fn whole(&self) -> Target {
        Target {
            bucket: self.bucket.clone(),
            path: self.path(""),
            uri: self.uri(),
        }
    }

    fn wait<T: Send + 'static>(
        &self,
        call: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        runtime::wait(call).unwrap_or_else(|detail| {
            Err(StoreError::Failed {
                uri: self.uri(),
                detail,
            })
        })
    }
}

impl Backend for S3Backend {
    fn uri(&self) -> String {
        match &self.prefix {
            Some(prefix) => format!("s3://{}/{prefix}", self.bucket),
            None => format!("s3://{}", self.bucket),
        }
    }

    fn get(&self, key: &Key) -> Result<Object, StoreError> {
        let (client, target) = (self.client()?, self.target(key)?);
        self.wait(read(client, target, None, None))
    }

    fn read_range(
        &self,
        key: &Key,
        range: Range<u64>,
        expected: Option<&Etag>,
    ) -> Result<Bytes, StoreError> {
        let (client, target) = (self.client()?, self.target(key)?);
        let object = self.wait(read(client, target, Some(range), expected.cloned()))?;
        Ok(object.bytes)
    }

    fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError> {
        let (client, target, key) = (self.client()?, self.target(key)?, key.clone());
        self.wait(async move {
            let request = client
                .head_object()
                .bucket(&target.bucket)
                .key(&target.path);
            let answer = request.send().await.map_err(|error| target.error(&error))?;
            let bytes = target.size(answer.content_length())?;
            Ok(ObjectInfo {
                key,
                bytes,
                etag: target.etag(answer.e_tag())?,
            })
        })
    }

    fn put(&self, key: &Key, bytes: Bytes, condition: Condition) -> Result<Etag, StoreError> {
        let (client, target) = (self.client()?, self.target(key)?);
        self.wait(write(client, target, bytes, condition))
    }

    fn put_file(&self, key: &Key, file: &Path, condition: Condition) -> Result<Etag, StoreError> {
        let failed = |error: std::io::Error| local_file_error(file, &error);
        let mut opened = regular::open(file).map_err(failed)?;
        let size = opened.metadata().map_err(failed)?.len();
        if size <= multipart::PART_BYTES {
            let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
            opened.read_to_end(&mut bytes).map_err(failed)?;
            return self.put(key, bytes.into(), condition);
        }
        let (client, target) = (self.client()?, self.target(key)?);
        let file = file.to_path_buf();
        self.wait(multipart::upload(client, target, file, size, condition))
    }

    fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError> {
        let (client, target) = (self.client()?, self.target(to)?);
        let original = copying::Original {
            target: self.target(&from.key)?,
            bytes: from.bytes,
            etag: from.etag.clone(),
        };
        self.wait(copying::copy(client, original, target))
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        let uri = format!("{}/{prefix}", self.uri());
        let target = Target {
            bucket: self.bucket.clone(),
            path: self.path(prefix),
            uri,
        };
        // What stands before the keys of this store in those of the bucket.
        let hidden = self.path("");
        let client = self.client()?;
        self.wait(list(client, target, hidden))
    }

    fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let (client, target) = (self.client()?, self.target(key)?);
        self.wait(async move {
            let request = client
                .delete_object()
                .bucket(&target.bucket)
                .key(&target.path);
            match request.send().await.map_err(|error| target.error(&error)) {
                Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    fn hidden(&self, _remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
        let (client, target) = (self.client()?, self.whole());
        self.wait(hidden::find(client, target, self.path("")))
    }

    fn older_versions(&self) -> OlderVersions {
        let asked = self
            .client()
            .and_then(|client| self.wait(hidden::older_versions(client, self.whole())));
        asked.unwrap_or_else(|error| OlderVersions::Unknown(error.to_string()))
    }
}

async fn read(
    client: Client,
    target: Target,
    range: Option<Range<u64>>,
    expected: Option<Etag>,
) -> Result<Object, StoreError> {
    let header = range
        .as_ref()
        .map(|range| format!("bytes={}-{}", range.start, range.end - 1));
    let request = client
        .get_object()
        .bucket(&target.bucket)
        .key(&target.path)
        .set_range(header)
        .set_if_match(expected.as_ref().map(|etag| etag.as_str().to_owned()));
    let changed = || StoreError::Changed {
        uri: target.uri.clone(),
    };
    let answer = request.send().await.map_err(|error| match &range {
        _ if expected.is_some() && errors::is_unmet(&error) => changed(),
        Some(range) if errors::is_beyond_end(&error) => beyond_end(target.uri.clone(), range, None),
        _ => target.error(&error),
    })?;
    let etag = target.etag(answer.e_tag())?;
    // An endpoint that does not know the condition answers all the same.
    if expected.is_some_and(|expected| expected != etag) {
        return Err(changed());
    }
    let expected = target.size(answer.content_length())?;
    let collected = answer.body.collect().await;
    let bytes = collected
        .map_err(|error| target.unavailable(format!("the download broke off: {error}")))?
        .into_bytes();
    if bytes.len() as u64 != expected {
        return Err(target.unavailable(format!("only {} of {expected} bytes arrived", bytes.len())));
    }
    Ok(Object { bytes, etag })
}

async fn write(
    client: Client,
    target: Target,
    bytes: Bytes,
    condition: Condition,
) -> Result<Etag, StoreError> {
    let mut attempt = 1;
    loop {
        let request = client.put_object().bucket(&target.bucket).key(&target.path);
        let (if_none_match, if_match) = condition_of(&condition);
        let request = request
            .set_if_none_match(if_none_match)
            .set_if_match(if_match);
        let error = match request.body(ByteStream::from(bytes.clone())).send().await {
            Ok(answer) => return target.etag(answer.e_tag()),
            Err(error) => error,
        };
        // Nothing was written, and nobody has surely won: asking again is right.
        if errors::is_conflict(&error) && attempt < CONFLICT_ATTEMPTS {
            tokio::time::sleep(Duration::from_millis(40 * u64::from(attempt))).await;
            attempt += 1;
            continue;
        }
        return Err(target.write_error(&error, &condition));
    }
}

/// As `If-None-Match` and `If-Match` say it.
fn condition_of(condition: &Condition) -> (Option<String>, Option<String>) {
    match condition {
        Condition::Always => (None, None),
        Condition::Absent => (Some("*".to_owned()), None),
        Condition::Unchanged(etag) => (None, Some(etag.as_str().to_owned())),
    }
}

async fn list(
    client: Client,
    target: Target,
    hidden: String,
) -> Result<Vec<ObjectInfo>, StoreError> {
    let request = client
        .list_objects_v2()
        .bucket(&target.bucket)
        .prefix(&target.path);
    let mut pages = request.into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| target.error(&error))?;
        for object in page.contents() {
            let path = object.key().unwrap_or_default();
            match path.strip_prefix(&hidden).map(Key::new) {
                Some(Ok(key)) => {
                    let bytes = target.size(object.size())?;
                    found.push(ObjectInfo {
                        key,
                        bytes,
                        etag: target.etag(object.e_tag())?,
                    });
                }
                // What consoles make to show an empty folder.
                _ if path.ends_with('/') => {}
                _ => tracing::warn!(
                    store = target.uri,
                    path,
                    "left out of the listing: its name cannot be a key"
                ),
            }
        }
    }
    found.sort_unstable_by(|left, right| left.key.cmp(&right.key));
    Ok(found)
}
