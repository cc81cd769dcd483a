//! From the answers of S3 to the names that callers act on.

use std::error::Error;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use crate::backend::Condition;
use crate::{Etag, StoreError};

const MAXIMUM_DETAIL_CHARACTERS: usize = 300;

/// The object that a call is about, as S3 and as our messages name it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub bucket: String,
    pub path: String,
    pub uri: String,
}

impl Target {
    pub(super) fn unavailable(&self, detail: String) -> StoreError {
        StoreError::Unavailable {
            uri: self.uri.clone(),
            detail,
        }
    }

    pub(super) fn failed(&self, detail: impl Into<String>) -> StoreError {
        StoreError::Failed {
            uri: self.uri.clone(),
            detail: detail.into(),
        }
    }

    pub(super) fn etag(&self, given: Option<&str>) -> Result<Etag, StoreError> {
        given
            .map(Etag::new)
            .ok_or_else(|| self.failed("the endpoint gave no ETag"))
    }

    pub(super) fn size(&self, given: Option<i64>) -> Result<u64, StoreError> {
        let size = given.and_then(|size| u64::try_from(size).ok());
        size.ok_or_else(|| self.failed("the endpoint gave no size"))
    }

    /// The meaning of a refused write depends on its condition.
    pub(super) fn write_error<E>(&self, error: &SdkError<E>, condition: &Condition) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let uri = self.uri.clone();
        let refused = is_unmet(error);
        match condition {
            Condition::Absent if refused => StoreError::AlreadyExists { uri },
            Condition::Unchanged(_) if refused => StoreError::Changed { uri },
            _ => match (condition, self.error(error)) {
                // S3's answer to If-Match where there is no object any more.
                (Condition::Unchanged(_), StoreError::NotFound { uri }) => {
                    StoreError::Changed { uri }
                }
                (_, other) => other,
            },
        }
    }

    pub(super) fn error<E>(&self, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let uri = self.uri.clone();
        match error {
            SdkError::ServiceError(_) => self.service_error(error),
            SdkError::TimeoutError(_) => self.unavailable("no answer in time".to_owned()),
            SdkError::ResponseError(_) => self.unavailable(format!(
                "the answer cannot be understood: {}",
                causes(error)
            )),
            SdkError::DispatchFailure(failure) if failure.is_timeout() || failure.is_io() => {
                self.unavailable(causes(error))
            }
            _ => {
                let detail = causes(error);
                if mentions(&detail, "credential") || mentions(&detail, "identity") {
                    let hint = super::client::missing_home().unwrap_or_default();
                    return StoreError::Denied {
                        uri,
                        detail: format!("no usable AWS credentials: {hint}{detail}"),
                    };
                }
                if mentions(&detail, "region") {
                    return self.failed(format!("no AWS region: set AWS_REGION; {detail}"));
                }
                match error {
                    SdkError::DispatchFailure(_) => self.unavailable(detail),
                    _ => self.failed(detail),
                }
            }
        }
    }

    fn service_error<E>(&self, error: &SdkError<E>) -> StoreError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let uri = self.uri.clone();
        let detail = description(error);
        match (code(error), status(error).unwrap_or(0)) {
            ("NoSuchBucket", _) => StoreError::BucketMissing {
                uri,
                bucket: self.bucket.clone(),
            },
            (
                "ExpiredToken" | "InvalidToken" | "InvalidAccessKeyId" | "RequestTimeTooSkewed",
                _,
            ) => StoreError::Denied { uri, detail },
            ("RequestTimeout" | "SlowDown" | "InternalError" | "OperationAborted", _) => {
                StoreError::Unavailable { uri, detail }
            }
            // Somebody else's conditional write was under way each time: nobody knows yet who wins, and this
            // one was not tried. To say that an object is there would be a guess.
            ("ConditionalRequestConflict", _) | (_, 409) => StoreError::Unavailable {
                uri,
                detail: format!(
                    "busy with another conditional write; nothing was written: {detail}"
                ),
            },
            ("KeyTooLongError", _) => StoreError::InvalidKey {
                key: uri,
                reason: detail,
            },
            ("NoSuchKey" | "NotFound", _) => StoreError::NotFound { uri },
            ("NoSuchUpload", _) => StoreError::Unavailable { uri, detail },
            (_, 401 | 403) => StoreError::Denied { uri, detail },
            (_, 404) => StoreError::NotFound { uri },
            (_, 408 | 425 | 429 | 500 | 502..=504) => StoreError::Unavailable { uri, detail },
            (_, 507) => StoreError::Full { uri, detail },
            (_, 301 | 307) => self.failed(format!(
                "the bucket is in another region: set AWS_REGION; {detail}"
            )),
            _ => StoreError::Failed { uri, detail },
        }
    }
}

/// Another conditional write of the same key was under way: this one was not tried.
pub(super) fn is_conflict<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    status(error) == Some(409)
}

/// The condition of the request does not hold.
pub(super) fn is_unmet<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    status(error) == Some(412)
}

pub(super) fn is_beyond_end<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    status(error) == Some(416)
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

fn code<E: ProvideErrorMetadata>(error: &SdkError<E>) -> &str {
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
        .unwrap_or_default()
}

fn description<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    let message = error
        .as_service_error()
        .and_then(ProvideErrorMetadata::message)
        .unwrap_or_default();
    let parts = [code(error), message]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>();
    let status = status(error).map_or_else(String::new, |status| format!("HTTP {status}"));
    shorten(if parts.is_empty() {
        status
    } else {
        format!("{}, {status}", parts.join(": "))
    })
}

/// All that the layers below say, outermost first, without saying anything twice.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut told = Vec::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let text = cause.to_string();
        if !told.contains(&text) {
            told.push(text);
        }
        next = cause.source();
    }
    shorten(told.join(": "))
}

fn mentions(text: &str, word: &str) -> bool {
    text.to_ascii_lowercase().contains(word)
}

fn shorten(text: String) -> String {
    if text.chars().count() <= MAXIMUM_DETAIL_CHARACTERS {
        return text;
    }
    text.chars()
        .take(MAXIMUM_DETAIL_CHARACTERS)
        .chain("...".chars())
        .collect()
}
