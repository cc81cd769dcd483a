//! How a forest is grown.

use crate::RandomForestError;

/// Deeper trees than this are not scored.
const DEEPEST: usize = 60;

/// How many columns are drawn for a split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Columns {
    All,
    /// The square root of their number, rounded down.
    SquareRoot,
    /// This share of them, rounded down, but one at least.
    Share(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    pub trees: usize,
    /// The most splits between the root and a leaf.
    pub depth: usize,
    /// The fewest rows of a leaf.
    pub leaf_rows: usize,
    pub columns: Columns,
    /// Whether each tree gets rows drawn with replacement; else it gets all.
    pub draws_rows: bool,
    pub seed: u64,
}

impl Settings {
    /// As scikit-learn does for numbers.
    pub fn of_numbers() -> Settings {
        Settings {
            trees: 100,
            depth: 40,
            leaf_rows: 1,
            columns: Columns::All,
            draws_rows: true,
            seed: 0,
        }
    }

    /// As scikit-learn does for classes.
    pub fn of_classes() -> Settings {
        Settings {
            columns: Columns::SquareRoot,
            ..Settings::of_numbers()
        }
    }

    pub(crate) fn check(&self) -> Result<(), RandomForestError> {
        let out = |name, value, wanted| {
            Err(RandomForestError::ParameterOutOfSpace {
                name,
                value,
                wanted,
            })
        };
        if self.trees == 0 || self.trees > 100_000 {
            return out("trees", self.trees as f64, "between 1 and 100,000");
        }
        if self.depth == 0 || self.depth > DEEPEST {
            return out("depth", self.depth as f64, "between 1 and 60");
        }
        if self.leaf_rows == 0 {
            return out("leaf_rows", 0.0, "1 or more");
        }
        match self.columns {
            Columns::Share(share) if !(share > 0.0 && share <= 1.0) => {
                out("columns", share, "above 0 and at most 1")
            }
            _ => Ok(()),
        }
    }

    /// How many of so many columns are drawn.
    pub(crate) fn drawn(&self, columns: usize) -> usize {
        let count = match self.columns {
            Columns::All => columns,
            Columns::SquareRoot => columns.isqrt(),
            Columns::Share(share) => (columns as f64 * share) as usize,
        };
        count.max(1)
    }
}
