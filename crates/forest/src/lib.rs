//! A trained XGBoost ensemble in pure Rust: its own file is read, and rows are scored to the last bit.
//!
//! [`Forest`] is the model as XGBoost describes it, with a plain walk that everything else is tested
//! against. [`Scorer`] is made of it for many rows: the scaling of the columns is folded into the
//! thresholds exactly, and each value is compared once against its column's thresholds.
//! [`Explainer`] says what each column contributes to a row's margin.

mod contributions;
mod error;
mod fold;
mod forest;
mod kernel;
mod read;
mod scorer;
mod ubjson;

pub use contributions::Explainer;
pub use error::ForestError;
pub use fold::Scaling;
pub use forest::{Forest, Node, Objective, Tree};
pub use kernel::Instructions;
pub use scorer::{BLOCK_ROWS, Scorer};
