//! The language of a contract's rules: a condition between the columns of a row.
//!
//! `sessions_last_7_days <= 7 * app_opens_day and (plan != 'free' or spend >= 0)`
//!
//! There are numbers, columns (`name`, or in backquotes for odd names), words and dates in quotes,
//! `+ - * /`, comparisons, `and`, `or`, `not`, parentheses, `abs(x)`, `min(a, b)` and `max(a, b)`.
//! Where a value is missing, or a division is by zero, the answer may be `Unknown`: a rule is
//! violated only where it is surely false. Everything is checked against the columns when it is read.

mod check;
mod evaluate;
mod parser;
mod tokens;

use std::fmt;

use indexmap::IndexMap;

use crate::Column;
use check::Condition;

/// The longest rule, in bytes: enough for any that a person can read.
const MAXIMUM_BYTES: usize = 4_096;

/// A condition that fits the columns of a contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    columns: Vec<String>,
    condition: Condition,
}

/// Whether a condition holds in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    False,
    True,
    /// A value that decides is missing.
    Unknown,
}

/// What is wrong with an expression, and at which character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    pub text: String,
    /// Characters before the place, from 0.
    pub position: usize,
    pub message: String,
}

impl Expression {
    pub fn parse(
        text: &str,
        columns: &IndexMap<String, Column>,
    ) -> Result<Expression, ExpressionError> {
        let parsed = if text.len() > MAXIMUM_BYTES {
            let message =
                format!("it is longer than {MAXIMUM_BYTES} bytes: split it into several rules");
            Err(Problem {
                position: 0,
                message,
            })
        } else {
            parser::parse(text).and_then(|tree| check::check(&tree, columns))
        };
        parsed.map_err(|problem| ExpressionError {
            position: text
                .get(..problem.position)
                .map_or(0, |before| before.chars().count()),
            text: text.chars().take(200).collect(),
            message: problem.message,
        })
    }

    /// The columns that it needs, in the order in which `evaluate` takes them.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The answer for each of `rows` rows. A column is given as numbers: those of a category as
    /// positions in its `values`, days as days since 1970, true as 1; what is missing is NaN. A
    /// column that is absent or too short is missing.
    pub fn evaluate(&self, columns: &[&[f64]], rows: usize) -> Vec<Truth> {
        evaluate::condition(&self.condition, columns, rows)
    }
}

/// The text with a caret under the place.
impl fmt::Display for ExpressionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line: String = self
            .text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let position = self.position.min(200);
        write!(
            formatter,
            "{} (at character {})\n  {line}\n  {:position$}^",
            self.message,
            self.position + 1,
            ""
        )
    }
}

impl std::error::Error for ExpressionError {}

/// A problem at a byte of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    position: usize,
    message: String,
}

fn problem<T>(position: usize, message: impl Into<String>) -> Result<T, Problem> {
    Err(Problem {
        position,
        message: message.into(),
    })
}

#[cfg(test)]
mod tests;
