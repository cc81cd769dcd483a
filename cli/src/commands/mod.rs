//! One file per command: it reads its flags, calls the stages and says what came out.

pub mod erase;
pub mod fairness;
pub mod generate;
pub mod keys;
pub mod models;
pub mod new;
pub mod predictions;
pub mod query;
pub mod resume;
pub mod run;
pub mod runs;
pub mod score;
pub mod start;
pub mod train;
pub mod validate;
