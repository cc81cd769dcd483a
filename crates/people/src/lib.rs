//! The people in a table, in the terms in which fairness judges them: their protected attributes, the
//! features that may give these away, and what a spec asks of both.
//!
//! Whoever trains and whoever judges take them from here, so that both see the same offenders.

mod rows;
mod terms;

pub use rows::{attributes, features};
pub use terms::{policy, proxy_policy};
