//! numpy's `RandomState`, as far as scikit-learn's splits draw from it.
//!
//! Its streams are frozen by numpy's own promise, so a split made here equals theirs for ever.

use rand_mt::Mt;

/// `numpy.random.RandomState(seed)`.
#[derive(Debug)]
pub(crate) struct LegacyRandom(Mt);

impl LegacyRandom {
    pub(crate) fn new(seed: u32) -> LegacyRandom {
        LegacyRandom(Mt::new(seed))
    }

    /// A whole number in 0 to `maximum` inclusive: draws are masked, those above are thrown away.
    fn interval(&mut self, maximum: usize) -> usize {
        if maximum == 0 {
            return 0;
        }
        let mask = usize::MAX >> maximum.leading_zeros();
        let wide = u32::try_from(maximum).is_err();
        loop {
            let draw = match wide {
                true => (u64::from(self.0.next_u32()) << 32) | u64::from(self.0.next_u32()),
                false => u64::from(self.0.next_u32()),
            };
            let value = draw as usize & mask;
            if value <= maximum {
                return value;
            }
        }
    }

    /// `RandomState.shuffle`.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.interval(last);
            items.swap(last, other);
        }
    }

    /// `RandomState.permutation(count)`.
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        self.shuffle(&mut order);
        order
    }

    /// `RandomState.choice(items, size=count, replace=False)`.
    pub(crate) fn choose(&mut self, items: &[usize], count: usize) -> Vec<usize> {
        let order = self.permutation(items.len());
        order.into_iter().take(count).map(|i| items[i]).collect()
    }
}
