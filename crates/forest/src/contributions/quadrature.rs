//! Points and weights with which integrals from 0 to 1 of polynomials are exact (Gauss-Legendre).

/// `count` points with their weights; exact up to degree `2 * count - 1`.
pub(super) fn points(count: usize) -> Vec<(f64, f64)> {
    (0..count).map(|index| point(count, index)).collect()
}

fn point(count: usize, index: usize) -> (f64, f64) {
    // A good first guess of the root, then Newton's steps until it stands still.
    let mut root = (std::f64::consts::PI * (index as f64 + 0.75) / (count as f64 + 0.5)).cos();
    for _ in 0..100 {
        let (value, slope) = legendre(count, root);
        let step = value / slope;
        root -= step;
        if step.abs() < 1e-16 {
            break;
        }
    }
    let (_, slope) = legendre(count, root);
    let weight = 1.0 / ((1.0 - root * root) * slope * slope);
    (0.5 * (1.0 - root), weight)
}

/// The Legendre polynomial and its derivative.
fn legendre(degree: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for order in 2..=degree {
        let order = order as f64;
        let next = ((2.0 * order - 1.0) * x * value - (order - 1.0) * before) / order;
        before = value;
        value = next;
    }
    let slope = degree as f64 * (x * value - before) / (x * x - 1.0);
    (value, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_integrated_exactly() {
        for count in [2, 3, 5, 8, 32] {
            for power in 0..2 * count as i32 {
                let sum: f64 = points(count).iter().map(|(x, w)| w * x.powi(power)).sum();
                let exact = 1.0 / f64::from(power + 1);
                assert!(
                    (sum - exact).abs() < 1e-13,
                    "{count} points, power {power}: {sum}"
                );
            }
        }
    }
}
