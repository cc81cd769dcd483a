//! What can be asked of a registry, one file per question or change.

pub mod alias;
pub mod diff;
pub mod history;
pub mod promote;
pub mod prune;
mod publish;
pub mod register;
pub mod resolve;
pub mod restore;
pub mod rollback;
pub mod sign;
pub mod standing;
pub mod table;
pub mod view;
