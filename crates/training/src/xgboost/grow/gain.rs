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

/// Splits that are weighed at once.
const LANES: usize = 8;

/// Sums of one side of the possible splits of a column.
pub(super) struct Sides {
    gradients: Vec<f64>,
    rows: Vec<f64>,
    /// The bin that a side ends with.
    bins: Vec<u16>,
    count: usize,
    /// The sum of all that was walked over.
    all: Sum,
    /// What each split brings; of no meaning before `weigh`.
    gains: Vec<f32>,
}

impl Sides {
    /// Room for so many, and for what fills up the last few lanes.
    pub(super) fn new(most: usize) -> Sides {
        let most = most + LANES;
        Sides {
            gradients: vec![0.0; most],
            rows: vec![0.0; most],
            bins: vec![0; most],
            count: 0,
            all: [0.0; 2],
            gains: vec![0.0; most],
        }
    }

    /// Begins a walk over bins; its end says how many sides there are.
    pub(super) fn walk(&mut self) -> Walk<'_> {
        Walk {
            gradients: &mut self.gradients,
            rows: &mut self.rows,
            bins: &mut self.bins,
            count: 0,
            all: [0.0; 2],
            walked: (&mut self.count, &mut self.all),
        }
    }

    pub(super) fn all(&self) -> Sum {
        self.all
    }

    /// The side that brings most, the first of equals, if it brings more than `least`.
    pub(super) fn best(&mut self, parent: Parent, penalty: &Penalty, least: f32) -> Option<Side> {
        let most = self.weigh(parent, penalty);
        if most <= least {
            return None;
        }
        let at = self.gains.iter().position(|gain| *gain == most)?;
        Some(Side {
            gain: most,
            bin: usize::from(self.bins[at]),
            sum: [self.gradients[at], self.rows[at]],
        })
    }

    /// What each split brings, and the most of it.
    #[allow(unsafe_code)]
    fn weigh(&mut self, parent: Parent, penalty: &Penalty) -> f32 {
        // No rows: never allowed.
        self.rows[self.count..][..LANES].fill(0.0);
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx512f")
                && std::arch::is_x86_feature_detected!("avx512dq")
                && std::arch::is_x86_feature_detected!("avx512vl")
            {
                // SAFETY: the processor has these instructions.
                return unsafe { self.weigh_avx512(parent, penalty) };
            }
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has these instructions.
                return unsafe { self.weigh_avx2(parent, penalty) };
            }
        }
        self.weigh_anywhere(parent, penalty)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx512dq,avx512vl")]
    fn weigh_avx512(&mut self, parent: Parent, penalty: &Penalty) -> f32 {
        self.weigh_anywhere(parent, penalty)
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn weigh_avx2(&mut self, parent: Parent, penalty: &Penalty) -> f32 {
        self.weigh_anywhere(parent, penalty)
    }

    /// Without a branch in the loops, so that the compiler works on as many splits at once as the processor
    /// can. Nothing is reordered within a split.
    #[inline(always)]
    fn weigh_anywhere(&mut self, parent: Parent, penalty: &Penalty) -> f32 {
        let count = self.count.next_multiple_of(LANES);
        let sides = self.gradients[..count].iter().zip(&self.rows[..count]);
        let gains = &mut self.gains[..count];
        for ((gradient, rows), gain) in sides.zip(&mut *gains) {
            let other = [parent.sum[0] - gradient, parent.sum[1] - rows];
            let both = penalty.gain([*gradient, *rows]) + penalty.gain(other);
            let allowed = penalty.is_large_enough(*rows) & penalty.is_large_enough(other[1]);
            let brings = both - parent.gain;
            // What is infinite, or no number, is passed over.
            let counts = allowed & (brings < f32::INFINITY);
            *gain = if counts { brings } else { f32::NEG_INFINITY };
        }
        let larger = |one: f32, other: f32| if other > one { other } else { one };
        let mut most = [f32::NEG_INFINITY; LANES];
        for gains in gains.as_chunks::<LANES>().0 {
            most = std::array::from_fn(|lane| larger(most[lane], gains[lane]));
        }
        most.into_iter().fold(f32::NEG_INFINITY, larger)
    }
}

