//! An object from which a customer was erased, for the tests of whoever reads what documents vouch for.

use jiff::Timestamp;
use millrace_contract::ObjectRef;
use millrace_store::{Key, Store};

use crate::{ErasureError, Step, StepState, begin, settle};

/// The object's content before the erasure.
pub const WITH_THEM: &str = "with them";
/// The object's content after it.
pub const WITHOUT: &str = "without";

/// Erases from the object at `key`, which is [`WITH_THEM`], as `millrace erase` does: noted, made, noted as made.
pub fn erase(store: &Store, key: &Key) -> Result<(), ErasureError> {
    let content = |text: &str| ObjectRef::of(key.as_ref(), text.as_bytes());
    let step = Step {
        erasure: "example".into(),
        at: Timestamp::UNIX_EPOCH,
        rows_erased: 1,
        before: content(WITH_THEM),
        after: content(WITHOUT),
        state: StepState::Begun,
    };
    begin(store, &step)?;
    store.put(key, WITHOUT)?;
    settle(store, key.as_ref(), &step.after.sha256)
}
