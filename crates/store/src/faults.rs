//! A store that misbehaves on purpose, so that tests can show that nothing is lost when a real one does.

use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use crate::backend::{Backend, Condition};
use crate::{Etag, Hidden, Key, Object, ObjectInfo, OlderVersions, StoreError};

/// What a caller is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    Get,
    ReadRange,
    Head,
    Put,
    PutIfAbsent,
    ReplaceIfUnchanged,
    PutFile,
    PutFileIfAbsent,
    /// The key is that of the copy.
    Copy,
    List,
    Delete,
}

impl Verb {
    /// Whether the verb can change the store.
    pub fn writes(self) -> bool {
        !matches!(self, Self::Get | Self::ReadRange | Self::Head | Self::List)
    }
}

/// One call, as a plan of faults sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub verb: Verb,
    /// The key, or for `List` the prefix.
    pub key: String,
    /// Counts the calls of this store from 0, over all its clones.
    pub number: u64,
}

/// What goes wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// `Unavailable`, and nothing was done.
    ErrorBefore,
    /// It was done, but the acknowledgement is lost: `Unavailable`.
    ErrorAfter,
    /// A read gives at most so many bytes, and no error. Other verbs are not touched.
    Truncate(u64),
    /// It works, later.
    Slow(Duration),
    /// A conditional write is refused as if another writer had been quicker, though nothing is there: what
    /// the other wrote is gone again. Other verbs are not touched.
    LostRace,
    /// The process dies before the call: this and every later call give `Crashed`.
    CrashBefore,
    /// The process dies after the effect: this and every later call give `Crashed`.
    CrashAfter,
}

type Plan = Box<dyn Fn(&Operation) -> Fault + Send + Sync>;

pub(crate) struct FaultyBackend {
    inner: Arc<dyn Backend>,
    plan: Plan,
    next_number: AtomicU64,
    crashed: AtomicBool,
    /// Instead of the inner store's own.
    uri: Option<String>,
}

impl FaultyBackend {
    pub(crate) fn new(inner: Arc<dyn Backend>, plan: Plan) -> Self {
        Self {
            inner,
            plan,
            next_number: AtomicU64::new(0),
            crashed: AtomicBool::new(false),
            uri: None,
        }
    }

    /// As a memory store of that name.
    pub(crate) fn found_at(mut self, name: &str) -> Self {
        self.uri = Some(format!("memory:{name}"));
        self
    }

    /// `uri` is that of the object; `act` is the call itself.
    fn perform<T>(
        &self,
        verb: Verb,
        key: &str,
        act: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<(T, Option<u64>), StoreError> {
        let uri = format!("{}/{key}", self.uri());
        if self.crashed.load(Ordering::SeqCst) {
            return Err(StoreError::Crashed { uri });
        }
        let number = self.next_number.fetch_add(1, Ordering::SeqCst);
        let fault = (self.plan)(&Operation {
            verb,
            key: key.to_owned(),
            number,
        });
        match fault {
            Fault::None => act().map(|value| (value, None)),
            Fault::ErrorBefore => Err(unavailable(uri, "an injected fault before the effect")),
            Fault::ErrorAfter => {
                act().and_then(|_| Err(unavailable(uri, "an injected fault: the answer was lost")))
            }
            Fault::Truncate(bytes) => act().map(|value| (value, Some(bytes))),
            Fault::Slow(delay) => {
                std::thread::sleep(delay);
                act().map(|value| (value, None))
            }
            Fault::LostRace => match verb {
                Verb::PutIfAbsent | Verb::PutFileIfAbsent => Err(StoreError::AlreadyExists { uri }),
                Verb::ReplaceIfUnchanged => Err(StoreError::Changed { uri }),
                _ => act().map(|value| (value, None)),
            },
            Fault::CrashBefore => {
                self.crashed.store(true, Ordering::SeqCst);
                Err(StoreError::Crashed { uri })
            }
            Fault::CrashAfter => {
                // Whatever the call says, the process is gone before it can hear it.
                let _unheard = act();
                self.crashed.store(true, Ordering::SeqCst);
                Err(StoreError::Crashed { uri })
            }
        }
    }

    fn perform_whole<T>(
        &self,
        verb: Verb,
        key: &str,
        act: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.perform(verb, key, act).map(|(value, _)| value)
    }
}

fn unavailable(uri: String, detail: &str) -> StoreError {
    StoreError::Unavailable {
        uri,
        detail: detail.to_owned(),
    }
}

fn cut(bytes: Bytes, limit: Option<u64>) -> Bytes {
    let limit = limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    bytes.slice(..limit.min(bytes.len()))
}

/// There is no local path here, for reads and writes through it would meet no faults.
impl Backend for FaultyBackend {
    fn uri(&self) -> String {
        self.uri.clone().unwrap_or_else(|| self.inner.uri())
    }

