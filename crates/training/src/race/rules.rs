//! When a candidate is clearly beaten, and how that is said.

use super::stage::{Scored, Stages};
use crate::paired::Behind;

/// How far behind the leader one may be on the smaller sample, as a share of the variance that the
/// leader leaves unexplained.
const ON_SMALLER_SAMPLE: f64 = 0.4;
/// How much of the gain from the smaller to the larger sample may be hoped for again on all rows.
/// Learning curves flatten: four times as many rows gain about half of what they gained before.
const GAIN_AGAIN: f64 = 0.6;

/// How much more than usual is forgiven.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience(f64);

impl Patience {
    /// Margins are doubled in the second attempt, trebled in the third, and so on.
    pub(super) fn of_attempt(attempt: u32) -> Patience {
        Patience(f64::from(attempt.clamp(1, 10)))
    }

    pub(super) fn factor(self) -> f64 {
        self.0
    }
}

/// After the smaller sample: far behind.
pub(super) fn leave_hopeless(
    stages: &mut Stages<'_>,
    scores: &Scored,
    rows: usize,
    patience: Patience,
) {
    let Some((_, best)) = best(scores) else {
        return;
    };
    let margin = (1.0 - best).max(0.0) * ON_SMALLER_SAMPLE * patience.0;
    for (candidate, scored) in scores {
        if scored.score < best - margin {
            let reason = format!(
                "R2 {:.4} on a sample of {rows} rows, the leader {best:.4}: more than {margin:.4} behind",
                scored.score
            );
            stages.leave(*candidate, 0, reason);
        }
    }
}

/// After the larger sample: behind by more than it can still gain from more rows, and than chance
/// explains.
pub(super) fn leave_outgrown(
    stages: &mut Stages<'_>,
    smaller: &Scored,
    larger: &Scored,
    rows: usize,
    patience: Patience,
) {
    let Some((leader, best)) = best(larger) else {
        return;
    };
    for (candidate, scored) in larger {
        let before = smaller.get(candidate).map_or(scored.score, |s| s.score);
        let gain = (scored.score - before).max(0.0) * GAIN_AGAIN * patience.0;
        let Some(behind) = larger
            .get(&leader)
            .map(|leader| Behind::of(&scored.errors, &leader.errors))
        else {
            continue;
        };
        if behind.difference > gain + behind.margin(patience.0) && behind.difference > 0.0 {
            let reason = format!(
                "R2 {before:.4} on the smaller sample, {:.4} on {rows} rows: on all rows it cannot reach the {best:.4} that the leader already has",
                scored.score
            );
            stages.leave(*candidate, 0, reason);
        }
    }
}

/// After some folds on all rows: behind the leader on the same rows.
pub(super) fn leave_beaten(stages: &mut Stages<'_>, folds: usize, patience: Patience) {
    let Some(leader) = stages.standings.leader() else {
        return;
    };
    let beaten: Vec<(usize, Behind)> = stages
        .standings
        .alive()
        .filter_map(|candidate| Some((candidate, stages.behind(candidate, leader)?)))
        .filter(|(_, behind)| behind.is_sure(patience.0))
        .collect();
    for (candidate, behind) in beaten {
        let reason = format!(
            "{:.4} behind the leader's mean R2 on the rows of {folds} folds, with a standard error of {:.4}",
            behind.difference, behind.standard_error
        );
        stages.leave(candidate, folds, reason);
    }
}

/// The best of a stage; of equals the first in the order of the space.
fn best(scores: &Scored) -> Option<(usize, f64)> {
    let mut best: Option<(usize, f64)> = None;
    for (candidate, scored) in scores {
        if best.is_none_or(|(_, score)| scored.score > score) && !scored.score.is_nan() {
            best = Some((*candidate, scored.score));
        }
    }
    best
}
