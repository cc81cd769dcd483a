//! A flag that asks running work to stop, and passes the question up to whoever started it.

use std::sync::atomic::{AtomicBool, Ordering};

/// Asks an execution to stop. Cooperative: a task sees it by [`crate::TaskControl::is_cancelled`].
#[derive(Debug, Default)]
pub struct Stop<'parent> {
    requested: AtomicBool,
    parent: Option<&'parent Stop<'parent>>,
}

impl Stop<'static> {
    pub const fn new() -> Self {
        Self {
            requested: AtomicBool::new(false),
            parent: None,
        }
    }
}

impl<'parent> Stop<'parent> {
    /// A flag for part of the work: it is raised when the parent's is, and not the other way round.
    pub(crate) fn below(parent: &'parent Stop<'parent>) -> Self {
        Self {
            requested: AtomicBool::new(false),
            parent: Some(parent),
        }
    }

    pub fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
    }

    pub fn is_requested(&self) -> bool {
        let mut stop = Some(self);
        while let Some(current) = stop {
            if current.requested.load(Ordering::SeqCst) {
                return true;
            }
            stop = current.parent;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_goes_down_and_never_up() {
        let root = Stop::new();
        let first = Stop::below(&root);
        let second = Stop::below(&root);
        first.request();
        assert!(first.is_requested() && !second.is_requested() && !root.is_requested());
        root.request();
        assert!(Stop::below(&second).is_requested());
    }
}
