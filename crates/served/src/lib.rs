//! Whose scores readers see, and the one way to change it.
//!
//! A run is shown by being named in `tables/served/<model>.json`, and no other way. Every change of that
//! document goes through [`Serving`], which asks the registry each time: no function here can show a run of
//! a version that is rejected, pruned or not registered, whatever it is asked.
//!
//! Two documents change, each by compare-and-set, and nothing changes both at once. So the order counts:
//!
//! - whoever shows a run reads the served document first, the registry second, and writes third;
//! - whoever rejects a version takes its runs away, says so in the registry, and then writes the served
//!   document once more, with a new revision even where nothing else is to be changed.
//!
//! A writer that read the registry before the rejection is so either seen by that last write, which takes
//! its run away again, or is refused its own, and asks the registry anew.

mod change;
mod document;
mod error;
mod rejecting;
mod showing;
mod taking_back;

use millrace_contract::ModelName;
use millrace_registry::Registry;
use millrace_store::Store;

pub use document::{Visible, all, key, read, visible};
pub use error::ServedError;
pub use rejecting::Rejection;
pub use showing::Shown;
pub use taking_back::{Of, TurnedDay};

/// What readers see of one model, and the registry that decides what they may see.
#[derive(Debug, Clone, Copy)]
pub struct Serving<'a> {
    registry: &'a Registry,
}

impl<'a> Serving<'a> {
    pub fn of(registry: &'a Registry) -> Serving<'a> {
        Serving { registry }
    }

    fn store(&self) -> &'a Store {
        self.registry.store()
    }

    fn model(&self) -> &'a ModelName {
        self.registry.name()
    }
}
