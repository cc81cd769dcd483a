//! Which versions of a model exist, which one is live, since when and why: answerable and reversible.
//!
//! There is no database. A version is an immutable folder with a manifest; what changes is one small
//! document per model, by compare-and-set only, and every change is appended to its history.
//!
//! ```text
//! models/<name>/registry.json                          the document: states, aliases, recent history
//! models/<name>/registry-history/<revision>-<digest>   every accepted document, for `restore`
//! models/<name>/history/<first>-<last>-<digest>        older history, moved out of the document
//! models/<name>/<version>/manifest.json                digests, evidence and lineage of a version
//! models/<name>/<version>/manifest.sig                 who vouches for it, where a key signs
//! models/<name>/<version>/<file>                       its files
//! ```
//!
//! Trust goes downwards: the document seals itself with a digest, it names the digest of each
//! manifest, and a manifest names the digest of each file. A signature of the manifest holds also against
//! whoever may write the document.
//!
//! Who calls what: the stage `lambdas/registry` calls `register`, `promote`, `reject`, `rollback` and
//! `resolve`; the gates call `resolve` for the live version's metrics; training and inference call
//! `resolve_for_use`; the CLI's `models` calls everything, and prints with [`render`].

mod archives;
mod change;
mod copies;
mod document;
mod error;
mod keys;
mod manifest;
mod operations;
mod patience;
mod reading;
mod registry;
pub mod render;
mod request;

pub use change::Changed;
pub use document::entry::{Action, Entry};
pub use document::state::{MOVES, State};
pub use document::{
    Archive, Document, HISTORY_IN_DOCUMENT, HISTORY_LEFT_IN_DOCUMENT, Reservation, VersionEntry,
};
pub use error::RegistryError;
pub use manifest::Manifest;
pub use manifest::evidence::{
    Decision, Evidence, Finding, GateVerdict, Lineage, Outcome, Verdicts, metrics_of,
};
pub use manifest::number::{Basis, Step};
pub use operations::alias::LIVE;
pub use operations::diff::{Change, DataChange, Diff, MetricChange};
pub use operations::history::LiveAt;
pub use operations::promote::Target;
pub use operations::prune::{ABANDONED_AFTER_HOURS, COPIES_KEPT, PrunePlan, Pruned};
pub use operations::register::{Candidate, Registered, SourceFile};
pub use operations::resolve::ResolvedModel;
pub use operations::restore::Restored;
pub use operations::rollback::{RollbackPlan, RolledBack};
pub use operations::standing::Standing;
pub use operations::view::{Listing, Shown, VersionSummary, models};
pub use patience::Patience;
pub use registry::Registry;
pub use request::Request;
