//! The rules between columns, answered for blocks of rows on all cores.

use std::collections::HashMap;

use millrace_contract::{Contract, Expression, Truth};
use rayon::prelude::*;

use super::bitmap::Bitmap;
use super::kept::Kept;
use crate::DatasetError;

const BLOCK_ROWS: usize = 4_096;

/// A rule with the rows that break it.
#[derive(Debug)]
pub(crate) struct RuleOutcome {
    pub violated: Bitmap,
    /// Rows in which a value that decides is missing: the rule is not held against them.
    pub unknown: u64,
}

pub(crate) fn parse(contract: &Contract) -> Result<Vec<Expression>, DatasetError> {
    let parse = |rule: &millrace_contract::Rule| {
        Expression::parse(&rule.expression, &contract.columns).map_err(|error| {
            DatasetError::InvalidRule {
                name: rule.name.clone(),
                detail: error.to_string(),
            }
        })
    };
    contract.rules.iter().map(parse).collect()
}

/// `kept` has the values of columns by name. A column that is not there is missing in all rows.
pub(crate) fn check(
    rules: &[Expression],
    kept: &HashMap<&str, &Kept>,
    rows: usize,
) -> Result<Vec<RuleOutcome>, DatasetError> {
    rules
        .par_iter()
        .map(|rule| {
            let names = rule.columns().iter();
            let columns: Vec<Option<&Kept>> =
                names.map(|name| kept.get(name.as_str()).copied()).collect();
            let mut outcome = RuleOutcome {
                violated: Bitmap::new(rows),
                unknown: 0,
            };
            for first in (0..rows).step_by(BLOCK_ROWS) {
                let count = BLOCK_ROWS.min(rows - first);
                let block = columns
                    .iter()
                    .map(|kept| kept.map_or(Ok(Vec::new()), |kept| kept.rows(first, count)))
                    .collect::<Result<Vec<_>, DatasetError>>()?;
                let block: Vec<&[f64]> = block.iter().map(Vec::as_slice).collect();
                for (row, answer) in rule.evaluate(&block, count).into_iter().enumerate() {
                    match answer {
                        Truth::True => {}
                        Truth::False => outcome.violated.insert(first + row),
                        Truth::Unknown => outcome.unknown += 1,
                    }
                }
            }
            Ok(outcome)
        })
        .collect()
}
