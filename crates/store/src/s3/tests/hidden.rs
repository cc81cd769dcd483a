//! What no listing of objects shows.

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::Object as ListedObject;
use aws_smithy_mocks::{Rule, mock};

use super::{answer, store};
use crate::{Hidden, OlderVersions};

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
