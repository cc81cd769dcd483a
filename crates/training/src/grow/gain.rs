//! What a split is worth, in XGBoost's own mixture of `f32` and `f64`: every rounding is part of the result.

use super::histogram::Sum;

/// What keeps trees from growing and leaves from being large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Penalty {
    pub(super) min_child_weight: f32,
    pub(super) lambda: f32,
    pub(super) alpha: f32,
    /// The least that a split must bring.
    pub(super) gamma: f32,
}

impl Penalty {
    /// The weight of a leaf with this sum, before the learning rate.
    #[inline(always)]
    pub(super) fn weight(&self, [gradient, rows]: Sum) -> f32 {
        if rows <= 0.0 {
            return 0.0;
        }
        (-self.beyond_alpha(gradient) / (rows + f64::from(self.lambda))) as f32
    }

    /// How much a leaf with this sum brings.
    #[inline(always)]
    pub(super) fn gain(&self, sum: Sum) -> f32 {
        let [gradient, rows] = sum;
        if rows <= 0.0 {
            return 0.0;
        }
        let weight = self.weight(sum);
        let linear = 2.0 * gradient * f64::from(weight);
        let squared = (rows + f64::from(self.lambda)) * f64::from(weight * weight);
        let absolute = 2.0 * f64::from(self.alpha) * f64::from(weight.abs());
        -(linear + squared + absolute) as f32
    }

    #[inline(always)]
    fn beyond_alpha(&self, gradient: f64) -> f64 {
        let alpha = f64::from(self.alpha);
        if gradient > alpha {
            gradient - alpha
        } else if gradient < -alpha {
            gradient + alpha
        } else {
            0.0
        }
    }

    #[inline(always)]
    fn is_large_enough(&self, rows: f64) -> bool {
        rows > 0.0 && rows >= f64::from(self.min_child_weight)
    }
}

/// A node whose best split is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent {
    pub(super) sum: Sum,
    pub(super) gain: f32,
}

/// Sums of one side of the possible splits of a column.
pub(super) struct Sides {
    pub(super) gradients: Vec<f64>,
    pub(super) rows: Vec<f64>,
    /// What each split brings; of no meaning before `weigh`.
    pub(super) gains: Vec<f32>,
}

impl Sides {
    pub(super) fn new(most: usize) -> Sides {
        Sides {
            gradients: vec![0.0; most],
            rows: vec![0.0; most],
            gains: vec![0.0; most],
        }
    }

    /// The place of the split that brings most, the first of equals, if it brings more than `least`.
    pub(super) fn best(
        &mut self,
        count: usize,
        parent: Parent,
        penalty: &Penalty,
        least: f32,
    ) -> Option<(usize, f32)> {
        let most = self.weigh(count, parent, penalty);
        if most <= least || most.is_infinite() || most.is_nan() {
            return None;
        }
        let place = self.gains[..count].iter().position(|gain| *gain == most)?;
        Some((place, most))
    }

    fn weigh(&mut self, count: usize, parent: Parent, penalty: &Penalty) -> f32 {
        #[cfg(target_arch = "x86_64")]
        #[allow(unsafe_code)]
        {
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512dq")
                && std::arch::is_x86_feature_detected!("avx512vl")
            {
                // SAFETY: the processor has these instructions.
                return unsafe { self.weigh_avx512(count, parent, penalty) };
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has these instructions.
                return unsafe { self.weigh_avx2(count, parent, penalty) };
            }
        }
        self.weigh_anywhere(count, parent, penalty)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    fn weigh_avx512(&mut self, count: usize, parent: Parent, penalty: &Penalty) -> f32 {
        self.weigh_anywhere(count, parent, penalty)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn weigh_avx2(&mut self, count: usize, parent: Parent, penalty: &Penalty) -> f32 {
        self.weigh_anywhere(count, parent, penalty)
    }

    /// Without a branch in the loops, so that the compiler works on as many splits at once as the processor
    /// can. Nothing is reordered within a split.
    #[inline(always)]
    fn weigh_anywhere(&mut self, count: usize, parent: Parent, penalty: &Penalty) -> f32 {
        let sides = self.gradients[..count].iter().zip(&self.rows[..count]);
        let gains = &mut self.gains[..count];
        for ((gradient, rows), gain) in sides.zip(&mut *gains) {
            let other = [parent.sum[0] - gradient, parent.sum[1] - rows];
            let both = penalty.gain([*gradient, *rows]) + penalty.gain(other);
            let allowed = penalty.is_large_enough(*rows) & penalty.is_large_enough(other[1]);
            *gain = if allowed {
                both - parent.gain
            } else {
                f32::NEG_INFINITY
            };
        }
        gains.iter().fold(
            f32::NEG_INFINITY,
            |most, gain| {
                if *gain > most { *gain } else { most }
            },
        )
    }
}
