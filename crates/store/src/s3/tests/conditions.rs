//! Conditional writes: what is sent, and what each refusal means.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadOutput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_smithy_mocks::{MockResponseInterceptor, RuleMode, mock};

use super::{answer, key, put_rule, store, store_with};
use crate::{Etag, StoreError};

#[test]
fn the_condition_is_sent_and_its_refusal_named() {
    let etag = Etag::new("\"old\"");
    let (status, code) = (412, "PreconditionFailed");
    let rule = mock!(Client::put_object)
        .match_requests(|request| {
            request.if_none_match() == Some("*") && request.if_match().is_none()
        })
        .sequence()
        .http_response(move || answer(status, code))
        .repeatedly()
        .build();
    let error = store(&[&rule]).put_if_absent(&key("a"), "1").unwrap_err();
    assert!(
        matches!(error, StoreError::AlreadyExists { .. }),
        "{status}: {error:?}"
    );

    let rule = mock!(Client::put_object)
        .match_requests(|request| {
            request.if_match() == Some("\"old\"") && request.if_none_match().is_none()
        })
        .sequence()
        .http_response(move || answer(status, code))
        .repeatedly()
        .build();
    let error = store(&[&rule])
        .replace_if_unchanged(&key("a"), "1", &etag)
        .unwrap_err();
    assert!(
        matches!(error, StoreError::Changed { .. }),
        "{status}: {error:?}"
    );
}

#[test]
fn replacing_what_is_gone_is_a_change_but_a_missing_bucket_is_not() {
    let etag = Etag::new("\"old\"");
    let error = store(&[&put_rule(404, "NoSuchKey")])
        .replace_if_unchanged(&key("a"), "1", &etag)
        .unwrap_err();
    assert!(matches!(error, StoreError::Changed { .. }), "{error:?}");
    let error = store(&[&put_rule(404, "NoSuchBucket")])
        .replace_if_unchanged(&key("a"), "1", &etag)
        .unwrap_err();
    assert!(
        matches!(error, StoreError::BucketMissing { .. }),
        "{error:?}"
    );
    let error = store(&[&put_rule(503, "SlowDown")])
        .replace_if_unchanged(&key("a"), "1", &etag)
        .unwrap_err();
    assert!(error.is_transient(), "{error:?}");
}

/// Four times somebody else's write is under way, and nothing may be there: to say that an object exists, or was
/// changed, would be a guess. The name is one that machines try again.
#[test]
fn a_conflict_that_stays_is_no_answer_about_the_object() {
    let conflict = || put_rule(409, "ConditionalRequestConflict");
    let rule = conflict();
    let error = store(&[&rule]).put_if_absent(&key("a"), "1").unwrap_err();
    assert_eq!(error.name(), "StoreUnavailable", "{error}");
    assert!(error.is_transient() && error.to_string().contains("nothing was written"));
    assert_eq!(rule.num_calls(), 4);
    let error = store(&[&conflict()])
        .replace_if_unchanged(&key("a"), "1", &Etag::new("\"old\""))
        .unwrap_err();
    assert_eq!(error.name(), "StoreUnavailable", "{error}");
}

/// The condition counts when the parts become an object.
#[test]
fn a_large_file_is_put_with_its_condition() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::write(&file, vec![7; 17 << 20]).unwrap();
    for (status, code, name) in [
        (412, "PreconditionFailed", "StoreObjectAlreadyExists"),
        (409, "ConditionalRequestConflict", "StoreUnavailable"),
    ] {
        let begin = mock!(Client::create_multipart_upload).then_output(|| {
            CreateMultipartUploadOutput::builder()
                .upload_id("upload-1")
                .build()
        });
        let part = mock!(Client::upload_part)
            .then_output(|| UploadPartOutput::builder().e_tag("\"p\"").build());
        let complete = mock!(Client::complete_multipart_upload)
            .match_requests(|request| request.if_none_match() == Some("*"))
            .then_http_response(move || answer(status, code));
        let abort = mock!(Client::abort_multipart_upload)
            .then_output(|| AbortMultipartUploadOutput::builder().build());
        let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
        for rule in [&begin, &part, &complete, &abort] {
            answers = answers.with_rule(rule);
        }
        let error = store_with(answers)
            .put_file_if_absent(&key("a"), &file)
            .unwrap_err();
        assert_eq!(error.name(), name, "{error}");
        assert_eq!(abort.num_calls(), 1, "the parts are dropped");
    }
}

/// A conflict says that nothing was done and that nobody has won yet.
#[test]
fn a_conflict_with_another_writer_is_tried_again() {
    let rule = mock!(Client::put_object)
        .sequence()
        .http_response(|| answer(409, "ConditionalRequestConflict"))
        .times(2)
        .output(|| PutObjectOutput::builder().e_tag("\"new\"").build())
        .build();
    assert_eq!(
        store(&[&rule]).put_if_absent(&key("a"), "1").unwrap(),
        Etag::new("\"new\"")
    );
    assert_eq!(rule.num_calls(), 3);
}

/// The first try took effect and its answer was lost: the client's own second try meets it. The caller
/// must see that, for only the caller can tell its own object from another's.
#[test]
fn a_lost_acknowledgement_shows_as_a_refusal() {
    let rule = mock!(Client::put_object)
        .sequence()
        .http_response(|| answer(500, "InternalError"))
        .http_response(|| answer(412, "PreconditionFailed"))
        .build();
    let error = store(&[&rule]).put_if_absent(&key("a"), "1").unwrap_err();
    assert!(
        matches!(error, StoreError::AlreadyExists { .. }),
        "{error:?}"
    );
}

#[test]
fn a_failed_part_drops_the_whole_upload() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large");
    std::fs::write(&file, vec![7; 17 << 20]).unwrap();
    let begin = mock!(Client::create_multipart_upload).then_output(|| {
        CreateMultipartUploadOutput::builder()
            .upload_id("upload-1")
            .build()
    });
    let first = mock!(Client::upload_part)
        .match_requests(|request| request.part_number() == Some(1))
        .then_output(|| UploadPartOutput::builder().e_tag("\"p1\"").build());
    let second = mock!(Client::upload_part)
        .match_requests(|request| request.part_number() == Some(2))
        .then_http_response(|| answer(403, "AccessDenied"));
    let abort = mock!(Client::abort_multipart_upload)
        .match_requests(|request| request.upload_id() == Some("upload-1"))
        .then_output(|| AbortMultipartUploadOutput::builder().build());
    let rules = [&begin, &first, &second, &abort];
    let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
    for rule in rules {
        answers = answers.with_rule(rule);
    }
    let store = store_with(answers);
    let error = store.put_file(&key("a"), &file).unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert_eq!(abort.num_calls(), 1);
}
