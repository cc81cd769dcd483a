//! What S3 keeps beside the objects of a store: uploads that did not end, names that are no keys, older versions.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketVersioningStatus, ExpirationStatus, LifecycleRule};

use super::errors::Target;
use crate::{Hidden, Key, OlderVersions, StoreError};

/// Nothing is removed: whether somebody is still sending an upload, S3 does not say.
pub(super) async fn find(
    client: Client,
    target: Target,
    hidden: String,
) -> Result<Vec<Hidden>, StoreError> {
    let mut found = uploads(&client, &target).await?;
    let request = client
        .list_objects_v2()
        .bucket(&target.bucket)
        .prefix(&target.path);
    let mut pages = request.into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| target.error(&error))?;
        let paths = page.contents().iter().filter_map(|object| object.key());
        // What ends in a slash consoles make to show an empty folder.
        let odd = paths.filter(|path| !path.ends_with('/') && !is_key(path, &hidden));
        found.extend(odd.map(|path| Hidden::Unnameable {
            uri: format!("s3://{}/{path}", target.bucket),
            path: None,
        }));
    }
    found.sort();
    Ok(found)
}

fn is_key(path: &str, hidden: &str) -> bool {
    path.strip_prefix(hidden)
        .is_some_and(|key| Key::new(key).is_ok())
}

async fn uploads(client: &Client, target: &Target) -> Result<Vec<Hidden>, StoreError> {
    let mut found = Vec::new();
    let (mut key, mut id) = (None, None);
    loop {
        let request = client
            .list_multipart_uploads()
            .bucket(&target.bucket)
            .prefix(&target.path)
            .set_key_marker(key)
            .set_upload_id_marker(id);
        let page = request.send().await.map_err(|error| target.error(&error))?;
        found.extend(page.uploads().iter().map(|upload| {
            Hidden::Upload {
                uri: format!(
                    "s3://{}/{}",
                    target.bucket,
                    upload.key().unwrap_or_default()
                ),
                begun: upload
                    .initiated()
                    .map(ToString::to_string)
                    .unwrap_or_default(),
            }
        }));
        key = page.next_key_marker().map(str::to_owned);
        id = page.next_upload_id_marker().map(str::to_owned);
        if !page.is_truncated().unwrap_or_default() || key.is_none() {
            return Ok(found);
        }
    }
}

/// How long the bucket keeps what was replaced under the store's prefix.
pub(super) async fn older_versions(
    client: Client,
    target: Target,
) -> Result<OlderVersions, StoreError> {
    let request = client.get_bucket_versioning().bucket(&target.bucket);
    let versioning = request.send().await.map_err(|error| target.error(&error))?;
    // One that was suspended keeps what it had kept by then.
    let kept = [
        BucketVersioningStatus::Enabled,
        BucketVersioningStatus::Suspended,
    ];
    if !versioning
        .status()
        .is_some_and(|status| kept.contains(status))
    {
        return Ok(OlderVersions::NotKept);
    }
    let request = client
        .get_bucket_lifecycle_configuration()
        .bucket(&target.bucket);
    let rules = match request.send().await {
        Ok(answer) => answer.rules().to_vec(),
        Err(error) => match target.error(&error) {
            // A bucket without rules.
            StoreError::NotFound { .. } => Vec::new(),
            error => return Err(error),
        },
    };
    let days = rules
        .iter()
        .filter_map(|rule| days_of(rule, &target.path))
        .min();
    Ok(days.map_or(OlderVersions::ForEver, OlderVersions::Days))
}

/// After how many days the rule removes every older version below the prefix.
fn days_of(rule: &LifecycleRule, prefix: &str) -> Option<u32> {
    let expiration = rule.noncurrent_version_expiration()?;
    let filter = rule.filter();
    #[allow(deprecated)] // Rules of long ago have their prefix there.
    let own = rule.prefix();
    let begins = filter
        .and_then(|filter| filter.prefix())
        .or(own)
        .unwrap_or_default();
    // A rule for some objects only, by their tags or sizes, says nothing about the others.
    let is_partial = filter.is_some_and(|filter| {
        filter.and().is_some()
            || filter.tag().is_some()
            || filter.object_size_greater_than().is_some()
            || filter.object_size_less_than().is_some()
    });
    let applies = *rule.status() == ExpirationStatus::Enabled
        && prefix.starts_with(begins)
        && !is_partial
        && expiration.newer_noncurrent_versions().is_none();
    let days = u32::try_from(expiration.noncurrent_days()?).ok()?;
    applies.then_some(days)
}
