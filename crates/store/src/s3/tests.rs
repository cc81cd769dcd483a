//! The real client against made-up answers: what each of them means to a caller.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod conditions;
mod hidden;
mod reading;

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_mocks::{MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock};

use super::S3Backend;
use crate::{Key, Store, StoreError};

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