/// A walk over the bins of a column. Of its own, so that the compiler keeps count and sum in registers.
pub(super) struct Walk<'a> {
    gradients: &'a mut [f64],
    rows: &'a mut [f64],
    bins: &'a mut [u16],
    count: usize,
    all: Sum,
    /// Where both go at the end.
    walked: (&'a mut usize, &'a mut Sum),
}

impl Walk<'_> {
    /// Walks over one more bin. A bin with nothing in it makes no other side than the one before it, and of
    /// equals the first counts: it is left out. Where the rows of a bin were taken away again, a rounding may
    /// be left in it.
    #[inline(always)]
    pub(super) fn step(&mut self, bin: usize, [gradient, rows]: Sum) {
        self.all[0] += gradient;
        self.all[1] += rows;
        self.gradients[self.count] = self.all[0];
        self.rows[self.count] = self.all[1];
        self.bins[self.count] = bin as u16;
        self.count += usize::from(gradient.to_bits() | rows.to_bits() != 0);
    }

    pub(super) fn end(self) {
        *self.walked.0 = self.count;
        *self.walked.1 = self.all;
    }
}

/// One side of a split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub(super) gain: f32,
    /// The bin that it ends with.
    pub(super) bin: usize,
    pub(super) sum: Sum,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, unsafe_code)]
    use super::*;
    use rand_pcg::Pcg64Mcg;
    use rand_pcg::rand_core::{Rng, SeedableRng};

    const PENALTY: Penalty = Penalty {
        min_child_weight: 3.0,
        lambda: 1.0,
        alpha: 0.25,
        gamma: 0.0,
    };

    fn walked(random: &mut Pcg64Mcg, bins: usize) -> Sides {
        let mut sides = Sides::new(bins);
        let mut walk = sides.walk();
        for bin in 0..bins {
            let rows = random.next_u32() % 4;
            let gradient = f64::from(rows) * (f64::from(random.next_u32()) / 4e9 - 0.5);
            walk.step(bin, [gradient, f64::from(rows)]);
        }
        walk.end();
        sides
    }

    #[test]
    fn every_path_gives_the_bits_of_the_plain_one() {
        let mut random = Pcg64Mcg::seed_from_u64(3);
        for round in 0..2_000 {
            let mut sides = walked(&mut random, round % 257);
            let sum = [sides.all()[0] + 0.5, sides.all()[1] + 2.0];
            let parent = Parent {
                sum,
                gain: PENALTY.gain(sum),
            };
            let most = sides.weigh(parent, &PENALTY);
            let gains = sides.gains.clone();
            let plain = sides.weigh_anywhere(parent, &PENALTY);
            assert_eq!(most.to_bits(), plain.to_bits());
            let bits = |gains: &[f32]| gains.iter().map(|gain| gain.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&gains), bits(&sides.gains));
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has these instructions.
                let most = unsafe { sides.weigh_avx2(parent, &PENALTY) };
                assert_eq!(most.to_bits(), plain.to_bits());
                assert_eq!(bits(&gains), bits(&sides.gains));
            }
        }
    }

    #[test]
    fn the_first_of_equals_counts_and_empty_bins_do_not() {
        let mut sides = Sides::new(5);
        let mut walk = sides.walk();
        for (bin, sum) in [[0.0, 0.0], [-4.0, 4.0], [0.0, 0.0], [0.0, 0.0], [4.0, 4.0]]
            .iter()
            .enumerate()
        {
            walk.step(bin, *sum);
        }
        walk.end();
        let parent = Parent {
            sum: [0.0, 8.0],
            gain: 0.0,
        };
        let best = sides.best(parent, &PENALTY, 0.0).unwrap();
        assert_eq!((best.bin, best.sum), (1, [-4.0, 4.0]));
        assert!(sides.best(parent, &PENALTY, best.gain).is_none());
    }
}
