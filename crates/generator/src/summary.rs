//! What was generated, and how well it can be predicted.

use jiff::civil::Date;

/// One file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
}

/// What was generated.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    pub table: crate::Table,
    pub files: Vec<File>,
    pub rows: u64,
    /// All columns of the contract.
    pub columns: usize,
    pub first_date: Date,
    pub last_date: Date,
    /// Values that were made missing.
    pub missing_values: u64,
    /// Values that were made extreme.
    pub outlier_values: u64,
    pub target_mean: f64,
    /// The population deviation of the target.
    pub target_deviation: f64,
    /// The R2 of who knows every column's true value and what the target depends on: no model does better,
    /// except by luck. Missing and extreme values cost a model some of it.
    pub best_possible_r2: f64,
    /// The root of the mean squared difference that remains even then.
    pub best_possible_rmse: f64,
}

/// Sums over rows from which a summary is made; added in the order of the rows.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub rows: u64,
    pub missing: u64,
    pub outliers: u64,
    sum: f64,
    sum_of_squares: f64,
    sum_of_squared_noise: f64,
}

impl Totals {
    /// The sums of one block: the target and its expected value given everything but the noise.
    pub fn of(target: &[f64], expected: &[f64]) -> Totals {
        let mut totals = Totals {
            rows: target.len() as u64,
            ..Totals::default()
        };
        for (value, middle) in target.iter().zip(expected) {
            totals.sum += value;
            totals.sum_of_squares += value * value;
            totals.sum_of_squared_noise += (value - middle) * (value - middle);
        }
        totals
    }

    pub fn add(&mut self, other: &Totals) {
        self.rows += other.rows;
        self.missing += other.missing;
        self.outliers += other.outliers;
        self.sum += other.sum;
        self.sum_of_squares += other.sum_of_squares;
        self.sum_of_squared_noise += other.sum_of_squared_noise;
    }

    pub fn mean(&self) -> f64 {
        self.sum / self.rows as f64
    }

    pub fn deviation(&self) -> f64 {
        (self.sum_of_squares / self.rows as f64 - self.mean() * self.mean())
            .max(0.0)
            .sqrt()
    }

    pub fn best_possible_rmse(&self) -> f64 {
        (self.sum_of_squared_noise / self.rows as f64).sqrt()
    }

    pub fn best_possible_r2(&self) -> f64 {
        let variance = self.deviation() * self.deviation();
        if variance == 0.0 {
            return 0.0;
        }
        1.0 - self.sum_of_squared_noise / self.rows as f64 / variance
    }
}
