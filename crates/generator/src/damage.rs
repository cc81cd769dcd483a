//! From true rows to recorded ones: extreme values, planted drift, missing values.
//!
//! What the contract's rules say still holds afterwards.

use crate::population::{Bound, ColumnPlan, Extremes, Kind, floor_to, tidy};
use crate::prepare::Prepared;
use crate::random::{Place, Purpose, Random, uniform};

/// A bound with its columns found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptBound {
    smaller: usize,
    factor: f64,
    larger: usize,
    decimals: u32,
}

impl KeptBound {
    /// Whether the column at this place is the later one of the two.
    pub fn is_complete_at(&self, column: usize) -> bool {
        self.smaller.max(self.larger) == column
    }
}

/// Finds the columns of bounds.
pub(crate) fn resolve(bounds: &[Bound], plans: &[ColumnPlan]) -> Vec<KeptBound> {
    let position = |name: &str| plans.iter().position(|plan| plan.name == name);
    bounds
        .iter()
        .filter_map(|bound| {
            let smaller = position(bound.smaller)?;
            let decimals = match plans[smaller].kind {
                Kind::Number { decimals } => decimals,
                Kind::Words(_) | Kind::Flag => 0,
            };
            Some(KeptBound {
                smaller,
                factor: bound.factor,
                larger: position(bound.larger)?,
                decimals,
            })
        })
        .collect()
}

/// Lowers what is larger than its bound allows.
pub(crate) fn keep_bounds(columns: &mut [Vec<f64>], bounds: &[KeptBound]) {
    for bound in bounds {
        let Ok([smaller, larger]) = columns.get_disjoint_mut([bound.smaller, bound.larger]) else {
            continue;
        };
        for (value, limit) in smaller.iter_mut().zip(larger.iter()) {
            let most = bound.factor * limit;
            if *value > most {
                *value = floor_to(most, bound.decimals);
            }
        }
    }
}

/// How many values were damaged.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Damaged {
    pub missing: u64,
    pub outliers: u64,
}

/// Damages the columns of one block. A missing value becomes NaN.
pub(crate) fn damage(columns: &mut [Vec<f64>], prepared: &Prepared, place: Place) -> Damaged {
    let truth_of_leaders = leaders(columns, prepared);
    let mut random = place.stream(Purpose::Outliers);
    let outliers = plant_outliers(columns, prepared, &mut random);
    shift(columns, prepared, |plan| plan.follows.is_none());
    // Before others follow a column, it must have its final value.
    let among_leaders = |bound: &&KeptBound| {
        prepared.leaders[bound.larger].is_none() && prepared.leaders[bound.smaller].is_none()
    };
    let first: Vec<KeptBound> = prepared
        .bounds
        .iter()
        .filter(among_leaders)
        .copied()
        .collect();
    keep_bounds(columns, &first);
    follow(columns, prepared, &truth_of_leaders);
    shift(columns, prepared, |plan| plan.follows.is_some());
    keep_bounds(columns, &prepared.bounds);
    let mut random = place.stream(Purpose::Missing);
    let missing = lose(columns, prepared, &mut random);
    Damaged { missing, outliers }
}

/// The true values of the columns that others follow.
fn leaders(columns: &[Vec<f64>], prepared: &Prepared) -> Vec<Option<Vec<f64>>> {
    (0..columns.len())
        .map(|index| {
            prepared
                .leaders
                .contains(&Some(index))
                .then(|| columns[index].clone())
        })
        .collect()
}

fn plant_outliers(columns: &mut [Vec<f64>], prepared: &Prepared, random: &mut Random) -> u64 {
    if prepared.outliers <= 0.0 {
        return 0;
    }
    let mut planted = 0;
    for (index, plan) in prepared.plans.iter().enumerate() {
        let Kind::Number { decimals } = plan.kind else {
            continue;
        };
        if plan.extremes == Extremes::None {
            continue;
        }
        let (mean, deviation) = prepared.usual[index];
        let range = prepared.world.ranges[index];
        for value in &mut columns[index] {
            if uniform(random) >= prepared.outliers {
                continue;
            }
            let distance = deviation * (3.0 + 3.0 * uniform(random));
            let below = plan.extremes == Extremes::OnBothSides && uniform(random) < 0.5;
            let extreme = if below {
                mean - distance
            } else {
                mean + distance
            };
            *value = tidy(extreme, decimals, range);
            planted += 1;
        }
    }
    planted
}

fn shift(columns: &mut [Vec<f64>], prepared: &Prepared, wanted: impl Fn(&ColumnPlan) -> bool) {
    for (index, amount) in &prepared.shifts {
        let plan = &prepared.plans[*index];
        let Kind::Number { decimals } = plan.kind else {
            continue;
        };
        if !wanted(plan) {
            continue;
        }
        let distance = amount * prepared.usual[*index].1;
        for value in &mut columns[*index] {
            *value = tidy(*value + distance, decimals, prepared.world.ranges[*index]);
        }
    }
}

/// Where a column changed, those that record the same thing change in proportion.
fn follow(columns: &mut [Vec<f64>], prepared: &Prepared, truth: &[Option<Vec<f64>>]) {
    for (index, leader) in prepared.leaders.iter().enumerate() {
        let Some((leader, before)) =
            leader.and_then(|leader| Some((leader, truth[leader].as_ref()?)))
        else {
            continue;
        };
        let Kind::Number { decimals } = prepared.plans[index].kind else {
            continue;
        };
        let usual_ratio = prepared.usual[index].0 / prepared.usual[leader].0;
        let Ok([follower, leading]) = columns.get_disjoint_mut([index, leader]) else {
            continue;
        };
        for ((value, now), before) in follower.iter_mut().zip(leading.iter()).zip(before) {
            if now == before {
                continue;
            }
            let ratio = if *before > 0.0 {
                *value / before
            } else {
                usual_ratio
            };
            *value = tidy(now * ratio, decimals, prepared.world.ranges[index]);
        }
    }
}

fn lose(columns: &mut [Vec<f64>], prepared: &Prepared, random: &mut Random) -> u64 {
    if prepared.missing <= 0.0 {
        return 0;
    }
    let mut lost = 0;
    for (index, nullable) in prepared.nullable.iter().enumerate() {
        if !nullable || prepared.leaders[index].is_some() {
            continue;
        }
        for value in &mut columns[index] {
            if uniform(random) < prepared.missing {
                *value = f64::NAN;
                lost += 1;
            }
        }
    }
    for (index, leader) in prepared.leaders.iter().enumerate() {
        let Some(leader) = leader.filter(|_| prepared.nullable[index]) else {
            continue;
        };
        let Ok([follower, leading]) = columns.get_disjoint_mut([index, leader]) else {
            continue;
        };
        for (value, _) in follower
            .iter_mut()
            .zip(leading.iter())
            .filter(|(_, leading)| leading.is_nan())
        {
            *value = f64::NAN;
            lost += 1;
        }
    }
    lost
}
