//! The one S3 client of a process, made when the first object is asked for, and what others of AWS are
//! made from.

use std::env;
use std::sync::OnceLock;
use std::time::Duration;

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedHttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::runtime;

/// Addresses another place than AWS, such as an emulator: for S3 alone, and for everything. The first that is
/// set counts.
const S3_ENDPOINT: &str = "AWS_ENDPOINT_URL_S3";
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
/// What emulators expect; they have no regions, so nobody should have to choose one.
const REGION_OF_ENDPOINTS: &str = "us-east-1";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the request to the first byte of the answer: a part of a large file must go up in this time.
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 4;

pub(super) fn shared() -> Result<Client, String> {
    static CLIENT: OnceLock<Result<Client, String>> = OnceLock::new();
    CLIENT
        .get_or_init(|| runtime::wait(connect(endpoint(&[S3_ENDPOINT, ENDPOINT]))))
        .clone()
}

/// What a client of any service is made from: credentials, region, TLS, patience, and where it is.
pub fn aws_config() -> Result<SdkConfig, String> {
    runtime::wait(async { config(endpoint(&[ENDPOINT]).as_deref()).await })
}

/// Why the files of credentials were not read, where that is for want of a variable: the SDK says nothing of it.
pub(super) fn missing_home() -> Option<&'static str> {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    (!["HOME", "AWS_SHARED_CREDENTIALS_FILE"].into_iter().any(is_set)).then_some(
        "neither HOME nor AWS_SHARED_CREDENTIALS_FILE is set, so that no file of credentials was read; ",
    )
}

fn endpoint(variables: &[&str]) -> Option<String> {
    let set = variables
        .iter()
        .find_map(|name| env::var(name).ok().filter(|value| !value.is_empty()));
    set.map(|value| value.trim().to_owned())
}

async fn connect(endpoint: Option<String>) -> Client {
    let shared = config(endpoint.as_deref()).await;
    let mut config = aws_sdk_s3::config::Builder::from(&shared);
    if let Some(url) = &endpoint {
        config = config.endpoint_url(url);
    }
    // Names of buckets as host names are known to AWS only. A profile may set an endpoint as well.
    let is_elsewhere = endpoint.is_some() || shared.endpoint_url().is_some();
    Client::from_conf(config.force_path_style(is_elsewhere).build())
}

async fn config(endpoint: Option<&str>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(endpoint))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    if endpoint.is_some()
        && env::var_os("AWS_REGION").is_none()
        && env::var_os("AWS_DEFAULT_REGION").is_none()
    {
        // Without this the SDK would ask the metadata service of a machine that may not be in AWS.
        loader = loader.region(Region::new(REGION_OF_ENDPOINTS));
    } else {
        loader = loader.region(DefaultRegionChain::builder().build());
    }
    loader.load().await
}

/// TLS needs the machine's certificates, which takes time to load: not for a plain endpoint.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let builder = aws_smithy_http_client::Builder::new();
    if endpoint.is_some_and(|url| url.starts_with("http://")) {
        return builder.build_http();
    }
    builder
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https()
}
