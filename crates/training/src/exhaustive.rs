//! Every candidate on every fold.

use crate::data::View;
use crate::error::TrainingError;
use crate::pool::{Run, Runs};
use crate::progress::{FoldScore, Progress};
use crate::space::{Group, Member};
use crate::standings::Standings;
use crate::watch::Until;

/// Fills the standings of the candidates of these groups.
pub(crate) fn exhaustive(
    pool: &dyn Runs,
    standings: &mut Standings,
    groups: &[Group],
    progress: &dyn Progress,
) -> Result<(), TrainingError> {
    let mut runs = Vec::new();
    let mut meant: Vec<(usize, &[Member])> = Vec::new();
    for fold in 0..standings.folds() {
        for group in groups {
            runs.push(run_of(group, View::Fold(fold)));
            meant.push((fold, &group.members));
        }
    }
    let costs: Vec<f64> = runs.iter().map(|run| pool.cost(run)).collect();
    let all: f64 = costs.iter().sum();
    let mut done = 0.0;
    pool.run(runs, &mut |index, result| {
        let (fold, members) = meant[index];
        let seen = &mut result.seen;
        let each = seen.scores.iter().zip(std::mem::take(&mut seen.errors));
        for (member, (score, errors)) in members.iter().zip(each) {
            standings.record(member.candidate, fold, *score, errors);
            progress.scored(FoldScore {
                hyperparameters: standings.candidate(member.candidate).clone(),
                fold,
                score: *score,
            });
        }
        done += costs[index];
        tell(standings, progress, done / all);
    })?;
    Ok(())
}

/// The one run that answers for a whole group.
pub(crate) fn run_of(group: &Group, view: View) -> Run {
    Run {
        view,
        hyperparameters: group.longest.clone(),
        stops: group.members.iter().map(|member| member.rounds).collect(),
        until: Until::LastStop,
    }
}

/// Tells who leads and how far the search is.
pub(crate) fn tell(standings: &Standings, progress: &dyn Progress, share: f64) {
    progress.finished(standings.finished_count(), standings.dropped_count());
    if let Some(leader) = standings.leader()
        && let Some(mean) = standings.mean(leader)
    {
        let folds = standings.fold_scores(leader).len();
        progress.best(standings.candidate(leader), mean, folds);
    }
    progress.share_done(share.clamp(0.0, 1.0));
}
