//! Where objects live: a directory, S3 or memory, behind one small set of verbs.
//!
//! Every store gives the same promises: a reader sees a whole object or none, a listing is complete
//! and sorted, and of several conditional writers exactly one wins. Everything above this crate
//! (stages, registry, publishing) is built on those promises and never asks which store it has.

mod backend;
mod digest;
mod directory;
mod error;
mod etag;
pub mod faults;
mod hidden;
mod key;
mod location;
mod memory;
pub mod regular;
#[cfg(feature = "s3")]
mod s3;
mod scratch;
mod store;
mod uri;

pub use bytes::Bytes;
pub use digest::digest_of_file;
pub use error::StoreError;
pub use etag::Etag;
pub use hidden::{Hidden, OlderVersions};
pub use key::Key;
pub use location::Location;
#[cfg(feature = "s3")]
pub use s3::aws_config;
pub use scratch::Scratch;
pub use store::{Object, ObjectInfo, Store};
pub use uri::absolute;
