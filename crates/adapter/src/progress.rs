//! Progress of a container: lines of JSON on standard output and a small document in the run's folder,
//! neither more often than is useful.

use std::io::{self, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use millrace_contract::stages::{Listener, Progress};
use millrace_store::{Key, Store};

use crate::container::STOPPED;

/// How many seconds lie between two lines; whoever watches live asks for less than the default.
pub const INTERVAL: &str = "MILLRACE_PROGRESS_SECONDS";
const DEFAULT_SECONDS: f64 = 10.0;
/// The document is not written more often than this.
const DOCUMENT_SECONDS: f64 = 5.0;

/// Writes what it hears to the log and to the run's folder.
#[derive(Debug)]
pub struct ProgressLog {
    store: Store,
    key: Option<Key>,
    interval: Duration,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    line: Option<Instant>,
    document: Option<Instant>,
}

impl ProgressLog {
    pub fn new(store: Store, key: Option<Key>) -> ProgressLog {
        let seconds = std::env::var(INTERVAL)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(DEFAULT_SECONDS);
        let interval = Duration::try_from_secs_f64(seconds)
            .unwrap_or(Duration::from_secs_f64(DEFAULT_SECONDS));
        ProgressLog {
            store,
            key,
            interval,
            last: Mutex::default(),
        }
    }
}

impl Listener for ProgressLog {
    fn hear(&self, progress: Progress) {
        let Ok(mut last) = self.last.lock() else {
            return;
        };
        let Ok(line) = serde_json::to_string(&progress) else {
            return;
        };
        let repeats = matches!(progress, Progress::Search { .. } | Progress::Rows { .. });
        if !repeats || due(last.line, self.interval) {
            if writeln!(io::stdout(), "{line}").is_err() {
                // Whoever started it is gone: it would work on for nobody.
                std::process::exit(i32::from(STOPPED));
            }
            last.line = Some(Instant::now());
        }
        if !due(last.document, Duration::from_secs_f64(DOCUMENT_SECONDS)) {
            return;
        }
        if let Some(key) = &self.key {
            last.document = Some(Instant::now());
            // Progress that cannot be written is no reason to stop the work.
            let _ = self.store.put(key, line.into_bytes());
        }
    }
}

fn due(last: Option<Instant>, interval: Duration) -> bool {
    last.is_none_or(|last| last.elapsed() >= interval)
}
