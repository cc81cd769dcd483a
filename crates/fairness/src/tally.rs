//! Counting: what a group's rows add up to, and the rates that follow.

use crate::evidence::Row;
use serde::{Deserialize, Serialize};

/// Sums over the rows of one group.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub rows: u64,
    pub positives: u64,
    /// Weight by cell: true negative, false positive, false negative, true positive.
    pub cells: [f64; 4],
    /// Squared weights of rows with truth 0 and with truth 1.
    squares: [f64; 2],
    score: f64,
    error: f64,
}

/// The three rates that every measure is made of. `None` for a group without weight, which fairlearn refuses: it takes no
/// part in any comparison, as an empty cell of an intersection takes none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rates {
    pub selection: Option<f64>,
    pub true_positive: Option<f64>,
    pub false_positive: Option<f64>,
}

/// How many rows a group is worth: its row counts, or with weights Kish's effective counts (sum of weights)^2 / sum of squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Size {
    pub rows: f64,
    pub positives: f64,
    pub negatives: f64,
}

/// What is known of one group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupMetrics {
    pub count: u64,
    pub positives: u64,
    pub negatives: u64,
    /// Sum of weights; equals `count` without weights.
    pub weight: f64,
    /// `None` when the rows of the group have no weight, as are the means.
    pub selection_rate: Option<f64>,
    /// 0.0 for a group without positives, as in fairlearn, or without weight.
    pub true_positive_rate: f64,
    /// 0.0 for a group without negatives, as in fairlearn, or without weight.
    pub false_positive_rate: f64,
    pub mean_score: Option<f64>,
    /// Mean of score - truth: above 0 the model flatters the group.
    pub mean_error: Option<f64>,
}

impl Tally {
    pub fn add(&mut self, row: &Row) {
        let truth = usize::from(row.cell >= 2);
        self.rows += 1;
        self.positives += truth as u64;
        self.cells[usize::from(row.cell)] += row.weight;
        self.squares[truth] += row.weight * row.weight;
        self.score += row.weight * row.score;
        self.error += row.weight * row.error;
    }

    pub fn rates(&self) -> Rates {
        Rates::of(&self.cells)
    }

    pub fn size(&self) -> Size {
        let effective = |weight: f64, squares: f64| {
            if squares > 0.0 {
                weight * weight / squares
            } else {
                0.0
            }
        };
        let negative = self.cells[0] + self.cells[1];
        let positive = self.cells[2] + self.cells[3];
        Size {
            rows: effective(negative + positive, self.squares[0] + self.squares[1]),
            positives: effective(positive, self.squares[1]),
            negatives: effective(negative, self.squares[0]),
        }
    }

    pub fn metrics(&self) -> GroupMetrics {
        let rates = self.rates();
        let weight: f64 = self.cells.iter().sum();
        let mean = |sum: f64| (weight > 0.0).then(|| sum / weight);
        GroupMetrics {
            count: self.rows,
            positives: self.positives,
            negatives: self.rows - self.positives,
            weight,
            selection_rate: rates.selection,
            true_positive_rate: rates.true_positive.unwrap_or(0.0),
            false_positive_rate: rates.false_positive.unwrap_or(0.0),
            mean_score: mean(self.score),
            mean_error: mean(self.error),
        }
    }
}

impl Rates {
    pub fn of(cells: &[f64; 4]) -> Self {
        let [true_negative, false_positive, false_negative, true_positive] = *cells;
        let total: f64 = cells.iter().sum();
        let share = |part: f64, rest: f64| {
            if part + rest > 0.0 {
                part / (part + rest)
            } else {
                0.0
            }
        };
        if total <= 0.0 {
            return Self {
                selection: None,
                true_positive: None,
                false_positive: None,
            };
        }
        Self {
            selection: Some((false_positive + true_positive) / total),
            true_positive: Some(share(true_positive, false_negative)),
            false_positive: Some(share(false_positive, true_negative)),
        }
    }
}

/// One tally per group, and one over all rows.
pub(crate) fn tallies(rows: &[Row], group_of_row: &[usize], groups: usize) -> (Vec<Tally>, Tally) {
    let mut by_group = vec![Tally::default(); groups];
    let mut overall = Tally::default();
    for (row, group) in rows.iter().zip(group_of_row) {
        by_group[*group].add(row);
        overall.add(row);
    }
    (by_group, overall)
}
