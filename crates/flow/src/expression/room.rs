//! A stack with room for the parser of expressions, which recurses.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::{io, thread};

/// The parser takes some 7 KB per level: this is room for the worst that the longest expression can hold. Only what
/// is touched is really used.
const STACK_BYTES: usize = 256 * 1024 * 1024;

thread_local! {
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// Does the work on a thread with room: on this one if it has it already, so that a whole machine needs one.
pub(crate) fn with<Answer: Send>(work: impl FnOnce() -> Answer + Send) -> io::Result<Answer> {
    if IS_HERE.get() {
        return Ok(work());
    }
    thread::scope(|threads| {
        let place = thread::Builder::new().stack_size(STACK_BYTES);
        let working = place.spawn_scoped(threads, || {
            IS_HERE.set(true);
            work()
        })?;
        Ok(working.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}
