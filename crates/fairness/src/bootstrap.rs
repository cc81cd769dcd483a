//! Confidence intervals: rows are drawn again within each group, and the differences computed anew.
//!
//! Only the sum of weights in the four cells of a group matters, so equal rows (same cell, same weight) are drawn
//! together: a draw is multinomial over at most four counts without weights, which is the same distribution as
//! drawing rows one by one. Groups with many distinct weights are drawn row by row.
//! Each draw has a generator of its own, seeded by its number: the number of threads changes nothing.

use crate::evidence::Row;
use crate::measures::{Aggregate, Method, Rate, difference};
use crate::report::Interval;
use crate::tally::Rates;
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Binomial, Distribution};
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Which groups take part in each of the three rates.
#[derive(Debug, Clone)]
pub(crate) struct Included {
    pub selection: Vec<bool>,
    pub true_positive: Vec<bool>,
    pub false_positive: Vec<bool>,
}

/// What is resampled, and how the differences are formed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub method: Method,
    pub aggregate: Aggregate,
    pub draws: u32,
    pub confidence_level: f64,
    pub seed: u64,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Intervals {
    pub demographic_parity: Interval,
    pub equalized_odds: Interval,
    pub equal_opportunity: Interval,
}

/// How the rows of one group are drawn again.
#[derive(Debug)]
enum Resampling {
    Counts { rows: u64, kinds: Vec<Kind> },
    Rows(Vec<(u8, f64)>),
}

#[derive(Debug, Clone, Copy)]
struct Kind {
    cell: u8,
    weight: f64,
    count: u64,
}

/// From this many rows per kind on, one binomial draw is cheaper than drawing the rows.
const ROWS_PER_KIND: usize = 32;

/// One set of intervals for every choice of groups in `choices`.
pub(crate) fn intervals(
    rows: &[Row],
    group_of_row: &[usize],
    groups: usize,
    choices: &[Included],
    plan: &Plan,
) -> Vec<Intervals> {
    let strata = strata(rows, group_of_row, groups);
    let mut seeds = Pcg64Mcg::seed_from_u64(plan.seed);
    let seeds: Vec<u64> = (0..plan.draws).map(|_| seeds.random()).collect();
    let draws: Vec<Vec<[f64; 3]>> = seeds
        .into_par_iter()
        .map_init(
            || Vec::with_capacity(groups),
            |rates, seed| one_draw(&strata, seed, rates, choices, plan),
        )
        .collect();
    (0..choices.len())
        .map(|choice| summarise(&draws, choice, plan))
        .collect()
}

fn strata(rows: &[Row], group_of_row: &[usize], groups: usize) -> Vec<Resampling> {
    let mut members: Vec<Vec<(u8, f64)>> = vec![Vec::new(); groups];
    for (row, group) in rows.iter().zip(group_of_row) {
        members[*group].push((row.cell, row.weight));
    }
    members.into_iter().map(Resampling::of).collect()
}

impl Resampling {
    fn of(rows: Vec<(u8, f64)>) -> Self {
        // Weights are not negative, so their bits sort as they do.
        let mut counts: BTreeMap<(u8, u64), u64> = BTreeMap::new();
        for (cell, weight) in &rows {
            *counts.entry((*cell, weight.to_bits())).or_default() += 1;
        }
        if counts.len() > 4 && counts.len() * ROWS_PER_KIND > rows.len() {
            return Self::Rows(rows);
        }
        let kind = |((cell, bits), count)| Kind {
            cell,
            weight: f64::from_bits(bits),
            count,
        };
        Self::Counts {
            rows: rows.len() as u64,
            kinds: counts.into_iter().map(kind).collect(),
        }
    }

    fn draw(&self, generator: &mut impl Rng) -> [f64; 4] {
        let mut cells = [0.0; 4];
        match self {
            Self::Rows(rows) => {
                for _ in 0..rows.len() {
                    let (cell, weight) = rows[generator.random_range(0..rows.len())];
                    cells[usize::from(cell)] += weight;
                }
            }
            Self::Counts { rows, kinds } => {
                let (mut to_draw, mut left) = (*rows, *rows);
                for kind in kinds {
                    let drawn = binomial(to_draw, kind.count, left, generator);
                    cells[usize::from(kind.cell)] += drawn as f64 * kind.weight;
                    to_draw -= drawn;
                    left -= kind.count;
                }
            }
        }
        cells
    }
}

/// How many of `trials` fall on `count` out of `total`. The generator of rand_distr is asked only for probabilities up
/// to a half, and its answer is held within the trials: its inversion can overshoot by rounding.
fn binomial(trials: u64, count: u64, total: u64, generator: &mut impl Rng) -> u64 {
    if trials == 0 || count == 0 {
        return 0;
    }
    if count >= total {
        return trials;
    }
    if 2 * count > total {
        return trials - binomial(trials, total - count, total, generator);
    }
    let probability = count as f64 / total as f64;
    match Binomial::new(trials, probability) {
        Ok(distribution) => distribution.sample(generator).min(trials),
        // Not reached: the probability lies in (0, 0.5]. The expected number keeps the draw sound all the same.
        Err(_) => (trials as f64 * probability).round() as u64,
    }
}

