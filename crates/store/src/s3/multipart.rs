//! Large files go up in parts, a few at a time, in constant memory.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::task::JoinSet;

use super::condition_of;
use super::errors::Target;
use crate::backend::{Condition, local_file_error};
use crate::{Etag, StoreError};

/// Files up to this size go up in one piece.
pub(super) const PART_BYTES: u64 = 16 << 20;
/// S3's own limit.
const MAXIMUM_PARTS: u64 = 10_000;
const PARTS_IN_FLIGHT: usize = 4;

pub(super) async fn upload(
    client: Client,
    target: Target,
    file: PathBuf,
    size: u64,
    condition: Condition,
) -> Result<Etag, StoreError> {
    let upload = Upload::begin(client, target).await?;
    let source = Source {
        upload: upload.clone(),
        file,
        size,
    };
    upload.end(source.send_parts().await, &condition).await
}

/// How large the parts of an object are, none of them smaller than `least`.
pub(super) fn part_bytes(least: u64, size: u64) -> u64 {
    least.max(size.div_ceil(MAXIMUM_PARTS))
}

/// An object that comes in parts: it appears when all of them are there, or not at all.
#[derive(Clone)]
pub(super) struct Upload {
    pub client: Client,
    pub target: Target,
    pub id: String,
}

impl Upload {
    pub async fn begin(client: Client, target: Target) -> Result<Upload, StoreError> {
        let request = client
            .create_multipart_upload()
            .bucket(&target.bucket)
            .key(&target.path);
        let begun = request.send().await.map_err(|error| target.error(&error))?;
        let id = begun
            .upload_id()
            .ok_or_else(|| target.failed("the endpoint gave no upload id"))?
            .to_owned();
        Ok(Upload { client, target, id })
    }

    pub fn part(&self, number: i32, etag: Option<&str>) -> Result<CompletedPart, StoreError> {
        let etag = self.target.etag(etag)?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .e_tag(etag.as_str())
            .build())
    }

    /// Makes the object of the parts, or drops what there is of them.
    pub async fn end(
        self,
        parts: Result<Vec<CompletedPart>, StoreError>,
        condition: &Condition,
    ) -> Result<Etag, StoreError> {
        let result = match parts {
            Ok(parts) => self.complete(parts, condition).await,
            Err(error) => Err(error),
        };
        if result.is_err() {
            self.abort().await;
        }
        result
    }

    /// Only here the condition counts: while parts go up, nothing is there yet.
    async fn complete(
        &self,
        parts: Vec<CompletedPart>,
        condition: &Condition,
    ) -> Result<Etag, StoreError> {
        let parts = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        let (if_none_match, if_match) = condition_of(condition);
        let request = self
            .client
            .complete_multipart_upload()
            .bucket(&self.target.bucket)
            .key(&self.target.path);
        let request = request
            .upload_id(&self.id)
            .multipart_upload(parts)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match);
        let answer = request
            .send()
            .await
            .map_err(|error| self.target.write_error(&error, condition))?;
        self.target.etag(answer.e_tag())
    }

    /// Parts of an upload that failed cost money until they are dropped.
    async fn abort(&self) {
        let request = self
            .client
            .abort_multipart_upload()
            .bucket(&self.target.bucket)
            .key(&self.target.path);
        if let Err(error) = request.upload_id(&self.id).send().await {
            let error = self.target.error(&error);
            tracing::warn!(upload_id = self.id, %error, "the parts of a failed upload could not be dropped");
        }
    }
}

/// A local file on its way.
#[derive(Clone)]
struct Source {
    upload: Upload,
    file: PathBuf,
    size: u64,
}

impl Source {
    async fn send_parts(&self) -> Result<Vec<CompletedPart>, StoreError> {
        let part_bytes = part_bytes(PART_BYTES, self.size);
        let mut in_flight = JoinSet::new();
        let mut sent = Vec::new();
        for number in 1..=self.size.div_ceil(part_bytes) {
            if in_flight.len() == PARTS_IN_FLIGHT {
                self.receive(&mut in_flight, &mut sent).await?;
            }
            let offset = (number - 1) * part_bytes;
            let length = part_bytes.min(self.size - offset);
            in_flight.spawn(self.clone().send_part(number, offset, length));
        }
        while !in_flight.is_empty() {
            self.receive(&mut in_flight, &mut sent).await?;
        }
        sent.sort_unstable_by_key(CompletedPart::part_number);
        Ok(sent)
    }

    async fn receive(
        &self,
        in_flight: &mut JoinSet<Result<CompletedPart, StoreError>>,
        sent: &mut Vec<CompletedPart>,
    ) -> Result<(), StoreError> {
        if let Some(finished) = in_flight.join_next().await {
            let part = finished.map_err(|error| {
                self.upload
                    .target
                    .failed(format!("a part broke off: {error}"))
            })?;
            sent.push(part?);
        }
        Ok(())
    }

    async fn send_part(
        self,
        number: u64,
        offset: u64,
        length: u64,
    ) -> Result<CompletedPart, StoreError> {
        let number =
            i32::try_from(number).map_err(|_| self.upload.target.failed("too many parts"))?;
        let file = self.file.clone();
        let reading = tokio::task::spawn_blocking(move || read_part(&file, offset, length));
        let bytes = reading.await.map_err(|error| {
            self.upload
                .target
                .failed(format!("reading broke off: {error}"))
        })??;
        let request = self
            .upload
            .client
            .upload_part()
            .bucket(&self.upload.target.bucket)
            .key(&self.upload.target.path);
        let request = request
            .upload_id(&self.upload.id)
            .part_number(number)
            .body(ByteStream::from(bytes));
        let answer = request
            .send()
            .await
            .map_err(|error| self.upload.target.error(&error))?;
        self.upload.part(number, answer.e_tag())
    }
}

fn read_part(file: &Path, offset: u64, length: u64) -> Result<Bytes, StoreError> {
    let failed = |error: std::io::Error| local_file_error(file, &error);
    let mut source = File::open(file).map_err(failed)?;
    source.seek(SeekFrom::Start(offset)).map_err(failed)?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    source
        .take(length)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 != length {
        let detail = "it became shorter while it was uploaded".to_owned();
        return Err(StoreError::LocalFile {
            path: file.display().to_string(),
            detail,
        });
    }
    Ok(bytes.into())
}
