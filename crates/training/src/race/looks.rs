//! The first looks: every candidate on samples of the first fold, before any sees all rows.

use super::rules::{self, Patience};
use super::stage::{Scored, Stages};
use crate::data::View;
use crate::error::TrainingError;

/// The larger sample is one row in four, the smaller one row in sixteen: each step is four times
/// as many rows, up to all of them.
const LARGER: usize = 4;
const SMALLER: usize = 16;
/// A sample with fewer rows says too little.
const FEWEST_ROWS: usize = 500;

/// Scores on the samples; those who cannot win leave. Small tables have no samples.
pub(super) fn look(stages: &mut Stages<'_>, patience: Patience) -> Result<(), TrainingError> {
    if stages.standings.len() < 2 {
        return Ok(());
    }
    let mut earlier: Option<Scored> = None;
    for one_in in [SMALLER, LARGER] {
        let view = View::Sample { one_in };
        let rows = stages.pool.training_rows(view);
        if rows < FEWEST_ROWS {
            continue;
        }
        let alive = stages.standings.alive().count();
        stages.progress.stage(&format!(
            "first look: {alive} candidates on {rows} rows of fold 1"
        ));
        let scores = stages.score(view, false)?;
        match &earlier {
            None => rules::leave_hopeless(stages, &scores, rows, patience),
            Some(earlier) => rules::leave_outgrown(stages, earlier, &scores, rows, patience),
        }
        earlier = Some(scores);
    }
    Ok(())
}
