//! Which fold each row is held out in: shuffled by the seed, each group spread evenly.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;

/// A fold for each of the members (row, group).
pub(super) fn stratified(members: &[(usize, usize)], folds: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.shuffle(&mut Pcg64Mcg::seed_from_u64(seed));
    // The sort is stable: within a group the shuffled order stays, and dealing goes on where the group before ended.
    order.sort_by_key(|member| members[*member].1);
    let mut fold_of = vec![0; members.len()];
    for (position, member) in order.into_iter().enumerate() {
        fold_of[member] = position % folds;
    }
    fold_of
}
