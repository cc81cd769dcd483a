//! Data sets: found, read, checked, profiled.

pub mod frame;

pub use frame::{Frame, MISSING, UNSEEN, Values};
