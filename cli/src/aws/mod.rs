//! Runs on AWS: an execution is started, followed to its end, and explained when it fails.

mod container;
mod events;
mod execution;
mod logs;
mod machine;

use std::error::Error;
use std::future::Future;

use aws_sdk_sfn::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use tokio::runtime::Runtime;

use crate::failure::Failure;

pub use container::Explained;
pub use execution::{Ended, Started};

/// The services that a run is started and watched with.
#[derive(Debug)]
pub struct Aws {
    runtime: Runtime,
    states: aws_sdk_sfn::Client,
    containers: aws_sdk_ecs::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
}

impl Aws {
    pub fn connect() -> Result<Aws, Failure> {
        let config = millrace_store::aws_config()
            .map_err(|detail| Failure::new("AwsUnavailable", detail))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new("AwsUnavailable", error.to_string()))?;
        Ok(Aws {
            runtime,
            states: aws_sdk_sfn::Client::new(&config),
            containers: aws_sdk_ecs::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
        })
    }

    fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }
}

/// An error of a service under its own name, or that the service could not be asked.
fn failed<E>(what: &str, error: &SdkError<E>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error.code() {
        Some(code) => Failure::new(code, format!("{what}: {}", error.message().unwrap_or(code))),
        None => Failure::new(
            "AwsUnavailable",
            format!("{what}: {}", DisplayErrorContext(error)),
        ),
    }
}
