//! A store in memory: for tests, and for runs that shall leave nothing behind.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::ops::{Bound, Range};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;

use crate::backend::{Backend, Condition, beyond_end, local_file_error};
use crate::{Etag, Key, Object, ObjectInfo, StoreError, regular};

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(1);
/// So that a memory store can be opened again by its URI, as stages do.
static NAMED: LazyLock<Mutex<HashMap<String, Weak<dyn Backend>>>> = LazyLock::new(Mutex::default);

#[derive(Debug)]
pub(crate) struct MemoryBackend {
    name: String,
    objects: Mutex<BTreeMap<Key, Object>>,
}

/// A panic elsewhere cannot leave a map half changed: each change is one insert or remove.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryBackend {
    fn named(name: String) -> Self {
        Self {
            name,
            objects: Mutex::default(),
        }
    }

    /// The store of that name, or a new one. An empty name always gives a new one.
    pub(crate) fn open(name: &str) -> Arc<dyn Backend> {
        let mut named = lock(&NAMED);
        named.retain(|_, store| store.strong_count() > 0);
        if let Some(found) = named.get(name).and_then(Weak::upgrade) {
            return found;
        }
        let name = match name {
            "" => loop {
                let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
                let candidate = format!("unnamed-{number}");
                if !named.contains_key(&candidate) {
                    break candidate;
                }
            },
            given => given.to_owned(),
        };
        let made: Arc<dyn Backend> = Arc::new(Self::named(name.clone()));
        named.insert(name, Arc::downgrade(&made));
        made
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<Key, Object>> {
        lock(&self.objects)
    }

    fn find(&self, key: &Key) -> Result<Object, StoreError> {
        let found = self.objects().get(key).cloned();
        found.ok_or_else(|| StoreError::NotFound {
            uri: self.object_uri(key),
        })
    }
}

/// From now on, and while a handle on it lives, this store is what `memory:name` opens.
pub(crate) fn name(name: &str, store: &Arc<dyn Backend>) {
    lock(&NAMED).insert(name.to_owned(), Arc::downgrade(store));
}

fn info(key: &Key, object: &Object) -> ObjectInfo {
    ObjectInfo {
        key: key.clone(),
        bytes: object.bytes.len() as u64,
        etag: object.etag.clone(),
    }
}

impl Backend for MemoryBackend {
    fn uri(&self) -> String {
        format!("memory:{}", self.name)
    }

    fn get(&self, key: &Key) -> Result<Object, StoreError> {
        self.find(key)
    }

    fn read_range(
        &self,
        key: &Key,
        range: Range<u64>,
        expected: Option<&Etag>,
    ) -> Result<Bytes, StoreError> {
        let Object { bytes, etag } = self.find(key)?;
        if expected.is_some_and(|expected| *expected != etag) {
            return Err(StoreError::Changed {
                uri: self.object_uri(key),
            });
        }
        let size = bytes.len() as u64;
        if range.start >= size {
            return Err(beyond_end(self.object_uri(key), &range, Some(size)));
        }
        // Both fit: they are at most the length of something in memory.
        Ok(bytes.slice(range.start as usize..range.end.min(size) as usize))
    }

    fn head(&self, key: &Key) -> Result<ObjectInfo, StoreError> {
        Ok(info(key, &self.find(key)?))
    }

    fn put(&self, key: &Key, bytes: Bytes, condition: Condition) -> Result<Etag, StoreError> {
        let etag = Etag::of_content(&bytes);
        let mut objects = self.objects();
        let current = objects.get(key).map(|object| &object.etag);
        match condition {
            Condition::Absent if current.is_some() => {
                return Err(StoreError::AlreadyExists {
                    uri: self.object_uri(key),
                });
            }
            Condition::Unchanged(expected) if current != Some(&expected) => {
                return Err(StoreError::Changed {
                    uri: self.object_uri(key),
                });
            }
            _ => {}
        }
        objects.insert(
            key.clone(),
            Object {
                bytes,
                etag: etag.clone(),
            },
        );
        Ok(etag)
    }

    fn copy(&self, from: &ObjectInfo, to: &Key) -> Result<Etag, StoreError> {
        let found = self.get(&from.key)?;
        if found.etag != from.etag {
            return Err(StoreError::Changed {
                uri: self.object_uri(&from.key),
            });
        }
        self.put(to, found.bytes, Condition::Always)
    }

    fn put_file(&self, key: &Key, file: &Path, condition: Condition) -> Result<Etag, StoreError> {
        let mut bytes = Vec::new();
        let read = regular::open(file).and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| local_file_error(file, &error))?;
        self.put(key, bytes.into(), condition)
    }

    fn list(&self, prefix: &str) -> Result<Vec<ObjectInfo>, StoreError> {
        let objects = self.objects();
        let from_prefix = objects.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        let matching = from_prefix.take_while(|(key, _)| key.as_str().starts_with(prefix));
        Ok(matching.map(|(key, object)| info(key, object)).collect())
    }

    fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.objects().remove(key);
        Ok(())
    }
}
