//! The same number added to a column's coefficient of every class changes no probability, only the penalty. A search
//! that moves one class at a time hardly moves along this valley: here its lowest place is known.

use crate::penalty::Costs;

/// Moves each column's coefficients, all by the same number, to where their penalty is least.
pub(super) fn settle(at: &mut [f64], costs: &Costs) {
    let width = costs.l1.len();
    for (place, (l1, l2)) in costs.l1.iter().zip(&costs.l2).enumerate() {
        if *l1 + *l2 == 0.0 {
            continue;
        }
        let own: Vec<f64> = at.iter().skip(place).step_by(width).copied().collect();
        let by = lowest(own, *l1, *l2);
        at.iter_mut()
            .skip(place)
            .step_by(width)
            .for_each(|value| *value -= by);
    }
}

/// Where `sum l1 * |value - place| + l2 / 2 * (value - place)^2` is least.
fn lowest(mut values: Vec<f64>, l1: f64, l2: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let (count, sum) = (values.len() as f64, values.iter().sum::<f64>());
    // The slope at a place with so many values below it and none on it.
    let slope =
        |place: f64, below: usize| l1 * (2.0 * below as f64 - count) + l2 * (count * place - sum);
    for (below, value) in values.iter().enumerate() {
        let (before, after) = (slope(*value, below), slope(*value, below + 1));
        if before > 0.0 {
            // Between the value before and this one, where the slope is a straight line.
            return (sum - l1 / l2 * (2.0 * below as f64 - count)) / count;
        }
        if after >= 0.0 {
            return *value;
        }
    }
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_place_is_found() {
        let values = vec![3.0, -1.0, 0.5, 0.5, 2.0];
        for (l1, l2) in [
            (1.0, 0.0),
            (0.0, 1.0),
            (1.0, 1.0),
            (0.1, 1.0),
            (1.0, 0.1),
            (0.3, 0.7),
        ] {
            let cost = |place: f64| -> f64 {
                let of =
                    |value: &f64| l1 * (value - place).abs() + l2 / 2.0 * (value - place).powi(2);
                values.iter().map(of).sum()
            };
            let found = lowest(values.clone(), l1, l2);
            for other in -100..=400 {
                let other = f64::from(other) / 100.0;
                assert!(
                    cost(found) <= cost(other) + 1e-12,
                    "{l1} {l2}: {found} {other}"
                );
            }
        }
    }
}
