//! Isotonic regression by pooling neighbours that are out of order.

use millrace_contract::calibration::Isotonic;

use crate::error::CalibrationError;

/// Neighbours that have one value.
#[derive(Clone, Copy)]
struct Pool {
    weight: f64,
    sum: f64,
    points: usize,
}

impl Pool {
    fn mean(&self) -> f64 {
        self.sum / self.weight
    }
}

pub(crate) fn fit(truth: &[bool], given: &[f64]) -> Result<Isotonic, CalibrationError> {
    let points = distinct(truth, given);
    let mut pools: Vec<Pool> = Vec::new();
    for (_, weight, sum) in &points {
        let mut pool = Pool {
            weight: *weight,
            sum: *sum,
            points: 1,
        };
        while let Some(before) = pools.last().filter(|before| before.mean() >= pool.mean()) {
            pool.weight += before.weight;
            pool.sum += before.sum;
            pool.points += before.points;
            pools.pop();
        }
        pools.push(pool);
    }
    let values = pools
        .iter()
        .flat_map(|pool| std::iter::repeat_n(pool.mean(), pool.points));
    let line: Vec<(f64, f64)> = points.iter().map(|point| point.0).zip(values).collect();
    // Of a level stretch only the ends are kept.
    let inner = |place: usize| {
        let level = |other: usize| {
            line.get(other)
                .is_some_and(|point| point.1 == line[place].1)
        };
        place > 0 && level(place - 1) && level(place + 1)
    };
    let kept = (0..line.len()).filter(|place| !inner(*place));
    let (given, calibrated) = kept.map(|place| line[place]).unzip();
    Isotonic::new(given, calibrated).map_err(|detail| CalibrationError::LineFalls { detail })
}

/// Rising values, each with its number of rows and how many of them came true.
fn distinct(truth: &[bool], given: &[f64]) -> Vec<(f64, f64, f64)> {
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_unstable_by(|a, b| given[*a].total_cmp(&given[*b]).then(a.cmp(b)));
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    for row in order {
        let came_true = f64::from(u8::from(truth[row]));
        match points.last_mut().filter(|point| point.0 == given[row]) {
            Some(point) => {
                point.1 += 1.0;
                point.2 += came_true;
            }
            None => points.push((given[row], 1.0, came_true)),
        }
    }
    points
}
