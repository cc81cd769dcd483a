//! The types that travel: names, contracts, specs, what a stage is given and gives back, verdicts.
//!
//! Everything here is plain data: it can be read by every other crate and reads none of them.
//! What is parsed here is also checked here, so a value of one of these types is a valid one.

pub mod artifact;
pub mod calibration;
pub mod contract;
pub mod expression;
pub mod metadata;
pub mod names;
pub mod output;
pub mod params;
pub mod place;
pub mod postprocess;
pub mod predictor;
pub mod problem;
pub mod spec;
pub mod stages;
pub mod tables;

pub use artifact::{Digest, ObjectRef};
pub use contract::{Column, ColumnType, Contract, Limits, Role, Rule};
pub use expression::{Expression, ExpressionError, Truth};
pub use metadata::Metadata;
pub use names::{ModelName, NameError, RunId, StageName, TableName, Version};
pub use output::{OutputColumn, OutputType};
pub use params::{Params, Value};
pub use postprocess::{PostProcess, Processed};
pub use problem::{DocumentError, NamedError};
pub use spec::Spec;
pub use stages::Run;

/// What stands for the program's source: the revision that it was built from when the build says so
/// (`MILLRACE_CODE_VERSION`), else its version.
pub fn code_version() -> &'static str {
    option_env!("MILLRACE_CODE_VERSION").unwrap_or(concat!("millrace-", env!("CARGO_PKG_VERSION")))
}
