//! Copies within a bucket, which S3 makes itself: no byte of the object comes here.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::CompletedPart;

use super::errors::{self, Target};
use super::multipart::{Upload, part_bytes};
use crate::backend::Condition;
use crate::{Etag, StoreError};

/// S3's own limit on a copy in one request.
const WHOLE_BYTES: u64 = 5 << 30;
const PART_BYTES: u64 = 1 << 30;

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

async fn in_parts(client: Client, original: Original, target: Target) -> Result<Etag, StoreError> {
    let upload = Upload::begin(client, target).await?;
    let parts = parts(&upload, &original).await;
    upload.end(parts, &Condition::Always).await
}

async fn parts(upload: &Upload, original: &Original) -> Result<Vec<CompletedPart>, StoreError> {
    let part_bytes = part_bytes(PART_BYTES, original.bytes);
    let mut parts = Vec::new();
    for (number, from) in (1..).zip((0..original.bytes).step_by(part_bytes as usize)) {
        let to = original.bytes.min(from + part_bytes);
        let answer = upload
            .client
            .upload_part_copy()
            .bucket(&upload.target.bucket)
            .key(&upload.target.path)
            .upload_id(&upload.id)
            .part_number(number)
            .copy_source(original.place())
            .copy_source_if_match(original.etag.as_str())
            .copy_source_range(format!("bytes={from}-{}", to - 1))
            .send()
            .await
            .map_err(|error| original.error(&error))?;
        let result = answer.copy_part_result();
        parts.push(upload.part(number, result.and_then(|result| result.e_tag()))?);
    }
    Ok(parts)
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
