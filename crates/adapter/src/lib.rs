//! How a stage becomes a program on AWS: a Lambda function or a container, around the same `run`.
//!
//! The environment is read once, the store is built once, errors leave with their names, logs are
//! JSON lines. Nothing of it is known to a stage.

pub mod container;
pub mod environment;
pub mod function;
mod logs;
pub mod memory;
pub mod metrics;
pub mod progress;

pub use environment::{Environment, EnvironmentError};
