//! The real client against made-up answers: what each of them means to a caller.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::operation::abort_multipart_upload::AbortMultipartUploadOutput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::operation::upload_part::UploadPartOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object as ListedObject;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock};

use super::S3Backend;
use crate::{Etag, Hidden, Key, OlderVersions, Store, StoreError};

fn store(rules: &[&Rule]) -> Store {
    let mut answers = MockResponseInterceptor::new().rule_mode(RuleMode::Sequential);
    for rule in rules {
        answers = answers.with_rule(rule);
    }
    store_with(answers)
}

fn store_with(answers: MockResponseInterceptor) -> Store {
    let retries = RetryConfig::standard()
        .with_max_attempts(3)
        .with_initial_backoff(Duration::from_millis(1));
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(retries)
        .sleep_impl(aws_sdk_s3::config::SharedAsyncSleep::new(Tokio))
        .http_client(create_mock_http_client())
        .interceptor(answers);
    let mut backend = S3Backend::new("bucket".to_owned(), Some(key("prefix")));
    backend.own_client = Some(Client::from_conf(config.build()));
    Store::from_backend(backend)
}

/// Named, so that the tests do not depend on which runtime the client's own features choose.
#[derive(Debug)]
struct Tokio;

impl aws_sdk_s3::config::AsyncSleep for Tokio {
    fn sleep(&self, duration: Duration) -> aws_sdk_s3::config::Sleep {
        aws_sdk_s3::config::Sleep::new(tokio::time::sleep(duration))
    }
}

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn answer(status: u16, code: &str) -> HttpResponse {
    let body = match code {
        "" => String::new(),
        code => format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>told so</Message></Error>"
        ),
    };
    HttpResponse::new(status.try_into().unwrap(), body.into())
}

/// What every verb that can meet it makes of an answer that is repeated for as long as it asks.
fn get_with(status: u16, code: &'static str) -> StoreError {
    let rule = mock!(Client::get_object)
        .sequence()
        .http_response(move || answer(status, code))
        .repeatedly()
        .build();
    store(&[&rule]).get(&key("a")).unwrap_err()
}

fn put_rule(status: u16, code: &'static str) -> Rule {
    mock!(Client::put_object)
        .sequence()
        .http_response(move || answer(status, code))
        .repeatedly()
        .build()
}

#[test]
fn each_answer_has_its_name() {
    for (status, code, name) in [
        (404, "NoSuchKey", "StoreObjectNotFound"),
        (404, "NoSuchBucket", "StoreBucketMissing"),
        (403, "AccessDenied", "StoreAccessDenied"),
        (403, "InvalidAccessKeyId", "StoreAccessDenied"),
        (403, "SignatureDoesNotMatch", "StoreAccessDenied"),
        (400, "ExpiredToken", "StoreAccessDenied"),
        (503, "SlowDown", "StoreUnavailable"),
        (500, "InternalError", "StoreUnavailable"),
        (503, "", "StoreUnavailable"),
        (502, "", "StoreUnavailable"),
        (429, "TooManyRequests", "StoreUnavailable"),
        (400, "RequestTimeout", "StoreUnavailable"),
        (507, "StorageFull", "StoreFull"),
        (400, "KeyTooLongError", "StoreKeyInvalid"),
        (400, "InvalidRequest", "StoreFailed"),
        (301, "PermanentRedirect", "StoreFailed"),
    ] {
        let error = get_with(status, code);
        assert_eq!(error.name(), name, "{status} {code}: {error}");
        assert!(
            error.to_string().contains("s3://bucket/prefix/a"),
            "{error}"
        );
        assert_eq!(error.is_transient(), name == "StoreUnavailable", "{error}");
    }
}

#[test]
fn a_message_carries_what_the_endpoint_said() {
    let error = get_with(403, "AccessDenied").to_string();
    assert!(error.contains("AccessDenied: told so, HTTP 403"), "{error}");
    let error = get_with(404, "NoSuchBucket").to_string();
    assert!(error.contains("bucket 'bucket'"), "{error}");
}

#[test]
fn a_head_without_a_body_is_understood() {
    for (status, name) in [
        (404, "StoreObjectNotFound"),
        (403, "StoreAccessDenied"),
        (503, "StoreUnavailable"),
    ] {
        let rule = mock!(Client::head_object)
            .sequence()
            .http_response(move || answer(status, ""))
            .repeatedly()
            .build();
        assert_eq!(store(&[&rule]).head(&key("a")).unwrap_err().name(), name);
    }
}

