//! Made-up tables with a known truth: for trying the whole flow, and for testing it.
//!
//! Rows are drawn from a population (customers or gemstones) whose targets are known functions of its
//! columns plus noise, so that the best possible R2 or AUC is known. Then the data is made as imperfect as real
//! data: values go missing, some are extreme, and if asked for a group is treated unfairly or a column drifts.
//! The same options give the same bytes, whatever the number of threads.

mod columns;
mod customers;
mod damage;
mod error;
mod gemstones;
mod generate;
mod options;
mod population;
mod prepare;
mod random;
mod request;
mod sink;
mod summary;
mod totals;
mod write;

pub use error::GenerateError;
pub use generate::generate;
pub use options::{Options, Setting, Table};
pub use sink::{Directory, Sink};
pub use summary::{Best, File, Summary, TargetSummary};
