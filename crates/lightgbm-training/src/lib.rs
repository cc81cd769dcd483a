//! Training by LightGBM's own library. What comes out is its text, which `millrace-lightgbm` reads and scores.
//!
//! The same rows and settings give the same model for any number of threads. A program that trains by this crate should
//! not train by XGBoost as well: each library brings an OpenMP runtime of its own.

mod booster;
mod dataset;
mod error;
mod library;
mod settings;

pub use booster::Booster;
pub use dataset::{Dataset, Rows};
pub use error::TrainingError;
pub use settings::Settings;
