//! A model of LightGBM in pure Rust: its own text is read, and rows are scored to its own bits.
//!
//! [`LightGbm`] is the model as its text describes it, with the plain walk. [`Scorer`] is made of it for many rows.

mod error;
mod masks;
mod model;
mod objective;
mod read;
mod scorer;
mod text;
mod tree;

pub use error::LightGbmError;
pub use model::LightGbm;
pub use objective::Objective;
pub use scorer::Scorer;