fn one_draw(
    strata: &[Resampling],
    seed: u64,
    rates: &mut Vec<Rates>,
    choices: &[Included],
    plan: &Plan,
) -> Vec<[f64; 3]> {
    let mut generator = Pcg64Mcg::seed_from_u64(seed);
    let mut total = [0.0; 4];
    rates.clear();
    for stratum in strata {
        let cells = stratum.draw(&mut generator);
        for (sum, cell) in total.iter_mut().zip(cells) {
            *sum += cell;
        }
        rates.push(Rates::of(&cells));
    }
    let overall = Rates::of(&total);
    choices
        .iter()
        .map(|included| differences(rates, &overall, included, plan))
        .collect()
}

fn differences(rates: &[Rates], overall: &Rates, included: &Included, plan: &Plan) -> [f64; 3] {
    let of = |rate: Rate, included: &[bool]| {
        let values = rates
            .iter()
            .zip(included)
            .filter(|(_, included)| **included);
        difference(
            values.map(|(rates, _)| rate.of(rates)),
            rate.of(overall),
            plan.method,
        )
    };
    let true_positive = of(Rate::TruePositiveRate, &included.true_positive);
    let false_positive = of(Rate::FalsePositiveRate, &included.false_positive);
    [
        of(Rate::SelectionRate, &included.selection),
        plan.aggregate.of(true_positive, false_positive),
        true_positive,
    ]
}

fn summarise(draws: &[Vec<[f64; 3]>], choice: usize, plan: &Plan) -> Intervals {
    let interval = |statistic: usize| {
        let mut values: Vec<f64> = draws.iter().map(|draw| draw[choice][statistic]).collect();
        values.sort_by(f64::total_cmp);
        let tail = (1.0 - plan.confidence_level) / 2.0;
        Interval {
            lower: quantile(&values, tail),
            upper: quantile(&values, 1.0 - tail),
            confidence_level: plan.confidence_level,
            draws: plan.draws,
        }
    };
    Intervals {
        demographic_parity: interval(0),
        equalized_odds: interval(1),
        equal_opportunity: interval(2),
    }
}

/// Linear between neighbours, as numpy's default. `sorted` is never empty: a policy asks for 1,000 draws or more.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let position = share * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn quantiles_equal_numpys() {
        let values = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(quantile(&values, 0.0), 1.0);
        assert_eq!(quantile(&values, 0.5), 3.0);
        assert!((quantile(&values, 0.9) - 6.8).abs() < 1e-12);
        assert_eq!(quantile(&values, 1.0), 8.0);
    }

    #[test]
    fn a_binomial_has_its_mean_and_variance_and_stays_within_its_trials() {
        let mut generator = Pcg64Mcg::seed_from_u64(1);
        for (trials, count, total) in [
            (1, 1, 3),
            (7, 6, 7),
            (40, 1, 1_000),
            (1_000, 700, 1_000),
            (5, 0, 9),
            (5, 9, 9),
        ] {
            let drawn: Vec<f64> = (0..20_000)
                .map(|_| binomial(trials, count, total, &mut generator) as f64)
                .collect();
            assert!(drawn.iter().all(|value| *value <= trials as f64));
            let mean = drawn.iter().sum::<f64>() / 20_000.0;
            let variance = drawn
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f64>()
                / 20_000.0;
            let share = count as f64 / total as f64;
            let expected = trials as f64 * share * (1.0 - share);
            let error = 4.0 * (expected / 20_000.0_f64).sqrt();
            assert!(
                (mean - trials as f64 * share).abs() <= error,
                "{trials} {count}/{total}: mean {mean}"
            );
            assert!(
                (variance - expected).abs() <= 0.06 * expected,
                "{trials} {count}/{total}: variance {variance}"
            );
        }
    }

    /// Both ways of drawing must have the same distribution: same mean and deviation of every cell.
    #[test]
    fn drawing_counts_equals_drawing_rows() {
        let rows: Vec<(u8, f64)> = (0..200)
            .map(|row| ((row % 7 % 4) as u8, 1.0 + f64::from(row % 2)))
            .collect();
        let by_rows = Resampling::Rows(rows.clone());
        let mut kinds: BTreeMap<(u8, u64), u64> = BTreeMap::new();
        for (cell, weight) in &rows {
            *kinds.entry((*cell, weight.to_bits())).or_default() += 1;
        }
        let kinds = kinds.into_iter().map(|((cell, bits), count)| Kind {
            cell,
            weight: f64::from_bits(bits),
            count,
        });
        let by_counts = Resampling::Counts {
            rows: 200,
            kinds: kinds.collect(),
        };
        let moments = |resampling: &Resampling| {
            let mut generator = Pcg64Mcg::seed_from_u64(7);
            let draws: Vec<[f64; 4]> = (0..20_000)
                .map(|_| resampling.draw(&mut generator))
                .collect();
            [0, 1, 2, 3].map(|cell| {
                let mean = draws.iter().map(|draw| draw[cell]).sum::<f64>() / 20_000.0;
                let variance = draws
                    .iter()
                    .map(|draw| (draw[cell] - mean).powi(2))
                    .sum::<f64>()
                    / 20_000.0;
                (mean, variance.sqrt())
            })
        };
        for (rows, counts) in moments(&by_rows).iter().zip(moments(&by_counts)) {
            assert!(
                (rows.0 - counts.0).abs() < 0.5,
                "means {} and {}",
                rows.0,
                counts.0
            );
            assert!(
                (rows.1 / counts.1 - 1.0).abs() < 0.03,
                "deviations {} and {}",
                rows.1,
                counts.1
            );
        }
    }
}
