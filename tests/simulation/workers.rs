//! Many schedules at once, each worker in a world of its own.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::world::World;

/// A number from the environment.
pub fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is not a number")),
    )
}

/// Raises its flag when its thread panics.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

/// Does the work for each item, on as many threads as there are cores. The first panic ends it.
pub fn everywhere<Item: Send>(
    name: &str,
    items: impl IntoIterator<Item = Item, IntoIter: Send>,
    work: impl Fn(&World, Item) + Sync,
) {
    let items = Mutex::new(items.into_iter());
    let has_failed = AtomicBool::new(false);
    let next = || match has_failed.load(Ordering::SeqCst) {
        true => None,
        false => items.lock().unwrap().next(),
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for number in 0..workers {
            let (next, work, has_failed) = (&next, &work, &has_failed);
            scope.spawn(move || {
                let _alarm = Alarm(has_failed);
                let world = World::new(&format!("{name}-{number}"));
                while let Some(item) = next() {
                    work(&world, item);
                }
            });
        }
    });
}
