//! Copies that S3 makes itself: what is asked, and what its refusals mean.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadOutput;
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::operation::upload_part_copy::UploadPartCopyOutput;
use aws_sdk_s3::types::CopyPartResult;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, mock};

use super::{answer, key, store, store_with};
use crate::{Etag, ObjectInfo, StoreError};

/// More than S3 copies in one request: six parts of a gibibyte, the last of them one byte.
const LARGE: u64 = (5 << 30) + 1;

fn seen(bytes: u64) -> ObjectInfo {
    ObjectInfo {
        key: key("from+here"),
        bytes,
        etag: Etag::new("\"seen\""),
    }
}

fn begin() -> Rule {
    mock!(Client::create_multipart_upload).then_output(|| {
        CreateMultipartUploadOutput::builder()
            .upload_id("upload-1")
            .build()
    })
}

#[test]
fn a_copy_asks_for_the_state_that_was_seen() {
    let rule = mock!(Client::copy_object)
        .match_requests(|request| {
            request.copy_source() == Some("bucket/prefix/from%2Bhere")
                && request.copy_source_if_match() == Some("\"seen\"")
                && request.key() == Some("prefix/to")
        })
        .then_http_response(|| answer(412, "PreconditionFailed"));
    let error = store(&[&rule]).copy(&seen(10), &key("to")).unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
}

#[test]
fn every_part_of_a_large_copy_is_of_that_state_and_all_of_it_is_copied() {
    let part = mock!(Client::upload_part_copy)
        .match_requests(|request| {
            let number = request.part_number().unwrap_or(0) as u64;
            let from = (number - 1) << 30;
            let to = LARGE.min(number << 30) - 1;
            request.copy_source_range() == Some(&format!("bytes={from}-{to}"))
                && request.copy_source_if_match() == Some("\"seen\"")
        })
        .then_output(|| {
            let result = CopyPartResult::builder().e_tag("\"part\"").build();
            UploadPartCopyOutput::builder()
                .copy_part_result(result)
                .build()
        });
    let complete = mock!(Client::complete_multipart_upload)
        .match_requests(|request| {
            let parts = request.multipart_upload().map(|parts| parts.parts().len());
            parts == Some(6) && request.upload_id() == Some("upload-1")
        })
        .then_output(|| {
            CompleteMultipartUploadOutput::builder()
                .e_tag("\"copy\"")
                .build()
        });
    let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    for rule in [&begin(), &part, &complete] {
        answers = answers.with_rule(rule);
    }
    let made = store_with(answers).copy(&seen(LARGE), &key("to")).unwrap();
    assert_eq!(made, Etag::new("\"copy\""));
    assert_eq!(part.num_calls(), 6);
}

#[test]
fn a_large_copy_of_what_is_written_meanwhile_leaves_no_parts() {
    let part =
        mock!(Client::upload_part_copy).then_http_response(|| answer(412, "PreconditionFailed"));
    let abort = mock!(Client::abort_multipart_upload)
        .match_requests(|request| request.upload_id() == Some("upload-1"))
        .then_output(|| AbortMultipartUploadOutput::builder().build());
    let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    for rule in [&begin(), &part, &abort] {
        answers = answers.with_rule(rule);
    }
    let error = store_with(answers)
        .copy(&seen(LARGE), &key("to"))
        .unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
    assert_eq!(abort.num_calls(), 1);
}
