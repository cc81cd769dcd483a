//! What is done to a column of numbers before a learner sees it that takes no missing values: far values are capped, then
//! what is missing is filled. Both are fitted on the rows that are learned from, and stored with the model.

mod column;
mod document;
mod error;

pub use column::{Cap, ColumnSteps, Fill, Wanted};
pub use document::Steps;
pub use error::StepError;
