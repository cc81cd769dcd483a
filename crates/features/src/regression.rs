//! How strongly each column goes with the target: scikit-learn's `f_regression`.

use std::borrow::Cow;

use rayon::prelude::*;
use statrs::function::beta::checked_beta_reg;

use crate::moments::{dot, sum};

/// One column's F statistic, its p value, and the rows that they rest on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Association {
    /// NaN when no row is present, 0 for a constant column, the largest number for a perfect fit.
    pub f: f64,
    pub p: f64,
    pub present: usize,
}

/// Each column against the target, over the rows where the column is present.
pub fn f_regression(columns: &[Cow<'_, [f64]>], target: &[f64]) -> Vec<Association> {
    columns
        .par_iter()
        .map(|column| associate(column, target))
        .collect()
}

fn associate(column: &[f64], target: &[f64]) -> Association {
    if column.iter().any(|x| x.is_nan()) {
        let (x, y): (Vec<f64>, Vec<f64>) = column
            .iter()
            .zip(target)
            .filter(|(x, _)| !x.is_nan())
            .map(|(x, y)| (*x, *y))
            .unzip();
        return of_complete(&x, &y);
    }
    of_complete(column, target)
}

fn of_complete(column: &[f64], target: &[f64]) -> Association {
    let present = column.len();
    if present == 0 {
        return Association {
            f: f64::NAN,
            p: f64::NAN,
            present,
        };
    }
    let count = present as f64;
    let target_mean = sum(target, |y| y) / count;
    let centred: Vec<f64> = target.iter().map(|y| y - target_mean).collect();
    let mean = sum(column, |x| x) / count;
    let norm = (dot(column, column) - count * mean * mean).sqrt();
    let correlation = dot(column, &centred) / norm / dot(&centred, &centred).sqrt();
    let (f, p) = statistic(correlation, count - 2.0);
    Association { f, p, present }
}

/// F and its survival function at one and `freedom` degrees of freedom.
fn statistic(correlation: f64, freedom: f64) -> (f64, f64) {
    let correlation = if correlation.is_nan() {
        0.0
    } else {
        correlation
    };
    let squared = correlation * correlation;
    let f = squared / (1.0 - squared) * freedom;
    if f.is_nan() || freedom <= 0.0 {
        return (0.0, 1.0);
    }
    if f.is_infinite() {
        return (f64::MAX, 0.0);
    }
    // Rounding can lift r above 1: scikit-learn gives the negative F too, with p 1.
    if f < 0.0 {
        return (f, 1.0);
    }
    let p = checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + f)).unwrap_or(f64::NAN);
    (f, p)
}
