//! The race: candidates that are clearly beaten leave early.
//!
//! It goes from cheap to dear. Two first looks train every candidate on a sample of the first
//! fold's rows, in coarse bins. How much a candidate gains from the small sample to the larger
//! one says how much it can still gain on all rows. Those that cannot reach the leader leave. The
//! others run on all rows, fold after fold, and after each fold those leave that trail the leader
//! on the same folds by more than chance explains.
//!
//! Decisions are taken when a whole stage is done, so they are the same whatever the number of
//! workers. What left, when and why is kept with each candidate.

mod looks;
mod rules;
mod stage;

use crate::data::View;
use crate::error::TrainingError;
use crate::exhaustive::tell;
use crate::pool::Runs;
use crate::progress::Progress;
use crate::standings::Standings;

use rules::Patience;
use stage::Stages;

/// Fills the standings; whoever is left has a score on every fold.
pub(crate) fn race(
    pool: &dyn Runs,
    standings: &mut Standings,
    attempt: u32,
    progress: &dyn Progress,
) -> Result<(), TrainingError> {
    let patience = Patience::of_attempt(attempt);
    let mut stages = Stages::new(pool, standings, progress, patience);
    looks::look(&mut stages, patience)?;
    let folds = stages.standings.folds();
    for fold in 0..folds {
        let alive = stages.standings.alive().count();
        stages.progress.stage(&format!(
            "fold {} of {folds}: {alive} candidates on all rows",
            fold + 1
        ));
        stages.run_fold(fold)?;
        if fold + 1 < folds {
            rules::leave_beaten(&mut stages, fold + 1, patience);
        }
    }
    tell(stages.standings, progress, 1.0);
    Ok(())
}

/// The rows of a fold as a view.
fn all_rows(fold: usize) -> View {
    View::Fold(fold)
}
