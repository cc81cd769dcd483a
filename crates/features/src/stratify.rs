//! Rows of classes, dealt to folds so that each has its share of every class.

/// The same rows in an order whose contiguous folds ([`crate::folds`]) have each class's share, as nearly as whole
/// rows allow. Within a fold rows keep their order.
pub fn stratified(rows: &[usize], class: impl Fn(usize) -> bool, folds: usize) -> Vec<usize> {
    let (yes, no): (Vec<usize>, Vec<usize>) = rows.iter().partition(|row| class(**row));
    let place: std::collections::BTreeMap<usize, usize> = rows
        .iter()
        .enumerate()
        .map(|(place, row)| (*row, place))
        .collect();
    let mut dealt: Vec<Vec<usize>> = vec![Vec::new(); folds.max(1)];
    for (number, row) in yes.into_iter().chain(no).enumerate() {
        let fold = number % dealt.len();
        dealt[fold].push(row);
    }
    for fold in &mut dealt {
        fold.sort_by_key(|row| place.get(row).copied());
    }
    dealt.concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::folds;

    #[test]
    fn every_fold_has_its_share_of_both_classes_and_no_row_is_lost() {
        for (count, of_class, parts) in [(103, 7, 5), (20, 3, 3), (11, 2, 2)] {
            let rows: Vec<usize> = (0..count).rev().collect();
            let yes = |row: usize| row.is_multiple_of(of_class);
            let order = stratified(&rows, yes, parts);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..count).collect::<Vec<_>>());
            let all = rows.iter().filter(|row| yes(**row)).count();
            for fold in folds(count, parts).unwrap() {
                let here = order[fold.clone()].iter().filter(|row| yes(**row)).count();
                assert!(
                    here == all / parts || here == all / parts + 1,
                    "{here} of {all}"
                );
                assert!(order[fold].is_sorted_by(|a, b| a > b));
            }
        }
    }
}
