//! Sums over rows from which a summary is made; added in the order of the rows.

use crate::population::{Drawn, TargetPlan};
use crate::summary::{Best, Measure, TargetSummary};

/// Probabilities are told apart by so much when the area under the curve is measured.
const STEPS: usize = 1 << 16;

/// What one block adds.
#[derive(Debug)]
pub(crate) struct Counts {
    pub rows: u64,
    pub missing: u64,
    pub outliers: u64,
    /// One for each target.
    pub targets: Vec<Sums>,
}

/// The sums of a target's values and of what they were expected to be.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    sum: f64,
    sum_of_squares: f64,
    sum_of_squared_noise: f64,
    /// Of a target that is yes or no: the step of each probability, and what came.
    steps: Vec<(u16, bool)>,
}

impl Sums {
    pub fn of(measure: Measure, drawn: &Drawn) -> Sums {
        let mut sums = Sums::default();
        for (value, middle) in drawn.values.iter().zip(&drawn.expected) {
            sums.sum += value;
            sums.sum_of_squares += value * value;
            sums.sum_of_squared_noise += (value - middle) * (value - middle);
        }
        if measure == Measure::Auc {
            let rows = drawn.values.iter().zip(&drawn.expected);
            sums.steps = rows.map(|(y, p)| (step(*p), *y > 0.5)).collect();
        }
        sums
    }
}

fn step(probability: f64) -> u16 {
    (probability * (STEPS - 1) as f64).round() as u16
}

/// The sums of a whole table.
#[derive(Debug)]
pub(crate) struct Totals {
    pub rows: u64,
    pub missing: u64,
    pub outliers: u64,
    targets: Vec<Total>,
}

#[derive(Debug)]
struct Total {
    plan: TargetPlan,
    sums: Sums,
    /// For each step of probability how many were no and yes.
    steps: Vec<[u64; 2]>,
}

impl Totals {
    pub fn new(plans: &[TargetPlan]) -> Totals {
        let total = |plan: &TargetPlan| Total {
            plan: *plan,
            sums: Sums::default(),
            steps: match plan.measure {
                Measure::R2 => Vec::new(),
                Measure::Auc => vec![[0; 2]; STEPS],
            },
        };
        Totals {
            rows: 0,
            missing: 0,
            outliers: 0,
            targets: plans.iter().map(total).collect(),
        }
    }

    pub fn add(&mut self, block: &Counts) {
        self.rows += block.rows;
        self.missing += block.missing;
        self.outliers += block.outliers;
        for (total, sums) in self.targets.iter_mut().zip(&block.targets) {
            total.add(sums);
        }
    }

    pub fn targets(&self) -> Vec<TargetSummary> {
        let all = self.targets.iter();
        all.map(|total| total.summary(self.rows as f64)).collect()
    }
}

impl Total {
    fn add(&mut self, block: &Sums) {
        self.sums.sum += block.sum;
        self.sums.sum_of_squares += block.sum_of_squares;
        self.sums.sum_of_squared_noise += block.sum_of_squared_noise;
        for (step, yes) in &block.steps {
            self.steps[usize::from(*step)][usize::from(*yes)] += 1;
        }
    }

    fn summary(&self, rows: f64) -> TargetSummary {
        let mean = self.sums.sum / rows;
        let variance = (self.sums.sum_of_squares / rows - mean * mean).max(0.0);
        let deviation = variance.sqrt();
        TargetSummary {
            name: self.plan.name,
            mean,
            deviation,
            best: match self.plan.measure {
                Measure::R2 => self.best_r2(rows, deviation * deviation),
                Measure::Auc => Best::Auc(area(&self.steps)),
            },
        }
    }

    fn best_r2(&self, rows: f64, variance: f64) -> Best {
        let remaining = self.sums.sum_of_squared_noise / rows;
        Best::R2 {
            r2: match variance == 0.0 {
                true => 0.0,
                false => 1.0 - remaining / variance,
            },
            rmse: remaining.sqrt(),
        }
    }
}

/// The share of pairs of a no and a yes in which the yes was likelier; equal ones count half.
fn area(steps: &[[u64; 2]]) -> Option<f64> {
    let (mut below, mut yeses, mut won) = (0.0, 0.0, 0.0);
    for [no, yes] in steps {
        let (no, yes) = (*no as f64, *yes as f64);
        won += yes * (below + no / 2.0);
        below += no;
        yeses += yes;
    }
    (below > 0.0 && yeses > 0.0).then(|| won / (below * yeses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        // Of 3 no and 2 yes: the first yes beats 1 and ties with 1, the second beats all.
        assert_eq!(area(&[[1, 0], [1, 1], [1, 0], [0, 1]]), Some(4.5 / 6.0));
        assert_eq!(area(&[[2, 2]]), Some(0.5));
        assert_eq!(area(&[[0, 3], [0, 1]]), None);
        assert_eq!(area(&[[5, 0]]), None);
    }

    #[test]
    fn a_probability_finds_its_step() {
        let steps = [0.0, 0.5, 1.0].map(step);
        assert_eq!(steps, [0, 32_768, 65_535]);
    }
}
