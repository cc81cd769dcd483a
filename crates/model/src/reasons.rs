//! The columns that moved each row's score most.

/// For each place, the first being the most important, one column and its effect for every row.
#[derive(Debug, Clone, PartialEq)]
pub struct Reasons {
    places: Vec<(Vec<i32>, Vec<f64>)>,
}

impl Reasons {
    /// Takes what each encoded column contributes to each row. The parts of one column of the table
    /// belong together: their contributions add up.
    pub(crate) fn of(contributions: &[f32], source_of: &[usize], most: usize) -> Reasons {
        let rows = contributions.len() / source_of.len().max(1);
        let sources = source_of.iter().max().map_or(0, |last| last + 1);
        // A place that no column is left for stays missing.
        let mut places = vec![(vec![-1; rows], vec![f64::NAN; rows]); most];
        let mut effects = vec![0.0; sources];
        let mut order: Vec<usize> = (0..sources).collect();
        for (row, parts) in contributions
            .chunks_exact(source_of.len().max(1))
            .enumerate()
        {
            effects.fill(0.0);
            for (part, source) in parts.iter().zip(source_of) {
                effects[*source] += f64::from(*part);
            }
            // Of equals the first in the order of the table.
            order.sort_unstable_by(|a, b| {
                let larger = effects[*b].abs().total_cmp(&effects[*a].abs());
                larger.then(a.cmp(b))
            });
            for ((codes, values), source) in places.iter_mut().zip(&order) {
                codes[row] = i32::try_from(*source).unwrap_or(-1);
                values[row] = effects[*source];
            }
        }
        Reasons { places }
    }

    /// For each place the positions of the columns among `Model::columns`, and their effects.
    pub fn into_places(self) -> impl Iterator<Item = (Vec<i32>, Vec<f64>)> {
        self.places.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_column_add_up_and_the_strongest_comes_first() {
        // Three encoded columns of two in the table: the first two belong together.
        let contributions = [0.2, -0.3, 0.05, 0.01, 0.01, -0.5];
        let reasons = Reasons::of(&contributions, &[0, 0, 1], 3);
        let places: Vec<_> = reasons.into_places().collect();
        assert_eq!(places[0].0, [0, 1]);
        assert!((places[0].1[0] + 0.1).abs() < 1e-6);
        assert!((places[0].1[1] + 0.5).abs() < 1e-6);
        assert_eq!(places[1].0, [1, 0]);
        assert_eq!(places[2].0, [-1, -1]);
        assert!(places[2].1.iter().all(|effect| effect.is_nan()));
    }
}
