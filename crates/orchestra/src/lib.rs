//! Runs the state machines of `statemachines/` on one machine: the very files that AWS runs.
//!
//! Functions are called in this process, containers are whatever [`Platform`] starts (the command starts
//! a program), notifications and SQL go to it as well, and the data catalogue needs nothing: locally the
//! document of what is visible is the catalogue.

mod athena;
mod error;
mod functions;
mod history;
mod machines;
mod platform;
mod run;
mod sizes;
mod steps;
mod tasks;

pub use error::OrchestraError;
pub use history::{read_executing, read_history};
pub use machines::{INFERENCE, TRAINING, load, local_substitutions};
pub use platform::{Container, Platform};
pub use run::{InferenceRequest, TrainingRequest, run_inference, run_training};
pub use sizes::Sizes;
pub use steps::{Step, steps};
pub use tasks::{Hook, LocalTasks};