#[test]
fn a_busy_endpoint_is_asked_again() {
    let rule = mock!(Client::get_object)
        .sequence()
        .http_response(|| answer(503, "SlowDown"))
        .times(2)
        .output(|| {
            GetObjectOutput::builder()
                .e_tag("\"1\"")
                .content_length(2)
                .body(ByteStream::from_static(b"ok"))
                .build()
        })
        .build();
    assert_eq!(store(&[&rule]).get(&key("a")).unwrap().bytes, "ok");
    assert_eq!(rule.num_calls(), 3);
}

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

fn ranged(etag: &'static str) -> Rule {
    mock!(Client::get_object)
        .match_requests(|request| {
            request.if_match() == Some("\"1\"") && request.range() == Some("bytes=2-4")
        })
        .then_output(move || {
            GetObjectOutput::builder()
                .e_tag(etag)
                .content_length(3)
                .body(ByteStream::from_static(b"234"))
                .build()
        })
}

#[test]
fn a_range_of_a_state_is_asked_for_with_its_tag() {
    let first = Etag::new("\"1\"");
    let read = |rule: &Rule| store(&[rule]).read_range_if_unchanged(&key("a"), 2..5, &first);
    assert_eq!(read(&ranged("\"1\"")).unwrap(), "234");
    let rule = mock!(Client::get_object)
        .match_requests(|request| request.if_match() == Some("\"1\""))
        .then_http_response(|| answer(412, "PreconditionFailed"));
    assert_eq!(read(&rule).unwrap_err().name(), "StoreObjectChanged");
    // An endpoint that does not know the condition gives what is there now.
    assert_eq!(
        read(&ranged("\"2\"")).unwrap_err().name(),
        "StoreObjectChanged"
    );
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
fn a_range_is_asked_for_inclusively_and_its_refusal_named() {
    let rule = mock!(Client::get_object)
        .match_requests(|request| request.range() == Some("bytes=2-4"))
        .then_output(|| {
            GetObjectOutput::builder()
                .e_tag("\"1\"")
                .content_length(3)
                .body(ByteStream::from_static(b"234"))
                .build()
        });
    assert_eq!(store(&[&rule]).read_range(&key("a"), 2..5).unwrap(), "234");
    let rule = mock!(Client::get_object).then_http_response(|| answer(416, "InvalidRange"));
    let error = store(&[&rule]).read_range(&key("a"), 2..5).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::InvalidRange {
                start: 2,
                end: 5,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn a_short_answer_is_not_taken_for_the_object() {
    let rule = mock!(Client::get_object).then_output(|| {
        GetObjectOutput::builder()
            .e_tag("\"1\"")
            .content_length(10)
            .body(ByteStream::from_static(b"234"))
            .build()
    });
    let error = store(&[&rule]).get(&key("a")).unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(error.to_string().contains("only 3 of 10 bytes"), "{error}");
}

#[test]
fn an_answer_that_is_not_s3s_is_an_error_and_no_panic() {
    for body in [
        "",
        "<html>",
        "<ListBucketResult><Contents><Key>prefix/a</Key></Contents></ListBucketResult>",
    ] {
        let rule = mock!(Client::list_objects_v2)
            .then_http_response(move || HttpResponse::new(200.try_into().unwrap(), body.into()));
        assert!(store(&[&rule]).list("").is_err(), "{body}");
    }
    let rule = mock!(Client::put_object).then_output(|| PutObjectOutput::builder().build());
    assert_eq!(
        store(&[&rule]).put(&key("a"), "1").unwrap_err().name(),
        "StoreFailed"
    );
}

#[test]
fn a_listing_follows_every_page_and_hides_the_prefix() {
    let listed = |name: &str| {
        ListedObject::builder()
            .key(name)
            .size(1)
            .e_tag("\"1\"")
            .build()
    };
    let first = mock!(Client::list_objects_v2)
        .match_requests(|request| {
            request.prefix() == Some("prefix/a") && request.continuation_token().is_none()
        })
        .then_output(move || {
            let page = ListObjectsV2Output::builder()
                .is_truncated(true)
                .next_continuation_token("more");
            page.contents(listed("prefix/a2"))
                .contents(listed("prefix/a/"))
                .contents(listed("prefix/a b"))
                .build()
        });
    let second = mock!(Client::list_objects_v2)
        .match_requests(|request| request.continuation_token() == Some("more"))
        .then_output(move || {
            ListObjectsV2Output::builder()
                .contents(listed("prefix/a1"))
                .build()
        });
    let found = store(&[&first, &second]).list("a").unwrap();
    let names: Vec<&str> = found.iter().map(|info| info.key.as_str()).collect();
    assert_eq!(
        names,
        ["a1", "a2"],
        "sorted, and without what cannot be a key"
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

#[test]
fn a_key_that_is_too_long_with_the_prefix_is_refused_before_any_call() {
    let long = key(&["a"; 500].join("/"));
    let backend = S3Backend::new("bucket".to_owned(), Some(key(&"p".repeat(100))));
    assert_eq!(
        Store::from_backend(backend).get(&long).unwrap_err().name(),
        "StoreKeyInvalid"
    );
}

/// Blocking calls must not panic on a thread of somebody else's runtime.
#[test]
fn a_call_from_asynchronous_code_works() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let error = runtime.block_on(async { get_with(404, "NoSuchKey") });
    assert!(matches!(error, StoreError::NotFound { .. }));
}

#[test]
fn how_long_older_versions_live_is_what_the_bucket_says() {
    use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::GetBucketLifecycleConfigurationOutput;
    use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
    use aws_sdk_s3::types::{
        BucketVersioningStatus, ExpirationStatus, LifecycleRule, LifecycleRuleFilter,
        NoncurrentVersionExpiration,
    };
    let versioned = |status: Option<BucketVersioningStatus>| {
        mock!(Client::get_bucket_versioning).then_output(move || {
            GetBucketVersioningOutput::builder()
                .set_status(status.clone())
                .build()
        })
    };
    let rule = |days: i32, prefix: &str, status: ExpirationStatus| {
        let expiration = NoncurrentVersionExpiration::builder().noncurrent_days(days);
        LifecycleRule::builder()
            .status(status)
            .filter(LifecycleRuleFilter::builder().prefix(prefix).build())
            .noncurrent_version_expiration(expiration.build())
            .build()
            .unwrap()
    };
    let rules = |rules: Vec<LifecycleRule>| {
        mock!(Client::get_bucket_lifecycle_configuration).then_output(move || {
            GetBucketLifecycleConfigurationOutput::builder()
                .set_rules(Some(rules.clone()))
                .build()
        })
    };
    let enabled = || versioned(Some(BucketVersioningStatus::Enabled));
    let of = |first: &Rule, second: &Rule| store(&[first, second]).older_versions();
    let whole = rule(30, "", ExpirationStatus::Enabled);
    let disabled = rule(1, "", ExpirationStatus::Disabled);
    let elsewhere = rule(2, "other/", ExpirationStatus::Enabled);
    assert_eq!(
        store(&[&versioned(None)]).older_versions(),
        OlderVersions::NotKept
    );
    let kept = rules(vec![whole, disabled.clone(), elsewhere.clone()]);
    assert_eq!(of(&enabled(), &kept), OlderVersions::Days(30));
    let none = rules(vec![disabled, elsewhere]);
    assert_eq!(of(&enabled(), &none), OlderVersions::ForEver);
    let no_rules = mock!(Client::get_bucket_lifecycle_configuration)
        .then_http_response(|| answer(404, "NoSuchLifecycleConfiguration"));
    assert_eq!(of(&enabled(), &no_rules), OlderVersions::ForEver);
    let denied =
        mock!(Client::get_bucket_versioning).then_http_response(|| answer(403, "AccessDenied"));
    assert!(matches!(
        store(&[&denied]).older_versions(),
        OlderVersions::Unknown(why) if why.contains("refused")
    ));
}

#[test]
fn uploads_that_did_not_end_and_names_that_are_no_keys_are_told() {
    use aws_sdk_s3::operation::list_multipart_uploads::ListMultipartUploadsOutput;
    use aws_sdk_s3::types::MultipartUpload;
    let uploads = mock!(Client::list_multipart_uploads).then_output(|| {
        ListMultipartUploadsOutput::builder()
            .uploads(MultipartUpload::builder().key("prefix/a").build())
            .build()
    });
    let objects = mock!(Client::list_objects_v2).then_output(|| {
        let object = |key: &str| ListedObject::builder().key(key).build();
        ListObjectsV2Output::builder()
            .contents(object("prefix/good.parquet"))
            .contents(object("prefix/my file.parquet"))
            .build()
    });
    let found = store(&[&uploads, &objects]).hidden(true).unwrap();
    let expected = [
        Hidden::Upload {
            uri: "s3://bucket/prefix/a".into(),
            begun: String::new(),
        },
        Hidden::Unnameable {
            uri: "s3://bucket/prefix/my file.parquet".into(),
            path: None,
        },
    ];
    assert_eq!(found, expected);
}
