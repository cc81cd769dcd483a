//! Which rows and columns a tree sees: the same that XGBoost draws from the same seed.
//!
//! XGBoost draws with the C++ standard library, whose distributions differ from vendor to vendor. These are GNU's;
//! where the library was built with another, the first tree already differs and XGBoost grows the trees itself.

use rand_mt::Mt;

/// Draws for one tree after the other.
pub(super) struct Chance {
    seeds: Mt,
}

/// How much of the rows and of the columns a tree sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shares {
    pub(super) rows: f32,
    pub(super) columns: f32,
}

impl Chance {
    pub(super) fn new(seed: u32) -> Chance {
        Chance {
            seeds: Mt::new(seed),
        }
    }

    /// Says of each row whether the next tree learns from it; `None` when it learns from all.
    pub(super) fn rows(
        &mut self,
        rows: usize,
        share: f32,
    ) -> Option<impl Iterator<Item = bool> + use<>> {
        if (rows as f32 * share) as usize >= rows {
            return None;
        }
        let mut state = u64::from(self.seeds.next_u32()) & LOWER_63_BITS;
        if state == 0 {
            state = 1;
        }
        let share = f64::from(share);
        Some((0..rows).map(move |_| {
            state = state.wrapping_mul(16_807) & LOWER_63_BITS;
            let drawn = (state - 1) as f64 / LOWER_63_BITS as f64;
            drawn < share
        }))
    }

    /// The columns of the next tree, rising.
    pub(super) fn columns(&mut self, columns: usize, share: f32) -> Vec<usize> {
        let mut all: Vec<usize> = (0..columns).collect();
        if share == 1.0 {
            return all;
        }
        let count = ((share * columns as f32) as usize).max(1);
        shuffle(&mut all, &mut Mt::new(self.seeds.next_u32()));
        all.truncate(count);
        all.sort_unstable();
        all
    }
}

const LOWER_63_BITS: u64 = (1 << 63) - 1;

/// `std::shuffle`, which draws the places of two elements at once.
fn shuffle(items: &mut [usize], generator: &mut Mt) {
    let mut next = 1;
    if items.len().is_multiple_of(2) && items.len() > 1 {
        items.swap(1, below(2, generator));
        next = 2;
    }
    while next + 1 < items.len() {
        let (first, second) = (next + 1, next + 2);
        let drawn = below(first * second, generator);
        items.swap(next, drawn / second);
        items.swap(next + 1, drawn % second);
        next += 2;
    }
}

/// A number below `end`, each as likely: the upper half of a product, drawn again where it would be uneven.
fn below(end: usize, generator: &mut Mt) -> usize {
    let end = end as u32;
    let draw = |generator: &mut Mt| u64::from(generator.next_u32()) * u64::from(end);
    let mut product = draw(generator);
    if (product as u32) < end {
        let uneven = end.wrapping_neg() % end;
        while (product as u32) < uneven {
            product = draw(generator);
        }
    }
    (product >> 32) as usize
}