    fn object_uri(&self, key: &Key) -> String {
        match &self.uri {
            Some(uri) => format!("{uri}/{key}"),
            None => self.inner.object_uri(key),
        }
    }

    fn get(&self, key: &Key) -> Result<Object, StoreError> {
        let (object, limit) = self.perform(Verb::Get, key.as_str(), || self.inner.get(key))?;
        Ok(Object {
            bytes: cut(object.bytes, limit),
            etag: object.etag,
        })
    }

    fn read_range(
        &self,
        key: &Key,
        range: Range<u64>,
        expected: Option<&Etag>,
    ) -> Result<Bytes, StoreError> {
        let (bytes, limit) = self.perform(Verb::ReadRange, key.as_str(), || {
            self.inner.read_range(key, range, expected)
        })?;
        Ok(cut(bytes, limit))
    }

    fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError> {
        self.perform_whole(Verb::Head, key.as_str(), || self.inner.head(key))
    }

    fn put(&self, key: &Key, bytes: Bytes, condition: Condition) -> Result<Etag, StoreError> {
        let verb = match condition {
            Condition::Always => Verb::Put,
            Condition::Absent => Verb::PutIfAbsent,
            Condition::Unchanged(_) => Verb::ReplaceIfUnchanged,
        };
        self.perform_whole(verb, key.as_str(), || self.inner.put(key, bytes, condition))
    }

    fn put_file(&self, key: &Key, file: &Path, condition: Condition) -> Result<Etag, StoreError> {
        let verb = match condition {
            Condition::Absent => Verb::PutFileIfAbsent,
            Condition::Always | Condition::Unchanged(_) => Verb::PutFile,
        };
        self.perform_whole(verb, key.as_str(), || {
            self.inner.put_file(key, file, condition)
        })
    }

    fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError> {
        self.perform_whole(Verb::Copy, to.as_str(), || self.inner.copy(from, to))
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        self.perform_whole(Verb::List, prefix, || self.inner.list(prefix))
    }

    fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.perform_whole(Verb::Delete, key.as_str(), || self.inner.delete(key))
    }

    fn hidden(&self, remove_abandoned: bool) -> Result<Vec<Hidden>, StoreError> {
        self.inner.hidden(remove_abandoned)
    }

    fn older_versions(&self) -> OlderVersions {
        self.inner.older_versions()
    }
}

