//! When a candidate is clearly beaten, and how that is said.

use millrace_contract::spec::in_words;

use super::stage::{Scored, Stages};
use crate::paired::Behind;

/// How far behind the leader one may be on the smaller sample, as a share of the variance that the
/// leader leaves unexplained.
const ON_SMALLER_SAMPLE: f64 = 0.4;
/// With fewer rows than these more is forgiven: what deep trees leave unexplained shrinks fastest there.
const ENOUGH_ROWS: f64 = 4_000.0;
/// A gap to a rival that shrank from the smaller to the larger sample may shrink again on all rows,
/// by this share of what it shrank before: learning curves flatten.
const SHRINKS_AGAIN: f64 = 0.8;

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
    let small = (ENOUGH_ROWS / rows as f64).sqrt().max(1.0);
    let margin = (1.0 - best).max(0.0) * ON_SMALLER_SAMPLE * small * patience.0;
    for (candidate, scored) in scores {
        if scored.score < best - margin {
            let reason = format!(
                "{} {:.4} on a sample of {rows} rows, the leader {best:.4}: more than {margin:.4} behind",
                stages.pool.score_label(),
                scored.score
            );
            stages.leave(*candidate, 0, reason);
        }
    }
}

/// A rival that cannot be caught up with.
struct Outgrown {
    rival: usize,
    /// How far behind on the smaller and on the larger sample.
    before: f64,
    now: f64,
    /// By how much more than was needed to say so.
    excess: f64,
}

/// After the larger sample: behind some rival by more than can be made up for with more rows, and
/// than chance explains. Every rival counts, not the leader alone: deep trees catch up with shallow
/// ones as rows are added, but not with each other.
pub(super) fn leave_outgrown(
    stages: &mut Stages<'_>,
    smaller: &Scored,
    larger: &Scored,
    rows: usize,
    patience: Patience,
) {
    for candidate in larger.keys() {
        let rivals = larger.keys();
        let surest = rivals
            .filter_map(|rival| outgrown(*candidate, *rival, smaller, larger, patience))
            .max_by(|a, b| a.excess.total_cmp(&b.excess));
        let Some(surest) = surest else {
            continue;
        };
        let reason = format!(
            "{} {:.4} behind ({}) on the smaller sample, {:.4} on {rows} rows: all rows cannot make up for that",
            stages.pool.score_label(),
            surest.before,
            in_words(stages.standings.candidate(surest.rival)),
            surest.now,
        );
        stages.leave(*candidate, 0, reason);
    }
}

fn outgrown(
    candidate: usize,
    rival: usize,
    smaller: &Scored,
    larger: &Scored,
    patience: Patience,
) -> Option<Outgrown> {
    let (ours, theirs) = (larger.get(&candidate)?, larger.get(&rival)?);
    let before = smaller.get(&rival)?.score - smaller.get(&candidate)?.score;
    let now = theirs.score - ours.score;
    let to_come = (before - now).max(0.0) * SHRINKS_AGAIN * patience.0;
    if now <= to_come {
        return None;
    }
    let chance = Behind::of(&ours.errors, &theirs.errors).margin(patience.0);
    let excess = now - to_come - chance;
    (excess > 0.0).then_some(Outgrown {
        rival,
        before,
        now,
        excess,
    })
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
            "{:.4} behind the leader's mean {} on the rows of {folds} folds, with a standard error of {:.4}",
            behind.difference,
            stages.pool.score_label(),
            behind.standard_error
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
