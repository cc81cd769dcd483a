//! Symmetric systems of equations.

/// A symmetric matrix, row after row; only what lies on and right of the diagonal is read.
#[derive(Debug, Clone)]
pub(crate) struct Symmetric {
    pub(crate) size: usize,
    pub(crate) values: Vec<f64>,
}

impl Symmetric {
    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        let (low, high) = if row <= column {
            (row, column)
        } else {
            (column, row)
        };
        self.values[low * self.size + high]
    }

    pub(crate) fn diagonal(&mut self, place: usize) -> &mut f64 {
        &mut self.values[place * self.size + place]
    }

    /// Fills what lies left of the diagonal, so that whole rows can be read.
    pub(crate) fn mirror(&mut self) {
        for row in 0..self.size {
            for column in 0..row {
                self.values[row * self.size + column] = self.values[column * self.size + row];
            }
        }
    }

    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.size..(row + 1) * self.size]
    }
}

/// The factor L of L times its transpose, row after row.
#[derive(Debug, Clone)]
pub(crate) struct Cholesky {
    size: usize,
    factor: Vec<f64>,
}

impl Cholesky {
    /// Fails with the first place that follows from those before it: whose pivot is not above that share of
    /// its diagonal.
    pub(crate) fn new(matrix: &Symmetric, least: f64) -> Result<Cholesky, usize> {
        let size = matrix.size;
        let mut factor = vec![0.0; size * size];
        for row in 0..size {
            let (before, own) = factor.split_at_mut(row * size);
            for column in 0..row {
                let other = &before[column * size..column * size + column + 1];
                let sum = dot(&own[..column], &other[..column]);
                own[column] = (matrix.at(row, column) - sum) / other[column];
            }
            let diagonal = matrix.at(row, row);
            let pivot = diagonal - dot(&own[..row], &own[..row]);
            if pivot.is_nan() || pivot <= least * diagonal.abs() {
                return Err(row);
            }
            own[row] = pivot.sqrt();
        }
        Ok(Cholesky { size, factor })
    }

    pub(crate) fn solve(&self, right: &mut [f64]) {
        for row in 0..self.size {
            let factor = &self.factor[row * self.size..];
            right[row] = (right[row] - dot(&factor[..row], &right[..row])) / factor[row];
        }
        for row in (0..self.size).rev() {
            let factor = &self.factor[row * self.size..];
            let value = right[row] / factor[row];
            right[row] = value;
            for column in 0..row {
                right[column] -= factor[column] * value;
            }
        }
    }
}

pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (mut lanes, whole) = ([0.0; 4], one.len() / 4 * 4);
    let pairs = one.chunks_exact(4).zip(other.chunks_exact(4));
    for (a, b) in pairs {
        for lane in 0..4 {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let rest = one[whole..].iter().zip(&other[whole..]);
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]) + rest
}
