//! One file per command: it reads its flags, calls the stages and says what came out.

pub mod generate;
pub mod query;
pub mod train;
