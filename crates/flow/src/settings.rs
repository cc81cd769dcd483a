//! What a caller may set about how a machine runs.

/// Limits and identity of executions. `Settings::default()` is what Millrace uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The most bytes, as JSON, of what passes between states; more raises `States.DataLimitExceeded`.
    /// AWS allows 256 KiB; Millrace passes references only, so 32 KiB is plenty and a good alarm.
    pub message_limit_bytes: usize,
    /// The most events of one execution, as on AWS; more raises `States.Runtime`. It ends endless loops.
    pub event_limit: usize,
    /// The most iterations of one Map that run at once, whatever MaxConcurrency says.
    pub map_concurrency_limit: usize,
    /// The most branches of one Parallel that run at once. With 1 of this and of the iterations a
    /// simulation that is repeated does the same in the same order.
    pub parallel_concurrency_limit: usize,
    /// Makes `$random()` and `$uuid()` repeatable, and moves the jitter of retries. Without it they are
    /// random. The jitter is drawn from the seed, the execution's name, the state and when it was entered.
    pub seed: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            message_limit_bytes: 32 * 1024,
            event_limit: 25_000,
            map_concurrency_limit: 40,
            parallel_concurrency_limit: usize::MAX,
            seed: None,
        }
    }
}