impl fmt::Debug for FaultyBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FaultyBackend")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::Store;
    use std::time::Instant;

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    /// A sound store with one object, and a handle on it whose first call meets `fault`.
    fn first_call(fault: Fault) -> (Store, Store) {
        let sound = Store::memory();
        sound.put(&key("old"), "12345").unwrap();
        let plan = move |operation: &Operation| {
            if operation.number == 0 {
                fault.clone()
            } else {
                Fault::None
            }
        };
        (sound.clone(), sound.with_faults(plan))
    }

    #[test]
    fn an_error_before_does_nothing_and_an_error_after_does_it() {
        for (fault, done) in [(Fault::ErrorBefore, false), (Fault::ErrorAfter, true)] {
            let (sound, faulty) = first_call(fault);
            let error = faulty.put_if_absent(&key("new"), "x").unwrap_err();
            assert!(error.is_transient(), "{error}");
            assert_eq!(sound.get(&key("new")).is_ok(), done);
            let again = faulty.put_if_absent(&key("new"), "x");
            assert_eq!(
                again.is_ok(),
                !done,
                "the caller's second try meets its own first one"
            );
        }
    }

    #[test]
    fn a_failure_of_the_store_itself_is_told_rather_than_a_lost_answer() {
        let (_, faulty) = first_call(Fault::ErrorAfter);
        assert!(matches!(
            faulty.put_if_absent(&key("old"), "x"),
            Err(StoreError::AlreadyExists { .. })
        ));
    }

    #[test]
    fn a_lost_race_writes_nothing_and_only_conditional_writes_can_lose() {
        let (sound, faulty) = first_call(Fault::LostRace);
        let error = faulty.put_if_absent(&key("new"), "x").unwrap_err();
        assert_eq!(error.name(), "StoreObjectAlreadyExists");
        assert!(sound.get(&key("new")).is_err());
        let (sound, faulty) = first_call(Fault::LostRace);
        let etag = sound.get(&key("old")).unwrap().etag;
        let error = faulty
            .replace_if_unchanged(&key("old"), "x", &etag)
            .unwrap_err();
        assert_eq!(error.name(), "StoreObjectChanged");
        assert_eq!(sound.get(&key("old")).unwrap().bytes, "12345");
        let (sound, faulty) = first_call(Fault::LostRace);
        faulty.put(&key("new"), "x").unwrap();
        assert!(sound.get(&key("new")).is_ok());
    }

    #[test]
    fn a_named_store_with_faults_is_found_by_its_uri_until_another_takes_the_name() {
        let (sound, _) = first_call(Fault::None);
        let unavailable = sound
            .clone()
            .with_faults_as("faulty", |_| Fault::ErrorBefore);
        let found = Store::open(&unavailable.uri()).unwrap();
        assert_eq!(found.object_uri(&key("old")), "memory:faulty/old");
        assert!(found.get(&key("old")).unwrap_err().is_transient());
        let _working = sound.with_faults_as("faulty", |_| Fault::None);
        let found = Store::open(&unavailable.uri()).unwrap();
        assert_eq!(found.get(&key("old")).unwrap().bytes, "12345");
    }

    #[test]
    fn truncated_reads_are_silent_and_writes_are_not_truncated() {
        let (sound, faulty) = first_call(Fault::Truncate(2));
        let object = faulty.get(&key("old")).unwrap();
        assert_eq!(object.bytes, "12");
        assert_eq!(object.etag, sound.get(&key("old")).unwrap().etag);
        assert_eq!(faulty.get(&key("old")).unwrap().bytes, "12345");
        let (_, faulty) = first_call(Fault::Truncate(2));
        assert_eq!(faulty.read_range(&key("old"), 1..5).unwrap(), "23");
        let (sound, faulty) = first_call(Fault::Truncate(2));
        faulty.put(&key("new"), "12345").unwrap();
        assert_eq!(sound.get(&key("new")).unwrap().bytes, "12345");
    }

    #[test]
    fn after_a_crash_every_clone_is_dead_but_not_the_store() {
        for (fault, done) in [(Fault::CrashBefore, false), (Fault::CrashAfter, true)] {
            let (sound, faulty) = first_call(fault);
            let clone = faulty.clone();
            assert!(matches!(
                faulty.put(&key("new"), "x"),
                Err(StoreError::Crashed { .. })
            ));
            assert!(matches!(
                clone.get(&key("old")),
                Err(StoreError::Crashed { .. })
            ));
            assert!(matches!(faulty.list(""), Err(StoreError::Crashed { .. })));
            assert_eq!(sound.get(&key("new")).is_ok(), done);
        }
    }

    #[test]
    fn a_slow_call_works_later() {
        let (_, faulty) = first_call(Fault::Slow(Duration::from_millis(30)));
        let start = Instant::now();
        assert_eq!(faulty.get(&key("old")).unwrap().bytes, "12345");
        assert!(start.elapsed() >= Duration::from_millis(30));
    }

    #[test]
    fn the_plan_sees_verb_key_and_number_of_each_call() {
        let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        let store = Store::memory().with_faults(move |operation| {
            record
                .lock()
                .unwrap()
                .push((operation.verb, operation.key.clone(), operation.number));
            Fault::None
        });
        let etag = store.put(&key("a/b"), "1").unwrap();
        store
            .clone()
            .replace_if_unchanged(&key("a/b"), "2", &etag)
            .unwrap();
        store.list("a/").unwrap();
        let expected = [
            (Verb::Put, "a/b".to_owned(), 0),
            (Verb::ReplaceIfUnchanged, "a/b".to_owned(), 1),
            (Verb::List, "a/".to_owned(), 2),
        ];
        assert_eq!(*seen.lock().unwrap(), expected);
        assert!(Verb::Put.writes() && !Verb::List.writes());
    }
}
