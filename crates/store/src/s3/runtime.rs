//! Lets plain threads wait for asynchronous calls.

use std::future::Future;
use std::sync::{OnceLock, mpsc};

use tokio::runtime::{Builder, Runtime};

fn runtime() -> Result<&'static Runtime, String> {
    static RUNTIME: OnceLock<Result<Runtime, String>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| {
        let mut builder = Builder::new_multi_thread();
        builder
            .worker_threads(2)
            .thread_name("store-s3")
            .enable_all();
        builder
            .build()
            .map_err(|error| format!("the threads for S3 could not be started: {error}"))
    });
    made.as_ref().map_err(Clone::clone)
}

/// Runs `call` on the threads for S3 and waits for it. Unlike `block_on` this is allowed on every
/// thread, also on one of another runtime.
pub(super) fn wait<T: Send + 'static>(
    call: impl Future<Output = T> + Send + 'static,
) -> Result<T, String> {
    let (sender, receiver) = mpsc::sync_channel(1);
    runtime()?.spawn(async move {
        // The receiver waits below for as long as this runs.
        let _sent = sender.send(call.await);
    });
    receiver
        .recv()
        .map_err(|_| "the call was broken off by an error in this program".to_owned())
}
