//! Which rows scikit-learn would hold out, and how the training rows fall into folds.

use std::ops::Range;

use millrace_contract::spec::Split;

use crate::error::FeatureError;
use crate::random::LegacyRandom;
use crate::target::check_target;

/// Row numbers of both parts, in the order in which they are learned from and judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdout {
    pub training: Vec<usize>,
    pub holdout: Vec<usize>,
}

/// `train_test_split(rows, test_size=holdout_share, random_state=seed,
/// stratify=pandas.cut(target, bins))`; one bin means no stratification.
pub fn hold_out(target: &[f64], split: &Split) -> Result<Holdout, FeatureError> {
    check_target(target)?;
    let rows = target.len();
    let held = (split.holdout_share * rows as f64).ceil() as usize;
    let trained = rows.saturating_sub(held);
    if trained == 0 {
        return Err(FeatureError::TooFewRows {
            what: "a training and a held-out part",
            needed: 1 + (1.0 / (1.0 - split.holdout_share)).ceil() as usize,
            rows,
        });
    }
    let mut random = LegacyRandom::new(split.seed);
    if split.stratify_bins <= 1 {
        let mut order = random.permutation(rows);
        let training = order.split_off(held);
        return Ok(Holdout {
            training,
            holdout: order,
        });
    }
    let strata = strata(target, split.stratify_bins);
    check_strata(&strata, trained, held)?;
    Ok(stratified(&strata, trained, held, &mut random))
}

/// `KFold(folds)`: the validation rows of each fold, contiguous and in order.
pub fn folds(rows: usize, folds: usize) -> Result<Vec<Range<usize>>, FeatureError> {
    if folds < 2 || rows < folds {
        return Err(FeatureError::TooFewRows {
            what: "cross-validation",
            needed: folds.max(2),
            rows,
        });
    }
    let (size, larger) = (rows / folds, rows % folds);
    let start = |fold: usize| fold * size + fold.min(larger);
    Ok((0..folds)
        .map(|fold| start(fold)..start(fold + 1))
        .collect())
}

/// Bins of equal width, as `pandas.cut` makes them.
pub(crate) struct Bins {
    edges: Vec<f64>,
}

impl Bins {
    pub fn of(target: &[f64], count: usize) -> Bins {
        let low = target.iter().copied().fold(f64::INFINITY, f64::min);
        let high = target.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let step = (high - low) / count as f64;
        let edges = (1..count).map(|edge| edge as f64 * step + low).collect();
        Bins { edges }
    }

    /// Bins are closed on the right; the lowest value belongs to the first.
    pub fn index(&self, value: f64) -> usize {
        self.edges.partition_point(|edge| *edge < value)
    }
}

/// The rows of each bin that has any.
fn strata(target: &[f64], count: usize) -> Vec<Vec<usize>> {
    let bins = Bins::of(target, count);
    let mut strata = vec![Vec::new(); count];
    for (row, value) in target.iter().enumerate() {
        strata[bins.index(*value)].push(row);
    }
    strata.retain(|rows| !rows.is_empty());
    strata
}

fn check_strata(strata: &[Vec<usize>], trained: usize, held: usize) -> Result<(), FeatureError> {
    let refuse = |detail: String| Err(FeatureError::StratumTooSmall { detail });
    if strata.iter().any(|rows| rows.len() < 2) {
        return refuse(
            "one of the target's bins has a single row, which cannot be in both parts".into(),
        );
    }
    for (part, rows) in [("training", trained), ("held-out", held)] {
        if rows < strata.len() {
            return refuse(format!(
                "the {part} part has {rows} rows for {} bins of the target",
                strata.len()
            ));
        }
    }
    Ok(())
}

fn stratified(
    strata: &[Vec<usize>],
    trained: usize,
    held: usize,
    random: &mut LegacyRandom,
) -> Holdout {
    let sizes: Vec<usize> = strata.iter().map(Vec::len).collect();
    let to_training = approximate_mode(&sizes, trained, random);
    let left: Vec<usize> = sizes
        .iter()
        .zip(&to_training)
        .map(|(size, taken)| size - taken)
        .collect();
    let to_holdout = approximate_mode(&left, held, random);
    let (mut training, mut holdout) = (Vec::new(), Vec::new());
    for (stratum, rows) in strata.iter().enumerate() {
        let order = random.permutation(rows.len());
        let mut shuffled = order.into_iter().map(|i| rows[i]);
        training.extend(shuffled.by_ref().take(to_training[stratum]));
        holdout.extend(shuffled.take(to_holdout[stratum]));
    }
    random.shuffle(&mut training);
    random.shuffle(&mut holdout);
    Holdout { training, holdout }
}

/// How many of `draws` fall on each class: proportional, what is left over goes to the largest
/// remainders, ties broken at random, exactly as scikit-learn's helper of the same name.
fn approximate_mode(sizes: &[usize], draws: usize, random: &mut LegacyRandom) -> Vec<usize> {
    let total = sizes.iter().sum::<usize>() as f64;
    let exact: Vec<f64> = sizes
        .iter()
        .map(|size| *size as f64 / total * draws as f64)
        .collect();
    let mut counts: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let remainders: Vec<f64> = exact.iter().map(|share| share - share.floor()).collect();
    let mut missing = draws.saturating_sub(counts.iter().sum());
    let mut values = remainders.clone();
    values.sort_by(|a, b| b.total_cmp(a));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let tied: Vec<usize> = (0..sizes.len())
            .filter(|class| remainders[*class] == value)
            .collect();
        let chosen = random.choose(&tied, missing.min(tied.len()));
        missing -= chosen.len();
        for class in chosen {
            counts[class] += 1;
        }
    }
    counts
}
