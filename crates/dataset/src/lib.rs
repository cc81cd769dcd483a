//! Data sets: found, read, checked, profiled.

mod blocks;
mod convert;
mod csv_file;
pub mod error;
pub mod exclusions;
pub mod frame;
mod nearest;
mod parquet;
mod read;
pub mod request;
mod row_groups;
mod scratch;
pub mod source;
pub mod table;
pub mod validate;
pub mod without;

pub use blocks::BLOCK_ROWS;
pub use error::{DatasetError, ValueProblem};
pub use exclusions::Exclusions;
pub use frame::{Frame, MISSING, UNSEEN, Values};
pub use request::{Intent, Purpose, Request};
pub use scratch::scratch;
pub use source::{Format, Source, SourceFile};
pub use table::{OutputValues, ParquetTable, check_written};
pub use validate::{
    BadRows, Profile, QUARANTINE, QualityReport, Quarantined, Room, Validation,
    for_each_quarantined, validate, validate_within,
};
pub use without::{IdColumn, Remaining, without_rows};
