//! Values sorted into bins, once for all trees.

use rayon::prelude::*;

/// The bin of missing values.
pub(crate) const MISSING: u8 = u8::MAX;
/// The most bins of values.
const MOST: usize = MISSING as usize;

/// One column: each row's bin, and the bounds between bins. A value is in the first bin whose bound it is below.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) bins: Vec<u8>,
    pub(crate) bounds: Vec<f32>,
}

/// Of row-major values.
pub(crate) fn columns_of(values: &[f32], width: usize) -> Vec<Column> {
    let column = |place: usize| {
        let own: Vec<f32> = values.iter().skip(place).step_by(width).copied().collect();
        let bounds = bounds_of(&own);
        let bin = |value: &f32| match value.is_nan() {
            true => MISSING,
            false => bounds.partition_point(|bound| bound <= value) as u8,
        };
        Column {
            bins: own.iter().map(bin).collect(),
            bounds,
        }
    };
    (0..width).into_par_iter().map(column).collect()
}

/// Halfway between neighbouring values, or where there are too many, between shares of the rows that are about equal.
fn bounds_of(values: &[f32]) -> Vec<f32> {
    let mut known: Vec<f32> = values
        .iter()
        .copied()
        .filter(|value| !value.is_nan())
        .collect();
    known.sort_unstable_by(f32::total_cmp);
    let mut distinct: Vec<(f32, usize)> = Vec::new();
    for value in &known {
        match distinct.last_mut().filter(|last| last.0 == *value) {
            Some(last) => last.1 += 1,
            None => distinct.push((*value, 1)),
        }
    }
    let all = distinct.len() <= MOST;
    let mut bounds: Vec<f32> = Vec::new();
    let mut below = 0;
    for pair in distinct.windows(2) {
        below += pair[0].1;
        // Where the next share of the rows begins.
        let wanted = (bounds.len() + 1) * known.len() / MOST;
        if all || (below >= wanted && bounds.len() + 1 < MOST) {
            bounds.push(between(pair[0].0, pair[1].0));
        }
    }
    bounds
}

/// Above the lower value, and at most the upper.
fn between(low: f32, high: f32) -> f32 {
    let middle = ((f64::from(low) + f64::from(high)) / 2.0) as f32;
    if middle > low && middle <= high {
        middle
    } else {
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_keep_the_order_and_missing_values_apart() {
        let values: Vec<f32> = (0..5000)
            .map(|row| ((row * 7919) % 4001) as f32 / 7.0)
            .collect();
        let column = &columns_of(&values, 1)[0];
        assert!(column.bounds.len() < MOST && column.bounds.len() > 200);
        assert!(column.bounds.windows(2).all(|pair| pair[0] < pair[1]));
        for (bin, value) in column.bins.iter().zip(&values) {
            let (bin, bounds) = (*bin as usize, &column.bounds);
            assert!(bin == 0 || bounds[bin - 1] <= *value);
            assert!(bin == bounds.len() || *value < bounds[bin]);
        }
        let few = &columns_of(&[2.0, f32::NAN, 1.0, 2.0], 1)[0];
        assert_eq!(
            (few.bounds.as_slice(), few.bins.as_slice()),
            ([1.5].as_slice(), [1, MISSING, 0, 1].as_slice())
        );
        let near = [1.0_f32, 1.0_f32.next_up()];
        assert_eq!(columns_of(&near, 1)[0].bins, [0, 1]);
    }
}
