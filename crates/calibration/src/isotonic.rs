//! Isotonic regression: the rising steps that are nearest to what came true.

/// The knots of scikit-learn's `IsotonicRegression(out_of_bounds="clip")`: predictions, rising, each with its
/// probability. Between two knots a straight line leads from one to the other.
pub(crate) fn fit(truth: &[bool], predictions: &[f64]) -> Vec<[f64; 2]> {
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|a, b| predictions[*a].total_cmp(&predictions[*b]));
    // Equal predictions are one point.
    let mut blocks: Vec<Block> = Vec::new();
    for row in order {
        let (at, yes) = (predictions[row], f64::from(u8::from(truth[row])));
        match blocks.last_mut() {
            Some(last) if last.first == at => last.add(yes),
            _ => blocks.push(Block::of(at, yes)),
        }
    }
    let mut pooled: Vec<Block> = Vec::new();
    for block in blocks {
        let mut block = block;
        while let Some(before) = pooled.pop_if(|before| before.mean() >= block.mean()) {
            block = before.and(&block);
        }
        pooled.push(block);
    }
    let mut knots = Vec::with_capacity(2 * pooled.len());
    for block in pooled {
        knots.push([block.first, block.mean()]);
        if block.last > block.first {
            knots.push([block.last, block.mean()]);
        }
    }
    knots
}

/// Neighbours with one probability.
#[derive(Debug, Clone, Copy)]
struct Block {
    first: f64,
    last: f64,
    sum: f64,
    rows: f64,
}

impl Block {
    fn of(at: f64, yes: f64) -> Block {
        Block {
            first: at,
            last: at,
            sum: yes,
            rows: 1.0,
        }
    }

    fn add(&mut self, yes: f64) {
        self.sum += yes;
        self.rows += 1.0;
    }

    fn and(self, later: &Block) -> Block {
        Block {
            first: self.first,
            last: later.last,
            sum: self.sum + later.sum,
            rows: self.rows + later.rows,
        }
    }

    fn mean(&self) -> f64 {
        self.sum / self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_falls_is_pooled() {
        // scikit-learn 1.9: IsotonicRegression(out_of_bounds="clip").fit([.1,.2,.2,.4,.5,.6], [0,1,0,0,1,1])
        // gives X_thresholds_ [.1, .2, .4, .5, .6] and y_thresholds_ [0, 1/3, 1/3, 1, 1].
        let truth = [false, true, false, false, true, true];
        let knots = fit(&truth, &[0.1, 0.2, 0.2, 0.4, 0.5, 0.6]);
        let third = 1.0 / 3.0;
        assert_eq!(
            knots,
            [
                [0.1, 0.0],
                [0.2, third],
                [0.4, third],
                [0.5, 1.0],
                [0.6, 1.0]
            ]
        );
    }

    #[test]
    fn the_order_of_rows_changes_nothing_and_knots_rise() {
        let rows = 500;
        let at = |row: usize| ((row * 7919) % 997) as f64 / 997.0;
        let yes = |row: usize| (row * 31 + row * row) % 17 < (at(row) * 17.0) as usize;
        let (truth, predictions): (Vec<bool>, Vec<f64>) =
            (0..rows).map(|row| (yes(row), at(row))).unzip();
        let knots = fit(&truth, &predictions);
        assert!(
            knots
                .windows(2)
                .all(|pair| pair[0][0] < pair[1][0] && pair[0][1] <= pair[1][1])
        );
        let (back, behind): (Vec<bool>, Vec<f64>) =
            (0..rows).rev().map(|row| (yes(row), at(row))).unzip();
        assert_eq!(fit(&back, &behind), knots);
    }
}
