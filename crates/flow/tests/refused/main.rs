//! What is refused when a machine is loaded: each with an error that names the state and the field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod helpers;
mod structure;
mod values;
