//! Measures of who holds how much of a total: what people read of lifetime values.

use crate::error::NoValue;
use crate::rows::Rows;

/// What rows hold together.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    weight: f64,
    total: f64,
}

/// Rows as they are ordered by a key, rising, those of equal keys together.
fn grouped(rows: Rows<'_>, key: impl Fn(usize) -> f64) -> Vec<Held> {
    let mut order: Vec<usize> = (0..rows.count()).collect();
    order.sort_unstable_by(|a, b| key(*a).total_cmp(&key(*b)).then(a.cmp(b)));
    let mut groups: Vec<Held> = Vec::new();
    let mut last = f64::NAN;
    for row in order {
        if key(row) != last {
            groups.push(Held::default());
            last = key(row);
        }
        if let Some(group) = groups.last_mut() {
            group.weight += rows.weight(row);
            group.total += rows.weight(row) * rows.truth()[row];
        }
    }
    groups
}

fn all(groups: &[Held]) -> Held {
    groups.iter().fold(Held::default(), |all, group| Held {
        weight: all.weight + group.weight,
        total: all.total + group.total,
    })
}

/// 1 less twice the area below the Lorenz curve.
fn gini_of(groups: &[Held]) -> f64 {
    let end = all(groups);
    let (mut area, mut below) = (0.0, 0.0);
    for group in groups {
        area += group.weight * (below + group.total / 2.0);
        below += group.total;
    }
    1.0 - 2.0 * area / end.weight / end.total
}

fn check(rows: Rows<'_>) -> Result<(), NoValue> {
    if !rows.is_finite() {
        return Err(NoValue::NotFinite);
    }
    let sum: f64 = (0..rows.count())
        .map(|row| rows.weight(row) * rows.truth()[row])
        .sum();
    match rows.truth().iter().any(|y| *y < 0.0) || sum <= 0.0 {
        true => Err(NoValue::NoTotal),
        false => Ok(()),
    }
}

/// The inequality that the order of the predictions finds, as a share of the inequality there is: 1 when rows are
/// in the order of the truth, about 0 for an order by chance.
pub(crate) fn gini(rows: Rows<'_>) -> Result<f64, NoValue> {
    check(rows)?;
    let truth = grouped(rows, |row| rows.truth()[row]);
    if truth.len() == 1 {
        return Err(NoValue::Constant);
    }
    let found = grouped(rows, |row| f64::from(rows.predictions()[row]));
    Ok(gini_of(&found) / gini_of(&truth))
}

/// How many times the mean the highest tenth of the rows holds, by their predictions.
pub(crate) fn decile_lift(rows: Rows<'_>) -> Result<f64, NoValue> {
    let lifts = decile_lifts(rows)?;
    Ok(lifts[0])
}

/// The mean truth of each tenth of the rows over the mean of all, from the highest predictions down. Rows of equal
/// predictions at a boundary are shared out between both sides.
pub fn decile_lifts(rows: Rows<'_>) -> Result<[f64; 10], NoValue> {
    check(rows)?;
    let groups = grouped(rows, |row| -f64::from(rows.predictions()[row]));
    let end = all(&groups);
    let place = end.weight / 10.0;
    let mut totals = [0.0; 10];
    let mut before = 0.0;
    for group in groups {
        for (decile, total) in totals.iter_mut().enumerate() {
            let (low, high) = (decile as f64 * place, (decile + 1) as f64 * place);
            let inside = (before + group.weight).min(high) - before.max(low);
            if inside > 0.0 && group.weight > 0.0 {
                *total += group.total * inside / group.weight;
            }
        }
        before += group.weight;
    }
    Ok(totals.map(|total| total / place / (end.total / end.weight)))
}
