//! The area under the ROC curve.

/// The share of (positive, negative) pairs that the score puts in the right order, ties counting half.
/// `None` when one of the two is absent.
pub(super) fn area_under_curve(mut scored: Vec<(f64, bool)>) -> Option<f64> {
    let positives = scored.iter().filter(|(_, label)| *label).count() as f64;
    let negatives = scored.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    scored.sort_unstable_by(|left, right| left.0.total_cmp(&right.0));
    let (mut won, mut negatives_below) = (0.0, 0.0);
    for tied in scored.chunk_by(|left, right| left.0 == right.0) {
        let tied_positives = tied.iter().filter(|(_, label)| *label).count() as f64;
        let tied_negatives = tied.len() as f64 - tied_positives;
        won += tied_positives * (negatives_below + tied_negatives / 2.0);
        negatives_below += tied_negatives;
    }
    Some(won / (positives * negatives))
}
