//! Copies within a bucket, which S3 makes itself: no byte of the object comes here.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use super::errors::{self, Target};
use crate::{Etag, StoreError};

/// S3's own limit on a copy in one request.
const WHOLE_BYTES: u64 = 5 << 30;
const PART_BYTES: u64 = 1 << 30;
/// S3's own limit on the parts of an object.
const MAXIMUM_PARTS: u64 = 10_000;

/// An object in one state: of another nothing is copied.
#[derive(Clone, Debug)]
pub(super) struct Original {
    pub target: Target,
    pub bytes: u64,
    pub etag: Etag,
}

pub(super) async fn copy(
    client: Client,
    original: Original,
    target: Target,
) -> Result<Etag, StoreError> {
    if original.bytes > WHOLE_BYTES {
        return in_parts(client, original, target).await;
    }
    let answer = client
        .copy_object()
        .bucket(&target.bucket)
        .key(&target.path)
        .copy_source(original.place())
        .copy_source_if_match(original.etag.as_str())
        .send()
        .await
        .map_err(|error| original.error(&error))?;
    let result = answer.copy_object_result();
    target.etag(result.and_then(|result| result.e_tag()))
}

/// The object appears when all parts are there, or not at all.
async fn in_parts(client: Client, original: Original, target: Target) -> Result<Etag, StoreError> {
    let begun = client
        .create_multipart_upload()
        .bucket(&target.bucket)
        .key(&target.path)
        .send()
        .await
        .map_err(|error| target.error(&error))?;
    let upload_id = begun
        .upload_id()
        .ok_or_else(|| target.failed("the endpoint gave no upload id"))?;
    let made = match parts(&client, &original, &target, upload_id).await {
        Ok(parts) => complete(&client, &target, upload_id, parts).await,
        Err(error) => Err(error),
    };
    if made.is_err() {
        let abort = client
            .abort_multipart_upload()
            .bucket(&target.bucket)
            .key(&target.path)
            .upload_id(upload_id);
        if let Err(error) = abort.send().await {
            let error = target.error(&error);
            tracing::warn!(upload_id, %error, "the parts of a failed copy could not be dropped");
        }
    }
    made
}

async fn parts(
    client: &Client,
    original: &Original,
    target: &Target,
    upload_id: &str,
) -> Result<Vec<CompletedPart>, StoreError> {
    let part_bytes = PART_BYTES.max(original.bytes.div_ceil(MAXIMUM_PARTS));
    let mut parts = Vec::new();
    for (number, from) in (1..).zip((0..original.bytes).step_by(part_bytes as usize)) {
        let to = original.bytes.min(from + part_bytes);
        let answer = client
            .upload_part_copy()
            .bucket(&target.bucket)
            .key(&target.path)
            .upload_id(upload_id)
            .part_number(number)
            .copy_source(original.place())
            .copy_source_if_match(original.etag.as_str())
            .copy_source_range(format!("bytes={from}-{}", to - 1))
            .send()
            .await
            .map_err(|error| original.error(&error))?;
        let result = answer.copy_part_result();
        let etag = target.etag(result.and_then(|result| result.e_tag()))?;
        parts.push(
            CompletedPart::builder()
                .part_number(number)
                .e_tag(etag.as_str())
                .build(),
        );
    }
    Ok(parts)
}

async fn complete(
    client: &Client,
    target: &Target,
    upload_id: &str,
    parts: Vec<CompletedPart>,
) -> Result<Etag, StoreError> {
    let parts = CompletedMultipartUpload::builder()
        .set_parts(Some(parts))
        .build();
    let answer = client
        .complete_multipart_upload()
        .bucket(&target.bucket)
        .key(&target.path)
        .upload_id(upload_id)
        .multipart_upload(parts)
        .send()
        .await
        .map_err(|error| target.error(&error))?;
    target.etag(answer.e_tag())
}

impl Original {
    /// As a header names it: the path in percent form.
    fn place(&self) -> String {
        let mut place = format!("{}/", self.target.bucket);
        for byte in self.target.path.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                    place.push(char::from(byte));
                }
                other => place.push_str(&format!("%{other:02X}")),
            }
        }
        place
    }

    fn error<E>(&self, error: &aws_sdk_s3::error::SdkError<E>) -> StoreError
    where
        E: aws_sdk_s3::error::ProvideErrorMetadata + std::error::Error + 'static,
    {
        match errors::is_unmet(error) {
            true => StoreError::Changed {
                uri: self.target.uri.clone(),
            },
            false => self.target.error(error),
        }
    }
}
