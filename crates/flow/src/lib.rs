//! A local engine for AWS Step Functions: it runs the very files that AWS runs, on this machine.
//!
//! ```
//! use millrace_flow::{Machine, Outcome, Silent, SystemClock, TaskCall, TaskControl, TaskError, Tasks};
//!
//! struct Double;
//! impl Tasks for Double {
//!     fn call(&self, task: &TaskCall, _: &TaskControl) -> Result<serde_json::Value, TaskError> {
//!         let number = task.arguments["number"].as_i64().unwrap_or_default();
//!         Ok(serde_json::json!(number * 2))
//!     }
//! }
//!
//! let text = r#"{
//!   "QueryLanguage": "JSONata",
//!   "StartAt": "Double",
//!   "States": { "Double": { "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true } }
//! }"#;
//! let machine = Machine::load(text, &Default::default())?;
//! let execution = machine.run("first", serde_json::json!({ "number": 21 }), &Double, &Silent, &SystemClock);
//! assert_eq!(execution.outcome, Outcome::Succeeded { output: serde_json::json!(42) });
//! # Ok::<(), millrace_flow::LoadError>(())
//! ```
//!
//! Only the query language JSONata is implemented. Whatever the engine does not implement (a field, a
//! state type, a function of JSONata) is refused when the file is loaded, by name.

mod asl;
mod clock;
mod engine;
mod error;
mod expression;
mod failure;
mod history;
pub mod render;
mod retry;
mod settings;
mod stop;
mod substitution;
mod tasks;

pub use asl::{Machine, Resource, StateType};
pub use clock::{Clock, SimulatedClock, SystemClock};
pub use engine::{Execution, Outcome};
pub use error::LoadError;
pub use history::{
    Event, EventKind, History, Observer, Progress, ScopeStep, Silent, StateVisit, VisitStatus,
};
pub use settings::Settings;
pub use stop::Stop;
pub use tasks::{TaskCall, TaskControl, TaskError, Tasks};
