//! Two models on the same rows: how much their R2 differs, and how sure that is.

use crate::explained::explained;
use crate::numbers::r2;
use crate::rows::Rows;
use crate::task::Task;

/// The standard normal's quantile for a two-sided interval of 95 %.
const BEYOND: f64 = 1.959_963_984_540_054;

/// R2 of the candidate less R2 of the other model, with its 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    pub rows: usize,
    pub candidate: f64,
    pub other: f64,
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// The interval of the difference over pairs. Both models are judged by the same rows, so what makes a row hard
/// for both cancels out, and the interval is far narrower than that of either R2.
///
/// The difference is a ratio of two means: of the squared errors' differences, and of the truth's squared
/// distances from its mean. The delta method gives its deviation in closed form, the same on every machine.
pub fn r2_difference(candidate: Rows<'_>, other: &[f32]) -> Option<Difference> {
    let (truth, rows) = (candidate.truth(), candidate.count());
    if other.len() != rows || rows < 2 {
        return None;
    }
    let count = rows as f64;
    let mean = truth.iter().sum::<f64>() / count;
    let variance = truth.iter().map(|y| (y - mean) * (y - mean)).sum::<f64>() / count;
    let ours = r2(truth, candidate.predictions());
    let theirs = r2(truth, other);
    let value = ours - theirs;
    let influence = |((truth, ours), theirs): ((f64, f64), &f32)| {
        let theirs = truth - f64::from(*theirs);
        let gained = theirs * theirs - (truth - ours) * (truth - ours);
        (gained - value * (truth - mean) * (truth - mean)) / variance
    };
    let squares: f64 = candidate
        .pairs()
        .zip(other)
        .map(influence)
        .map(|influence| influence * influence)
        .sum();
    let reach = BEYOND * (squares / count / (count - 1.0)).sqrt();
    let whole = value.is_finite() && reach.is_finite();
    whole.then_some(Difference {
        rows,
        candidate: ours,
        other: theirs,
        value,
        low: value - reach,
        high: value + reach,
    })
}

/// The same of whatever the task is scored by: a difference of shares of what knowing nothing would lose.
pub fn difference(task: Task, candidate: Rows<'_>, other: &[f32]) -> Option<Difference> {
    if task == Task::Regression {
        return r2_difference(candidate, other);
    }
    let (truth, rows) = (candidate.truth(), candidate.count());
    if other.len() != rows || rows < 2 {
        return None;
    }
    let ours = explained(task, truth, candidate.predictions());
    let theirs = explained(task, truth, other);
    let value = ours.score - theirs.score;
    let pairs = ours.losses.iter().zip(&theirs.losses).zip(&ours.blind);
    let influence = pairs.map(|((ours, theirs), blind)| theirs - ours - value * blind);
    let squares: f64 = influence.map(|influence| influence * influence).sum();
    let count = rows as f64;
    let reach = BEYOND * (squares / count / (count - 1.0)).sqrt();
    let whole = value.is_finite() && reach.is_finite();
    whole.then_some(Difference {
        rows,
        candidate: ours.score,
        other: theirs.score,
        value,
        low: value - reach,
        high: value + reach,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Numbers around 0, nearly normal, the same every time.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> f64 {
            let sum: f64 = (0..12).map(|_| self.even()).sum();
            sum - 6.0
        }

        fn even(&mut self) -> f64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1_u64 << 53) as f64
        }
    }

    /// A table whose two models have errors of these deviations, half of them in common.
    fn table(
        rows: usize,
        ours: f64,
        theirs: f64,
        noise: &mut Noise,
    ) -> (Vec<f64>, Vec<f32>, Vec<f32>) {
        let (mut truth, mut one, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rows {
            let y = noise.next();
            let common = 0.5 * noise.next();
            truth.push(y);
            one.push((y + common + ours * noise.next()) as f32);
            other.push((y + common + theirs * noise.next()) as f32);
        }
        (truth, one, other)
    }

    #[test]
    fn a_model_differs_from_itself_by_nothing() {
        let (truth, one, _) = table(200, 0.3, 0.3, &mut Noise(1));
        let same = r2_difference(Rows::new(&truth, &one).unwrap(), &one).unwrap();
        assert_eq!((same.value, same.low, same.high), (0.0, 0.0, 0.0));
    }

    #[test]
    fn the_interval_covers_what_it_promises() {
        let mut noise = Noise(7);
        let (tables, truly) = (2_000, 0.4 * 0.4 - 0.3 * 0.3);
        let mut covered = 0;
        for _ in 0..tables {
            let (truth, one, other) = table(150, 0.3, 0.4, &mut noise);
            let found = r2_difference(Rows::new(&truth, &one).unwrap(), &other).unwrap();
            covered += usize::from(found.low <= truly && truly <= found.high);
        }
        let share = covered as f64 / tables as f64;
        // Four deviations of a binomial around 0.95 are 0.02.
        assert!((0.93..0.97).contains(&share), "{share}");
    }

    #[test]
    fn what_cannot_be_compared_has_no_difference() {
        let rows = Rows::new(&[1.0, 2.0], &[1.0, 2.0]).unwrap();
        assert!(r2_difference(rows, &[1.0]).is_none());
        assert!(r2_difference(rows, &[1.0, f32::NAN]).is_none());
        let constant = Rows::new(&[1.0, 1.0], &[1.0, 2.0]).unwrap();
        assert!(r2_difference(constant, &[1.0, 1.0]).is_none());
        let alone = Rows::new(&[1.0], &[1.0]).unwrap();
        assert!(r2_difference(alone, &[1.0]).is_none());
    }
}
