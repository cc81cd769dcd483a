//! Ranges and listings.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::Object as ListedObject;
use aws_smithy_mocks::{Rule, mock};

use super::{answer, key, store};
use crate::{Etag, StoreError};

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
