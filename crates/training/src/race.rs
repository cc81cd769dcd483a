//! The race: candidates that are clearly beaten leave early.

use millrace_contract::metadata::Dropped;

use crate::data::View;
use crate::error::TrainingError;
use crate::exhaustive::tell;
use crate::pool::{Pool, Run};
use crate::progress::{FoldScore, Progress};
use crate::space::Member;
use crate::standings::Standings;

/// By how much a candidate may trail the leader's mean after 1, 2, 3, ... folds.
const MARGINS: [f64; 4] = [0.004, 0.002, 0.0015, 0.001];

pub(crate) fn race(
    pool: &Pool<'_>,
    standings: &mut Standings,
    attempt: u32,
    progress: &dyn Progress,
) -> Result<(), TrainingError> {
    let _ = attempt;
    let folds = standings.folds();
    for fold in 0..folds {
        let (runs, meant) = runs(standings, View::Fold(fold));
        pool.run(runs, |index, result| {
            for (member, score) in meant[index].iter().zip(&result.scores) {
                standings.record(member.candidate, fold, *score);
                progress.scored(FoldScore {
                    hyperparameters: *standings.candidate(member.candidate),
                    fold,
                    score: *score,
                });
            }
        })?;
        let Some(leader) = standings.leader() else {
            return Err(TrainingError::NoCandidates);
        };
        let best = standings.mean(leader).unwrap_or(f64::NAN);
        let margin = MARGINS[fold.min(MARGINS.len() - 1)];
        if fold + 1 < folds {
            let beaten: Vec<usize> = standings
                .alive()
                .filter(|c| standings.mean(*c).is_some_and(|mean| mean < best - margin))
                .collect();
            for candidate in beaten {
                let dropped = Dropped {
                    after_folds: fold + 1,
                    after_rounds: standings.candidate(candidate).n_estimators,
                    reason: format!("more than {margin} behind the leader's mean R2 {best:.4}"),
                };
                progress.dropped(standings.candidate(candidate), &dropped);
                standings.drop_out(candidate, dropped);
            }
        }
        tell(standings, progress, (fold + 1) as f64 / folds as f64);
    }
    Ok(())
}

/// One run for every group that still has a candidate, as long as its longest needs.
fn runs(standings: &Standings, view: View) -> (Vec<Run>, Vec<Vec<Member>>) {
    let mut runs = Vec::new();
    let mut meant = Vec::new();
    for group in standings.groups() {
        let members: Vec<Member> = group
            .members
            .iter()
            .filter(|member| !standings.is_dropped(member.candidate))
            .copied()
            .collect();
        let Some(last) = members.last() else {
            continue;
        };
        let mut hyperparameters = group.longest;
        hyperparameters.n_estimators = last.rounds;
        runs.push(Run {
            view,
            hyperparameters,
            stops: members.iter().map(|member| member.rounds).collect(),
        });
        meant.push(members);
    }
    (runs, meant)
}
