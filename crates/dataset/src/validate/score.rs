//! The quality score.
//!
//! `0.25 completeness + 0.30 validity + 0.20 consistency + 0.15 uniqueness + 0.10 freshness`, each in
//! [0, 1]:
//! - completeness: the share of cells that are not missing, of all rows and all columns of the contract
//!   (all cells of a column that is absent are missing);
//! - validity: the share of those values that are of the right type, in their range, among the allowed
//!   words and of the agreed pattern;
//! - consistency: the share of rows that do not break a rule, as the mean over the rules; 1 without rules;
//! - uniqueness: the share of rows that repeat neither the id nor the whole of an earlier row;
//! - freshness: 1 up to the largest age allowed, then that age divided by the actual one; 1 without a
//!   limit.

use millrace_contract::Contract;

use super::report::Families;

const WEIGHTS: Families = Families {
    completeness: 0.25,
    validity: 0.30,
    consistency: 0.20,
    uniqueness: 0.15,
    freshness: 0.10,
};

/// What is counted for the score.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub rows: u64,
    /// Columns of the contract that are checked.
    pub columns: u64,
    pub missing_cells: u64,
    pub invalid_cells: u64,
    pub rules: u64,
    /// Over all rules.
    pub violations: u64,
    pub repeated_rows: u64,
    pub age_days: Option<i64>,
}

impl Counts {
    pub(super) fn families(&self, contract: &Contract) -> Families {
        let cells = self.rows * self.columns;
        let present = cells - self.missing_cells.min(cells);
        Families {
            completeness: share_without(self.missing_cells, cells),
            validity: share_without(self.invalid_cells, present),
            consistency: share_without(self.violations, self.rows * self.rules),
            uniqueness: share_without(self.repeated_rows, self.rows),
            freshness: self.freshness(contract.limits.maximum_age_days),
        }
    }

    fn freshness(&self, maximum: Option<u32>) -> f64 {
        let (Some(maximum), Some(age)) = (maximum, self.age_days) else {
            return 1.0;
        };
        if age <= i64::from(maximum) {
            return 1.0;
        }
        f64::from(maximum) / age as f64
    }
}

impl Families {
    /// The weighted mean.
    pub fn score(&self) -> f64 {
        let score = WEIGHTS.completeness * self.completeness
            + WEIGHTS.validity * self.validity
            + WEIGHTS.consistency * self.consistency
            + WEIGHTS.uniqueness * self.uniqueness
            + WEIGHTS.freshness * self.freshness;
        score.clamp(0.0, 1.0)
    }
}

fn share_without(bad: u64, all: u64) -> f64 {
    if all == 0 {
        return 1.0;
    }
    1.0 - bad.min(all) as f64 / all as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_a_whole() {
        let all = Counts::default();
        let families = all.families(&contract());
        assert!((families.score() - 1.0).abs() < 1e-15);
        assert_eq!(families.freshness, 1.0);
    }

    #[test]
    fn each_family_counts_what_it_should() {
        let counts = Counts {
            rows: 100,
            columns: 4,
            missing_cells: 40,
            invalid_cells: 36,
            rules: 2,
            violations: 50,
            repeated_rows: 20,
            age_days: Some(20),
        };
        let families = counts.families(&contract());
        assert_eq!(families.completeness, 0.9);
        assert_eq!(families.validity, 0.9);
        assert_eq!(families.consistency, 0.75);
        assert_eq!(families.uniqueness, 0.8);
        assert_eq!(families.freshness, 0.25);
        assert!((families.score() - 0.79).abs() < 1e-12);
    }

    fn contract() -> Contract {
        let text = "name = 't'\nversion = 1\n[limits]\nmaximum_age_days = 5\n[columns]\nid = { role = 'id', type = 'text' }\n";
        Contract::parse(text, "t.toml").unwrap_or_else(|error| panic!("{error}"))
    }
}
