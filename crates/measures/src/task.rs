//! What is learned decides which measures mean something.

pub use millrace_contract::spec::Task;
